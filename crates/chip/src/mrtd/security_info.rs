//! `SecurityInfos` of EF.CardAccess and DG14 (Doc 9303-11, 9.2).

use apdu::tlv::{Reader, Tag, TlvError};
use chip_crypto::block::SymmetricCipher;
use chip_crypto::curve::{CurveError, NamedCurve, Point};
use chip_crypto::hash::HashAlgorithm;
use chip_crypto::signature::PublicKey;
use serde::{Deserialize, Serialize};

use super::public_key::{PublicKeyError, parse_subject_public_key_info};

/// bsi-de, 0.4.0.127.0.7: PACE is 2.2.4, Chip Authentication 2.2.3, its keys 2.2.1, ecdsa-plain 1.1.4.1.
const BSI_DE: [u8; 5] = [0x04, 0x00, 0x7F, 0x00, 0x07];
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

    /// The curve, when the variant runs on one that is known.
    ///
    /// # Errors
    /// Unknown or proprietary domain parameters.
    pub fn curve(&self) -> Result<NamedCurve, CurveError> {
        let id = self.parameter_id.unwrap_or(u8::MAX);
        match self.agreement {
            KeyAgreement::Ecdh => NamedCurve::from_standardized_id(id),
            KeyAgreement::Dh => Err(CurveError::UnknownParameterId(id)),
        }
    }
}

/// The group of a key agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAgreement {
    /// Integers modulo a prime.
    Dh,
    /// Elliptic curve.
    Ecdh,
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
    /// The point, valid on its curve.
    ///
    /// # Errors
    /// Unknown domain parameters, a point off the curve, a DH key.
    pub fn point(&self) -> Result<Point, PublicKeyError> {
        match parse_subject_public_key_info(&self.subject_public_key_info)? {
            PublicKey::Ec(point) => Ok(point),
            PublicKey::Rsa(_) => Err(PublicKeyError::Algorithm),
        }
    }
}

/// Active Authentication with ECDSA (Doc 9303-11, 9.2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActiveAuthenticationInfo {
    /// Hash of the signature algorithm; `None` when it is none of ecdsa-plain-SHA*.
    pub hash: Option<HashAlgorithm>,
}

impl SecurityInfos {
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
            self.active_authentication = Some(ActiveAuthenticationInfo { hash: ecdsa_plain_hash(algorithm) });
            return Ok(());
        }
        match oid.strip_prefix(&BSI_DE) {
            Some(&[2, 2, 4, variant, cipher_arc]) => {
                let (Some((agreement, mapping)), Some(cipher)) =
                    (pace_variant(variant), PaceCipher::from_arc(cipher_arc))
                else {
                    return Ok(());
                };
                entry.expect(Tag::INTEGER)?;
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

fn ecdsa_plain_hash(oid: &[u8]) -> Option<HashAlgorithm> {
    match oid.strip_prefix(&BSI_DE)? {
        [1, 1, 4, 1, arc] => HashAlgorithm::ALL.get(usize::from(arc.checked_sub(1)?)).copied(),
        _ => None,
    }
}

fn small(integer: &[u8]) -> Option<u8> {
    let significant =
        integer.iter().position(|byte| *byte != 0).map_or(&[0_u8][..], |at| integer.get(at..).unwrap_or_default());
    match significant {
        [byte] => Some(*byte),
        _ => None,
    }
}
