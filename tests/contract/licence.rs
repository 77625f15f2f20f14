//! A licence in a real PC/SC reader, read by the command line.

use acceptance::{Run, kioskctl};
use simulator::licence::{self, Persona};

use crate::reading::with_placed;

fn read(extra: &[&str], secrets: &str) -> Run {
    kioskctl()
        .args(["--json", "read", "licence", "--reader", "Virtual PCD", "--at", "2026-11-24T00:00:00Z"])
        .args(extra)
        .stdin(secrets)
        .run()
}

fn with_persona<T>(name: &str, work: impl FnOnce() -> T) -> T {
    let persona = Persona::built_in(name).expect("a built-in persona");
    with_placed(licence::place(&persona).expect("a card"), work)
}

#[test]
fn a_licence_is_green_with_its_signer_and_amber_without() {
    let folder = tempfile::tempdir().expect("a folder");
    let signer = folder.path().join("signer.der");
    std::fs::write(&signer, licence::signer_certificate().expect("a certificate")).expect("a file");
    let trust = format!("licence:{}", signer.display());
    let saved = folder.path().join("saved");
    with_persona("licence", || {
        let both = ["--pin1-stdin", "--pin2-stdin"];
        let trusted = read(
            &[&both[..], &["--trust", &trust, "--save", saved.to_str().expect("a path")]].concat(),
            "1234\n5678\n",
        );
        let answer = trusted.json();
        assert_eq!((answer["document"].as_str(), answer["level"].as_str()), (Some("driver_licence"), Some("green")));
        assert_eq!(answer["codes"].as_array().map(Vec::len), Some(0), "{answer:#}");
        assert_eq!(answer["fields"]["name"], "見本　太郎");
        assert_eq!(answer["fields"]["birth_date"], "1980-04-01");
        assert_eq!(answer["fields"]["portrait"], true);
        assert!(answer["apdus"].as_u64().is_some_and(|n| n > 10));
        assert_eq!(trusted.status, 0);
        let kept = std::fs::read_to_string(saved.join("licence.json")).expect("what was read");
        assert!(!kept.is_empty() && saved.join("photo.jp2").is_file());
        let unknown = read(&both, "1234\n5678\n");
        assert_eq!((unknown.json()["level"].as_str(), unknown.status), (Some("amber"), 0));
        assert_eq!(unknown.json()["codes"][0], "DL_SIGNER_UNKNOWN");
    });
}

#[test]
fn a_wrong_pin_says_what_is_left_and_the_card_remembers() {
    with_persona("licence", || {
        for expected in ["PIN_WRONG(2)", "PIN_WRONG(1)", "PIN_LAST_TRY_CONSENT"] {
            let run = read(&["--pin1-stdin"], "0000\n");
            assert_eq!((run.status, run.json()["error"].as_str()), (3, Some(expected)), "{}", run.stderr);
        }
        // A mistyped PIN never reaches the card.
        let run = read(&["--pin1-stdin"], "12345\n");
        assert_eq!((run.status, run.json()["error"].as_str()), (3, Some("PIN_INVALID")));
    });
}

#[test]
fn the_licence_on_a_my_number_card_is_read_and_never_green() {
    with_persona("mynumber-licence", || {
        let run = read(&["--my-number", "--pin1-stdin"], "2468\n");
        let answer = run.json();
        assert_eq!((answer["document"].as_str(), answer["level"].as_str()), (Some("my_number_licence"), Some("amber")));
        assert_eq!(answer["fields"]["document_number"], "999912345670");
        assert_eq!(run.status, 0);
    });
}
