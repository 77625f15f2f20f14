//! The published dump of a JPKI test card with a synthetic holder: every signature in it verifies, and no longer after any change of
//! one byte; the card of that folder is served and read as it is.

use std::path::{Path, PathBuf};

use acceptance::test_data;
use apdu::tlv::{Reader, Tag};
use chip::my_number::{CardKey, KeyProof, Lane, MyNumberFile, NumberB, Request, ap_key, cv_certificate};
use chip::pin::Pin;
use chip_crypto::hash::HashAlgorithm;
use chip_crypto::signature::{PublicKey, SignatureScheme, verify};
use simulator::my_number::{find, place};
use trust::my_number::{Hierarchy, MyNumberTrust, TrustInputError, judge};
use trust::{Certificate, Finding, Level};

use crate::support::read_card;

const RSA_SHA256: SignatureScheme = SignatureScheme::RsaPkcs1(HashAlgorithm::Sha256);

fn folder() -> Option<PathBuf> {
    test_data().map(|data| data.join("jp-cards"))
}

fn file(folder: &Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join("mynumber-testcard").join(name)).expect(name)
}

/// The keys of an issuer of card-verifiable certificates, from the collected list.
fn issuer_key(folder: &Path, name: &str) -> PublicKey {
    let json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.join("cv-ca-keys.json")).expect("the list")).expect("JSON");
    let keys = json["keys"].as_array().expect("keys");
    let entry = keys.iter().find(|key| key["issuer_key_name"] == name).expect(name);
    let number = |field: &str| unhex(entry[field].as_str().expect(field));
    PublicKey::rsa(&number("modulus_hex"), &number("exponent_hex")).expect("a key")
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
}

/// The objects of a file's template, each with its header.
fn objects(file: &[u8]) -> Vec<(u32, Vec<u8>, Vec<u8>)> {
    let outer = Reader::ber(file).next().expect("a template");
    let mut inside = Reader::ber(outer.value);
    let mut found = Vec::new();
    while !inside.is_empty() {
        let object = inside.next().expect("an object");
        found.push((object.tag.0, object.whole.to_vec(), object.value.to_vec()));
    }
    found
}

/// Verifies, and fails to after a change of any byte of message or signature.
fn sweep(what: &str, key: &PublicKey, message: &[u8], signature: &[u8]) {
    assert_eq!(verify(key, &RSA_SHA256, message, signature), Ok(()), "{what}");
    let (mut changed, mut forged) = (message.to_vec(), signature.to_vec());
    for at in 0..message.len() {
        changed[at] ^= 0x01;
        assert!(verify(key, &RSA_SHA256, &changed, signature).is_err(), "{what}: message byte {at}");
        changed[at] ^= 0x01;
    }
    for at in 0..signature.len() {
        forged[at] ^= 0x01;
        assert!(verify(key, &RSA_SHA256, message, &forged).is_err(), "{what}: signature byte {at}");
        forged[at] ^= 0x01;
    }
}

#[test]
fn every_signature_of_the_dump_verifies_and_fails_after_any_change() {
    let Some(folder) = folder() else { return };
    for (name, issuer) in [("surface-0004.bin", "6000023"), ("text-0004.bin", "6000033"), ("mf-do-F8.bin", "6000020")] {
        let bytes = file(&folder, name);
        let certificate = cv_certificate::parse(&bytes).expect(name);
        assert_eq!(certificate.issuer.name(), issuer.as_bytes());
        sweep(name, &issuer_key(&folder, issuer), certificate.body, certificate.signature);
    }
    let synthetic = file(&folder, "cv-certificate-synthetic.bin");
    let key = ap_key::parse_key(&file(&folder, "cv-ca-key-synthetic.bin"), "key").expect("a key");
    let certificate = cv_certificate::parse(&synthetic).expect("a certificate");
    sweep("synthetic", &key, certificate.body, certificate.signature);

    let signer = cv_certificate::parse(&file(&folder, "surface-0004.bin")).expect("a certificate").key;
    for (name, signed, signature) in
        [("surface-0001.bin", [0xDF11, 0xDF12], 0xDF13), ("surface-0005.bin", [0xDF41, 0xDF42], 0xDF43)]
    {
        let objects = objects(&file(&folder, name));
        let of = |tag| objects.iter().find(|object| object.0 == tag).expect("the object");
        let message: Vec<u8> = signed.iter().flat_map(|tag| of(*tag).1.clone()).collect();
        sweep(name, &signer, &message, &of(signature).2);
    }
}

#[test]
fn the_certificate_of_the_dump_is_of_the_test_hierarchy_and_of_no_other() {
    let Some(folder) = folder() else { return };
    let der = file(&folder, "jpki-auth-cert.der");
    let leaf = Certificate::parse(&der).expect("a certificate");
    let root = |path: &str| Certificate::parse(&std::fs::read(folder.join(path)).expect(path)).expect("a root");
    let test_root = root("jpki-test-roots/authca-test-2023.cer");
    assert!(leaf.verify_issued_by(&test_root).is_ok());
    for name in ["authca01", "authca02", "authca03", "signca01", "signca02", "signca03"] {
        assert!(leaf.verify_issued_by(&root(&format!("jpki-roots/{name}.cer"))).is_err(), "{name}");
    }
    // Any byte of the signed part: either no certificate any more, or not this issuer's.
    let start = der.windows(leaf.tbs().len()).position(|window| window == leaf.tbs()).expect("the signed part");
    for at in start..start + leaf.tbs().len() {
        let mut changed = der.clone();
        changed[at] ^= 0x01;
        let refused =
            Certificate::parse(&changed).is_ok_and(|certificate| certificate.verify_issued_by(&test_root).is_ok());
        assert!(!refused, "byte {at}");
    }
}

