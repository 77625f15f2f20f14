//! The chip's end of secure messaging (Doc 9303-11, 9.8).

use apdu::tlv::Reader;
use apdu::{CommandApdu, ResponseApdu};
use chip_crypto::block::{self, CipherError, SymmetricCipher};
use chip_crypto::{kdf, mac};
use zeroize::Zeroizing;

use crate::der;

pub(super) struct SecureMessaging {
    cipher: SymmetricCipher,
    ks_enc: Zeroizing<Vec<u8>>,
    ks_mac: Zeroizing<Vec<u8>>,
    counter: Vec<u8>,
}

/// Why a protected command is not one (ISO/IEC 7816-4: 6987 and 6988).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnprotectError {
    Missing,
    Incorrect,
}

impl SecureMessaging {
    /// Derives the session keys of a shared secret; the send sequence counter starts at `counter`, or at zero when it is empty.
    pub(super) fn start(cipher: SymmetricCipher, secret: &[u8], counter: &[u8]) -> Self {
        let mut ssc = vec![0; cipher.block_len()];
        if counter.len() == ssc.len() {
            ssc.copy_from_slice(counter);
        }
        Self {
            cipher,
            ks_enc: kdf::derive_key(cipher, secret, 1),
            ks_mac: kdf::derive_key(cipher, secret, 2),
            counter: ssc,
        }
    }

    /// Checks and opens a protected command.
    pub(super) fn unprotect(&mut self, command: &CommandApdu) -> Result<CommandApdu, UnprotectError> {
        self.step();
        let mut reader = Reader::ber(&command.data);
        let (mut cryptogram, mut ne, mut code) = (None, None, None);
        let mut authenticated = Vec::new();
        while !reader.is_empty() {
            let object = reader.next().map_err(|_| UnprotectError::Incorrect)?;
            if code.is_some() {
                return Err(UnprotectError::Incorrect);
            }
            match object.tag.0 {
                0x85 | 0x87 => cryptogram = Some(object.value),
                0x97 => ne = Some(expected_length(object.value)?),
                0x8E => code = Some(object.value),
                _ => return Err(UnprotectError::Incorrect),
            }
            if object.tag.0 != 0x8E {
                authenticated.extend_from_slice(object.whole);
            }
        }
        let code = code.ok_or(UnprotectError::Missing)?;
        let header = [command.cla, command.ins, command.p1, command.p2];
        let mut message = block::pad(&header, self.cipher.block_len());
        if !authenticated.is_empty() {
            message.extend_from_slice(&block::pad(&authenticated, self.cipher.block_len()));
        }
        let expected = self.code(&message).map_err(|_| UnprotectError::Incorrect)?;
        if !mac::equal(&expected, code) {
            return Err(UnprotectError::Incorrect);
        }
        let data = match cryptogram {
            Some(value) => self.decrypt(command.ins, value).ok_or(UnprotectError::Incorrect)?,
            None => Vec::new(),
        };
        let extended = command.extended || command.data.len() > 255 || command.ne.is_some_and(|ne| ne > 256);
        Ok(CommandApdu { cla: 0, ins: command.ins, p1: command.p1, p2: command.p2, data, ne, extended })
    }

    /// Protects a response to `command`: DO'87' (or '85' for odd instructions), DO'99', DO'8E'.
    pub(super) fn protect(&mut self, command: &CommandApdu, response: &ResponseApdu) -> ResponseApdu {
        self.step();
        let status = response.status;
        let mut body = Vec::new();
        if !response.data.is_empty() {
            let padded = block::pad(&response.data, self.cipher.block_len());
            let Ok(encrypted) = self.iv().and_then(|iv| block::cbc_encrypt(self.cipher, &self.ks_enc, &iv, &padded))
            else {
                return ResponseApdu::new([], apdu::StatusWord(0x6F00));
            };
            body = if command.ins & 1 == 1 {
                der::tlv(0x85, &encrypted)
            } else {
                der::tlv(0x87, &[&[0x01][..], &encrypted].concat())
            };
        }
        body.extend_from_slice(&der::tlv(0x99, &status.0.to_be_bytes()));
        let Ok(code) = self.code(&block::pad(&body, self.cipher.block_len())) else {
            return ResponseApdu::new([], apdu::StatusWord(0x6F00));
        };
        body.extend_from_slice(&der::tlv(0x8E, &code));
        ResponseApdu::new(body, status)
    }

    /// Plain bytes that fit into a protected response of `whole` bytes: 231 (3DES) or 223 (AES) of 256.
    pub(super) fn plain_room(&self, whole: usize) -> usize {
        // DO'99' (4) and DO'8E' (10), the header of DO'87' (2..4) and its padding indicator.
        let header = match whole {
            0..=144 => 3,
            145..=272 => 4,
            _ => 5,
        };
        let cryptogram = whole.saturating_sub(14 + header);
        let block = self.cipher.block_len();
        (cryptogram / block * block).saturating_sub(1)
    }

    fn step(&mut self) {
        for byte in self.counter.iter_mut().rev() {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                break;
            }
        }
    }

    /// The IV is zero for 3DES and the encrypted counter for AES (Doc 9303-11, 9.8.6).
    fn iv(&self) -> Result<Vec<u8>, CipherError> {
        match self.cipher {
            SymmetricCipher::TripleDes => Ok(vec![0; 8]),
            SymmetricCipher::Aes128 | SymmetricCipher::Aes192 | SymmetricCipher::Aes256 => {
                block::ecb_encrypt_block(self.cipher, &self.ks_enc, &self.counter)
            }
        }
    }

    /// MAC over the counter and an already padded message, eight bytes.
    fn code(&self, padded: &[u8]) -> Result<[u8; 8], CipherError> {
        let message = [&self.counter[..], padded].concat();
        code_of_padded(self.cipher, &self.ks_mac, &message)
    }

    /// DO'87' starts with padding indicator 01; DO'85' has none.
    fn decrypt(&self, ins: u8, value: &[u8]) -> Option<Vec<u8>> {
        let encrypted = if ins & 1 == 1 { value } else { value.strip_prefix(&[0x01])? };
        let iv = self.iv().ok()?;
        let padded = block::cbc_decrypt(self.cipher, &self.ks_enc, &iv, encrypted).ok()?;
        Some(block::unpad(&padded, self.cipher.block_len()).ok()?.to_vec())
    }
}

/// Eight bytes of MAC over whole blocks: Retail MAC for 3DES, CMAC for AES.
pub(super) fn code_of_padded(cipher: SymmetricCipher, key: &[u8], padded: &[u8]) -> Result<[u8; 8], CipherError> {
    match cipher {
        SymmetricCipher::TripleDes => mac::retail_mac(key, padded),
        SymmetricCipher::Aes128 | SymmetricCipher::Aes192 | SymmetricCipher::Aes256 => {
            let full = mac::aes_cmac(key, padded)?;
            let mut out = [0; 8];
            out.copy_from_slice(&full[..8]);
            Ok(out)
        }
    }
}

fn expected_length(value: &[u8]) -> Result<u32, UnprotectError> {
    match value {
        [0] => Ok(256),
        [ne] => Ok(u32::from(*ne)),
        [0, 0] => Ok(65_536),
        [high, low] => Ok(u32::from(u16::from_be_bytes([*high, *low]))),
        _ => Err(UnprotectError::Incorrect),
    }
}
