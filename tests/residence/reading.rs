use acceptance::test_data;
use chip::portrait;
use chip::residence::{CardType, ResidenceFile, TransportKey, face_images, front_image, photo, scanned_address};
use chip::tiff;
use session::{Failure, FailureCode};
use simulator::residence::{IssuerPlan, PERSONAS, ResidenceProfile, SignedOver};
use trust::residence::{AuthorityError, Declared, Mode, ResidenceTrust, SignedInput, judge, judge_with};
use trust::{Chain, DataSignature, DocumentKind, Level, ReadVerdict};

use crate::support::{issue, issue_by, judge as judged, now, number, pki, plan, read, read_with, trust, typed};

#[test]
fn every_persona_is_green_with_its_own_authorities() {
    for name in PERSONAS {
        let profile = issue(name);
        let evidence = read(&profile).unwrap_or_else(|error| panic!("{name}: {error}"));
        let verdict = judge_with(&evidence, &trust(), &typed(), now());
        if name == "residence-second-renewal" {
            // The stay ended on 31 October; an extension has been applied for.
            assert_eq!(verdict.level(), Level::Amber, "{verdict:#?}");
            assert!(verdict.codes().is_empty(), "{verdict:#?}");
        } else {
            assert_eq!((verdict.level(), verdict.codes()), (Level::Green, Vec::new()), "{name}: {:#?}", verdict.checks);
        }
        assert_eq!(verdict.fields.has_portrait, !name.ends_with("child") && !name.ends_with("infant"), "{name}");
        assert_eq!(verdict.fields.document_number.as_deref(), Some(profile.card_number.as_str()));
        let kind = match evidence.card_type {
            CardType::ResidenceFirst | CardType::ResidenceSecond => DocumentKind::ResidenceCard,
            CardType::SpecialPermanentFirst | CardType::SpecialPermanentSecond => {
                DocumentKind::SpecialPermanentResident
            }
            CardType::CombinedResidence | CardType::CombinedSpecialPermanent => DocumentKind::CombinedResidenceCard,
        };
        assert_eq!((evidence.card_type.code(), verdict.document), (profile.card_type.as_str(), kind));
    }
}

#[test]
fn text_items_are_shown_with_codes_nobody_explains_and_the_back_as_unsigned() {
    let fields = judged(&issue("residence-second")).fields;
    assert_eq!(fields.birth_date.as_deref(), Some("1990-02-03"));
    assert_eq!(fields.expiry_date.as_deref(), Some("2029-06-30"));
    assert_eq!(fields.nationality.as_deref(), Some("XXA"));
    let residence = fields.residence.expect("residence fields");
    let status = residence.status_of_residence.expect("a status");
    assert_eq!((status.code.as_str(), status.meaning), ("TESTSTAT01", None));
    assert!(residence.unsigned.address_in_image && residence.unsigned.address.is_none());
    assert_eq!(residence.unsigned.extension_applied, Some(false));

    let first = judged(&issue("residence-first")).fields.residence.expect("residence fields");
    assert!(first.name_in_image && first.status_of_residence.is_none());
    assert!(first.unsigned.address.as_deref().is_some_and(|text| text.starts_with("東京都見本区")));
    assert_eq!(first.unsigned.address_encoding.as_deref(), Some("utf-8"));
    assert_eq!(first.unsigned.address_entered.as_deref(), Some("2026-07-15"));
    assert_eq!(first.unsigned.permissions, ["許可(見本)", "なし(見本)"]);
}

#[test]
fn an_address_in_shift_jis_is_read_where_it_is_no_utf8() {
    let profile = issue("residence-first");
    let mut file = profile.file("DF2/01").expect("the address");
    // 東京都 in Shift_JIS, in the place of the UTF-8 text: D2 (10 bytes), D3 (8), the header of D4 (4).
    file[22..].fill(0);
    file[22..28].copy_from_slice(&[0x93, 0x8C, 0x8B, 0x9E, 0x93, 0x73]);
    let unsigned = judged(&profile.with_file("DF2/01", &file)).fields.residence.expect("residence fields").unsigned;
    assert_eq!(unsigned.address.as_deref(), Some("東京都"));
    assert_eq!(unsigned.address_encoding.as_deref(), Some("shift_jis"));
}

#[test]
fn every_image_becomes_a_picture() {
    let evidence = read(&issue("residence-first")).expect("a reading");
    let front = tiff::decode(front_image(&evidence.files[&ResidenceFile::Df1Ef01]).expect("D0")).expect("a picture");
    assert_eq!((front.width, front.height), (856, 540));
    // The first line begins with T: its bar is black, what is beside its stem is white.
    let black = |x: usize, y: usize| front.rgb[(y * 856 + x) * 3] == 0;
    assert!(black(0, 0) && black(8, 8) && black(27, 8) && black(18, 30) && !black(9, 30));
    let face = portrait::decode_bytes(photo(&evidence.files[&ResidenceFile::Df1Ef02]).expect("D1")).expect("a picture");
    assert_eq!((face.width, face.height), (240, 300));

    let evidence = read(&issue("residence-second")).expect("a reading");
    let images = face_images(&evidence.files[&ResidenceFile::Df1Ef03]).expect("D0, D1");
    assert_eq!(tiff::decode(images.name).expect("a picture").width, 640);
    assert_eq!(portrait::decode_bytes(images.photo).expect("a picture").width, 240);
    let address = scanned_address(&evidence.files[&ResidenceFile::Df1Ef04]).expect("DFD1");
    assert_eq!(tiff::decode(address).expect("a picture").height, 96);
}

