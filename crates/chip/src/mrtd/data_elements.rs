//! Data elements of the optional data groups: a list of tags, then the elements, some inside templates (Doc 9303-10, 4.7.11 to
//! 4.7.16). None of these groups is read from a chip; files of them are parsed where somebody has one.

use apdu::tlv::{Reader, Tag, Tlv, TlvError};

/// Longest text element (Doc 9303-10, table 72: 999 bytes of custody information; the others have 99 characters).
const MAX_TEXT: usize = 999;
const TAG_LIST: Tag = Tag(0x5C);
/// Context-specific constructed tags hold repeated elements; inside, INTEGER counts them.
const TEMPLATE_CLASS: u32 = 0xA0;

/// Why a data group gives no elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ElementError {
    /// The file is malformed.
    #[error("the data group is malformed: {0}")]
    Tlv(#[from] TlvError),
    /// An element is longer than the document's own limit.
    #[error("an element is longer than Doc 9303 allows")]
    TooLong,
    /// A text is not UTF-8, or holds control characters.
    #[error("an element is no text")]
    NotText,
    /// A date is neither YYYYMMDD nor its four packed bytes.
    #[error("an element is no date")]
    NotDate,
    /// A number of entries is wrong.
    #[error("the number of entries is wrong")]
    Count,
}

/// Calls `on` for every element of the file, those inside templates included, in file order.
pub(super) fn for_each<'a>(
    file: &'a [u8],
    group: Tag,
    on: &mut dyn FnMut(&Tlv<'a>) -> Result<(), ElementError>,
) -> Result<(), ElementError> {
    let mut reader = Reader::ber(file);
    let content = reader.expect(group)?;
    let mut content = reader.enter(&content)?;
    content.optional(TAG_LIST)?;
    while !content.is_empty() {
        let element = content.next()?;
        if element.tag.0 & !0x0F != TEMPLATE_CLASS {
            on(&element)?;
            continue;
        }
        let mut template = content.enter(&element)?;
        template.optional(Tag::INTEGER)?;
        while !template.is_empty() {
            on(&template.next()?)?;
        }
    }
    Ok(())
}

/// A text with its fillers as blanks.
pub(super) fn text(value: &[u8]) -> Result<String, ElementError> {
    if value.len() > MAX_TEXT {
        return Err(ElementError::TooLong);
    }
    let text = std::str::from_utf8(value).map_err(|_| ElementError::NotText)?;
    if text.chars().any(char::is_control) {
        return Err(ElementError::NotText);
    }
    let words: Vec<&str> = text.split('<').filter(|word| !word.is_empty()).collect();
    Ok(words.join(" "))
}

/// Eight digits, as characters or packed two in a byte, as older chips have them.
pub(super) fn date(value: &[u8]) -> Result<String, ElementError> {
    let digits: String = match value.len() {
        8 => String::from_utf8_lossy(value).into_owned(),
        4 => value.iter().map(|byte| format!("{byte:02X}")).collect(),
        _ => return Err(ElementError::NotDate),
    };
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { Ok(digits) } else { Err(ElementError::NotDate) }
}
