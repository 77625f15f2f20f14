//! Whole sessions by script, through the command line: every part is the real one but the card, the camera and the bank.

use std::path::Path;

use acceptance::kioskctl;
use serde_json::Value;

/// Runs a script and gives the answer.
fn run(script: &str, data: &Path) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("sessions").join(script).with_extension("json");
    let run = kioskctl().args(["--json", "session", "run", "--script"]).arg(&script).arg("--data-dir").arg(data).run();
    assert_eq!(run.status, 0, "{}: {} {}", script.display(), run.stdout, run.stderr);
    run.json()
}

/// The session is delivered once, and the backend comes to the same verdict from the raw bytes.
fn is_committed_and_judged_alike(script: &str) {
    let dir = tempfile::tempdir().unwrap();
    let answer = run(script, dir.path());
    assert_eq!(answer["delivered"], true, "{script}");
    assert_eq!(answer["committed"], 1, "{script}");
    assert_eq!(answer["judged"], 1, "{script}: no alarms only counts when everything was judged");
    assert_eq!(answer["verdict_alarms"], 0, "{script}");
}

#[test]
fn a_passport_at_the_counter_is_committed_once_and_judged_alike() {
    let dir = tempfile::tempdir().unwrap();
    for committed in [1, 2] {
        let answer = run("counter-passport", dir.path());
        assert_eq!(answer["delivered"], true);
        assert_eq!(answer["committed"], committed);
        assert_eq!(answer["judged"], committed, "no alarms only counts when everything was judged");
        assert_eq!(answer["verdict_alarms"], 0);
    }
    let verify = kioskctl().args(["--json", "store", "verify", "--data-dir"]).arg(dir.path()).run();
    assert_eq!(verify.status, 0, "{}", verify.stdout);
    assert_eq!(verify.json()["sessions"]["confirmed"], 2);
}

/// Lifted in the middle of the photo and put back: the same session goes on, and the evidence is whole.
#[test]
fn a_passport_that_was_lifted_is_put_back() {
    is_committed_and_judged_alike("counter-passport-lifted");
}

#[test]
fn a_licence_with_and_without_pins() {
    is_committed_and_judged_alike("counter-licence");
    is_committed_and_judged_alike("counter-licence-no-pin");
}

#[test]
fn a_my_number_card_by_what_is_printed_and_by_its_pin() {
    is_committed_and_judged_alike("counter-my-number");
    is_committed_and_judged_alike("counter-my-number-pin");
}

#[test]
fn residence_cards_of_both_generations_whichever_kind_was_chosen() {
    is_committed_and_judged_alike("counter-residence-first");
    is_committed_and_judged_alike("counter-residence-second");
    is_committed_and_judged_alike("counter-special-permanent");
}

/// A wrong PIN says how many tries the card has left, and the tries are the card's: it was never lifted in between.
#[test]
fn a_wrong_pin_is_said_with_the_tries_left() {
    is_committed_and_judged_alike("pin-wrong-then-right");
}

/// Nothing is sent until staff allow the last try; the card would have taken the wrong one.
#[test]
fn the_last_try_is_used_only_when_staff_allow_it() {
    is_committed_and_judged_alike("pin-last-try");
}

/// A card that moves while it is read asks for the PIN again, and only its holder can give it.
#[test]
fn a_lifted_licence_asks_for_the_pin_again() {
    is_committed_and_judged_alike("pin-lifted");
}

#[test]
fn what_ends_a_session_leaves_nothing_of_it() {
    for script in ["pin-last-try-refused", "pin-locked", "looks-like", "looks-like-licence"] {
        let dir = tempfile::tempdir().unwrap();
        let answer = run(script, dir.path());
        assert_eq!(answer["committed"], 0, "{script}");
        // What the backend has not got could still wait on the device: the store itself is asked.
        let verify = kioskctl().args(["--json", "store", "verify", "--data-dir"]).arg(dir.path()).run();
        assert_eq!(verify.status, 0, "{script}: {}", verify.stdout);
        let sessions = verify.json()["sessions"].clone();
        let kept = ["sealed", "confirmed", "parked", "expired_unsent"].map(|state| sessions[state].as_u64());
        assert_eq!(kept, [Some(0); 4], "{script}: {sessions}");
    }
}
