//! `SecurityInfos` of EF.CardAccess and DG14 (Doc 9303-11, 9.2).

use apdu::tlv::{Reader, Tag, TlvError};
use chip_crypto::block::SymmetricCipher;
use chip_crypto::curve::NamedCurve;
use chip_crypto::hash::HashAlgorithm;
use chip_crypto::modp::ModpGroup;
use serde::{Deserialize, Serialize};

use super::pace_group::{GroupError, PaceGroup};
use super::public_key::{AgreementKey, PublicKeyError, parse_agreement_key};

/// bsi-de, 0.4.0.127.0.7: PACE is 2.2.4, Chip Authentication 2.2.3, its keys 2.2.1, ecdsa-plain 1.1.4.1.
const BSI_DE: [u8; 5] = [0x04, 0x00, 0x7F, 0x00, 0x07];
/// ecdsa-with-SHA1, 1.2.840.10045.4.1, and ecdsa-with-SHA2, 1.2.840.10045.4.3.
const ECDSA_WITH: [u8; 6] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04];
/// icao-mrtd-security-aaProtocolObject, 2.23.136.1.1.5.
const AA_PROTOCOL: [u8; 6] = [0x67, 0x81, 0x08, 0x01, 0x01, 0x05];

/// What a chip says it can do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecurityInfos {
    /// Variants of PACE.
    pub pace: Vec<PaceInfo>,
    /// Variants of Chip Authentication.
    pub chip_authentication: Vec<ChipAuthenticationInfo>,
    /// Public keys for Chip Authentication.
    pub chip_keys: Vec<ChipAuthenticationPublicKeyInfo>,
    /// Hash of Active Authentication with ECDSA.
    pub active_authentication: Option<ActiveAuthenticationInfo>,
    /// PACE is offered in a variant that is not known here, besides those in `pace`.
    pub unknown_pace: bool,
    /// Every entry as encoded, for comparing one file with another.
    pub entries: Vec<Vec<u8>>,
}

/// One variant of PACE (Doc 9303-11, 9.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaceInfo {
    /// Elliptic curves or integers modulo p.
    pub agreement: KeyAgreement,
    /// How the nonce is mapped.
    pub mapping: PaceMapping,
    /// Cipher of the nonce and of secure messaging.
    pub cipher: PaceCipher,
    /// Last two octets of the object identifier: variant and cipher, as sent in MSE:Set AT.
    oid_tail: [u8; 2],
    /// Number among the standardized domain parameters; `None` for proprietary ones.
    pub parameter_id: Option<u8>,
}

impl PaceInfo {
    /// Value octets of the protocol's object identifier.
    #[must_use]
    pub fn oid(&self) -> [u8; 10] {
        let [variant, cipher] = self.oid_tail;
        [0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x04, variant, cipher]
    }

    /// The group the variant runs in, when it is a standardized one.
    ///
    /// # Errors
    /// Unknown or proprietary domain parameters, or a group of the other kind.
    pub fn group(&self) -> Result<PaceGroup, GroupError> {
        // Doc 9303-11, 9.5.1: 32 and above are proprietary, and a missing number can only mean those.
        let id = self.parameter_id.unwrap_or(u8::MAX);
        Ok(match self.agreement {
            KeyAgreement::Ecdh => PaceGroup::Curve(NamedCurve::from_standardized_id(id)?),
            KeyAgreement::Dh => PaceGroup::Modp(ModpGroup::from_standardized_id(id)?),
        })
    }

    /// The variant of chip authentication mapping with these parameters, as a transcript names it.
    pub(super) fn chip_authentication_mapping(parameter_id: u8, cipher: PaceCipher) -> Self {
        Self {
            agreement: KeyAgreement::Ecdh,
            mapping: PaceMapping::ChipAuthentication,
            cipher,
            oid_tail: [6, cipher.arc()],
            parameter_id: Some(parameter_id),
        }
    }
}

/// The group of a key agreement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum KeyAgreement {
    /// Integers modulo a prime.
    Dh,
    /// Elliptic curve.
    #[default]
    Ecdh,
}

impl KeyAgreement {
    /// The arc of object identifiers that names it (Doc 9303-11, 9.2.7).
    #[must_use]
    pub const fn arc(self) -> u8 {
        match self {
            Self::Dh => 1,
            Self::Ecdh => 2,
        }
    }
}

