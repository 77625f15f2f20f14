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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::pad;

    /// Doc 9303-11 (8th ed.) appendix D.3: M_IFD and M_IC of the BAC worked example.
    #[test]
    fn retail_mac_matches_the_bac_worked_example() {
        let key = hex::decode("7962D9ECE03D1ACD4C76089DCE131543").unwrap();
        for (message, expected) in [
            ("72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2", "5F1448EEA8AD90A7"),
            ("46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F", "2F2D235D074D7449"),
        ] {
            let padded = pad(&hex::decode(message).unwrap(), 8);
            assert_eq!(hex::encode_upper(retail_mac(&key, &padded).unwrap()), expected);
        }
    }

    /// NIST SP 800-38B appendix D, empty message and one block, per key length.
    #[test]
    fn aes_cmac_matches_sp_800_38b() {
        for (key, empty, block) in [
            (
                "2b7e151628aed2a6abf7158809cf4f3c",
                "bb1d6929e95937287fa37d129b756746",
                "070a16b46b4d4144f79bdd9dd04a287c",
            ),
            (
                "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
                "d17ddf46adaacde531cac483de7a9367",
                "9e99a7bf31e710900662f65e617c5184",
            ),
            (
                "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
                "028962f61b7bf89efc6b551f4667d983",
                "28a7023f452e8f82bd4bf28d8c37c35c",
            ),
        ] {
            let key = hex::decode(key).unwrap();
            let message = hex::decode("6bc1bee22e409f96e93d7e117393172a").unwrap();
            assert_eq!(hex::encode(aes_cmac(&key, &[]).unwrap()), empty);
            assert_eq!(hex::encode(aes_cmac(&key, &message).unwrap()), block);
        }
    }

    #[test]
    fn unusable_lengths_are_refused() {
        assert_eq!(retail_mac(&[0; 16], &[0; 7]), Err(CipherError::NotWholeBlocks));
        assert_eq!(retail_mac(&[0; 16], &[]), Err(CipherError::NotWholeBlocks));
        assert_eq!(retail_mac(&[0; 8], &[0; 8]), Err(CipherError::KeyLength));
        assert_eq!(aes_cmac(&[0; 20], &[]), Err(CipherError::KeyLength));
    }

    #[test]
    fn codes_of_different_length_are_different() {
        assert!(equal(&[1, 2, 3], &[1, 2, 3]));
        assert!(!equal(&[1, 2, 3], &[1, 2, 4]));
        assert!(!equal(&[1, 2, 3], &[1, 2]));
    }
}
