//! The one thread that owns the session and performs its effects.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use chip::mrtd::{AccessKey, Kept};
use chip_crypto::hash::{HashAlgorithm, digest};
use chip_crypto::random::SecureRandom as _;
use session::view::{DeliveryLine, DeviceState};
use session::{Accepted, ChipKey, Effect, Event, FailureCode, NoticeSet, Role, Session, SessionId, UserIntent};
use trust::{Ahead, Issuers};

use crate::camera::{CameraReport, CameraRun, take_photo};
use crate::chip_reading::{AheadSlot, ChipReading};
use crate::config::KioskConfig;
use crate::devices::DeviceTable;
use crate::handle::Shared;
use crate::learned::LearnedLimits;
use crate::outbox::{self, Call, SharedStore, lock};
use crate::pictures;
use crate::ports::{Cameras, Clock, ReaderEvent, ReaderInfo, Readers, ReadersError, Ui};
use crate::preview::PreviewSlot;
use crate::random::SharedEntropy;

/// Everything the actor hears.
pub(crate) enum Input {
    User(UserIntent),
    Session(Event),
    Reader(ReaderEvent),
    ReadersListed(Result<Vec<ReaderInfo>, ReadersError>),
    Camera(CameraReport),
    Backend(DeviceState, Option<FailureCode>),
    Deliveries(Vec<DeliveryLine>),
    Store { closed: Option<FailureCode>, clock_trusted: bool },
    Trust(Arc<Issuers>),
    Tick,
    End,
}

/// How long a verdict may take before people are told that it is being formed.
const VERDICT: Duration = Duration::from_millis(20);
/// After this a view is shown even if the next one is already due.
const LONGEST_SILENCE: Duration = Duration::from_millis(50);

pub(crate) struct Actor {
    pub config: KioskConfig,
    pub readers: Arc<dyn Readers>,
    pub cameras: Arc<dyn Cameras>,
    pub store: SharedStore,
    pub ui: Arc<dyn Ui>,
    pub clock: Arc<dyn Clock>,
    pub random: SharedEntropy,
    pub notices: Arc<NoticeSet>,
    pub inbox: Receiver<Input>,
    /// Taken from the inbox before its turn.
    pub ahead: Option<Input>,
    pub shown: Instant,
    pub own: Sender<Input>,
    pub outbox: Sender<Call>,
    pub shared: Arc<Shared>,
    pub slot: Arc<PreviewSlot>,
    pub devices: DeviceTable,
    pub reading: Option<Arc<AtomicBool>>,
    /// What was verified while the last reading went on.
    pub verified: AheadSlot,
    /// What readings taught about kinds of cards in a reader.
    pub learned: LearnedLimits,
    /// What was read with this key before a lift.
    pub kept: Option<(Arc<AccessKey>, Arc<Mutex<Kept>>)>,
    pub camera: Option<(Arc<AtomicBool>, JoinHandle<()>)>,
}

impl Actor {
    pub(crate) fn run(mut self) {
        let mut session = Session::new(self.clock.now());
        self.show(&session);
        loop {
            let input = self.next(&session);
            if matches!(input, Input::End) {
                break;
            }
            let Some(event) = self.event_of(input) else { continue };
            session = self.feed(session, event);
            if !self.more_to_come(&session) {
                self.show(&session);
            }
        }
        self.stop_reading();
        self.close_camera();
        let _ = self.outbox.send(Call::End);
        // Power-off in the middle of a session: it is wiped like any other stop.
        let _ = self.feed(session, Event::User(UserIntent::Stop));
    }

