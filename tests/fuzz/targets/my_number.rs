//! The files of a My Number card, and a reading of one.

use std::cell::Cell;
use std::collections::BTreeMap;

use apdu::tlv::{Tag, encode};
use chip::my_number::redaction::holds_individual_number;
use chip::my_number::{
    Lane, MyNumberEvidence, MyNumberFile, NumberB, OpenedBy, Request, ap_key, cv_certificate, inspect, surface, text,
};
use chip::pin::{Pin, UserPin};
use chip_crypto::random::SeededRandom;
use trust::Level;
use trust::my_number::{Hierarchy, MyNumberTrust};

use super::certificates::judged_at;
use super::fixed::{NUMBER_B, TERMINAL_SEED, TEXT_PIN, USER_PIN};
use super::script::{Entries, Script, blocks};

/// Every field is a piece of its file; what is signed lies there as it is; dates are digits.
pub fn files(input: &[u8]) {
    let inside = |part: &[u8]| part.is_empty() || input.windows(part.len()).any(|window| window == part);
    if let Ok(attributes) = text::parse(input) {
        assert!(
            inside(attributes.name.as_bytes()) && inside(attributes.address.as_bytes()) && inside(attributes.signed)
        );
        assert!(attributes.birth.iter().all(u8::is_ascii_digit));
        assert!(!attributes.name.chars().any(char::is_control));
    }
    if let Ok(digests) = text::parse_digests(input) {
        assert!(digests.signed.iter().all(|part| inside(part)) && inside(digests.signature));
    }
    if let Ok(face) = surface::parse(input) {
        assert!([face.name_image, face.address_image, face.photo, face.signature].into_iter().all(inside));
        assert!(face.signed_parts().iter().flatten().all(|part| inside(part)));
    }
    if let Ok(certificate) = cv_certificate::parse(input) {
        assert!(inside(certificate.body) && inside(certificate.signature));
        assert_eq!([certificate.issuer.0, certificate.subject.0].concat(), certificate.body[..32]);
        let wrapped = [encode(Tag(0x5F4E), certificate.body), encode(Tag(0x5F37), certificate.signature)].concat();
        assert!(
            cv_certificate::parse(&encode(Tag(0x7F21), &wrapped)).is_ok_and(|again| again.body == certificate.body)
        );
    }
    if let Ok(key) = ap_key::parse_text_key(input) {
        assert!(inside(key.signed) && inside(key.signature));
    }
    // Bytes around it do not hide a number.
    assert!(!holds_individual_number(input) || holds_individual_number(&[b"x", input, b"x"].concat()));
}

/// Block 0 is the way in, 照合番号B when empty and else the PIN; the rest are responses. Whatever a card answers, each secret is sent
/// at most once (security.md §9, PS1 and PS4): 照合番号B to two applications or one PIN, then the PIN of the user's key.
pub fn whole_card(input: &[u8]) {
    let (commands, secrets) = (Cell::new(0), Cell::new(0));
    let mut answers = blocks(input);
    let lane = if answers.next().unwrap_or_default().is_empty() {
        Lane::NumberB(NumberB::parse(NUMBER_B).expect("fourteen digits"))
    } else {
        Lane::TextPin(Pin::parse(TEXT_PIN).expect("four digits"))
    };
    let card = Entries::new(Script::new(answers, &commands), &secrets);
    let request = Request {
        lane: Some(lane),
        user_certificate: true,
        user_pin: Some(Pin::<UserPin>::parse(USER_PIN).expect("four digits")),
        ..Request::default()
    };
    let read = inspect(card, request, &mut SeededRandom::new(TERMINAL_SEED), &mut |_| {});
    assert!(secrets.get() <= 3, "{} secrets were sent", secrets.get());
    assert!(commands.get() <= blocks(input).count() + 1);
    let Ok(evidence) = read else { return };
    assert!(evidence.files.values().map(Vec::len).sum::<usize>() <= input.len());
    let stored = serde_json::to_vec(&evidence).expect("evidence is written down");
    assert!(serde_json::from_slice(&stored).is_ok_and(|again: chip::my_number::MyNumberEvidence| again == evidence));
    // Without a single issuer nothing is genuine.
    let verdict = || trust::my_number::judge(&evidence, &MyNumberTrust::new(Hierarchy::Test), judged_at());
    assert_ne!(verdict().level(), Level::Green);
    assert_eq!(verdict(), verdict());
}

/// A certificate of the JPKI as a card may give it: whatever it says, nobody issued it, and two judgements say the same.
pub fn jpki_certificate(input: &[u8]) {
    for file in [MyNumberFile::UserCertificate, MyNumberFile::SignatureCertificate] {
        let evidence = MyNumberEvidence {
            opened_by: OpenedBy::Nothing,
            files: BTreeMap::from([(file, input.to_vec())]),
            absent: BTreeMap::new(),
            proofs: BTreeMap::new(),
            counters: chip::mrtd::Counters::default(),
        };
        let verdict = || trust::my_number::judge(&evidence, &MyNumberTrust::new(Hierarchy::Test), judged_at());
        assert_ne!(verdict().level(), Level::Green);
        assert_eq!(verdict(), verdict());
    }
}
