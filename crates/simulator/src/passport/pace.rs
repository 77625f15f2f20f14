//! PACE with generic mapping over elliptic curves, chip side (Doc 9303-11, 4.4).

use apdu::CommandApdu;
use apdu::tlv::{Reader, Tag};
use chip_crypto::block::{self, SymmetricCipher};
use chip_crypto::curve::{NamedCurve, Point, PrivateScalar, diffie_hellman, map_generic, shared_point};
use chip_crypto::{kdf, mac};
use zeroize::Zeroizing;

use super::secure_messaging::{SecureMessaging, code_of_padded};
use super::{Answer, PassportCard, password};
use crate::der;
use crate::profile::{Cipher, PaceVariant, ProfileError};

/// How far a run has come. Anything out of order starts over.
#[derive(Default)]
pub(super) enum Progress {
    #[default]
    Idle,
    /// MSE:Set AT was accepted; the password key is ready.
    Chosen { variant: PaceVariant, password_key: Zeroizing<Vec<u8>> },
    /// The encrypted nonce went out.
    Nonce { variant: PaceVariant, nonce: Zeroizing<Vec<u8>> },
    /// The mapping is done.
    Mapped { variant: PaceVariant, generator: chip_crypto::curve::Generator },
    /// The keys are agreed; the terminal's token is awaited.
    Agreed { variant: PaceVariant, secret: Zeroizing<Vec<u8>>, own: Point, theirs: Point },
}

impl From<Cipher> for SymmetricCipher {
    fn from(cipher: Cipher) -> Self {
        match cipher {
            Cipher::TripleDes => Self::TripleDes,
            Cipher::Aes128 => Self::Aes128,
            Cipher::Aes192 => Self::Aes192,
            Cipher::Aes256 => Self::Aes256,
        }
    }
}

/// The curve of a variant (Doc 9303-11, table of standardised domain parameters).
pub(super) fn curve(variant: &PaceVariant) -> Result<NamedCurve, ProfileError> {
    NamedCurve::from_standardized_id(variant.parameter_id)
        .map_err(|_| ProfileError::PaceParameters(variant.parameter_id))
}

/// id-PACE-ECDH-GM-* (Doc 9303-11, 9.2.3) without tag and length.
pub(crate) fn protocol_oid(cipher: Cipher) -> Vec<u8> {
    let last = match cipher {
        Cipher::TripleDes => 1,
        Cipher::Aes128 => 2,
        Cipher::Aes192 => 3,
        Cipher::Aes256 => 4,
    };
    der::oid_value(&[0, 4, 0, 127, 0, 7, 2, 2, 4, 2, last])
}

impl PassportCard {
    /// MSE:Set AT: protocol in DO'80', password in DO'83', domain parameters in DO'84' when there is a choice.
    pub(super) fn pace_set_template(&mut self, command: &CommandApdu) -> Answer {
        self.state.pace = Progress::Idle;
        let (mut oid, mut reference, mut parameters) = (None, None, None);
        let mut reader = Reader::ber(&command.data);
        while !reader.is_empty() {
            let Ok(object) = reader.next() else {
                return Answer::status(0x6A80);
            };
            match object.tag.0 {
                0x80 => oid = Some(object.value),
                0x83 => reference = Some(object.value),
                0x84 => parameters = Some(object.value),
                _ => return Answer::status(0x6A80),
            }
        }
        let Some(variant) = self.pace_variants().iter().copied().find(|variant| {
            oid == Some(&protocol_oid(variant.cipher)[..]) && parameters.is_none_or(|id| id == [variant.parameter_id])
        }) else {
            return Answer::status(0x6A80);
        };
        let shared = match reference {
            Some([0x01]) => self.mrz_information.as_deref().map(password::mrz_hash),
            Some([0x02]) => self.access.can.as_ref().map(|can| can.as_bytes().to_vec()),
            _ => None,
        };
        let Some(shared) = shared else {
            return Answer::status(0x6A88);
        };
        let password_key = kdf::derive_key(variant.cipher.into(), &shared, 3);
        self.state.pace = Progress::Chosen { variant, password_key };
        Answer::status(0x9000)
    }

    /// GENERAL AUTHENTICATE, four times: nonce, mapping, key agreement, tokens (Doc 9303-11, 4.4.4.2).
    pub(super) fn pace_general_authenticate(&mut self, command: &CommandApdu) -> Answer {
        let last = command.cla & super::CHAINING == 0;
        let progress = std::mem::take(&mut self.state.pace);
        let Some(input) = dynamic_data(&command.data) else {
            return Answer::status(0x6A80);
        };
        let answer = match (progress, input, last) {
            (Progress::Chosen { variant, password_key }, Input::Empty, false) => {
                self.pace_nonce(variant, &password_key)
            }
            (Progress::Nonce { variant, nonce }, Input::Mapping(point), false) => self.pace_map(variant, &nonce, point),
            (Progress::Mapped { variant, generator }, Input::Agreement(point), false) => {
                self.pace_agree(variant, &generator, point)
            }
            (Progress::Agreed { variant, secret, own, theirs }, Input::Token(token), true) => {
                return pace_finish(variant, &secret, &own, &theirs, token);
            }
            (_, _, _) => return Answer::status(0x6985),
        };
        match answer {
            Some((tag, value, next)) => {
                self.state.pace = next;
                Answer::data(der::tlv(0x7C, &der::tlv(tag, &value)))
            }
            None => Answer::status(0x6300),
        }
    }

