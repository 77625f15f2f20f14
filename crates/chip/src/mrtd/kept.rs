//! What outlives a lift.

use std::collections::BTreeMap;

use apdu::{Learned, PartialFile, StatusWord};

use super::evidence::MrtdFile;

/// A reading as far as it came before the card went away. The next one takes it up when the same EF.SOD lies there again: the files it
/// lists are bound to it, so two cards are never mixed. Access and proofs of the chip are made anew.
#[derive(Default)]
pub struct Kept {
    pub(super) files: BTreeMap<MrtdFile, Vec<u8>>,
    pub(super) absent: BTreeMap<MrtdFile, StatusWord>,
    pub(super) partial: Option<(MrtdFile, PartialFile)>,
    pub(super) learned: Option<Learned>,
}

impl Kept {
    /// Nothing read yet, and what readings of cards of the same kind in the same reader taught: sizes and forms of commands.
    #[must_use]
    pub fn knowing(learned: Option<Learned>) -> Self {
        Self { learned, ..Self::default() }
    }

    /// What the last whole reading taught.
    #[must_use]
    pub fn learned(&self) -> Option<Learned> {
        self.learned
    }

    /// Bytes that need not be read again.
    #[must_use]
    pub fn len(&self) -> usize {
        let partial = self.partial.as_ref().map_or(0, |(_, partial)| partial.len());
        self.files.values().map(Vec::len).sum::<usize>() + partial
    }

    /// Whether nothing was read yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Shows sizes only.
impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Kept({} files, {} bytes)", self.files.len(), self.len())
    }
}
