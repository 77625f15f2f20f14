//! EF.SODs of issued documents against published lists, and each with one changed byte.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::borrow::Cow;
use std::collections::BTreeMap;

use apdu::tlv::{Reader, Tag};
use chip::mrtd::public_key::AgreementKey;
use chip::mrtd::security_info::{PaceMapping, SecurityInfos};
use chip::mrtd::{AccessEvidence, AccessProtocol, Counters, MrtdEvidence, MrtdFile};
use jiff::{Timestamp, ToSpan};
use trust::cms::SignedData;
use trust::{Chain, CheckState, ChipVerdict, DataSignature, Level, TrustStore, import, judge_files, judge_mrtd};

const COUNTRIES: [&str; 10] = ["AT", "AU", "CN", "DE", "FI", "FR", "ID", "MY", "NZ", "US"];

fn published() -> Option<TrustStore> {
    let mut store = TrustStore::empty();
    let indonesia =
        ["2010-12_CSCA.cer", "2016-01_CSCA.cer", "2016-01_CSCA_LINK.cer", "2020-10_CSCA.cer", "2020-10_CSCA_LINK.cer"];
    let lists = ["DE_ML_2026-05-28.ml".to_owned()];
    for path in lists.into_iter().chain(indonesia.map(|name| format!("ID/{name}"))) {
        store.add(import(&support::data(&format!("masterlist/{path}"))?).unwrap());
    }
    Some(store)
}

fn verdict(sod: &[u8], store: &TrustStore, at: Timestamp) -> ChipVerdict {
    judge_files(sod, &BTreeMap::new(), store, at)
}

/// Where a part lies in the file, found by the parser itself.
fn offset(file: &[u8], part: &[u8]) -> usize {
    part.as_ptr() as usize - file.as_ptr() as usize
}

struct Places {
    at: Timestamp,
    signature: usize,
    attributes: std::ops::Range<usize>,
    content: std::ops::Range<usize>,
}

fn places(sod: &[u8]) -> Places {
    let inside = Reader::ber(sod).expect(Tag(0x77)).unwrap().value;
    let signed = SignedData::parse(inside).unwrap();
    let signer = &signed.signers[0];
    let attributes = signer.signed_attributes.unwrap().value;
    let Cow::Borrowed(signature) = &signer.signature else { panic!("in one piece") };
    let Cow::Borrowed(content) = &signed.content else { panic!("in one piece") };
    let range = |part: &[u8]| offset(sod, part)..offset(sod, part) + part.len();
    Places {
        at: signed.certificates[0].not_before() + 24.hours(),
        signature: range(signature).end - 1,
        attributes: range(attributes),
        content: range(content),
    }
}

#[test]
fn ten_real_documents_are_genuine_and_chained_but_never_green_without_data_groups() {
    let Some(store) = published() else { return };
    for country in COUNTRIES {
        let Some(sod) = support::data(&format!("sod/{country}_EF_SOD.bin")) else { return };
        let verdict = verdict(&sod, &store, places(&sod).at);
        let codes = verdict.codes();
        assert_eq!(
            (verdict.data_signature, verdict.chain),
            (DataSignature::Valid, Chain::Trusted),
            "{country} {codes:?}"
        );
        assert_eq!(verdict.level(), Level::Amber, "{country}");
        assert!(codes.is_empty(), "{country} {codes:?}");
        assert_eq!(verdict.check("dg_hashes").unwrap().state, CheckState::NotChecked, "{country}");
        for name in ["sod_signature", "sod_digest", "chain", "dsc_validity"] {
            assert_eq!(verdict.check(name).unwrap().state, CheckState::Passed, "{country} {name}");
        }
    }
}

#[test]
fn one_changed_byte_is_refused_with_its_own_code() {
    let Some(store) = published() else { return };
    for country in COUNTRIES {
        let Some(sod) = support::data(&format!("sod/{country}_EF_SOD.bin")) else { return };
        let places = places(&sod);
        let codes_with = |at: usize| {
            let mut changed = sod.clone();
            changed[at] ^= 0x01;
            let verdict = verdict(&changed, &store, places.at);
            assert_eq!(
                (verdict.level(), verdict.data_signature),
                (Level::Red, DataSignature::Invalid),
                "{country} byte {at}"
            );
            verdict.codes()
        };
        assert_eq!(codes_with(places.signature)[0], "SOD_SIG_INVALID", "{country}");
        for at in places.attributes.clone().step_by(9).chain([places.attributes.end - 1]) {
            assert_eq!(codes_with(at)[0], "SOD_SIG_INVALID", "{country} attribute byte {at}");
        }
        for at in places.content.clone().step_by(31).chain([places.content.end - 1]) {
            assert_eq!(codes_with(at)[0], "SOD_DIGEST_MISMATCH", "{country} content byte {at}");
        }
    }
}

