//! One source of randomness for all threads, so that a run with a fixed source repeats.

use std::sync::{Arc, Mutex, PoisonError};

use chip_crypto::random::{RandomError, SecureRandom};

use crate::ports::Entropy;

#[derive(Clone)]
pub(crate) struct SharedEntropy(Arc<Mutex<Box<dyn Entropy>>>);

impl SharedEntropy {
    pub(crate) fn new(entropy: Box<dyn Entropy>) -> Self {
        Self(Arc::new(Mutex::new(entropy)))
    }
}

impl SecureRandom for SharedEntropy {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes)
    }
}
