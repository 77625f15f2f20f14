//! Verification.
use super::{PublicKey, SignatureError, SignatureScheme};

/// Verifies a signature over `message`.
///
/// # Errors
/// See [`SignatureError`]; only `Ok` means that the signature is good.
pub fn verify(key: &PublicKey, scheme: &SignatureScheme, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
    let _ = (key, scheme, message, signature);
    Err(SignatureError::Unsupported)
}