    fn pace_nonce(&mut self, variant: PaceVariant, password_key: &[u8]) -> Option<(u32, Vec<u8>, Progress)> {
        // Doc 9303-11, 4.4.3.3: the nonce is the smallest number of whole blocks not shorter than the key.
        let length = match variant.cipher {
            Cipher::TripleDes | Cipher::Aes128 => 16,
            Cipher::Aes192 | Cipher::Aes256 => 32,
        };
        let cipher = SymmetricCipher::from(variant.cipher);
        let mut nonce = Zeroizing::new(vec![0; length]);
        self.random.fill(&mut nonce).ok()?;
        let encrypted = block::cbc_encrypt(cipher, password_key, &vec![0; cipher.block_len()], &nonce).ok()?;
        Some((0x80, encrypted, Progress::Nonce { variant, nonce }))
    }

    fn pace_map(&mut self, variant: PaceVariant, nonce: &[u8], point: &[u8]) -> Option<(u32, Vec<u8>, Progress)> {
        let curve = curve(&variant).ok()?;
        let theirs = Point::from_uncompressed(curve, point).ok()?;
        let private = PrivateScalar::generate(curve, &mut *self.random).ok()?;
        let shared = shared_point(&private, &theirs).ok()?;
        let generator = map_generic(curve, nonce, &shared).ok()?;
        Some((0x82, private.public().to_uncompressed(), Progress::Mapped { variant, generator }))
    }

    fn pace_agree(
        &mut self,
        variant: PaceVariant,
        generator: &chip_crypto::curve::Generator,
        point: &[u8],
    ) -> Option<(u32, Vec<u8>, Progress)> {
        let curve = curve(&variant).ok()?;
        let theirs = Point::from_uncompressed(curve, point).ok()?;
        let private = PrivateScalar::generate(curve, &mut *self.random).ok()?;
        let own = generator.public(&private).ok()?;
        // Doc 9303-11, 4.4.1: equal public keys are a reflection and end the run.
        if own == theirs {
            return None;
        }
        let secret = diffie_hellman(&private, &theirs).ok()?;
        let bytes = own.to_uncompressed();
        Some((0x84, bytes, Progress::Agreed { variant, secret, own, theirs }))
    }
}

fn pace_finish(variant: PaceVariant, secret: &[u8], own: &Point, theirs: &Point, token: &[u8]) -> Answer {
    let (Some(expected), Some(reply)) = (token_over(variant, secret, own), token_over(variant, secret, theirs)) else {
        return Answer::status(0x6F00);
    };
    if !mac::equal(&expected, token) {
        return Answer::status(0x6300);
    }
    let mut answer = Answer::data(der::tlv(0x7C, &der::tlv(0x86, &reply)));
    answer.next_channel = Some(SecureMessaging::start(variant.cipher.into(), secret, &[]));
    answer
}

/// Authentication token: MAC over the other side's public key object (Doc 9303-11, 4.4.3.4 and 9.4.5).
fn token_over(variant: PaceVariant, secret: &[u8], point: &Point) -> Option<[u8; 8]> {
    let cipher = SymmetricCipher::from(variant.cipher);
    let key = kdf::derive_key(cipher, secret, 2);
    let object = der::constructed(
        0x7F49,
        &[der::tlv(0x06, &protocol_oid(variant.cipher)), der::tlv(0x86, &point.to_uncompressed())],
    );
    // Retail MAC needs padding method 2 (ISO/IEC 9797-1); CMAC pads itself.
    let message = match cipher {
        SymmetricCipher::TripleDes => block::pad(&object, 8),
        SymmetricCipher::Aes128 | SymmetricCipher::Aes192 | SymmetricCipher::Aes256 => object,
    };
    code_of_padded(cipher, &key, &message).ok()
}

/// What the terminal's dynamic authentication data (DO'7C') holds.
enum Input<'a> {
    Empty,
    Mapping(&'a [u8]),
    Agreement(&'a [u8]),
    Token(&'a [u8]),
}

fn dynamic_data(data: &[u8]) -> Option<Input<'_>> {
    let mut outer = Reader::ber(data);
    let template = outer.expect(Tag(0x7C)).ok()?;
    outer.finish().ok()?;
    if template.value.is_empty() {
        return Some(Input::Empty);
    }
    let mut inner = Reader::ber(template.value);
    let object = inner.next().ok()?;
    inner.finish().ok()?;
    match object.tag.0 {
        0x81 => Some(Input::Mapping(object.value)),
        0x83 => Some(Input::Agreement(object.value)),
        0x85 => Some(Input::Token(object.value)),
        _ => None,
    }
}
