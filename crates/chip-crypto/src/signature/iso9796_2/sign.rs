//! The chip's side, for the simulator and for tests.

use crate::hash::{HashAlgorithm, digest};
use crate::random::SecureRandom;
use crate::signature::{PublicKey, SigningError, SigningKey};

/// Answers a challenge as a chip does in Active Authentication with RSA: header, random M1, hash, trailer, then the
/// private operation (Doc 9303-11 §6.1.2.1).
///
/// # Errors
/// [`SigningError::KeyMismatch`] for an EC key, [`SigningError::Unsupported`] when the modulus is not whole bytes,
/// [`SigningError::MessageTooLong`] when hash and trailer leave no room for M1.
pub fn sign(
    key: &SigningKey,
    hash: HashAlgorithm,
    challenge: &[u8],
    random: &mut dyn SecureRandom,
) -> Result<Vec<u8>, SigningError> {
    let PublicKey::Rsa(public) = key.public() else {
        return Err(SigningError::KeyMismatch);
    };
    if !public.bits().is_multiple_of(8) {
        return Err(SigningError::Unsupported);
    }
    let trailer: &[u8] = match hash {
        HashAlgorithm::Sha1 => &[0xBC],
        HashAlgorithm::Sha224 => &[0x38, 0xCC],
        HashAlgorithm::Sha256 => &[0x34, 0xCC],
        HashAlgorithm::Sha384 => &[0x36, 0xCC],
        HashAlgorithm::Sha512 => &[0x35, 0xCC],
    };
    let fixed = 1 + hash.output_len() + trailer.len();
    let message_len = public.modulus().len().checked_sub(fixed).ok_or(SigningError::MessageTooLong)?;
    let mut message = vec![0; message_len];
    random.fill(&mut message)?;

    let hashed = digest(hash, &[&message, challenge]);
    let number = [&[0x6A], message.as_slice(), &hashed, trailer].concat();
    key.rsa_private(&number, random)
}
