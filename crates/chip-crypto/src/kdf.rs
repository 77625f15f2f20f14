//! Key derivation function of Doc 9303-11 §9.7.1.

use crate::block::SymmetricCipher;
use crate::hash::{HashAlgorithm, digest};
use zeroize::Zeroizing;

/// Counter for an encryption key, `K_Enc`.
pub const COUNTER_ENC: u32 = 1;
/// Counter for a MAC key, `K_MAC`.
pub const COUNTER_MAC: u32 = 2;
/// Counter for the key made from a password, `K_π` (PACE).
pub const COUNTER_PASSWORD: u32 = 3;

/// Derives a key of the cipher's length: `H(shared ‖ counter)`, cut to length, DES keys with odd parity.
pub fn derive_key(cipher: SymmetricCipher, shared: &[u8], counter: u32) -> Zeroizing<Vec<u8>> {
    let hash = match cipher {
        SymmetricCipher::TripleDes | SymmetricCipher::Aes128 => HashAlgorithm::Sha1,
        SymmetricCipher::Aes192 | SymmetricCipher::Aes256 => HashAlgorithm::Sha256,
    };
    let mut key = Zeroizing::new(digest(hash, &[shared, &counter.to_be_bytes()]));
    // Shortening a vector leaves the cut bytes in its allocation; they are wiped first.
    key[cipher.key_len()..].fill(0);
    key.truncate(cipher.key_len());
    if cipher == SymmetricCipher::TripleDes {
        set_odd_parity(&mut key);
    }
    key
}

/// Sets the lowest bit of every byte so that its number of ones is odd (FIPS 46-3).
pub fn set_odd_parity(key: &mut [u8]) {
    for byte in key {
        *byte = (*byte & 0xFE) | (((*byte >> 1).count_ones() as u8 & 1) ^ 1);
    }
}
