//! What a reading brings and what it costs.

use std::collections::BTreeMap;

use chip::licence::{LicencePlan, inspect, read_pin_tries};
use chip::pin::Tries;
use simulator::licence::{Image, LicenceCard};
use trust::licence::LicenceTrust;
use trust::{DataSignature, Level, NotChecked, ReadVerdict};

use crate::support::{Shared, extended, judge, now, persona, read, right_pins, verdict};

#[test]
fn with_the_signers_certificate_a_licence_is_green() {
    let verdict = verdict(&persona("licence"));
    assert_eq!(verdict.codes(), Vec::<String>::new(), "{:#?}", verdict.checks);
    assert_eq!((verdict.level(), verdict.data_signature), (Level::Green, DataSignature::Valid));
    let fields = &verdict.fields;
    assert_eq!(fields.name.as_deref(), Some("見本　太郎"));
    assert_eq!(fields.birth_date.as_deref(), Some("1980-04-01"));
    assert_eq!(fields.address.as_deref(), Some("見本県見本市試験町一丁目１番２号"));
    assert_eq!(fields.expiry_date.as_deref(), Some("2030-05-01"));
    assert_eq!(fields.document_number.as_deref(), Some("999912345670"));
    assert!(fields.has_portrait);
    let licence = fields.licence.as_ref().expect("licence fields");
    assert_eq!(licence.kana.as_deref(), Some("ミホンタロウ"));
    assert_eq!(licence.issue_date.as_deref(), Some("2025-04-01"));
    assert_eq!(licence.issuer.as_deref(), Some("見本県公安委員会"));
    assert_eq!((licence.reissued, licence.changes.len()), (Some(0), 0));
}

#[test]
fn without_certificates_the_signature_is_present_and_not_verifiable_here() {
    let evidence = read(&persona("licence"), right_pins()).expect("a reading");
    let verdict = trust::licence::judge(&evidence, &LicenceTrust::default(), now());
    assert_eq!(verdict.level(), Level::Amber);
    assert_eq!(verdict.codes(), ["DL_SIGNER_UNKNOWN"]);
    assert_eq!(verdict.data_signature, DataSignature::NotChecked { reason: NotChecked::Signer });
}

#[test]
fn the_newest_change_replaces_the_item_and_all_are_kept() {
    let verdict = verdict(&persona("licence-changed"));
    assert_eq!(verdict.codes(), Vec::<String>::new(), "{:#?}", verdict.checks);
    assert_eq!(verdict.fields.name.as_deref(), Some("試験　花【※1】子"));
    assert_eq!(verdict.fields.address.as_deref(), Some("見本県試験市新町三丁目【※欠】"));
    let changes = &verdict.fields.licence.as_ref().expect("licence fields").changes;
    let list: Vec<_> = changes.iter().map(|c| (c.field.as_str(), c.date.as_str(), c.before.as_deref())).collect();
    assert_eq!(
        list,
        [
            ("name", "2024-02-29", Some("見本　花【※1】子")),
            ("address", "2024-02-29", Some("見本県見本市旧町一丁目")),
            ("address", "2025-01-01", Some("見本県試験市中町二丁目【※3】番")),
        ]
    );
}

#[test]
fn external_characters_are_drawn_from_the_card() {
    let evidence = read(&persona("licence-changed"), right_pins()).expect("a reading");
    // The second one is on the card, but no text that is kept refers to it.
    assert_eq!(evidence.gaiji.keys().copied().collect::<Vec<_>>(), [1, 3]);
    let picture = evidence.draw_gaiji(1, &chip::licence::GaijiLayout::default()).expect("a picture");
    assert_eq!((picture.width, picture.height, picture.ink.len()), (32, 32, 1024));
    // A5 is 10100101.
    assert_eq!(picture.ink[..8], [true, false, true, false, false, true, false, true]);
}

#[test]
fn without_pin_2_there_is_no_photo_and_no_green() {
    let pins = chip::licence::LicencePins { pin2: None, ..right_pins() };
    let verdict = judge(&read(&persona("licence"), pins).expect("a reading"));
    assert_eq!(verdict.read, ReadVerdict::Partial { missing: vec!["DF2/EF01".to_owned()] });
    assert_eq!(verdict.data_signature, DataSignature::NotChecked { reason: NotChecked::Input });
    assert_eq!(verdict.level(), Level::Amber);
    assert_eq!(verdict.fields.name.as_deref(), Some("見本　太郎"));
}

#[test]
fn an_unset_pin_opens_with_the_fixed_value_and_only_when_the_card_says_so() {
    let card = Shared::issue(&persona("licence-no-pin"));
    let evidence = inspect(card.clone(), right_pins(), &LicencePlan::default(), &mut |_| ()).expect("a reading");
    assert_eq!(judge(&evidence).level(), Level::Green);
    let sent: Vec<_> = card.sent().into_iter().filter(|c| c[1] == 0x20 && c.len() > 4).collect();
    assert_eq!(sent, [b"\x00\x20\x00\x81\x04****", b"\x00\x20\x00\x82\x04****"]);
}

