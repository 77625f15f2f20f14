//! The card's directories and who may read or sign in them.

use std::collections::BTreeSet;

/// A directory of the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Application {
    Jpki,
    /// 券面事項確認.
    Surface,
    /// 券面事項入力補助.
    Text,
    /// 住基, which no reader of a bank may open.
    ResidentRecord,
}

impl Application {
    pub const ALL: [Self; 4] = [Self::Jpki, Self::Surface, Self::Text, Self::ResidentRecord];

    #[must_use]
    pub fn aid(self) -> &'static [u8] {
        match self {
            Self::Jpki => &[0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01],
            Self::Surface => &[0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x02],
            Self::Text => &[0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x08],
            Self::ResidentRecord => &[0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x01],
        }
    }

    /// The word file names of a dump start with.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Jpki => "jpki",
            Self::Surface => "surface",
            Self::Text => "text",
            Self::ResidentRecord => "resident-record",
        }
    }
}

/// A file in a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    pub application: Application,
    pub id: u16,
}

impl Location {
    #[must_use]
    pub const fn new(application: Application, id: u16) -> Self {
        Self { application, id }
    }
}

/// The secrets of which one must have been verified; free when there are none, closed for good when the file is unknown.
pub(super) struct Rule(Option<&'static [u16]>);

impl Rule {
    pub(super) fn is_open_to(&self, verified: &BTreeSet<u16>) -> bool {
        self.0.is_some_and(|needed| needed.is_empty() || needed.iter().any(|secret| verified.contains(secret)))
    }
}

pub(super) fn readers(location: Location) -> Rule {
    Rule(match (location.application, location.id) {
        (Application::Jpki, 0x0001) => Some(&[0x001B]),
        (Application::Jpki, 0x0002 | 0x0006 | 0x0008 | 0x0009 | 0x000A | 0x000B) => Some(&[]),
        (Application::Surface, 0x0001) => Some(&[0x0011]),
        (Application::Surface, 0x0002) => Some(&[0x0012, 0x0013]),
        (Application::Surface, 0x0003 | 0x0004) => Some(&[]),
        (Application::Surface, 0x0005) => Some(&[0x0013]),
        (Application::Text, 0x0001) => Some(&[0x0011, 0x0014]),
        (Application::Text, 0x0002) => Some(&[0x0011, 0x0015]),
        (Application::Text, 0x0003 | 0x0006 | 0x0007) => Some(&[0x0011, 0x0014, 0x0015]),
        (Application::Text, 0x0004 | 0x0005) => Some(&[]),
        (Application::ResidentRecord, 0x0002) => Some(&[0x001C]),
        (_, _) => None,
    })
}

pub(super) fn signers(location: Location) -> Rule {
    Rule(match (location.application, location.id) {
        (Application::Jpki, 0x0017) => Some(&[0x0018]),
        (Application::Jpki, 0x001A) => Some(&[0x001B]),
        (Application::Surface, 0x001A) | (Application::Text, 0x0013) => Some(&[]),
        (_, _) => None,
    })
}
