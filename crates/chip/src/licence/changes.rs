//! DF1/EF04: what was entered on the back after issue. The newest entry of a group replaces the item of the face.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::date::{CivilDate, Runs};
use super::field::{self, FieldError, FieldFault};
use super::layout::{ChangeLayout, LicenceFile};
use super::text::{Character, LicenceText};

/// A group of changes a bank may keep. Conditions (78–7F), their lifting (80–87) and remarks (88–8F) have no name here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeGroup {
    /// New commissions.
    Commission,
    /// New names.
    Name,
    /// New 呼び名.
    Kana,
    /// New addresses.
    Address,
}

impl ChangeGroup {
    /// Every group.
    pub const ALL: [Self; 4] = [Self::Commission, Self::Name, Self::Kana, Self::Address];

    /// Tags of its entries; the highest one used is the newest. [A]
    const fn tags(self) -> RangeInclusive<u8> {
        match self {
            Self::Commission => 0x51..=0x5F,
            Self::Name => 0x60..=0x67,
            Self::Kana => 0x68..=0x6F,
            Self::Address => 0x70..=0x77,
        }
    }

    fn of(tag: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.tags().contains(&tag))
    }
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it changes.
    pub group: ChangeGroup,
    /// When.
    pub date: CivilDate,
    /// To what.
    pub text: LicenceText,
}

/// The entries as the card has them, read on demand.
#[derive(Clone, Copy)]
pub struct Changes<'a>(pub(super) &'a BTreeMap<u8, Vec<u8>>);

impl Changes<'_> {
    /// Every entry, oldest first in each group.
    ///
    /// # Errors
    /// The first entry that cannot be read: which one is the newest would not be known.
    pub fn read(&self, layout: &ChangeLayout) -> Result<Vec<Change>, FieldError> {
        self.0.iter().filter_map(|(tag, value)| Some(change(*tag, ChangeGroup::of(*tag)?, value, layout))).collect()
    }

    /// Numbers of external characters in entries that can be read.
    pub(super) fn gaiji(&self, layout: &ChangeLayout) -> Vec<u8> {
        let entry = |(tag, value): (&u8, &Vec<u8>)| change(*tag, ChangeGroup::of(*tag)?, value, layout).ok();
        self.0.iter().filter_map(entry).flat_map(|change| change.text.gaiji().collect::<Vec<_>>()).collect()
    }
}

/// Takes the entries of the white list out of the file. Empty ones are no entries.
pub(super) fn parse(bytes: &[u8]) -> Result<BTreeMap<u8, Vec<u8>>, FieldError> {
    let fields = field::parse(LicenceFile::Changes, bytes)?;
    let kept = fields.iter().filter(|field| ChangeGroup::of(field.tag).is_some() && !field.value.is_empty());
    Ok(kept.map(|field| (field.tag, field.value.to_vec())).collect())
}

fn change(tag: u8, group: ChangeGroup, value: &[u8], layout: &ChangeLayout) -> Result<Change, FieldError> {
    let error = |fault| FieldError { file: LicenceFile::Changes, tag, fault };
    let cut = |bytes: &'_ [u8], at: usize| bytes.split_at_checked(at).map(|(a, b)| (a.to_vec(), b.to_vec()));
    let (_edition, rest) = cut(value, layout.edition).ok_or(error(FieldFault::Truncated))?;
    let (date, rest) = cut(&rest, layout.date).ok_or(error(FieldFault::Truncated))?;
    let end = rest.len().checked_sub(layout.commission).ok_or(error(FieldFault::Truncated))?;
    let text = LicenceText::parse(rest.get(..end).unwrap_or_default()).map_err(|_| error(FieldFault::Text))?;
    let date = digits(&date).and_then(|digits| CivilDate::parse_era(&digits, Runs::ToItsEnd).ok());
    Ok(Change { group, date: date.ok_or(error(FieldFault::Date))?, text })
}

/// Two-byte digits as one-byte ones.
fn digits(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = LicenceText::parse(bytes).ok()?;
    let digit = |character: &Character| match character {
        Character::Plain(wide @ '０'..='９') => {
            u8::try_from(u32::from(*wide) - u32::from('０')).ok().map(|n| n + b'0')
        }
        Character::Plain(_) | Character::Gaiji(_) | Character::Missing => None,
    };
    text.characters().iter().map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Edition, 令和6年2月29日, 太, five characters of a commission.
    fn entry(text: &[u8]) -> Vec<u8> {
        [b"\x01", &b"#5#0#6#0#2#2#9"[..], text, b"El5~8x0BAA"].concat()
    }

    #[test]
    fn entries_are_divided() {
        let entries = BTreeMap::from([(0x61, entry(b"\x42\x40"))]);
        let changes = Changes(&entries).read(&ChangeLayout::default()).unwrap();
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0].group, ChangeGroup::Name);
        assert_eq!(changes[0].date.to_string(), "2024-02-29");
        assert_eq!(changes[0].text.to_string(), "太");
    }

    #[test]
    fn conditions_and_remarks_are_left_on_the_card() {
        let mut file = vec![0x50, 1, 0x11];
        for tag in 0x51..=0x97_u8 {
            file.extend_from_slice(&[tag, 1, tag]);
        }
        let kept = parse(&file).unwrap();
        assert!(kept.keys().all(|tag| (0x51..=0x77).contains(tag)), "{:?}", kept.keys());
        assert_eq!(kept.len(), 0x77 - 0x50);
    }

    #[test]
    fn an_entry_that_cannot_be_read_is_named() {
        for (value, fault) in [
            (vec![1, 2, 3], FieldFault::Truncated),
            (entry(b"\x42"), FieldFault::Text),
            ([b"\x01", &b"#9#0#6#0#2#2#9"[..], b"El5~8x0BAA"].concat(), FieldFault::Date),
        ] {
            let entries = BTreeMap::from([(0x70, value)]);
            let error = Changes(&entries).read(&ChangeLayout::default()).unwrap_err();
            assert_eq!((error.tag, error.fault), (0x70, fault));
        }
    }
}
