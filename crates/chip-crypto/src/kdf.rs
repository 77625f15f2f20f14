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

#[cfg(test)]
mod tests {
    use super::*;

    fn derived(cipher: SymmetricCipher, shared: &str, counter: u32) -> String {
        hex::encode_upper(&*derive_key(cipher, &hex::decode(shared).unwrap(), counter))
    }

    /// Doc 9303-11 (8th ed.) appendix D.1: BAC keys from Kseed; D.3: session keys.
    #[test]
    fn triple_des_keys_match_the_bac_worked_example() {
        let cipher = SymmetricCipher::TripleDes;
        let seed = "239AB9CB282DAF66231DC5A4DF6BFBAE";
        assert_eq!(derived(cipher, seed, COUNTER_ENC), "AB94FDECF2674FDFB9B391F85D7F76F2");
        assert_eq!(derived(cipher, seed, COUNTER_MAC), "7962D9ECE03D1ACD4C76089DCE131543");
        let session = "0036D272F5C350ACAC50C3F572D23600";
        assert_eq!(derived(cipher, session, COUNTER_ENC), "979EC13B1CBFE9DCD01AB0FED307EAE5");
        assert_eq!(derived(cipher, session, COUNTER_MAC), "F1CB1F1FB5ADF208806B89DC579DC1F8");
    }

    /// Doc 9303-11 (8th ed.) appendix G.1: PACE with generic mapping and AES-128.
    #[test]
    fn aes_128_keys_match_the_pace_worked_example() {
        let cipher = SymmetricCipher::Aes128;
        let password = "7E2D2A41C74EA0B38CD36F863939BFA8E9032AAD";
        assert_eq!(derived(cipher, password, COUNTER_PASSWORD), "89DED1B26624EC1E634C1989302849DD");
        let shared = "28768D20701247DAE81804C9E780EDE582A9996DB4A315020B2733197DB84925";
        assert_eq!(derived(cipher, shared, COUNTER_ENC), "F5F0E35C0D7161EE6724EE513A0D9A7F");
        assert_eq!(derived(cipher, shared, COUNTER_MAC), "FE251C7858B356B24514B3BD5F4297D1");
    }

    #[test]
    fn longer_aes_keys_are_cut_from_sha_256() {
        let full = hex::encode_upper(digest(HashAlgorithm::Sha256, &[&[7; 32], &[0, 0, 0, 2]]));
        assert_eq!(derived(SymmetricCipher::Aes256, &"07".repeat(32), 2), full);
        assert_eq!(derived(SymmetricCipher::Aes192, &"07".repeat(32), 2), full[..48]);
    }

    #[test]
    fn every_des_byte_has_odd_parity() {
        let mut bytes: Vec<u8> = (0..=255).collect();
        set_odd_parity(&mut bytes);
        for (original, adjusted) in (0..=255u8).zip(bytes) {
            assert_eq!(adjusted.count_ones() % 2, 1);
            assert_eq!(original >> 1, adjusted >> 1);
        }
    }
}
