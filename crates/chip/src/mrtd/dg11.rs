//! DG11: additional personal details (Doc 9303-10, 4.7.11).

use apdu::tlv::Tag;

use super::data_elements::{ElementError, date, for_each, text};

/// Tag of DG11.
pub const TAG: Tag = Tag(0x6B);

/// The details this product may know. A personal number may be a national identification number and a place of birth a registered
/// domicile: they, telephone, profession, summary, custody and every image are passed over and only named in `withheld`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Dg11 {
    /// Name of the holder in full, `5F0E`.
    pub full_name: Option<String>,
    /// Other names, `5F0F`.
    pub other_names: Vec<String>,
    /// YYYYMMDD, `5F2B`.
    pub birth_date: Option<String>,
    /// Permanent address, `5F42`.
    pub address: Option<String>,
    /// Tags of the elements that were passed over.
    pub withheld: Vec<Tag>,
}

impl std::fmt::Debug for Dg11 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Dg11(.., {} withheld)", self.withheld.len())
    }
}

/// Reads the file.
///
/// # Errors
/// See [`ElementError`].
pub fn parse(file: &[u8]) -> Result<Dg11, ElementError> {
    let mut details = Dg11::default();
    for_each(file, TAG, &mut |element| {
        match element.tag.0 {
            0x5F0E => details.full_name = Some(text(element.value)?),
            0x5F0F => details.other_names.push(text(element.value)?),
            0x5F2B => details.birth_date = Some(date(element.value)?),
            0x5F42 => details.address = Some(text(element.value)?),
            _ => details.withheld.push(element.tag),
        }
        Ok(())
    })?;
    Ok(details)
}
