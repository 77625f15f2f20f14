//! Chip Authentication, chip side (Doc 9303-11, 6.2).

use apdu::CommandApdu;
use apdu::tlv::{self, Reader, Tag};
use chip_crypto::block::SymmetricCipher;

use super::group::GroupKey;
use super::private_key::ChipPrivateKey;
use super::secure_messaging::SecureMessaging;
use super::{Answer, PassportCard};
use crate::der;
use crate::profile::Cipher;

/// The key MSE:Set AT chose, by its place in the profile.
pub(super) struct Chosen {
    index: usize,
}

impl PassportCard {
    /// MSE:Set KAT (3DES only): the terminal's public key in DO'91', the key identifier in DO'84'. The answer still goes through
    /// the old channel; the new keys hold from the next command on.
    pub(super) fn chip_set_key_agreement(&mut self, command: &CommandApdu) -> Answer {
        let mut reader = Reader::ber(&command.data);
        let (mut point, mut key_id) = (None, None);
        while !reader.is_empty() {
            let Ok(object) = reader.next() else {
                return Answer::status(0x6A80);
            };
            match object.tag.0 {
                0x91 => point = Some(object.value),
                0x84 => key_id = Some(object.value),
                _ => return Answer::status(0x6A80),
            }
        }
        let Some(key) = self.chip.iter().find(|key| fits(key, key_id) && key.cipher == Cipher::TripleDes) else {
            return Answer::status(0x6A88);
        };
        match point.and_then(|point| agree(key, point)) {
            Some(channel) => {
                let mut answer = Answer::status(0x9000);
                answer.next_channel = Some(channel);
                answer
            }
            None => Answer::status(0x6A80),
        }
    }

    /// MSE:Set AT: protocol in DO'80', key identifier in DO'84'.
    pub(super) fn chip_set_template(&mut self, command: &CommandApdu) -> Answer {
        self.state.chip = None;
        let mut reader = Reader::ber(&command.data);
        let (mut oid, mut key_id) = (None, None);
        while !reader.is_empty() {
            let Ok(object) = reader.next() else {
                return Answer::status(0x6A80);
            };
            match object.tag.0 {
                0x80 => oid = Some(object.value),
                0x84 => key_id = Some(object.value),
                _ => return Answer::status(0x6A80),
            }
        }
        let found = self
            .chip
            .iter()
            .position(|key| fits(key, key_id) && oid == Some(&protocol_oid(is_modp(key), key.cipher)[..]));
        match found {
            Some(index) => {
                self.state.chip = Some(Chosen { index });
                Answer::status(0x9000)
            }
            None => Answer::status(0x6A80),
        }
    }

    /// GENERAL AUTHENTICATE with the terminal's public key in DO'7C' / DO'80'; answers an empty DO'7C'.
    pub(super) fn chip_general_authenticate(&mut self, command: &CommandApdu) -> Answer {
        let Some(chosen) = self.state.chip.take() else {
            return Answer::status(0x6985);
        };
        let Some(key) = self.chip.get(chosen.index) else {
            return Answer::status(0x6985);
        };
        let template = tlv::find(&command.data, Tag(0x7C)).ok().flatten();
        let point = template.and_then(|template| tlv::find(template, Tag(0x80)).ok().flatten());
        match point.and_then(|point| agree(key, point)) {
            Some(channel) => {
                let mut answer = Answer::data(der::tlv(0x7C, &[]));
                answer.next_channel = Some(channel);
                answer
            }
            None => Answer::status(0x6300),
        }
    }
}

fn is_modp(key: &ChipPrivateKey) -> bool {
    matches!(key.key, GroupKey::Modp(_))
}

/// id-CA-DH-* and id-CA-ECDH-* (Doc 9303-11, 9.2.7) without tag and length.
pub(crate) fn protocol_oid(modp: bool, cipher: Cipher) -> Vec<u8> {
    let last = match cipher {
        Cipher::TripleDes => 1,
        Cipher::Aes128 => 2,
        Cipher::Aes192 => 3,
        Cipher::Aes256 => 4,
    };
    der::oid_value(&[0, 4, 0, 127, 0, 7, 2, 2, 3, if modp { 1 } else { 2 }, last])
}

/// A key identifier is only needed, and only counts, where the document has several keys.
fn fits(key: &ChipPrivateKey, asked: Option<&[u8]>) -> bool {
    match (asked, key.key_id) {
        (None, _) => true,
        (Some(asked), Some(id)) => der::unsigned(asked) == der::integer(u32::from(id)),
        (Some(_), None) => false,
    }
}

fn agree(key: &ChipPrivateKey, theirs: &[u8]) -> Option<SecureMessaging> {
    let secret = key.key.agree(theirs)?;
    Some(SecureMessaging::start(SymmetricCipher::from(key.cipher), &secret, &[]))
}
