//! What each lane reads, what it costs, and what happens when the card goes away or answers badly.

use chip::my_number::{CardKey, KeyProof, MyNumberFile, Request, surface, text};
use session::{Failure, FailureCode};
use simulator::Fault;
use simulator::my_number::{Application, CardPlan, Kind, Location, place};
use trust::{Chain, ChipGenuine, ChipProof, DataSignature, Finding, Level, Validity};

use crate::support::{
    Recorded, deciding, everything, issued, lanes, number_b, read, read_card, read_with, specimen, text_pin, verdict,
    verifications, with_signature,
};

const PROVEN: ChipGenuine = ChipGenuine::Proven { method: ChipProof::KeySignature };

#[test]
fn number_b_reads_and_proves_face_and_text_without_any_pin() {
    let (plan, card) = (CardPlan::default(), specimen());
    let verdict = verdict(&card, number_b(&plan));
    assert!(verdict.findings.is_empty(), "{verdict:#?}");
    assert_eq!((verdict.level(), verdict.data_signature), (Level::Green, DataSignature::Valid), "{verdict:#?}");
    assert_eq!(
        (&verdict.chain, &verdict.chip_genuine, &verdict.validity),
        (&Chain::Trusted, &PROVEN, &Validity::InDate)
    );
    assert_eq!(verdict.fields.name.as_deref(), Some("見本　花子"));
    assert_eq!(verdict.fields.address.as_deref(), Some("架空県見本市試験町一丁目１番１号"));
    assert_eq!(verdict.fields.birth_date.as_deref(), Some("1990-02-03"));
    assert_eq!(verdict.fields.expiry_date.as_deref(), Some("2035-02-03"));
    assert!(verdict.fields.has_portrait);
    let line = verdict.check("validity").expect("a line");
    assert!(line.detail.contains("not signed"), "{line:?}");
}

#[test]
fn the_pin_reads_and_proves_the_text_and_leaves_the_expiry_open() {
    let verdict = verdict(&specimen(), text_pin(&CardPlan::default()));
    assert!(verdict.findings.is_empty(), "{verdict:#?}");
    assert_eq!((&verdict.chip_genuine, &verdict.validity), (&PROVEN, &Validity::Unknown));
    assert_eq!((verdict.level(), verdict.data_signature), (Level::Amber, DataSignature::Valid));
    assert!(!verdict.fields.has_portrait);
}

#[test]
fn certificates_are_read_and_their_keys_proven_but_nothing_is_final_offline() {
    let plan = CardPlan::default();
    for second_generation in [false, true] {
        let plan = CardPlan { second_generation, ..plan.clone() };
        let verdict = verdict(&issued(&plan), everything(&plan));
        assert_eq!(verdict.findings, [Finding::JpkiStatusPending], "{verdict:#?}");
        assert_eq!(verdict.chain, Chain::RevocationUnknown { age_days: None });
        assert_eq!((verdict.level(), &verdict.chip_genuine), (Level::Amber, &PROVEN));
        for name in ["user_challenge", "signature_challenge", "user_chain", "signature_chain", "same_person"] {
            assert_eq!(verdict.check(name).expect(name).state, trust::CheckState::Passed, "{name}");
        }
    }
}

#[test]
fn other_bytes_before_the_text_are_passed_over() {
    let plan = CardPlan { lead: vec![0x00, 0x00], ..CardPlan::default() };
    let verdict = verdict(&issued(&plan), text_pin(&plan));
    assert_eq!((deciding(&verdict), verdict.data_signature), (None, DataSignature::Valid));
}

#[test]
fn the_security_code_is_not_kept_and_the_signed_objects_are() {
    let card = specimen();
    let raw = &card.contents.files[&Location::new(Application::Surface, 0x0002)];
    let evidence = read(&card.contents, number_b(&CardPlan::default())).expect("a reading");
    let kept = &evidence.files[&MyNumberFile::CardFace];
    let code_image = [0xDF, 0x2A];
    assert!(raw.windows(2).any(|pair| pair == code_image));
    assert!(!kept.windows(2).any(|pair| pair == code_image));
    let face = surface::parse(kept).expect("a face");
    assert!(face.signed_parts().iter().flatten().all(|part| raw.windows(part.len()).any(|found| found == *part)));
    // The images are pictures, the photo too.
    assert!(face.name_image.starts_with(b"\x89PNG") && face.address_image.starts_with(b"\x89PNG"));
    assert!(chip::portrait::decode_bytes(face.photo).is_ok());
}

/// Commands a lane cannot do without: one for each application, three for each secret (file, counter, VERIFY), one for each file and
/// one more for every 256 bytes of it, two for each proof (key, signature).
fn floor(card: &simulator::my_number::Contents, evidence: &chip::my_number::MyNumberEvidence, secrets: usize) -> usize {
    let mut applications = std::collections::BTreeSet::new();
    let mut commands = 3 * secrets + 2 * evidence.proofs.len();
    for file in evidence.files.keys() {
        let application = match file.application() {
            chip::my_number::Application::Jpki => Application::Jpki,
            chip::my_number::Application::Surface => Application::Surface,
            chip::my_number::Application::Text => Application::Text,
        };
        applications.insert(application);
        let stored = &card.files[&Location::new(application, file.id().0)];
        let size = apdu::tlv::Reader::ber(stored).next().expect("a template").whole.len();
        commands += 1 + size.div_ceil(256);
    }
    commands + applications.len()
}

