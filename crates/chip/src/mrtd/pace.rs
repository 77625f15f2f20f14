//! Password Authenticated Connection Establishment (Doc 9303-11, 4.4): generic, integrated and chip authentication mapping over
//! elliptic curves and integers modulo p.

use apdu::tlv::{Reader, Tag, TlvError, encode};
use apdu::{Card, CommandApdu, StatusWord, TransportError, transmit_whole};
use chip_crypto::block::{CipherError, cbc_decrypt};
use chip_crypto::curve::CurveError;
use chip_crypto::kdf::{COUNTER_ENC, COUNTER_MAC, COUNTER_PASSWORD, derive_key};
use chip_crypto::mac;
use chip_crypto::modp::ModpError;
use chip_crypto::random::{RandomError, SecureRandom};
use zeroize::Zeroizing;

use super::access_key::AccessKey;
use super::pace_cam::PaceCamTranscript;
use super::pace_group::{Generator, GroupError, PaceGroup, Private, Public};
use super::secure_messaging::{SecureMessaging, authentication_token};
use super::secured::Secured;
use super::security_info::{PaceCipher, PaceInfo, PaceMapping};

const DYNAMIC_AUTHENTICATION_DATA: Tag = Tag(0x7C);
const PUBLIC_KEY: Tag = Tag(0x7F49);
const ENCRYPTED_NONCE: Tag = Tag(0x80);
const MAPPING_DATA: (Tag, Tag) = (Tag(0x81), Tag(0x82));
const EPHEMERAL_PUBLIC_KEY: (Tag, Tag) = (Tag(0x83), Tag(0x84));
const AUTHENTICATION_TOKEN: (Tag, Tag) = (Tag(0x85), Tag(0x86));
const ENCRYPTED_CHIP_AUTHENTICATION_DATA: Tag = Tag(0x8A);

/// Where in the protocol something happened (Doc 9303-11, 4.4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaceStep {
    /// MSE:Set AT.
    SetAuthenticationTemplate,
    /// GENERAL AUTHENTICATE, encrypted nonce.
    EncryptedNonce,
    /// GENERAL AUTHENTICATE, map nonce.
    MapNonce,
    /// GENERAL AUTHENTICATE, perform key agreement.
    KeyAgreement,
    /// GENERAL AUTHENTICATE, mutual authentication.
    MutualAuthentication,
}

