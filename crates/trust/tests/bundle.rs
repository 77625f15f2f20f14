//! The trust bundle: signed, dated, rising, replaced whole or not at all.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::BTreeMap;

use chip_crypto::device_key::DeviceKey;
use jiff::Timestamp;
use support::{authority, crl, dg1, issue, master_list, party, signer, sod, sod_spec};
use trust::{BundleError, Chain, ImportError, Level, TrustBundle, TrustStore, diff, import, judge_files};

fn key() -> DeviceKey {
    DeviceKey::from_pkcs8(&DeviceKey::generate_pkcs8().unwrap()).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn csca() -> Vec<u8> {
    let csca = party(1, "UT", "CSCA Utopia");
    issue(&csca, &csca, &authority())
}

#[test]
fn opens_as_it_was_built_and_rises() {
    let key = key();
    let now = at("2025-06-20T00:00:00Z");
    let first = TrustBundle::next(None, &[csca()], now).unwrap();
    assert_eq!((first.version(), first.built_at()), (1, now));
    let opened = TrustBundle::open(&first.sign(&key).unwrap(), &key.public(), 0).unwrap();
    assert_eq!(opened, first);
    let other = party(9, "FR", "CSCA");
    let second = TrustBundle::next(Some(&opened), &[issue(&other, &other, &authority())], now).unwrap();
    assert_eq!((second.version(), second.store().unwrap().len()), (2, 2));
    let file = first.sign(&key).unwrap();
    let refused = TrustBundle::open(&file, &key.public(), 2).unwrap_err();
    assert_eq!((refused.code(), refused), ("TRUST_LIST_ROLLBACK", BundleError::Rollback { offered: 1, known: 2 }));
}

#[test]
fn every_changed_byte_and_every_cut_is_refused() {
    let key = key();
    let file = TrustBundle::next(None, &[csca()], at("2025-06-20T00:00:00Z")).unwrap().sign(&key).unwrap();
    for place in 0..file.len() {
        let mut changed = file.clone();
        changed[place] ^= 0x10;
        let refused = TrustBundle::open(&changed, &key.public(), 0).unwrap_err();
        assert_eq!(refused.code(), "TRUST_LIST_INVALID", "byte {place}");
        assert!(TrustBundle::open(&file[..place], &key.public(), 0).is_err(), "cut at {place}");
    }
    assert_eq!(TrustBundle::open(&file, &self::key().public(), 0), Err(BundleError::Signature));
}

#[test]
fn one_refused_file_refuses_all() {
    let now = at("2025-06-20T00:00:00Z");
    let current = TrustBundle::next(None, &[csca()], now).unwrap();
    let mut forged = csca();
    *forged.last_mut().unwrap() ^= 1;
    let other = party(9, "FR", "CSCA");
    let files = [issue(&other, &other, &authority()), forged];
    let refused = TrustBundle::next(Some(&current), &files, now).unwrap_err();
    assert_eq!(
        (refused.code(), refused),
        ("TRUST_LIST_INVALID", BundleError::Item { index: 1, source: ImportError::SelfSignature })
    );
    assert_eq!(TrustBundle::next(None, &[], now), Err(BundleError::Empty));
}

#[test]
fn published_lists_replace_each_other_forwards_only() {
    let (Some(newer), Some(older)) =
        (support::data("masterlist/DE_ML_2026-05-28.ml"), support::data("masterlist/DE_ML_2026-04-08.ml"))
    else {
        return;
    };
    let now = at("2026-06-01T00:00:00Z");
    let first = TrustBundle::next(None, &[older.clone(), csca()], now).unwrap();
    assert_eq!(first.store().unwrap().len(), 582);
    let second = TrustBundle::next(Some(&first), std::slice::from_ref(&newer), now).unwrap();
    assert_eq!(second.store().unwrap().len(), 589);
    let refused = TrustBundle::next(Some(&second), std::slice::from_ref(&older), now).unwrap_err();
    assert_eq!(refused.code(), "TRUST_LIST_ROLLBACK");

    let changes = diff(&first.store().unwrap(), &second.store().unwrap());
    assert_eq!((changes.added(), changes.removed(), changes.unchanged), (12, 5, 577));
    let store = |list: &[u8]| {
        let mut store = TrustStore::empty();
        store.add(import(list).unwrap());
        store
    };
    let back = diff(&store(&newer), &store(&older));
    assert_eq!((back.added(), back.removed()), (5, 12));
}

/// A list that vouches for itself may come first, but nobody takes over a state's place with it.
#[test]
fn p52_a_list_must_follow_from_what_is_known() {
    let now = at("2025-06-20T00:00:00Z");
    let (own, thief) = (party(1, "UT", "CSCA Utopia"), party(66, "UT", "CSCA Utopia"));
    let [csca, forged] = [&own, &thief].map(|party| issue(party, party, &authority()));
    let first =
        TrustBundle::next(None, &[master_list(&own, "20250601000000Z", std::slice::from_ref(&csca))], now).unwrap();
    let takeover = master_list(&thief, "20250610000000Z", &[csca.clone(), forged]);
    assert_eq!(import(&takeover).unwrap().certificates.len(), 2, "by itself it is whole");
    let refused = TrustBundle::next(Some(&first), &[takeover], now).unwrap_err();
    assert_eq!(
        (refused.code(), refused),
        ("TRUST_LIST_INVALID", BundleError::Item { index: 0, source: ImportError::ListSignerUnknown })
    );
    let older = master_list(&own, "20250501000000Z", std::slice::from_ref(&csca));
    assert_eq!(TrustBundle::next(Some(&first), &[older], now).unwrap_err().code(), "TRUST_LIST_ROLLBACK");
    let mut changed = master_list(&own, "20250610000000Z", std::slice::from_ref(&csca));
    *changed.last_mut().unwrap() ^= 1;
    assert_eq!(TrustBundle::next(Some(&first), &[changed], now).unwrap_err().code(), "TRUST_LIST_INVALID");
    let newer = master_list(&own, "20250610000000Z", &[csca]);
    let second = TrustBundle::next(Some(&first), &[newer], now).unwrap();
    assert_eq!((second.version(), second.store().unwrap().lists().len()), (2, 1));
}

#[test]
fn a_new_key_under_an_old_name_is_called_rekeyed() {
    let store = |certificates: &[Vec<u8>]| {
        let mut store = TrustStore::empty();
        certificates.iter().for_each(|der| assert_eq!(store.add(import(der).unwrap()), 1));
        store
    };
    let rekeyed = party(5, "UT", "CSCA Utopia");
    let rekeyed = issue(&rekeyed, &rekeyed, &authority());
    let changes = diff(&store(&[csca()]), &store(&[csca(), rekeyed]));
    assert_eq!(changes.countries["UT"].rekeyed.len(), 1);
    assert_eq!((changes.added(), changes.removed(), changes.unchanged), (1, 0, 1));
    let renewed = party(1, "UT", "CSCA Utopia");
    let renewed = issue(&renewed, &renewed, &support::CertSpec { serial: vec![2], ..authority() });
    assert!(diff(&store(&[csca()]), &store(&[renewed])).countries["UT"].rekeyed.is_empty());
}

/// A bundle is the whole of what a device is given: without a revocation list nobody knows, and the verdict says so.
#[test]
fn revocation_and_age_decide_about_green() {
    let (authority_of_all, dsc, spec) = (party(1, "UT", "CSCA Utopia"), party(2, "UT", "Signer"), signer());
    let file = sod(
        &dsc,
        &issue(&authority_of_all, &dsc, &spec),
        &spec.serial,
        &authority_of_all.name,
        &sod_spec(&[(1, &dg1())]),
    );
    let groups = BTreeMap::from([(1, dg1())]);
    let list = crl(&authority_of_all, "20250615000000Z", &[]);
    let built = "2025-06-20T00:00:00Z";
    let without = TrustBundle::next(None, &[csca()], at(built)).unwrap();
    let with = TrustBundle::next(Some(&without), &[list], at(built)).unwrap();
    for (bundle, day, chain, code, stale) in [
        (&without, "2025-06-21", Chain::RevocationUnknown { age_days: None }, Some("CRL_MISSING"), false),
        (&with, "2025-06-21", Chain::Trusted, None, false),
        (&with, "2025-08-04", Chain::Trusted, None, false),
        (&with, "2025-08-05", Chain::Trusted, Some("TRUST_LIST_STALE"), true),
        (&with, "2025-09-20", Chain::RevocationUnknown { age_days: Some(97) }, Some("CRL_STALE"), true),
    ] {
        let verdict = judge_files(&file, &groups, &bundle.store().unwrap(), at(&format!("{day}T00:00:00Z")));
        assert_eq!((&verdict.chain, verdict.trust_bundle.stale), (&chain, stale), "{day}");
        let decides = verdict.codes().into_iter().find(|code| code.starts_with("CRL") || code.starts_with("TRUST"));
        assert_eq!(decides.as_deref(), code, "{day}");
        assert_eq!(verdict.trust_bundle.built_at, Some(at(built)), "{day}");
        assert!(verdict.trust_bundle.version.starts_with(&format!("{}-", bundle.version())));
        assert_ne!(verdict.level(), Level::Green, "{day}: the specimen is expired and has no portrait");
    }
}

/// Nothing grows younger by being packed again: data too old at the time of building keep their date.
#[test]
fn an_aged_list_stays_aged_in_a_new_bundle() {
    let Some(list) = support::data("masterlist/DE_ML_2026-04-08.ml") else { return };
    let Some(sod) = support::data("sod/DE_EF_SOD.bin") else { return };
    let judge = |built: &str| {
        let store = TrustBundle::next(None, std::slice::from_ref(&list), at(built)).unwrap().store().unwrap();
        judge_files(&sod, &BTreeMap::new(), &store, at(built))
    };
    assert!(!judge("2026-05-20T00:00:00Z").codes().contains(&"TRUST_LIST_STALE".to_owned()));
    assert!(judge("2026-06-20T00:00:00Z").codes().contains(&"TRUST_LIST_STALE".to_owned()));
    // The same list by itself, no bundle around it.
    let mut store = TrustStore::empty();
    store.add(import(&list).unwrap());
    let verdict = judge_files(&sod, &BTreeMap::new(), &store, at("2026-06-20T00:00:00Z"));
    assert_eq!((verdict.codes(), verdict.level()), (vec!["TRUST_LIST_STALE".to_owned()], Level::Amber));
}

#[test]
fn undated_files_grow_old_from_the_day_they_came() {
    let mut store = TrustStore::empty();
    store.add(import(&csca()).unwrap().arrived_at(at("2025-06-20T00:00:00Z")));
    let (authority_of_all, dsc, spec) = (party(1, "UT", "CSCA Utopia"), party(2, "UT", "Signer"), signer());
    let file = sod(
        &dsc,
        &issue(&authority_of_all, &dsc, &spec),
        &spec.serial,
        &authority_of_all.name,
        &sod_spec(&[(1, &dg1())]),
    );
    let codes = |day: &str| judge_files(&file, &BTreeMap::new(), &store, at(&format!("{day}T00:00:00Z"))).codes();
    assert!(codes("2025-08-04").is_empty());
    assert_eq!(codes("2025-08-05"), ["TRUST_LIST_STALE"]);
}
