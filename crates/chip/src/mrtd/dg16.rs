//! DG16: persons to notify (Doc 9303-10, 4.7.16). They are other people, who gave no consent: their data are checked and not kept.

use apdu::tlv::{Reader, Tag};

use super::data_elements::{ElementError, date, text};

/// Tag of DG16.
pub const TAG: Tag = Tag(0x70);
const RECORDED: Tag = Tag(0x5F50);

/// Reads the file and returns when each entry was recorded, YYYYMMDD.
///
/// # Errors
/// See [`ElementError`].
pub fn parse(file: &[u8]) -> Result<Vec<String>, ElementError> {
    let mut reader = Reader::ber(file);
    let content = reader.expect(TAG)?;
    let mut content = reader.enter(&content)?;
    let &[count @ 1..=15] = content.expect(Tag::INTEGER)?.value else {
        return Err(ElementError::Count);
    };
    let mut recorded = Vec::new();
    for number in 1..=u32::from(count) {
        // A1, A2 and so on.
        let person = content.expect(Tag(0xA0 + number))?;
        let mut elements = content.enter(&person)?;
        recorded.push(date(elements.expect(RECORDED)?.value)?);
        while !elements.is_empty() {
            text(elements.next()?.value)?;
        }
    }
    if content.is_empty() { Ok(recorded) } else { Err(ElementError::Count) }
}
