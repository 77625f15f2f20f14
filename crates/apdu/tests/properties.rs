//! Hostile bytes and round trips.

use apdu::tlv::{Reader, Tag, encode, find};
use apdu::{CommandApdu, ResponseApdu, StatusWord};
use proptest::collection::vec;
use proptest::prelude::*;

fn walk(reader: &mut Reader<'_>) {
    while let Ok(tlv) = reader.next() {
        assert!(tlv.whole.len() >= tlv.value.len());
        if tlv.tag.is_constructed()
            && let Ok(mut inner) = reader.enter(&tlv)
        {
            walk(&mut inner);
        }
    }
}

proptest! {
    #[test]
    fn tlv_does_not_panic(bytes in vec(any::<u8>(), 0..400)) {
        walk(&mut Reader::ber(&bytes));
        walk(&mut Reader::der(&bytes));
        let _ = find(&bytes, Tag(0x30));
    }

    #[test]
    fn nested_tlv_does_not_panic(bytes in vec(proptest::sample::select(vec![0x30_u8, 0x80, 0x00, 0x02, 0x84, 0x7F]), 0..400)) {
        walk(&mut Reader::ber(&bytes));
    }

    #[test]
    fn encoded_objects_read_back(tag in proptest::sample::select(vec![0x30_u32, 0x5F2E, 0x7F49, 0x87]), value in vec(any::<u8>(), 0..400)) {
        let bytes = encode(Tag(tag), &value);
        let mut reader = Reader::der(&bytes);
        prop_assert_eq!(reader.expect(Tag(tag)).unwrap().value, value);
        prop_assert!(reader.is_empty());
    }

    #[test]
    fn commands_read_back(
        header in any::<[u8; 4]>(),
        data in vec(any::<u8>(), 0..600),
        ne in proptest::option::of(1_u32..=65_536),
        extended in any::<bool>(),
    ) {
        let [cla, ins, p1, p2] = header;
        let mut command = CommandApdu::new(cla, ins, p1, p2).with_data(data);
        command.ne = ne;
        command.extended = extended;
        let bytes = command.encode().unwrap();
        let read = CommandApdu::parse(&bytes).unwrap();
        prop_assert_eq!((&read.data, read.ne), (&command.data, command.ne));
        prop_assert_eq!(read.encode().unwrap(), bytes);
    }

    #[test]
    fn commands_do_not_panic(bytes in vec(any::<u8>(), 0..300)) {
        if let Ok(command) = CommandApdu::parse(&bytes) {
            prop_assert!(command.encode().is_ok());
        }
    }

    #[test]
    fn responses_read_back(data in vec(any::<u8>(), 0..300), status in any::<u16>()) {
        let response = ResponseApdu::new(data, StatusWord(status));
        prop_assert_eq!(ResponseApdu::parse(&response.encode()), Some(response));
    }
}
