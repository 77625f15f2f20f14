//! EF.COM: what the document says it contains (Doc 9303-10, 4.6.1). Unsigned: a hint, never a reason to skip a check.

use apdu::tlv::{Reader, Tag, TlvError};

/// Tag of EF.COM.
pub const TAG: Tag = Tag(0x60);
/// Tags of DG1 to DG16 in order (Doc 9303-10, table 37).
const DATA_GROUP_TAGS: [u8; 16] =
    [0x61, 0x75, 0x63, 0x76, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70];

/// The contents of EF.COM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Com {
    /// LDS version as four digits, `0107`.
    pub lds_version: String,
    /// Unicode version as six digits, `040000`.
    pub unicode_version: String,
    /// Numbers of the data groups present, in file order; unknown tags aside.
    pub data_groups: Vec<u8>,
}

/// Reads the file.
///
/// # Errors
/// A malformed file.
pub fn parse(file: &[u8]) -> Result<Com, TlvError> {
    let mut reader = Reader::ber(file);
    let content = reader.expect(TAG)?;
    let mut content = reader.enter(&content)?;
    let lds_version = digits(content.expect(Tag(0x5F01))?.value);
    let unicode_version = digits(content.expect(Tag(0x5F36))?.value);
    let tags = content.expect(Tag(0x5C))?.value;
    Ok(Com {
        lds_version,
        unicode_version,
        data_groups: tags.iter().filter_map(|tag| data_group_of_tag(*tag)).collect(),
    })
}

/// The number of the data group with this tag.
#[must_use]
pub fn data_group_of_tag(tag: u8) -> Option<u8> {
    (1..).zip(DATA_GROUP_TAGS).find(|(_, known)| *known == tag).map(|(number, _)| number)
}

fn digits(value: &[u8]) -> String {
    value.iter().map(|byte| if byte.is_ascii_digit() { char::from(*byte) } else { '?' }).collect()
}
