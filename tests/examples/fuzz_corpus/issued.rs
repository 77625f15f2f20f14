//! Files and certificates of the synthetic issuer.

use apdu::tlv::{Tag, encode};
use base64::Engine as _;
use chip_crypto::curve::NamedCurve;
use chip_crypto::hash::HashAlgorithm;
use chip_crypto::modp::ModpGroup;
use simulator::issuer::{ChipPlan, PassportPlan, PkiPlan, TestPki};
use simulator::{Cipher, Group, Mapping, PaceVariant, Profile};

use super::{Failure, Folder, blocks};

pub fn write(to: &Folder) -> Result<(), Failure> {
    let pki = TestPki::generate(&PkiPlan::default())?;
    to.fixture("csca.der", pki.csca_certificate())?;
    let profile = pki.issue(&PassportPlan::default())?;
    let file = |id: &str| profile.files[id].bytes(&profile.base);
    to.fixture("dg1.bin", &file("0101")?)?;
    to.fixture("dg2.bin", &file("0102")?)?;
    for (target, id) in
        [("ef_com", "011E"), ("dg1_mrz", "0101"), ("dg2", "0102"), ("dg14_15", "010E"), ("dg14_15", "010F")]
    {
        to.seed(target, &format!("specimen-{id}"), file(id)?)?;
    }
    for (target, id) in [("tlv", "0101"), ("tlv", "011D"), ("tlv", "010E")] {
        to.seed(target, &format!("specimen-{id}"), file(id)?)?;
    }
    to.seed("atr", "specimen", profile.master_files["2F01"].bytes(&profile.base)?)?;
    security_options(to, &pki)?;
    signed(to)?;
    lists(to, &pki)
}

fn security_options(to: &Folder, pki: &TestPki) -> Result<(), Failure> {
    let variant = |cipher, parameter_id, mapping| PaceVariant { cipher, parameter_id, mapping };
    let pace = vec![
        variant(Cipher::Aes128, 13, Mapping::Generic),
        variant(Cipher::Aes256, 18, Mapping::Integrated),
        variant(Cipher::TripleDes, 2, Mapping::Generic),
        variant(Cipher::Aes128, 12, Mapping::ChipAuthentication),
    ];
    let chip_key = |group, cipher, key_id| ChipPlan { group, cipher, key_id: Some(key_id), inferred: false };
    let plan = PassportPlan {
        pace,
        chip: None,
        more_chip_keys: vec![
            chip_key(Group::Curve(NamedCurve::Secp521r1), Cipher::Aes256, 1),
            chip_key(Group::Modp(ModpGroup::Modp2048Order256), Cipher::TripleDes, 2),
        ],
        ..PassportPlan::default()
    };
    let profile: Profile = pki.issue(&plan)?;
    to.seed("card_access", "many", profile.master_files["011C"].bytes(&profile.base)?)?;
    to.seed("dg14_15", "many-keys", profile.files["010E"].bytes(&profile.base)?)?;
    if let Some(security) = profile.master_files.get("011D") {
        to.seed("sod_cms", "card-security", security.bytes(&profile.base)?)?;
    }
    let unknown = encode(Tag(0x30), &encode(Tag(6), &[0x04, 0, 0x7F, 0, 7, 2, 2, 4, 9, 9]));
    to.seed("card_access", "unknown", encode(Tag(0x31), &unknown.repeat(40)))
}

fn signed(to: &Folder) -> Result<(), Failure> {
    for (name, curve, hash, explicit) in [
        ("p256", NamedCurve::Secp256r1, HashAlgorithm::Sha256, true),
        ("p521", NamedCurve::Secp521r1, HashAlgorithm::Sha512, false),
        ("bp384", NamedCurve::BrainpoolP384r1, HashAlgorithm::Sha384, true),
        ("bp224", NamedCurve::BrainpoolP224r1, HashAlgorithm::Sha224, false),
        ("sha1", NamedCurve::Secp256r1, HashAlgorithm::Sha1, false),
    ] {
        let plan = PkiPlan {
            signer_curve: curve,
            csca_curve: curve,
            hash,
            explicit_parameters: explicit,
            ..PkiPlan::default()
        };
        let pki = TestPki::generate(&plan)?;
        to.seed("x509", &format!("csca-{name}"), pki.csca_certificate())?;
        to.seed("x509", &format!("signer-{name}"), pki.signer_certificate())?;
        to.seed("sod_cms", name, pki.security_object(&[(1, b"one"), (2, b"two"), (14, b"fourteen")])?)?;
    }
    let pki = TestPki::generate(&PkiPlan::default())?;
    to.seed("sod_cms", "padded", [pki.security_object(&[(1, b"one")])?, vec![0; 64]].concat())?;
    to.seed("sod_cms", "no-groups", pki.security_object(&[])?)
}

