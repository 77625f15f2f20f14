//! `kioskctl read mynumber` on a card in a real PC/SC reader.

use std::path::Path;

use acceptance::{Pcscd, Run, kioskctl};
use simulator::my_number::{Application, CardPlan, Issued, place};

use crate::pcsc::with_card;
use crate::support::specimen;

/// The operator's files.
fn export(issued: &Issued, folder: &Path) -> Vec<String> {
    let roots = issued.trust.user_roots.iter().chain([&issued.trust.signature_root]);
    let mut arguments = Vec::new();
    for (number, root) in roots.enumerate() {
        let path = folder.join(format!("root-{number}.cer"));
        std::fs::write(&path, root).expect("a file");
        arguments.push(format!("jpki:{}", path.display()));
    }
    let path = folder.join("cv.json");
    std::fs::write(&path, &issued.trust.cv_keys).expect("a file");
    arguments.push(format!("cv:{}", path.display()));
    arguments
}

fn read(flags: &[&str], trust: &[String], secrets: &[&str]) -> Run {
    let mut command = kioskctl()
        .args(["--json", "read", "mynumber", "--reader", "Virtual PCD", "--at", "2026-11-25T00:00:00Z"])
        .args(flags);
    for argument in trust {
        command = command.args(["--trust", argument]);
    }
    let lines: Vec<String> = secrets.iter().map(|secret| format!("{secret}\n")).collect();
    command.stdin(lines.concat()).run()
}

#[test]
fn the_command_line_reads_a_card_in_both_lanes_with_and_without_signature() {
    let (plan, card) = (CardPlan::default(), specimen());
    let folder = tempfile::tempdir().expect("a folder");
    let all = export(&card, folder.path());
    let cv = all.last().cloned().into_iter().collect::<Vec<_>>();
    let saved = folder.path().join("saved");
    let _pcscd = Pcscd::start();
    with_card(&mut *place(card.contents.clone(), Vec::new()), || {
        let number = plan.number_b();
        let face =
            read(&["--number-b-stdin", "--test-hierarchy", "--save", saved.to_str().expect("a path")], &cv, &[&number]);
        let answer = face.json();
        assert_eq!((face.status, &answer["level"]), (0, &"green".into()), "{answer:#}\n{}", face.stderr);
        assert_eq!(answer["document"], "my_number_card");
        assert_eq!(answer["fields"]["name"], "見本　花子");
        assert_eq!(answer["fields"]["portrait"], true);
        assert!(answer["fields"].get("sex").is_none());
        assert!(answer["apdus"].as_u64().is_some_and(|apdus| apdus > 20));

        let everything = read(
            &["--pin-stdin", "--sign-password-stdin", "--test-hierarchy"],
            &all,
            &[&plan.text_pin, &plan.signature_password.to_lowercase()],
        );
        let answer = everything.json();
        assert_eq!(answer["codes"], serde_json::json!(["JPKI_STATUS_PENDING"]), "{answer:#}\n{}", everything.stderr);
        assert_eq!((everything.status, &answer["level"]), (0, &"amber".into()));
        assert_eq!(answer["checks"]["signature_challenge"]["state"], "Passed");
        assert_eq!(answer["checks"]["user_chain"]["state"], "Passed");

        // Without the option for test cards, none of this is known.
        let production = read(&["--number-b-stdin"], &all, &[&number]);
        let answer = production.json();
        assert_eq!(answer["verdict"]["chain"], "untrusted_issuer", "{answer:#}");
        assert!(answer["codes"].as_array().is_some_and(|codes| codes.iter().any(|code| code == "JPKI_CA_UNKNOWN")));

        let runs = [face, everything, production];
        for run in &runs {
            for secret in [&number, &plan.text_pin, &plan.signature_password, &plan.individual_number] {
                assert!(!run.stderr.contains(secret.as_str()) && !run.stdout.contains(&format!("\"{secret}\"")));
            }
            assert!(!run.stdout.contains(&plan.individual_number));
        }
    });
    let mut files = 0;
    for entry in std::fs::read_dir(&saved).expect("the saved files") {
        let bytes = std::fs::read(entry.expect("an entry").path()).expect("a file");
        files += 1;
        for secret in [plan.individual_number.as_bytes(), plan.number_b().as_bytes()] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret));
        }
    }
    assert_eq!(files, 6);
}

#[test]
fn wrong_secrets_and_wrong_forms_end_with_their_codes_and_spend_no_more_than_they_must() {
    let (plan, card) = (CardPlan::default(), specimen());
    let _pcscd = Pcscd::start();
    let mut placed = place(card.contents.clone(), Vec::new());
    with_card(&mut *placed, || {
        for (secrets, flags, status) in [
            (vec!["12345"], vec!["--pin-stdin"], 2),
            (vec![], vec!["--pin-stdin"], 2),
            // The Individual Number is no 照合番号B.
            (vec![plan.individual_number.as_str()], vec!["--number-b-stdin"], 2),
            (vec!["1234"], vec!["--pin-stdin", "--number-b-stdin"], 2),
            (vec!["1234"], vec![], 2),
        ] {
            assert_eq!(read(&flags, &[], &secrets).status, status, "{flags:?}");
        }
        for code in ["PIN_WRONG", "PIN_WRONG", "PIN_LAST_TRY_CONSENT"] {
            let run = read(&["--pin-stdin"], &[], &["9999"]);
            assert_eq!((run.status, &run.json()["error"]), (3, &code.into()), "{}", run.stderr);
            assert!(!run.stderr.contains("9999"));
        }
    });
    let mut blocked = card.contents;
    blocked.secret_mut(Application::Text, 0x0015).expect("a secret").left = 0;
    with_card(&mut *place(blocked, Vec::new()), || {
        let run = read(&["--number-b-stdin"], &[], &[&plan.number_b()]);
        assert_eq!((run.status, &run.json()["error"]), (3, &"PIN_BLOCKED".into()));
    });
}
