//! Every L row of the negative matrix with its code (security.md §8).

use chip::licence::{InspectError, LicencePlan, inspect};
use session::Failure;
use simulator::Fault;
use simulator::licence::{Image, LicenceCard, Persona};
use trust::licence::LicenceTrust;
use trust::{DataSignature, Level};

use crate::support::{Shared, judge, now, persona, pins, read, right_pins, trust, trust_between, verdict};

fn changed(file: &str, offset: usize, xor: u8) -> Persona {
    persona("licence").with_fault(Fault::ChangedByte { file: file.to_owned(), offset, xor })
}

fn code(error: InspectError) -> String {
    Failure::from(error).to_string()
}

#[test]
fn l01_a_changed_text() {
    // The low byte of the first character of the name.
    let verdict = verdict(&changed("DF1/0001", 6, 0x01));
    assert_eq!(verdict.codes()[0], "DL_SIG_INVALID", "{:?}", verdict.codes());
    assert_eq!((verdict.level(), verdict.data_signature), (Level::Red, DataSignature::Invalid));
}

#[test]
fn l01_a_changed_item_that_is_not_kept() {
    // A class date near the end: dropped by the white list and still under the signature.
    let verdict = verdict(&changed("DF1/0001", 303, 0x01));
    assert_eq!(verdict.codes(), ["DL_SIG_INVALID"]);
}

#[test]
fn l01_a_changed_domicile() {
    assert_eq!(verdict(&changed("DF1/0002", 3, 0x01)).codes(), ["DL_SIG_INVALID"]);
}

#[test]
fn l02_the_photo_of_another_licence() {
    assert_eq!(verdict(&changed("DF2/0001", 1500, 0x40)).codes(), ["DL_SIG_INVALID"]);
}

#[test]
fn l03_the_signature_of_another_licence() {
    let (own, other) = (persona("licence"), persona("licence-no-pin"));
    let mut files = issued(&own).files;
    files.insert("DF1/0007", issued(&other).files["DF1/0007"].clone());
    let card = LicenceCard::from_image(Image { files }, &own);
    let evidence = inspect(Shared::of(card), right_pins(), &LicencePlan::default(), &mut |_| ()).expect("a reading");
    assert_eq!(judge(&evidence).codes(), ["DL_SIG_INVALID"]);
}

fn issued(persona: &Persona) -> Image {
    LicenceCard::issue(persona).expect("a card").image().clone()
}

#[test]
fn l04_a_signer_nobody_knows() {
    // One byte of the key identifier, in front of the filler.
    let file = &issued(&persona("licence")).files["DF1/0007"];
    let last = file.iter().rposition(|byte| *byte != 0xFF).expect("a key identifier");
    for verdict in [
        verdict(&changed("DF1/0007", last, 0x01)),
        trust::licence::judge(
            &read(&persona("licence"), right_pins()).expect("a reading"),
            &LicenceTrust::default(),
            now(),
        ),
    ] {
        assert_eq!(verdict.codes(), ["DL_SIGNER_UNKNOWN"]);
        assert_eq!(verdict.level(), Level::Amber);
    }
}

#[test]
fn l05_a_signer_that_was_not_valid_on_the_day_of_issue() {
    let evidence = read(&persona("licence"), right_pins()).expect("a reading");
    // Issued 2025-04-01 in Japan, where that day begins at 15:00 UTC of the day before.
    for (from, to, valid) in [
        ("250402000000Z", "400101000000Z", false),
        ("200101000000Z", "250331145959Z", false),
        ("250331150000Z", "400101000000Z", true),
        ("200101000000Z", "250401000000Z", true),
    ] {
        let verdict = trust::licence::judge(&evidence, &trust_between(from, to), now());
        let found = verdict.codes().iter().any(|code| code == "DL_SIGNER_NOT_VALID_AT_SIGNING");
        assert_eq!(found, !valid, "{from} to {to}: {:?}", verdict.codes());
        assert_eq!(verdict.level(), if valid { Level::Green } else { Level::Red });
    }
}

#[test]
fn l06_pin_2_is_wrong() {
    let card = Shared::issue(&persona("licence"));
    let error = inspect(card.clone(), pins("1234", "0000"), &LicencePlan::default(), &mut |_| ()).unwrap_err();
    assert_eq!(code(error), "DL_PIN2_WRONG(2)");
    assert_eq!(card.tries(), [3, 2]);
    assert!(card.log().iter().all(|line| !line.starts_with("DF")), "nothing behind a PIN was read: {:?}", card.log());
}

