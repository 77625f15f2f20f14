//! DG12: additional document details (Doc 9303-10, 4.7.12).

use apdu::tlv::Tag;

use super::data_elements::{ElementError, date, for_each, text};

/// Tag of DG12.
pub const TAG: Tag = Tag(0x6C);

/// The details about the document. Other persons, tax requirements and images of the document are passed over and only named.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Dg12 {
    /// `5F19`.
    pub issuing_authority: Option<String>,
    /// YYYYMMDD, `5F26`.
    pub issue_date: Option<String>,
    /// Endorsements and observations, `5F1B`.
    pub endorsements: Option<String>,
    /// Tags of the elements that were passed over.
    pub withheld: Vec<Tag>,
}

impl std::fmt::Debug for Dg12 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Dg12(.., {} withheld)", self.withheld.len())
    }
}

/// Reads the file.
///
/// # Errors
/// See [`ElementError`].
pub fn parse(file: &[u8]) -> Result<Dg12, ElementError> {
    let mut details = Dg12::default();
    for_each(file, TAG, &mut |element| {
        match element.tag.0 {
            0x5F19 => details.issuing_authority = Some(text(element.value)?),
            0x5F26 => details.issue_date = Some(date(element.value)?),
            0x5F1B => details.endorsements = Some(text(element.value)?),
            _ => details.withheld.push(element.tag),
        }
        Ok(())
    })?;
    Ok(details)
}
