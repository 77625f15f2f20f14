use std::collections::BTreeMap;

use apdu::StatusWord;
use serde::{Deserialize, Serialize};

use super::card_number::CardNumber;
use super::card_type::CardType;
use super::files::ResidenceFile;
use crate::mrtd::Counters;

/// Everything a reading of one card brought: raw files, from which the verdict is computed and recomputed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResidenceEvidence {
    /// What MF/EF02 says, outside every signature.
    pub card_type: CardType,
    /// The number that opened the card: the printed one.
    pub card_number: CardNumber,
    /// The files as they were read, decrypted.
    pub files: BTreeMap<ResidenceFile, Vec<u8>>,
    /// Files the card did not give, with what it answered instead.
    pub absent: BTreeMap<ResidenceFile, StatusWord>,
    /// What the reading cost.
    pub counters: Counters,
}

/// Shows type and sizes only.
impl std::fmt::Debug for ResidenceEvidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sizes: BTreeMap<&str, usize> = self.files.iter().map(|(file, bytes)| (file.name(), bytes.len())).collect();
        f.debug_struct("ResidenceEvidence")
            .field("card_type", &self.card_type)
            .field("files", &sizes)
            .field("absent", &self.absent)
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}
