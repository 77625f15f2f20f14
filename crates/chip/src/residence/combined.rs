//! The combined card (特定在留カード, 特定特別永住者証明書): residence data on the chip of a My Number card.
//!
//! **Not verified.** One source describes it and was not tried on a card; what it leaves open stands in [`Assumptions`]. The
//! agency publishes the transport key; it is imported, never built in.

use apdu::tlv::{Reader, Tag};
use apdu::{Card, ChannelFault, CommandApdu, StatusWord, TransportError, transmit_whole};
use chip_crypto::block::{SymmetricCipher, ecb_encrypt_block};
use chip_crypto::hash::{HashAlgorithm, digest};
use chip_crypto::mac;
use chip_crypto::oaep;
use chip_crypto::random::{RandomError, SecureRandom};
use chip_crypto::signature::{PublicKey, RsaPublicKey};
use zeroize::Zeroizing;

use super::assumptions::{Assumptions, CounterIv, OaepHash};
use super::messaging::Messaging;
use crate::mrtd::public_key::parse_subject_public_key_info;

/// What the file of the production key begins and ends with, by SHA-256 (keys_smrsapub_001.bin). One source.
const PRODUCTION: (&[u8], &[u8]) = (&[0x98, 0xBF, 0x70, 0x14], &[0x4D, 0x0A]);

/// The agency's public key for session keys.
#[derive(Clone, Debug)]
pub struct TransportKey {
    key: RsaPublicKey,
    /// Whether the imported file has the digest of the production key, as far as it is known here.
    pub is_production: bool,
}

/// Why no session key was agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionKeyError {
    /// No transport key has been imported.
    #[error("the transport key of the agency has not been imported")]
    NoTransportKey,
    /// The file is no RSA-2048 key.
    #[error("the file holds no RSA-2048 public key")]
    NotAKey,
    /// The key could not encrypt.
    #[error("the session key could not be encrypted")]
    Encrypt,
    /// The card refuses.
    #[error("the card refuses SET SESSION KEY with {0}")]
    Refused(StatusWord),
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// No response.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

impl TransportKey {
    /// Reads the published file: a SubjectPublicKeyInfo, or the modulus alone with exponent 65537. Which of them it is, is not
    /// known here.
    ///
    /// # Errors
    /// [`SessionKeyError::NotAKey`].
    pub fn import(file: &[u8]) -> Result<Self, SessionKeyError> {
        let key = if file.len() == 256 {
            PublicKey::rsa(file, &[1, 0, 1]).map_err(|_| SessionKeyError::NotAKey)?
        } else {
            parse_subject_public_key_info(file).map_err(|_| SessionKeyError::NotAKey)?
        };
        let PublicKey::Rsa(key) = key else { return Err(SessionKeyError::NotAKey) };
        if key.bits() != 2048 {
            return Err(SessionKeyError::NotAKey);
        }
        let hash = digest(HashAlgorithm::Sha256, &[file]);
        Ok(Self { key, is_production: hash.starts_with(PRODUCTION.0) && hash.ends_with(PRODUCTION.1) })
    }
}

/// SET SESSION KEY: draws a key and gives it to the card under the transport key.
pub(super) fn set_session_key<C: Card>(
    card: &mut C,
    transport: Option<&TransportKey>,
    assumptions: &Assumptions,
    rng: &mut dyn SecureRandom,
) -> Result<Messaging, SessionKeyError> {
    let transport = transport.ok_or(SessionKeyError::NoTransportKey)?;
    let mut key = Zeroizing::new(vec![0; 16]);
    rng.fill(&mut key)?;
    let hash = match assumptions.oaep_hash {
        OaepHash::Sha1 => HashAlgorithm::Sha1,
        OaepHash::Sha256 => HashAlgorithm::Sha256,
    };
    let cryptogram = oaep::encrypt(&transport.key, hash, &key, rng).map_err(|_| SessionKeyError::Encrypt)?;
    let (p1, p2) = assumptions.session_key_parameters;
    let response = transmit_whole(card, &CommandApdu::new(0x80, 0xAE, p1, p2).with_data(cryptogram))?;
    if !response.status.is_ok() {
        return Err(SessionKeyError::Refused(response.status));
    }
    Ok(Messaging::counted(key, Counted::new(assumptions)))
}

/// The message counter of the combined card.
#[derive(Debug)]
pub(super) struct Counted {
    next: u128,
    iv: CounterIv,
    response_mac: bool,
}

impl Counted {
    fn new(assumptions: &Assumptions) -> Self {
        Self {
            next: assumptions.first_counter,
            iv: assumptions.counter_iv,
            response_mac: assumptions.combined_response_mac,
        }
    }

    pub(super) fn next_iv(&mut self, key: &[u8]) -> Result<Vec<u8>, ChannelFault> {
        let counter = self.next.to_be_bytes();
        self.next = self.next.wrapping_add(1);
        match self.iv {
            CounterIv::Plain => Ok(counter.to_vec()),
            CounterIv::Encrypted => {
                ecb_encrypt_block(SymmetricCipher::Aes128, key, &counter).map_err(|_| ChannelFault::Malformed)
            }
        }
    }

    /// Verifies what follows the cryptogram of a response.
    pub(super) fn check(&self, key: &[u8], cryptogram: &[u8], rest: &[u8]) -> Result<(), ChannelFault> {
        if !self.response_mac {
            return if rest.is_empty() { Ok(()) } else { Err(ChannelFault::Malformed) };
        }
        let mut reader = Reader::ber(rest);
        let code = reader.expect(Tag(0x8E)).map_err(|_| ChannelFault::Stripped)?.value;
        reader.finish().map_err(|_| ChannelFault::Malformed)?;
        let message = [&self.next.to_be_bytes(), cryptogram].concat();
        let expected = mac::aes_cmac(key, &message).map_err(|_| ChannelFault::Malformed)?;
        let expected = expected.get(..8).unwrap_or_default();
        if mac::equal(expected, code) { Ok(()) } else { Err(ChannelFault::MacInvalid) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transport_key_is_an_rsa_2048_key_and_a_test_key_says_so() {
        let mut modulus = [0x5A; 256];
        modulus[0] = 0xC1;
        modulus[255] = 0x01;
        let key = TransportKey::import(&modulus).unwrap();
        assert!(!key.is_production);
        for wrong in [&modulus[..128], &[], b"-----BEGIN PUBLIC KEY-----"] {
            assert_eq!(TransportKey::import(wrong).err(), Some(SessionKeyError::NotAKey));
        }
    }
}