#[test]
fn a_signer_not_yet_valid_is_refused_and_an_empty_store_is_named() {
    let Some(store) = published() else { return };
    let Some(sod) = support::data("sod/DE_EF_SOD.bin") else { return };
    let early = places(&sod).at - 48.hours();
    assert_eq!(verdict(&sod, &store, early).codes(), ["DSC_NOT_VALID_AT_SIGNING"]);
    assert_eq!(verdict(&sod, &TrustStore::empty(), places(&sod).at).codes(), ["TRUST_STORE_EMPTY"]);
}

#[test]
fn the_reference_passport_is_whole_and_its_dg15_is_not_vouched_for() {
    let Some(store) = published() else { return };
    let Some(sod) = support::data("bsi-tr03105-5/EF_SOD.bin") else { return };
    let mut groups = BTreeMap::new();
    for number in [1, 2, 14, 15] {
        let Some(file) = support::data(&format!("bsi-tr03105-5/Datagroup{number}.bin")) else { return };
        groups.insert(number, file);
    }
    let verdict = judge_files(&sod, &groups, &store, "2014-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(verdict.data_signature, DataSignature::Valid);
    assert_eq!(verdict.codes(), ["CSCA_UNKNOWN", "DG_NOT_IN_SOD(15)"], "{:?}", verdict.checks);
    assert_eq!(verdict.level(), Level::Amber);
    groups.get_mut(&14).unwrap()[20] ^= 1;
    let verdict = judge_files(&sod, &groups, &store, "2014-01-01T00:00:00Z".parse().unwrap());
    assert_eq!((verdict.codes()[0].as_str(), verdict.level()), ("DG_HASH_MISMATCH(14)", Level::Red));
}

/// EF.CardSecurity of issued documents: the same CMS, another content.
#[test]
fn card_security_of_two_issued_documents_verifies_and_chains() {
    let Some(store) = published() else { return };
    for (country, key_ids) in [("DE", &[13, 72][..]), ("FI", &[16][..])] {
        let Some(file) = support::data(&format!("sod/{country}_EF_CardSecurity.bin")) else { return };
        let signed = SignedData::parse(&file).unwrap();
        let infos = SecurityInfos::parse(&signed.content).unwrap();
        let found: Vec<u8> =
            infos.chip_keys.iter().map(|key| *key.key_id.as_deref().unwrap().last().unwrap()).collect();
        assert_eq!(found, key_ids, "{country}");
        assert!(infos.chip_keys.iter().all(|key| matches!(key.key(), Ok(AgreementKey::Ec(_)))));
        assert!(infos.pace.iter().any(|info| info.mapping == PaceMapping::ChipAuthentication));

        let at = signed.certificates[0].not_before() + 24.hours();
        let codes = |file: &[u8]| {
            let evidence = MrtdEvidence {
                access: AccessEvidence {
                    protocol: AccessProtocol::Bac,
                    pace_advertised: false,
                    pace_failure: None,
                    mrz_key: None,
                },
                files: BTreeMap::from([(MrtdFile::CardSecurity, file.to_vec())]),
                absent: BTreeMap::new(),
                active: None,
                active_refused: None,
                chip: None,
                mapping: None,
                counters: Counters::default(),
            };
            judge_mrtd(&evidence, &store, at).codes()
        };
        // Nothing but the file is there: what is missing is said, and nothing against the file.
        let undisturbed = codes(&file);
        assert!(
            undisturbed.iter().all(|code| code == "SOD_MISSING" || code == "CRL_MISSING"),
            "{country} {undisturbed:?}"
        );
        let content = offset(&file, &signed.content) + 20;
        for (at, code) in [(file.len() - 1, "SOD_SIG_INVALID"), (content, "SOD_DIGEST_MISMATCH")] {
            let mut altered = file.clone();
            altered[at] ^= 1;
            let codes = codes(&altered);
            assert!(codes.iter().any(|found| found == code || found == "TLV_INVALID"), "{country} {code}: {codes:?}");
        }
    }
}
