//! DG13: optional details at the discretion of the issuer (Doc 9303-10, 4.7.13). What they mean is not known, so nothing is kept.

use apdu::tlv::{Reader, Tag};

use super::data_elements::ElementError;

/// Tag of DG13.
pub const TAG: Tag = Tag(0x6D);

/// Checks that the file is one whole object and returns the length of its contents.
///
/// # Errors
/// A malformed file.
pub fn parse(file: &[u8]) -> Result<usize, ElementError> {
    Ok(Reader::ber(file).expect(TAG)?.value.len())
}
