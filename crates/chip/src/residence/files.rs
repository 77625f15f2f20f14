use apdu::ShortFileId;
use serde::{Deserialize, Serialize};

use super::card_type::CardType;
use super::{AID_DF1, AID_DF2, AID_DF3};

/// The files an identity check reads, by their place: the same place holds other data in the other generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ResidenceFile {
    /// Common data.
    MfEf01,
    /// Card type.
    MfEf02,
    /// Front image (first generation); card number (second).
    Df1Ef01,
    /// Face photo (first); text items (second).
    Df1Ef02,
    /// Name image and face photo (second).
    Df1Ef03,
    /// Address image (second).
    Df1Ef04,
    /// Address (first); permission notes (second).
    Df2Ef01,
    /// Blanket permission (first); extension applied for (second).
    Df2Ef02,
    /// Individual permission.
    Df2Ef03,
    /// Extension applied for (first).
    Df2Ef04,
    /// Signature and certificate.
    Df3Ef01,
}

impl ResidenceFile {
    /// Place in the file tree.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MfEf01 => "MF/EF01",
            Self::MfEf02 => "MF/EF02",
            Self::Df1Ef01 => "DF1/EF01",
            Self::Df1Ef02 => "DF1/EF02",
            Self::Df1Ef03 => "DF1/EF03",
            Self::Df1Ef04 => "DF1/EF04",
            Self::Df2Ef01 => "DF2/EF01",
            Self::Df2Ef02 => "DF2/EF02",
            Self::Df2Ef03 => "DF2/EF03",
            Self::Df2Ef04 => "DF2/EF04",
            Self::Df3Ef01 => "DF3/EF01",
        }
    }

    /// The directory to select first; `None` for files of the master file.
    #[must_use]
    pub const fn directory(self) -> Option<&'static [u8; 16]> {
        match self {
            Self::MfEf01 | Self::MfEf02 => None,
            Self::Df1Ef01 | Self::Df1Ef02 | Self::Df1Ef03 | Self::Df1Ef04 => Some(&AID_DF1),
            Self::Df2Ef01 | Self::Df2Ef02 | Self::Df2Ef03 | Self::Df2Ef04 => Some(&AID_DF2),
            Self::Df3Ef01 => Some(&AID_DF3),
        }
    }
}

/// Whether a card of a type has a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// A card without it is not laid out as its type says.
    Required,
    /// It may be missing; sources are not sure.
    Expected,
    /// A card with it is not laid out as its type says; asking costs one command.
    Forbidden,
}

/// One row of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileSpec {
    /// Which file.
    pub file: ResidenceFile,
    /// Short identifier: READ BINARY with P1 = 80 + this.
    pub short_id: ShortFileId,
    /// Greatest size by the specification.
    pub size: usize,
    /// Data objects in it.
    pub objects: usize,
    /// Read under secure messaging.
    pub encrypted: bool,
    /// Whether it must be there.
    pub presence: Presence,
}

const fn row(file: ResidenceFile, short_id: u8, size: usize, objects: usize) -> FileSpec {
    FileSpec { file, short_id: ShortFileId(short_id), size, objects, encrypted: false, presence: Presence::Required }
}

impl FileSpec {
    const fn encrypted(mut self) -> Self {
        self.encrypted = true;
        self
    }

    const fn expected(mut self) -> Self {
        self.presence = Presence::Expected;
        self
    }

    const fn forbidden(mut self) -> Self {
        self.presence = Presence::Forbidden;
        self
    }
}

use ResidenceFile::{Df1Ef01, Df1Ef02, Df1Ef03, Df1Ef04, Df2Ef01, Df2Ef02, Df2Ef03, Df2Ef04, Df3Ef01};

/// 在留カード等仕様書 Ver 1.5; two independent sources.
const RESIDENCE_FIRST: [FileSpec; 7] = [
    row(Df1Ef01, 0x05, 7004, 1).encrypted(),
    row(Df1Ef02, 0x06, 3004, 1).encrypted(),
    row(Df2Ef01, 0x01, 342, 3),
    row(Df2Ef02, 0x02, 122, 1),
    row(Df2Ef03, 0x03, 122, 1),
    row(Df2Ef04, 0x04, 3, 1),
    row(Df3Ef01, 0x02, 1464, 2),
];

/// DF2/EF02 to EF04 exist on type '1' alone; one of them is asked for, to tell a type that lies.
const SPECIAL_FIRST: [FileSpec; 5] = [
    row(Df1Ef01, 0x05, 7004, 1).encrypted(),
    row(Df1Ef02, 0x06, 3004, 1).encrypted(),
    row(Df2Ef01, 0x01, 342, 3),
    row(Df2Ef02, 0x02, 122, 1).forbidden(),
    row(Df3Ef01, 0x02, 1464, 2),
];

/// Second generation Ver 1.1, through one implementation that was tried on cards. DF2 is not signed and known by arithmetic.
const RESIDENCE_SECOND: [FileSpec; 8] = [
    row(Df1Ef01, 0x01, 14, 1),
    row(Df1Ef02, 0x03, 73, 10).encrypted(),
    row(Df1Ef03, 0x04, 5508, 2).encrypted(),
    row(Df1Ef04, 0x06, 2505, 1).encrypted(),
    row(Df2Ef01, 0x01, 22, 3).expected(),
    row(Df2Ef02, 0x02, 3, 1).expected(),
    row(Df2Ef03, 0x03, 207, 2).expected(),
    row(Df3Ef01, 0x02, 704, 2),
];

/// DF2 has one file, "other items", with short identifier 3: one source.
const SPECIAL_SECOND: [FileSpec; 6] = [
    row(Df1Ef01, 0x01, 14, 1),
    row(Df1Ef02, 0x03, 46, 6).encrypted(),
    row(Df1Ef03, 0x04, 5508, 2).encrypted(),
    row(Df1Ef04, 0x06, 2505, 1).encrypted(),
    row(Df2Ef03, 0x03, 207, 2).expected(),
    row(Df3Ef01, 0x02, 704, 2),
];

/// The files of a card behind its authentication, in the order they are read. The combined card is laid out as the second
/// generation.
#[must_use]
pub const fn layout(card: CardType) -> &'static [FileSpec] {
    match card {
        CardType::ResidenceFirst => &RESIDENCE_FIRST,
        CardType::SpecialPermanentFirst => &SPECIAL_FIRST,
        CardType::ResidenceSecond | CardType::CombinedResidence => &RESIDENCE_SECOND,
        CardType::SpecialPermanentSecond | CardType::CombinedSpecialPermanent => &SPECIAL_SECOND,
    }
}

/// Free files of the master file.
pub(super) const CARD_TYPE: FileSpec = row(ResidenceFile::MfEf02, 0x0A, 4, 1);
pub(super) const COMMON_DATA: FileSpec = row(ResidenceFile::MfEf01, 0x0B, 6, 1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_directory_is_read_in_one_go() {
        for card in CardType::ALL {
            let mut directories: Vec<_> = layout(card).iter().map(|spec| spec.file.directory()).collect();
            directories.dedup();
            assert_eq!(directories, [Some(&AID_DF1), Some(&AID_DF2), Some(&AID_DF3)]);
        }
    }
}
