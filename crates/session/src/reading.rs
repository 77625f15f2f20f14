//! From the key to the verdict.

use std::sync::Arc;

use chip::ChipEvidence;
use jiff::Timestamp;
use trust::ChipVerdict;

use crate::chip_key::ChipKey;
use crate::choice::DocumentChoice;
use crate::code::{Failure, FailureCode, Remedy};
use crate::desk::{Desk, Note};
use crate::event::{ChipPictures, Effect, ReadProgress};
use crate::intent::UserIntent;
use crate::key_entry;
use crate::machine::{Next, say};
use crate::state::{Awaiting, Chosen, Judged, Keyed, Pictures, ReadingChip, State, Verifying};
use crate::view::{LastTry, ReadingStep};

/// A lifted card may be put back this often (product.md §11.1).
const MAX_LIFTS: u8 = 3;
/// Other failures of a reading that are worth another try.
const MAX_FAILURES: u8 = 3;

pub(crate) fn user(state: State, intent: UserIntent, desk: &mut Desk, now: Timestamp) -> Next {
    match (state, intent) {
        (State::AccessKey(chosen), UserIntent::Back) => Next::to(State::ChooseDocument(chosen.declared)),
        (State::AccessKey(mut chosen), UserIntent::UnlockLastTry) => {
            if chosen.last_try == LastTry::Asked {
                chosen.last_try = LastTry::Allowed;
            }
            Next::stay(State::AccessKey(chosen))
        }
        (State::AccessKey(chosen), intent) => match key_of(&chosen, intent) {
            Typed::Key(key) => begin_when_present(Keyed { chosen, key: Some(key), lifts: 0, failures: 0 }, desk, now),
            // A slip of the finger is not an attempt on the chip.
            Typed::NoKey(code) => {
                say(desk, code);
                Next::stay(State::AccessKey(chosen))
            }
            Typed::Nothing => Next::stay(State::AccessKey(chosen)),
        },
        (State::AwaitCard(awaiting), UserIntent::Back) => Next::to(State::AccessKey(awaiting.keyed.chosen)),
        (State::AwaitCard(awaiting), UserIntent::Retry) => begin_when_present(awaiting.keyed, desk, now),
        (state, _) => Next::stay(state),
    }
}

/// What somebody typed.
enum Typed {
    Key(ChipKey),
    /// Meant as a key and none.
    NoKey(FailureCode),
    Nothing,
}

/// The key of the chosen document; that of another document opens nothing here.
fn key_of(chosen: &Chosen, intent: UserIntent) -> Typed {
    let last_try = chosen.last_try == LastTry::Allowed;
    let (key, otherwise) = match (chosen.document, intent) {
        (DocumentChoice::Passport, UserIntent::EnterMrz { text }) => {
            (key_entry::from_mrz(text), FailureCode::AccessKeyInvalid)
        }
        (DocumentChoice::Passport, UserIntent::EnterKey { document_number, birth, expiry }) => {
            (key_entry::from_fields(document_number, birth, expiry), FailureCode::AccessKeyInvalid)
        }
        (DocumentChoice::Passport, UserIntent::EnterCan { can }) => {
            (key_entry::from_can(can), FailureCode::AccessKeyInvalid)
        }
        (
            DocumentChoice::ResidenceCard | DocumentChoice::SpecialPermanentResident,
            UserIntent::EnterCardNumber { number },
        ) => (key_entry::from_card_number(number), FailureCode::AccessKeyInvalid),
        (DocumentChoice::MyNumberCard, UserIntent::EnterNumberB { birth, expiry_year, security_code }) => {
            (key_entry::from_number_b(birth, expiry_year, security_code), FailureCode::AccessKeyInvalid)
        }
        (DocumentChoice::MyNumberCard, UserIntent::EnterPin { pin }) => {
            (key_entry::from_text_pin(pin, last_try), FailureCode::PinInvalid)
        }
        (DocumentChoice::DriverLicence, UserIntent::EnterPins { pin1, pin2 }) => {
            (key_entry::from_licence_pins(pin1, pin2, last_try), FailureCode::PinInvalid)
        }
        (_, _) => return Typed::Nothing,
    };
    key.map_or(Typed::NoKey(otherwise), Typed::Key)
}

