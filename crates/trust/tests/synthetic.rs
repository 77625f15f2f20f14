//! The negative matrix as far as files alone can show it: an issuer of our own, one thing wrong at a time.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use chip_crypto::hash::HashAlgorithm;
use chip_crypto::random::SeededRandom;
use chip_crypto::signature::{SignatureScheme, SigningKey};
use support::world::{DG2, World, assert_code, deciding};
use support::{CertSpec, authority, crl, crl_of, dg1, issue, name, party, revoked_for, sod};
use trust::{Chain, ChipVerdict, DataSignature, Level};

#[test]
fn control_is_valid_and_trusted() {
    let verdict = World::new().trusting().judge();
    assert_eq!(deciding(&verdict), None, "{:?}", verdict.checks);
    assert_eq!((verdict.data_signature, verdict.chain), (DataSignature::Valid, Chain::Trusted));
    assert_eq!(verdict.algorithm.as_deref(), Some("secp256r1/SHA-256"));
    assert_eq!(verdict.fields.document_number.as_deref(), Some("L898902C3"));
    assert!(!format!("{verdict:?}").contains("ERIKSSON"));
    let copy: ChipVerdict = serde_json::from_str(&serde_json::to_string(&verdict).unwrap()).unwrap();
    assert_eq!(copy, verdict);
}

#[test]
fn p01_p02_p53_unknown_authorities() {
    let mut world = World::new();
    assert_code(&world, "TRUST_STORE_EMPTY");
    let other = party(3, "UT", "CSCA of somebody");
    world.anchors.push(issue(&other, &other, &authority()));
    assert_code(&world, "CSCA_UNKNOWN");
    let mut world = World::new().trusting();
    let own = party(4, "UT", "Signer of itself");
    let certificate = issue(&own, &own, &world.signer);
    let file = sod(&own, &certificate, &world.signer.serial, &own.name, &world.sod);
    assert_eq!(deciding(&world.judge_sod(&file)).as_deref(), Some("CSCA_UNKNOWN"));
    // A re-keyed authority of the same name whose key identifier is another: ours is simply not there.
    let mut rekeyed = party(5, "UT", "CSCA Utopia");
    rekeyed.ski = vec![9, 9];
    world.anchors = vec![issue(&rekeyed, &rekeyed, &authority())];
    assert_code(&world, "CSCA_UNKNOWN");
    // With both of them known the right one is found.
    world.anchors.push(world.csca_der());
    assert_eq!(world.judge().chain, Chain::Trusted);
}

#[test]
fn p03_same_name_and_label_other_key() {
    let mut world = World::new();
    let mut forged = party(6, "UT", "CSCA Utopia");
    forged.ski = world.csca.ski.clone();
    world.anchors.push(issue(&forged, &forged, &authority()));
    assert_code(&world, "CHAIN_SIG_INVALID");
}

#[test]
fn p04_another_country() {
    let mut world = World::new();
    world.csca = party(1, "FR", "CSCA");
    world.dsc = party(2, "FR", "DS");
    assert_code(&world.trusting(), "COUNTRY_MISMATCH");
}

#[test]
fn p05_p06_p07_revocation() {
    let mut world = World::new().trusting();
    let serial = world.signer.serial.clone();
    let good = crl(&world.csca, "20250615000000Z", &[(&[1, 2, 3], "20250101000000Z")]);
    let revoked = crl(&world.csca, "20250615000000Z", &[(&serial, "20250101000000Z")]);
    let other = party(7, "UT", "Another CSCA");
    let foreign = crl(&other, "20250615000000Z", &[(&serial, "20250101000000Z")]);
    let mut forged = other.clone();
    forged.name = world.csca.name.clone();
    let forged = crl(&forged, "20250615000000Z", &[(&serial, "20250101000000Z")]);
    let stale = crl(&world.csca, "20250101000000Z", &[]);
    let anchors = world.anchors.clone();
    for (list, code, chain) in [
        (good, None, Chain::Trusted),
        (revoked, Some("DSC_REVOKED"), Chain::Revoked),
        (foreign, Some("CRL_UNTRUSTED"), Chain::RevocationUnknown { age_days: None }),
        (forged, Some("CRL_UNTRUSTED"), Chain::RevocationUnknown { age_days: None }),
        (stale, Some("CRL_STALE"), Chain::RevocationUnknown { age_days: Some(181) }),
    ] {
        world.anchors = anchors.clone();
        world.anchors.push(list);
        let verdict = world.judge();
        assert_eq!(deciding(&verdict).as_deref(), code);
        assert_eq!(verdict.chain, chain);
    }
}

