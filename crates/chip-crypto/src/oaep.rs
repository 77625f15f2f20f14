//! RSAES-OAEP (RFC 8017 §7.1), for keys a card takes encrypted. One hash serves label and mask generation.

use crate::hash::HashAlgorithm;
use crate::random::SecureRandom;
use crate::signature::rsa::{public_key, with_digest};
use crate::signature::sign::Rng;
use crate::signature::{RsaPublicKey, RsaSigningKey};
use zeroize::Zeroizing;

/// Why nothing was encrypted or decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OaepError {
    /// The key is unusable, or the message too long for it.
    #[error("the message cannot be encrypted under this key")]
    Encrypt,
    /// The cryptogram is not one under this key.
    #[error("the cryptogram is not one under this key")]
    Decrypt,
}

/// Encrypts with an empty label.
///
/// # Errors
/// [`OaepError::Encrypt`], also when the source of randomness fails.
pub fn encrypt(
    key: &RsaPublicKey,
    hash: HashAlgorithm,
    message: &[u8],
    random: &mut dyn SecureRandom,
) -> Result<Vec<u8>, OaepError> {
    let key = public_key(key).map_err(|_| OaepError::Encrypt)?;
    with_digest!(hash, D => key.oaep_encrypt_with_rng::<D, _>(&mut Rng(random), message))
        .map_err(|_| OaepError::Encrypt)
}

/// Decrypts with an empty label, as a card does.
///
/// # Errors
/// [`OaepError::Decrypt`].
pub fn decrypt(
    key: &RsaSigningKey,
    hash: HashAlgorithm,
    cryptogram: &[u8],
    random: &mut dyn SecureRandom,
) -> Result<Zeroizing<Vec<u8>>, OaepError> {
    with_digest!(hash, D => key.private.oaep_decrypt_with_rng::<D, _>(&mut Rng(random), cryptogram))
        .map(Zeroizing::new)
        .map_err(|_| OaepError::Decrypt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRandom;
    use crate::signature::{PublicKey, SigningKey};

    #[test]
    fn what_was_encrypted_is_decrypted_by_its_key_and_hash_alone() {
        let mut random = SeededRandom::new(11);
        let key = SigningKey::generate_rsa(1024, &mut random).unwrap();
        let (SigningKey::Rsa(private), PublicKey::Rsa(public)) = (&key, key.public()) else { panic!("RSA") };
        let cryptogram = encrypt(&public, HashAlgorithm::Sha256, b"sixteen bytes ..", &mut random).unwrap();
        assert_eq!(cryptogram.len(), 128);
        let plain = decrypt(private, HashAlgorithm::Sha256, &cryptogram, &mut random).unwrap();
        assert_eq!(plain.as_slice(), b"sixteen bytes ..");
        assert!(decrypt(private, HashAlgorithm::Sha1, &cryptogram, &mut random).is_err());
        assert!(encrypt(&public, HashAlgorithm::Sha256, &[0; 100], &mut random).is_err());
    }
}