#[test]
fn l07_one_try_is_left() {
    for (tries1, tries2, sent) in [(1, 3, 0), (3, 1, 1)] {
        let mut persona = persona("licence");
        (persona.tries1, persona.tries2) = (Some(tries1), Some(tries2));
        let card = Shared::issue(&persona);
        let error = inspect(card.clone(), right_pins(), &LicencePlan::default(), &mut |_| ()).unwrap_err();
        assert_eq!(code(error), "PIN_LAST_TRY_CONSENT");
        assert_eq!(card.verifies(), sent);
        assert_eq!(card.tries()[1], tries2);
    }
}

#[test]
fn l07_with_consent_the_last_try_is_used() {
    let mut persona = persona("licence");
    persona.tries1 = Some(1);
    let card = Shared::issue(&persona);
    let consent1 = Some(chip::pin::LastTryConsent::given_by_customer_and_staff());
    let pins = chip::licence::LicencePins { consent1, ..right_pins() };
    assert!(inspect(card.clone(), pins, &LicencePlan::default(), &mut |_| ()).is_ok());
    assert_eq!(card.tries(), [3, 3]);
}

#[test]
fn l08_a_blocked_pin() {
    for (tries1, tries2) in [(0, 3), (3, 0)] {
        let mut persona = persona("licence");
        (persona.tries1, persona.tries2) = (Some(tries1), Some(tries2));
        assert_eq!(code(read(&persona, right_pins()).unwrap_err()), "PIN_BLOCKED");
    }
}

#[test]
fn l09_an_external_character_is_no_picture() {
    for broken in ["20", "200102", "dots:A5"] {
        let mut persona = persona("licence-changed");
        persona.gaiji.insert("3".to_owned(), broken.to_owned());
        if broken.starts_with("dots") {
            persona.gaiji.remove("1");
        }
        let verdict = verdict(&persona);
        assert_eq!(verdict.codes(), ["DL_GAIJI_INVALID"], "{broken}: {:#?}", verdict.checks);
        assert_eq!(verdict.level(), Level::Amber);
    }
}

#[test]
fn l10_a_date_that_never_was() {
    for (tag, date) in [("16", "4990601"), ("1B", "4990601"), ("18", "5071301"), ("16", "0550401")] {
        let verdict = verdict(&persona("licence").with_field(tag, date));
        assert_eq!(verdict.codes(), ["DATE_INVALID"], "{tag} {date}: {:#?}", verdict.checks);
        assert_eq!(verdict.level(), Level::Amber);
    }
}

#[test]
fn l11_an_expired_licence() {
    let evidence = read(&persona("licence"), right_pins()).expect("a reading");
    // The last day is 2030-05-01 in Japan.
    for (at, expired) in [("2030-05-01T14:59:59Z", false), ("2030-05-01T15:00:00Z", true)] {
        let verdict = trust::licence::judge(&evidence, &trust(), at.parse().expect("a time"));
        let expected: &[&str] = if expired { &["DOCUMENT_EXPIRED"] } else { &[] };
        assert_eq!(verdict.codes(), expected);
    }
}

#[test]
fn l12_common_data_that_do_not_fit() {
    let mut newer = persona("licence");
    newer.version = "099".to_owned();
    let mut longer = persona("licence");
    longer.expires = "20350501".to_owned();
    for persona in [newer, longer] {
        let verdict = verdict(&persona);
        assert_eq!(verdict.codes(), ["DL_LAYOUT_MISMATCH"]);
        // Read and shown all the same.
        assert_eq!(verdict.fields.name.as_deref(), Some("見本　太郎"));
        assert_eq!(verdict.data_signature, DataSignature::Valid);
    }
}

#[test]
fn pin_1_is_wrong() {
    let card = Shared::issue(&persona("licence"));
    let error = inspect(card.clone(), pins("0000", "5678"), &LicencePlan::default(), &mut |_| ()).unwrap_err();
    assert_eq!(code(error), "PIN_WRONG(2)");
    assert_eq!((card.tries(), card.verifies()), ([2, 3], 1));
}
