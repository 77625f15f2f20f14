//! EF.CardAccess (Doc 9303-10, 3.11.3).

use apdu::tlv::TlvError;

use super::security_info::SecurityInfos;

/// Reads the file.
///
/// # Errors
/// A malformed file.
pub fn parse(file: &[u8]) -> Result<SecurityInfos, TlvError> {
    SecurityInfos::parse(file)
}