/// Mapping of the nonce (Doc 9303-11, 4.4.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PaceMapping {
    /// Generic mapping.
    Generic,
    /// Integrated mapping.
    Integrated,
    /// Chip authentication mapping.
    ChipAuthentication,
}

/// Cipher of a protocol, from the last arc of its object identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PaceCipher {
    /// 3DES in CBC mode, Retail MAC.
    TripleDes,
    /// AES-128 in CBC mode, CMAC.
    Aes128,
    /// AES-192 in CBC mode, CMAC.
    Aes192,
    /// AES-256 in CBC mode, CMAC.
    Aes256,
}

impl PaceCipher {
    fn from_arc(arc: u8) -> Option<Self> {
        match arc {
            1 => Some(Self::TripleDes),
            2 => Some(Self::Aes128),
            3 => Some(Self::Aes192),
            4 => Some(Self::Aes256),
            _ => None,
        }
    }

    /// The last arc of the object identifier.
    #[must_use]
    pub const fn arc(self) -> u8 {
        match self {
            Self::TripleDes => 1,
            Self::Aes128 => 2,
            Self::Aes192 => 3,
            Self::Aes256 => 4,
        }
    }

    /// Strength in bits (NIST SP 800-57 part 1, table 2).
    #[must_use]
    pub const fn strength(self) -> u16 {
        match self {
            Self::TripleDes => 80,
            Self::Aes128 => 128,
            Self::Aes192 => 192,
            Self::Aes256 => 256,
        }
    }

    /// The cipher itself.
    #[must_use]
    pub const fn symmetric(self) -> SymmetricCipher {
        match self {
            Self::TripleDes => SymmetricCipher::TripleDes,
            Self::Aes128 => SymmetricCipher::Aes128,
            Self::Aes192 => SymmetricCipher::Aes192,
            Self::Aes256 => SymmetricCipher::Aes256,
        }
    }
}

/// One variant of Chip Authentication (Doc 9303-11, 9.2.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChipAuthenticationInfo {
    /// Group of the key agreement.
    pub agreement: KeyAgreement,
    /// Cipher of the secure messaging that follows.
    pub cipher: PaceCipher,
    /// Which key, when there are several.
    pub key_id: Option<Vec<u8>>,
}

/// A public key for Chip Authentication (Doc 9303-11, 9.2.6).
#[derive(Clone, PartialEq, Eq)]
pub struct ChipAuthenticationPublicKeyInfo {
    /// Group of the key agreement.
    pub agreement: KeyAgreement,
    /// Its name, when there are several.
    pub key_id: Option<Vec<u8>>,
    subject_public_key_info: Vec<u8>,
}

/// A chip's key identifies its holder's document.
impl std::fmt::Debug for ChipAuthenticationPublicKeyInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ChipAuthenticationPublicKeyInfo({:?}, ..)", self.agreement)
    }
}

impl ChipAuthenticationPublicKeyInfo {
    /// The key, valid in its group.
    ///
    /// # Errors
    /// Unknown domain parameters; a point off the curve, a number outside the group.
    pub fn key(&self) -> Result<AgreementKey, PublicKeyError> {
        parse_agreement_key(&self.subject_public_key_info)
    }

    /// The `SubjectPublicKeyInfo` as it stands in the file.
    #[must_use]
    pub fn encoded(&self) -> &[u8] {
        &self.subject_public_key_info
    }
}

/// Active Authentication with ECDSA (Doc 9303-11, 9.2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActiveAuthenticationInfo {
    /// Hash of the signature algorithm; `None` when it is none of ecdsa-plain-SHA* and ecdsa-with-SHA*.
    pub hash: Option<HashAlgorithm>,
}

impl SecurityInfos {
    /// Whether PACE is offered in any variant, known or not.
    #[must_use]
    pub fn offers_pace(&self) -> bool {
        self.unknown_pace || !self.pace.is_empty()
    }

    /// Reads a `SET OF SecurityInfo`. Entries for other protocols are kept in `entries` alone.
    ///
    /// # Errors
    /// A malformed structure; a malformed entry of a known protocol.
    pub fn parse(bytes: &[u8]) -> Result<Self, TlvError> {
        let mut reader = Reader::ber(bytes);
        let set = reader.expect(Tag::SET)?;
        let mut set = reader.enter(&set)?;
        let mut infos = Self::default();
        while !set.is_empty() {
            let entry = set.expect(Tag::SEQUENCE)?;
            infos.entries.push(entry.whole.to_vec());
            let mut entry = set.enter(&entry)?;
            let oid = entry.expect(Tag::OBJECT_IDENTIFIER)?.value;
            infos.add(oid, &mut entry)?;
        }
        Ok(infos)
    }