    /// Waits for the next input, no longer than the session wants to sleep.
    fn next(&mut self, session: &Session) -> Input {
        if let Some(input) = self.ahead.take() {
            return input;
        }
        let now = self.clock.now();
        let received = match session.wake_at(now) {
            Some(at) => {
                let wait = Duration::try_from(at.duration_since(now)).unwrap_or_default();
                self.inbox.recv_timeout(wait.max(Duration::from_millis(10)))
            }
            None => self.inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match received {
            Ok(input) => input,
            Err(RecvTimeoutError::Timeout) => Input::Tick,
            Err(RecvTimeoutError::Disconnected) => Input::End,
        }
    }

    /// Whether the view is about to change before anybody could have seen it: by what already waits, or by a verdict, which takes
    /// a few milliseconds. Drawing it all the same would only make the page late for the next one.
    fn more_to_come(&mut self, session: &Session) -> bool {
        if self.shown.elapsed() > LONGEST_SILENCE {
            return false;
        }
        let patience = if session.state_name() == "verifying" { VERDICT } else { Duration::ZERO };
        self.ahead = self.inbox.recv_timeout(patience).ok();
        self.ahead.is_some()
    }

    fn event_of(&mut self, input: Input) -> Option<Event> {
        match input {
            Input::User(intent) => {
                tracing::debug!(intent = intent.name(), "user");
                return Some(Event::User(intent));
            }
            Input::Session(event) => return Some(event),
            Input::Deliveries(lines) => return Some(Event::Deliveries(lines)),
            Input::Tick => return Some(Event::Tick),
            Input::Reader(event) => {
                let back = event == ReaderEvent::ServiceBack;
                self.devices.reader_event(event);
                if back {
                    self.list_readers();
                }
            }
            Input::ReadersListed(readers) => self.devices.listed(readers),
            Input::Camera(report) => self.devices.camera(report),
            Input::Backend(state, failure) => self.devices.backend(state, failure),
            Input::Store { closed, clock_trusted } => self.devices.store(closed, clock_trusted),
            Input::Trust(trust) => {
                self.config.trust = trust;
                return None;
            }
            Input::End => return None,
        }
        Some(Event::Devices(self.devices.snapshot()))
    }

    /// Lets the session take an event, performs what it asks for, and feeds the immediate answers back.
    fn feed(&mut self, mut session: Session, event: Event) -> Session {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let before = session.state_name();
            let next = session.handle(event, self.clock.now());
            session = next.session;
            if session.state_name() != before {
                tracing::info!(from = before, to = session.state_name(), "session");
            }
            for effect in next.effects {
                // What takes long is shown before it begins.
                if matches!(effect, Effect::Seal(_)) {
                    self.show(&session);
                }
                events.extend(self.perform(effect));
            }
        }
        session
    }

    fn perform(&mut self, effect: Effect) -> Option<Event> {
        match effect {
            Effect::Open => return Some(self.open()),
            Effect::ReadChip { ticket, key } => return self.read_chip(ticket, key),
            Effect::StopReading => self.stop_reading(),
            Effect::Judge { ticket, evidence } => {
                self.kept = None;
                let ahead = self.taken_ahead();
                let (door, trust, at) = (self.config.chip, Arc::clone(&self.config.trust), self.clock.now());
                let (inbox, failed) = (self.own.clone(), FailureCode::VerdictUnavailable.into());
                thread::spawn(move || {
                    let judged = std::panic::catch_unwind(|| (door.judge)(&evidence, ahead, &trust, at));
                    let event = match judged {
                        Ok(verdict) => {
                            tracing::info!(level = verdict.level().name(), codes = ?verdict.codes(), "verdict");
                            Event::VerdictReady { ticket, verdict: Box::new(verdict) }
                        }
                        Err(_) => Event::ReadFailed { ticket, failure: failed, looks_like: None },
                    };
                    let _ = inbox.send(Input::Session(event));
                    let pictures = std::panic::catch_unwind(|| pictures::of(&evidence)).unwrap_or_default();
                    let _ = inbox.send(Input::Session(Event::PicturesReady { ticket, pictures }));
                });
            }
            Effect::OpenCamera => self.open_camera(),
            Effect::CloseCamera => self.close_camera(),
            Effect::TakePhoto { ticket } => {
                let (slot, inbox) = (Arc::clone(&self.slot), self.own.clone());
                thread::spawn(move || {
                    let _ = inbox.send(Input::Session(take_photo(&slot, ticket)));
                });
            }
            Effect::Seal(accepted) => return Some(self.seal(&accepted)),
            Effect::Deliver => {
                let _ = self.outbox.send(Call::Deliver);
            }
            Effect::Wipe { unsealed } => return Some(self.wipe(unsealed)),
        }
        None
    }

    fn open(&mut self) -> Event {
        let now = self.clock.now();
        let mut random = [0; 10];
        if self.random.fill(&mut random).is_err() {
            return Event::OpenFailed(FailureCode::RandomUnavailable.into());
        }
        let id = SessionId::from_time(now, random);
        let began = lock(&self.store).begin(id, now);
        match began {
            Ok(()) => {
                tracing::info!(session = %id, "opened");
                Event::Opened { id, notices: Arc::clone(&self.notices) }
            }
            Err(error) => {
                let code = FailureCode::from(error);
                tracing::error!(code = code.name(), "a session could not begin");
                Event::OpenFailed(code.into())
            }
        }
    }

