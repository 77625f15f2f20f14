//! PACE, chip side (Doc 9303-11, 4.4): generic, integrated and chip authentication mapping over curves and integers modulo p.

use apdu::CommandApdu;
use apdu::tlv::{Reader, Tag};
use chip_crypto::block::{self, SymmetricCipher};
use chip_crypto::curve::PrivateScalar;
use chip_crypto::{kdf, mac};
use zeroize::Zeroizing;

use super::group::{Base, Group, GroupKey};
use super::secure_messaging::{SecureMessaging, code_of_padded};
use super::{Answer, PassportCard, password};
use crate::der;
use crate::profile::{Cipher, Mapping, PaceVariant, ProfileError};

/// How far a run has come. Anything out of order starts over.
#[derive(Default)]
pub(super) enum Progress {
    #[default]
    Idle,
    /// MSE:Set AT was accepted; the password key is ready.
    Chosen { variant: PaceVariant, password_key: Zeroizing<Vec<u8>> },
    /// The encrypted nonce went out.
    Nonce { variant: PaceVariant, nonce: Zeroizing<Vec<u8>> },
    /// The mapping is done; its key is kept for chip authentication mapping.
    Mapped { variant: PaceVariant, base: Base, key: Option<GroupKey> },
    /// The keys are agreed; the terminal's token is awaited.
    Agreed(Agreed),
}

pub(super) struct Agreed {
    variant: PaceVariant,
    secret: Zeroizing<Vec<u8>>,
    own: Vec<u8>,
    theirs: Vec<u8>,
    mapping_key: Option<GroupKey>,
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

/// Whether a variant can be run, with the key it needs.
pub(super) fn check(variant: &PaceVariant, mapping_key: Option<&PrivateScalar>) -> Result<(), ProfileError> {
    let group = Group::of(variant)?;
    let key_fits = mapping_key.is_some_and(|key| group == Group::Curve(key.curve()));
    if variant.mapping == Mapping::ChipAuthentication && (!key_fits || variant.cipher == Cipher::TripleDes) {
        return Err(ProfileError::Key("chip authentication mapping"));
    }
    Ok(())
}

/// id-PACE-* (Doc 9303-11, 9.2.3) without tag and length.
pub(crate) fn protocol_oid(variant: &PaceVariant) -> Vec<u8> {
    let modp = matches!(Group::of(variant), Ok(Group::Modp(_)));
    let kind = match (variant.mapping, modp) {
        (Mapping::Generic, true) => 1,
        (Mapping::Generic, false) => 2,
        (Mapping::Integrated, true) => 3,
        (Mapping::Integrated, false) => 4,
        (Mapping::ChipAuthentication, _) => 6,
    };
    let last = match variant.cipher {
        Cipher::TripleDes => 1,
        Cipher::Aes128 => 2,
        Cipher::Aes192 => 3,
        Cipher::Aes256 => 4,
    };
    der::oid_value(&[0, 4, 0, 127, 0, 7, 2, 2, 4, kind, last])
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
            oid == Some(&protocol_oid(variant)[..]) && parameters.is_none_or(|id| id == [variant.parameter_id])
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
            (Progress::Nonce { variant, nonce }, Input::Mapping(data), false) => self.pace_map(variant, &nonce, data),
            (Progress::Mapped { variant, base, key }, Input::Agreement(theirs), false) => {
                self.pace_agree(variant, &base, key, theirs)
            }
            (Progress::Agreed(agreed), Input::Token(token), true) => return self.pace_finish(&agreed, token),
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

    fn pace_map(&mut self, variant: PaceVariant, nonce: &[u8], data: &[u8]) -> Option<(u32, Vec<u8>, Progress)> {
        let group = Group::of(&variant).ok()?;
        if variant.mapping == Mapping::Integrated {
            // Doc 9303-11, 4.4.5.2.1: the terminal's nonce comes in, nothing goes out.
            let base = group.map_integrated(variant.cipher.into(), nonce, data)?;
            return Some((0x82, Vec::new(), Progress::Mapped { variant, base, key: None }));
        }
        let key = group.generate(&mut *self.random)?;
        let base = key.map_generic(nonce, data)?;
        Some((0x82, key.public(), Progress::Mapped { variant, base, key: Some(key) }))
    }

    fn pace_agree(
        &mut self,
        variant: PaceVariant,
        base: &Base,
        mapping_key: Option<GroupKey>,
        theirs: &[u8],
    ) -> Option<(u32, Vec<u8>, Progress)> {
        let private = Group::of(&variant).ok()?.generate(&mut *self.random)?;
        let own = private.public_for(base)?;
        // Doc 9303-11, 4.4.1: equal public keys are a reflection and end the run.
        if own == theirs {
            return None;
        }
        let secret = private.agree(theirs)?;
        let agreed = Agreed { variant, secret, own: own.clone(), theirs: theirs.to_vec(), mapping_key };
        Some((0x84, own, Progress::Agreed(agreed)))
    }

    fn pace_finish(&self, agreed: &Agreed, token: &[u8]) -> Answer {
        let Agreed { variant, secret, own, theirs, mapping_key } = agreed;
        let (Some(expected), Some(reply)) = (token_over(variant, secret, own), token_over(variant, secret, theirs))
        else {
            return Answer::status(0x6F00);
        };
        if !mac::equal(&expected, token) {
            return Answer::status(0x6300);
        }
        let mut objects = der::tlv(0x86, &reply);
        if variant.mapping == Mapping::ChipAuthentication {
            let Some(data) = mapping_key.as_ref().and_then(|key| self.chip_authentication_data(variant, secret, key))
            else {
                return Answer::status(0x6F00);
            };
            objects.extend(der::tlv(0x8A, &data));
        }
        let mut answer = Answer::data(der::tlv(0x7C, &objects));
        answer.next_channel = Some(SecureMessaging::start(variant.cipher.into(), secret, &[]));
        answer
    }

    /// Encrypted chip authentication data (Doc 9303-11, 4.4.3.5): the mapping's private key divided by the static one.
    fn chip_authentication_data(
        &self,
        variant: &PaceVariant,
        secret: &[u8],
        mapping_key: &GroupKey,
    ) -> Option<Vec<u8>> {
        let (GroupKey::Curve(mapping), Some(fixed)) = (mapping_key, &self.mapping_key) else {
            return None;
        };
        let cipher = SymmetricCipher::from(variant.cipher);
        let key = kdf::derive_key(cipher, secret, 1);
        let iv = block::ecb_encrypt_block(cipher, &key, &vec![0xFF; cipher.block_len()]).ok()?;
        let data = mapping.divided_by(fixed).ok()?.to_bytes();
        block::cbc_encrypt(cipher, &key, &iv, &block::pad(&data, cipher.block_len())).ok()
    }
}

/// Authentication token: MAC over the other side's public key object (Doc 9303-11, 4.4.3.4 and 9.4.5).
fn token_over(variant: &PaceVariant, secret: &[u8], public: &[u8]) -> Option<[u8; 8]> {
    let cipher = SymmetricCipher::from(variant.cipher);
    let key = kdf::derive_key(cipher, secret, 2);
    let tag = Group::of(variant).ok()?.key_tag();
    let object = der::constructed(0x7F49, &[der::tlv(0x06, &protocol_oid(variant)), der::tlv(tag, public)]);
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
