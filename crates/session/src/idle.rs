//! Time: the idle clock with its countdown, buttons that open, messages that end (product.md §12).

use jiff::{SignedDuration, Timestamp};

use crate::desk::Desk;
use crate::machine::{Next, STAFF_DISPLAY, Session, stop, wipe};
use crate::state::State;
use crate::view::Outcome;

/// "Time almost up" is shown this long before everything is erased.
const COUNTDOWN: SignedDuration = SignedDuration::from_secs(30);
/// How long "everything was erased" stays.
const FAREWELL: SignedDuration = SignedDuration::from_secs(15);

/// How long a state waits for a person before the countdown begins; `None` where a machine is at work or nothing is at stake.
fn patience(state: &State) -> Option<SignedDuration> {
    let seconds = match state {
        State::Idle
        | State::Opening
        | State::Reading(_)
        | State::Verifying(_)
        | State::Sealing(_)
        | State::Wiping(_) => return None,
        State::Notice(_) => 90,
        State::Language(_)
        | State::Declare(_)
        | State::ChooseDocument(_)
        | State::AccessKey(_)
        | State::AwaitCard(_)
        | State::ConfirmData(_)
        | State::FaceCapture(_)
        | State::Receipt(_) => 60,
        // Staff: an unsealed session is erased after half an hour.
        State::ShowChipData(_) | State::FaceCompare(_) | State::Decide(_) => 1770,
    };
    Some(SignedDuration::from_secs(seconds))
}

/// Seconds left in the countdown, rounded up, when it runs.
pub(crate) fn countdown(state: &State, desk: &Desk, now: Timestamp) -> Option<u32> {
    let idle = now.duration_since(desk.active_at);
    let over = idle.checked_sub(patience(state)?)?;
    if over.is_negative() {
        return None;
    }
    let left = COUNTDOWN.checked_sub(over)?.as_millis().max(0);
    u32::try_from((left + 999) / 1000).ok()
}

/// Milliseconds until buttons open that open only after the display time.
pub(crate) fn wait_ms(shown_at: Timestamp, now: Timestamp) -> u32 {
    let left = STAFF_DISPLAY.as_millis() - now.duration_since(shown_at).as_millis();
    u32::try_from(left.clamp(0, STAFF_DISPLAY.as_millis())).unwrap_or(0)
}

pub(crate) fn tick(state: State, desk: &mut Desk, now: Timestamp) -> Next {
    if let State::Wiping(wiping) = &state {
        return match wiping.done_at {
            Some(done_at) if now.duration_since(done_at) >= FAREWELL => {
                desk.note = None;
                Next::to(State::Idle)
            }
            Some(_) | None => Next::stay(state),
        };
    }
    let Some(patience) = patience(&state) else { return Next::stay(state) };
    if now.duration_since(desk.active_at) < patience + COUNTDOWN {
        return Next::stay(state);
    }
    if let State::Receipt(receipt) = state {
        wipe(receipt.language, Outcome::Completed, None)
    } else {
        stop(state, Outcome::Expired)
    }
}

pub(crate) fn wake_at(session: &Session, now: Timestamp) -> Option<Timestamp> {
    let Session { state, desk } = session;
    let mut wakes = Vec::new();
    if let State::Wiping(wiping) = state {
        wakes.extend(wiping.done_at.and_then(|at| at.checked_add(FAREWELL).ok()));
    }
    let shown_at = match state {
        State::ShowChipData(judged) => Some(judged.shown_at),
        State::FaceCompare(with_face) => Some(with_face.shown_at),
        State::Idle
        | State::Opening
        | State::Language(_)
        | State::Notice(_)
        | State::Declare(_)
        | State::ChooseDocument(_)
        | State::AccessKey(_)
        | State::AwaitCard(_)
        | State::Reading(_)
        | State::Verifying(_)
        | State::ConfirmData(_)
        | State::FaceCapture(_)
        | State::Decide(_)
        | State::Sealing(_)
        | State::Receipt(_)
        | State::Wiping(_) => None,
    };
    wakes.extend(shown_at.and_then(|at| at.checked_add(STAFF_DISPLAY).ok()).filter(|at| *at > now));
    if let Some(patience) = patience(state) {
        let warning = desk.active_at.checked_add(patience).ok();
        match countdown(state, desk, now) {
            // Once a second while it counts down.
            Some(_) => wakes.extend(now.checked_add(SignedDuration::from_secs(1)).ok()),
            None => wakes.extend(warning),
        }
    }
    wakes.into_iter().min()
}
