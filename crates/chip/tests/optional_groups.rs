//! Data groups that are never read from a chip, parsed from files: their form, their budgets, and what is not kept.

mod support;

use apdu::tlv::{Tag, TlvError, encode};
use chip::mrtd::{ElementError, dg7, dg11, dg12, dg13, dg16};
use chip::portrait::{ImageError, ImageFormat};
use support::test_data;

#[test]
fn details_of_sample_files() {
    let Some(file) = test_data("emrtd/dgs/EF_DG11.bin") else { return };
    let details = dg11::parse(&file).unwrap();
    assert_eq!(details.full_name.as_deref(), Some("Doe John"));
    assert_eq!(details.other_names, ["William"]);
    assert_eq!((details.birth_date.as_deref(), details.address.as_deref()), (Some("19700101"), Some("TEST TEST")));
    // Personal number, place of birth, telephone, profession, title, summary, citizenship, other documents, custody.
    let withheld: Vec<u32> = details.withheld.iter().map(|tag| tag.0).collect();
    assert_eq!(withheld, [0x5F10, 0x5F11, 0x5F12, 0x5F13, 0x5F14, 0x5F15, 0x5F16, 0x5F17, 0x5F18]);
    assert!(!format!("{details:?}").contains("Doe"));

    let file = test_data("emrtd/dgs/EF_DG12.bin").unwrap();
    let details = dg12::parse(&file).unwrap();
    assert_eq!(details.issuing_authority.as_deref(), Some("TEST"));
    assert_eq!((details.issue_date.as_deref(), details.endorsements.as_deref()), (Some("20240101"), Some("TEST")));
    assert_eq!(details.withheld.len(), 6);

    let file = test_data("emrtd/dgs/EF_DG7.bin").unwrap();
    let images = dg7::parse(&file).unwrap();
    assert_eq!((images.len(), images[0].format, images[0].width, images[0].height), (1, ImageFormat::Jp2, 550, 142));
}

/// The example of Doc 9303-10, A.6.
#[test]
fn persons_to_notify_are_counted_and_not_kept() {
    let entry = |tag: u32, date: &str, name: &str| {
        let elements = [
            encode(Tag(0x5F50), date.as_bytes()),
            encode(Tag(0x5F51), name.as_bytes()),
            encode(Tag(0x5F52), b"19525551212"),
            encode(Tag(0x5F53), b"123 MAPLE RD<ANYTOWN<MN<55100"),
        ];
        encode(Tag(tag), &elements.concat())
    };
    let two = [entry(0xA1, "20020101", "SMITH<<CHARLES<R"), entry(0xA2, "20020315", "BROWN<<MARY<J")].concat();
    let file = |count: u8, entries: &[u8]| encode(dg16::TAG, &[&encode(Tag::INTEGER, &[count]), entries].concat());
    assert_eq!(dg16::parse(&file(2, &two)).unwrap(), ["20020101", "20020315"]);
    assert_eq!(dg16::parse(&file(1, &two)), Err(ElementError::Count));
    assert_eq!(dg16::parse(&file(0, &[])), Err(ElementError::Count));
    assert_eq!(dg16::parse(&file(3, &two)), Err(ElementError::Tlv(TlvError::Empty)));
    assert_eq!(dg16::parse(&file(1, &entry(0xA1, "2002010", "X"))), Err(ElementError::NotDate));
}

#[test]
fn what_an_issuer_keeps_to_himself_is_only_measured() {
    assert_eq!(dg13::parse(&encode(dg13::TAG, &[0x04, 0x01, 0x07])), Ok(3));
    assert!(dg13::parse(&[0x6D, 0x05, 0x01]).is_err());
}

#[test]
fn elements_beyond_their_limits_are_refused() {
    let group = |tag: u32, value: &[u8]| encode(dg11::TAG, &encode(Tag(tag), value));
    assert_eq!(dg11::parse(&group(0x5F42, &[b'A'; 999])).unwrap().address.unwrap().len(), 999);
    assert_eq!(dg11::parse(&group(0x5F42, &[b'A'; 1000])), Err(ElementError::TooLong));
    assert_eq!(dg11::parse(&group(0x5F0E, &[0xFF])), Err(ElementError::NotText));
    assert_eq!(dg11::parse(&group(0x5F0E, b"A\x1B[2J")), Err(ElementError::NotText));
    assert_eq!(dg11::parse(&group(0x5F2B, b"1970-1-1")), Err(ElementError::NotDate));
    let huge = [&[0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 0xFF, 0xFF, 0xFF, 0xFF, 3][..], &[0; 20]].concat();
    let file = encode(dg7::TAG, &[encode(Tag::INTEGER, &[1]), encode(Tag(0x5F43), &huge)].concat());
    let error = dg7::parse(&file);
    assert_eq!(error, Err(dg7::Dg7Error::Image(ImageError::Limit { width: 0xFFFF, height: 0xFFFF })));
}
