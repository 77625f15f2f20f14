//! Assembling what an accepted session leaves behind, and reading the evidence back out of it.

use jiff::Timestamp;
use serde::Serialize;
use trust::{ChipVerdict, HolderFields};

use crate::accepted::{Accepted, ItemKind, MediaType, RecordItem};
use crate::choice::{DocumentChoice, HumanVerdict, Language};
use crate::evidence_items;
use crate::state::{Compared, Declaration};
use crate::view::MissingItem;

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
    /// The whole name where family and given name are not told apart.
    name: Option<&'a str>,
    /// The chip states the name as an image alone, which is among the chip's files.
    name_in_image: bool,
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
    /// Read from the card by staff, where the chip states none.
    printed_expiry: Option<String>,
}

/// The session could not be written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a part of the session cannot be encoded")]
pub struct AssembleError;

pub(crate) fn assemble(compared: &Compared, owed: &[MissingItem], now: Timestamp) -> Result<Accepted, AssembleError> {
    let with_face = &compared.with_face;
    let displayed = &with_face.confirmed.displayed;
    let judged = &displayed.judged;
    let declared = &judged.chosen.declared;
    let greeted = &declared.consented.greeted;
    let mut items = evidence_items::items_of(&judged.evidence)?;
    if let Some(portrait) = judged.pictures.portrait() {
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
        method: method(judged.chosen.document),
        holder: Holder {
            surname: fields.surname.as_deref(),
            given_names: fields.given_names.as_deref(),
            name: fields.name.as_deref(),
            name_in_image: fields.residence.as_ref().is_some_and(|residence| residence.name_in_image),
            birth_date: fields.birth_date.as_deref(),
            nationality: fields.nationality.as_deref(),
            origin: "chip",
        },
        document: Document {
            kind: judged.chosen.document,
            issuing_state: fields.issuing_state.as_deref(),
            number: fields.document_number.as_deref(),
            expiry_date: fields.expiry_date.as_deref(),
            printed_expiry: judged.printed_expiry.map(|expiry| expiry.to_string()),
        },
        residence: fields.address.as_deref().or_else(|| unsigned_address(fields)),
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

/// The method of identification (product.md §4).
fn method(document: DocumentChoice) -> &'static str {
    if document == DocumentChoice::Passport { "f2f_passport_chip_plus" } else { "f2f_present_chip" }
}

/// What a municipality wrote on the back of a residence card, which nobody signed.
fn unsigned_address(fields: &HolderFields) -> Option<&str> {
    fields.residence.as_ref()?.unsigned.address.as_deref()
}

fn item(kind: ItemKind, media_type: MediaType, bytes: Vec<u8>) -> RecordItem {
    RecordItem { kind, name: kind.name().to_owned(), media_type, bytes }
}

pub(crate) fn json<T: Serialize>(kind: ItemKind, value: &T) -> Result<RecordItem, AssembleError> {
    let bytes = serde_json::to_vec(value).map_err(|_| AssembleError)?;
    Ok(item(kind, MediaType::Json, bytes))
}
