//! Having the card prove a private key: PERFORM SECURITY OPERATION over a challenge drawn by this terminal.

use apdu::{Card, CommandApdu, StatusWord, TransportError, transmit_whole};
use chip_crypto::hash::{HashAlgorithm, digest};
use chip_crypto::signature::{PublicKey, SignatureError, SignatureScheme, verify};
use serde::{Deserialize, Serialize};

use super::layout::CardKey;
use super::reading;

const PERFORM_SECURITY_OPERATION: u8 = 0x2A;
/// DigestInfo of SHA-256 up to the digest (RFC 8017, 9.2, note 1): the card adds the padding itself.
const DIGEST_INFO: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

/// What came of asking for a proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyProof {
    /// The card signed something.
    Signed(KeyTranscript),
    /// The card refused with this status word.
    Refused(StatusWord),
}

/// A challenge drawn for this reading, and the card's answer to it, whatever it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyTranscript {
    /// Random; the card signs its SHA-256.
    pub challenge: [u8; 32],
    /// The answer.
    pub response: Vec<u8>,
}

impl KeyTranscript {
    /// Verifies that this key signed this challenge. Says nothing about whose key it is.
    ///
    /// # Errors
    /// Why the answer is no such signature.
    pub fn verify(&self, key: &PublicKey) -> Result<(), SignatureError> {
        verify(key, &SignatureScheme::RsaPkcs1(HashAlgorithm::Sha256), &self.challenge, &self.response)
    }
}

impl std::fmt::Debug for KeyTranscript {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyTranscript({} bytes)", self.response.len())
    }
}

/// Asks for a signature over the challenge with a key of the selected application.
pub(super) fn run<C: Card>(card: &mut C, key: CardKey, challenge: [u8; 32]) -> Result<KeyProof, TransportError> {
    let selected = reading::select_file(card, key.id())?;
    if !selected.is_ok() {
        return Ok(KeyProof::Refused(selected));
    }
    let info = [&DIGEST_INFO[..], &digest(HashAlgorithm::Sha256, &[&challenge])].concat();
    let command =
        CommandApdu::new(0x80, PERFORM_SECURITY_OPERATION, 0x00, key.operation_p2()).with_data(info).with_ne(256);
    let response = transmit_whole(card, &command)?;
    Ok(if response.status.is_ok() {
        KeyProof::Signed(KeyTranscript { challenge, response: response.data })
    } else {
        KeyProof::Refused(response.status)
    })
}
