//! Hostile evidence of a My Number card: the judgement is total, and no bytes are good enough for green.

use std::collections::BTreeMap;

use chip::my_number::{CardKey, KeyProof, KeyTranscript, MyNumberEvidence, MyNumberFile, OpenedBy};
use proptest::prelude::*;
use trust::my_number::{Hierarchy, MyNumberTrust, TrustInputError, judge};
use trust::{Certificate, Level};

fn evidence() -> impl Strategy<Value = MyNumberEvidence> {
    let file =
        (prop::sample::select(MyNumberFile::ALL.to_vec()), any::<bool>(), prop::collection::vec(any::<u8>(), 0..400))
            .prop_map(|(file, wrapped, bytes)| {
                let bytes = if wrapped { apdu::tlv::encode(file.tag(), &bytes) } else { bytes };
                (file, bytes)
            });
    let proof = (prop::sample::select(CardKey::ALL.to_vec()), prop::collection::vec(any::<u8>(), 0..300))
        .prop_map(|(key, response)| (key, KeyProof::Signed(KeyTranscript { challenge: [0; 32], response })));
    (prop::collection::vec(file, 0..8), prop::collection::vec(proof, 0..4)).prop_map(|(files, proofs)| {
        MyNumberEvidence {
            opened_by: OpenedBy::NumberB,
            files: files.into_iter().collect(),
            absent: BTreeMap::new(),
            proofs: proofs.into_iter().collect(),
            counters: chip::mrtd::Counters::default(),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_evidence_is_judged_and_none_is_green(evidence in evidence()) {
        let at = jiff::Timestamp::UNIX_EPOCH;
        let verdict = judge(&evidence, &MyNumberTrust::new(Hierarchy::Test), at);
        prop_assert_ne!(verdict.level(), Level::Green);
        // Again from what was written down: the same.
        let written = serde_json::to_string(&evidence).expect("JSON");
        let read: MyNumberEvidence = serde_json::from_str(&written).expect("JSON");
        prop_assert_eq!(judge(&read, &MyNumberTrust::new(Hierarchy::Test), at), verdict);
    }

    #[test]
    fn any_bytes_are_a_certificate_or_not(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let wrapped = apdu::tlv::encode(apdu::tlv::Tag::SEQUENCE, &bytes);
        for bytes in [&bytes, &wrapped] {
            let _ = Certificate::parse(bytes);
            let fingerprint = MyNumberTrust::fingerprint(bytes);
            prop_assert!(MyNumberTrust::new(Hierarchy::Test).add_root(bytes, &fingerprint).is_err());
            prop_assert!(MyNumberTrust::new(Hierarchy::Test).add_cv_keys(bytes).is_err());
        }
    }
}

#[test]
fn a_list_of_keys_is_taken_whole_or_not_at_all() {
    let mut trust = MyNumberTrust::new(Hierarchy::Test);
    let key = |modulus: &str| {
        format!(
            r#"{{"issuer_key_name":"6000023","hierarchy":"test","exponent_hex":"010001","modulus_hex":"{modulus}"}}"#
        )
    };
    let good = key(&"c3".repeat(256));
    for bad in ["", "c3", "zz", &"c3".repeat(4)] {
        let list = format!(r#"{{"keys":[{good},{}]}}"#, key(bad));
        assert_eq!(trust.add_cv_keys(list.as_bytes()), Err(TrustInputError::Keys), "{bad}");
    }
    assert_eq!(trust.add_cv_keys(format!(r#"{{"keys":[{good}]}}"#).as_bytes()), Ok(1));
    let many = vec![good.as_str(); 65].join(",");
    assert_eq!(trust.add_cv_keys(format!(r#"{{"keys":[{many}]}}"#).as_bytes()), Err(TrustInputError::TooMany));
}