    fn add(&mut self, oid: &[u8], entry: &mut Reader<'_>) -> Result<(), TlvError> {
        if oid == AA_PROTOCOL {
            entry.expect(Tag::INTEGER)?;
            let algorithm = entry.expect(Tag::OBJECT_IDENTIFIER)?.value;
            self.active_authentication = Some(ActiveAuthenticationInfo { hash: ecdsa_hash(algorithm) });
            return Ok(());
        }
        match oid.strip_prefix(&BSI_DE) {
            Some(&[2, 2, 4, variant, cipher_arc]) => {
                let (Some((agreement, mapping)), Some(cipher)) =
                    (pace_variant(variant), PaceCipher::from_arc(cipher_arc))
                else {
                    self.unknown_pace = true;
                    return Ok(());
                };
                let version = small(entry.expect(Tag::INTEGER)?.value);
                // Doc 9303-11, 9.2.1: version 1 is another protocol under the same names; 9.2.3: no such mapping with 3DES.
                let other = mapping == PaceMapping::ChipAuthentication && cipher == PaceCipher::TripleDes;
                if version == Some(1) || other {
                    self.unknown_pace = true;
                    return Ok(());
                }
                let parameter_id = entry.optional(Tag::INTEGER)?.and_then(|id| small(id.value));
                self.pace.push(PaceInfo { agreement, mapping, cipher, oid_tail: [variant, cipher_arc], parameter_id });
            }
            Some(&[2, 2, 3, agreement, cipher_arc]) => {
                let (Some(agreement), Some(cipher)) = (key_agreement(agreement), PaceCipher::from_arc(cipher_arc))
                else {
                    return Ok(());
                };
                entry.expect(Tag::INTEGER)?;
                let key_id = entry.optional(Tag::INTEGER)?.map(|id| id.value.to_vec());
                self.chip_authentication.push(ChipAuthenticationInfo { agreement, cipher, key_id });
            }
            Some(&[2, 2, 1, agreement]) => {
                let Some(agreement) = key_agreement(agreement) else {
                    return Ok(());
                };
                let subject_public_key_info = entry.expect(Tag::SEQUENCE)?.whole.to_vec();
                let key_id = entry.optional(Tag::INTEGER)?.map(|id| id.value.to_vec());
                self.chip_keys.push(ChipAuthenticationPublicKeyInfo { agreement, key_id, subject_public_key_info });
            }
            Some(_) | None => {}
        }
        Ok(())
    }
}

fn pace_variant(arc: u8) -> Option<(KeyAgreement, PaceMapping)> {
    match arc {
        1 => Some((KeyAgreement::Dh, PaceMapping::Generic)),
        2 => Some((KeyAgreement::Ecdh, PaceMapping::Generic)),
        3 => Some((KeyAgreement::Dh, PaceMapping::Integrated)),
        4 => Some((KeyAgreement::Ecdh, PaceMapping::Integrated)),
        6 => Some((KeyAgreement::Ecdh, PaceMapping::ChipAuthentication)),
        _ => None,
    }
}

fn key_agreement(arc: u8) -> Option<KeyAgreement> {
    match arc {
        1 => Some(KeyAgreement::Dh),
        2 => Some(KeyAgreement::Ecdh),
        _ => None,
    }
}

/// ecdsa-plain-SHA* (BSI TR-03111), as Doc 9303-11 wants it, or ecdsa-with-SHA* (RFC 5758), as some issuers write it.
fn ecdsa_hash(oid: &[u8]) -> Option<HashAlgorithm> {
    let index = match (oid.strip_prefix(&BSI_DE), oid.strip_prefix(&ECDSA_WITH)) {
        (Some([1, 1, 4, 1, arc]), _) => arc.checked_sub(1)?,
        (_, Some([1])) => 0,
        (_, Some([3, arc @ 1..=4])) => *arc,
        (_, _) => return None,
    };
    HashAlgorithm::ALL.get(usize::from(index)).copied()
}

fn small(integer: &[u8]) -> Option<u8> {
    let significant =
        integer.iter().position(|byte| *byte != 0).map_or(&[0_u8][..], |at| integer.get(at..).unwrap_or_default());
    match significant {
        [byte] => Some(*byte),
        _ => None,
    }
}
