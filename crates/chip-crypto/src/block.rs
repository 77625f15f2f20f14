//! Block ciphers of secure messaging and PACE: CBC without padding, one ECB block, and ISO/IEC 9797-1 padding
//! method 2 as separate functions, because Doc 9303-11 §9.8 pads in the message format and not in the cipher.

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, Iv, KeyInit};
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
