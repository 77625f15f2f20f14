//! Secure messaging (Doc 9303-11, 9.8) as pure computation: protecting commands, unprotecting responses.

use apdu::tlv::{Reader, Tag, encode};
use apdu::{ChannelFault, CommandApdu, ResponseApdu, StatusWord};
use chip_crypto::block::{CipherError, SymmetricCipher, cbc_decrypt, cbc_encrypt, ecb_encrypt_block, pad, unpad};
use chip_crypto::kdf::{COUNTER_ENC, COUNTER_MAC, derive_key};
use chip_crypto::mac;
use zeroize::Zeroizing;

/// Cryptogram, plain value encoded in data objects: with odd INS.
const DO_85: Tag = Tag(0x85);
/// Padding indicator and cryptogram: with even INS.
const DO_87: Tag = Tag(0x87);
const DO_8E: Tag = Tag(0x8E);
const DO_97: Tag = Tag(0x97);
const DO_99: Tag = Tag(0x99);
const MAC_LEN: usize = 8;

/// Session keys and send sequence counter. Wiped when dropped.
pub struct SecureMessaging {
    cipher: SymmetricCipher,
    ks_enc: Zeroizing<Vec<u8>>,
    ks_mac: Zeroizing<Vec<u8>>,
    ssc: u128,
}

impl std::fmt::Debug for SecureMessaging {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecureMessaging({:?}, ..)", self.cipher)
    }
}

impl SecureMessaging {
    /// Takes session keys and the counter's start value.
    #[must_use]
    pub fn new(cipher: SymmetricCipher, ks_enc: Zeroizing<Vec<u8>>, ks_mac: Zeroizing<Vec<u8>>, ssc: u128) -> Self {
        Self { cipher, ks_enc, ks_mac, ssc }
    }

    /// Derives the session keys from a shared secret (Doc 9303-11, 9.7.1); the counter starts at `ssc`.
    #[must_use]
    pub fn from_shared_secret(cipher: SymmetricCipher, shared: &[u8], ssc: u128) -> Self {
        Self::new(cipher, derive_key(cipher, shared, COUNTER_ENC), derive_key(cipher, shared, COUNTER_MAC), ssc)
    }

    /// Plain bytes a protected response of 256 bytes carries.
    #[must_use]
    pub fn short_limit(&self) -> u32 {
        match self.cipher {
            SymmetricCipher::TripleDes => 231,
            SymmetricCipher::Aes128 | SymmetricCipher::Aes192 | SymmetricCipher::Aes256 => 223,
        }
    }

    /// Protects a command (Doc 9303-11, 9.8.4). The counter advances.
    ///
    /// # Errors
    /// None for keys of the cipher's length.
    pub fn protect(&mut self, command: &CommandApdu) -> Result<CommandApdu, CipherError> {
        self.ssc = self.ssc.wrapping_add(1);
        let mut body = Vec::new();
        if !command.data.is_empty() {
            let cryptogram =
                cbc_encrypt(self.cipher, &self.ks_enc, &self.iv()?, &pad(&command.data, self.cipher.block_len()))?;
            if command.ins & 1 == 1 {
                body.extend(encode(DO_85, &cryptogram));
            } else {
                body.extend(encode(DO_87, &[&[0x01], cryptogram.as_slice()].concat()));
            }
        }
        let long_ne = command.extended || command.ne.is_some_and(|ne| ne > 256);
        if let Some(ne) = command.ne {
            let [.., high, low] = ne.to_be_bytes();
            body.extend(if long_ne { encode(DO_97, &[high, low]) } else { encode(DO_97, &[low]) });
        }
        let cla = command.cla | 0x0C;
        let mut covered = pad(&[cla, command.ins, command.p1, command.p2], self.cipher.block_len());
        if !body.is_empty() {
            covered.extend_from_slice(&body);
            covered = pad(&covered, self.cipher.block_len());
        }
        body.extend(encode(DO_8E, &self.mac(&covered)?));
        let extended = long_ne || body.len() > 255;
        let ne = if extended { 0x1_0000 } else { 256 };
        Ok(CommandApdu { cla, ins: command.ins, p1: command.p1, p2: command.p2, data: body, ne: Some(ne), extended })
    }