#[test]
fn no_lane_sends_more_than_two_commands_above_its_floor() {
    let (plan, card) = (CardPlan::default(), specimen());
    for ((name, request), secrets) in lanes(&plan).into_iter().zip([2, 1, 3, 2, 0, 4]) {
        let evidence = read(&card.contents, request).expect(name);
        let (sent, floor) = (evidence.counters.apdus as usize, floor(&card.contents, &evidence, secrets));
        assert!(sent >= floor && sent <= floor + 2, "{name}: {sent} commands, floor {floor}");
    }
}

#[test]
fn a_card_lifted_or_exchanged_at_any_command_gives_no_evidence_and_no_second_try() {
    let (plan, card) = (CardPlan::default(), specimen());
    let commands = read(&card.contents, everything(&plan)).expect("the undisturbed reading").counters.apdus;
    for at in 1..=commands {
        for (fault, code) in [
            (Fault::Lift { at }, FailureCode::CardRemoved),
            (Fault::Swap { at }, FailureCode::CardChanged),
            (Fault::Reset { at }, FailureCode::CardReset),
            (Fault::Mute { at, after_ms: 0 }, FailureCode::CardTimeout),
        ] {
            let (recorded, log) = Recorded::new(place(card.contents.clone(), vec![fault.clone()]));
            let error = read_card(recorded, everything(&plan)).expect_err("no evidence");
            assert_eq!(Failure::from(error).code, code, "{fault:?}: {error:?}");
            let secrets: Vec<_> = log
                .lock()
                .expect("one thread")
                .iter()
                .filter(|command| command.ins == 0x20 && !command.data.is_empty())
                .map(|command| command.data.clone())
                .collect();
            // 照合番号B goes to two applications; nothing else is ever sent twice.
            let number = plan.number_b().into_bytes();
            let mut others: Vec<_> = secrets.iter().filter(|secret| **secret != number).collect();
            others.sort();
            others.dedup();
            assert!(secrets.iter().filter(|secret| **secret == number).count() <= 2);
            assert_eq!(others.len(), secrets.iter().filter(|secret| **secret != number).count(), "{fault:?}");
        }
    }
}

#[test]
fn wrong_status_words_at_any_command_never_panic_and_never_give_a_green_verdict() {
    let (plan, card) = (CardPlan::default(), specimen());
    let trust = crate::support::trust(&card.trust);
    let commands = read(&card.contents, number_b(&plan)).expect("the undisturbed reading").counters.apdus;
    for at in 1..=commands {
        for status in [0x6282, 0x6300, 0x6700, 0x6982, 0x6A82, 0x6B00, 0x6F00, 0x9000] {
            let fault = Fault::Status { at, status: simulator::StatusText(status), forever: false };
            if let Ok(evidence) = read_with(&card.contents, fault, number_b(&plan)) {
                let verdict = trust::my_number::judge(&evidence, &trust, crate::support::now());
                // A refused size is asked for again, smaller: that reading is whole, and so is its verdict.
                let whole = evidence.absent.is_empty() && evidence.files.len() == 6;
                let proven = evidence.proofs.values().all(|proof| matches!(proof, KeyProof::Signed(_)));
                assert!(verdict.level() != Level::Green || (whole && proven), "{status:04X} at {at}: {verdict:#?}");
            }
        }
    }
}

#[test]
fn a_phone_has_certificates_but_no_face() {
    let (plan, mut card) = (CardPlan::default(), specimen());
    card.contents.kind = Kind::Phone;
    let error = read(&card.contents, number_b(&plan)).expect_err("no surface application");
    assert_eq!(Failure::from(error).code, FailureCode::CardUnknown);
    let evidence = read(&card.contents, with_signature(&plan, Request::default())).expect("certificates");
    assert!(matches!(evidence.proofs[&CardKey::Signature], KeyProof::Signed(_)));
}

#[test]
fn a_slow_card_is_read_like_any_other() {
    let (plan, card) = (CardPlan::default(), specimen());
    let slow = read_with(&card.contents, Fault::Slow { per_apdu_ms: 1 }, text_pin(&plan)).expect("a reading");
    assert_eq!(slow.counters, read(&card.contents, text_pin(&plan)).expect("a reading").counters);
}

#[test]
fn counters_of_secrets_outlast_resets_and_selection_forgets_what_was_verified() {
    let (plan, card) = (CardPlan::default(), specimen());
    let mut placed = place(card.contents, Vec::new());
    let wrong = CardPlan { text_pin: "9999".into(), ..plan.clone() };
    let codes: Vec<_> = (0..3)
        .map(|_| {
            placed.reset();
            let failed = Failure::from(read_card(&mut placed, text_pin(&wrong)).expect_err("a wrong PIN"));
            (failed.code, failed.parameter)
        })
        .collect();
    // The third entry is not sent: one try is left, and no consent was given.
    assert_eq!(
        codes,
        [(FailureCode::PinWrong, Some(2)), (FailureCode::PinWrong, Some(1)), (FailureCode::PinLastTryConsent, None)]
    );
    placed.place();
    let failed = Failure::from(read_card(&mut placed, text_pin(&plan)).expect_err("still one try"));
    assert_eq!(failed.code, FailureCode::PinLastTryConsent);
    let (recorded, log) = Recorded::new(place(specimen().contents, Vec::new()));
    let evidence = read_card(recorded, number_b(&plan)).expect("a reading");
    assert_eq!(verifications(&log), 2, "each application wants its own");
    assert_eq!(text::parse(&evidence.files[&MyNumberFile::Attributes]).expect("text").name, plan.name);
}
