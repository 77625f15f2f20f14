//! Active Authentication (Doc 9303-11, 6.1): the chip signs a challenge drawn by this terminal.

use apdu::tlv::TlvError;
use apdu::{Card, CommandApdu, StatusWord, TransportError, transmit_whole};
use chip_crypto::signature::{PublicKey, SignatureError, SignatureScheme, iso9796_2, verify as verify_signature};

use super::evidence::ActiveTranscript;
use super::public_key::PublicKeyError;
use super::{dg14, dg15};

/// Why a transcript proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ActiveAuthError {
    /// DG15 holds no usable key.
    #[error(transparent)]
    Key(#[from] PublicKeyError),
    /// DG14 is malformed.
    #[error("DG14 is malformed: {0}")]
    Dg14(#[from] TlvError),
    /// The key is an EC key and DG14 names no hash for it.
    #[error("DG14 names no hash for Active Authentication")]
    HashUnknown,
    /// The response is no signature over the challenge by this key.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

/// Verifies what a chip answered. Says nothing about whose key DG15 holds: that is passive authentication's part.
///
/// # Errors
/// See [`ActiveAuthError`].
pub fn verify(dg15: &[u8], dg14: Option<&[u8]>, transcript: &ActiveTranscript) -> Result<(), ActiveAuthError> {
    let key = dg15::parse(dg15)?;
    match &key {
        PublicKey::Rsa(_) => {
            iso9796_2::recover_and_verify(&key, &transcript.response, &transcript.challenge)?;
            Ok(())
        }
        PublicKey::Ec(point) => {
            let info = dg14.map(dg14::parse).transpose()?.and_then(|infos| infos.active_authentication);
            // Doc 9303-11, 9.2.4: the hash is named there; guessing it from the curve refuses genuine chips.
            let hash = info.and_then(|info| info.hash).ok_or(ActiveAuthError::HashUnknown)?;
            let plain = transcript.response.len() == 2 * point.curve().field_len();
            let scheme = if plain { SignatureScheme::EcdsaPlain(hash) } else { SignatureScheme::Ecdsa(hash) };
            Ok(verify_signature(&key, &scheme, &transcript.challenge, &transcript.response)?)
        }
    }
}

/// Length of the signature a chip with this key returns.
fn signature_length(key: &PublicKey) -> usize {
    match key {
        PublicKey::Rsa(rsa) => rsa.modulus().len(),
        // DER adds at most nine bytes to r and s.
        PublicKey::Ec(point) => 2 * point.curve().field_len() + 9,
    }
}

/// Has the chip sign: in one short response when it fits, else with extended length fields, else whatever the card does.
/// The inner result is the chip's refusal.
///
/// # Errors
/// The transport's.
pub fn run<C: Card>(
    card: &mut C,
    dg15: &[u8],
    challenge: [u8; 8],
    short_limit: u32,
) -> Result<Result<ActiveTranscript, StatusWord>, TransportError> {
    let length = dg15::parse(dg15).map_or(0, |key| signature_length(&key));
    let command = CommandApdu::new(0x00, 0x88, 0x00, 0x00).with_data(challenge);
    let short = command.clone().with_ne(256);
    let extended = command.with_ne(0x1_0000).in_extended_form();
    let forms = if length > short_limit as usize { [extended, short] } else { [short, extended] };
    let mut refusal = StatusWord::INS_NOT_SUPPORTED;
    for form in forms {
        let response = transmit_whole(card, &form)?;
        match response.status.0 {
            0x9000 => return Ok(Ok(ActiveTranscript { challenge, response: response.data })),
            // A form of length fields the card does not take.
            0x6700 | 0x6B00 | 0x6F00 | 0x6883 | 0x6884 => refusal = response.status,
            _ => return Ok(Err(response.status)),
        }
    }
    Ok(Err(refusal))
}
