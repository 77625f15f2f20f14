//! Reading under encryption: DO'86' with an indicator and a cryptogram, no authentication code, no counter, a zero vector.

use apdu::tlv::{Reader, Tag};
use apdu::{ChannelFault, CommandApdu, ResponseApdu};
use chip_crypto::block::{SymmetricCipher, cbc_decrypt, cbc_encrypt, pad, unpad};
use zeroize::Zeroizing;

use super::card_number::CardNumber;
use super::card_type::Generation;
use super::combined::Counted;

/// Cryptogram with a padding indicator (ISO/IEC 7816-4, 10.2.2).
const DO_86: Tag = Tag(0x86);
/// Padding by 80 00….
const PADDED: u8 = 0x01;
/// Class byte of commands under this messaging.
pub(super) const SECURED: u8 = 0x08;
const ZERO_IV: [u8; 16] = [0; 16];

/// The session key and how it is used. Wiped when dropped.
pub struct Messaging {
    cipher: SymmetricCipher,
    ks_enc: Zeroizing<Vec<u8>>,
    /// The combined card counts messages.
    counted: Option<Counted>,
}

impl std::fmt::Debug for Messaging {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Messaging({:?}, ..)", self.cipher)
    }
}

/// Cipher of a generation.
pub(super) const fn cipher(generation: Generation) -> SymmetricCipher {
    match generation {
        Generation::First => SymmetricCipher::TripleDes,
        Generation::Second => SymmetricCipher::Aes128,
    }
}

impl Messaging {
    /// Takes KSenc.
    #[must_use]
    pub fn new(generation: Generation, ks_enc: Zeroizing<Vec<u8>>) -> Self {
        Self { cipher: cipher(generation), ks_enc, counted: None }
    }

    pub(super) fn counted(ks_enc: Zeroizing<Vec<u8>>, counted: Counted) -> Self {
        Self { cipher: SymmetricCipher::Aes128, ks_enc, counted: Some(counted) }
    }

    /// VERIFY with the card number: `08200086 13 861101` and sixteen bytes.
    ///
    /// # Errors
    /// A key of the wrong length.
    pub fn verify(&mut self, number: &CardNumber) -> Result<CommandApdu, ChannelFault> {
        // Twelve characters are padded to sixteen bytes under both ciphers.
        let padded = Zeroizing::new(pad(number.expose().as_bytes(), 16));
        let iv = self.next_iv()?;
        let cryptogram = cbc_encrypt(self.cipher, &self.ks_enc, &iv, &padded).map_err(|_| ChannelFault::Malformed)?;
        let data = apdu::tlv::encode(DO_86, &[&[PADDED], cryptogram.as_slice()].concat());
        Ok(CommandApdu::new(SECURED, 0x20, 0x00, 0x86).with_data(data))
    }

    /// READ BINARY at P1 P2, asking for `ne` plain bytes (DO'96'), in the extended form or in a short one.
    #[must_use]
    pub fn read_command(&self, p1: u8, p2: u8, ne: u32, extended: bool) -> CommandApdu {
        // 0000 asks for everything.
        let [.., high, low] = ne.to_be_bytes();
        let command = CommandApdu::new(SECURED, 0xB0, p1, p2).with_data([0x96, 0x02, high, low]);
        if extended { command.in_extended_form().with_ne(0x1_0000) } else { command.with_ne(256) }
    }

    /// Plain bytes a short response carries: 256 less header, indicator and padding.
    pub(super) fn short_limit(&self) -> u32 {
        match self.cipher {
            SymmetricCipher::TripleDes => 247,
            SymmetricCipher::Aes128 | SymmetricCipher::Aes192 | SymmetricCipher::Aes256 => 239,
        }
    }

    /// Decrypts a response to [`Messaging::read_command`].
    ///
    /// # Errors
    /// `Stripped` for a response without DO'86', `Malformed` for one that does not decrypt; there is no code to verify.
    pub fn open(&mut self, response: &ResponseApdu) -> Result<Vec<u8>, ChannelFault> {
        let mut reader = Reader::ber(&response.data);
        if reader.peek_tag() != Some(DO_86) {
            return Err(ChannelFault::Stripped);
        }
        let object = reader.expect(DO_86).map_err(|_| ChannelFault::Malformed)?;
        let cryptogram = object.value.strip_prefix(&[PADDED]).ok_or(ChannelFault::Malformed)?;
        match &mut self.counted {
            Some(counted) => counted.check(&self.ks_enc, object.whole, reader.rest())?,
            None => reader.finish().map_err(|_| ChannelFault::Malformed)?,
        }
        let iv = self.next_iv()?;
        let padded = Zeroizing::new(
            cbc_decrypt(self.cipher, &self.ks_enc, &iv, cryptogram).map_err(|_| ChannelFault::Malformed)?,
        );
        Ok(unpad(&padded, self.cipher.block_len()).map_err(|_| ChannelFault::Malformed)?.to_vec())
    }

    fn next_iv(&mut self) -> Result<Vec<u8>, ChannelFault> {
        match &mut self.counted {
            Some(counted) => counted.next_iv(&self.ks_enc),
            None => Ok(ZERO_IV.get(..self.cipher.block_len()).unwrap_or_default().to_vec()),
        }
    }
}
