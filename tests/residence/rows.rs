//! The negative matrix of residence cards: each tampering and the code it must have.

use jiff::Timestamp;
use session::{Failure, FailureCode};
use simulator::Fault;
use simulator::issuer::Validity;
use simulator::residence::{IssuerPlan, PERSONAS, ResidenceProfile};
use trust::residence::{Declared, NumberStatus, judge_with};
use trust::{ChipVerdict, Level};

use crate::support::{issue, issue_by, judge, now, number, plan, read, read_with, trust, typed};

#[track_caller]
fn decides(verdict: &ChipVerdict, code: &str, level: Level) {
    assert_eq!(verdict.codes().first().map(String::as_str), Some(code), "{:#?}", verdict.checks);
    assert_eq!(verdict.level(), level);
    assert!(FailureCode::from_name(code).is_some(), "{code} is in the catalogue");
}

fn changed(profile: &ResidenceProfile, file: &str, offset: usize) -> ResidenceProfile {
    profile.clone().with_fault(Fault::ChangedByte { file: file.to_owned(), offset, xor: 0x01 })
}

#[test]
fn r01_a_changed_front_image() {
    let first = issue("residence-first");
    for offset in [200, 600] {
        decides(&judge(&changed(&first, "DF1/05", offset)), "RC_SIG_INVALID", Level::Red);
    }
    decides(&judge(&changed(&issue("special-permanent-first"), "DF1/05", 200)), "RC_SIG_INVALID", Level::Red);
    let second = issue("residence-second");
    decides(&judge(&changed(&second, "DF1/04", 200)), "RC_SIG_INVALID", Level::Red);
    // A text item: one digit of the birth date.
    decides(&judge(&changed(&second, "DF1/03", 19)), "RC_SIG_INVALID", Level::Red);
}

#[test]
fn r02_a_swapped_photo() {
    let portrait = issue_by(
        &IssuerPlan { face: Some(simulator::PORTRAIT_JP2.to_vec()), ..IssuerPlan::default() },
        "residence-first",
    );
    let other = portrait.file("DF1/06").expect("a photo");
    let swapped = issue("residence-first").with_file("DF1/06", &other);
    decides(&judge(&swapped), "RC_SIG_INVALID", Level::Red);
    // The second generation keeps the photo beside the name image: everything of the photo's second half.
    decides(&judge(&changed(&issue("residence-second"), "DF1/04", 4000)), "RC_SIG_INVALID", Level::Red);
    // A child's card made into one with a photo.
    let child = issue("residence-first-child").with_file("DF1/06", &other);
    decides(&judge(&child), "RC_SIG_INVALID", Level::Red);
}

#[test]
fn r03_the_signature_file_of_another_card() {
    for (card, other) in [
        ("residence-first", "special-permanent-first"),
        ("residence-second", "special-permanent-second"),
        ("combined-residence", "residence-second"),
    ] {
        let signature = issue(other).file("DF3/02").expect("a signature");
        decides(&judge(&issue(card).with_file("DF3/02", &signature)), "RC_SIG_INVALID", Level::Red);
    }
}

#[test]
fn r04_a_signer_nobody_vouches_for() {
    let stranger = IssuerPlan { stranger: true, ..IssuerPlan::default() };
    for card in ["residence-first", "residence-second", "combined-residence"] {
        decides(&judge(&issue_by(&stranger, card)), "RC_SIGNER_UNKNOWN", Level::Amber);
    }
}

