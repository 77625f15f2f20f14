use apdu::TransportError;
use chip::mrtd::InspectError;
use session::{Failure, FailureCode};
use simulator::issuer::PassportPlan;
use simulator::{Fault, Profile};
use trust::Level;

use crate::support::{issue, judge, mrz_key, read};

fn plans() -> [PassportPlan; 2] {
    let bac = PassportPlan { name: "BAC".into(), pace: Vec::new(), chip: None, ..PassportPlan::default() };
    [PassportPlan::default(), bac]
}

/// Commands a whole reading takes.
fn commands(profile: &Profile) -> u32 {
    read(profile, &mrz_key(profile)).expect("the undisturbed reading").counters.apdus
}

#[test]
fn a_card_lifted_at_any_command_is_a_card_removed() {
    for plan in plans() {
        let profile = issue(&plan);
        for at in 1..=commands(&profile) {
            let faulty = profile.clone().with_fault(Fault::Lift { at });
            let error = read(&faulty, &mrz_key(&profile)).expect_err("the card is gone");
            assert_eq!(Failure::from(error).code, FailureCode::CardRemoved, "{} at {at}: {error:?}", plan.name);
        }
    }
}

#[test]
fn another_card_at_any_command_never_gives_a_mixed_reading() {
    for plan in plans() {
        let profile = issue(&plan);
        for at in 1..=commands(&profile) {
            let faulty = profile.clone().with_fault(Fault::Swap { at });
            let error = read(&faulty, &mrz_key(&profile)).expect_err("another card lies there");
            assert_eq!(Failure::from(error).code, FailureCode::CardChanged, "{} at {at}: {error:?}", plan.name);
        }
    }
}

#[test]
fn a_wrong_authentication_code_is_never_accepted() {
    for plan in plans() {
        let profile = issue(&plan);
        let mut noticed = 0;
        for at in 1..=commands(&profile) {
            match read(&profile.clone().with_fault(Fault::WrongMac { at }), &mrz_key(&profile)) {
                // Before secure messaging there is no code to spoil; afterwards a chip that did not finish a proof is evidence. Either
                // way nothing is green but the very files of the undisturbed reading, each proof made.
                Ok(evidence) => {
                    let whole = evidence.files == undisturbed(&profile).files;
                    assert!(whole || judge(evidence).level() != Level::Green, "{} at {at}", plan.name);
                }
                Err(error) => {
                    noticed += 1;
                    let code = Failure::from(error).code;
                    assert!(code == FailureCode::SmMacInvalid || at <= 10, "{} at {at}: {code:?}", plan.name);
                }
            }
        }
        assert!(noticed > 3, "{}: only {noticed} readings noticed", plan.name);
    }
}

fn undisturbed(profile: &Profile) -> chip::mrtd::MrtdEvidence {
    read(profile, &mrz_key(profile)).expect("the undisturbed reading")
}

#[test]
fn a_response_without_its_protection_is_refused() {
    let profile = issue(&plans()[1]);
    let last = commands(&profile);
    let error =
        read(&profile.clone().with_fault(Fault::Stripped { at: last - 1 }), &mrz_key(&profile)).expect_err("stripped");
    assert!(
        matches!(error, InspectError::Transport(TransportError::Channel(_)) | InspectError::ReadFile { .. }),
        "{error:?}"
    );
    assert_eq!(Failure::from(error).code, FailureCode::SmStripped);
}

#[test]
fn a_changed_byte_in_any_data_group_is_red() {
    let profile = issue(&PassportPlan::default());
    for (file, code) in [("0101", "DG_HASH_MISMATCH(1)"), ("0102", "DG_HASH_MISMATCH(2)")] {
        let faulty = profile.clone().with_fault(Fault::ChangedByte { file: file.to_owned(), offset: 60, xor: 1 });
        let verdict = judge(read(&faulty, &mrz_key(&profile)).expect("read"));
        assert_eq!(verdict.level(), Level::Red, "{file}");
        assert_eq!(verdict.codes().first().map(String::as_str), Some(code), "{:?}", verdict.codes());
    }
}
