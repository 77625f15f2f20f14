//! The chip's side, for the simulator and for tests.
use crate::hash::HashAlgorithm;
use crate::random::SecureRandom;
use crate::signature::{SigningError, SigningKey};

/// Answers a challenge as a chip does in Active Authentication with RSA.
///
/// # Errors
/// See [`SigningError`].
pub fn sign(
    key: &SigningKey,
    hash: HashAlgorithm,
    challenge: &[u8],
    random: &mut dyn SecureRandom,
) -> Result<Vec<u8>, SigningError> {
    let _ = (key, hash, challenge, random);
    Err(SigningError::Unsupported)
}