/// A stolen key signs with any signing time; a signer that was replaced in order signed what it signed before.
#[test]
fn p05_revocation_against_the_signing_time() {
    let mut world = World::new().trusting();
    let serial = world.signer.serial.clone();
    let anchors = world.anchors.clone();
    // The document was signed on 2025-06-01 and is judged on 2025-07-01.
    for (since, reason, code) in [
        ("20250101000000Z", 4, Some("DSC_REVOKED")),
        ("20250615000000Z", 0, Some("DSC_REVOKED")),
        ("20250615000000Z", 1, Some("DSC_REVOKED")),
        ("20250615000000Z", 3, None),
        ("20250615000000Z", 4, None),
        ("20250615000000Z", 5, None),
        ("20250615000000Z", 9, Some("DSC_REVOKED")),
    ] {
        world.anchors = anchors.clone();
        world.anchors.push(crl_of(&world.csca, "20250620000000Z", &[revoked_for(&serial, since, reason)], &[]));
        assert_eq!(deciding(&world.judge()).as_deref(), code, "reason {reason} since {since}");
    }
    // Without a signing time nothing was signed before.
    world.anchors = anchors.clone();
    world.anchors.push(crl_of(&world.csca, "20250620000000Z", &[revoked_for(&serial, "20250615000000Z", 4)], &[]));
    world.sod.signing_time = None;
    assert_code(&world, "DSC_REVOKED");
    // A list of changes (deltaCRLIndicator) revokes, but its silence says nothing.
    let mut world = World::new().trusting();
    let anchors = world.anchors.clone();
    let delta =
        |entries: &[Vec<u8>]| crl_of(&party(1, "UT", "CSCA Utopia"), "20250620000000Z", entries, &["2.5.29.27"]);
    world.anchors.push(delta(&[]));
    assert_eq!(world.judge().check("revocation").unwrap().state, trust::CheckState::NotChecked);
    world.anchors = anchors;
    world.anchors.push(delta(&[revoked_for(&serial, "20250101000000Z", 1)]));
    assert_code(&world, "DSC_REVOKED");
}

/// A key that stands in a link which may not issue and in its own certificate issues by the latter.
#[test]
fn links_and_renewed_keys() {
    let mut world = World::new();
    let old = party(8, "UT", "CSCA Utopia");
    let link = issue(&old, &world.csca, &CertSpec { ca: Some(false), serial: vec![3], ..authority() });
    world.anchors.push(link.clone());
    assert_code(&world, "CHAIN_CONSTRAINT");
    let world = world.trusting();
    assert_eq!((deciding(&world.judge()), world.judge().chain), (None, Chain::Trusted));
    // A link sent along leads from a known old key to the new one.
    let mut world = World::new();
    world.anchors.push(issue(&old, &old, &authority()));
    assert_code(&world, "CSCA_UNKNOWN");
    let link = issue(&old, &world.csca, &CertSpec { serial: vec![3], ..authority() });
    world.sod.certificates = Some(vec![world.dsc_der(), link]);
    assert_eq!((deciding(&world.judge()), world.judge().chain), (None, Chain::Trusted));
    let strange = CertSpec { serial: vec![3], unknown_critical: true, ..authority() };
    world.sod.certificates = Some(vec![world.dsc_der(), issue(&old, &world.csca, &strange)]);
    assert_code(&world, "CERT_CRITICAL_EXT");
    // An authority under another name and number, but with the key that signed.
    let mut renamed = party(1, "UT", "Passport Authority");
    renamed.ski = vec![7, 7];
    let mut world = World::new();
    world.anchors.push(issue(&renamed, &renamed, &authority()));
    assert_eq!((deciding(&world.judge()), world.judge().chain), (None, Chain::Trusted));
}

