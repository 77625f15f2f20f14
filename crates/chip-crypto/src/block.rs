//! Block ciphers of secure messaging and PACE: CBC without padding, one ECB block, and ISO/IEC 9797-1 padding
//! method 2 as separate functions, because Doc 9303-11 §9.8 pads in the message format and not in the cipher.

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{
    BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, Iv, KeyInit,
};
use des::{TdesEde2, TdesEde3};

/// A block cipher with its key length (Doc 9303-11 §9.2, table of PACE ciphers).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SymmetricCipher {
    /// Two-key triple DES (ISO/IEC 18033-3), 16-byte keys; a 24-byte key is taken as three-key.
    TripleDes,
    /// AES with 16-byte keys.
    Aes128,
    /// AES with 24-byte keys.
    Aes192,
    /// AES with 32-byte keys.
    Aes256,
}

impl SymmetricCipher {
    /// Length of the key in bytes.
    pub const fn key_len(self) -> usize {
        match self {
            Self::TripleDes | Self::Aes128 => 16,
            Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }

    /// Length of a block in bytes.
    pub const fn block_len(self) -> usize {
        match self {
            Self::TripleDes => 8,
            Self::Aes128 | Self::Aes192 | Self::Aes256 => 16,
        }
    }
}

/// A cipher or a symmetric MAC could not be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CipherError {
    /// The key does not have the cipher's length.
    #[error("the key does not have the length the cipher takes")]
    KeyLength,
    /// The initialisation vector is not one block.
    #[error("the initialisation vector is not one block")]
    IvLength,
    /// The data are not whole blocks.
    #[error("the data are not whole blocks")]
    NotWholeBlocks,
    /// The padding is not ISO/IEC 9797-1 method 2.
    #[error("the padding is not ISO/IEC 9797-1 method 2")]
    Padding,
}

macro_rules! with_cipher {
    ($cipher:expr, $key:expr, $operation:ident($($argument:expr),*)) => {
        match ($cipher, $key.len()) {
            (SymmetricCipher::TripleDes, 16) => $operation::<TdesEde2>($key, $($argument),*),
            (SymmetricCipher::TripleDes, 24) => $operation::<TdesEde3>($key, $($argument),*),
            (SymmetricCipher::Aes128, 16) => $operation::<Aes128>($key, $($argument),*),
            (SymmetricCipher::Aes192, 24) => $operation::<Aes192>($key, $($argument),*),
            (SymmetricCipher::Aes256, 32) => $operation::<Aes256>($key, $($argument),*),
            _ => Err(CipherError::KeyLength),
        }
    };
}

/// Encrypts whole blocks in CBC mode.
///
/// # Errors
/// When key, `iv` or `data` has an unusable length.
pub fn cbc_encrypt(cipher: SymmetricCipher, key: &[u8], iv: &[u8], data: &[u8]) -> Result<Vec<u8>, CipherError> {
    check_blocks(cipher, iv, data)?;
    with_cipher!(cipher, key, encrypt(iv, data))
}

/// Decrypts whole blocks in CBC mode.
///
/// # Errors
/// When key, `iv` or `data` has an unusable length.
pub fn cbc_decrypt(cipher: SymmetricCipher, key: &[u8], iv: &[u8], data: &[u8]) -> Result<Vec<u8>, CipherError> {
    check_blocks(cipher, iv, data)?;
    with_cipher!(cipher, key, decrypt(iv, data))
}

/// Encrypts exactly one block, as for the AES secure messaging IV (Doc 9303-11 §9.8.6.1).
///
/// # Errors
/// When the key has the wrong length or `block` is not one block.
pub fn ecb_encrypt_block(cipher: SymmetricCipher, key: &[u8], block: &[u8]) -> Result<Vec<u8>, CipherError> {
    if block.len() != cipher.block_len() {
        return Err(CipherError::NotWholeBlocks);
    }
    // CBC of one block under a zero IV is ECB.
    cbc_encrypt(cipher, key, &[0; 16][..cipher.block_len()], block)
}

/// Appends ISO/IEC 9797-1 padding method 2: `80`, then `00` up to whole blocks of `block_len` bytes.
pub fn pad(data: &[u8], block_len: usize) -> Vec<u8> {
    let block_len = block_len.max(1);
    let padded_len = (data.len() / block_len + 1) * block_len;
    let mut padded = Vec::with_capacity(padded_len);
    padded.extend_from_slice(data);
    padded.push(0x80);
    padded.resize(padded_len, 0);
    padded
}

/// Removes ISO/IEC 9797-1 padding method 2 of at most one block.
///
/// # Errors
/// [`CipherError::NotWholeBlocks`] or [`CipherError::Padding`]. Call it only after the MAC has been checked.
pub fn unpad(padded: &[u8], block_len: usize) -> Result<&[u8], CipherError> {
    if block_len == 0 || padded.is_empty() || !padded.len().is_multiple_of(block_len) {
        return Err(CipherError::NotWholeBlocks);
    }
    let Some(marker) = padded.iter().rposition(|&byte| byte != 0) else {
        return Err(CipherError::Padding);
    };
    if padded[marker] != 0x80 || padded.len() - marker > block_len {
        return Err(CipherError::Padding);
    }
    Ok(&padded[..marker])
}

fn check_blocks(cipher: SymmetricCipher, iv: &[u8], data: &[u8]) -> Result<(), CipherError> {
    if iv.len() != cipher.block_len() {
        return Err(CipherError::IvLength);
    }
    if !data.len().is_multiple_of(cipher.block_len()) {
        return Err(CipherError::NotWholeBlocks);
    }
    Ok(())
}

