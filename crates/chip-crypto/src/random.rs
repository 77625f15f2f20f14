//! Randomness as an argument: protocols take a [`SecureRandom`], so that worked examples replay byte for byte.

use crate::hash::{HashAlgorithm, digest};
use ring::rand::SecureRandom as _;

/// The source of randomness refused to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the source of randomness is unavailable")]
pub struct RandomError;

/// A source of unpredictable bytes.
pub trait SecureRandom {
    /// Fills `bytes` entirely, or fails without the caller being allowed to use them.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError>;
}

impl<R: SecureRandom + ?Sized> SecureRandom for &mut R {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        (**self).fill(bytes)
    }
}

impl<R: SecureRandom + ?Sized> SecureRandom for Box<R> {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        (**self).fill(bytes)
    }
}

/// The operating system's generator.
#[derive(Clone, Debug)]
pub struct SystemRandom(ring::rand::SystemRandom);

impl SystemRandom {
    /// Opens the operating system's generator.
    pub fn new() -> Self {
        Self(ring::rand::SystemRandom::new())
    }
}

impl Default for SystemRandom {
    fn default() -> Self {
        Self::new()
    }
}

impl SecureRandom for SystemRandom {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        self.0.fill(bytes).map_err(|ring::error::Unspecified| RandomError)
    }
}

/// A repeatable sequence (SHA-256 over seed and block counter) for the simulator, QA runs and tests.
///
/// Predictable by design: nothing that protects a person may ever be drawn from it.
pub struct SeededRandom {
    seed: u64,
    block: u64,
    unread: Vec<u8>,
}

impl SeededRandom {
    /// Starts the sequence belonging to `seed`.
    pub fn new(seed: u64) -> Self {
        Self { seed, block: 0, unread: Vec::new() }
    }
}

impl std::fmt::Debug for SeededRandom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SeededRandom(..)")
    }
}

impl SecureRandom for SeededRandom {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        for byte in bytes {
            if self.unread.is_empty() {
                self.unread = digest(HashAlgorithm::Sha256, &[&self.seed.to_be_bytes(), &self.block.to_be_bytes()]);
                self.block = self.block.wrapping_add(1);
            }
            *byte = self.unread.remove(0);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_sequence_whatever_the_portions() {
        let (mut whole, mut parts) = ([0; 100], [0; 100]);
        SeededRandom::new(7).fill(&mut whole).unwrap();
        let mut again = SeededRandom::new(7);
        for part in parts.chunks_mut(9) {
            again.fill(part).unwrap();
        }
        assert_eq!(whole, parts);
        let mut other = [0; 100];
        SeededRandom::new(8).fill(&mut other).unwrap();
        assert_ne!(whole, other);
    }

    #[test]
    fn the_system_generator_does_not_repeat() {
        let (mut one, mut two) = ([0; 32], [0; 32]);
        SystemRandom::new().fill(&mut one).unwrap();
        SystemRandom::new().fill(&mut two).unwrap();
        assert_ne!(one, two);
    }
}
