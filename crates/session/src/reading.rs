//! From the key to the verdict.

use std::sync::Arc;

use chip::ChipEvidence;
use chip::mrtd::AccessKey;
use jiff::Timestamp;
use trust::ChipVerdict;

use crate::code::{Failure, FailureCode, Remedy};
use crate::desk::{Desk, Note};
use crate::event::{Effect, ReadProgress};
use crate::intent::UserIntent;
use crate::key_entry;
use crate::machine::{Next, say};
use crate::state::{Awaiting, Chosen, Judged, Keyed, Portrait, ReadingChip, State, Verifying};
use crate::view::ReadingStep;

/// A lifted card may be put back this often (product.md §11.1).
const MAX_LIFTS: u8 = 3;
/// Other failures of a reading that are worth another try.
const MAX_FAILURES: u8 = 3;

pub(crate) fn user(state: State, intent: UserIntent, desk: &mut Desk, now: Timestamp) -> Next {
    match (state, intent) {
        (State::AccessKey(chosen), UserIntent::Back) => Next::to(State::ChooseDocument(chosen.declared)),
        (State::AccessKey(chosen), UserIntent::EnterMrz { text }) => {
            entered(chosen, key_entry::from_mrz(text), desk, now)
        }
        (State::AccessKey(chosen), UserIntent::EnterKey { document_number, birth, expiry }) => {
            entered(chosen, key_entry::from_fields(document_number, birth, expiry), desk, now)
        }
        (State::AccessKey(chosen), UserIntent::EnterCan { can }) => {
            entered(chosen, key_entry::from_can(can), desk, now)
        }
        (State::AwaitCard(awaiting), UserIntent::Back) => Next::to(State::AccessKey(awaiting.keyed.chosen)),
        (State::AwaitCard(awaiting), UserIntent::Retry) => begin_when_present(awaiting.keyed, desk, now),
        (state, _) => Next::stay(state),
    }
}

fn entered(chosen: Chosen, key: Option<AccessKey>, desk: &mut Desk, now: Timestamp) -> Next {
    let Some(key) = key else {
        // A slip of the finger is not an attempt on the chip.
        say(desk, FailureCode::AccessKeyInvalid);
        return Next::stay(State::AccessKey(chosen));
    };
    begin_when_present(Keyed { chosen, key: Arc::new(key), lifts: 0, failures: 0 }, desk, now)
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

fn begin_when_present(keyed: Keyed, desk: &mut Desk, now: Timestamp) -> Next {
    if !desk.devices.card_present {
        return Next::to(State::AwaitCard(Awaiting { keyed, armed: true }));
    }
    let ticket = desk.next_ticket();
    desk.note = None;
    let effect = Effect::ReadChip { ticket, key: Arc::clone(&keyed.key) };
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

pub(crate) fn failed(state: State, ticket: u32, failure: Failure, desk: &mut Desk) -> Next {
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
    desk.note = Some(Note::Failure(failure));
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
    // A card that still lies there has just failed: wait until it is lifted, or until somebody asks.
    Next::to(State::AwaitCard(Awaiting { keyed, armed: !desk.devices.card_present }))
}

pub(crate) fn judged(state: State, ticket: u32, verdict: ChipVerdict, now: Timestamp) -> Next {
    let State::Verifying(verifying) = state else { return Next::stay(state) };
    if verifying.ticket != ticket {
        return Next::stay(State::Verifying(verifying));
    }
    let Verifying { chosen, evidence, presented_at, .. } = verifying;
    let portrait = Portrait::Decoding;
    let judged = Judged { chosen, evidence, verdict, ticket, portrait, presented_at, shown_at: now };
    Next::to(State::ShowChipData(Box::new(judged)))
}

pub(crate) fn portrayed(state: State, ticket: u32, jpeg: Option<Vec<u8>>, now: Timestamp) -> Next {
    let State::ShowChipData(mut judged) = state else { return Next::stay(state) };
    if judged.ticket == ticket && matches!(judged.portrait, Portrait::Decoding) {
        judged.portrait = Portrait::Decoded(jpeg);
        judged.shown_at = now;
    }
    Next::stay(State::ShowChipData(judged))
}