    /// Verifies, then decrypts a response (Doc 9303-11, 9.8.4). The counter advances.
    ///
    /// # Errors
    /// How the channel broke; the keys must not be used again.
    pub fn unprotect(&mut self, response: &ResponseApdu) -> Result<ResponseApdu, ChannelFault> {
        self.ssc = self.ssc.wrapping_add(1);
        if response.data.is_empty() {
            // A card that detects an error in secure messaging, or gives it up, answers with a plain status word (9.8.7).
            let error = response.status.sw1() >= 0x64;
            return Err(if error && !response.status.is_ok() {
                ChannelFault::RefusedByCard(response.status.0)
            } else {
                ChannelFault::Stripped
            });
        }
        let objects = ProtectedResponse::parse(&response.data)?;
        let code = self.mac(&pad(objects.covered, self.cipher.block_len())).map_err(|_| ChannelFault::Malformed)?;
        if !mac::equal(&code, objects.mac) {
            return Err(ChannelFault::MacInvalid);
        }
        // The status word outside is not protected: it may be plain success, or must be the one inside.
        if response.status != objects.status && !response.status.is_ok() {
            return Err(ChannelFault::Malformed);
        }
        let data = match objects.cryptogram {
            None => Vec::new(),
            Some(cryptogram) => {
                let iv = self.iv().map_err(|_| ChannelFault::Malformed)?;
                let padded = Zeroizing::new(
                    cbc_decrypt(self.cipher, &self.ks_enc, &iv, cryptogram).map_err(|_| ChannelFault::Malformed)?,
                );
                unpad(&padded, self.cipher.block_len()).map_err(|_| ChannelFault::Malformed)?.to_vec()
            }
        };
        Ok(ResponseApdu { data, status: objects.status })
    }

    fn counter(&self) -> Vec<u8> {
        let bytes = self.ssc.to_be_bytes();
        bytes.get(bytes.len() - self.cipher.block_len()..).unwrap_or_default().to_vec()
    }

    /// 9.8.6.1 and 9.8.7.1: zero for 3DES, the encrypted counter for AES.
    fn iv(&self) -> Result<Vec<u8>, CipherError> {
        match self.cipher {
            SymmetricCipher::TripleDes => Ok(vec![0; 8]),
            SymmetricCipher::Aes128 | SymmetricCipher::Aes192 | SymmetricCipher::Aes256 => {
                ecb_encrypt_block(self.cipher, &self.ks_enc, &self.counter())
            }
        }
    }

    /// Over the counter and whole blocks.
    fn mac(&self, padded: &[u8]) -> Result<[u8; MAC_LEN], CipherError> {
        authentication_code(self.cipher, &self.ks_mac, &[self.counter(), padded.to_vec()].concat())
    }
}

/// Eight bytes of Retail MAC or CMAC over whole blocks.
fn authentication_code(cipher: SymmetricCipher, key: &[u8], padded: &[u8]) -> Result<[u8; MAC_LEN], CipherError> {
    match cipher {
        SymmetricCipher::TripleDes => mac::retail_mac(key, padded),
        SymmetricCipher::Aes128 | SymmetricCipher::Aes192 | SymmetricCipher::Aes256 => {
            let [a, b, c, d, e, f, g, h, ..] = mac::aes_cmac(key, padded)?;
            Ok([a, b, c, d, e, f, g, h])
        }
    }
}

/// The authentication token of PACE: padded for Retail MAC, as it is for CMAC (Doc 9303-11, 4.4.3.4).
pub(super) fn authentication_token(
    cipher: SymmetricCipher,
    key: &[u8],
    data: &[u8],
) -> Result<[u8; MAC_LEN], CipherError> {
    match cipher {
        SymmetricCipher::TripleDes => authentication_code(cipher, key, &pad(data, cipher.block_len())),
        SymmetricCipher::Aes128 | SymmetricCipher::Aes192 | SymmetricCipher::Aes256 => {
            authentication_code(cipher, key, data)
        }
    }
}

struct ProtectedResponse<'a> {
    covered: &'a [u8],
    cryptogram: Option<&'a [u8]>,
    status: StatusWord,
    mac: &'a [u8],
}

impl<'a> ProtectedResponse<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, ChannelFault> {
        let mut reader = Reader::der(bytes);
        if !matches!(reader.peek_tag(), Some(DO_85 | DO_87 | DO_99 | DO_8E)) {
            return Err(ChannelFault::Stripped);
        }
        let malformed = |_| ChannelFault::Malformed;
        let cryptogram = match reader.optional(DO_87).map_err(malformed)? {
            Some(object) => Some(object.value.strip_prefix(&[0x01]).ok_or(ChannelFault::Malformed)?),
            None => reader.optional(DO_85).map_err(malformed)?.map(|object| object.value),
        };
        let status = reader.expect(DO_99).map_err(malformed)?;
        let covered = bytes.get(..bytes.len() - reader.rest().len()).ok_or(ChannelFault::Malformed)?;
        let mac = reader.expect(DO_8E).map_err(malformed)?.value;
        reader.finish().map_err(malformed)?;
        let &[high, low] = status.value else { return Err(ChannelFault::Malformed) };
        Ok(Self { covered, cryptogram, status: StatusWord(u16::from_be_bytes([high, low])), mac })
    }
}
