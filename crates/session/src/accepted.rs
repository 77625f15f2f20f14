//! What an accepted session leaves behind: a list of items, each with its kind.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::choice::{DocumentChoice, Language};
use crate::id::SessionId;

/// An accepted session, ready to be sealed. `items` is the whole evidence; nothing else of the session is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Accepted {
    pub id: SessionId,
    pub opened_at: Timestamp,
    pub accepted_at: Timestamp,
    pub document: DocumentChoice,
    pub language: Language,
    /// In the order of [`ItemKind`], chip files by name.
    pub items: Vec<RecordItem>,
}

/// One piece of evidence.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordItem {
    pub kind: ItemKind,
    /// `EF.SOD`, `DG1` … for chip files; the kind's own name otherwise.
    pub name: String,
    pub media_type: MediaType,
    pub bytes: Vec<u8>,
}

/// What an item is. Numbers are stable for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// A file exactly as the chip gave it.
    ChipFile,
    /// How the chip was opened and what it proved, without its files: the rest of `chip::ChipEvidence`.
    ChipTranscript,
    /// The portrait decoded from the chip, as staff saw it.
    ChipPortrait,
    /// The photo taken at the counter.
    FacePhoto,
    /// The verdict staff saw, without holder data.
    Verdict,
    /// Every answer to every notice, with the digest of the text shown.
    Consents,
    /// Purpose and occupation.
    Declaration,
    /// Who decided what, and when the chip content was displayed.
    Decision,
    /// The verification record (product.md §9), as far as this path fills it.
    Record,
}

impl ItemKind {
    pub const ALL: [Self; 9] = [
        Self::ChipFile,
        Self::ChipTranscript,
        Self::ChipPortrait,
        Self::FacePhoto,
        Self::Verdict,
        Self::Consents,
        Self::Declaration,
        Self::Decision,
        Self::Record,
    ];

    /// The number in manifests.
    #[must_use]
    pub fn number(self) -> u16 {
        match self {
            Self::ChipFile => 1,
            Self::ChipTranscript => 2,
            Self::ChipPortrait => 3,
            Self::FacePhoto => 4,
            Self::Verdict => 5,
            Self::Consents => 6,
            Self::Declaration => 7,
            Self::Decision => 8,
            Self::Record => 9,
        }
    }

    /// The kind of a number in a manifest.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// The name in lists.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ChipFile => "chip_file",
            Self::ChipTranscript => "chip_transcript",
            Self::ChipPortrait => "chip_portrait",
            Self::FacePhoto => "face_photo",
            Self::Verdict => "verdict",
            Self::Consents => "consents",
            Self::Declaration => "declaration",
            Self::Decision => "decision",
            Self::Record => "record",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MediaType {
    #[serde(rename = "application/octet-stream")]
    Bytes,
    #[serde(rename = "application/json")]
    Json,
    #[serde(rename = "image/jpeg")]
    Jpeg,
}

impl MediaType {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bytes => "application/octet-stream",
            Self::Json => "application/json",
            Self::Jpeg => "image/jpeg",
        }
    }
}

impl std::fmt::Debug for Accepted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Accepted({}, {} items)", self.id, self.items.len())
    }
}

impl std::fmt::Debug for RecordItem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RecordItem({}, {} bytes)", self.kind.name(), self.bytes.len())
    }
}
