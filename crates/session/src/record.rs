//! Assembling what an accepted session leaves behind, and reading the evidence back out of it.

use std::collections::BTreeMap;

use chip::ChipEvidence;
use chip::mrtd::{MrtdEvidence, MrtdFile};
use jiff::Timestamp;
use serde::Serialize;
use trust::{ChipVerdict, HolderFields};

use crate::accepted::{Accepted, ItemKind, MediaType, RecordItem};
use crate::choice::{DocumentChoice, HumanVerdict, Language};
use crate::state::{Compared, Declaration};
use crate::view::MissingItem;

const FILES: [MrtdFile; 8] = [
    MrtdFile::CardAccess,
    MrtdFile::CardSecurity,
    MrtdFile::Com,
    MrtdFile::Sod,
    MrtdFile::Dg1,
    MrtdFile::Dg2,
    MrtdFile::Dg14,
    MrtdFile::Dg15,
];

/// Who decided what, and when everything that had to precede it happened.
#[derive(Debug, Clone, Serialize)]
struct Decision {
    version: u8,
    decision: &'static str,
    presented_at: Timestamp,
    displayed_at: Timestamp,
    confirmed_at: Timestamp,
    /// The customer said that something is not right, then confirmed.
    disputed: bool,
    photo_taken_at: Option<Timestamp>,
    /// The face was compared by eye; no machine took part.
    face_machine: &'static str,
    face_human: HumanVerdict,
    compared_at: Timestamp,
    decided_at: Timestamp,
}

/// The verification record (product.md §9), as far as this path fills it. Numbers in comments are those of the paragraph.
#[derive(Serialize)]
struct VerificationRecord<'a> {
    version: u8,
    session: String,
    language: Language,
    /// 1, 2: branches without staff login leave them open; the counter's own book names the person.
    verifier: Option<&'a str>,
    record_maker: Option<&'a str>,
    /// 3
    presented_at: Timestamp,
    /// 4
    chip_displayed_at: Timestamp,
    /// 6
    method: &'static str,
    /// 7
    holder: Holder<'a>,
    /// 8
    document: Document<'a>,
    /// 9
    residence: Option<&'a str>,
    owed: &'a [MissingItem],
    /// 10
    purpose: &'static str,
    occupation: &'static str,
    /// 16
    retention: &'static str,
}

#[derive(Serialize)]
struct Holder<'a> {
    surname: Option<&'a str>,
    given_names: Option<&'a str>,
    birth_date: Option<&'a str>,
    nationality: Option<&'a str>,
    /// Where every field above comes from.
    origin: &'static str,
}

#[derive(Serialize)]
struct Document<'a> {
    kind: DocumentChoice,
    issuing_state: Option<&'a str>,
    number: Option<&'a str>,
    expiry_date: Option<&'a str>,
}

/// The session could not be written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a part of the session cannot be encoded")]
pub(crate) struct AssembleError;

