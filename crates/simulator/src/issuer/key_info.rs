//! Algorithm identifiers and public keys (RFC 5480, BSI TR-03111, Doc 9303-12).

use chip_crypto::curve::{NamedCurve, Point, PrivateScalar};
use chip_crypto::hash::HashAlgorithm;
use chip_crypto::modp::ModpGroup;
use chip_crypto::signature::RsaPublicKey;

use crate::der;
use crate::passport::GroupKey;

pub(super) fn hash_oid(hash: HashAlgorithm) -> Vec<u8> {
    match hash {
        HashAlgorithm::Sha1 => der::oid(&[1, 3, 14, 3, 2, 26]),
        HashAlgorithm::Sha224 => der::oid(&[2, 16, 840, 1, 101, 3, 4, 2, 4]),
        HashAlgorithm::Sha256 => der::oid(&[2, 16, 840, 1, 101, 3, 4, 2, 1]),
        HashAlgorithm::Sha384 => der::oid(&[2, 16, 840, 1, 101, 3, 4, 2, 2]),
        HashAlgorithm::Sha512 => der::oid(&[2, 16, 840, 1, 101, 3, 4, 2, 3]),
    }
}

pub(super) fn hash_algorithm(hash: HashAlgorithm) -> Vec<u8> {
    der::sequence(&[hash_oid(hash)])
}

/// ecdsa-with-SHA*, without parameters (RFC 5758, 3.2).
pub(super) fn ecdsa_algorithm(hash: HashAlgorithm) -> Vec<u8> {
    der::sequence(&[match hash {
        HashAlgorithm::Sha1 => der::oid(&[1, 2, 840, 10045, 4, 1]),
        HashAlgorithm::Sha224 => der::oid(&[1, 2, 840, 10045, 4, 3, 1]),
        HashAlgorithm::Sha256 => der::oid(&[1, 2, 840, 10045, 4, 3, 2]),
        HashAlgorithm::Sha384 => der::oid(&[1, 2, 840, 10045, 4, 3, 3]),
        HashAlgorithm::Sha512 => der::oid(&[1, 2, 840, 10045, 4, 3, 4]),
    }])
}

/// ecdsa-plain-SHA* (BSI TR-03111, 5.2.1.1), for ActiveAuthenticationInfo.
pub(super) fn ecdsa_plain_oid(hash: HashAlgorithm) -> Vec<u8> {
    let last = match hash {
        HashAlgorithm::Sha1 => 1,
        HashAlgorithm::Sha224 => 2,
        HashAlgorithm::Sha256 => 3,
        HashAlgorithm::Sha384 => 4,
        HashAlgorithm::Sha512 => 5,
    };
    der::oid(&[0, 4, 0, 127, 0, 7, 1, 1, 4, 1, last])
}

/// SubjectPublicKeyInfo of an EC key.
pub(super) fn public_key_info(point: &Point, explicit: bool) -> Vec<u8> {
    der::sequence(&[key_algorithm(point.curve(), explicit), der::bits(&point.to_uncompressed())])
}

/// SubjectPublicKeyInfo of an EC key by the number of its domain parameters (Doc 9303-11, 9.5.1).
pub(super) fn standardized_key_info(point: &Point) -> Vec<u8> {
    let id = der::integer(u32::from(point.curve().standardized_id()));
    let algorithm = der::sequence(&[der::oid(&[0, 4, 0, 127, 0, 7, 1, 2]), id]);
    der::sequence(&[algorithm, der::bits(&point.to_uncompressed())])
}

/// SubjectPublicKeyInfo of a key for key agreement: EC with explicit parameters, or Diffie-Hellman as PKCS #3 has it.
pub(super) fn agreement_key_info(key: &GroupKey) -> Vec<u8> {
    match key {
        GroupKey::Curve(key) => public_key_info(&key.public(), true),
        GroupKey::Modp(key) => {
            let number = der::unsigned(key.public().as_bytes());
            der::sequence(&[dh_algorithm(key.group()), der::bits(&number)])
        }
    }
}

/// SubjectPublicKeyInfo of an RSA key (RFC 3279, 2.3.1).
pub(super) fn rsa_key_info(key: &RsaPublicKey) -> Vec<u8> {
    let algorithm = der::sequence(&[der::oid(&[1, 2, 840, 113_549, 1, 1, 1]), vec![0x05, 0x00]]);
    let pair = der::sequence(&[der::unsigned(key.modulus()), der::unsigned(key.exponent())]);
    der::sequence(&[algorithm, der::bits(&pair)])
}

/// PKCS #8 of a key for key agreement.
pub(super) fn agreement_pkcs8(key: &GroupKey) -> Vec<u8> {
    match key {
        GroupKey::Curve(key) => pkcs8(key),
        GroupKey::Modp(key) => {
            let number = der::octets(&der::unsigned(&key.to_bytes()));
            der::sequence(&[der::integer(0), dh_algorithm(key.group()), number])
        }
    }
}

/// dhKeyAgreement with prime and generator (PKCS #3).
fn dh_algorithm(group: ModpGroup) -> Vec<u8> {
    let (p, g, _) = group.parameters();
    let parameters = der::sequence(&[der::unsigned(&p), der::unsigned(&g)]);
    der::sequence(&[der::oid(&[1, 2, 840, 113_549, 1, 3, 1]), parameters])
}

/// PKCS #8 of an EC key with a named curve.
pub(crate) fn pkcs8(key: &PrivateScalar) -> Vec<u8> {
    let public = der::constructed(0xA1, &[der::bits(&key.public().to_uncompressed())]);
    let inner = der::sequence(&[der::integer(1), der::octets(&key.to_bytes()), public]);
    der::sequence(&[der::integer(0), key_algorithm(key.curve(), false), der::octets(&inner)])
}

fn key_algorithm(curve: NamedCurve, explicit: bool) -> Vec<u8> {
    let parameters = if explicit { explicit_parameters(curve) } else { crate::passport::curve_oid(curve) };
    der::sequence(&[der::oid(&[1, 2, 840, 10045, 2, 1]), parameters])
}

/// SpecifiedECDomain (SEC 1, C.2): version, prime field, a and b, generator, order, cofactor.
fn explicit_parameters(curve: NamedCurve) -> Vec<u8> {
    let parameters = curve.parameters();
    let generator = [&[0x04][..], &parameters.gx, &parameters.gy].concat();
    der::sequence(&[
        der::integer(1),
        der::sequence(&[der::oid(&[1, 2, 840, 10045, 1, 1]), der::unsigned(&parameters.p)]),
        der::sequence(&[der::octets(&parameters.a), der::octets(&parameters.b)]),
        der::octets(&generator),
        der::unsigned(&parameters.n),
        der::integer(u32::from(parameters.h)),
    ])
}