pub(crate) fn devices_changed(state: State, desk: &mut Desk, now: Timestamp) -> Next {
    match state {
        State::AwaitCard(awaiting) => {
            if !desk.devices.card_present {
                return Next::to(State::AwaitCard(Awaiting { armed: true, ..awaiting }));
            }
            if awaiting.armed {
                begin_when_present(awaiting.keyed, desk, now)
            } else {
                Next::stay(State::AwaitCard(awaiting))
            }
        }
        state @ (State::Idle
        | State::Opening
        | State::Language(_)
        | State::Notice(_)
        | State::Declare(_)
        | State::ChooseDocument(_)
        | State::AccessKey(_)
        | State::Reading(_)
        | State::Verifying(_)
        | State::ShowChipData(_)
        | State::ConfirmData(_)
        | State::FaceCapture(_)
        | State::FaceCompare(_)
        | State::Decide(_)
        | State::Sealing(_)
        | State::Receipt(_)
        | State::Wiping(_)) => Next::stay(state),
    }
}

fn begin_when_present(mut keyed: Keyed, desk: &mut Desk, now: Timestamp) -> Next {
    if !desk.devices.card_present {
        return Next::to(State::AwaitCard(Awaiting { keyed, armed: true }));
    }
    let Some(key) = keyed.key.take() else { return Next::to(State::AccessKey(keyed.chosen)) };
    keyed.key = key.again();
    // An allowed last try is used now; the next one would have to be allowed anew.
    keyed.chosen.last_try = LastTry::NotAsked;
    let ticket = desk.next_ticket();
    desk.note = None;
    let effect = Effect::ReadChip { ticket, key };
    let reading = ReadingChip {
        keyed,
        ticket,
        presented_at: now,
        step: ReadingStep::Opening,
        percent: 0,
        file: None,
        files_done: 0,
        bytes: 0,
    };
    Next::to(State::Reading(reading)).with(effect)
}

pub(crate) fn progress(state: State, ticket: u32, progress: ReadProgress) -> Next {
    let State::Reading(mut reading) = state else { return Next::stay(state) };
    if reading.ticket != ticket {
        return Next::stay(State::Reading(reading));
    }
    let percent = match progress {
        ReadProgress::Opening => 4,
        ReadProgress::Reading { file, bytes, of } => {
            reading.step = reading.step.max(ReadingStep::Reading);
            let percent = percent_of(&file, bytes, of);
            if reading.file.as_deref().is_some_and(|before| before != file) {
                reading.files_done = reading.files_done.saturating_add(1);
            }
            reading.file = Some(file);
            reading.bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
            percent
        }
        ReadProgress::File { file, done, of } => {
            reading.step = reading.step.max(ReadingStep::Reading);
            reading.file = Some(file);
            reading.files_done = u8::try_from(done).unwrap_or(u8::MAX);
            u8::try_from(6 + done.min(of).saturating_mul(88).checked_div(of).unwrap_or(0)).unwrap_or(94)
        }
        ReadProgress::ProvingChip => 30,
        ReadProgress::Done => {
            reading.step = ReadingStep::CheckingSeal;
            96
        }
    };
    reading.percent = reading.percent.max(percent);
    Next::stay(State::Reading(reading))
}

/// Where a file lies on the bar. The portrait is nearly all of the bytes.
fn percent_of(file: &str, bytes: usize, of: usize) -> u8 {
    let (from, to) = match file {
        "EF.CardAccess" | "EF.CardSecurity" => (4, 6),
        "EF.SOD" => (6, 18),
        "DG1" => (18, 20),
        "EF.COM" => (20, 22),
        "DG14" | "DG15" => (22, 28),
        "DG2" => (32, 94),
        _ => (6, 28),
    };
    let part = bytes.min(of).saturating_mul(to - from).checked_div(of).unwrap_or(0);
    u8::try_from(from + part).unwrap_or(94)
}

pub(crate) fn done(state: State, ticket: u32, evidence: Arc<ChipEvidence>, desk: &mut Desk) -> Next {
    let State::Reading(reading) = state else { return Next::stay(state) };
    if reading.ticket != ticket {
        return Next::stay(State::Reading(reading));
    }
    let ticket = desk.next_ticket();
    let verifying = Verifying {
        chosen: reading.keyed.chosen,
        ticket,
        evidence: Arc::clone(&evidence),
        presented_at: reading.presented_at,
    };
    Next::to(State::Verifying(verifying)).with(Effect::Judge { ticket, evidence })
}