#[test]
fn p08_to_p11_dates() {
    let mut world = World::new().trusting();
    world.sod.signing_time = Some("20231231235959Z");
    assert_code(&world, "DSC_NOT_VALID_AT_SIGNING");
    world.sod.signing_time = Some("20350101000001Z");
    assert_code(&world, "DSC_NOT_VALID_AT_SIGNING");
    world.sod.signing_time = Some("20240601000000Z");
    world.signer.to = "20250101000000Z";
    assert_eq!(deciding(&world.judge()), None, "expired today, valid at signing");
    assert_eq!(world.judge().chain, Chain::Trusted);
    let mut world = World::new();
    world.authority.to = "20231201000000Z";
    assert_code(&world.trusting(), "CSCA_NOT_VALID_AT_ISSUE");
}

#[test]
fn p12_p14_what_the_signer_may_not_be() {
    let mut world = World::new().trusting();
    for usage in [Some(0x20), Some(0x06), None] {
        world.signer.usage = usage;
        assert_code(&world, "DSC_KEY_USAGE");
    }
    let mut world = World::new().trusting();
    world.signer.unknown_critical = true;
    assert_code(&world, "CERT_CRITICAL_EXT");
}

#[test]
fn p13_chain_through_what_is_no_authority() {
    let mut world = World::new().trusting();
    let between = party(8, "UT", "Between");
    let intermediate = issue(&world.csca, &between, &CertSpec { ca: Some(false), usage: Some(0x80), ..authority() });
    let leaf = issue(&between, &world.dsc, &world.signer);
    world.sod.certificates = Some(vec![leaf.clone(), intermediate]);
    let file = sod(&world.dsc, &leaf, &world.signer.serial, &between.name, &world.sod);
    assert_eq!(deciding(&world.judge_sod(&file)).as_deref(), Some("CHAIN_CONSTRAINT"));
    // The authority itself may be marked as none.
    let mut world = World::new();
    world.authority.ca = Some(false);
    assert_code(&world.trusting(), "CHAIN_CONSTRAINT");
}

#[test]
fn p15_to_p23_data_groups() {
    let mut world = World::new().trusting();
    world.groups.insert(2, b"another face".to_vec());
    assert_code(&world, "DG_HASH_MISMATCH(2)");
    world.groups.insert(1, [dg1(), vec![0]].concat());
    assert_code(&world, "DG_HASH_MISMATCH(1)");
    let mut world = World::new().trusting();
    world.groups.insert(15, vec![0x6F, 0]);
    assert_code(&world, "DG_NOT_IN_SOD(15)");
    assert_eq!(world.judge().level(), Level::Amber);
    world.sod.groups.pop();
    assert_code(&world, "DG_NOT_IN_SOD(2)");
    let mut world = World::new().trusting();
    world.sod.groups.push((1, vec![0; 32]));
    assert_code(&world, "SOD_DUPLICATE_DG");
}

