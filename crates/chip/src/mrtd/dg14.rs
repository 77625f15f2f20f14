//! DG14: security options (Doc 9303-10, 4.7.14).

use apdu::tlv::{Reader, Tag, TlvError};

use super::security_info::SecurityInfos;

/// Tag of DG14.
pub const TAG: Tag = Tag(0x6E);

/// Reads the file.
///
/// # Errors
/// A malformed file.
pub fn parse(file: &[u8]) -> Result<SecurityInfos, TlvError> {
    let mut reader = Reader::ber(file);
    let content = reader.expect(TAG)?.value;
    SecurityInfos::parse(content)
}