#[test]
fn published_roots_are_taken_with_their_fingerprints_and_test_roots_are_not() {
    let Some(folder) = folder() else { return };
    let mut trust = MyNumberTrust::new(Hierarchy::Production);
    let mut seen = Vec::new();
    for entry in std::fs::read_dir(folder.join("jpki-roots")).expect("the roots") {
        let der = std::fs::read(entry.expect("an entry").path()).expect("a root");
        let fingerprint = MyNumberTrust::fingerprint(&der);
        assert!(trust::my_number::PUBLISHED_ROOTS.contains(&fingerprint.as_str()), "{fingerprint}");
        trust.add_root(&der, &fingerprint).expect("a root");
        seen.push(fingerprint);
    }
    assert_eq!(seen.len(), 6);
    for entry in std::fs::read_dir(folder.join("jpki-test-roots")).expect("the roots") {
        let der = std::fs::read(entry.expect("an entry").path()).expect("a root");
        let vouched = MyNumberTrust::fingerprint(&der);
        assert_eq!(trust.add_root(&der, &vouched), Err(TrustInputError::TestHierarchy));
        assert_eq!(MyNumberTrust::new(Hierarchy::Test).add_root(&der, &vouched), Ok(()));
    }
    let keys = std::fs::read(folder.join("cv-ca-keys.json")).expect("the list");
    assert_eq!(trust.add_cv_keys(&keys), Ok(3));
    assert_eq!(MyNumberTrust::new(Hierarchy::Test).add_cv_keys(&keys), Ok(6));
}

/// Trust in the test hierarchy, or in the production one alone.
fn trust_in(folder: &Path, hierarchy: Hierarchy) -> MyNumberTrust {
    let mut trust = MyNumberTrust::new(hierarchy);
    let roots = if hierarchy == Hierarchy::Test { "jpki-test-roots" } else { "jpki-roots" };
    for entry in std::fs::read_dir(folder.join(roots)).expect("the roots") {
        let der = std::fs::read(entry.expect("an entry").path()).expect("a root");
        trust.add_root(&der, &MyNumberTrust::fingerprint(&der)).expect("a root");
    }
    trust.add_cv_keys(&std::fs::read(folder.join("cv-ca-keys.json")).expect("the list")).expect("keys");
    trust
}

#[test]
fn the_card_of_the_dump_is_read_as_it_is() {
    let Some(folder) = folder() else { return };
    let path = folder.join("mynumber-testcard");
    let card = || {
        let (contents, faults) = find(path.to_str().expect("a path")).expect("a folder").expect("a card");
        place(contents, faults)
    };
    let at = "2026-11-25T00:00:00Z".parse().expect("a time");
    // The dump lacks the file with the digests: the text is shown and said not to be checked, and no key is there to prove.
    let pin = || Request {
        lane: Some(Lane::TextPin(Pin::parse("1234").expect("four digits"))),
        user_certificate: true,
        ..Request::default()
    };
    let evidence = read_card(card(), pin()).expect("a reading");
    assert!(matches!(evidence.proofs[&CardKey::Text], KeyProof::Refused(_)));
    let verdict = judge(&evidence, &trust_in(&folder, Hierarchy::Test), at);
    assert_eq!(verdict.fields.name.as_deref(), Some("黒桐　幹也"));
    assert_eq!(verdict.fields.birth_date.as_deref(), Some("1980-02-17"));
    assert_eq!(verdict.findings, [Finding::FileMissing, Finding::JpkiStatusPending]);
    for name in ["text_issuer", "user_chain", "user_purpose", "user_validity"] {
        assert_eq!(verdict.check(name).expect(name).state, trust::CheckState::Passed, "{name}");
    }
    let production = judge(&evidence, &trust_in(&folder, Hierarchy::Production), at);
    assert!(
        production.findings.contains(&Finding::JpkiCaUnknown)
            && production.findings.contains(&Finding::MnIssuerUnknown)
    );
    assert_eq!(production.level(), Level::Amber);

    // Nor the face: what 照合番号B opens of it is missing, and said so.
    let number = NumberB::parse("55021720352285").expect("fourteen digits");
    let number = Request { lane: Some(Lane::NumberB(number)), ..Request::default() };
    let evidence = read_card(card(), number).expect("a reading");
    assert!(evidence.absent.contains_key(&MyNumberFile::CardFace));
    let bytes = file(&folder, "text-0002.bin");
    assert_eq!(evidence.files[&MyNumberFile::Attributes], bytes);
    assert_eq!(Reader::ber(&bytes).peek_tag(), Some(Tag(0xFF20)));
}
