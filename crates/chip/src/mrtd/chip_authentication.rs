//! Chip Authentication over elliptic curves (Doc 9303-11, 6.2): the chip proves its key by using the keys agreed with it.

use apdu::tlv::{Tag, TlvError, encode};
use apdu::{Card, ChannelFault, CommandApdu, ResponseApdu, StatusWord, TransportError, transmit_whole};
use chip_crypto::curve::{CurveError, Point, PrivateScalar, diffie_hellman};
use chip_crypto::random::SecureRandom;

use super::dg14;
use super::evidence::{ChipAuthOutcome, ChipAuthTranscript, KeySwitch};
use super::public_key::PublicKeyError;
use super::secure_messaging::SecureMessaging;
use super::secured::Secured;
use super::security_info::{ChipAuthenticationPublicKeyInfo, KeyAgreement, PaceCipher, SecurityInfos};

/// Why a transcript proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChipAuthError {
    /// DG14 is malformed.
    #[error("DG14 is malformed: {0}")]
    Dg14(#[from] TlvError),
    /// DG14 holds no key of this name.
    #[error("DG14 holds no such key")]
    NoKey,
    /// The key in DG14 is no valid point of a known curve.
    #[error("the key in DG14 is invalid: {0}")]
    Key(#[from] PublicKeyError),
    /// The recorded private key is unusable.
    #[error(transparent)]
    Curve(#[from] CurveError),
    /// The recorded bytes are no APDUs.
    #[error("the recorded exchange is malformed")]
    Transcript,
    /// The recorded command was not made with the keys this transcript leads to.
    #[error("the recorded command belongs to other keys")]
    CommandMismatch,
    /// The chip's response does not verify: it does not have the private key.
    #[error("the chip did not use the agreed keys ({0})")]
    Channel(ChannelFault),
    /// The chip refused the protocol.
    #[error("the chip refused with {0}")]
    Refused(StatusWord),
    /// DG14 offers only variants that are not run here.
    #[error("the variant is not supported")]
    NotSupported,
}

/// Recomputes a transcript from DG14 alone: the keys agreed, the command we sent, the MAC of the chip's response.
///
/// Says nothing about whose key DG14 holds: that is passive authentication's part.
///
/// # Errors
/// See [`ChipAuthError`].
pub fn verify(dg14: &[u8], transcript: &ChipAuthTranscript) -> Result<(), ChipAuthError> {
    let switch = match &transcript.outcome {
        ChipAuthOutcome::Switched(switch) => switch,
        ChipAuthOutcome::Refused(status) => return Err(ChipAuthError::Refused(*status)),
        ChipAuthOutcome::NotSwitched(fault) => return Err(ChipAuthError::Channel(*fault)),
        ChipAuthOutcome::KeyInvalid | ChipAuthOutcome::NotSupported => {
            let key =
                key_with_id(&dg14::parse(dg14)?, transcript.key_id.as_deref()).ok_or(ChipAuthError::NoKey)?.point();
            return Err(key.err().map_or(ChipAuthError::NotSupported, ChipAuthError::Key));
        }
    };
    let infos = dg14::parse(dg14)?;
    let chip_public = key_with_id(&infos, transcript.key_id.as_deref()).ok_or(ChipAuthError::NoKey)?.point()?;
    let private = PrivateScalar::from_bytes(chip_public.curve(), &switch.ephemeral_private)?;
    let mut messaging = agreed_messaging(transcript.cipher, &private, &chip_public)?;
    let command = messaging
        .protect(&first_command())
        .and_then(|command| command.encode().map_err(|_| chip_crypto::block::CipherError::NotWholeBlocks));
    if command.as_deref() != Ok(switch.command.as_slice()) {
        return Err(ChipAuthError::CommandMismatch);
    }
    let response = ResponseApdu::parse(&switch.response).ok_or(ChipAuthError::Transcript)?;
    messaging.unprotect(&response).map_err(ChipAuthError::Channel)?;
    Ok(())
}

/// A variant and the key for it.
struct Choice<'a> {
    cipher: PaceCipher,
    key: &'a ChipAuthenticationPublicKeyInfo,
}

/// Runs the protocol; on success the channel goes on under the new keys. `None` when DG14 offers no Chip Authentication.
///
/// # Errors
/// The transport's. A chip that cannot do it is an outcome.
pub fn run<C: Card>(
    channel: &mut Secured<C>,
    infos: &SecurityInfos,
    rng: &mut dyn SecureRandom,
) -> Result<Option<ChipAuthTranscript>, TransportError> {
    let Some(Choice { cipher, key }) = choose(infos) else {
        return Ok(None);
    };
    let transcript = |outcome| Ok(Some(ChipAuthTranscript { key_id: key.key_id.clone(), cipher, outcome }));
    if key.agreement == KeyAgreement::Dh {
        return transcript(ChipAuthOutcome::NotSupported);
    }
    let chip_public = match key.point() {
        Ok(point) => point,
        Err(PublicKeyError::Algorithm) => return transcript(ChipAuthOutcome::NotSupported),
        Err(_) => return transcript(ChipAuthOutcome::KeyInvalid),
    };
    let agreed = PrivateScalar::generate(chip_public.curve(), rng)
        .and_then(|private| agreed_messaging(cipher, &private, &chip_public).map(|messaging| (private, messaging)));
    let Ok((private, messaging)) = agreed else {
        return transcript(ChipAuthOutcome::KeyInvalid);
    };
    let public = private.public();
    let reference = KeyReference { value: key.key_id.as_deref(), only_key: infos.chip_keys.len() == 1 };
    let refused = match cipher {
        PaceCipher::TripleDes => set_template(channel, 0xA6, &encode(Tag(0x91), public.as_uncompressed()), &reference),
        PaceCipher::Aes128 | PaceCipher::Aes192 | PaceCipher::Aes256 => {
            general_authenticate(channel, cipher, &public, &reference)
        }
    };
    match refused {
        Ok(None) => {}
        Ok(Some(status)) => return transcript(ChipAuthOutcome::Refused(status)),
        Err(TransportError::Channel(ChannelFault::RefusedByCard(status))) => {
            return transcript(ChipAuthOutcome::Refused(StatusWord(status)));
        }
        Err(error) => return Err(error),
    }
    transcript(switch_keys(channel, messaging, &private)?)
}

/// The strongest cipher of a supported group; a key without a `ChipAuthenticationInfo` is for 3DES (Doc 9303-11, 9.2.6).
fn choose(infos: &SecurityInfos) -> Option<Choice<'_>> {
    let announced = infos.chip_authentication.iter().filter_map(|info| {
        let fits = |key: &&ChipAuthenticationPublicKeyInfo| {
            key.agreement == info.agreement && (info.key_id.is_none() || key.key_id == info.key_id)
        };
        infos.chip_keys.iter().find(fits).map(|key| Choice { cipher: info.cipher, key })
    });
    let preference = |choice: &Choice<'_>| (choice.key.agreement == KeyAgreement::Ecdh, choice.cipher);
    announced
        .max_by_key(preference)
        .or_else(|| infos.chip_keys.first().map(|key| Choice { cipher: PaceCipher::TripleDes, key }))
}

