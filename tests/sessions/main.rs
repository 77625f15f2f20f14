//! Whole sessions by script, through the command line: every part is the real one but the card, the camera and the bank.

use acceptance::kioskctl;

#[test]
fn a_passport_at_the_counter_is_committed_once_and_judged_alike() {
    let dir = tempfile::tempdir().unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/sessions/counter-passport.json");
    let run = |committed: u64| {
        let run = kioskctl().args(["--json", "session", "run", "--script", script, "--data-dir"]).arg(dir.path()).run();
        assert_eq!(run.status, 0, "{} {}", run.stdout, run.stderr);
        let answer = run.json();
        assert_eq!(answer["delivered"], true);
        assert_eq!(answer["committed"], committed);
        assert_eq!(answer["judged"], committed, "no alarms only counts when everything was judged");
        assert_eq!(answer["verdict_alarms"], 0);
    };
    run(1);
    run(2);
    let verify = kioskctl().args(["--json", "store", "verify", "--data-dir"]).arg(dir.path()).run();
    assert_eq!(verify.status, 0, "{}", verify.stdout);
    assert_eq!(verify.json()["sessions"]["confirmed"], 2);
}