#[test]
fn p25_to_p30_signed_data() {
    let mut world = World::new().trusting();
    let mut file = world.sod_der();
    *file.last_mut().unwrap() ^= 1;
    assert_eq!(deciding(&world.judge_sod(&file)).as_deref(), Some("SOD_SIG_INVALID"));
    world.sod.wrong_digest = true;
    assert_code(&world, "SOD_DIGEST_MISMATCH");
    let mut world = World::new().trusting();
    world.sod.attributes = false;
    assert_code(&world, "SOD_ATTRS_MISSING");
    let mut world = World::new().trusting();
    world.sod.attribute_type = "1.2.3";
    assert_code(&world, "SOD_CONTENT_TYPE");
    let mut world = World::new().trusting();
    for signers in [0, 2] {
        world.sod.signers = signers;
        assert_code(&world, "SOD_SIGNER_COUNT");
    }
    let mut world = World::new().trusting();
    world.sod.certificates = Some(Vec::new());
    assert_code(&world, "DSC_MISSING");
    // A signer imported before is found.
    world.anchors.push(world.dsc_der());
    assert_eq!(world.judge().data_signature, DataSignature::Valid);
    assert_eq!(world.judge().chain, Chain::Trusted);
}

#[test]
fn p31_sha1_is_verified_and_reported() {
    let mut world = World::new().trusting();
    world.sod.hash = HashAlgorithm::Sha1;
    world.sod.groups = [(1, dg1()), (2, DG2.to_vec())]
        .map(|(n, b)| (n, chip_crypto::hash::digest(HashAlgorithm::Sha1, &[&b])))
        .to_vec();
    let verdict = world.judge();
    assert_eq!(deciding(&verdict).as_deref(), Some("ALG_FORBIDDEN"));
    assert_eq!((verdict.level(), verdict.data_signature), (Level::Amber, DataSignature::Valid));
}

#[test]
fn p32_p33_rsa_keys() {
    let mut world = World::new().trusting();
    world.dsc.key = SigningKey::generate_rsa(1024, &mut SeededRandom::new(11)).unwrap();
    world.dsc.scheme = SignatureScheme::RsaPkcs1(HashAlgorithm::Sha256);
    let verdict = world.judge();
    assert_eq!(deciding(&verdict).as_deref(), Some("KEY_TOO_SMALL"));
    assert_eq!((verdict.level(), verdict.data_signature), (Level::Amber, DataSignature::Valid));
    // A key for PSS with SHA-512 alone, used with SHA-256.
    world.dsc.scheme =
        SignatureScheme::RsaPss { hash: HashAlgorithm::Sha256, mgf: HashAlgorithm::Sha256, salt_len: 20 };
    let chip_crypto::signature::PublicKey::Rsa(key) = world.dsc.key.public() else { panic!("an RSA key") };
    let numbers = support::seq(&[support::int(key.modulus()), support::int(key.exponent())]);
    let identifier = support::seq(&[support::oid("1.2.840.113549.1.1.10"), support::pss(HashAlgorithm::Sha512, 20)]);
    world.signer.spki = Some(support::seq(&[identifier, support::bits(&numbers)]));
    assert_code(&world, "ALG_PARAM_MISMATCH");
}

#[test]
fn p37_signed_content_that_is_not_der() {
    let mut world = World::new().trusting();
    world.sod.long_form = true;
    assert_code(&world, "DER_NOT_CANONICAL");
    assert_eq!(world.judge().data_signature, DataSignature::Invalid);
}

#[test]
fn names_differ_in_order_case_and_spaces_only() {
    let world = World::new().trusting();
    let odd = sod(&world.dsc, &world.dsc_der(), &world.signer.serial, &name("ut", "csca  UTOPIA"), &world.sod);
    assert_eq!(world.judge_sod(&odd).data_signature, DataSignature::Valid);
}

#[test]
fn p24_opened_with_the_key_of_another_document() {
    let mut verdict = World::new().trusting().judge();
    verdict.compare_access_key("L898902C3", "740812", "120415");
    assert_eq!(verdict.print_match, trust::PrintMatch::Match);
    verdict.compare_access_key("L898902C4", "740812", "120415");
    assert_eq!(verdict.codes()[0], "ACCESS_KEY_MRZ_MISMATCH");
    assert_eq!(verdict.level(), Level::Red);
}
