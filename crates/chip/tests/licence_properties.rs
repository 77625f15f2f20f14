//! Whatever a licence's files hold, a reading ends in evidence or in an error that names the field, and nothing panics.

use std::collections::BTreeMap;

use apdu::{Card, CommandApdu, ResponseApdu, StatusWord, TransportError};
use chip::licence::my_number::{self, MyNumberLicencePlan};
use chip::licence::{
    CommonData, GaijiLayout, GaijiPicture, InspectError, LicenceEvidence, LicenceLayout, LicencePins, LicencePlan,
    LicenceText, PinSetting, SignatureFile, inspect,
};
use chip::pin::Pin;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

/// A card that accepts every PIN and serves these files: by directory (0 master, 1, 2) and identifier.
struct Files {
    files: BTreeMap<(u8, u16), Vec<u8>>,
    directory: u8,
    current: u16,
}

impl Card for Files {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        let status = |status| Ok(ResponseApdu::new([], StatusWord(status)));
        match (command.ins, command.p1) {
            (0xA4, 0x04) => self.directory = command.data.get(5).copied().unwrap_or(0),
            (0xA4, 0x00) => self.directory = 0,
            (0xA4, _) => self.current = u16::from_be_bytes([command.data[0], command.data[1]]),
            (0x20, _) if command.data.is_empty() => return status(0x63C3),
            (0x20, _) => {}
            (_, p1) => {
                let (id, offset) = if p1 & 0x80 == 0 {
                    (self.current, usize::from(u16::from_be_bytes([p1, command.p2])))
                } else {
                    (u16::from(p1 & 0x1F), usize::from(command.p2))
                };
                self.current = id;
                let Some(file) = self.files.get(&(self.directory, id)) else { return status(0x6A82) };
                let rest = file.get(offset..).unwrap_or_default();
                if rest.is_empty() {
                    return status(0x6B00);
                }
                let data = rest.get(..command.ne.unwrap_or(0) as usize).unwrap_or(rest);
                return Ok(ResponseApdu::new(data, StatusWord::OK));
            }
        }
        status(0x9000)
    }
}

fn read(files: BTreeMap<(u8, u16), Vec<u8>>) -> Result<LicenceEvidence, InspectError> {
    let card = Files { files, directory: 0, current: 0 };
    let pins = LicencePins { pin1: Pin::parse("1234").ok(), pin2: Pin::parse("5678").ok(), ..LicencePins::default() };
    inspect(card, pins, &LicencePlan::default(), &mut |_| ())
}

/// Uses everything a verdict uses.
fn look(evidence: &LicenceEvidence) {
    let layout = LicenceLayout::default();
    for number in evidence.gaiji_used(&layout) {
        let _ = evidence.draw_gaiji(number, &layout.gaiji);
    }
    let _ = evidence.entries().read(&layout.change);
    for item in chip::licence::FaceItem::ALL {
        let _ = (evidence.items().text(item), evidence.items().date(item));
    }
    let _ = evidence.items().number();
    let _ = evidence.signature.as_deref().map(SignatureFile::parse);
    let _ = CommonData::parse(&evidence.common);
}

