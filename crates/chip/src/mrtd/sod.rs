//! EF.SOD as far as a reading needs it: which data groups it lists (Doc 9303-10, 4.6.2). Nothing here is verified.

use apdu::tlv::{Reader, Tag, TlvError};

const SOD: Tag = Tag(0x77);
const EXPLICIT: Tag = Tag(0xA0);
/// Data groups there are.
const GROUPS: u8 = 16;

/// Numbers of the data groups in the LDS security object; `None` when it is not where every issuer puts it, in one piece.
#[must_use]
pub fn data_groups(file: &[u8]) -> Option<Vec<u8>> {
    listed(file).ok().flatten()
}

fn listed(file: &[u8]) -> Result<Option<Vec<u8>>, TlvError> {
    let mut file = Reader::ber(file);
    let sod = file.expect(SOD)?;
    let mut sod = file.enter(&sod)?;
    let content_info = sod.expect(Tag::SEQUENCE)?;
    let mut content_info = sod.enter(&content_info)?;
    content_info.expect(Tag::OBJECT_IDENTIFIER)?;
    let explicit = content_info.expect(EXPLICIT)?;
    let mut explicit = content_info.enter(&explicit)?;
    let signed_data = explicit.expect(Tag::SEQUENCE)?;
    let mut signed_data = explicit.enter(&signed_data)?;
    signed_data.expect(Tag::INTEGER)?;
    signed_data.expect(Tag::SET)?;
    let encapsulated = signed_data.expect(Tag::SEQUENCE)?;
    let mut encapsulated = signed_data.enter(&encapsulated)?;
    encapsulated.expect(Tag::OBJECT_IDENTIFIER)?;
    let explicit = encapsulated.expect(EXPLICIT)?;
    let mut explicit = encapsulated.enter(&explicit)?;
    let Some(content) = explicit.optional(Tag::OCTET_STRING)? else { return Ok(None) };
    let mut content = Reader::ber(content.value);
    let object = content.expect(Tag::SEQUENCE)?;
    let mut object = content.enter(&object)?;
    object.expect(Tag::INTEGER)?;
    object.expect(Tag::SEQUENCE)?;
    let hashes = object.expect(Tag::SEQUENCE)?;
    let mut hashes = object.enter(&hashes)?;
    let mut numbers = Vec::new();
    while !hashes.is_empty() {
        let hash = hashes.expect(Tag::SEQUENCE)?;
        let mut hash = hashes.enter(&hash)?;
        match hash.expect(Tag::INTEGER)?.value {
            [number @ 1..=GROUPS] => numbers.push(*number),
            _ => return Ok(None),
        }
    }
    Ok(Some(numbers))
}