fn encrypt<C: BlockCipherEncrypt + KeyInit>(key: &[u8], iv: &[u8], data: &[u8]) -> Result<Vec<u8>, CipherError> {
    let iv = Iv::<cbc::Encryptor<C>>::try_from(iv).map_err(|_| CipherError::IvLength)?;
    let core = C::new_from_slice(key).map_err(|_| CipherError::KeyLength)?;
    let mut buffer = data.to_vec();
    cbc::Encryptor::<C>::inner_iv_init(core, &iv)
        .encrypt_padded::<NoPadding>(&mut buffer, data.len())
        .map_err(|_| CipherError::NotWholeBlocks)?;
    Ok(buffer)
}

fn decrypt<C: BlockCipherDecrypt + KeyInit>(key: &[u8], iv: &[u8], data: &[u8]) -> Result<Vec<u8>, CipherError> {
    let iv = Iv::<cbc::Decryptor<C>>::try_from(iv).map_err(|_| CipherError::IvLength)?;
    let core = C::new_from_slice(key).map_err(|_| CipherError::KeyLength)?;
    let mut buffer = data.to_vec();
    cbc::Decryptor::<C>::inner_iv_init(core, &iv)
        .decrypt_padded::<NoPadding>(&mut buffer)
        .map_err(|_| CipherError::NotWholeBlocks)?;
    Ok(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// NIST SP 800-38A F.2.1, F.2.3, F.2.5, first block.
    #[test]
    fn aes_cbc_matches_sp_800_38a() {
        let keys = [
            (SymmetricCipher::Aes128, "2b7e151628aed2a6abf7158809cf4f3c", "7649abac8119b246cee98e9b12e9197d"),
            (
                SymmetricCipher::Aes192,
                "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
                "4f021db243bc633d7178183a9fa071e8",
            ),
            (
                SymmetricCipher::Aes256,
                "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
                "f58c4c04d6e5f1ba779eabfb5f7bfbd6",
            ),
        ];
        let iv = hex::decode("000102030405060708090a0b0c0d0e0f").unwrap();
        let plain = hex::decode("6bc1bee22e409f96e93d7e117393172a").unwrap();
        for (cipher, key, expected) in keys {
            let key = hex::decode(key).unwrap();
            let encrypted = cbc_encrypt(cipher, &key, &iv, &plain).unwrap();
            assert_eq!(hex::encode(&encrypted), expected);
            assert_eq!(cbc_decrypt(cipher, &key, &iv, &encrypted).unwrap(), plain);
        }
    }

    /// Doc 9303-11 (8th ed.) appendix D.3: E_IFD of the BAC worked example.
    #[test]
    fn triple_des_cbc_matches_the_bac_worked_example() {
        let key = hex::decode("AB94FDECF2674FDFB9B391F85D7F76F2").unwrap();
        let plain = hex::decode("781723860C06C2264608F919887022120B795240CB7049B01C19B33E32804F0B").unwrap();
        let encrypted = cbc_encrypt(SymmetricCipher::TripleDes, &key, &[0; 8], &plain).unwrap();
        assert_eq!(hex::encode_upper(encrypted), "72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2");
    }

    /// FIPS 197 appendix C.1.
    #[test]
    fn one_block_matches_fips_197() {
        let key = hex::decode("000102030405060708090a0b0c0d0e0f").unwrap();
        let block = hex::decode("00112233445566778899aabbccddeeff").unwrap();
        let encrypted = ecb_encrypt_block(SymmetricCipher::Aes128, &key, &block).unwrap();
        assert_eq!(hex::encode(encrypted), "69c4e0d86a7b0430d8cdb78070b4c55a");
    }

    #[test]
    fn unusable_lengths_are_refused() {
        let cipher = SymmetricCipher::Aes192;
        assert_eq!(cbc_encrypt(cipher, &[0; 16], &[0; 16], &[0; 16]), Err(CipherError::KeyLength));
        assert_eq!(cbc_encrypt(cipher, &[0; 24], &[0; 8], &[0; 16]), Err(CipherError::IvLength));
        assert_eq!(cbc_decrypt(cipher, &[0; 24], &[0; 16], &[0; 17]), Err(CipherError::NotWholeBlocks));
        assert_eq!(ecb_encrypt_block(cipher, &[0; 24], &[0; 32]), Err(CipherError::NotWholeBlocks));
    }

    #[test]
    fn wrong_padding_is_refused() {
        assert_eq!(unpad(&[0; 8], 8), Err(CipherError::Padding));
        assert_eq!(unpad(&[1, 0x81, 0, 0, 0, 0, 0, 0], 8), Err(CipherError::Padding));
        assert_eq!(unpad(&[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 8), Err(CipherError::Padding));
        assert_eq!(unpad(&[0x80; 7], 8), Err(CipherError::NotWholeBlocks));
        assert_eq!(unpad(&[], 8), Err(CipherError::NotWholeBlocks));
    }

    proptest! {
        #[test]
        fn padding_is_undone(data in proptest::collection::vec(any::<u8>(), 0..70), block in prop_oneof![Just(8), Just(16)]) {
            let padded = pad(&data, block);
            prop_assert!(padded.len() > data.len() && padded.len().is_multiple_of(block));
            prop_assert_eq!(unpad(&padded, block).unwrap(), data);
        }

        #[test]
        fn unpadding_anything_does_not_panic(data in proptest::collection::vec(any::<u8>(), 0..40), block in 0usize..20) {
            let _ = unpad(&data, block);
        }
    }
}
