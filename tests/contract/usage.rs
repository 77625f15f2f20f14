use acceptance::kioskctl;

#[test]
fn no_arguments_and_unknown_arguments_are_usage() {
    assert_eq!(kioskctl().run().status, 2);
    assert_eq!(kioskctl().args(["read", "passport", "--reader", "x", "--colour", "red"]).run().status, 2);
    assert_eq!(kioskctl().args(["verify", "passport", "--sod", "x", "--at", "yesterday"]).run().status, 2);
}

#[test]
fn help_is_an_answer() {
    let run = kioskctl().arg("--help").run();
    assert_eq!(run.status, 0);
    for command in ["readers", "trust", "read", "verify", "camera", "card", "session", "store", "bundle"] {
        assert!(run.stdout.contains(command), "{command} is not in the help");
    }
}

#[test]
fn a_missing_file_could_not_be_completed_and_is_named() {
    let run = kioskctl().args(["--json", "verify", "passport", "--sod", "no-such-file"]).run();
    assert_eq!(run.status, 3);
    assert_eq!(run.json()["error"], "FILE_UNREADABLE");
    assert!(run.stderr.contains("no-such-file"));
}

#[test]
fn a_file_that_is_no_trust_data_is_refused_with_the_reason() {
    let run = kioskctl().args(["--json", "trust", "inspect", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]).run();
    assert_eq!(run.status, 3);
    assert_eq!(run.json()["error"], "TRUST_LIST_INVALID");
}
