use serde::{Deserialize, Serialize};

use super::elements::{Element, ElementError, objects};
use super::files::ResidenceFile;
use apdu::tlv::Tag;

/// What MF/EF02 says, before any authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CardType {
    /// '1': 在留カード, first generation.
    ResidenceFirst,
    /// '2': 特別永住者証明書, first generation.
    SpecialPermanentFirst,
    /// "05": 在留カード, second generation.
    ResidenceSecond,
    /// "06": 特別永住者証明書, second generation.
    SpecialPermanentSecond,
    /// "07": 特定在留カード, on the chip of a My Number card.
    CombinedResidence,
    /// "08": 特定特別永住者証明書, on the chip of a My Number card.
    CombinedSpecialPermanent,
}

/// Which protocol and which files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Generation {
    /// Issued until June 2026: 3DES, images.
    First,
    /// Issued from June 2026: AES, text items.
    Second,
}

impl CardType {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::ResidenceFirst,
        Self::SpecialPermanentFirst,
        Self::ResidenceSecond,
        Self::SpecialPermanentSecond,
        Self::CombinedResidence,
        Self::CombinedSpecialPermanent,
    ];

    /// Reads MF/EF02: C1 with '1' or '2', or with "05" to "08".
    ///
    /// # Errors
    /// No C1, or a type that is not known.
    pub fn parse(file: &[u8]) -> Result<Self, ElementError> {
        let [code] = objects(ResidenceFile::MfEf02, file, [Tag(0xC1)])?;
        let known = Self::ALL.into_iter().find(|kind| kind.code().as_bytes() == code);
        known.ok_or(ElementError::Value { element: Element(0xC1) })
    }

    /// The code in C1.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ResidenceFirst => "1",
            Self::SpecialPermanentFirst => "2",
            Self::ResidenceSecond => "05",
            Self::SpecialPermanentSecond => "06",
            Self::CombinedResidence => "07",
            Self::CombinedSpecialPermanent => "08",
        }
    }

    /// Protocol and file layout.
    #[must_use]
    pub const fn generation(self) -> Generation {
        match self {
            Self::ResidenceFirst | Self::SpecialPermanentFirst => Generation::First,
            Self::ResidenceSecond
            | Self::SpecialPermanentSecond
            | Self::CombinedResidence
            | Self::CombinedSpecialPermanent => Generation::Second,
        }
    }

    /// Whether it is a certificate of a special permanent resident.
    #[must_use]
    pub const fn is_special_permanent(self) -> bool {
        match self {
            Self::SpecialPermanentFirst | Self::SpecialPermanentSecond | Self::CombinedSpecialPermanent => true,
            Self::ResidenceFirst | Self::ResidenceSecond | Self::CombinedResidence => false,
        }
    }

    /// Whether it lives on the chip of a My Number card.
    #[must_use]
    pub const fn is_combined(self) -> bool {
        match self {
            Self::CombinedResidence | Self::CombinedSpecialPermanent => true,
            Self::ResidenceFirst
            | Self::SpecialPermanentFirst
            | Self::ResidenceSecond
            | Self::SpecialPermanentSecond => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_read_back() {
        for kind in CardType::ALL {
            let file = apdu::tlv::encode(Tag(0xC1), kind.code().as_bytes());
            assert_eq!(CardType::parse(&file).unwrap(), kind);
        }
    }

    #[test]
    fn another_code_names_the_object() {
        let unknown = ElementError::Value { element: Element(0xC1) };
        assert_eq!(CardType::parse(&[0xC1, 1, b'3']), Err(unknown));
        assert!(matches!(CardType::parse(&[]), Err(ElementError::Object { .. })));
    }
}
