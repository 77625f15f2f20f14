//! Delivering what is sealed, on its own thread.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chip_crypto::random::SecureRandom as _;
use jiff::{SignedDuration, Timestamp};
use session::view::{DeliveryLine, DeliveryStep, DeviceState};
use session::{Failure, FailureCode, Role, SessionId};

use crate::actor::Input;
use crate::breaker::{Breaker, Permission};
use crate::failure::closed_by;
use crate::ports::{
    Backend, Clock, DeliveryError, DeliveryRow, DeliveryState, Outgoing, ParkReason, RetryCause, SessionStore,
    StoreError,
};
use crate::random::SharedEntropy;
use crate::retry;

/// A backend that stopped this device is asked again after this long.
const DEVICE_STOP_WAIT: SignedDuration = SignedDuration::from_mins(15);
/// A session answered 5xx so often, while others go through, waits for a person (security.md §6).
const POISON_AFTER: u32 = 20;
/// How often the store is asked to purge.
const PURGE_EVERY: SignedDuration = SignedDuration::from_hours(1);

pub(crate) type SharedStore = Arc<Mutex<Box<dyn SessionStore>>>;

pub(crate) fn lock(store: &SharedStore) -> MutexGuard<'_, Box<dyn SessionStore>> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Wakes the outbox.
pub(crate) enum Call {
    Deliver,
    End,
}

pub(crate) struct Outbox {
    pub store: SharedStore,
    pub backend: Arc<dyn Backend>,
    pub clock: Arc<dyn Clock>,
    pub random: SharedEntropy,
    pub poll: Duration,
    pub spread: Duration,
    pub calls: Receiver<Call>,
    pub inbox: Sender<Input>,
    pub pace: Pace,
}

/// What holds deliveries back, besides each session's own next attempt.
#[derive(Default)]
pub(crate) struct Pace {
    breaker: Breaker,
    /// The backend stopped this device until then.
    stopped_until: Option<Timestamp>,
    /// What waited at the start is not sent before then.
    spread_until: Option<Timestamp>,
    purge_at: Option<Timestamp>,
    poison: Poison,
}

