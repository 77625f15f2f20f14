//! The items of DF1/EF01 that are kept, and nothing else of it (product.md §6.1).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::date::{CivilDate, Runs};
use super::field::{self, FieldError, FieldFault};
use super::layout::LicenceFile;
use super::text::LicenceText;

/// An item a bank may keep. Conditions (1C–1F), colour (1A), classes and their dates (22–33) and the inquiry number (19) have no
/// name here and pass no further than [`parse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FaceItem {
    /// 氏名.
    Name,
    /// 呼び名（カナ）.
    Kana,
    /// 通称名.
    Alias,
    /// 統一氏名（カナ）.
    UnifiedKana,
    /// 生年月日.
    Birth,
    /// 住所.
    Address,
    /// 交付年月日.
    Issued,
    /// 有効期間の末日.
    Expires,
    /// 公安委員会名.
    Commission,
    /// 免許証番号.
    Number,
}

impl FaceItem {
    /// Every item.
    pub const ALL: [Self; 10] = [
        Self::Name,
        Self::Kana,
        Self::Alias,
        Self::UnifiedKana,
        Self::Birth,
        Self::Address,
        Self::Issued,
        Self::Expires,
        Self::Commission,
        Self::Number,
    ];

    /// Tag and greatest length in bytes. [A]
    const fn row(self) -> (u8, usize) {
        match self {
            Self::Name => (0x12, 72),
            Self::Kana => (0x13, 32),
            Self::Alias => (0x14, 32),
            Self::UnifiedKana => (0x15, 16),
            Self::Birth => (0x16, 7),
            Self::Address => (0x17, 80),
            Self::Issued => (0x18, 7),
            Self::Expires => (0x1B, 7),
            Self::Commission => (0x20, 24),
            Self::Number => (0x21, 12),
        }
    }
}

/// The items as the card has them, read on demand.
#[derive(Clone, Copy)]
pub struct Face<'a>(pub(super) &'a BTreeMap<FaceItem, Vec<u8>>);

impl Face<'_> {
    /// A text; `None` when the field is empty.
    ///
    /// # Errors
    /// The field, when it is missing or no text.
    pub fn text(&self, item: FaceItem) -> Result<Option<LicenceText>, FieldError> {
        let text = LicenceText::parse(self.value(item)?).map_err(|_| error(item, FieldFault::Text))?;
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// A date.
    ///
    /// # Errors
    /// The field, when it is missing or a day that never was.
    pub fn date(&self, item: FaceItem) -> Result<CivilDate, FieldError> {
        let runs = if item == FaceItem::Expires { Runs::Past } else { Runs::ToItsEnd };
        CivilDate::parse_era(self.value(item)?, runs).map_err(|_| error(item, FieldFault::Date))
    }

    /// The licence number, twelve digits.
    ///
    /// # Errors
    /// The field, when it is missing or other than that.
    pub fn number(&self) -> Result<String, FieldError> {
        let digits = self.value(FaceItem::Number)?;
        if digits.len() != 12 || !digits.iter().all(u8::is_ascii_digit) {
            return Err(error(FaceItem::Number, FieldFault::Text));
        }
        Ok(digits.iter().map(|digit| char::from(*digit)).collect())
    }

    fn value(&self, item: FaceItem) -> Result<&[u8], FieldError> {
        self.0.get(&item).map(Vec::as_slice).ok_or(error(item, FieldFault::Missing))
    }
}

/// Takes the items of the white list out of the file.
pub(super) fn parse(bytes: &[u8]) -> Result<BTreeMap<FaceItem, Vec<u8>>, FieldError> {
    let fields = field::parse(LicenceFile::Face, bytes)?;
    let mut items = BTreeMap::new();
    for item in FaceItem::ALL {
        let (tag, longest) = item.row();
        let Some(found) = fields.iter().find(|field| field.tag == tag) else { continue };
        if found.value.len() > longest {
            return Err(error(item, FieldFault::Length));
        }
        items.insert(item, found.value.to_vec());
    }
    Ok(items)
}

fn error(item: FaceItem, fault: FieldFault) -> FieldError {
    FieldError { file: LicenceFile::Face, tag: item.row().0, fault }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_on_the_white_list_goes_no_further() {
        let mut file = vec![0x11, 1, 1];
        for tag in 0x12..=0x33_u8 {
            file.extend_from_slice(&[tag, 2, 0x21, tag]);
        }
        file.extend([0xFF; 40]);
        let items = parse(&file).unwrap();
        let kept: Vec<u8> = items.values().map(|value| value[1]).collect();
        assert_eq!(kept, [0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x1B, 0x20, 0x21]);
    }

    #[test]
    fn an_item_that_is_too_long_is_named() {
        let file = [&[0x21, 13][..], &[b'1'; 13]].concat();
        assert_eq!(parse(&file), Err(error(FaceItem::Number, FieldFault::Length)));
        let items = parse(&[0x16, 7, b'4', b'9', b'9', b'0', b'6', b'0', b'1']).unwrap();
        assert_eq!(Face(&items).date(FaceItem::Birth), Err(error(FaceItem::Birth, FieldFault::Date)));
        assert_eq!(Face(&items).number(), Err(error(FaceItem::Number, FieldFault::Missing)));
    }
}
