//! Residence cards in a real PC/SC reader, read by the command line.

use acceptance::kioskctl;
use simulator::Profile;
use simulator::residence::{IssuerPlan, Persona, ResidencePki, ResidenceProfile};

use crate::reading::with_placed;

fn pki() -> ResidencePki {
    ResidencePki::generate(&IssuerPlan::default()).expect("the test issuer")
}

fn issue(name: &str) -> ResidenceProfile {
    pki().issue(&Persona::built_in(name).expect("a persona")).expect("a card")
}

/// The authorities and the transport key as files.
fn trust_data() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let pki = pki();
    for (name, authority) in ["ca.der", "ca2.der"].into_iter().zip(pki.authorities()) {
        std::fs::write(folder.path().join(name), authority).expect("a file");
    }
    std::fs::write(folder.path().join("transport.key"), pki.transport_key().expect("a key")).expect("a file");
    folder
}

#[test]
fn both_generations_and_a_combined_card_are_green_through_the_reader() {
    let folder = trust_data();
    for (name, expiry) in
        [("residence-first", Some("2029-06-30")), ("residence-second", None), ("combined-residence", None)]
    {
        let profile = issue(name);
        let card = profile.place().expect("a card");
        let saved = tempfile::tempdir().expect("a folder");
        let run = with_placed(card, || {
            let mut command = kioskctl()
                .args(["--json", "read", "residence", "--reader", "Virtual PCD", "--card-number-stdin"])
                .args(["--test-authorities", "--at", "2026-11-25T00:00:00Z"])
                .arg("--trust")
                .arg(format!("residence:{}", folder.path().join("ca.der").display()))
                .arg("--trust")
                .arg(format!("residence:{}", folder.path().join("ca2.der").display()))
                .arg("--transport-key")
                .arg(folder.path().join("transport.key"))
                .arg("--save")
                .arg(saved.path())
                .stdin(format!("{}\n", profile.card_number));
            if let Some(expiry) = expiry {
                command = command.args(["--expiry", expiry]);
            }
            command.run()
        });
        assert_eq!(run.status, 0, "{name}: {}", run.stderr);
        let answer = run.json();
        assert_eq!(answer["level"], "green", "{name}: {answer:#}");
        assert_eq!(answer["codes"].as_array().map(Vec::len), Some(0), "{answer:#}");
        assert_eq!(answer["fields"]["portrait"], true);
        assert_eq!(answer["fields"]["residence"]["card_type"], profile.card_type.as_str());
        assert!(answer["fields"].get("sex").is_none());
        // What a person looks at: the photo and the image with the name.
        assert!(saved.path().join("face.ppm").is_file(), "{name}");
        assert!(saved.path().join("df3-ef01.bin").is_file(), "{name}");
        let image = if name == "residence-first" { "front.ppm" } else { "name.ppm" };
        assert!(std::fs::read(saved.path().join(image)).expect("an image").starts_with(b"P6\n"), "{name}");
    }
}

#[test]
fn a_wrong_number_and_an_authority_nobody_knows_are_said_by_their_codes() {
    let folder = trust_data();
    let profile = issue("residence-second");
    let card = profile.place().expect("a card");
    with_placed(card, || {
        let read = |number: &str| {
            kioskctl().args(["--json", "read", "residence", "--reader", "Virtual PCD", "--card-number", number])
        };
        let wrong = read("ZZ99999999ZZ").run();
        assert_eq!((wrong.status, &wrong.json()["error"]), (3, &serde_json::json!("RC_ACCESS_KEY_WRONG")));
        let nobody = read(&profile.card_number).args(["--at", "2026-11-25T00:00:00Z"]).run();
        assert_eq!(nobody.json()["codes"][0], "TRUST_STORE_EMPTY", "{:#}", nobody.json());
        assert_eq!((nobody.status, &nobody.json()["level"]), (0, &serde_json::json!("amber")));
        // Without the mode for tests the authority is refused, with the fingerprint an operator would pin.
        let trust = format!("residence:{}", folder.path().join("ca2.der").display());
        let refused = read(&profile.card_number).args(["--trust", &trust]).run();
        assert_eq!((refused.status, &refused.json()["error"]), (3, &serde_json::json!("TRUST_LIST_INVALID")));
        let pin = refused
            .stderr
            .split("fingerprint ")
            .nth(1)
            .and_then(|rest| rest.get(..64))
            .expect("a fingerprint")
            .to_owned();
        let pinned =
            read(&profile.card_number).args(["--trust", &trust, "--pin", &pin, "--at", "2026-11-25T00:00:00Z"]).run();
        assert_eq!(pinned.json()["level"], "green", "{:#}", pinned.json());
        let malformed = read("12345").run();
        assert_eq!(malformed.status, 2);
    });
}

#[test]
fn a_card_is_recognised_before_anybody_types() {
    let auto = || kioskctl().args(["--json", "read", "auto", "--reader", "Virtual PCD"]).run();
    for (name, looks, document) in [
        ("special-permanent-first", "special_permanent_resident", "sprc"),
        ("residence-second", "residence_card", "rc"),
        ("combined-special-permanent", "combined_residence_card", "rc_mnc"),
    ] {
        let profile = issue(name);
        let card = profile.place().expect("a card");
        let run = with_placed(card, auto);
        let answer = run.json();
        assert_eq!((run.status, answer["recognised"].as_str()), (0, Some(looks)), "{answer:#}");
        assert_eq!(answer["documents"][0], document);
        assert_eq!(answer["card_type"], profile.card_type.as_str());
        assert!(answer["apdus"].as_u64().is_some_and(|apdus| apdus <= 6), "{answer:#}");
    }
    let passport = simulator::place(&Profile::built_in("specimen").expect("a passport")).expect("a card");
    let run = with_placed(passport, auto);
    assert_eq!((run.status, run.json()["recognised"].as_str()), (0, Some("passport")));
}
