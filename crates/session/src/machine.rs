//! The machine: one event in, the next state and the effects out.

use jiff::{SignedDuration, Timestamp};

use crate::choice::{Language, Role};
use crate::code::Failure;
use crate::desk::{Desk, Note};
use crate::event::{Effect, Event};
use crate::intent::UserIntent;
use crate::state::{Opened, State, Wiping};
use crate::view::{Outcome, SessionView};
use crate::{deciding, ending, idle, present, reading, talking};

/// Staff look at the chip content, and at the faces, at least this long (product.md §10.2).
pub const STAFF_DISPLAY: SignedDuration = SignedDuration::from_secs(2);

/// One counter and the session at it.
///
/// ```
/// use session::{Event, Role, Session, UserIntent, view::Screen};
/// let now = jiff::Timestamp::UNIX_EPOCH;
/// let next = Session::new(now).handle(Event::User(UserIntent::Start), now);
/// assert_eq!(next.effects.len(), 1); // somebody must open it
/// assert_eq!(next.session.view(Role::Customer, now).screen, Screen::Opening);
/// ```
pub struct Session {
    pub(crate) state: State,
    pub(crate) desk: Desk,
}

/// What an event led to.
#[must_use]
pub struct Transition {
    pub session: Session,
    /// To be performed in this order.
    pub effects: Vec<Effect>,
}

/// The next state of a step, while it is worked out.
pub(crate) struct Next {
    pub state: State,
    pub effects: Vec<Effect>,
}

impl Next {
    /// Goes nowhere: the event means nothing here.
    pub(crate) fn stay(state: State) -> Self {
        Self { state, effects: Vec::new() }
    }

    pub(crate) fn to(state: State) -> Self {
        Self { state, effects: Vec::new() }
    }

    pub(crate) fn with(mut self, effect: Effect) -> Self {
        self.effects.push(effect);
        self
    }
}

impl Session {
    /// A counter with nobody at it.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        let desk = Desk {
            language: Language::Ja,
            devices: Default::default(),
            deliveries: Vec::new(),
            note: None,
            active_at: now,
            ticket: 0,
        };
        Self { state: State::Idle, desk }
    }

    /// The name of the state.
    #[must_use]
    pub fn state_name(&self) -> &'static str {
        self.state.name()
    }

    /// When [`Event::Tick`] is wanted next: for a countdown, a button that opens, or the end of a message.
    #[must_use]
    pub fn wake_at(&self, now: Timestamp) -> Option<Timestamp> {
        idle::wake_at(self, now)
    }

    /// What a role sees.
    #[must_use]
    pub fn view(&self, role: Role, now: Timestamp) -> SessionView {
        present::view(self, role, now)
    }

    /// Takes one event. Events that mean nothing in a state leave it as it is.
    pub fn handle(self, event: Event, now: Timestamp) -> Transition {
        let Self { state, mut desk } = self;
        let before = state.name();
        if let Event::User(intent) = &event {
            if !matches!(intent, UserIntent::Extend | UserIntent::Touch) {
                desk.note = None;
            }
            desk.active_at = now;
        }
        let Next { state, effects } = match event {
            Event::User(UserIntent::Stop) => stop(state, Outcome::Aborted),
            Event::User(UserIntent::Paper) => stop(state, Outcome::PaperFallback),
            Event::User(intent) => user(state, intent, &mut desk, now),
            Event::Devices(devices) => {
                desk.devices = devices;
                reading::devices_changed(state, &mut desk, now)
            }
            Event::Deliveries(lines) => {
                let next = ending::deliveries_changed(state, &lines);
                desk.deliveries = lines;
                next
            }
            Event::Tick => idle::tick(state, &mut desk, now),
            Event::Opened { id, notices } if matches!(state, State::Opening) => {
                Next::to(State::Language(Opened { id, opened_at: now, notices }))
            }
            Event::Opened { id, .. } => Next::stay(state).with(Effect::Wipe { unsealed: Some(id) }),
            Event::OpenFailed(failure) if matches!(state, State::Opening) => {
                desk.note = Some(Note::Failure(failure));
                wipe(desk.language, Outcome::TechnicalFailure, None)
            }
            Event::OpenFailed(_) => Next::stay(state),
            Event::Progress { ticket, progress } => reading::progress(state, ticket, progress),
            Event::ReadDone { ticket, evidence } => reading::done(state, ticket, evidence, &mut desk),
            Event::ReadFailed { ticket, failure, looks_like } => {
                reading::failed(state, ticket, failure, looks_like, &mut desk)
            }
            Event::VerdictReady { ticket, verdict } => reading::judged(state, ticket, *verdict, now),
            Event::PicturesReady { ticket, pictures } => reading::pictured(state, ticket, pictures, now),
            Event::PhotoTaken { ticket, jpeg } => deciding::photo_taken(state, ticket, jpeg, now),
            Event::PhotoFailed { ticket, failure } => deciding::photo_failed(state, ticket, failure, &mut desk),
            Event::Sealed { id } => ending::sealed(state, id, &mut desk, now),
            Event::SealFailed { id, failure } => ending::seal_failed(state, id, failure, &mut desk),
            Event::Wiped => ending::wiped(state, now),
        };
        if state.name() != before {
            desk.active_at = now;
        }
        Transition { session: Self { state, desk }, effects }
    }
}

fn user(state: State, intent: UserIntent, desk: &mut Desk, now: Timestamp) -> Next {
    match state {
        State::Idle
        | State::Opening
        | State::Language(_)
        | State::Notice(_)
        | State::Declare(_)
        | State::ChooseDocument(_) => talking::user(state, intent, desk, now),
        State::AccessKey(_) | State::AwaitCard(_) | State::Reading(_) | State::Verifying(_) => {
            reading::user(state, intent, desk, now)
        }
        State::ShowChipData(_)
        | State::ConfirmData(_)
        | State::FaceCapture(_)
        | State::FaceCompare(_)
        | State::Decide(_) => deciding::user(state, intent, desk, now),
        State::Sealing(_) | State::Receipt(_) | State::Wiping(_) => ending::user(state, intent, desk),
    }
}

/// Ends a session that is not sealed. What is being sealed, is finished or is being wiped cannot be stopped any more.
pub(crate) fn stop(state: State, outcome: Outcome) -> Next {
    match state {
        State::Idle | State::Opening | State::Sealing(_) | State::Receipt(_) | State::Wiping(_) => Next::stay(state),
        State::Language(_)
        | State::Notice(_)
        | State::Declare(_)
        | State::ChooseDocument(_)
        | State::AccessKey(_)
        | State::AwaitCard(_)
        | State::Reading(_)
        | State::Verifying(_)
        | State::ShowChipData(_)
        | State::ConfirmData(_)
        | State::FaceCapture(_)
        | State::FaceCompare(_)
        | State::Decide(_) => {
            let language = state.language().unwrap_or(Language::Ja);
            let id = state.opened().map(|opened| opened.id);
            drop(state);
            wipe(language, outcome, id)
        }
    }
}

/// The only way out of a session.
pub(crate) fn wipe(language: Language, outcome: Outcome, unsealed: Option<crate::SessionId>) -> Next {
    Next::to(State::Wiping(Wiping { language, outcome, done_at: None })).with(Effect::Wipe { unsealed })
}

/// Says a failure and stays.
pub(crate) fn say(desk: &mut Desk, failure: impl Into<Failure>) {
    desk.note = Some(Note::Failure(failure.into()));
}
