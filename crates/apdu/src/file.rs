//! Selecting and reading elementary files (ISO/IEC 7816-4, 7.2 and 11.2).

use crate::{Card, StatusWord, TransportError};

/// File identifier of two bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct FileId(pub u16);

/// Short EF identifier, 1..=30.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ShortFileId(pub u8);

/// How a file can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileRef {
    pub id: FileId,
    pub short_id: Option<ShortFileId>,
}
