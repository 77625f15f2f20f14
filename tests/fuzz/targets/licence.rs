//! The files of a driver's licence, and a reading of one.

use std::cell::Cell;

use chip::licence::{CommonData, LicencePins, LicencePlan, LicenceText, PinSetting, SignatureFile, inspect};
use chip::pin::Pin;
use trust::Level;
use trust::licence::LicenceTrust;

use super::certificates::judged_at;
use super::fixed::{LICENCE_PIN_1, LICENCE_PIN_2};
use super::script::{Entries, Script, blocks};

/// What needs no PIN and what signs: every field is a piece of its file, and only two files say anything of PINs.
pub fn files(input: &[u8]) {
    if let Ok(common) = CommonData::parse(input) {
        assert_eq!(common.version.len(), 3);
        let _ = common.is_known_version();
    }
    if PinSetting::parse(input).is_some() {
        assert!(input == [5, 1, 0] || input == [5, 1, 1]);
    }
    if let Ok(signature) = SignatureFile::parse(input) {
        let parts = [Some(signature.value), signature.serial, signature.issuer, signature.subject, signature.key_id];
        assert!(parts.into_iter().flatten().all(|part| input.windows(part.len().max(1)).any(|window| window == part)));
    }
}

/// One character for each two bytes, external ones by number.
pub fn text(input: &[u8]) {
    if let Ok(text) = LicenceText::parse(input) {
        assert_eq!(text.characters().len() * 2, input.len());
        assert!(text.gaiji().count() <= text.characters().len());
        assert_eq!(text.is_empty(), input.is_empty());
    }
}

/// The blocks are responses. Whatever a card answers, each of the two PINs is sent at most once (security.md §9, PS1 and PS4), and
/// without a signer nothing is genuine.
pub fn whole_card(input: &[u8]) {
    let (commands, secrets) = (Cell::new(0), Cell::new(0));
    let card = Entries::new(Script::new(blocks(input), &commands), &secrets);
    let pins = LicencePins {
        pin1: Some(Pin::parse(LICENCE_PIN_1).expect("four digits")),
        pin2: Some(Pin::parse(LICENCE_PIN_2).expect("four digits")),
        ..LicencePins::default()
    };
    let read = inspect(card, pins, &LicencePlan::default(), &mut |_| {});
    assert!(secrets.get() <= 2, "{} PINs were sent", secrets.get());
    assert!(commands.get() <= blocks(input).count() + 1);
    let Ok(evidence) = read else { return };
    let stored = serde_json::to_vec(&evidence).expect("evidence is written down");
    assert!(serde_json::from_slice(&stored).is_ok_and(|again: chip::licence::LicenceEvidence| again == evidence));
    let verdict = || trust::licence::judge(&evidence, &LicenceTrust::default(), judged_at());
    assert_ne!(verdict().level(), Level::Green);
    assert_eq!(verdict(), verdict());
}
