//! Message authentication codes of secure messaging (Doc 9303-11 §9.8).

use crate::block::CipherError;
use cmac::{Cmac, Mac as _};
use retail_mac::{KeyInit, RetailMac};
use subtle::ConstantTimeEq as _;

/// Computes the Retail MAC (ISO/IEC 9797-1 MAC algorithm 3 with DES, 16-byte key) over data the caller has padded.
///
/// # Errors
/// When the key is not 16 bytes or `padded` is not whole 8-byte blocks.
pub fn retail_mac(key: &[u8], padded: &[u8]) -> Result<[u8; 8], CipherError> {
    if padded.is_empty() || !padded.len().is_multiple_of(8) {
        return Err(CipherError::NotWholeBlocks);
    }
    let mut mac = <RetailMac<des::Des> as KeyInit>::new_from_slice(key).map_err(|_| CipherError::KeyLength)?;
    mac.update(padded);
    Ok(mac.finalize().into_bytes().into())
}

/// Computes AES-CMAC (NIST SP 800-38B) at full length; secure messaging and PACE use the first eight bytes.
///
/// # Errors
/// When the key is not 16, 24 or 32 bytes.
pub fn aes_cmac(key: &[u8], message: &[u8]) -> Result<[u8; 16], CipherError> {
    match key.len() {
        16 => cmac_with::<Cmac<aes::Aes128>>(key, message),
        24 => cmac_with::<Cmac<aes::Aes192>>(key, message),
        32 => cmac_with::<Cmac<aes::Aes256>>(key, message),
        _ => Err(CipherError::KeyLength),
    }
}

/// Compares two codes in time that depends on their lengths alone.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

fn cmac_with<M: cmac::Mac + cmac::KeyInit>(key: &[u8], message: &[u8]) -> Result<[u8; 16], CipherError> {
    let mut mac = <M as cmac::KeyInit>::new_from_slice(key).map_err(|_| CipherError::KeyLength)?;
    mac.update(message);
    let code = mac.finalize().into_bytes();
    let mut full = [0; 16];
    full.copy_from_slice(&code);
    Ok(full)
}
