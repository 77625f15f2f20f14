//! 外字: characters in no code, drawn by the card (DF1/EF03 and EF05).

use std::collections::BTreeMap;

use super::FieldError;
use super::field;
use super::layout::{GaijiLayout, LicenceFile};

/// A character as dots, one byte each.
#[derive(Clone, PartialEq, Eq)]
pub struct GaijiPicture {
    /// Dots a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// True where there is ink, row by row.
    pub ink: Vec<bool>,
}

/// Why a character cannot be drawn: a placeholder is shown, and staff read the card's face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GaijiError {
    /// A text refers to a character the card does not hold.
    #[error("external character {0} is not on the card")]
    Missing(u8),
    /// The bytes are not those of a picture in the layout that is assumed.
    #[error("external character {number} has {length} bytes")]
    Length {
        /// Which.
        number: u8,
        /// Bytes of its value.
        length: usize,
    },
}

impl GaijiPicture {
    /// Draws the value of external character `number`.
    ///
    /// # Errors
    /// [`GaijiError::Length`].
    pub fn draw(number: u8, value: &[u8], layout: &GaijiLayout) -> Result<Self, GaijiError> {
        let error = GaijiError::Length { number, length: value.len() };
        let dots = value.get(layout.header..).ok_or(error)?;
        let GaijiLayout { width, height, .. } = *layout;
        if dots.len().checked_mul(8) != width.checked_mul(height) || dots.is_empty() {
            return Err(error);
        }
        let ink = dots.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)).collect();
        Ok(Self { width, height, ink })
    }
}

impl std::fmt::Debug for GaijiPicture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "GaijiPicture({} x {})", self.width, self.height)
    }
}

/// The external characters of a file by number: tags 48 and 49 are 1 and 2, A1 to A5 are 3 to 7. [A]
pub(super) fn parse(file: LicenceFile, bytes: &[u8]) -> Result<BTreeMap<u8, Vec<u8>>, FieldError> {
    let number = |tag| match tag {
        0x48..=0x49 => Some(tag - 0x47),
        0xA1..=0xA5 => Some(tag - 0x9E),
        _ => None,
    };
    let fields = field::parse(file, bytes)?;
    Ok(fields.iter().filter_map(|field| Some((number(field.tag)?, field.value.to_vec()))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_rows_from_the_highest_bit() {
        let mut value = vec![0; 129];
        value[1] = 0b1010_0000;
        value[5] = 1;
        let picture = GaijiPicture::draw(1, &value, &GaijiLayout::default()).unwrap();
        let inked: Vec<usize> = picture.ink.iter().enumerate().filter(|(_, ink)| **ink).map(|(at, _)| at).collect();
        assert_eq!(inked, [0, 2, 39]);
    }

    #[test]
    fn another_length_is_no_picture() {
        let error = GaijiError::Length { number: 3, length: 128 };
        assert_eq!(GaijiPicture::draw(3, &[0; 128], &GaijiLayout::default()), Err(error));
        assert!(GaijiPicture::draw(3, &[], &GaijiLayout::default()).is_err());
    }

    #[test]
    fn numbers_come_from_both_files() {
        let first = [&[0x48, 0x81, 0x81][..], &[0xFF; 129], &[0x49, 0]].concat();
        assert_eq!(parse(LicenceFile::Gaiji, &first).unwrap().keys().copied().collect::<Vec<_>>(), [1, 2]);
        let more = [0xA0, 1, 0x11, 0xA1, 0, 0xA5, 1, 7, 0xFF];
        assert_eq!(parse(LicenceFile::ChangeGaiji, &more).unwrap().keys().copied().collect::<Vec<_>>(), [3, 7]);
    }
}
