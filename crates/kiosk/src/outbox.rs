//! Delivering what is sealed, on its own thread.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chip_crypto::random::SecureRandom as _;
use jiff::SignedDuration;
use session::view::{DeliveryLine, DeliveryStep, DeviceState};
use session::{Failure, FailureCode, Role};

use crate::actor::Input;
use crate::config::RetryDelay;
use crate::ports::{
    Backend, Clock, DeliveryError, DeliveryRow, DeliveryState, Outgoing, ParkReason, SessionStore, StoreError,
};
use crate::random::SharedEntropy;

/// A backend that stopped this device is asked again after this long.
const DEVICE_STOP_WAIT: Duration = Duration::from_secs(15 * 60);

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
    pub retry_delay: RetryDelay,
    pub poll: Duration,
    pub calls: Receiver<Call>,
    pub inbox: Sender<Input>,
}

impl Outbox {
    pub(crate) fn run(mut self) {
        self.report();
        loop {
            match self.calls.recv_timeout(self.poll) {
                Ok(Call::Deliver) | Err(RecvTimeoutError::Timeout) => {}
                Ok(Call::End) | Err(RecvTimeoutError::Disconnected) => return,
            }
            if let Err(error) = self.deliver_what_is_due() {
                tracing::warn!(code = FailureCode::from(error).name(), "outbox");
            }
        }
    }

    fn deliver_what_is_due(&mut self) -> Result<(), StoreError> {
        loop {
            let due = lock(&self.store).next_due(self.clock.now())?;
            let Some(outgoing) = due else { return Ok(()) };
            self.report();
            // The store is not locked while the network is waited for.
            let answer = self.backend.deliver(&outgoing);
            let settled = self.settle(&outgoing, answer);
            self.report();
            if !settled? {
                return Ok(());
            }
        }
    }

    /// Writes down how an attempt ended; says whether another session may be tried at once.
    fn settle(&mut self, outgoing: &Outgoing, answer: Result<Vec<u8>, DeliveryError>) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let id = outgoing.id;
        match answer {
            Ok(receipt) => {
                self.backend_is(DeviceState::Ready, None);
                let confirmed = lock(&self.store).confirmed(id, &receipt, now);
                match confirmed {
                    Err(StoreError::ReceiptInvalid) => {
                        tracing::error!(code = FailureCode::ReceiptInvalid.name(), session = %id, "parked");
                        lock(&self.store).park(id, ParkReason::ReceiptInvalid, now)?;
                    }
                    other => {
                        other?;
                        tracing::info!(session = %id, attempt = outgoing.attempt, "delivered");
                    }
                }
                Ok(true)
            }
            Err(DeliveryError::Retryable { after }) => {
                self.backend_is(DeviceState::Failed, Some(FailureCode::BackendUnreachable));
                let mut uniform = [0; 4];
                let uniform = self.random.fill(&mut uniform).map_or(0, |()| u32::from_be_bytes(uniform));
                let wait = (self.retry_delay)(outgoing.attempt, after, uniform);
                self.try_again(outgoing, wait)?;
                Ok(false)
            }
            Err(DeliveryError::DeviceStop) => {
                self.backend_is(DeviceState::Failed, Some(FailureCode::DeviceStopped));
                self.try_again(outgoing, DEVICE_STOP_WAIT)?;
                Ok(false)
            }
            Err(DeliveryError::Park(reason)) => {
                self.backend_is(DeviceState::Ready, None);
                tracing::error!(code = FailureCode::from(reason).name(), session = %id, "parked");
                lock(&self.store).park(id, reason, now)?;
                Ok(true)
            }
        }
    }

    fn try_again(&self, outgoing: &Outgoing, wait: Duration) -> Result<(), StoreError> {
        let now = self.clock.now();
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::from_mins(15));
        let next_at = now.checked_add(wait).unwrap_or(now);
        tracing::info!(session = %outgoing.id, attempt = outgoing.attempt, seconds = wait.as_secs(), "delivery waits");
        lock(&self.store).retry(outgoing.id, next_at, now)
    }

    fn backend_is(&self, state: DeviceState, failure: Option<FailureCode>) {
        let _ = self.inbox.send(Input::Backend(state, failure));
    }

    fn report(&self) {
        report(&self.store, &self.inbox);
    }
}

/// Tells the actor what waits.
pub(crate) fn report(store: &SharedStore, inbox: &Sender<Input>) {
    // Sent while the store is locked, so that lists arrive in the order of what they describe.
    let store = lock(store);
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
