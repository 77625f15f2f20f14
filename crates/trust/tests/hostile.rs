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