pub(crate) fn assemble(compared: &Compared, owed: &[MissingItem], now: Timestamp) -> Result<Accepted, AssembleError> {
    let with_face = &compared.with_face;
    let displayed = &with_face.confirmed.displayed;
    let judged = &displayed.judged;
    let declared = &judged.chosen.declared;
    let greeted = &declared.consented.greeted;
    let ChipEvidence::Mrtd(mrtd) = judged.evidence.as_ref();

    let mut items = chip_items(mrtd)?;
    if let Some(portrait) = judged.portrait.jpeg() {
        items.push(item(ItemKind::ChipPortrait, MediaType::Jpeg, portrait.clone()));
    }
    if let Some(photo) = &with_face.photo {
        items.push(item(ItemKind::FacePhoto, MediaType::Jpeg, photo.jpeg.clone()));
    }
    let verdict = ChipVerdict { fields: HolderFields::default(), ..judged.verdict.clone() };
    items.push(json(ItemKind::Verdict, &verdict)?);
    items.push(json(ItemKind::Consents, &declared.consented.consents)?);
    items.push(json::<Declaration>(ItemKind::Declaration, &declared.declaration)?);
    let decision = Decision {
        version: 1,
        decision: "accepted",
        presented_at: judged.presented_at,
        displayed_at: displayed.displayed_at,
        confirmed_at: with_face.confirmed.confirmed_at,
        disputed: displayed.disputed,
        photo_taken_at: with_face.photo.as_ref().map(|photo| photo.taken_at),
        face_machine: "skipped",
        face_human: compared.human,
        compared_at: compared.compared_at,
        decided_at: now,
    };
    items.push(json(ItemKind::Decision, &decision)?);
    let fields = &judged.verdict.fields;
    let record = VerificationRecord {
        version: 1,
        session: greeted.opened.id.to_string(),
        language: greeted.language,
        verifier: None,
        record_maker: None,
        presented_at: judged.presented_at,
        chip_displayed_at: displayed.displayed_at,
        method: "passport_chip_with_residence_supplement",
        holder: Holder {
            surname: fields.surname.as_deref(),
            given_names: fields.given_names.as_deref(),
            birth_date: fields.birth_date.as_deref(),
            nationality: fields.nationality.as_deref(),
            origin: "chip",
        },
        document: Document {
            kind: judged.chosen.document,
            issuing_state: fields.issuing_state.as_deref(),
            number: fields.document_number.as_deref(),
            expiry_date: fields.expiry_date.as_deref(),
        },
        residence: None,
        owed,
        purpose: declared.declaration.purpose.id(),
        occupation: declared.declaration.occupation.id(),
        retention: "contract_end + 7y",
    };
    items.push(json(ItemKind::Record, &record)?);
    Ok(Accepted {
        id: greeted.opened.id,
        opened_at: greeted.opened.opened_at,
        accepted_at: now,
        document: judged.chosen.document,
        language: greeted.language,
        items,
    })
}

/// Writes evidence as items: every file as it was read, and the rest as one transcript.
fn chip_items(mrtd: &MrtdEvidence) -> Result<Vec<RecordItem>, AssembleError> {
    let mut items: Vec<RecordItem> = mrtd
        .files
        .iter()
        .map(|(file, bytes)| RecordItem {
            kind: ItemKind::ChipFile,
            name: file.name().to_owned(),
            media_type: MediaType::Bytes,
            bytes: bytes.clone(),
        })
        .collect();
    let transcript = ChipEvidence::Mrtd(MrtdEvidence {
        access: mrtd.access.clone(),
        files: BTreeMap::new(),
        absent: mrtd.absent.clone(),
        active: mrtd.active.clone(),
        active_refused: mrtd.active_refused,
        chip: mrtd.chip.clone(),
        mapping: mrtd.mapping.clone(),
        counters: mrtd.counters,
    });
    items.push(json(ItemKind::ChipTranscript, &transcript)?);
    Ok(items)
}

fn item(kind: ItemKind, media_type: MediaType, bytes: Vec<u8>) -> RecordItem {
    RecordItem { kind, name: kind.name().to_owned(), media_type, bytes }
}

fn json<T: Serialize>(kind: ItemKind, value: &T) -> Result<RecordItem, AssembleError> {
    let bytes = serde_json::to_vec(value).map_err(|_| AssembleError)?;
    Ok(item(kind, MediaType::Json, bytes))
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
/// The items are not what [`Accepted`] holds.
pub fn evidence_of<'a>(items: impl IntoIterator<Item = &'a RecordItem>) -> Result<ChipEvidence, EvidenceError> {
    let mut transcript = None;
    let mut files = BTreeMap::new();
    for item in items {
        if item.kind == ItemKind::ChipTranscript && transcript.replace(&item.bytes).is_some() {
            return Err(EvidenceError::TranscriptCount);
        }
        if item.kind == ItemKind::ChipFile {
            let file = FILES.into_iter().find(|file| file.name() == item.name).ok_or(EvidenceError::FileName)?;
            if item.bytes.len() > file.max_size() {
                return Err(EvidenceError::FileLimit);
            }
            if files.insert(file, item.bytes.clone()).is_some() {
                return Err(EvidenceError::FileName);
            }
        }
    }
    let bytes = transcript.ok_or(EvidenceError::TranscriptCount)?;
    let evidence: ChipEvidence = serde_json::from_slice(bytes).map_err(|_| EvidenceError::TranscriptUnreadable)?;
    let ChipEvidence::Mrtd(mut mrtd) = evidence;
    mrtd.files = files;
    Ok(ChipEvidence::Mrtd(mrtd))
}
