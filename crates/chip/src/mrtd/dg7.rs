//! DG7: displayed signature or usual mark (Doc 9303-10, 4.7.7). Only the form of its images is looked at.

use apdu::tlv::{Reader, Tag};

use super::data_elements::ElementError;
use crate::portrait::{ImageError, ImageHeader, checked_header};

/// Tag of DG7.
pub const TAG: Tag = Tag(0x67);
const IMAGE: Tag = Tag(0x5F43);
/// Doc 9303-10, table 64: one to nine.
const MAX_IMAGES: u8 = 9;

/// Why DG7 gives no images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Dg7Error {
    /// The file is malformed.
    #[error(transparent)]
    Element(#[from] ElementError),
    /// An image is none, or beyond the limits.
    #[error(transparent)]
    Image(#[from] ImageError),
}

/// Reads the headers of the images, allocating nothing for their pixels.
///
/// # Errors
/// See [`Dg7Error`].
pub fn parse(file: &[u8]) -> Result<Vec<ImageHeader>, Dg7Error> {
    let malformed = |error| Dg7Error::Element(ElementError::Tlv(error));
    let mut reader = Reader::ber(file);
    let content = reader.expect(TAG).map_err(malformed)?;
    let mut content = reader.enter(&content).map_err(malformed)?;
    let &[count @ 1..=MAX_IMAGES] = content.expect(Tag::INTEGER).map_err(malformed)?.value else {
        return Err(ElementError::Count.into());
    };
    let mut images = Vec::new();
    for _ in 0..count {
        images.push(checked_header(content.expect(IMAGE).map_err(malformed)?.value)?);
    }
    if content.is_empty() { Ok(images) } else { Err(ElementError::Count.into()) }
}