#[test]
fn no_pin_is_sent_when_the_setting_is_unknown() {
    for (offset, xor) in [(2, 3), (0, 1)] {
        let fault = simulator::Fault::ChangedByte { file: "MF/000A".to_owned(), offset, xor };
        let card = Shared::issue(&persona("licence").with_fault(fault));
        let error = inspect(card.clone(), right_pins(), &LicencePlan::default(), &mut |_| ()).unwrap_err();
        assert_eq!(error, chip::licence::InspectError::PinSettingUnknown);
        assert_eq!(card.verifies(), 0);
    }
}

#[test]
fn tries_can_be_read_before_anybody_is_asked() {
    let mut persona = persona("licence");
    persona.tries2 = Some(1);
    assert_eq!(read_pin_tries(Shared::issue(&persona)), Ok([Tries::Left(3), Tries::Left(1)]));
}

/// The files a reading needs, their sizes, and whether they have a short identifier (japanese-cards.md §1.2).
const NEEDED: [(usize, bool); 7] =
    [(17, false), (3, false), (880, true), (640, true), (578, true), (82, true), (2005, true)];

/// SELECT of a file without short identifier, counter and VERIFY of two PINs, SELECT of two directories, and the reads.
fn floor(most: usize) -> usize {
    let selects = NEEDED.iter().filter(|(_, short)| !short).count() + 2;
    let reads: usize = NEEDED.iter().map(|(size, _)| size.div_ceil(most)).sum();
    selects + 2 * 2 + reads
}

#[test]
fn at_most_two_commands_more_than_the_file_tree_demands() {
    for (plan, most) in [(LicencePlan::default(), 256), (extended(), 65_536)] {
        let card = Shared::issue(&persona("licence"));
        let evidence = inspect(card.clone(), right_pins(), &plan, &mut |_| ()).expect("a reading");
        let sent = card.sent().len();
        assert_eq!(evidence.counters.apdus as usize, sent);
        assert!(sent <= floor(most) + 2, "{sent} commands, {} would do", floor(most));
    }
}

#[test]
fn a_card_without_extended_length_is_read_all_the_same() {
    let evidence =
        inspect(Shared::issue(&persona("licence-no-pin")), right_pins(), &extended(), &mut |_| ()).expect("a reading");
    assert_eq!(judge(&evidence).level(), Level::Green);
}

#[test]
fn a_licence_somebody_else_wrote_is_read() {
    let Some(data) = acceptance::test_data() else { return };
    let folder = data.join("jp-cards/licence-synthetic");
    let names = [
        ("MF/2F01", "mf-ef01-2F01.bin"),
        ("MF/000A", "mf-ef02-000A.bin"),
        ("DF1/0001", "df1-ef01-0001.bin"),
        ("DF1/0002", "df1-ef02-0002.bin"),
        ("DF1/0003", "df1-ef03-0003.bin"),
        ("DF1/0004", "df1-ef04-0004.bin"),
        ("DF1/0005", "df1-ef05-0005.bin"),
        ("DF1/0006", "df1-ef06-0006.bin"),
        ("DF1/0007", "df1-ef07-0007.bin"),
    ];
    let files: BTreeMap<_, _> =
        names.iter().map(|(id, name)| (*id, std::fs::read(folder.join(name)).expect("a file"))).collect();
    let expected = std::fs::read_to_string(folder.join("expected.json")).expect("expected.json");
    let expected: serde_json::Value = serde_json::from_str(&expected).expect("JSON");
    let card = Shared::of(LicenceCard::from_image(Image { files }, &persona("licence")));
    let evidence = inspect(card, right_pins(), &LicencePlan::default(), &mut |_| ()).expect("a reading");
    let verdict = judge(&evidence);
    assert_eq!(verdict.fields.name.as_deref(), expected["effective"]["name"].as_str());
    assert_eq!(verdict.fields.address.as_deref(), expected["effective"]["address"].as_str());
    assert_eq!(verdict.fields.document_number.as_deref(), expected["number"].as_str());
    let licence = verdict.fields.licence.as_ref().expect("licence fields");
    assert_eq!(licence.issuer.as_deref(), expected["psc"].as_str());
    assert_eq!(licence.kana.as_deref(), expected["kana"].as_str());
    assert_eq!(verdict.fields.birth_date.as_deref(), Some("1980-06-01"));
    // Random signature bytes, an unknown key, no photo: not verifiable, and said so.
    assert_eq!(verdict.level(), Level::Amber);
    assert_eq!(verdict.codes(), ["DL_SIGNER_UNKNOWN"]);
}