#[test]
fn r04_a_signer_that_cannot_have_been_valid_when_it_signed() {
    let validity =
        |from: &str, to: &str| IssuerPlan { signer_validity: Validity::new(from, to), ..IssuerPlan::default() };
    // Ended before cards of the generation were issued; begins after this moment.
    for (plan, card) in [
        (validity("240601000000Z", "260601000000Z"), "residence-second"),
        // Before the permission that stands on the card was given.
        (validity("240601000000Z", "260620000000Z"), "residence-second"),
        (validity("270101000000Z", "360101000000Z"), "residence-second"),
        (validity("270101000000Z", "360101000000Z"), "residence-first"),
        // Before the authority itself was valid.
        (validity("230101000000Z", "360101000000Z"), "residence-first"),
    ] {
        decides(&judge(&issue_by(&plan, card)), "RC_SIGNER_NOT_VALID_AT_SIGNING", Level::Red);
    }
    // Control: expired today, valid when it signed.
    let expired = validity("250601000000Z", "261001000000Z");
    assert_eq!(judge(&issue_by(&expired, "residence-first")).level(), Level::Green);
}

#[test]
fn r05_a_wrong_card_number() {
    for name in PERSONAS {
        let profile = issue(name);
        let mut wrong = profile.clone();
        wrong.card_number = "ZZ99999999ZZ".to_owned();
        let error = read_with(&profile, &number(&wrong), &plan()).expect_err("another card's number");
        assert_eq!(Failure::from(error).code, FailureCode::RcAccessKeyWrong, "{name}: {error}");
        // No counter: the right number opens the same card afterwards.
        read(&profile).expect("the card's own number");
    }
}

#[test]
fn r06_a_wrong_code_of_the_card() {
    for name in ["residence-first", "residence-second"] {
        // SELECT, two free files, GET CHALLENGE, MUTUAL AUTHENTICATE.
        let profile = issue(name).with_fault(Fault::WrongMac { at: 5 });
        let error = read(&profile).expect_err("a wrong code");
        assert_eq!(Failure::from(error).code, FailureCode::SmMacInvalid, "{name}: {error}");
    }
}

#[test]
fn r07_another_number_on_the_chip() {
    for name in ["residence-second", "special-permanent-second", "combined-residence"] {
        let other = issue("residence-second-infant").file("DF1/01").expect("a number");
        decides(&judge(&issue(name).with_file("DF1/01", &other)), "RC_NUMBER_MISMATCH", Level::Red);
    }
}

#[test]
fn r08_images_too_large_to_decode() {
    // TIFF of 60,000 by 60,000 dots, signed by the issuer: width, height, G4, one strip.
    let mut scan = b"II*\0\x08\0\0\0\x08\0".to_vec();
    for (tag, value) in
        [(256_u16, 60_000_u32), (257, 60_000), (258, 1), (259, 4), (262, 0), (273, 110), (278, 60_000), (279, 4)]
    {
        scan.extend_from_slice(&tag.to_le_bytes());
        scan.extend_from_slice(&[4, 0, 1, 0, 0, 0]);
        scan.extend_from_slice(&value.to_le_bytes());
    }
    scan.extend_from_slice(&[0; 12]);
    let mut face = simulator::residence::FACE_JP2.to_vec();
    let siz = face.windows(4).position(|w| w == [0xFF, 0x4F, 0xFF, 0x51]).expect("a codestream");
    face[siz + 8..siz + 16].copy_from_slice(&[0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF]);
    for card in ["residence-first", "residence-second"] {
        let bomb = IssuerPlan { scan: Some(scan.clone()), ..IssuerPlan::default() };
        decides(&judge(&issue_by(&bomb, card)), "IMAGE_LIMIT", Level::Amber);
        let bomb = IssuerPlan { face: Some(face.clone()), ..IssuerPlan::default() };
        decides(&judge(&issue_by(&bomb, card)), "IMAGE_LIMIT", Level::Amber);
    }
}

#[test]
fn r09_a_type_that_is_not_that_of_the_files() {
    let type_file = |code: &str| [&[0xC1, code.len() as u8], code.as_bytes()].concat();
    for (card, stated) in [
        ("residence-first", "2"),
        ("special-permanent-first", "1"),
        ("residence-second", "06"),
        ("special-permanent-second", "05"),
        ("combined-residence", "08"),
    ] {
        let lying = issue(card).with_file("MF/0A", &type_file(stated));
        decides(&judge(&lying), "RC_LAYOUT_MISMATCH", Level::Red);
    }
    // Between generations the protocol differs, so such a card does not open at all.
    let lying = issue("residence-second").with_file("MF/0A", &type_file("1"));
    assert_eq!(Failure::from(read(&lying).expect_err("3DES")).code, FailureCode::RcAccessKeyWrong);
}

