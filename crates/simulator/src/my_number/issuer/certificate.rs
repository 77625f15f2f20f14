//! Certificates of the JPKI kind: leaves issued directly by a self-signed root.

use chip_crypto::hash::{HashAlgorithm, digest};
use chip_crypto::random::SystemRandom;
use chip_crypto::signature::{PublicKey, SignatureScheme, SigningError, SigningKey};

use super::{CardPlan, Era};
use crate::der;
use crate::issuer::{IssuerError, Validity};

/// The two hierarchies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaf {
    User,
    Signature,
}

pub(super) struct LeafPlan<'a> {
    pub(super) kind: Leaf,
    pub(super) validity: &'a Validity,
    pub(super) holder: &'a CardPlan,
}

pub(super) fn root(kind: Leaf, key: &SigningKey, validity: &Validity) -> Result<Vec<u8>, IssuerError> {
    let name = issuer_name(kind);
    let extensions = [
        extension(&[2, 5, 29, 15], true, der::named_bits(1, &[0x06])),
        extension(&[2, 5, 29, 19], true, der::sequence(&[der::boolean_true()])),
        extension(&[2, 5, 29, 14], false, der::octets(&key_id(key)?)),
    ];
    sign(key, &name, &name, validity, key, &extensions)
}

pub(super) fn leaf(plan: &LeafPlan<'_>, key: &SigningKey, issuer: &SigningKey) -> Result<Vec<u8>, IssuerError> {
    let authority = der::sequence(&[der::tlv(0x80, &key_id(issuer)?)]);
    let (usage, policy, own) = match plan.kind {
        Leaf::User => {
            let client_auth = der::sequence(&[der::oid(&[1, 3, 6, 1, 5, 5, 7, 3, 2])]);
            (der::named_bits(7, &[0x80]), 30, extension(&[2, 5, 29, 37], false, client_auth))
        }
        Leaf::Signature => {
            (der::named_bits(6, &[0xC0]), 20, extension(&[2, 5, 29, 17], false, alternative_names(plan.holder)))
        }
    };
    let policies = der::sequence(&[der::sequence(&[der::oid(&[1, 2, 392, 200_149, 8, 5, 1, 0, policy])])]);
    let extensions = [
        extension(&[2, 5, 29, 15], true, usage),
        own,
        extension(&[2, 5, 29, 32], true, policies),
        extension(&[2, 5, 29, 35], false, authority),
        extension(&[2, 5, 29, 14], false, der::octets(&key_id(key)?)),
    ];
    let subject = der::sequence(&[part(6, der::printable("UT")), part(3, der::printable("SPECIMEN0000000001"))]);
    sign(key, &subject, &issuer_name(plan.kind), plan.validity, issuer, &extensions)
}

fn sign(
    key: &SigningKey,
    subject: &[u8],
    issuer_name: &[u8],
    validity: &Validity,
    issuer: &SigningKey,
    extensions: &[Vec<u8>],
) -> Result<Vec<u8>, IssuerError> {
    let PublicKey::Rsa(rsa) = key.public() else {
        return Err(SigningError::KeyMismatch.into());
    };
    let algorithm = |last| der::sequence(&[der::oid(&[1, 2, 840, 113_549, 1, 1, last]), vec![0x05, 0x00]]);
    let numbers = der::sequence(&[der::unsigned(rsa.modulus()), der::unsigned(rsa.exponent())]);
    let serial = digest(HashAlgorithm::Sha256, &[rsa.modulus(), subject]);
    let body = der::sequence(&[
        der::constructed(0xA0, &[der::integer(2)]),
        der::unsigned(serial.get(..4).unwrap_or_default()),
        algorithm(11),
        issuer_name.to_vec(),
        der::sequence(&[der::utc_time(&validity.not_before), der::utc_time(&validity.not_after)]),
        subject.to_vec(),
        der::sequence(&[algorithm(1), der::bits(&numbers)]),
        der::constructed(0xA3, &[der::sequence(extensions)]),
    ]);
    let signature = issuer.sign(&SignatureScheme::RsaPkcs1(HashAlgorithm::Sha256), &body, &mut SystemRandom::new())?;
    Ok(der::sequence(&[body, algorithm(11), der::bits(&signature)]))
}

fn issuer_name(kind: Leaf) -> Vec<u8> {
    der::sequence(&[
        part(6, der::printable("UT")),
        part(10, der::utf8("Madoguchi Test PKI")),
        part(11, der::utf8("TEST ONLY")),
        part(
            11,
            der::utf8(match kind {
                Leaf::User => "user authentication",
                Leaf::Signature => "digital signature",
            }),
        ),
    ])
}

fn part(arc: u32, value: Vec<u8>) -> Vec<u8> {
    der::constructed(0x31, &[der::sequence(&[der::oid(&[2, 5, 4, arc]), value])])
}

fn extension(arcs: &[u32], critical: bool, value: Vec<u8>) -> Vec<u8> {
    let mut parts = vec![der::oid(arcs)];
    if critical {
        parts.push(der::boolean_true());
    }
    parts.push(der::octets(&value));
    der::sequence(&parts)
}

/// Other names of the signature certificate: 1 name, 2 its substitute characters, 3 sex, 4 birth date, 5 address.
fn alternative_names(holder: &CardPlan) -> Vec<u8> {
    let name = holder.certificate_name.as_ref().unwrap_or(&holder.name);
    let substitutes = holder.name_substitutes.clone().unwrap_or_else(|| "0".repeat(name.chars().count()));
    // The era as one digit, then the date.
    let era = match Era::of(&holder.birth) {
        Era::Showa => '3',
        Era::Heisei => '4',
        Era::Reiwa => '5',
    };
    let other = |last: u32, text: &str| {
        let value = der::constructed(0xA0, &[der::utf8(text)]);
        der::constructed(0xA0, &[der::oid(&[1, 2, 392, 200_149, 8, 5, 5, last]), value])
    };
    der::sequence(&[
        other(1, name),
        other(2, &substitutes),
        other(3, &holder.sex.to_string()),
        other(4, &format!("{era}{}", holder.birth)),
        other(5, &holder.address),
    ])
}

fn key_id(key: &SigningKey) -> Result<Vec<u8>, IssuerError> {
    match key.public() {
        PublicKey::Rsa(rsa) => Ok(digest(HashAlgorithm::Sha1, &[rsa.modulus()])),
        PublicKey::Ec(_) => Err(SigningError::KeyMismatch.into()),
    }
}