fn key_with_id<'a>(infos: &'a SecurityInfos, key_id: Option<&[u8]>) -> Option<&'a ChipAuthenticationPublicKeyInfo> {
    let ecdh_first = infos.chip_keys.iter().filter(|key| key.agreement == KeyAgreement::Ecdh).chain(&infos.chip_keys);
    ecdh_first.into_iter().find(|key| key.key_id.as_deref() == key_id)
}

fn agreed_messaging(
    cipher: PaceCipher,
    private: &PrivateScalar,
    chip_public: &Point,
) -> Result<SecureMessaging, CurveError> {
    let shared = diffie_hellman(private, chip_public)?;
    Ok(SecureMessaging::from_shared_secret(cipher.symmetric(), &shared, 0))
}

/// Which of the chip's keys is meant (Doc 9303-11, 6.2.4).
struct KeyReference<'a> {
    value: Option<&'a [u8]>,
    only_key: bool,
}

/// MSE:Set KAT (`A6`) or MSE:Set AT (`A4`). Returns the refusing status word, if any.
fn set_template<C: Card>(
    card: &mut C,
    p2: u8,
    object: &[u8],
    reference: &KeyReference<'_>,
) -> Result<Option<StatusWord>, TransportError> {
    let named = reference.value.map(|id| [object, &encode(Tag(0x84), unsigned(id))].concat());
    let forms = match named {
        None => vec![object.to_vec()],
        // Some chips want even their only key named, some refuse to hear its name.
        Some(named) if reference.only_key => vec![named, object.to_vec()],
        Some(named) => vec![named],
    };
    let mut refusal = None;
    for form in forms {
        let status = transmit_whole(card, &CommandApdu::new(0x00, 0x22, 0x41, p2).with_data(form))?.status;
        match status.0 {
            0x9000 => return Ok(None),
            0x6A80 | 0x6A88 => refusal = Some(status),
            _ => return Ok(Some(status)),
        }
    }
    Ok(refusal)
}

