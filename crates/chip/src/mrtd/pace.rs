//! Password Authenticated Connection Establishment over elliptic curves (Doc 9303-11, 4.4).

use apdu::tlv::{Reader, Tag, TlvError, encode};
use apdu::{Card, CommandApdu, StatusWord, TransportError, transmit_whole};
use chip_crypto::block::{CipherError, cbc_decrypt};
use chip_crypto::curve::{
    CurveError, Generator, NamedCurve, Point, PrivateScalar, diffie_hellman, map_generic, shared_point,
};
use chip_crypto::kdf::{COUNTER_ENC, COUNTER_MAC, COUNTER_PASSWORD, derive_key};
use chip_crypto::mac;
use chip_crypto::random::SecureRandom;
use zeroize::Zeroizing;

use super::access_key::AccessKey;
use super::secure_messaging::{SecureMessaging, authentication_token};
use super::secured::Secured;
use super::security_info::{PaceInfo, PaceMapping};

const DYNAMIC_AUTHENTICATION_DATA: Tag = Tag(0x7C);
const PUBLIC_KEY: Tag = Tag(0x7F49);
const ENCRYPTED_NONCE: Tag = Tag(0x80);
const MAPPING_DATA: (Tag, Tag) = (Tag(0x81), Tag(0x82));
const EPHEMERAL_PUBLIC_KEY: (Tag, Tag) = (Tag(0x83), Tag(0x84));
const AUTHENTICATION_TOKEN: (Tag, Tag) = (Tag(0x85), Tag(0x86));

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
    /// This mapping is not run.
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

/// Opens a chip whose master file is current.
///
/// # Errors
/// See [`PaceError`].
pub fn pace<C: Card>(
    mut card: C,
    info: &PaceInfo,
    key: &AccessKey,
    rng: &mut dyn SecureRandom,
) -> Result<Secured<C>, PaceError> {
    let messaging = negotiate(&mut card, info, key, false, rng)?;
    Ok(Secured::new(card, messaging))
}

/// `name_parameters`: the chip offers several domain parameters for this protocol.
pub(super) fn negotiate<C: Card>(
    card: &mut C,
    info: &PaceInfo,
    key: &AccessKey,
    name_parameters: bool,
    rng: &mut dyn SecureRandom,
) -> Result<SecureMessaging, PaceError> {
    let curve = info.curve()?;
    let cipher = info.cipher.symmetric();
    set_authentication_template(card, info, key, name_parameters)?;
    let nonce = decrypted_nonce(card, info, key)?;
    let generator = match info.mapping {
        PaceMapping::Generic => generic_mapping(card, curve, &nonce, rng)?,
        PaceMapping::Integrated | PaceMapping::ChipAuthentication => return Err(PaceError::MappingNotSupported),
    };

    let private = PrivateScalar::generate(curve, rng)?;
    let public = generator.public(&private)?;
    let chip_public = exchange_points(card, PaceStep::KeyAgreement, EPHEMERAL_PUBLIC_KEY, curve, &public)?;
    let shared = diffie_hellman(&private, &chip_public)?;
    let (ks_enc, ks_mac) = (derive_key(cipher, &shared, COUNTER_ENC), derive_key(cipher, &shared, COUNTER_MAC));

    let token = authentication_token(cipher, &ks_mac, &token_input(info, &chip_public))?;
    let expected = authentication_token(cipher, &ks_mac, &token_input(info, &public))?;
    let request = encode(AUTHENTICATION_TOKEN.0, &token);
    let response = general_authenticate(card, PaceStep::MutualAuthentication, &request)?;
    let chip_token = data_object(&response, PaceStep::MutualAuthentication, AUTHENTICATION_TOKEN.1)?;
    if !mac::equal(&expected, &chip_token) {
        return Err(PaceError::TokenInvalid);
    }
    Ok(SecureMessaging::new(cipher, ks_enc, ks_mac, 0))
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
    let response = general_authenticate(card, step, &[])?;
    let z = data_object(&response, step, ENCRYPTED_NONCE)?;
    if !(16..=32).contains(&z.len()) {
        return Err(PaceError::NonceLength);
    }
    let cipher = info.cipher.symmetric();
    let k_pi = derive_key(cipher, &key.pace_password(), COUNTER_PASSWORD);
    let iv = vec![0; cipher.block_len()];
    Ok(Zeroizing::new(cbc_decrypt(cipher, &k_pi, &iv, &z)?))
}

fn generic_mapping<C: Card>(
    card: &mut C,
    curve: NamedCurve,
    nonce: &[u8],
    rng: &mut dyn SecureRandom,
) -> Result<Generator, PaceError> {
    let private = PrivateScalar::generate(curve, rng)?;
    let chip_public = exchange_points(card, PaceStep::MapNonce, MAPPING_DATA, curve, &private.public())?;
    let h = shared_point(&private, &chip_public)?;
    Ok(map_generic(curve, nonce, &h)?)
}

fn exchange_points<C: Card>(
    card: &mut C,
    step: PaceStep,
    tags: (Tag, Tag),
    curve: NamedCurve,
    own: &Point,
) -> Result<Point, PaceError> {
    let response = general_authenticate(card, step, &encode(tags.0, own.as_uncompressed()))?;
    let point = Point::from_uncompressed(curve, &data_object(&response, step, tags.1)?)?;
    if point == *own {
        return Err(PaceError::KeyReflected);
    }
    Ok(point)
}

/// The public key data object with its object identifier (Doc 9303-11, 9.4.5).
fn token_input(info: &PaceInfo, public: &Point) -> Vec<u8> {
    let content = [encode(Tag::OBJECT_IDENTIFIER, &info.oid()), encode(Tag(0x86), public.as_uncompressed())].concat();
    encode(PUBLIC_KEY, &content)
}

fn general_authenticate<C: Card>(card: &mut C, step: PaceStep, content: &[u8]) -> Result<Vec<u8>, PaceError> {
    let last = step == PaceStep::MutualAuthentication;
    let cla = if last { 0x00 } else { 0x10 };
    let data = encode(DYNAMIC_AUTHENTICATION_DATA, content);
    let response = transmit_whole(card, &CommandApdu::new(cla, 0x86, 0x00, 0x00).with_data(data).with_ne(256))?;
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
