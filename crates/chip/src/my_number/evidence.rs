use std::collections::BTreeMap;

use apdu::StatusWord;
use serde::{Deserialize, Serialize};

use super::layout::{CardKey, MyNumberFile};
use super::proof::KeyProof;
use crate::mrtd::Counters;

/// Everything a reading of one card brought, as raw as the card sent it; verdicts are computed from this alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MyNumberEvidence {
    /// What opened face and text.
    pub opened_by: OpenedBy,
    /// The files as they were read; the face without the image of the security code.
    pub files: BTreeMap<MyNumberFile, Vec<u8>>,
    /// Files the card did not give, with what it answered instead.
    pub absent: BTreeMap<MyNumberFile, StatusWord>,
    /// Private keys the card was asked to prove.
    pub proofs: BTreeMap<CardKey, KeyProof>,
    /// What the reading cost.
    pub counters: Counters,
}

/// What opened face and text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OpenedBy {
    /// 照合番号B: face and text.
    NumberB,
    /// 券面事項入力補助用暗証番号: text.
    TextPin,
    /// Neither: certificates only.
    Nothing,
}

/// Shows names and sizes only.
impl std::fmt::Debug for MyNumberEvidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sizes: BTreeMap<&str, usize> = self.files.iter().map(|(file, bytes)| (file.name(), bytes.len())).collect();
        f.debug_struct("MyNumberEvidence")
            .field("opened_by", &self.opened_by)
            .field("files", &sizes)
            .field("absent", &self.absent)
            .field("proofs", &self.proofs)
            .field("counters", &self.counters)
            .finish()
    }
}
