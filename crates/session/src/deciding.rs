//! From the chip content on the staff surface to the decision.

use jiff::Timestamp;

use trust::{Chain, DataSignature};

use crate::choice::{DocumentChoice, HumanVerdict};
use crate::code::{Failure, FailureCode};
use crate::desk::{Desk, Note};
use crate::event::Effect;
use crate::intent::UserIntent;
use crate::machine::{Next, STAFF_DISPLAY, say, stop};
use crate::record;
use crate::state::{Capturing, Compared, Confirmed, Deciding, Displayed, LivePhoto, Pictures, State, WithFace};
use crate::view::{MissingItem, Outcome};

/// Photos before staff go on without one (product.md §12).
const PHOTO_TRIES: u8 = 3;
/// A photo of one face needs no more.
const MAX_PHOTO: usize = 4 * 1024 * 1024;

pub(crate) fn user(state: State, intent: UserIntent, desk: &mut Desk, now: Timestamp) -> Next {
    match (state, intent) {
        (State::ShowChipData(mut judged), UserIntent::EnterPrintedExpiry { date }) => {
            if judged.wants_printed_expiry() {
                match date.parse() {
                    Ok(expiry) => judged.printed_expiry = Some(expiry),
                    Err(_) => say(desk, FailureCode::DateInvalid),
                }
            }
            Next::stay(State::ShowChipData(judged))
        }
        (State::ShowChipData(judged), UserIntent::StaffDisplayed) => {
            if matches!(judged.pictures, Pictures::Decoding) || now.duration_since(judged.shown_at) < STAFF_DISPLAY {
                return Next::stay(State::ShowChipData(judged));
            }
            let displayed = Displayed { judged: *judged, displayed_at: now, disputed: false };
            if displayed.judged.is_red() {
                return Next::to(State::Decide(Box::new(Deciding::Blocked(displayed))));
            }
            Next::to(State::ConfirmData(Box::new(displayed)))
        }
        (State::ConfirmData(displayed), UserIntent::ConfirmData) => confirmed(*displayed, now),
        (State::ConfirmData(mut displayed), UserIntent::DisputeData) => {
            displayed.disputed = true;
            desk.note = Some(Note::Hint("confirm_data.staff_will_help"));
            Next::stay(State::ConfirmData(displayed))
        }
        (State::FaceCapture(mut capturing), UserIntent::TakePhoto)
            if capturing.taking.is_none() && capturing.photo.is_none() =>
        {
            if capturing.tries_left == 0 {
                say(desk, FailureCode::PhotoTriesUsed);
                return Next::stay(State::FaceCapture(capturing));
            }
            let ticket = desk.next_ticket();
            capturing.taking = Some(ticket);
            Next::stay(State::FaceCapture(capturing)).with(Effect::TakePhoto { ticket })
        }
        (State::FaceCapture(mut capturing), UserIntent::RetakePhoto) => {
            capturing.photo = None;
            Next::stay(State::FaceCapture(capturing))
        }
        (State::FaceCapture(capturing), UserIntent::UsePhoto) if capturing.photo.is_some() => {
            let Capturing { confirmed, photo, .. } = *capturing;
            Next::to(State::FaceCompare(Box::new(WithFace { confirmed, photo, shown_at: now })))
                .with(Effect::CloseCamera)
        }
        (State::FaceCapture(capturing), UserIntent::SkipFace) => {
            let with_face = WithFace { confirmed: capturing.confirmed, photo: None, shown_at: now };
            Next::to(State::FaceCompare(Box::new(with_face))).with(Effect::CloseCamera)
        }
        (State::FaceCompare(with_face), UserIntent::JudgeFace { verdict }) => {
            if now.duration_since(with_face.shown_at) < STAFF_DISPLAY {
                return Next::stay(State::FaceCompare(with_face));
            }
            let compared = Compared { with_face: *with_face, human: verdict, compared_at: now, residence_later: false };
            Next::to(State::Decide(Box::new(Deciding::Compared(compared))))
        }
        (State::Decide(deciding), UserIntent::Back) => back_to_faces(*deciding, now),
        (State::Decide(deciding), UserIntent::Accept { residence_later }) => {
            accept(*deciding, residence_later, desk, now)
        }
        (State::Decide(deciding), UserIntent::AnotherDocument) => {
            Next::to(State::ChooseDocument(deciding.into_declared()))
        }
        (State::ConfirmData(displayed), UserIntent::AnotherDocument) => {
            Next::to(State::ChooseDocument(displayed.judged.chosen.declared))
        }
        (state @ (State::ConfirmData(_) | State::Decide(_) | State::FaceCompare(_)), UserIntent::Refuse { .. }) => {
            stop(state, Outcome::Refused)
        }
        (state, _) => Next::stay(state),
    }
}

