//! EF.ATR/INFO (Doc 9303-10, 3.11.1): what the chip's buffers take.

use apdu::tlv::{Reader, Tag, find};
use apdu::{Card, CommandApdu, TransportError, transmit_whole};

/// Extended length information (ISO/IEC 7816-4, 12.7.1).
const EXTENDED_LENGTH: Tag = Tag(0x7F66);

/// Greatest response APDU the chip states, read by short identifier `01` under the master file; `None` when it states none.
///
/// # Errors
/// The transport's; a chip without the file is no error.
pub(super) fn greatest_response<C: Card>(card: &mut C) -> Result<Option<u32>, TransportError> {
    let response = transmit_whole(card, &CommandApdu::new(0x00, 0xB0, 0x81, 0x00).with_ne(256))?;
    Ok(parse(&response.data))
}

/// The same from the file's contents.
#[must_use]
pub fn parse(content: &[u8]) -> Option<u32> {
    let limits = find(content, EXTENDED_LENGTH).ok()??;
    let mut reader = Reader::ber(limits);
    let _command = reader.expect(Tag::INTEGER).ok()?;
    let response = reader.expect(Tag::INTEGER).ok()?.value;
    let size = response.iter().fold(0_u32, |sum, byte| sum.saturating_mul(256).saturating_add(u32::from(*byte)));
    (size > 256).then_some(size.min(0x1_0000))
}

#[cfg(test)]
mod tests {
    #[test]
    fn finds_the_response_size_among_other_objects() {
        let content = [0x43, 0x01, 0xF8, 0x7F, 0x66, 0x08, 0x02, 0x02, 0x04, 0x00, 0x02, 0x02, 0x08, 0x00, 0x90, 0x00];
        assert_eq!(super::parse(&content), Some(2048));
        assert_eq!(super::parse(&[0x43, 0x01]), None);
    }
}