/// Why PACE failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PaceError {
    /// The chip does not accept our token: the password is of another document.
    #[error("the password does not open this chip ({0})")]
    WrongKey(StatusWord),
    /// The chip refuses a step.
    #[error("the chip refuses PACE at {step:?} with {status}")]
    Refused {
        /// The step.
        step: PaceStep,
        /// What it answered.
        status: StatusWord,
    },
    /// This mapping is not defined for the group.
    #[error("the mapping is not supported")]
    MappingNotSupported,
    /// A response is malformed.
    #[error("a response at {step:?} is malformed: {source}")]
    Malformed {
        /// The step.
        step: PaceStep,
        /// What is wrong.
        source: TlvError,
    },
    /// The nonce has an impossible length.
    #[error("the encrypted nonce has an impossible length")]
    NonceLength,
    /// Unknown domain parameters, or a point off the curve.
    #[error(transparent)]
    Curve(#[from] CurveError),
    /// Unknown domain parameters, or a number outside the group.
    #[error(transparent)]
    Modp(#[from] ModpError),
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The chip sent our own public key back.
    #[error("the chip sent our own public key back")]
    KeyReflected,
    /// The chip's token is wrong: it does not know the password.
    #[error("the chip's authentication token is wrong")]
    TokenInvalid,
    /// A cipher could not be computed.
    #[error(transparent)]
    Cipher(#[from] CipherError),
    /// No response.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

impl From<GroupError> for PaceError {
    fn from(error: GroupError) -> Self {
        match error {
            GroupError::Curve(error) => error.into(),
            GroupError::Modp(error) => error.into(),
        }
    }
}

/// A channel that PACE opened.
#[derive(Debug)]
pub struct PaceChannel<C> {
    /// The card behind secure messaging.
    pub channel: Secured<C>,
    /// What the chip proves with EF.CardSecurity, after chip authentication mapping.
    pub mapping: Option<PaceCamTranscript>,
}

/// Opens a chip whose master file is current.
///
/// # Errors
/// See [`PaceError`].
pub fn pace<C: Card>(
    mut card: C,
    info: &PaceInfo,
    key: &AccessKey,
    rng: &mut dyn SecureRandom,
) -> Result<PaceChannel<C>, PaceError> {
    let Agreed { messaging, mapping } = negotiate(&mut card, info, key, false, rng)?;
    Ok(PaceChannel { channel: Secured::new(card, messaging), mapping })
}

/// What a run leads to.
pub(super) struct Agreed {
    pub(super) messaging: SecureMessaging,
    pub(super) mapping: Option<PaceCamTranscript>,
}

/// `name_parameters`: the chip offers several domain parameters for this protocol.
pub(super) fn negotiate<C: Card>(
    card: &mut C,
    info: &PaceInfo,
    key: &AccessKey,
    name_parameters: bool,
    rng: &mut dyn SecureRandom,
) -> Result<Agreed, PaceError> {
    let group = info.group()?;
    if info.mapping == PaceMapping::Integrated && !group.has_integrated_mapping() {
        return Err(PaceError::MappingNotSupported);
    }
    set_authentication_template(card, info, key, name_parameters)?;
    let nonce = decrypted_nonce(card, info, key)?;
    let mapped = match info.mapping {
        PaceMapping::Generic | PaceMapping::ChipAuthentication => generic_mapping(card, group, &nonce, rng)?,
        PaceMapping::Integrated => integrated_mapping(card, group, info.cipher, &nonce, rng)?,
    };

    let own = group.generate(rng)?;
    let own_public = mapped.generator.public(&own)?;
    let theirs = exchange_keys(card, group, PaceStep::KeyAgreement, EPHEMERAL_PUBLIC_KEY, &own_public)?;
    let shared = own.agree(&theirs.key)?;
    let keys = SessionKeys::derive(info.cipher, &shared);

    let request = encode(AUTHENTICATION_TOKEN.0, &keys.token(info, group, &theirs.octets)?);
    let response = general_authenticate(card, group, PaceStep::MutualAuthentication, &request)?;
    let [token, data] = mutual_authentication(&response, info.mapping)?;
    if !mac::equal(&keys.token(info, group, own_public.encode())?, &token) {
        return Err(PaceError::TokenInvalid);
    }
    let mapping = match (info.mapping, mapped.keys) {
        (PaceMapping::ChipAuthentication, Some((private, chip_key))) => Some(PaceCamTranscript {
            parameter_id: info.parameter_id.unwrap_or_default(),
            cipher: info.cipher,
            nonce: nonce.to_vec(),
            mapping_private: private.to_bytes().to_vec(),
            mapping_response: chip_key,
            agreement_private: own.to_bytes().to_vec(),
            agreement_response: theirs.octets,
            token,
            encrypted_data: data,
        }),
        (PaceMapping::ChipAuthentication | PaceMapping::Generic | PaceMapping::Integrated, _) => None,
    };
    Ok(Agreed { messaging: SecureMessaging::new(info.cipher.symmetric(), keys.enc, keys.mac, 0), mapping })
}

/// KS_Enc and KS_MAC (Doc 9303-11, 9.7.1).
pub(super) struct SessionKeys {
    cipher: PaceCipher,
    pub(super) enc: Zeroizing<Vec<u8>>,
    mac: Zeroizing<Vec<u8>>,
}

impl SessionKeys {
    pub(super) fn derive(cipher: PaceCipher, shared: &[u8]) -> Self {
        let key = |counter| derive_key(cipher.symmetric(), shared, counter);
        Self { cipher, enc: key(COUNTER_ENC), mac: key(COUNTER_MAC) }
    }

    /// The token over the other side's public key, in a public key data object with its object identifier (Doc 9303-11, 4.4.3.4).
    pub(super) fn token(&self, info: &PaceInfo, group: PaceGroup, public: &[u8]) -> Result<[u8; 8], CipherError> {
        let content = [encode(Tag::OBJECT_IDENTIFIER, &info.oid()), encode(group.public_tag(), public)].concat();
        authentication_token(self.cipher.symmetric(), &self.mac, &encode(PUBLIC_KEY, &content))
    }
}

fn set_authentication_template<C: Card>(
    card: &mut C,
    info: &PaceInfo,
    key: &AccessKey,
    name_parameters: bool,
) -> Result<(), PaceError> {
    let base = [encode(Tag(0x80), &info.oid()), encode(Tag(0x83), &[key.pace_reference()])].concat();
    let parameters = info.parameter_id.map(|id| encode(Tag(0x84), &[id])).unwrap_or_default();
    let with_parameters = [base.as_slice(), &parameters].concat();
    // Some chips want the domain parameters named even when there is only one set, some refuse them.
    let forms = if name_parameters { [with_parameters, base] } else { [base, with_parameters] };
    let mut refusal = StatusWord::WRONG_PARAMETERS;
    for form in forms {
        let response = transmit_whole(card, &CommandApdu::new(0x00, 0x22, 0xC1, 0xA4).with_data(form))?;
        match response.status.0 {
            // 63Cx: the counter of a CAN is not full, the protocol goes on.
            0x9000 | 0x63C1..=0x63CF => return Ok(()),
            0x6A80 | 0x6A88 => refusal = response.status,
            _ => return Err(PaceError::Refused { step: PaceStep::SetAuthenticationTemplate, status: response.status }),
        }
    }
    Err(PaceError::Refused { step: PaceStep::SetAuthenticationTemplate, status: refusal })
}

fn decrypted_nonce<C: Card>(card: &mut C, info: &PaceInfo, key: &AccessKey) -> Result<Zeroizing<Vec<u8>>, PaceError> {
    let step = PaceStep::EncryptedNonce;
    let response = general_authenticate(card, info.group()?, step, &[])?;
    let z = data_object(&response, step, ENCRYPTED_NONCE)?;
    if !(16..=32).contains(&z.len()) {
        return Err(PaceError::NonceLength);
    }
    let cipher = info.cipher.symmetric();
    let k_pi = derive_key(cipher, &key.pace_password(), COUNTER_PASSWORD);
    let iv = vec![0; cipher.block_len()];
    Ok(Zeroizing::new(cbc_decrypt(cipher, &k_pi, &iv, &z)?))
}

/// An ephemeral generator, with our private and the chip's public key where keys were exchanged for it.
struct Mapped {
    generator: Generator,
    keys: Option<(Private, Vec<u8>)>,
}

fn generic_mapping<C: Card>(
    card: &mut C,
    group: PaceGroup,
    nonce: &[u8],
    rng: &mut dyn SecureRandom,
) -> Result<Mapped, PaceError> {
    let private = group.generate(rng)?;
    let theirs = exchange_keys(card, group, PaceStep::MapNonce, MAPPING_DATA, &private.public())?;
    let generator = group.map_generic(nonce, &private, &theirs.key)?;
    Ok(Mapped { generator, keys: Some((private, theirs.octets)) })
}

fn integrated_mapping<C: Card>(
    card: &mut C,
    group: PaceGroup,
    cipher: PaceCipher,
    nonce: &[u8],
    rng: &mut dyn SecureRandom,
) -> Result<Mapped, PaceError> {
    let cipher = cipher.symmetric();
    // Doc 9303-11, 4.4.3.3.2: t has the length of the cipher's key, which for AES-192 is not that of s.
    let mut t = vec![0; cipher.key_len()];
    rng.fill(&mut t)?;
    // The chip's mapping data are empty (4.4.5.2.1), and some leave the object out.
    general_authenticate(card, group, PaceStep::MapNonce, &encode(MAPPING_DATA.0, &t))?;
    Ok(Mapped { generator: group.map_integrated(cipher, nonce, &t)?, keys: None })
}

/// A public key of the chip's, read and as sent: the token is computed over what was sent.
struct ChipKey {
    key: Public,
    octets: Vec<u8>,
}

fn exchange_keys<C: Card>(
    card: &mut C,
    group: PaceGroup,
    step: PaceStep,
    tags: (Tag, Tag),
    own: &Public,
) -> Result<ChipKey, PaceError> {
    let response = general_authenticate(card, group, step, &encode(tags.0, own.encode()))?;
    let octets = data_object(&response, step, tags.1)?;
    let key = group.public(&octets)?;
    if key == *own {
        return Err(PaceError::KeyReflected);
    }
    Ok(ChipKey { key, octets })
}

fn general_authenticate<C: Card>(
    card: &mut C,
    group: PaceGroup,
    step: PaceStep,
    content: &[u8],
) -> Result<Vec<u8>, PaceError> {
    let last = step == PaceStep::MutualAuthentication;
    let cla = if last { 0x00 } else { 0x10 };
    let data = encode(DYNAMIC_AUTHENTICATION_DATA, content);
    // Keys of 2048 bits fit no short response; chaining is no way out, since PACE chains its own steps (4.4.4.2).
    let keys_are_long = group.public_len() > LONGEST_SHORT_KEY && step != PaceStep::EncryptedNonce && !last;
    let ne = if keys_are_long { 0x1_0000 } else { 256 };
    let response = transmit_whole(card, &CommandApdu::new(cla, 0x86, 0x00, 0x00).with_data(data).with_ne(ne))?;
    let status = response.status;
    if status.is_ok() {
        Ok(response.data)
    } else if last && (status.sw1() == 0x63 || matches!(status.0, 0x6982 | 0x6983 | 0x6984 | 0x6A80)) {
        Err(PaceError::WrongKey(status))
    } else {
        Err(PaceError::Refused { step, status })
    }
}

/// The one object wanted from dynamic authentication data; others, such as certification authority references, may follow.
fn data_object(response: &[u8], step: PaceStep, tag: Tag) -> Result<Vec<u8>, PaceError> {
    let read = || {
        let mut reader = Reader::ber(response);
        let outer = reader.expect(DYNAMIC_AUTHENTICATION_DATA)?;
        reader.enter(&outer)?.expect(tag).map(|object| object.value.to_vec())
    };
    read().map_err(|source| PaceError::Malformed { step, source })
}

/// The chip's token and, for chip authentication mapping, its encrypted chip authentication data (Doc 9303-11, 4.4.5).
fn mutual_authentication(response: &[u8], mapping: PaceMapping) -> Result<[Vec<u8>; 2], PaceError> {
    let step = PaceStep::MutualAuthentication;
    let token = data_object(response, step, AUTHENTICATION_TOKEN.1)?;
    let read = || {
        let mut reader = Reader::ber(response);
        let outer = reader.expect(DYNAMIC_AUTHENTICATION_DATA)?;
        let mut objects = reader.enter(&outer)?;
        while !objects.is_empty() {
            let object = objects.next()?;
            if object.tag == ENCRYPTED_CHIP_AUTHENTICATION_DATA {
                return Ok(object.value.to_vec());
            }
        }
        Err(TlvError::Truncated)
    };
    let data = match mapping {
        PaceMapping::ChipAuthentication => read().map_err(|source| PaceError::Malformed { step, source })?,
        PaceMapping::Generic | PaceMapping::Integrated => Vec::new(),
    };
    Ok([token, data])
}

/// Bytes of a key that a response of 256 bytes carries in its two templates.
const LONGEST_SHORT_KEY: usize = 240;
