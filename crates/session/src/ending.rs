//! Sealing, receipt, wiping.

use jiff::Timestamp;

use crate::code::Failure;
use crate::desk::{Desk, Note};
use crate::event::Effect;
use crate::id::SessionId;
use crate::intent::UserIntent;
use crate::machine::{Next, wipe};
use crate::masking;
use crate::state::{Deciding, Receipt, State};
use crate::view::{DeliveryLine, DeliveryStep, Outcome};

pub(crate) fn user(state: State, intent: UserIntent, desk: &mut Desk) -> Next {
    match (state, intent) {
        (State::Receipt(receipt), UserIntent::Finish) => wipe(receipt.language, Outcome::Completed, None),
        (State::Wiping(wiping), UserIntent::Start | UserIntent::Finish) if wiping.done_at.is_some() => {
            desk.note = None;
            Next::to(State::Idle)
        }
        (state, _) => Next::stay(state),
    }
}

pub(crate) fn sealed(state: State, id: SessionId, desk: &mut Desk, now: Timestamp) -> Next {
    let State::Sealing(compared) = state else { return Next::stay(state) };
    let judged = &compared.with_face.confirmed.displayed.judged;
    let greeted = &judged.chosen.declared.consented.greeted;
    if greeted.opened.id != id {
        return Next::stay(State::Sealing(compared));
    }
    desk.note = None;
    let receipt = Receipt {
        id,
        language: greeted.language,
        sealed_at: now,
        document: judged.chosen.document,
        document_number: masking::on_print(
            judged.chosen.document,
            judged.verdict.fields.document_number.as_deref().unwrap_or_default(),
        ),
        notice_version: greeted.opened.notices.version().to_owned(),
        delivery: DeliveryStep::Queued,
        listed: false,
    };
    Next::to(State::Receipt(receipt)).with(Effect::Deliver)
}

/// Nothing was kept: the decision stands open again, and can be repeated when the cause is gone.
pub(crate) fn seal_failed(state: State, id: SessionId, failure: Failure, desk: &mut Desk) -> Next {
    let State::Sealing(compared) = state else { return Next::stay(state) };
    if compared.with_face.confirmed.displayed.judged.chosen.declared.consented.greeted.opened.id != id {
        return Next::stay(State::Sealing(compared));
    }
    desk.note = Some(Note::Failure(failure));
    Next::to(State::Decide(Box::new(Deciding::Compared(*compared))))
}

pub(crate) fn deliveries_changed(state: State, lines: &[DeliveryLine]) -> Next {
    let State::Receipt(mut receipt) = state else { return Next::stay(state) };
    let short = receipt.id.short();
    match lines.iter().find(|line| line.short_id == short) {
        Some(line) => {
            receipt.listed = true;
            receipt.delivery = line.step;
        }
        // A row leaves the list when its receipt arrived. A list older than the row says nothing.
        None if receipt.listed => receipt.delivery = DeliveryStep::Receipted,
        None => {}
    }
    Next::stay(State::Receipt(receipt))
}

pub(crate) fn wiped(state: State, now: Timestamp) -> Next {
    let State::Wiping(mut wiping) = state else { return Next::stay(state) };
    if wiping.outcome == Outcome::Completed {
        return Next::to(State::Idle);
    }
    wiping.done_at.get_or_insert(now);
    Next::stay(State::Wiping(wiping))
}