fn confirmed(displayed: Displayed, now: Timestamp) -> Next {
    let wants_photo = displayed.judged.chosen.declared.consented.face_photo;
    let confirmed = Confirmed { displayed, confirmed_at: now };
    if !wants_photo {
        return Next::to(State::FaceCompare(Box::new(WithFace { confirmed, photo: None, shown_at: now })));
    }
    let capturing = Capturing { confirmed, taking: None, photo: None, tries_left: PHOTO_TRIES };
    Next::to(State::FaceCapture(Box::new(capturing))).with(Effect::OpenCamera)
}

pub(crate) fn photo_taken(state: State, ticket: u32, jpeg: Vec<u8>, now: Timestamp) -> Next {
    let State::FaceCapture(mut capturing) = state else { return Next::stay(state) };
    if capturing.taking != Some(ticket) {
        return Next::stay(State::FaceCapture(capturing));
    }
    capturing.taking = None;
    if !jpeg.is_empty() && jpeg.len() <= MAX_PHOTO {
        capturing.tries_left = capturing.tries_left.saturating_sub(1);
        capturing.photo = Some(LivePhoto { jpeg, taken_at: now });
    }
    Next::stay(State::FaceCapture(capturing))
}

pub(crate) fn photo_failed(state: State, ticket: u32, failure: Failure, desk: &mut Desk) -> Next {
    let State::FaceCapture(mut capturing) = state else { return Next::stay(state) };
    if capturing.taking == Some(ticket) {
        capturing.taking = None;
        desk.note = Some(Note::Failure(failure));
    }
    Next::stay(State::FaceCapture(capturing))
}

fn back_to_faces(deciding: Deciding, now: Timestamp) -> Next {
    match deciding {
        Deciding::Compared(compared) => {
            Next::to(State::FaceCompare(Box::new(WithFace { shown_at: now, ..compared.with_face })))
        }
        blocked @ Deciding::Blocked(_) => Next::stay(State::Decide(Box::new(blocked))),
    }
}

fn accept(deciding: Deciding, residence_later: bool, desk: &mut Desk, now: Timestamp) -> Next {
    let Deciding::Compared(mut compared) = deciding else { return Next::stay(State::Decide(Box::new(deciding))) };
    compared.residence_later = residence_later;
    let owed = missing(compared.with_face.confirmed.displayed.judged.chosen.document);
    if closed_because(&compared, now).is_some() || (!owed.is_empty() && !residence_later) {
        return Next::stay(State::Decide(Box::new(Deciding::Compared(compared))));
    }
    match record::assemble(&compared, &owed, now) {
        Ok(accepted) => Next::to(State::Sealing(Box::new(compared))).with(Effect::Seal(Box::new(accepted))),
        Err(record::AssembleError) => {
            say(desk, FailureCode::SealFailed);
            Next::stay(State::Decide(Box::new(Deciding::Compared(compared))))
        }
    }
}

/// What the method still needs: a passport states no residence (product.md §6.4).
pub(crate) fn missing(document: DocumentChoice) -> Vec<MissingItem> {
    if document == DocumentChoice::Passport { vec![MissingItem::ResidenceSupplement] } else { Vec::new() }
}

/// Why the chip method is not satisfied, if it is not: text `decide.closed.<id>`. An unknown issuer proves nothing, so a valid
/// signature alone does not satisfy it.
pub(crate) fn closed_because(compared: &Compared, now: Timestamp) -> Option<&'static str> {
    let verdict = &compared.with_face.confirmed.displayed.judged.verdict;
    if compared.with_face.confirmed.displayed.judged.is_red() {
        return Some("verdict_red");
    }
    if !matches!(verdict.data_signature, DataSignature::Valid) {
        return Some("signature_not_verified");
    }
    if !matches!(verdict.chain, Chain::Trusted | Chain::RevocationUnknown { .. }) {
        return Some("issuer_unknown");
    }
    let judged = &compared.with_face.confirmed.displayed.judged;
    if judged.wants_printed_expiry() && judged.printed_expiry.is_none() {
        return Some("expiry_not_read");
    }
    if !judged.in_date(now) {
        return Some("not_in_date");
    }
    match compared.human {
        HumanVerdict::Same => None,
        HumanVerdict::Unsure => Some("face_unsure"),
        HumanVerdict::NotSame => Some("face_not_same"),
    }
}