pub(crate) fn failed(
    state: State,
    ticket: u32,
    failure: Failure,
    looks_like: Option<DocumentChoice>,
    desk: &mut Desk,
) -> Next {
    if let State::Verifying(verifying) = state {
        if verifying.ticket != ticket {
            return Next::stay(State::Verifying(verifying));
        }
        desk.note = Some(Note::Failure(failure));
        return Next::to(State::ChooseDocument(verifying.chosen.declared));
    }
    let State::Reading(reading) = state else { return Next::stay(state) };
    if reading.ticket != ticket {
        return Next::stay(State::Reading(reading));
    }
    let mut keyed = reading.keyed;
    desk.note = Some(match looks_like {
        Some(document) if document != keyed.chosen.document => Note::LooksLike(failure, document),
        Some(_) | None => Note::Failure(failure),
    });
    if failure.code == FailureCode::PinLastTryConsent {
        keyed.chosen.last_try = LastTry::Asked;
        keyed.chosen.card_tries_left = Some(1);
        return Next::to(State::AccessKey(keyed.chosen));
    }
    if matches!(failure.code, FailureCode::PinWrong | FailureCode::DlPin2Wrong) {
        keyed.chosen.card_tries_left = failure.parameter;
    }
    match failure.code.entry().remedy {
        Remedy::Reposition => {
            keyed.lifts = keyed.lifts.saturating_add(1);
            if keyed.lifts > MAX_LIFTS {
                say(desk, FailureCode::CardLiftedTooOften);
                return Next::to(State::ChooseDocument(keyed.chosen.declared));
            }
        }
        Remedy::ReenterKey => {
            keyed.chosen.key_tries_left = keyed.chosen.key_tries_left.saturating_sub(1);
            if keyed.chosen.key_tries_left == 0 {
                say(desk, FailureCode::AccessKeyTriesUsed);
                return Next::to(State::ChooseDocument(keyed.chosen.declared));
            }
            return Next::to(State::AccessKey(keyed.chosen));
        }
        Remedy::OtherDocument | Remedy::StaffDecides => return Next::to(State::ChooseDocument(keyed.chosen.declared)),
        Remedy::Retry | Remedy::CallStaff | Remedy::CallOperator | Remedy::GoOn => {
            keyed.failures = keyed.failures.saturating_add(1);
            if keyed.failures > MAX_FAILURES {
                return Next::to(State::ChooseDocument(keyed.chosen.declared));
            }
        }
    }
    if keyed.key.is_none() {
        // The secret was sent, or may have been: only its holder can say it again.
        if failure.code.entry().remedy == Remedy::Reposition {
            desk.note = Some(Note::Hint("access_key.moved_enter_again"));
        }
        return Next::to(State::AccessKey(keyed.chosen));
    }
    // A card that still lies there has just failed: wait until it is lifted, or until somebody asks.
    Next::to(State::AwaitCard(Awaiting { keyed, armed: !desk.devices.card_present }))
}

pub(crate) fn judged(state: State, ticket: u32, verdict: ChipVerdict, now: Timestamp) -> Next {
    let State::Verifying(verifying) = state else { return Next::stay(state) };
    if verifying.ticket != ticket {
        return Next::stay(State::Verifying(verifying));
    }
    let Verifying { mut chosen, evidence, presented_at, .. } = verifying;
    chosen.document = DocumentChoice::of(verdict.document);
    let pictures = Pictures::Decoding;
    let judged =
        Judged { chosen, evidence, verdict, ticket, pictures, presented_at, printed_expiry: None, shown_at: now };
    Next::to(State::ShowChipData(Box::new(judged)))
}

pub(crate) fn pictured(state: State, ticket: u32, pictures: ChipPictures, now: Timestamp) -> Next {
    let State::ShowChipData(mut judged) = state else { return Next::stay(state) };
    if judged.ticket == ticket && matches!(judged.pictures, Pictures::Decoding) {
        judged.pictures = Pictures::Decoded(pictures);
        judged.shown_at = now;
    }
    Next::stay(State::ShowChipData(judged))
}