fn lists(to: &Folder, pki: &TestPki) -> Result<(), Failure> {
    let list = pki.master_list()?;
    let base64 = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let folded = |bytes: &[u8], between: &str| {
        let text = base64(bytes);
        text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect::<Vec<_>>().join(between)
    };
    let csca = pki.csca_certificate();
    let bare = encode(Tag(0x30), &[encode(Tag(2), &[0]), encode(Tag(0x31), csca)].concat());
    to.seed("master_list", "signed", &list)?;
    to.seed("master_list", "bare", &bare)?;
    to.seed("master_list", "certificate", csca)?;
    let pem = |label: &str, bytes: &[u8]| {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", folded(bytes, "\n"))
    };
    to.seed("master_list", "pem", pem("CERTIFICATE", csca))?;
    to.seed("master_list", "cms-pem", pem("CMS", &list))?;
    to.seed("master_list", "pem-open", "-----BEGIN ".repeat(200))?;
    let entry = |attribute: &str, bytes: &[u8]| format!("dn: c=UT,dc=test\n{attribute}:: {}\n\n", folded(bytes, "\n "));
    to.seed("ldif", "list", format!("version: 1\n\n{}", entry("pkdMasterListContent", &list)))?;
    to.seed("ldif", "certificates", entry("userCertificate;binary", csca).repeat(2))?;
    let revoked = |serial: u8| {
        let reason = encode(
            Tag(0x30),
            &encode(Tag(0x30), &[encode(Tag(6), &[0x55, 0x1D, 0x15]), encode(Tag(4), &[10, 1, 4])].concat()),
        );
        encode(Tag(0x30), &[encode(Tag(2), &[serial]), encode(Tag(0x17), b"260101000000Z"), reason].concat())
    };
    let crl = |entries: u8| -> Result<Vec<u8>, Failure> {
        // Subject of the authority: the fifth field of its TBSCertificate after version, serial number, algorithm and issuer.
        let mut outer = apdu::tlv::Reader::der(csca);
        let certificate = outer.expect(Tag::SEQUENCE)?;
        let mut outer = outer.enter(&certificate)?;
        let tbs = outer.expect(Tag::SEQUENCE)?;
        let algorithm = outer.expect(Tag::SEQUENCE)?.whole;
        let mut fields = outer.enter(&tbs)?;
        let issuer = [fields.next()?, fields.next()?, fields.next()?, fields.next()?][3].whole;
        let entries = encode(Tag(0x30), &(0..entries).flat_map(revoked).collect::<Vec<_>>());
        let number = encode(Tag(0x30), &[encode(Tag(6), &[0x55, 0x1D, 0x14]), encode(Tag(4), &[2, 1, 5])].concat());
        let times = [encode(Tag(0x17), b"260101000000Z"), encode(Tag(0x17), b"270101000000Z")].concat();
        let extensions = encode(Tag(0xA0), &encode(Tag(0x30), &number));
        let tbs = [&encode(Tag(2), &[1])[..], algorithm, issuer, &times, &entries, &extensions].concat();
        Ok(encode(
            Tag(0x30),
            &[&encode(Tag(0x30), &tbs)[..], algorithm, &encode(Tag(3), &[0, 0x30, 6, 2, 1, 1, 2, 1, 1])].concat(),
        ))
    };
    for (name, entries) in [("empty", 0), ("three", 3), ("two-hundred", 200)] {
        to.seed("crl", name, crl(entries)?)?;
    }
    to.seed("ldif", "revocation", entry("certificateRevocationList;binary", &crl(3)?))?;
    to.seed("master_list", "revocation", pem("X509 CRL", &crl(3)?))?;
    let head = [&3_u64.to_be_bytes()[..], &1_780_000_000_i64.to_be_bytes()].concat();
    let item =
        |bytes: &[u8]| [&1_779_000_000_i64.to_be_bytes()[..], &(bytes.len() as u32).to_be_bytes(), bytes].concat();
    to.seed("trust_bundle", "list", [&head[..], &[0, 1], &item(&list)].concat())?;
    to.seed("trust_bundle", "two", [&head[..], &[0, 2], &item(csca), &item(&crl(3)?)].concat())?;
    to.seed("trust_bundle", "count", [&head[..], &[0xFF, 0xFF], &item(csca)].concat())?;
    to.seed(
        "trust_bundle",
        "length",
        [&head[..], &[0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF, 1]].concat(),
    )?;
    to.seed(
        "apdu_loop",
        "sod",
        blocks(pki.security_object(&[(1, b"one")])?.chunks(223).map(|part| [part, &[0x90, 0]].concat())),
    )
}
