//! The files of an electronic passport.

use apdu::tlv::{Tag, encode};
use chip::mrtd::public_key::{parse_agreement_key, parse_subject_public_key_info};
use chip::mrtd::security_info::SecurityInfos;
use chip::mrtd::{Mrz, card_access, com, dg1, dg2 as face, dg7 as signature, dg11, dg12, dg13, dg14, dg15, dg16};
use chip::portrait::{MAX_SIDE, checked_header};

/// Data groups that exist, each named by its tag.
pub fn ef_com(input: &[u8]) {
    if let Ok(com) = com::parse(input) {
        assert!(com.data_groups.iter().all(|number| (1..=16).contains(number)));
        assert!(com.data_groups.len() <= input.len());
        assert!(com.lds_version.len() + com.unicode_version.len() <= input.len());
    }
}

/// What is offered is what its entries say: putting them together again offers the same.
pub fn card_access(input: &[u8]) {
    if let Ok(infos) = card_access::parse(input) {
        again(&infos, Tag::SET);
        for info in &infos.pace {
            assert_eq!(info.oid().len(), 10);
            let _ = info.group();
        }
    }
}

fn again(infos: &SecurityInfos, set: Tag) {
    let file = encode(set, &infos.entries.concat());
    assert_eq!(SecurityInfos::parse(&file).as_ref(), Ok(infos));
}

/// A zone that is taken gives a key, and parses to the same from its text alone.
pub fn dg1_mrz(input: &[u8]) {
    if let Ok(mrz) = dg1::parse(input) {
        let fields = mrz.fields();
        assert!(fields.document_number.len() + fields.surname.len() <= input.len());
        let _ = mrz.key();
    }
    if let Ok(text) = std::str::from_utf8(input)
        && let Ok(mrz) = Mrz::parse(text)
    {
        let zone: String = text.split_ascii_whitespace().collect();
        let file = encode(dg1::TAG, &encode(Tag(0x5F1F), zone.as_bytes()));
        assert_eq!(dg1::parse(&file).as_ref().map(Mrz::fields), Ok(mrz.fields()));
    }
}

/// One image, cut out of the file as it lies there, within the limits.
pub fn dg2(input: &[u8]) {
    for image in [face::parse(input), face::parse_facial_record(input)].into_iter().flatten() {
        assert!(input.windows(image.bytes.len()).any(|window| window == image.bytes));
        assert!((1..=MAX_SIDE).contains(&image.width) && (1..=MAX_SIDE).contains(&image.height));
        assert_eq!(checked_header(&image.bytes).map(|header| header.format), Ok(image.format));
    }
}

/// No more images than Doc 9303 allows.
pub fn dg7(input: &[u8]) {
    if let Ok(images) = signature::parse(input) {
        assert!((1..=9).contains(&images.len()));
    }
}

/// Texts come out no longer than they went in and without control characters; dates are digits.
pub fn dg11_12(input: &[u8]) {
    if let Ok(details) = dg11::parse(input) {
        let texts = [&details.full_name, &details.address].into_iter().flatten().chain(&details.other_names);
        texts_and_date(texts, details.birth_date.as_deref(), input);
        assert!(details.withheld.len() <= input.len());
    }
    if let Ok(details) = dg12::parse(input) {
        let texts = [&details.issuing_authority, &details.endorsements].into_iter().flatten();
        texts_and_date(texts, details.issue_date.as_deref(), input);
    }
}

fn texts_and_date<'t>(texts: impl Iterator<Item = &'t String>, date: Option<&str>, input: &[u8]) {
    let mut sum = 0;
    for text in texts {
        assert!(!text.chars().any(char::is_control));
        sum += text.len();
    }
    assert!(sum <= input.len());
    assert!(date.is_none_or(|date| date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit())));
}

/// A length inside the file; dates of at most fifteen persons.
pub fn dg13_16(input: &[u8]) {
    if let Ok(length) = dg13::parse(input) {
        assert!(length < input.len());
    }
    if let Ok(recorded) = dg16::parse(input) {
        assert!((1..=15).contains(&recorded.len()));
        assert!(recorded.iter().all(|date| date.len() == 8));
    }
}

/// Security options put together again are the same; keys parse the same twice or not at all.
pub fn dg14_15(input: &[u8]) {
    if let Ok(infos) = dg14::parse(input) {
        again(&infos, Tag::SET);
        for key in &infos.chip_keys {
            assert_eq!(key.key().is_ok(), parse_agreement_key(key.encoded()).is_ok());
        }
    }
    let key = dg15::parse(input);
    assert_eq!(format!("{key:?}"), format!("{:?}", dg15::parse(input)));
    let _ = parse_subject_public_key_info(input);
    let _ = parse_agreement_key(input);
}
