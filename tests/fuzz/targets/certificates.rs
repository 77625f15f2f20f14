//! Certificates, signed objects and lists of issuers.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::fixed::JUDGED_AT;
use chip_crypto::device_key::{DeviceKey, SIGNATURE_LEN};
use chip_crypto::hash::{HashAlgorithm, digest};
use jiff::Timestamp;
use trust::Issuers;
use trust::cms::{MAX_CERTIFICATES, SignedData};
use trust::lds::LdsSecurityObject;
use trust::{Certificate, Level, MAX_CERTIFICATE, RevocationList, TrustBundle, TrustStore};

/// Entries one list may have.
const MAX_ENTRIES: usize = 100_000;
/// The authority of the synthetic documents in the corpus.
const CSCA: &[u8] = include_bytes!("../fixtures/csca.der");

/// A moment at which the synthetic documents are valid.
pub fn judged_at() -> Timestamp {
    Timestamp::from_second(JUDGED_AT).unwrap_or_default()
}

/// The same for documents of every kind: of Japanese cards nobody is believed.
pub fn issuers() -> &'static Issuers {
    static ISSUERS: OnceLock<Issuers> = OnceLock::new();
    ISSUERS.get_or_init(|| store().clone().into())
}

/// A store that knows the authority of the synthetic documents.
pub fn store() -> &'static TrustStore {
    static STORE: OnceLock<TrustStore> = OnceLock::new();
    STORE.get_or_init(|| {
        let mut store = TrustStore::empty();
        store.add(trust::import(CSCA).expect("the fixture is a certificate"));
        store
    })
}

/// Budgets of a security object hold; without a data group nothing is ever genuine; two judgements say the same.
pub fn sod_cms(input: &[u8]) {
    let inside = apdu::tlv::find(input, apdu::tlv::Tag(0x77)).ok().flatten().unwrap_or(input);
    if let Ok(signed) = SignedData::parse(inside) {
        assert!(signed.certificates.len() <= MAX_CERTIFICATES && signed.signers.len() <= MAX_CERTIFICATES);
        assert!(signed.content.len() <= inside.len());
        for signer in &signed.signers {
            let _ = signer.attributes();
        }
        if let Ok(lds) = LdsSecurityObject::parse(&signed.content) {
            assert!(lds.hashes.keys().all(|number| (1..=16).contains(number)));
        }
    }
    let judge = || trust::judge_files(input, &BTreeMap::new(), store(), judged_at());
    let verdict = judge();
    assert_ne!(verdict.level(), Level::Green);
    assert_eq!(verdict, judge());
}

/// A certificate is a piece of its bytes, and parses to itself again.
pub fn x509(input: &[u8]) {
    let Ok(certificate) = Certificate::parse(input) else { return };
    let der = certificate.der();
    assert!(input.starts_with(der) && der.len() <= MAX_CERTIFICATE);
    assert!(der.len() > certificate.tbs().len() + certificate.signature().len());
    let again = Certificate::parse(der).expect("parses without what follows it");
    assert_eq!((again.der(), again.tbs(), again.serial()), (der, certificate.tbs(), certificate.serial()));
    assert_eq!(
        format!("{:?} {:?}", again.key(), again.algorithm()),
        format!("{:?} {:?}", certificate.key(), certificate.algorithm())
    );
    assert_eq!(again.verify_issued_by(&again), certificate.verify_issued_by(&certificate));
    let _ = (certificate.country(), certificate.key_name(), certificate.may_issue());
}

/// Entries within the budget; an entry is found by its own serial number; a changed list is nobody's.
pub fn crl(input: &[u8]) {
    let Ok(list) = RevocationList::parse(input) else { return };
    assert!(list.len() <= MAX_ENTRIES && input.starts_with(list.der()));
    let again = RevocationList::parse(list.der()).expect("parses without what follows it");
    assert_eq!((again.len(), again.this_update(), again.is_whole()), (list.len(), list.this_update(), list.is_whole()));
    for authority in store().certificates() {
        assert_eq!(list.verify_issued_by(authority), again.verify_issued_by(authority));
    }
}

/// Whatever form trust data come in: the certificates are pieces of the file, and a second reading says the same.
pub fn import(input: &[u8]) {
    match (trust::import_with(input, store()), trust::import_with(input, store())) {
        (Ok(one), Ok(two)) => {
            // Base64 takes four characters for three bytes: no form makes more of a file than it holds.
            assert!(one.certificates.iter().map(|certificate| certificate.der().len()).sum::<usize>() <= input.len());
            assert!(one.revocation_lists.iter().map(|list| list.der().len()).sum::<usize>() <= input.len());
            assert_eq!((one.kind, one.lists), (two.kind, two.lists));
        }
        (one, two) => assert_eq!(one.err(), two.err()),
    }
}

fn bundle_key() -> &'static DeviceKey {
    static KEY: OnceLock<DeviceKey> = OnceLock::new();
    KEY.get_or_init(|| DeviceKey::from_pkcs8(include_bytes!("../fixtures/device.pkcs8")).expect("the fixture is a key"))
}

/// A bundle as it came is nobody's, unless this key signed it; signed for what it holds, it opens to that or is refused.
pub fn trust_bundle(input: &[u8]) {
    let key = bundle_key();
    let _ = TrustBundle::open(input, &key.public(), 0);
    // version ‖ built_at ‖ items, made into a bundle that is signed: what a stolen key could send.
    let Some((head, items)) = input.split_at_checked(16) else { return };
    let mut bundle = [b"EKT1", head, &digest(HashAlgorithm::Sha256, &[items]), items].concat();
    let signature = key.sign(&[b"ekt1.sig", bundle.as_slice()].concat()).expect("the key signs");
    assert_eq!(signature.len(), SIGNATURE_LEN);
    bundle.extend(signature);
    let version = u64::from_be_bytes(head.first_chunk().copied().unwrap_or_default());
    if let Ok(opened) = TrustBundle::open(&bundle, &key.public(), 0) {
        assert_eq!(opened.version(), version);
        assert_eq!(
            opened.sign(key).map(|own| own[..own.len() - SIGNATURE_LEN].to_vec()),
            Ok(bundle[..bundle.len() - SIGNATURE_LEN].to_vec())
        );
        let _ = opened.store();
        assert!(version == u64::MAX || TrustBundle::open(&bundle, &key.public(), version + 1).is_err());
    }
}