#[test]
fn r10_a_stay_that_ended() {
    let at = |text: &str| text.parse::<Timestamp>().expect("a time");
    let verdict = |card: &str, declared: &Declared, moment: &str| {
        judge_with(&read(&issue(card)).expect("a reading"), &trust(), declared, at(moment))
    };
    let nothing = Declared::default();
    decides(&verdict("residence-second", &nothing, "2029-06-30T15:00:00Z"), "DOCUMENT_EXPIRED", Level::Amber);
    assert_eq!(verdict("residence-second", &nothing, "2029-06-30T14:59:59Z").level(), Level::Green);
    decides(&verdict("residence-first", &typed(), "2029-07-01T00:00:00Z"), "DOCUMENT_EXPIRED", Level::Amber);

    // Two calendar months with the note of an application; amber, with its evidence.
    let special = verdict("residence-second-renewal", &nothing, "2026-12-31T14:59:59Z");
    assert_eq!((special.level(), special.codes().len()), (Level::Amber, 0));
    let trust::Validity::SpecialPeriod { until, evidence } = &special.validity else {
        panic!("{:?}", special.validity)
    };
    assert_eq!(until, "2026-12-31");
    assert!(evidence.contains("not signed"), "{evidence}");
    decides(&verdict("residence-second-renewal", &nothing, "2026-12-31T15:00:00Z"), "DOCUMENT_EXPIRED", Level::Amber);
    let seen = Declared { extension_applied: true, ..typed() };
    assert!(verdict("residence-first", &seen, "2029-08-01T00:00:00Z").codes().is_empty());
    // A special permanent resident's certificate has no stay that could go on.
    let seen = Declared { extension_applied: true, ..nothing };
    decides(&verdict("special-permanent-second", &seen, "2033-11-20T00:00:00Z"), "DOCUMENT_EXPIRED", Level::Amber);
}

#[test]
fn r11_a_number_that_is_revoked_or_could_not_be_looked_up() {
    let verdict = |status: NumberStatus| {
        let declared = Declared { status, ..Declared::default() };
        judge_with(&read(&issue("residence-second")).expect("a reading"), &trust(), &declared, now())
    };
    decides(&verdict(NumberStatus::Revoked), "RC_NUMBER_REVOKED", Level::Red);
    decides(&verdict(NumberStatus::Pending), "RC_STATUS_PENDING", Level::Amber);
    assert_eq!(verdict(NumberStatus::Good).level(), Level::Green);
    assert_eq!(verdict(NumberStatus::NotAsked).level(), Level::Green);
}

#[test]
fn fields_that_cannot_be_read_are_named() {
    let said = |verdict: &ChipVerdict| verdict.check("fields").map(|line| line.detail.clone()).unwrap_or_default();
    // A thirteenth month in the expiry date.
    let verdict = judge(&changed(&issue("residence-second"), "DF1/03", 6));
    assert!(verdict.codes().iter().any(|code| code == "DATE_INVALID" || code == "RC_SIG_INVALID"));
    let text = issue("residence-second").with_file("DF1/03", b"\xC5\x0820301332\xC6\x0819900203\xC7\x011\xC8\x03XXA");
    let verdict = judge(&text);
    assert!(said(&verdict).contains("C5 (expiry date) is no date"), "{}", said(&verdict));
    assert!(verdict.codes().contains(&"DATE_INVALID".to_owned()), "{:?}", verdict.codes());
    let address = issue("residence-first").with_file("DF2/01", &[0xD2, 2, 1, 2]);
    assert!(said(&judge(&address)).contains("DF2/EF01 lacks D3"), "{}", said(&judge(&address)));
}
