//! Hostile residence cards: a judgement of anything ends, and is never green.
#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

use std::collections::BTreeMap;

use chip::mrtd::Counters;
use chip::residence::{CardNumber, CardType, ResidenceEvidence, ResidenceFile};
use proptest::prelude::*;
use trust::Level;
use trust::residence::{Declared, KNOWN_AUTHORITIES, Mode, NumberStatus, ResidenceTrust, judge_with};

const FILES: [ResidenceFile; 11] = [
    ResidenceFile::MfEf01,
    ResidenceFile::MfEf02,
    ResidenceFile::Df1Ef01,
    ResidenceFile::Df1Ef02,
    ResidenceFile::Df1Ef03,
    ResidenceFile::Df1Ef04,
    ResidenceFile::Df2Ef01,
    ResidenceFile::Df2Ef02,
    ResidenceFile::Df2Ef03,
    ResidenceFile::Df2Ef04,
    ResidenceFile::Df3Ef01,
];

fn files() -> impl Strategy<Value = BTreeMap<ResidenceFile, Vec<u8>>> {
    let heads: Vec<&[u8]> = vec![
        &[],
        &[0xC1, 1, b'1'],
        &[0xC1, 2, b'0', b'5'],
        &[0xD0, 0x04, b'I', b'I', b'*', 0],
        &[0xD0, 0, 0xD1, 0],
        &[0xC5, 8],
        &[0xDA, 1, 0, 0xDB, 0x10, 0x30, 0x0E],
        &[0xDC, 1, 0, 0xDD, 0x10, 0x30, 0x0E],
    ];
    let file = (proptest::sample::select(heads), proptest::collection::vec(any::<u8>(), 0..60));
    proptest::collection::vec(proptest::option::of(file), FILES.len()).prop_map(|list| {
        let files = FILES.into_iter().zip(list);
        files.filter_map(|(file, content)| content.map(|(head, body)| (file, [head, &body].concat()))).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn noise_is_judged_and_never_green(files in files(), kind in proptest::sample::select(CardType::ALL.to_vec()), days in 0_i64..30_000) {
        let evidence = ResidenceEvidence {
            card_type: kind,
            card_number: CardNumber::parse("ZZ00000001TT").unwrap(),
            files,
            absent: BTreeMap::new(),
            counters: Counters::default(),
        };
        let at = jiff::Timestamp::from_second(days * 86_400).unwrap();
        let declared = Declared { status: NumberStatus::Good, extension_applied: true, ..Declared::default() };
        let verdict = judge_with(&evidence, &ResidenceTrust::new(Mode::Production), &declared, at);
        prop_assert!(verdict.level() != Level::Green);
    }
}

#[test]
fn the_known_authorities_are_five_of_the_agency_and_one_for_tests() {
    assert_eq!(KNOWN_AUTHORITIES.iter().filter(|known| known.test).count(), 1);
    for (at, known) in KNOWN_AUTHORITIES.iter().enumerate() {
        assert!(KNOWN_AUTHORITIES.iter().skip(at + 1).all(|other| other.head != known.head), "{}", known.name);
    }
}
