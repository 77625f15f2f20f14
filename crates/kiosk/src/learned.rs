//! What readings taught about kinds of cards in a reader, so that it is learnt once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use apdu::Learned;

/// More kinds of cards than a branch sees; beyond it everything is learnt anew.
const MAX_KINDS: usize = 256;

/// A reader's name and an answer to reset.
type Kind = (String, Vec<u8>);

/// Limits by kind of card. A wrong memory costs commands, never a reading: what is tried is only smaller.
#[derive(Clone, Default)]
pub(crate) struct LearnedLimits(Arc<Mutex<BTreeMap<Kind, Learned>>>);

impl LearnedLimits {
    pub(crate) fn of(&self, reader: &str, atr: &[u8]) -> Option<Learned> {
        self.lock().get(&(reader.to_owned(), atr.to_vec())).copied()
    }

    pub(crate) fn remember(&self, reader: &str, atr: &[u8], learned: Learned) {
        let mut limits = self.lock();
        if limits.len() >= MAX_KINDS {
            limits.clear();
        }
        limits.insert((reader.to_owned(), atr.to_vec()), learned);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Kind, Learned>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
