use session::{Failure, FailureCode};
use simulator::{Fault, StatusText};
use trust::Level;
use trust::residence::judge_with;

use crate::support::{issue, now, read, trust, typed};

const CARDS: [&str; 4] = ["residence-first", "special-permanent-first", "residence-second", "combined-residence"];

#[test]
fn a_card_lifted_or_swapped_at_any_command_is_said_so() {
    for name in CARDS {
        let profile = issue(name);
        for at in 1..=read(&profile).expect("the undisturbed reading").counters.apdus {
            let lifted = read(&profile.clone().with_fault(Fault::Lift { at })).expect_err("the card is gone");
            assert_eq!(Failure::from(lifted).code, FailureCode::CardRemoved, "{name} at {at}: {lifted:?}");
            let swapped = read(&profile.clone().with_fault(Fault::Swap { at })).expect_err("another card lies there");
            assert_eq!(Failure::from(swapped).code, FailureCode::CardChanged, "{name} at {at}: {swapped:?}");
        }
    }
}

#[test]
fn a_wrong_status_or_a_damaged_answer_never_makes_a_green_card_of_other_files() {
    for name in CARDS {
        let profile = issue(name);
        let whole = read(&profile).expect("the undisturbed reading");
        for at in 1..=whole.counters.apdus {
            for fault in [
                Fault::Status { at, status: StatusText(0x6982), forever: false },
                Fault::Status { at, status: StatusText(0x6F00), forever: false },
                Fault::Status { at, status: StatusText(0x6A82), forever: false },
                Fault::WrongMac { at },
                Fault::Stripped { at },
                Fault::Replay { at },
                Fault::Empty { at, forever: true },
            ] {
                let Ok(evidence) = read(&profile.clone().with_fault(fault.clone())) else { continue };
                let level = judge_with(&evidence, &trust(), &typed(), now()).level();
                // What the issuer signed is what was read, or staff see that it is not. The back is signed by nobody.
                let signed = whole
                    .files
                    .iter()
                    .filter(|(file, _)| !file.name().starts_with("DF2") && !file.name().ends_with("DF1/EF04"));
                let same = signed.into_iter().all(|(file, bytes)| {
                    evidence.files.get(file) == Some(bytes)
                        || file.name().starts_with("MF")
                        || file.name() == "DF3/EF01"
                });
                assert!(same || level != Level::Green, "{name}: {fault:?}");
            }
        }
    }
}

#[test]
fn endless_and_oversized_answers_have_their_codes() {
    let profile = issue("residence-first");
    let code = |fault: Fault| Failure::from(read(&profile.clone().with_fault(fault)).expect_err("a fault")).code;
    // The first file behind SELECT MF is free and read in the short form.
    let forever = |status: u16| Fault::Status { at: 2, status: StatusText(status), forever: true };
    assert_eq!(code(forever(0x6100)), FailureCode::ApduLoop);
    assert_eq!(code(forever(0x6C10)), FailureCode::ApduLoop);
    assert_eq!(code(Fault::Oversize { at: 2 }), FailureCode::ApduOversize);
    assert_eq!(code(Fault::Empty { at: 2, forever: true }), FailureCode::ApduNoProgress);
    assert_eq!(code(Fault::Mute { at: 3, after_ms: 0 }), FailureCode::CardTimeout);
}
