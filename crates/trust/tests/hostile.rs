//! Arbitrary bytes and changed bytes: typed refusals, never a panic.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::BTreeMap;

use proptest::prelude::*;
use support::{authority, crl, issue, party, signer, sod, sod_spec};
use trust::{Level, RevocationList, TrustStore, import, judge_files};

fn sample(kind: usize) -> Vec<u8> {
    let (csca, dsc) = (party(1, "UT", "CSCA"), party(2, "UT", "DS"));
    let certificate = issue(&csca, &csca, &authority());
    match kind {
        0 => certificate,
        1 => crl(&csca, "20250101000000Z", &[(&[7], "20250101000000Z")]),
        2 => support::seq(&[support::int(&[0]), support::set(&[certificate])]),
        _ => {
            let spec = signer();
            sod(&dsc, &issue(&csca, &dsc, &spec), &spec.serial, &csca.name, &sod_spec(&[(1, &support::dg1())]))
        }
    }
}

fn judge(sod: &[u8], store: &TrustStore, group: Vec<u8>) -> Level {
    judge_files(sod, &BTreeMap::from([(1, group)]), store, jiff::Timestamp::UNIX_EPOCH).level()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600), first in prop::sample::select(vec![0x30_u8, 0x77, 0x2D, 0x64])) {
        let mut bytes = bytes;
        if let Some(start) = bytes.first_mut() { *start = first; }
        let _ = import(&bytes);
        let _ = RevocationList::parse(&bytes);
        prop_assert_ne!(judge(&bytes, &TrustStore::empty(), bytes.clone()), Level::Green);
    }

    #[test]
    fn changed_bytes_never_panic_and_are_never_green(kind in 0_usize..4, place in any::<prop::sample::Index>(), change in 1_u8..) {
        let mut bytes = sample(kind);
        let mut store = TrustStore::empty();
        store.add(import(&sample(0)).unwrap());
        let at = place.index(bytes.len());
        bytes[at] ^= change;
        if let Ok(read) = import(&bytes) { store.add(read); }
        prop_assert_ne!(judge(&bytes, &store, support::dg1()), Level::Green);
    }

    #[test]
    fn cut_and_nested_structures_are_refused(kind in 0_usize..4, cut in any::<prop::sample::Index>(), depth in 1_usize..4000) {
        let whole = sample(kind);
        let part = &whole[..cut.index(whole.len())];
        prop_assert!(import(part).is_err());
        prop_assert_ne!(judge(part, &TrustStore::empty(), part.to_vec()), Level::Green);
        let nested = [0x30, 0x80].repeat(depth);
        prop_assert!(import(&nested).is_err());
        prop_assert_ne!(judge(&[[0x77, 0x80].to_vec(), nested].concat(), &TrustStore::empty(), Vec::new()), Level::Green);
    }
}

/// Real files with a few bytes changed, cut, doubled or moved: every parser refuses or reads, and none panics or grows.
#[test]
fn changed_published_files_are_read_or_refused() {
    use chip_crypto::random::{SecureRandom, SeededRandom};

    let mut random = SeededRandom::new(3);
    let mut draw = |below: usize| {
        let mut bytes = [0; 8];
        random.fill(&mut bytes).unwrap();
        usize::try_from(u64::from_be_bytes(bytes) % below.max(1) as u64).unwrap()
    };
    let mut files = Vec::new();
    for country in ["AT", "AU", "CN", "DE", "FI", "FR", "ID", "MY", "NZ", "US"] {
        let Some(file) = support::data(&format!("sod/{country}_EF_SOD.bin")) else { return };
        files.push(file);
    }
    for name in [
        "AE_d0e477b5de01",
        "AT_0e25cff1cc76",
        "DE_e15ea4238849",
        "DZ_a5be587a133b",
        "JP_5284a0357d62",
        "JP_8fb636e2eb77",
    ] {
        let Some(file) = support::data(&format!("odd-certs/{name}.der")) else { return };
        let list = support::seq(&[support::int(&[0]), support::set(std::slice::from_ref(&file))]);
        let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &list);
        files.push(format!("dn: c=UT\npkdMasterListContent:: {text}\n").into_bytes());
        files.push(list);
        files.push(file);
    }
    let csca = party(1, "UT", "CSCA");
    files.push(crl(&csca, "20250101000000Z", &[(&[7], "20250101000000Z"), (&[8], "20250101000000Z")]));
    for file in &files {
        for _ in 0..60 {
            let mut bytes = file.clone();
            for _ in 0..=draw(3) {
                let at = draw(bytes.len());
                match draw(4) {
                    0 => bytes[at] ^= 1 << draw(8),
                    1 => bytes[at] = [0x00, 0x7F, 0x80, 0x84, 0xFF, 0x30][draw(6)],
                    2 => bytes.truncate(at.max(1)),
                    _ => {
                        let end = (at + draw(64)).min(bytes.len());
                        let piece = bytes[at..end].to_vec();
                        bytes.splice(at..at, piece);
                    }
                }
            }
            if let Ok(read) = import(&bytes) {
                assert!(read.certificates.len() <= 2, "no more than went in");
            }
            let _ = (
                RevocationList::parse(&bytes),
                trust::Certificate::parse(&bytes),
                trust::lds::LdsSecurityObject::parse(&bytes),
            );
            assert_ne!(judge(&bytes, &TrustStore::empty(), bytes.clone()), Level::Green);
        }
    }
}

#[test]
fn budgets_are_kept() {
    let spec = support::sod_spec(&[(1, &support::dg1())]);
    let (csca, dsc) = (party(1, "UT", "CSCA"), party(2, "UT", "DS"));
    let certificate = issue(&csca, &dsc, &signer());
    let code = |file: &[u8]| {
        judge_files(file, &BTreeMap::new(), &TrustStore::empty(), jiff::Timestamp::UNIX_EPOCH).codes()[0].clone()
    };
    let nine = support::SodSpec { certificates: Some(vec![certificate.clone(); 9]), ..spec.clone() };
    assert_eq!(code(&sod(&dsc, &certificate, &signer().serial, &csca.name, &nine)), "TLV_LIMIT");
    let eight = support::SodSpec { certificates: Some(vec![certificate.clone(); 8]), ..spec };
    assert_eq!(code(&sod(&dsc, &certificate, &signer().serial, &csca.name, &eight)), "TRUST_STORE_EMPTY");
    assert_eq!(code(&vec![0x77; 256 * 1024 + 1]), "FILE_LIMIT");
    let large = support::CertSpec { spki: Some(support::seq(&[[0x05, 0x00].repeat(9_000)])), ..authority() };
    assert_eq!(import(&issue(&csca, &csca, &large)).unwrap_err().code(), "TRUST_LIST_INVALID");
}
