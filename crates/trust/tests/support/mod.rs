//! Test data, and a small issuer of certificates, revocation lists and EF.SODs that can be wrong in one place.
#![allow(dead_code, clippy::unwrap_used, reason = "support for several tests, each using a part")]

pub mod forgery;
pub mod world;

use std::path::PathBuf;

use apdu::tlv::{Tag, encode};
use chip_crypto::curve::NamedCurve;
use chip_crypto::hash::{self, HashAlgorithm};
use chip_crypto::random::SeededRandom;
use chip_crypto::signature::{PublicKey, SignatureScheme, SigningKey};
use const_oid::ObjectIdentifier;

/// Where the shared test data lie, or a clear word that they do not.
pub fn data(path: &str) -> Option<Vec<u8>> {
    let root = std::env::var_os("MADOGUCHI_TEST_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    match std::fs::read(root.join("emrtd").join(path)) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            eprintln!("test data absent: NOT VERIFIED ({path}: {error})");
            None
        }
    }
}

pub fn seq(parts: &[Vec<u8>]) -> Vec<u8> {
    encode(Tag(0x30), &parts.concat())
}
pub fn set(parts: &[Vec<u8>]) -> Vec<u8> {
    encode(Tag(0x31), &parts.concat())
}
pub fn octets(bytes: &[u8]) -> Vec<u8> {
    encode(Tag(0x04), bytes)
}
pub fn oid(text: &str) -> Vec<u8> {
    encode(Tag(0x06), ObjectIdentifier::new(text).unwrap().as_bytes())
}
pub fn int(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().take_while(|b| **b == 0).count().min(bytes.len().saturating_sub(1));
    let mut value = bytes[start..].to_vec();
    if value[0] & 0x80 != 0 {
        value.insert(0, 0);
    }
    encode(Tag(0x02), &value)
}
pub fn bits(bytes: &[u8]) -> Vec<u8> {
    encode(Tag(0x03), &[&[0], bytes].concat())
}
pub fn time(text: &str) -> Vec<u8> {
    encode(Tag(0x18), text.as_bytes())
}
pub fn name(country: &str, common: &str) -> Vec<u8> {
    let part = |kind: &str, value: &str| set(&[seq(&[oid(kind), encode(Tag(0x0C), value.as_bytes())])]);
    seq(&[part("2.5.4.6", country), part("2.5.4.3", common)])
}

pub fn digest_oid(hash: HashAlgorithm) -> Vec<u8> {
    oid(match hash {
        HashAlgorithm::Sha1 => "1.3.14.3.2.26",
        HashAlgorithm::Sha224 => "2.16.840.1.101.3.4.2.4",
        HashAlgorithm::Sha256 => "2.16.840.1.101.3.4.2.1",
        HashAlgorithm::Sha384 => "2.16.840.1.101.3.4.2.2",
        HashAlgorithm::Sha512 => "2.16.840.1.101.3.4.2.3",
    })
}

pub fn pss(hash: HashAlgorithm, salt: u8) -> Vec<u8> {
    let digest = seq(&[digest_oid(hash)]);
    let field = |n: u32, value: Vec<u8>| encode(Tag(0xA0 + n), &value);
    seq(&[field(0, digest.clone()), field(1, seq(&[oid("1.2.840.113549.1.1.8"), digest])), field(2, int(&[salt]))])
}

pub fn scheme_identifier(scheme: SignatureScheme) -> Vec<u8> {
    match scheme {
        SignatureScheme::Ecdsa(HashAlgorithm::Sha1) => seq(&[oid("1.2.840.10045.4.1")]),
        SignatureScheme::Ecdsa(_) => seq(&[oid("1.2.840.10045.4.3.2")]),
        SignatureScheme::RsaPss { hash, salt_len, .. } => {
            seq(&[oid("1.2.840.113549.1.1.10"), pss(hash, salt_len as u8)])
        }
        _ => seq(&[oid("1.2.840.113549.1.1.11"), encode(Tag(0x05), &[])]),
    }
}

pub const ECDSA: SignatureScheme = SignatureScheme::Ecdsa(HashAlgorithm::Sha256);

/// A key with everything a certificate says about its owner.
#[derive(Clone)]
pub struct Party {
    pub key: SigningKey,
    pub name: Vec<u8>,
    pub ski: Vec<u8>,
    pub scheme: SignatureScheme,
}

pub fn party(seed: u64, country: &str, common: &str) -> Party {
    let key = SigningKey::generate_ec(NamedCurve::Secp256r1, &mut SeededRandom::new(seed)).unwrap();
    Party { key, name: name(country, common), ski: seed.to_be_bytes().to_vec(), scheme: ECDSA }
}