impl Outbox {
    pub(crate) fn run(mut self) {
        self.report();
        let first = retry::scale(self.spread, self.uniform());
        self.pace.spread_until = later(self.clock.now(), first);
        loop {
            match self.calls.recv_timeout(self.poll) {
                // Somebody was just served: what is sealed goes out, and what waited goes with it.
                Ok(Call::Deliver) => self.pace.spread_until = None,
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Call::End) | Err(RecvTimeoutError::Disconnected) => return,
            }
            if let Err(error) = self.deliver_what_is_due().and_then(|()| self.purge()) {
                tracing::warn!(code = FailureCode::from(error).name(), "outbox");
            }
        }
    }

    fn deliver_what_is_due(&mut self) -> Result<(), StoreError> {
        while self.may_call() {
            let due = lock(&self.store).next_due(self.clock.now())?;
            let Some(outgoing) = due else { return Ok(()) };
            self.report();
            // The store is not locked while the network is waited for.
            let answer = self.backend.deliver(&outgoing);
            let settled = self.settle(&outgoing, answer);
            self.report();
            settled?;
        }
        Ok(())
    }

    fn may_call(&mut self) -> bool {
        let now = self.clock.now();
        let pace = &mut self.pace;
        let held = |until: Option<Timestamp>, longest: SignedDuration| {
            // A hold longer than it can be was set before the clock went back.
            until.is_some_and(|until| now < until && until.duration_since(now) <= longest)
        };
        let longest_spread = SignedDuration::try_from(self.spread).unwrap_or(SignedDuration::MAX);
        if held(pace.stopped_until, DEVICE_STOP_WAIT) || held(pace.spread_until, longest_spread) {
            return false;
        }
        let (breaker, permission) = pace.breaker.ask(now);
        pace.breaker = breaker;
        permission == Permission::Go
    }

    /// Writes down how an attempt ended.
    fn settle(&mut self, outgoing: &Outgoing, answer: Result<Vec<u8>, DeliveryError>) -> Result<(), StoreError> {
        let (now, id) = (self.clock.now(), outgoing.id);
        let (cause, after) = match answer {
            Ok(receipt) => {
                self.answered();
                self.pace.poison.succeeded(id);
                return self.confirm(outgoing, &receipt, now);
            }
            Err(DeliveryError::Park(reason)) => {
                self.answered();
                return self.park(id, reason, now);
            }
            Err(DeliveryError::DeviceStop) => {
                tracing::error!(code = FailureCode::DeviceStopped.name(), session = %id, "nothing is sent");
                self.backend_is(DeviceState::Failed, Some(FailureCode::DeviceStopped));
                self.pace.stopped_until = now.checked_add(DEVICE_STOP_WAIT).ok();
                // The session is not at fault: it stays sealed and due.
                return lock(&self.store).retry(id, now, now);
            }
            Err(DeliveryError::Retryable { cause, after }) => (cause, after),
        };
        self.backend_is(DeviceState::Failed, Some(FailureCode::BackendUnreachable));
        self.pace.breaker = match cause {
            RetryCause::Unreachable | RetryCause::ServerError { .. } => self.pace.breaker.failed(now),
            RetryCause::Unsettled => self.pace.breaker.succeeded(),
        };
        if let RetryCause::ServerError { status } = cause
            && self.pace.poison.failed(id)
        {
            return self.park(id, ParkReason::Rejected { status }, now);
        }
        let wait = retry::delay(outgoing.attempt, after, self.uniform());
        tracing::info!(session = %id, attempt = outgoing.attempt, seconds = wait.as_secs(), "delivery waits");
        lock(&self.store).retry(id, later(now, wait).unwrap_or(now), now)
    }

    fn confirm(&self, outgoing: &Outgoing, receipt: &[u8], now: Timestamp) -> Result<(), StoreError> {
        let confirmed = lock(&self.store).confirmed(outgoing.id, receipt, now);
        match confirmed {
            Err(StoreError::ReceiptInvalid) => self.park(outgoing.id, ParkReason::ReceiptInvalid, now),
            other => {
                other?;
                tracing::info!(session = %outgoing.id, attempt = outgoing.attempt, "delivered");
                Ok(())
            }
        }
    }

    fn park(&self, id: SessionId, reason: ParkReason, now: Timestamp) -> Result<(), StoreError> {
        tracing::error!(code = FailureCode::from(reason).name(), session = %id, "parked");
        lock(&self.store).park(id, reason, now)
    }

    fn purge(&mut self) -> Result<(), StoreError> {
        let now = self.clock.now();
        if self.pace.purge_at.is_some_and(|at| now < at && at.duration_since(now) <= PURGE_EVERY) {
            return Ok(());
        }
        self.pace.purge_at = now.checked_add(PURGE_EVERY).ok();
        let purged = lock(&self.store).purge(now)?;
        if purged > 0 {
            tracing::info!(purged, "retention ended");
            self.report();
        }
        Ok(())
    }

    /// The backend answered, so it can be reached and speaks to this device.
    fn answered(&mut self) {
        self.pace.breaker = self.pace.breaker.succeeded();
        self.pace.stopped_until = None;
        self.backend_is(DeviceState::Ready, None);
    }

    fn uniform(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.random.fill(&mut bytes).map_or(0, |()| u32::from_be_bytes(bytes))
    }

    fn backend_is(&self, state: DeviceState, failure: Option<FailureCode>) {
        let _ = self.inbox.send(Input::Backend(state, failure));
    }

    fn report(&self) {
        report(&self.store, &self.inbox, self.clock.now());
    }
}

/// Sessions answered 5xx again and again while others go through. It starts anew with the process.
#[derive(Default)]
struct Poison(BTreeMap<SessionId, Suspect>);

#[derive(Default)]
struct Suspect {
    failures: u32,
    others_went_through: bool,
}

