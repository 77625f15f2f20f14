//! Chip Authentication (Doc 9303-11, 6.2) over elliptic curves and integers modulo p: the chip proves its key by using the keys agreed with it.

use apdu::tlv::{Tag, TlvError, encode};
use apdu::{Card, ChannelFault, CommandApdu, ResponseApdu, StatusWord, TransportError, transmit_whole};
use chip_crypto::curve::{PrivateScalar, diffie_hellman};
use chip_crypto::modp::DhPrivate;
use chip_crypto::random::SecureRandom;
use zeroize::Zeroizing;

use super::dg14;
use super::evidence::{ChipAuthOutcome, ChipAuthTranscript, KeySwitch};
use super::pace_group::GroupError;
use super::public_key::{AgreementKey, PublicKeyError};
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
    /// The key in DG14 is no valid element of a known group.
    #[error("the key in DG14 is invalid: {0}")]
    Key(#[from] PublicKeyError),
    /// The recorded private key is unusable.
    #[error(transparent)]
    Group(#[from] GroupError),
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
    let infos = dg14::parse(dg14)?;
    let key = || -> Result<AgreementKey, ChipAuthError> {
        let info = key_of(&infos, transcript.agreement, transcript.key_id.as_deref()).ok_or(ChipAuthError::NoKey)?;
        Ok(info.key()?)
    };
    let switch = match &transcript.outcome {
        ChipAuthOutcome::Switched(switch) => switch,
        ChipAuthOutcome::Refused(status) => return Err(ChipAuthError::Refused(*status)),
        ChipAuthOutcome::NotSwitched(fault) => return Err(ChipAuthError::Channel(*fault)),
        ChipAuthOutcome::KeyInvalid | ChipAuthOutcome::NotSupported => {
            return Err(key().err().unwrap_or(ChipAuthError::NotSupported));
        }
    };
    let ephemeral = Ephemeral::from_bytes(&key()?, &switch.ephemeral_private)?;
    let mut messaging = ephemeral.agreed_messaging(transcript.cipher);
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
    info: &'a ChipAuthenticationPublicKeyInfo,
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
    let Some(Choice { cipher, info }) = choose(infos) else {
        return Ok(None);
    };
    let transcript = |outcome| {
        Ok(Some(ChipAuthTranscript { agreement: info.agreement, key_id: info.key_id.clone(), cipher, outcome }))
    };
    let key = match info.key() {
        Ok(key) => key,
        Err(PublicKeyError::Algorithm) => return transcript(ChipAuthOutcome::NotSupported),
        Err(_) => return transcript(ChipAuthOutcome::KeyInvalid),
    };
    let Ok(ephemeral) = Ephemeral::generate(&key, rng) else {
        return transcript(ChipAuthOutcome::KeyInvalid);
    };
    let reference = KeyReference { value: info.key_id.as_deref(), only_key: infos.chip_keys.len() == 1 };
    let refused = match cipher {
        PaceCipher::TripleDes => set_template(channel, 0xA6, &encode(Tag(0x91), &ephemeral.public), &reference),
        PaceCipher::Aes128 | PaceCipher::Aes192 | PaceCipher::Aes256 => {
            general_authenticate(channel, info.agreement, cipher, &ephemeral.public, &reference)
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
    transcript(switch_keys(channel, ephemeral.agreed_messaging(cipher), &ephemeral.private)?)
}

/// Elliptic curves before integers, then the strongest cipher, then the longest key. Keys without a `ChipAuthenticationInfo` are for
/// 3DES: documents from before that structure have only the key (BSI TR-03110-3, A.1.1.2).
fn choose(infos: &SecurityInfos) -> Option<Choice<'_>> {
    let announced = infos.chip_authentication.iter().filter_map(|announced| {
        let fits = |key: &&ChipAuthenticationPublicKeyInfo| {
            key.agreement == announced.agreement && (announced.key_id.is_none() || key.key_id == announced.key_id)
        };
        infos.chip_keys.iter().find(fits).map(|info| Choice { cipher: announced.cipher, info })
    });
    let inferred = infos.chip_keys.iter().map(|info| Choice { cipher: PaceCipher::TripleDes, info });
    let preference = |choice: &Choice<'_>| (choice.info.agreement, choice.cipher, choice.info.encoded().len());
    announced.max_by_key(preference).or_else(|| inferred.max_by_key(preference))
}

fn key_of<'a>(
    infos: &'a SecurityInfos,
    agreement: KeyAgreement,
    key_id: Option<&[u8]>,
) -> Option<&'a ChipAuthenticationPublicKeyInfo> {
    infos.chip_keys.iter().find(|key| key.agreement == agreement && key.key_id.as_deref() == key_id)
}

/// Our key pair of one run and what it agrees on with the chip's static key.
struct Ephemeral {
    private: Zeroizing<Vec<u8>>,
    /// As it is sent: a point, or an unsigned integer (Doc 9303-11, 6.2.4.3).
    public: Vec<u8>,
    shared: Zeroizing<Vec<u8>>,
}

impl Ephemeral {
    fn generate(key: &AgreementKey, rng: &mut dyn SecureRandom) -> Result<Self, GroupError> {
        let private = match key {
            AgreementKey::Ec(point) => PrivateScalar::generate(point.curve(), rng)?.to_bytes(),
            AgreementKey::Dh(public) => DhPrivate::generate(public.parameters(), rng)?.to_bytes(),
        };
        Self::from_bytes(key, &private)
    }

    fn from_bytes(key: &AgreementKey, private: &[u8]) -> Result<Self, GroupError> {
        let (public, shared) = match key {
            AgreementKey::Ec(point) => {
                let private = PrivateScalar::from_bytes(point.curve(), private)?;
                (private.public().to_uncompressed(), diffie_hellman(&private, point)?)
            }
            AgreementKey::Dh(theirs) => {
                let private = DhPrivate::from_bytes(theirs.parameters(), private)?;
                (private.public(theirs.parameters())?.to_bytes(), theirs.agree(&private)?)
            }
        };
        Ok(Self { private: Zeroizing::new(private.to_vec()), public, shared })
    }

    fn agreed_messaging(&self, cipher: PaceCipher) -> SecureMessaging {
        SecureMessaging::from_shared_secret(cipher.symmetric(), &self.shared, 0)
    }
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
    agreement: KeyAgreement,
    cipher: PaceCipher,
    public: &[u8],
    reference: &KeyReference<'_>,
) -> Result<Option<StatusWord>, TransportError> {
    // id-CA-DH-… and id-CA-ECDH-…, 0.4.0.127.0.7.2.2.3.1.x and .2.x.
    let oid = [0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x03, agreement.arc(), cipher.arc()];
    if let Some(status) = set_template(card, 0xA4, &encode(Tag(0x80), &oid), reference)? {
        return Ok(Some(status));
    }
    let data = encode(Tag(0x7C), &encode(Tag(0x80), public));
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
    ephemeral_private: &[u8],
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
                ephemeral_private: ephemeral_private.to_vec(),
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