impl Party {
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.key.sign(&self.scheme, message, &mut SeededRandom::new(7)).unwrap()
    }

    pub fn spki(&self) -> Vec<u8> {
        match self.key.public() {
            PublicKey::Ec(point) => {
                seq(&[seq(&[oid("1.2.840.10045.2.1"), oid(point.curve().oid())]), bits(point.as_uncompressed())])
            }
            PublicKey::Rsa(key) => {
                let numbers = seq(&[int(key.modulus()), int(key.exponent())]);
                seq(&[seq(&[oid("1.2.840.113549.1.1.1"), encode(Tag(0x05), &[])]), bits(&numbers)])
            }
        }
    }
}

/// One certificate to be issued.
pub struct CertSpec {
    pub serial: Vec<u8>,
    pub from: &'static str,
    pub to: &'static str,
    /// First octet of KeyUsage.
    pub usage: Option<u8>,
    pub ca: Option<bool>,
    pub aki: bool,
    pub unknown_critical: bool,
    pub spki: Option<Vec<u8>>,
}

pub fn authority() -> CertSpec {
    CertSpec {
        serial: vec![1],
        from: "20200101000000Z",
        to: "20350101000000Z",
        usage: Some(0x06),
        ca: Some(true),
        aki: true,
        unknown_critical: false,
        spki: None,
    }
}

pub fn signer() -> CertSpec {
    CertSpec {
        serial: vec![0x51, 1, 2, 3, 4, 5, 6, 7, 8],
        from: "20240101000000Z",
        usage: Some(0x80),
        ca: None,
        ..authority()
    }
}

pub fn issue(issuer: &Party, subject: &Party, spec: &CertSpec) -> Vec<u8> {
    let extension = |kind: &str, critical: bool, value: Vec<u8>| {
        let flag = if critical { encode(Tag(0x01), &[0xFF]) } else { Vec::new() };
        seq(&[oid(kind), flag, octets(&value)])
    };
    let mut extensions = vec![extension("2.5.29.14", false, octets(&subject.ski))];
    if spec.aki {
        extensions.push(extension("2.5.29.35", false, seq(&[encode(Tag(0x80), &issuer.ski)])));
    }
    if let Some(usage) = spec.usage {
        extensions.push(extension("2.5.29.15", true, encode(Tag(0x03), &[0, usage])));
    }
    if let Some(ca) = spec.ca {
        extensions.push(extension("2.5.29.19", true, seq(&[if ca { encode(Tag(0x01), &[0xFF]) } else { Vec::new() }])));
    }
    if spec.unknown_critical {
        extensions.push(extension("1.2.3.4", true, octets(&[])));
    }
    let tbs = seq(&[
        encode(Tag(0xA0), &int(&[2])),
        int(&spec.serial),
        scheme_identifier(issuer.scheme),
        issuer.name.clone(),
        seq(&[time(spec.from), time(spec.to)]),
        subject.name.clone(),
        spec.spki.clone().unwrap_or_else(|| subject.spki()),
        encode(Tag(0xA3), &seq(&extensions)),
    ]);
    let signature = issuer.sign(&tbs);
    seq(&[tbs, scheme_identifier(issuer.scheme), bits(&signature)])
}

pub fn crl(issuer: &Party, this_update: &str, revoked: &[(&[u8], &str)]) -> Vec<u8> {
    let entries: Vec<_> = revoked.iter().map(|(serial, at)| seq(&[int(serial), time(at)])).collect();
    crl_of(issuer, this_update, &entries, &[])
}

/// One entry with a reason (RFC 5280, 5.3.1).
pub fn revoked_for(serial: &[u8], at: &str, reason: u8) -> Vec<u8> {
    let value = encode(Tag(0x0A), &[reason]);
    seq(&[int(serial), time(at), seq(&[seq(&[oid("2.5.29.21"), octets(&value)])])])
}

/// A list of entries with critical extensions.
pub fn crl_of(issuer: &Party, this_update: &str, entries: &[Vec<u8>], critical: &[&str]) -> Vec<u8> {
    let entries = if entries.is_empty() { Vec::new() } else { seq(entries) };
    let critical: Vec<_> =
        critical.iter().map(|kind| seq(&[oid(kind), encode(Tag(0x01), &[0xFF]), octets(&int(&[1]))])).collect();
    let extensions = if critical.is_empty() { Vec::new() } else { encode(Tag(0xA0), &seq(&critical)) };
    let parts =
        [int(&[1]), scheme_identifier(issuer.scheme), issuer.name.clone(), time(this_update), entries, extensions];
    let tbs = seq(&parts);
    let signature = issuer.sign(&tbs);
    seq(&[tbs, scheme_identifier(issuer.scheme), bits(&signature)])
}

pub const LDS: &str = "2.23.136.1.1.1";

