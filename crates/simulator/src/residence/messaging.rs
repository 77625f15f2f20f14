//! The card's end of authentication and encrypted reading.

use apdu::CommandApdu;
use apdu::tlv::{Reader, Tag};
use chip_crypto::block::{self, SymmetricCipher};
use chip_crypto::hash::{HashAlgorithm, digest};
use chip_crypto::mac;
use zeroize::Zeroizing;

use crate::der;

/// The session key of a card.
pub(super) struct Session {
    cipher: SymmetricCipher,
    key: Zeroizing<Vec<u8>>,
    /// The combined card's counter: encrypted, it is the next vector.
    counter: Option<u128>,
}

/// The answer to MUTUAL AUTHENTICATE and the session it starts; `None` for a wrong number.
pub(super) fn mutual(
    cipher: SymmetricCipher,
    number: &str,
    challenge: [u8; 8],
    k_icc: &[u8; 16],
    data: &[u8],
) -> Option<(Vec<u8>, Session)> {
    let key = digest(HashAlgorithm::Sha1, &[number.as_bytes()]);
    let key = Zeroizing::new(key.get(..16)?.to_vec());
    let zero = vec![0; cipher.block_len()];
    let (encrypted, code) = data.split_at_checked(32)?;
    if !mac::equal(&code_over(cipher, &key, encrypted)?, code) {
        return None;
    }
    let plain = Zeroizing::new(block::cbc_decrypt(cipher, &key, &zero, encrypted).ok()?);
    let (rnd_ifd, rest) = plain.split_at_checked(8)?;
    let (rnd_icc, k_ifd) = rest.split_at_checked(8)?;
    if rnd_icc != challenge {
        return None;
    }
    let answer = Zeroizing::new([&challenge[..], rnd_ifd, k_icc].concat());
    let mut out = block::cbc_encrypt(cipher, &key, &zero, &answer).ok()?;
    out.extend_from_slice(&code_over(cipher, &key, &out)?);
    let seed: Zeroizing<Vec<u8>> = Zeroizing::new(k_icc.iter().zip(k_ifd).map(|(icc, ifd)| icc ^ ifd).collect());
    let session_key = digest(HashAlgorithm::Sha1, &[&seed, &[0, 0, 0, 1]]);
    let key = Zeroizing::new(session_key.get(..16)?.to_vec());
    Some((out, Session { cipher, key, counter: None }))
}

/// Retail MAC, or the first eight bytes of CMAC.
fn code_over(cipher: SymmetricCipher, key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    match cipher {
        SymmetricCipher::TripleDes => mac::retail_mac(key, &block::pad(data, 8)).ok().map(|code| code.to_vec()),
        SymmetricCipher::Aes128 | SymmetricCipher::Aes192 | SymmetricCipher::Aes256 => {
            mac::aes_cmac(key, data).ok().and_then(|code| code.get(..8).map(<[u8]>::to_vec))
        }
    }
}

impl Session {
    /// A session under a key the terminal sent: the combined card.
    pub(super) fn imported(key: Zeroizing<Vec<u8>>) -> Self {
        Self { cipher: SymmetricCipher::Aes128, key, counter: Some(1) }
    }

    /// The card number inside VERIFY.
    pub(super) fn verified_number(&mut self, data: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut reader = Reader::ber(data);
        let value = reader.expect(Tag(0x86)).ok()?.value.strip_prefix(&[0x01])?;
        let iv = self.iv()?;
        let padded = Zeroizing::new(block::cbc_decrypt(self.cipher, &self.key, &iv, value).ok()?);
        // Twelve characters and four bytes of padding: more than one block of 3DES holds no more than that.
        Some(Zeroizing::new(block::unpad(&padded, 16).ok()?.to_vec()))
    }

    /// Le inside a protected READ BINARY; zero asks for everything.
    pub(super) fn asked(command: &CommandApdu) -> Option<usize> {
        let mut reader = Reader::ber(&command.data);
        let value = reader.expect(Tag(0x96)).ok()?.value;
        reader.finish().ok()?;
        let &[high, low] = value else { return None };
        Some(match u16::from_be_bytes([high, low]) {
            0 => usize::MAX,
            length => usize::from(length),
        })
    }

    /// Plain bytes that fit into a response of `whole` bytes.
    pub(super) fn room(&self, whole: usize) -> usize {
        let block = self.cipher.block_len();
        // Tag, length and indicator.
        (whole.saturating_sub(if whole > 259 { 5 } else { 4 }) / block * block).saturating_sub(1)
    }

    pub(super) fn protect(&mut self, plain: &[u8]) -> Option<Vec<u8>> {
        let iv = self.iv()?;
        let padded = block::pad(plain, self.cipher.block_len());
        let encrypted = block::cbc_encrypt(self.cipher, &self.key, &iv, &padded).ok()?;
        Some(der::tlv(0x86, &[&[0x01][..], &encrypted].concat()))
    }

    fn iv(&mut self) -> Option<Vec<u8>> {
        let Some(counter) = &mut self.counter else { return Some(vec![0; self.cipher.block_len()]) };
        let block = counter.to_be_bytes();
        *counter = counter.wrapping_add(1);
        block::ecb_encrypt_block(self.cipher, &self.key, &block).ok()
    }
}