    fn read_chip(&mut self, ticket: u32, key: ChipKey) -> Option<Event> {
        self.stop_reading();
        let Some(reader) = self.devices.reader_with_card().map(str::to_owned) else {
            let failure = FailureCode::CardRemoved.into();
            return Some(Event::ReadFailed { ticket, failure, looks_like: None });
        };
        let stop = Arc::new(AtomicBool::new(false));
        self.reading = Some(Arc::clone(&stop));
        let kept = self.kept_for(&key);
        let reading = ChipReading {
            readers: Arc::clone(&self.readers),
            reader,
            plan: self.config.plan,
            learned: self.learned.clone(),
            issuers: Arc::clone(&self.config.trust),
            at: self.clock.now(),
            verified: Arc::clone(&self.verified),
            door: self.config.chip,
            random: self.random.clone(),
            stop,
            kept,
            ticket,
            inbox: self.own.clone(),
        };
        thread::spawn(move || reading.run(key));
        None
    }

    /// What was verified ahead with the issuers that are believed now; of any other use it is forgotten.
    fn taken_ahead(&self) -> Option<Ahead> {
        let taken = self.verified.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        Arc::ptr_eq(&taken.issuers, &self.config.trust).then_some(taken.ahead)
    }

    /// What earlier readings with the very same key brought; any other key begins anew.
    fn kept_for(&mut self, key: &ChipKey) -> Arc<Mutex<Kept>> {
        let ChipKey::Passport(key) = key else {
            self.kept = None;
            return Arc::default();
        };
        match &self.kept {
            Some((before, kept)) if Arc::ptr_eq(before, key) => Arc::clone(kept),
            Some(_) | None => {
                let kept = Arc::default();
                self.kept = Some((Arc::clone(key), Arc::clone(&kept)));
                kept
            }
        }
    }

    fn stop_reading(&mut self) {
        if let Some(stop) = self.reading.take() {
            stop.store(true, Ordering::Relaxed);
        }
    }

    fn open_camera(&mut self) {
        let before = self.camera.take().map(|(stop, thread)| {
            stop.store(true, Ordering::Relaxed);
            thread
        });
        let stop = Arc::new(AtomicBool::new(false));
        let run = CameraRun {
            cameras: Arc::clone(&self.cameras),
            wanted: self.config.camera.clone(),
            slot: Arc::clone(&self.slot),
            ui: Arc::clone(&self.ui),
            stall: self.config.camera_stall,
            stop: Arc::clone(&stop),
            inbox: self.own.clone(),
            before,
        };
        self.camera = Some((stop, thread::spawn(move || run.run())));
    }

    fn close_camera(&mut self) {
        // The thread is kept: the next run waits for it before it opens the device again.
        if let Some((stop, _)) = &self.camera {
            stop.store(true, Ordering::Relaxed);
        }
        self.slot.clear();
    }

    fn seal(&mut self, accepted: &Accepted) -> Event {
        let now = self.clock.now();
        let sealed = lock(&self.store).accept(accepted, now);
        match sealed {
            Ok(sealed) => {
                tracing::info!(session = %sealed.id, bytes = sealed.size, "sealed");
                outbox::report(&self.store, &self.own, now);
                Event::Sealed { id: sealed.id }
            }
            Err(error) => {
                let code = FailureCode::from(error);
                tracing::error!(code = code.name(), "not sealed");
                Event::SealFailed { id: accepted.id, failure: code.into() }
            }
        }
    }

    fn wipe(&mut self, unsealed: Option<SessionId>) -> Event {
        self.stop_reading();
        self.kept = None;
        self.taken_ahead();
        self.close_camera();
        if let Some(id) = unsealed {
            let abandoned = lock(&self.store).abandon(id, self.clock.now());
            if let Err(error) = abandoned {
                tracing::error!(code = FailureCode::from(error).name(), session = %id, "not abandoned in the store");
            }
        }
        tracing::info!("wiped");
        Event::Wiped
    }

    fn list_readers(&self) {
        let (readers, inbox) = (Arc::clone(&self.readers), self.own.clone());
        thread::spawn(move || inbox.send(Input::ReadersListed(readers.list())));
    }

    fn show(&mut self, session: &Session) {
        self.shown = Instant::now();
        let now = self.clock.now();
        for role in Role::ALL {
            let view = session.view(role, now);
            if let Some(view) = self.shared.put(role, view) {
                self.ui.show(role, &view);
            }
        }
    }
}

/// SHA-256 of a notice text.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    digest(HashAlgorithm::Sha256, &[bytes]).try_into().unwrap_or_default()
}