impl Poison {
    fn succeeded(&mut self, id: SessionId) {
        self.0.remove(&id);
        for suspect in self.0.values_mut() {
            suspect.others_went_through = true;
        }
    }

    /// Counts a 5xx; says whether the session itself must be the cause.
    fn failed(&mut self, id: SessionId) -> bool {
        let suspect = self.0.entry(id).or_default();
        suspect.failures = suspect.failures.saturating_add(1);
        let poison = suspect.others_went_through && suspect.failures >= POISON_AFTER;
        if poison {
            self.0.remove(&id);
        }
        poison
    }
}

fn later(now: Timestamp, wait: Duration) -> Option<Timestamp> {
    now.checked_add(SignedDuration::try_from(wait).ok()?).ok()
}

/// Tells the actor what waits, and what the store says of itself and of the clock.
pub(crate) fn report(store: &SharedStore, inbox: &Sender<Input>, now: Timestamp) {
    // Sent while the store is locked, so that lists arrive in the order of what they describe.
    let store = lock(store);
    let closed = closed_by(store.start_up());
    let _ = inbox.send(Input::Store { closed, clock_trusted: store.clock_trusted(now) });
    match store.deliveries() {
        Ok(rows) => {
            let _ = inbox.send(Input::Deliveries(rows.iter().map(line).collect()));
        }
        Err(error) => tracing::warn!(code = FailureCode::from(error).name(), "deliveries cannot be listed"),
    }
}

