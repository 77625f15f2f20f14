//! DG1: the machine readable zone (Doc 9303-10, 4.7.1).

use apdu::tlv::{Reader, Tag, TlvError};

use super::mrz::Mrz;
use super::mrz_check::MrzError;

/// Tag of DG1.
pub const TAG: Tag = Tag(0x61);
const MRZ: Tag = Tag(0x5F1F);

/// Why DG1 holds no machine readable zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Dg1Error {
    /// The file is malformed.
    #[error("DG1 is malformed: {0}")]
    Tlv(#[from] TlvError),
    /// The zone is not ASCII text.
    #[error("DG1 holds something else than text")]
    NotText,
    /// The zone is wrong in itself.
    #[error(transparent)]
    Mrz(#[from] MrzError),
}

/// Reads the file.
///
/// # Errors
/// See [`Dg1Error`].
pub fn parse(file: &[u8]) -> Result<Mrz, Dg1Error> {
    let mut reader = Reader::ber(file);
    let content = reader.expect(TAG)?;
    let mut content = reader.enter(&content)?;
    let zone = content.expect(MRZ)?.value;
    Ok(Mrz::parse(std::str::from_utf8(zone).map_err(|_| Dg1Error::NotText)?)?)
}
