//! The states of a session and the data each owns (product.md §11.1). What is known later contains what was known before, so a
//! state cannot exist without everything that must precede it.

use std::sync::Arc;

use chip::ChipEvidence;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use trust::{ChipVerdict, Level, Validity};

use crate::chip_key::ChipKey;
use crate::choice::{DocumentChoice, HumanVerdict, Language, Occupation, Purpose};
use crate::event::ChipPictures;
use crate::id::SessionId;
use crate::notice::{ConsentRecord, NoticeSet};
use crate::view::{DeliveryStep, LastTry, Outcome, ReadingStep};

/// Where the session is.
pub(crate) enum State {
    Idle,
    Opening,
    Language(Opened),
    Notice(Greeted),
    Declare(Consented),
    ChooseDocument(Declared),
    AccessKey(Chosen),
    AwaitCard(Awaiting),
    Reading(ReadingChip),
    Verifying(Verifying),
    ShowChipData(Box<Judged>),
    ConfirmData(Box<Displayed>),
    FaceCapture(Box<Capturing>),
    FaceCompare(Box<WithFace>),
    Decide(Box<Deciding>),
    Sealing(Box<Compared>),
    Receipt(Receipt),
    Wiping(Wiping),
}

pub(crate) struct Opened {
    pub id: SessionId,
    pub opened_at: Timestamp,
    pub notices: Arc<NoticeSet>,
}

pub(crate) struct Greeted {
    pub opened: Opened,
    pub language: Language,
}

/// Exists only after the mandatory consents: every capture state contains it.
pub(crate) struct Consented {
    pub greeted: Greeted,
    pub consents: Vec<ConsentRecord>,
    pub face_photo: bool,
}

/// What the customer declared (product.md §14.2, §14.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declaration {
    pub purpose: Purpose,
    pub occupation: Occupation,
    pub own_behalf: bool,
    pub at: Timestamp,
}

pub(crate) struct Declared {
    pub consented: Consented,
    pub declaration: Declaration,
}

pub(crate) struct Chosen {
    pub declared: Declared,
    pub document: DocumentChoice,
    /// Keys the chip may still be asked with (product.md §13.7).
    pub key_tries_left: u8,
    /// Tries the card itself said are left for a secret.
    pub card_tries_left: Option<u8>,
    pub last_try: LastTry,
}

pub(crate) struct Keyed {
    pub chosen: Chosen,
    /// Absent once a secret is spent.
    pub key: Option<ChipKey>,
    /// How often the card was lifted.
    pub lifts: u8,
    /// How often a reading failed otherwise.
    pub failures: u8,
}

pub(crate) struct Awaiting {
    pub keyed: Keyed,
    /// A card placed is read. Off after a failure until the card is lifted or somebody asks.
    pub armed: bool,
}

pub(crate) struct ReadingChip {
    pub keyed: Keyed,
    pub ticket: u32,
    pub presented_at: Timestamp,
    pub step: ReadingStep,
    pub percent: u8,
    pub file: Option<String>,
    pub files_done: u8,
    pub bytes: u32,
}

pub(crate) struct Verifying {
    pub chosen: Chosen,
    pub ticket: u32,
    pub evidence: Arc<ChipEvidence>,
    pub presented_at: Timestamp,
}

pub(crate) struct Judged {
    pub chosen: Chosen,
    pub evidence: Arc<ChipEvidence>,
    pub verdict: ChipVerdict,
    pub ticket: u32,
    pub pictures: Pictures,
    pub presented_at: Timestamp,
    /// What staff read from the card, where the chip states no expiry.
    pub printed_expiry: Option<Date>,
    /// When all of the chip content had appeared on the staff surface.
    pub shown_at: Timestamp,
}

/// The chip's pictures.
pub(crate) enum Pictures {
    Decoding,
    Decoded(ChipPictures),
}

impl Pictures {
    pub(crate) fn portrait(&self) -> Option<&Vec<u8>> {
        match self {
            Self::Decoding => None,
            Self::Decoded(pictures) => pictures.portrait.as_ref(),
        }
    }
}

impl Judged {
    /// Whether somebody has to read the expiry from the card.
    pub(crate) fn wants_printed_expiry(&self) -> bool {
        matches!(self.verdict.validity, Validity::Unknown)
    }

    /// Whether the document is in date, by its chip, or by what staff read from it where the chip says nothing.
    pub(crate) fn in_date(&self, now: Timestamp) -> bool {
        match self.verdict.validity {
            Validity::InDate => true,
            // The last day still counts, where the branch is.
            Validity::Unknown => self.printed_expiry.is_some_and(|expiry| trust::day_at_branch(now) <= expiry),
            Validity::Expired { .. } | Validity::SpecialPeriod { .. } | Validity::NotYet => false,
        }
    }

    pub(crate) fn is_red(&self) -> bool {
        self.verdict.level() == Level::Red
    }
}

/// Exists only after staff looked at the chip content for the legal time.
pub(crate) struct Displayed {
    pub judged: Judged,
    pub displayed_at: Timestamp,
    pub disputed: bool,
}

pub(crate) struct Confirmed {
    pub displayed: Displayed,
    pub confirmed_at: Timestamp,
}

/// The photo taken at the counter.
#[derive(Clone)]
pub(crate) struct LivePhoto {
    pub jpeg: Vec<u8>,
    pub taken_at: Timestamp,
}

