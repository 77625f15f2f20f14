//! One entrance for all signatures; each kind of key has its file.

use super::{PublicKey, SignatureError, SignatureScheme, ecdsa, rsa};
use crate::hash::HashAlgorithm;

/// Verifies a signature over `message`.
///
/// # Errors
/// See [`SignatureError`]; only `Ok` means that the signature is good.
pub fn verify(
    key: &PublicKey,
    scheme: &SignatureScheme,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    match (key, *scheme) {
        (PublicKey::Rsa(key), SignatureScheme::RsaPkcs1(hash)) => rsa::verify_pkcs1(key, hash, message, signature),
        (PublicKey::Rsa(key), SignatureScheme::RsaPss { hash, mgf, salt_len }) => {
            rsa::verify_pss(key, hash, mgf, salt_len, message, signature)
        }
        (PublicKey::Ec(point), SignatureScheme::Ecdsa(hash)) => {
            ecdsa::verify(point, hash, message, &ecdsa::Signature::from_der(signature)?)
        }
        (PublicKey::Ec(point), SignatureScheme::EcdsaPlain(hash)) => {
            ecdsa::verify(point, hash, message, &ecdsa::Signature::from_plain(signature)?)
        }
        (PublicKey::Rsa(_), SignatureScheme::Ecdsa(_) | SignatureScheme::EcdsaPlain(_))
        | (PublicKey::Ec(_), SignatureScheme::RsaPkcs1(_) | SignatureScheme::RsaPss { .. }) => {
            Err(SignatureError::KeyMismatch)
        }
    }
}

/// Verifies an RSASSA-PKCS1-v1_5 signature (RFC 8017 §8.2.2) over a digest that was made where the message was, because the
/// message may not be kept.
///
/// # Errors
/// See [`SignatureError`].
pub fn verify_rsa_pkcs1_digest(
    key: &PublicKey,
    hash: HashAlgorithm,
    hashed: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    match key {
        PublicKey::Rsa(key) => rsa::verify_pkcs1_digest(key, hash, hashed, signature),
        PublicKey::Ec(_) => Err(SignatureError::KeyMismatch),
    }
}
