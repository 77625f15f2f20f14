//! The inspection system's side: opens the signature and compares.

use crate::hash::{HashAlgorithm, digest};
use crate::mac;
use crate::signature::{PublicKey, RsaPublicKey, SignatureError, rsa};

/// Opens a signature, recovers M1 and checks the hash over M1 ‖ `challenge` (Doc 9303-11 §6.1.2.2).
///
/// Returns the hash function which the trailer names. Both representatives of ISO/IEC 9796-2, s and n − s, are
/// accepted. M1 must fill the whole recoverable part, as Doc 9303-11 §6.1.2.1 has it: nothing of the opened number
/// is then at the signer's choice except M1.
///
/// # Errors
/// [`SignatureError::KeyMismatch`] for an EC key, [`SignatureError::Encoding`] when the length is not the
/// modulus's or the number not below it, [`SignatureError::Unsupported`] for an unknown trailer,
/// [`SignatureError::Invalid`] for anything else.
pub fn recover_and_verify(
    key: &PublicKey,
    signature: &[u8],
    challenge: &[u8],
) -> Result<HashAlgorithm, SignatureError> {
    let PublicKey::Rsa(key) = key else {
        return Err(SignatureError::KeyMismatch);
    };
    if signature.len() != key.modulus().len() {
        return Err(SignatureError::Encoding);
    }
    let opened = rsa::public_operation(key, signature)?.ok_or(SignatureError::Encoding)?;
    let recoverable = representative(key, &opened);

    let (body, hash) = split_trailer(&recoverable)?;
    let message_and_hash = strip_header(key.bits(), body)?;
    let hash_start = message_and_hash.len().checked_sub(hash.output_len()).ok_or(SignatureError::Invalid)?;
    let (message, expected) = message_and_hash.split_at(hash_start);
    if mac::equal(&digest(hash, &[message, challenge]), expected) { Ok(hash) } else { Err(SignatureError::Invalid) }
}

/// The one of `opened` and n − `opened` that ends in the nibble C; n is odd, so at most one does.
fn representative(key: &RsaPublicKey, opened: &[u8]) -> Vec<u8> {
    let modulus = key.modulus();
    let mut number = vec![0; modulus.len() - opened.len()];
    number.extend_from_slice(opened);
    if number.last().is_some_and(|last| last & 0x0F == 0x0C) {
        return number;
    }
    let mut borrow = false;
    for (digit, &minuend) in number.iter_mut().zip(modulus).rev() {
        let (difference, first) = minuend.overflowing_sub(*digit);
        let (difference, second) = difference.overflowing_sub(u8::from(borrow));
        (*digit, borrow) = (difference, first || second);
    }
    number
}

/// ISO/IEC 9796-2 §8.1.2 trailer: `BC` implies SHA-1, `xxCC` names the hash by its ISO/IEC 10118-3 number.
fn split_trailer(recoverable: &[u8]) -> Result<(&[u8], HashAlgorithm), SignatureError> {
    match recoverable {
        [body @ .., 0xBC] | [body @ .., 0x33, 0xCC] => Ok((body, HashAlgorithm::Sha1)),
        [body @ .., 0x34, 0xCC] => Ok((body, HashAlgorithm::Sha256)),
        [body @ .., 0x35, 0xCC] => Ok((body, HashAlgorithm::Sha512)),
        [body @ .., 0x36, 0xCC] => Ok((body, HashAlgorithm::Sha384)),
        [body @ .., 0x38, 0xCC] => Ok((body, HashAlgorithm::Sha224)),
        [.., 0xCC] => Err(SignatureError::Unsupported),
        _ => Err(SignatureError::Invalid),
    }
}

/// Header of partial recovery with no more padding than alignment asks for: `6A`, or `6BA` when the modulus has
/// half a byte.
fn strip_header(modulus_bits: usize, body: &[u8]) -> Result<&[u8], SignatureError> {
    match (modulus_bits % 8, body) {
        (0, [0x6A, rest @ ..]) | (4, [0x06, 0xBA, rest @ ..]) => Ok(rest),
        (0 | 4, _) => Err(SignatureError::Invalid),
        _ => Err(SignatureError::Unsupported),
    }
}