/// One EF.SOD to be made; the defaults are right.
#[derive(Clone)]
pub struct SodSpec {
    pub groups: Vec<(u8, Vec<u8>)>,
    pub hash: HashAlgorithm,
    pub signing_time: Option<&'static str>,
    pub content_type: &'static str,
    pub attribute_type: &'static str,
    pub attributes: bool,
    pub wrong_digest: bool,
    pub signers: usize,
    pub certificates: Option<Vec<Vec<u8>>>,
    pub stated_scheme: Option<SignatureScheme>,
    pub long_form: bool,
    /// The digest algorithm as it is stated, when it is not `hash`.
    pub stated_digest: Option<&'static str>,
    /// LDS and Unicode version, from version 1 of the object on.
    pub versions: Option<[&'static str; 2]>,
    /// What is signed, when it is no list of data groups.
    pub content: Option<Vec<u8>>,
    /// Makes the signature value instead of the signer.
    pub forge: Option<fn(&[u8]) -> Vec<u8>>,
}

pub fn sod_spec(groups: &[(u8, &[u8])]) -> SodSpec {
    let hash = HashAlgorithm::Sha256;
    SodSpec {
        groups: groups.iter().map(|(n, bytes)| (*n, hash::digest(hash, &[bytes]))).collect(),
        hash,
        signing_time: Some("20250601000000Z"),
        content_type: LDS,
        attribute_type: LDS,
        attributes: true,
        wrong_digest: false,
        signers: 1,
        certificates: None,
        stated_scheme: None,
        long_form: false,
        stated_digest: None,
        versions: None,
        content: None,
        forge: None,
    }
}

pub fn sod(signer: &Party, certificate: &[u8], serial: &[u8], issuer_name: &[u8], spec: &SodSpec) -> Vec<u8> {
    let digest = seq(&[spec.stated_digest.map_or_else(|| digest_oid(spec.hash), oid)]);
    let groups: Vec<_> = spec.groups.iter().map(|(n, hash)| seq(&[int(&[*n]), octets(hash)])).collect();
    let mut version = int(&[0]);
    if spec.long_form {
        // 02 01 00 with its length in two octets: BER, not DER.
        version = vec![0x02, 0x81, 0x01, 0x00];
    }
    let mut versions = Vec::new();
    if let Some(texts) = spec.versions {
        version = int(&[1]);
        versions = seq(&texts.map(|text| encode(Tag(0x13), text.as_bytes())));
    }
    let content = spec.content.clone().unwrap_or_else(|| seq(&[version, digest.clone(), seq(&groups), versions]));
    let mut message_digest = hash::digest(spec.hash, &[&content]);
    if spec.wrong_digest {
        message_digest[0] ^= 1;
    }
    let attribute = |kind: &str, value: Vec<u8>| seq(&[oid(kind), set(&[value])]);
    let mut attributes = vec![
        attribute("1.2.840.113549.1.9.3", oid(spec.attribute_type)),
        attribute("1.2.840.113549.1.9.4", octets(&message_digest)),
    ];
    if let Some(at) = spec.signing_time {
        attributes.push(attribute("1.2.840.113549.1.9.5", time(at)));
    }
    let attributes = attributes.concat();
    let message = if spec.attributes { encode(Tag(0x31), &attributes) } else { content.clone() };
    let info = seq(&[
        int(&[1]),
        seq(&[issuer_name.to_vec(), int(serial)]),
        digest.clone(),
        if spec.attributes { encode(Tag(0xA0), &attributes) } else { Vec::new() },
        scheme_identifier(spec.stated_scheme.unwrap_or(signer.scheme)),
        octets(&spec.forge.map_or_else(|| signer.sign(&message), |forge| forge(&message))),
    ]);
    let certificates = spec.certificates.clone().unwrap_or_else(|| vec![certificate.to_vec()]);
    let signed = seq(&[
        int(&[3]),
        set(&[digest]),
        seq(&[oid(spec.content_type), encode(Tag(0xA0), &octets(&content))]),
        if certificates.is_empty() { Vec::new() } else { encode(Tag(0xA0), &certificates.concat()) },
        set(&vec![info; spec.signers]),
    ]);
    encode(Tag(0x77), &seq(&[oid("1.2.840.113549.1.7.2"), encode(Tag(0xA0), &signed)]))
}

/// A master list signed by `signer`, whose authority is in the list.
pub fn master_list(authority_of_list: &Party, signed_at: &'static str, certificates: &[Vec<u8>]) -> Vec<u8> {
    let (signing, spec) = (party(77, "UT", "List Signer"), signer());
    let certificate = issue(authority_of_list, &signing, &spec);
    let list = SodSpec {
        content: Some(seq(&[int(&[0]), set(certificates)])),
        content_type: "2.23.136.1.1.2",
        attribute_type: "2.23.136.1.1.2",
        signing_time: Some(signed_at),
        ..sod_spec(&[])
    };
    let file = sod(&signing, &certificate, &spec.serial, &authority_of_list.name, &list);
    apdu::tlv::Reader::ber(&file).expect(Tag(0x77)).unwrap().value.to_vec()
}

/// DG1 with the specimen of Doc 9303-4; check digits right, issued by Utopia.
pub fn dg1() -> Vec<u8> {
    dg1_of("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10")
}

pub fn dg1_of(zone: &str) -> Vec<u8> {
    encode(Tag(0x61), &encode(Tag(0x5F1F), zone.as_bytes()))
}
