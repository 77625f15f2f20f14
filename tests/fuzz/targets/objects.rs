//! The bytes under everything: data objects, responses in pieces, files in pieces.

use std::cell::Cell;

use apdu::tlv::{self, MAX_NODES, Reader, announced_size, encode};
use apdu::{CommandApdu, FileId, FileRef, ReadPlan, ShortFileId, read_file, transmit_whole};

use super::script::{Script, blocks};

/// Objects lie inside the bytes, within the budget of nodes, and a strict one is what encoding its parts gives.
pub fn tlv(input: &[u8]) {
    let mut nodes = 0;
    walk(&mut Reader::ber(input), false, &mut nodes);
    assert!(nodes <= MAX_NODES);
    let mut nodes = 0;
    walk(&mut Reader::der(input), true, &mut nodes);
    assert!(nodes <= MAX_NODES);
    let _ = tlv::find(input, tlv::Tag(0x7F66));
    if let (Ok(Some(Some(size))), Ok(first)) = (announced_size(input), Reader::ber(input).next()) {
        assert_eq!(size, first.whole.len());
    }
}

fn walk(reader: &mut Reader<'_>, strict: bool, nodes: &mut u32) {
    loop {
        let before = reader.rest();
        let Ok(object) = reader.next() else {
            assert_eq!(before.len(), reader.rest().len(), "an error moved the reader");
            return;
        };
        *nodes += 1;
        assert!(before.starts_with(object.whole) && object.value.len() < object.whole.len());
        if strict {
            assert_eq!(encode(object.tag, object.value), object.whole);
        }
        if object.tag.is_constructed()
            && let Ok(mut inside) = reader.enter(&object)
        {
            walk(&mut inside, strict, nodes);
        }
    }
}

/// A response in pieces stays within its rounds and its size; a file within its plan.
pub fn apdu_loop(input: &[u8]) {
    let sent = Cell::new(0);
    let whole = transmit_whole(&mut Script::new(blocks(input), &sent), &CommandApdu::new(0, 0xB0, 0, 0).with_ne(256));
    assert!(sent.get() <= 32);
    assert!(whole.map_or(0, |response| response.data.len()) <= 64 * 1024);

    let plan = ReadPlan { max_file: 4096, ..ReadPlan::default() };
    let file = FileRef { id: FileId(0x0101), short_id: Some(ShortFileId(1)) };
    let read = || {
        let sent = Cell::new(0);
        let bytes = read_file(&mut Script::new(blocks(input), &sent), file, &plan, &mut |read, of| assert!(read <= of));
        (bytes, sent.get())
    };
    let (bytes, commands) = read();
    assert!(commands <= blocks(input).count() + 1);
    if let Ok(bytes) = &bytes {
        assert!(bytes.len() <= plan.max_file);
        assert!(Reader::ber(bytes).next().is_ok_and(|object| object.whole.len() == bytes.len()));
    }
    assert_eq!(read(), (bytes, commands));
}

/// A greatest response worth asking for, or none.
pub fn atr_info(input: &[u8]) {
    if let Some(size) = chip::mrtd::atr_info::parse(input) {
        assert!((257..=0x1_0000).contains(&size));
    }
}
