//! Private keys as profiles hold them: PKCS #8 (RFC 5958) with EC keys (RFC 5915), curves named or explicit.

use std::path::Path;

use apdu::tlv::{Reader, Tag};
use chip_crypto::curve::{NamedCurve, PrivateScalar};
use chip_crypto::modp::{ModpGroup, ModpPrivate};

use super::group::GroupKey;
use crate::der;
use crate::profile::{ChipKey, Cipher, ProfileError};

pub(super) struct ChipPrivateKey {
    pub(super) key_id: Option<u8>,
    pub(super) cipher: Cipher,
    pub(super) key: GroupKey,
}

impl ChipPrivateKey {
    pub(super) fn load(key: &ChipKey, base: &Path) -> Result<Self, ProfileError> {
        let pkcs8 = key.pkcs8.bytes(base)?;
        let private =
            ec_private_key(&pkcs8).map(GroupKey::Curve).or_else(|| dh_private_key(&pkcs8).map(GroupKey::Modp));
        let private = private.ok_or(ProfileError::Key("chip authentication"))?;
        Ok(Self { key_id: key.key_id, cipher: key.cipher, key: private })
    }
}

/// Reads a Diffie-Hellman private key in one of the standardised groups (PKCS #3 parameters, the key an INTEGER).
fn dh_private_key(pkcs8: &[u8]) -> Option<ModpPrivate> {
    let mut outer = Reader::ber(pkcs8);
    let info = outer.expect(Tag::SEQUENCE).ok()?;
    let mut info = outer.enter(&info).ok()?;
    info.expect(Tag::INTEGER).ok()?;
    let algorithm = info.expect(Tag::SEQUENCE).ok()?;
    let mut fields = info.enter(&algorithm).ok()?;
    let oid = fields.expect(Tag::OBJECT_IDENTIFIER).ok()?;
    if oid.value != der::oid_value(&[1, 2, 840, 113_549, 1, 3, 1]) {
        return None;
    }
    let parameters = fields.expect(Tag::SEQUENCE).ok()?;
    let prime = der::unsigned(fields.enter(&parameters).ok()?.expect(Tag::INTEGER).ok()?.value);
    let group = ModpGroup::ALL.into_iter().find(|group| der::unsigned(&group.parameters().0) == prime)?;
    let key = info.expect(Tag::OCTET_STRING).ok()?;
    let value = Reader::ber(key.value).expect(Tag::INTEGER).ok()?.value;
    ModpPrivate::from_bytes(group, value).ok()
}

/// Reads an EC private key; the curve of explicit parameters is told by its prime, which is enough for a key of our own.
pub(crate) fn ec_private_key(pkcs8: &[u8]) -> Option<PrivateScalar> {
    let mut outer = Reader::ber(pkcs8);
    let info = outer.expect(Tag::SEQUENCE).ok()?;
    let mut info = outer.enter(&info).ok()?;
    info.expect(Tag::INTEGER).ok()?;
    let algorithm = info.expect(Tag::SEQUENCE).ok()?;
    let mut fields = info.enter(&algorithm).ok()?;
    fields.expect(Tag::OBJECT_IDENTIFIER).ok()?;
    let parameters = fields.next().ok()?;
    let curve = match parameters.tag {
        Tag::OBJECT_IDENTIFIER => curve_by_oid(parameters.value)?,
        _ => {
            let mut explicit = fields.enter(&parameters).ok()?;
            explicit.expect(Tag::INTEGER).ok()?;
            let field = explicit.expect(Tag::SEQUENCE).ok()?;
            let mut field = explicit.enter(&field).ok()?;
            field.expect(Tag::OBJECT_IDENTIFIER).ok()?;
            curve_by_prime(field.expect(Tag::INTEGER).ok()?.value)?
        }
    };
    let key = info.expect(Tag::OCTET_STRING).ok()?;
    let mut key_reader = Reader::ber(key.value);
    let key = key_reader.expect(Tag::SEQUENCE).ok()?;
    let mut key = key_reader.enter(&key).ok()?;
    key.expect(Tag::INTEGER).ok()?;
    PrivateScalar::from_bytes(curve, key.expect(Tag::OCTET_STRING).ok()?.value).ok()
}

fn curve_by_oid(value: &[u8]) -> Option<NamedCurve> {
    NamedCurve::ALL.into_iter().find(|curve| curve_oid(*curve) == der::tlv(0x06, value))
}

fn curve_by_prime(prime: &[u8]) -> Option<NamedCurve> {
    let prime = der::unsigned(prime);
    NamedCurve::ALL.into_iter().find(|curve| der::unsigned(&curve.parameters().p) == prime)
}

/// The curve's OBJECT IDENTIFIER as DER.
pub(crate) fn curve_oid(curve: NamedCurve) -> Vec<u8> {
    let arcs: Vec<u32> = curve.oid().split('.').filter_map(|arc| arc.parse().ok()).collect();
    der::oid(&arcs)
}