/// A file as a card would have it, and as it would not: fields of any tag and length, cut anywhere.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let field =
        (any::<u8>(), vec(prop_oneof![0x21..0x7F_u8, Just(0xFF), any::<u8>()], 0..40)).prop_map(|(tag, value)| {
            let mut out = vec![tag, value.len() as u8];
            out.extend(value);
            out
        });
    let row = (vec(field, 0..20), 0..30_usize).prop_map(|(fields, cut)| {
        let mut row = fields.concat();
        row.truncate(row.len().saturating_sub(cut));
        row
    });
    prop_oneof![row, vec(any::<u8>(), 0..900)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn files_of_any_content_are_read_or_refused(
        files in btree_map((1..=2_u8, 1..=7_u16), file(), 0..9),
        common in vec(any::<u8>(), 1..20),
    ) {
        let mut files = files;
        files.insert((0, 0x2F01), common);
        files.insert((0, 0x000A), vec![5, 1, 1]);
        match read(files) {
            Ok(evidence) => look(&evidence),
            Err(InspectError::Field(error)) => prop_assert!(error.to_string().contains("field")),
            Err(InspectError::ReadFile { .. }) => {}
            Err(error) => prop_assert!(false, "{error:?}"),
        }
    }

    #[test]
    fn texts_of_any_bytes(bytes in vec(any::<u8>(), 0..80)) {
        if let Ok(text) = LicenceText::parse(&bytes) {
            prop_assert_eq!(text.characters().len() * 2, bytes.len());
            prop_assert!(text.gaiji().all(|number| (1..=7).contains(&number)));
        }
    }

    #[test]
    fn the_other_parsers(bytes in vec(any::<u8>(), 0..300), number in 1..=7_u8) {
        let _ = CommonData::parse(&bytes);
        let _ = PinSetting::parse(&bytes);
        let _ = SignatureFile::parse(&bytes);
        let _ = GaijiPicture::draw(number, &bytes, &GaijiLayout::default());
    }

    #[test]
    fn a_licence_on_a_my_number_card_of_any_content(data in file(), signature in file()) {
        let files = BTreeMap::from([((6, 0x001A), vec![0xC1, 1, 1]), ((6, 0x001B), data), ((6, 0x001C), signature)]);
        let card = Files { files, directory: 0, current: 0 };
        let pin = Pin::parse("1234").ok();
        if let Ok(evidence) = my_number::inspect(card, pin, None, &MyNumberLicencePlan::default()) {
            let _ = (evidence.expires(), evidence.number());
        }
    }
}

/// A licence that is right, for flipping its bytes.
fn right() -> BTreeMap<(u8, u16), Vec<u8>> {
    let mut face = vec![0x11, 1, 1];
    for tag in 0x12..=0x21_u8 {
        let value: &[u8] = match tag {
            0x12 | 0x17 => b"\x38\x2B\x4B\x5C\xFF\xF1",
            0x16 | 0x18 => b"4010203",
            0x1B => b"5120203",
            0x21 => b"999912345670",
            _ => b"",
        };
        face.extend([tag, value.len() as u8]);
        face.extend(value);
    }
    face.extend([0xFF; 30]);
    BTreeMap::from([
        ((0, 0x2F01), b"\x45\x0B010\x20\x25\x04\x01\x20\x30\x02\x03\x46\x02\0\0".to_vec()),
        ((0, 0x000A), vec![5, 1, 1]),
        ((1, 1), face),
        ((1, 2), b"\x41\x04\x38\x2B\x4B\x5C\xFF\xFF".to_vec()),
        ((1, 3), [&[0x48, 0x81, 0x81][..], &[0x55; 129], &[0xFF; 132]].concat()),
        ((1, 4), b"\x50\x01\x11\xFF\xFF".to_vec()),
        ((1, 7), b"\xB1\x02\x01\x02\xB6\x01\x07\xFF".to_vec()),
        ((2, 1), b"\x5F\x40\x02\xAA\xBB\xFF".to_vec()),
    ])
}

#[test]
fn any_byte_of_a_right_licence_may_be_another() {
    let evidence = read(right()).unwrap();
    assert_eq!(evidence.gaiji.keys().copied().collect::<Vec<_>>(), [1]);
    assert_eq!(evidence.photo.as_deref(), Some(&[0xAA, 0xBB][..]));
    for (name, file) in right() {
        for at in 0..file.len() {
            for value in [0, 0x7F, 0x80, 0x82, 0xFF] {
                let mut files = right();
                files.get_mut(&name).unwrap()[at] = value;
                if let Ok(evidence) = read(files) {
                    look(&evidence);
                }
            }
        }
    }
}