/// MSE:Set AT, then GENERAL AUTHENTICATE (Doc 9303-11, 6.2.4.2). Returns the refusing status word, if any.
fn general_authenticate<C: Card>(
    card: &mut C,
    cipher: PaceCipher,
    public: &Point,
    reference: &KeyReference<'_>,
) -> Result<Option<StatusWord>, TransportError> {
    // id-CA-ECDH-…, 0.4.0.127.0.7.2.2.3.2.x.
    let oid = [0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x03, 0x02, cipher.arc()];
    if let Some(status) = set_template(card, 0xA4, &encode(Tag(0x80), &oid), reference)? {
        return Ok(Some(status));
    }
    let data = encode(Tag(0x7C), &encode(Tag(0x80), public.as_uncompressed()));
    let response = transmit_whole(card, &CommandApdu::new(0x00, 0x86, 0x00, 0x00).with_data(data).with_ne(256))?;
    Ok((!response.status.is_ok()).then_some(response.status))
}

/// An INTEGER's octets without the zero that keeps it positive.
fn unsigned(integer: &[u8]) -> &[u8] {
    match integer {
        [0, rest @ ..] if !rest.is_empty() => rest,
        all => all,
    }
}

/// First command under the new keys: SELECT DG14, which is there. Whatever the answer says, its MAC proves the keys.
fn first_command() -> CommandApdu {
    CommandApdu::new(0x00, 0xA4, 0x02, 0x0C).with_data([0x01, 0x0E])
}

fn switch_keys<C: Card>(
    channel: &mut Secured<C>,
    mut messaging: SecureMessaging,
    private: &PrivateScalar,
) -> Result<ChipAuthOutcome, TransportError> {
    let command = messaging.protect(&first_command()).map_err(|_| TransportError::CommandNotEncodable)?;
    let response = match transmit_whole(channel.inner_mut(), &command) {
        Ok(response) => response,
        Err(error) => {
            channel.poison();
            return Err(error);
        }
    };
    match messaging.unprotect(&response) {
        Ok(_) => {
            channel.rekey(messaging);
            Ok(ChipAuthOutcome::Switched(KeySwitch {
                ephemeral_private: private.to_bytes().to_vec(),
                command: command.encode().map_err(|_| TransportError::CommandNotEncodable)?,
                response: response.encode(),
            }))
        }
        Err(fault) => {
            channel.poison();
            Ok(ChipAuthOutcome::NotSwitched(fault))
        }
    }
}
