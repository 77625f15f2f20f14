//! Evidence as items and back: every file as the chip gave it, and the rest as one transcript.

use std::collections::BTreeMap;

use chip::ChipEvidence;
use chip::mrtd::MrtdFile;
use chip::my_number::MyNumberFile;
use chip::residence::ResidenceFile;

use crate::accepted::{ItemKind, MediaType, RecordItem};
use crate::record::{AssembleError, json};

const MRTD_FILES: [MrtdFile; 8] = [
    MrtdFile::CardAccess,
    MrtdFile::CardSecurity,
    MrtdFile::Com,
    MrtdFile::Sod,
    MrtdFile::Dg1,
    MrtdFile::Dg2,
    MrtdFile::Dg14,
    MrtdFile::Dg15,
];

const RESIDENCE_FILES: [ResidenceFile; 11] = [
    ResidenceFile::MfEf01,
    ResidenceFile::MfEf02,
    ResidenceFile::Df1Ef01,
    ResidenceFile::Df1Ef02,
    ResidenceFile::Df1Ef03,
    ResidenceFile::Df1Ef04,
    ResidenceFile::Df2Ef01,
    ResidenceFile::Df2Ef02,
    ResidenceFile::Df2Ef03,
    ResidenceFile::Df2Ef04,
    ResidenceFile::Df3Ef01,
];
/// No file of a residence card has more than 7 kB; more than this is not read.
const MAX_RESIDENCE_FILE: usize = 16 * 1024;

/// Writes evidence as items. A licence is no list of files: of its largest one only the white list is kept, so all of it is transcript.
///
/// # Errors
/// A part that cannot be encoded.
pub fn items_of(evidence: &ChipEvidence) -> Result<Vec<RecordItem>, AssembleError> {
    let mut transcript = evidence.clone();
    let mut items: Vec<RecordItem> = match &mut transcript {
        ChipEvidence::Mrtd(mrtd) => {
            let files = std::mem::take(&mut mrtd.files).into_iter();
            files.map(|(file, bytes)| chip_file(file.name(), bytes)).collect()
        }
        ChipEvidence::MyNumber(card) => {
            let files = std::mem::take(&mut card.files).into_iter();
            files.map(|(file, bytes)| chip_file(file.name(), bytes)).collect()
        }
        ChipEvidence::Residence(card) => {
            let files = std::mem::take(&mut card.files).into_iter();
            files.map(|(file, bytes)| chip_file(file.name(), bytes)).collect()
        }
        ChipEvidence::Licence(_) => Vec::new(),
    };
    items.push(json(ItemKind::ChipTranscript, &transcript)?);
    Ok(items)
}

fn chip_file(name: &str, bytes: Vec<u8>) -> RecordItem {
    RecordItem { kind: ItemKind::ChipFile, name: name.to_owned(), media_type: MediaType::Bytes, bytes }
}

/// Why items do not make evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    #[error("there is no chip transcript, or more than one")]
    TranscriptCount,
    #[error("the chip transcript cannot be read")]
    TranscriptUnreadable,
    #[error("a chip file has a name that is not read from chips, or comes twice")]
    FileName,
    #[error("a chip file is larger than the budget")]
    FileLimit,
}

/// Puts the chip's evidence together again, so that it can be judged from the raw bytes alone.
///
/// # Errors
/// The items are not what [`crate::Accepted`] holds.
pub fn evidence_of<'a>(items: impl IntoIterator<Item = &'a RecordItem>) -> Result<ChipEvidence, EvidenceError> {
    let mut transcript = None;
    let mut files = Vec::new();
    for item in items {
        if item.kind == ItemKind::ChipTranscript && transcript.replace(&item.bytes).is_some() {
            return Err(EvidenceError::TranscriptCount);
        }
        if item.kind == ItemKind::ChipFile {
            files.push(item);
        }
    }
    let bytes = transcript.ok_or(EvidenceError::TranscriptCount)?;
    let mut evidence: ChipEvidence = serde_json::from_slice(bytes).map_err(|_| EvidenceError::TranscriptUnreadable)?;
    match &mut evidence {
        ChipEvidence::Mrtd(mrtd) => {
            let known = MRTD_FILES.map(|file| (file, file.name(), file.max_size()));
            mrtd.files = gather(&files, &known)?;
        }
        ChipEvidence::MyNumber(card) => {
            let known = MyNumberFile::ALL.map(|file| (file, file.name(), file.max_size()));
            card.files = gather(&files, &known)?;
        }
        ChipEvidence::Residence(card) => {
            let known = RESIDENCE_FILES.map(|file| (file, file.name(), MAX_RESIDENCE_FILE));
            card.files = gather(&files, &known)?;
        }
        ChipEvidence::Licence(_) if files.is_empty() => {}
        ChipEvidence::Licence(_) => return Err(EvidenceError::FileName),
    }
    Ok(evidence)
}

/// Files by their names, each once and within its budget.
fn gather<F: Copy + Ord>(
    items: &[&RecordItem],
    known: &[(F, &str, usize)],
) -> Result<BTreeMap<F, Vec<u8>>, EvidenceError> {
    let mut files = BTreeMap::new();
    for item in items {
        let (file, _, budget) = known.iter().find(|(_, name, _)| *name == item.name).ok_or(EvidenceError::FileName)?;
        if item.bytes.len() > *budget {
            return Err(EvidenceError::FileLimit);
        }
        if files.insert(*file, item.bytes.clone()).is_some() {
            return Err(EvidenceError::FileName);
        }
    }
    Ok(files)
}