#[test]
fn readers_and_cards_of_short_lengths_give_the_same_files() {
    for name in ["residence-first", "residence-second", "special-permanent-second"] {
        let profile = issue(name);
        let whole = read(&profile).expect("a reading");
        let mut plan = plan();
        plan.extended = false;
        let by_reader = read_with(&profile, &number(&profile), &plan).expect("a reading in short commands");
        let by_card = read(&ResidenceProfile { extended: false, ..profile.clone() }).expect("a card of short lengths");
        let in_parts =
            read(&ResidenceProfile { max_read: Some(1000), ..profile.clone() }).expect("a card of small answers");
        for other in [by_reader, by_card, in_parts] {
            assert_eq!(other.files, whole.files, "{name}");
            assert!(other.counters.apdus > whole.counters.apdus);
        }
    }
}

#[test]
fn both_hypotheses_on_the_signed_images_are_verified_as_they_are_configured() {
    for (stored_padded, signed_over, padded, as_stored) in [
        (false, SignedOver::Padded, true, false),
        (false, SignedOver::AsStored, false, true),
        (true, SignedOver::Padded, true, true),
    ] {
        let profile = issue_by(&IssuerPlan { stored_padded, signed_over, ..IssuerPlan::default() }, "residence-first");
        let evidence = read(&profile).expect("a reading");
        let verdict = |input| judge_with(&evidence, &trust().with_signed_input(input), &typed(), now());
        assert_eq!(verdict(SignedInput::Padded).data_signature == DataSignature::Valid, padded);
        assert_eq!(verdict(SignedInput::AsStored).data_signature == DataSignature::Valid, as_stored);
        assert_eq!(verdict(SignedInput::Either).level(), Level::Green);
    }
}

#[test]
fn test_authorities_are_not_believed_in_production() {
    let pki = pki();
    for authority in pki.authorities() {
        let mut production = ResidenceTrust::new(Mode::Production);
        let error = production.add(authority).expect_err("an authority nobody knows");
        let AuthorityError::NotPinned { fingerprint } = error else { panic!("{error}") };
        assert_eq!(fingerprint.len(), 64);
        assert!(production.is_empty());
    }
    let evidence = read(&issue("residence-second")).expect("a reading");
    let verdict = judge(&evidence, &ResidenceTrust::new(Mode::Production), now());
    assert_eq!((verdict.codes(), verdict.level()), (vec!["TRUST_STORE_EMPTY".to_owned()], Level::Amber));
}

#[test]
fn a_combined_card_needs_the_transport_key_and_no_other() {
    let profile = issue("combined-residence");
    let mut plan = plan();
    plan.transport_key = None;
    let error = read_with(&profile, &number(&profile), &plan).expect_err("no key");
    assert_eq!(Failure::from(error).code, FailureCode::AccessUnsupported);
    let mut other = [0xC5; 256];
    other[255] = 1;
    plan.transport_key = Some(TransportKey::import(&other).expect("RSA-2048"));
    let error = read_with(&profile, &number(&profile), &plan).expect_err("another key");
    assert_eq!(Failure::from(error).code, FailureCode::AccessRefused);
}

#[test]
fn the_shared_second_generation_card_is_read_as_it_is() {
    let Some(data) = test_data() else { return };
    let folder = data.join("jp-cards/residence2-synthetic");
    let profile = ResidenceProfile::from_directory(&folder).expect("the shared set");
    let evidence = read(&profile).expect("a reading");
    for (file, name) in [
        (ResidenceFile::Df1Ef01, "df1-ef01.bin"),
        (ResidenceFile::Df1Ef02, "df1-ef02.bin"),
        (ResidenceFile::Df1Ef03, "df1-ef03.bin"),
        (ResidenceFile::Df1Ef04, "df1-ef04.bin"),
        (ResidenceFile::Df2Ef02, "df2-ef02.bin"),
        (ResidenceFile::Df3Ef01, "df3-ef01.bin"),
    ] {
        assert_eq!(evidence.files[&file], std::fs::read(folder.join(name)).expect("a file"), "{name}");
    }
    let authority = std::fs::read(folder.join("ca2-synthetic.der")).expect("a file");
    let mut trust = ResidenceTrust::new(Mode::Test);
    trust.add(&authority).expect("an authority");
    let verdict = judge_with(&evidence, &trust, &Declared::default(), now());
    assert_eq!((verdict.data_signature, verdict.chain), (DataSignature::Valid, Chain::Trusted), "{verdict:#?}");
    assert_eq!(verdict.fields.residence.as_ref().and_then(|f| f.end_of_stay.as_deref()), Some("2031-06-14"));
    // Its images are noise, and two files of DF2 are not in the set.
    assert_eq!(verdict.codes(), ["IMAGE_INVALID"]);
    let missing = vec!["DF2/EF01".to_owned(), "DF2/EF03".to_owned()];
    assert_eq!(verdict.read, ReadVerdict::Partial { missing });
}