pub(crate) struct Capturing {
    pub confirmed: Confirmed,
    pub taking: Option<u32>,
    pub photo: Option<LivePhoto>,
    pub tries_left: u8,
}

pub(crate) struct WithFace {
    pub confirmed: Confirmed,
    pub photo: Option<LivePhoto>,
    pub shown_at: Timestamp,
}

pub(crate) struct Compared {
    pub with_face: WithFace,
    pub human: HumanVerdict,
    pub compared_at: Timestamp,
    /// What the teller said when accepting, kept in case sealing fails.
    pub residence_later: bool,
}

/// What there is to decide. Only the second shape can be accepted, and it contains a verdict that is not red.
pub(crate) enum Deciding {
    /// The verdict is red: the evidence is locked.
    Blocked(Displayed),
    Compared(Compared),
}

pub(crate) struct Receipt {
    pub id: SessionId,
    pub language: Language,
    pub sealed_at: Timestamp,
    pub document: DocumentChoice,
    pub document_number: String,
    pub notice_version: String,
    pub delivery: DeliveryStep,
    /// Its row was seen among the deliveries.
    pub listed: bool,
}

pub(crate) struct Wiping {
    pub language: Language,
    pub outcome: Outcome,
    /// When everything was erased.
    pub done_at: Option<Timestamp>,
}

impl State {
    /// The name of the state, as on the wire.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Opening => "opening",
            Self::Language(_) => "language",
            Self::Notice(_) => "notice",
            Self::Declare(_) => "declare",
            Self::ChooseDocument(_) => "choose_document",
            Self::AccessKey(_) => "access_key",
            Self::AwaitCard(_) => "await_card",
            Self::Reading(_) => "reading",
            Self::Verifying(_) => "verifying",
            Self::ShowChipData(_) => "show_chip_data",
            Self::ConfirmData(_) => "confirm_data",
            Self::FaceCapture(_) => "face_capture",
            Self::FaceCompare(_) => "face_compare",
            Self::Decide(_) => "decide",
            Self::Sealing(_) => "sealing",
            Self::Receipt(_) => "receipt",
            Self::Wiping(_) => "wiping",
        }
    }

    /// What was opened, while it is not sealed.
    pub(crate) fn opened(&self) -> Option<&Opened> {
        match self {
            Self::Idle | Self::Opening | Self::Receipt(_) | Self::Wiping(_) => None,
            Self::Language(opened) => Some(opened),
            Self::Notice(_)
            | Self::Declare(_)
            | Self::ChooseDocument(_)
            | Self::AccessKey(_)
            | Self::AwaitCard(_)
            | Self::Reading(_)
            | Self::Verifying(_)
            | Self::ShowChipData(_)
            | Self::ConfirmData(_)
            | Self::FaceCapture(_)
            | Self::FaceCompare(_)
            | Self::Decide(_)
            | Self::Sealing(_) => self.greeted().map(|greeted| &greeted.opened),
        }
    }

    pub(crate) fn greeted(&self) -> Option<&Greeted> {
        let chosen = match self {
            Self::Idle | Self::Opening | Self::Language(_) | Self::Receipt(_) | Self::Wiping(_) => return None,
            Self::Notice(greeted) => return Some(greeted),
            Self::Declare(consented) => return Some(&consented.greeted),
            Self::ChooseDocument(declared) => return Some(&declared.consented.greeted),
            Self::AccessKey(chosen) => chosen,
            Self::AwaitCard(awaiting) => &awaiting.keyed.chosen,
            Self::Reading(reading) => &reading.keyed.chosen,
            Self::Verifying(verifying) => &verifying.chosen,
            Self::ShowChipData(judged) => &judged.chosen,
            Self::ConfirmData(displayed) => &displayed.judged.chosen,
            Self::FaceCapture(capturing) => &capturing.confirmed.displayed.judged.chosen,
            Self::FaceCompare(with_face) => &with_face.confirmed.displayed.judged.chosen,
            Self::Decide(deciding) => &deciding.displayed().judged.chosen,
            Self::Sealing(compared) => &compared.with_face.confirmed.displayed.judged.chosen,
        };
        Some(&chosen.declared.consented.greeted)
    }

    pub(crate) fn language(&self) -> Option<Language> {
        match self {
            Self::Receipt(receipt) => Some(receipt.language),
            Self::Wiping(wiping) => Some(wiping.language),
            Self::Idle
            | Self::Opening
            | Self::Language(_)
            | Self::Notice(_)
            | Self::Declare(_)
            | Self::ChooseDocument(_)
            | Self::AccessKey(_)
            | Self::AwaitCard(_)
            | Self::Reading(_)
            | Self::Verifying(_)
            | Self::ShowChipData(_)
            | Self::ConfirmData(_)
            | Self::FaceCapture(_)
            | Self::FaceCompare(_)
            | Self::Decide(_)
            | Self::Sealing(_) => self.greeted().map(|greeted| greeted.language),
        }
    }
}

impl Deciding {
    pub(crate) fn displayed(&self) -> &Displayed {
        match self {
            Self::Blocked(displayed) => displayed,
            Self::Compared(compared) => &compared.with_face.confirmed.displayed,
        }
    }

    pub(crate) fn into_declared(self) -> Declared {
        match self {
            Self::Blocked(displayed) => displayed.judged.chosen.declared,
            Self::Compared(compared) => compared.with_face.confirmed.displayed.judged.chosen.declared,
        }
    }
}