fn line(row: &DeliveryRow) -> DeliveryLine {
    let (step, code) = match row.state {
        DeliveryState::Queued => (DeliveryStep::Queued, None),
        DeliveryState::Uploading => (DeliveryStep::Uploading, None),
        DeliveryState::RetryWait { .. } => (DeliveryStep::RetryWait, Some(FailureCode::BackendUnreachable)),
        DeliveryState::Receipted => (DeliveryStep::Receipted, None),
        DeliveryState::Parked(reason) => (DeliveryStep::Rejected, Some(reason.into())),
    };
    DeliveryLine {
        short_id: row.id.short(),
        step,
        sealed_at: row.sealed_at.to_string(),
        size: row.size.to_string(),
        attempts: row.attempts,
        code: code.map(|code| Failure::from(code).view(Role::Teller)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use chip_crypto::random::SeededRandom;
    use session::{Accepted, DocumentChoice, Language};

    use super::*;
    use crate::testing::{ManualClock, MemoryStore};

    /// Answers by rule and counts the calls of each session.
    struct Rule {
        answer: fn(SessionId) -> Result<Vec<u8>, DeliveryError>,
        calls: Mutex<BTreeMap<SessionId, u32>>,
    }

    impl Backend for Rule {
        fn deliver(&self, outgoing: &Outgoing) -> Result<Vec<u8>, DeliveryError> {
            *self.calls.lock().unwrap().entry(outgoing.id).or_default() += 1;
            (self.answer)(outgoing.id)
        }
    }

    struct Bench {
        outbox: Outbox,
        store: MemoryStore,
        clock: ManualClock,
        rule: Arc<Rule>,
    }

    fn id(number: u8) -> SessionId {
        SessionId::from_time(Timestamp::UNIX_EPOCH, [number; 10])
    }

    fn bench(answer: fn(SessionId) -> Result<Vec<u8>, DeliveryError>) -> Bench {
        let (store, clock) = (MemoryStore::default(), ManualClock::new(Timestamp::UNIX_EPOCH));
        let rule = Arc::new(Rule { answer, calls: Mutex::default() });
        let outbox = Outbox {
            store: Arc::new(Mutex::new(Box::new(store.clone()))),
            backend: rule.clone(),
            clock: Arc::new(clock.clone()),
            random: SharedEntropy::new(Box::new(SeededRandom::new(1))),
            poll: Duration::from_secs(1),
            spread: Duration::ZERO,
            calls: channel().1,
            inbox: channel().0,
            pace: Pace::default(),
        };
        Bench { outbox, store, clock, rule }
    }

    impl Bench {
        fn seal(&mut self, number: u8) {
            let accepted = Accepted {
                id: id(number),
                opened_at: Timestamp::UNIX_EPOCH,
                accepted_at: Timestamp::UNIX_EPOCH,
                document: DocumentChoice::Passport,
                language: Language::Ja,
                items: Vec::new(),
            };
            self.store.begin(id(number), Timestamp::UNIX_EPOCH).unwrap();
            self.store.accept(&accepted, Timestamp::UNIX_EPOCH).unwrap();
        }

        fn after(&mut self, seconds: i64) {
            self.clock.advance(seconds);
            self.outbox.deliver_what_is_due().unwrap();
        }

        fn calls(&self) -> u32 {
            self.rule.calls.lock().unwrap().values().sum()
        }
    }

    #[test]
    fn a_backend_that_is_down_is_called_five_times_and_then_probed() {
        let mut bench = bench(|_| {
            Err(DeliveryError::Retryable { cause: RetryCause::Unreachable, after: Some(Duration::from_secs(1)) })
        });
        for number in 0..20 {
            bench.seal(number);
        }
        bench.after(0);
        assert_eq!(bench.calls(), 5);
        bench.after(14);
        assert_eq!(bench.calls(), 5, "the breaker is open");
        bench.after(1);
        assert_eq!(bench.calls(), 6, "one probe");
        bench.after(29);
        assert_eq!(bench.calls(), 6);
        bench.after(1);
        assert_eq!(bench.calls(), 7);
        assert_eq!(bench.store.accepted().len(), 20, "everything is kept");
    }

    #[test]
    fn too_many_requests_opens_no_breaker_and_the_wait_asked_for_is_kept() {
        let mut bench = bench(|_| {
            Err(DeliveryError::Retryable { cause: RetryCause::Unsettled, after: Some(Duration::from_secs(600)) })
        });
        for number in 0..20 {
            bench.seal(number);
        }
        bench.after(0);
        assert_eq!(bench.calls(), 20);
        bench.after(599);
        assert_eq!(bench.calls(), 20);
        bench.after(1);
        assert_eq!(bench.calls(), 40);
    }

    #[test]
    fn a_session_that_breaks_the_backend_is_parked_when_others_go_through() {
        let mut bench = bench(|session| {
            if session == id(0) {
                let cause = RetryCause::ServerError { status: 500 };
                return Err(DeliveryError::Retryable { cause, after: None });
            }
            Ok(vec![1])
        });
        bench.seal(0);
        for number in 1..=30 {
            bench.seal(number);
            bench.after(3600);
        }
        assert_eq!(bench.rule.calls.lock().unwrap()[&id(0)], POISON_AFTER);
        assert_eq!(bench.store.confirmed().len(), 30);
        let rows = bench.store.deliveries().unwrap();
        assert_eq!(rows[0].state, DeliveryState::Parked(ParkReason::Rejected { status: 500 }));
    }

    #[test]
    fn a_backend_that_breaks_for_everybody_parks_nothing() {
        let mut bench =
            bench(|_| Err(DeliveryError::Retryable { cause: RetryCause::ServerError { status: 500 }, after: None }));
        bench.seal(0);
        for _ in 0..100 {
            bench.after(3600);
        }
        assert!(bench.calls() >= 100);
        assert!(matches!(bench.store.deliveries().unwrap()[0].state, DeliveryState::RetryWait { .. }));
    }

    #[test]
    fn a_stopped_device_sends_nothing_at_all_for_a_quarter_of_an_hour() {
        let mut bench = bench(|_| Err(DeliveryError::DeviceStop));
        for number in 0..3 {
            bench.seal(number);
        }
        bench.after(0);
        bench.after(899);
        assert_eq!(bench.calls(), 1);
        bench.after(1);
        assert_eq!(bench.calls(), 2);
        assert_eq!(bench.store.accepted().len(), 3, "sessions stay sealed");
        // A clock set back by a year must not stop it for a year.
        bench.after(-365 * 86_400);
        assert_eq!(bench.calls(), 3);
    }
}
