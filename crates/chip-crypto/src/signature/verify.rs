//! One entrance for all signatures; each kind of key has its file.

use super::{PublicKey, SignatureError, SignatureScheme, ecdsa, rsa};

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
