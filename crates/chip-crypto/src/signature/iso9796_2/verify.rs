//! The inspection system's side.
use crate::hash::HashAlgorithm;
use crate::signature::{PublicKey, SignatureError};

/// Recovers the message part and verifies it together with the challenge.
///
/// # Errors
/// See [`SignatureError`].
pub fn recover_and_verify(key: &PublicKey, signature: &[u8], challenge: &[u8]) -> Result<HashAlgorithm, SignatureError> {
    let _ = (key, signature, challenge);
    Err(SignatureError::Unsupported)
}
