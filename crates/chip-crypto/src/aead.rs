//! AES-256-GCM (NIST SP 800-38D) with an explicit nonce, over `ring`.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroizing;

/// Octets of an AES-256 key.
pub const KEY_LEN: usize = 32;
/// Octets of a GCM nonce.
pub const NONCE_LEN: usize = 12;
/// Octets of a GCM tag.
pub const TAG_LEN: usize = 16;

/// Why an AEAD operation gave nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AeadError {
    /// The tag does not fit key, nonce, associated data and ciphertext.
    #[error("authentication tag does not match")]
    TagMismatch,
    /// The ciphertext is shorter than a tag.
    #[error("ciphertext of {0} octets is shorter than its tag")]
    TooShort(usize),
    /// The plaintext is longer than GCM allows.
    #[error("plaintext too long for one GCM message")]
    TooLong,
}

/// Encrypts `plaintext`; answers ciphertext ‖ tag. The caller never uses a nonce twice under one key.
pub fn seal(key: &[u8; KEY_LEN], nonce: &[u8; NONCE_LEN], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, AeadError> {
    let key = cipher(key)?;
    let mut out = Vec::with_capacity(plaintext.len() + TAG_LEN);
    out.extend_from_slice(plaintext);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(*nonce), Aad::from(aad), &mut out)
        .map_err(|_| AeadError::TooLong)?;
    Ok(out)
}

/// Decrypts ciphertext ‖ tag.
pub fn open(
    key: &[u8; KEY_LEN],
    nonce: &[u8; NONCE_LEN],
    aad: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, AeadError> {
    if sealed.len() < TAG_LEN {
        return Err(AeadError::TooShort(sealed.len()));
    }
    let key = cipher(key)?;
    let mut buffer = Zeroizing::new(sealed.to_vec());
    let len = key
        .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(aad), &mut buffer)
        .map_err(|_| AeadError::TagMismatch)?
        .len();
    buffer.truncate(len);
    Ok(buffer)
}

fn cipher(key: &[u8; KEY_LEN]) -> Result<LessSafeKey, AeadError> {
    // The only refusal is a wrong key length, which the type excludes.
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new).map_err(|_| AeadError::TooLong)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NIST GCM specification, test case 14: zero key, zero nonce, one zero block.
    #[test]
    fn matches_the_published_test_case_14() {
        let sealed = seal(&[0; 32], &[0; 12], &[], &[0; 16]).unwrap();
        let expected = [
            0xce, 0xa7, 0x40, 0x3d, 0x4d, 0x60, 0x6b, 0x6e, 0x07, 0x4e, 0xc5, 0xd3, 0xba, 0xf3, 0x9d, 0x18, 0xd0, 0xd1,
            0xc8, 0xa7, 0x99, 0x99, 0x6b, 0xf0, 0x26, 0x5b, 0x98, 0xb5, 0xd4, 0x8a, 0xb9, 0x19,
        ];
        assert_eq!(sealed, expected);
    }

    #[test]
    fn refuses_every_flipped_bit_and_other_associated_data() {
        let sealed = seal(&[7; 32], &[1; 12], b"row 1", b"value").unwrap();
        assert_eq!(&open(&[7; 32], &[1; 12], b"row 1", &sealed).unwrap()[..], b"value");
        assert_eq!(open(&[7; 32], &[1; 12], b"row 2", &sealed).unwrap_err(), AeadError::TagMismatch);
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(&[7; 32], &[1; 12], b"row 1", &changed).unwrap_err(), AeadError::TagMismatch);
        }
        assert_eq!(open(&[7; 32], &[1; 12], b"", &[0; 15]).unwrap_err(), AeadError::TooShort(15));
    }
}
