//! The thread behind one watch.

use std::ffi::CString;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use kiosk::{ReaderEvent, Watch};
use pcsc::{Context, PNP_NOTIFICATION, ReaderState, Scope, State};

use crate::ReadersConfig;

/// Starts watching; the returned [`Watch`] stops it.
pub(crate) fn start(config: Arc<ReadersConfig>, on: Box<dyn Fn(ReaderEvent) + Send>) -> Watch {
    let stop = Arc::new(Stop::default());
    let supervisor = Supervisor { config, on, stop: Arc::clone(&stop) };
    let thread = match thread::Builder::new().name("pcsc-watch".into()).spawn(move || supervisor.run()) {
        Ok(thread) => thread,
        Err(error) => {
            tracing::error!(%error, "no thread to watch the readers");
            return Watch::new(|| {});
        }
    };
    Watch::new(move || {
        stop.raise();
        if thread::current().id() == thread.thread().id() {
            return;
        }
        // A cancel that comes before the blocking call has begun is lost, hence the repetition.
        while !thread.is_finished() {
            stop.cancel();
            thread::sleep(CANCEL_PAUSE);
        }
    })
}

struct Supervisor {
    config: Arc<ReadersConfig>,
    on: Box<dyn Fn(ReaderEvent) + Send>,
    stop: Arc<Stop>,
}

impl Supervisor {
    fn run(self) {
        let mut pause = PAUSE_FIRST;
        let mut lost = false;
        while !self.stop.is_raised() {
            let mut known = Vec::new();
            let cause = match Context::establish(Scope::User)
                .and_then(|context| context.list_readers_owned().map(|_| context))
            {
                Ok(context) => {
                    if lost {
                        tracing::info!("the smart-card service is back");
                        (self.on)(ReaderEvent::ServiceBack);
                        lost = false;
                    }
                    pause = PAUSE_FIRST;
                    self.stop.hold(Some(context.clone()));
                    let cause = self.follow(&context, &mut known);
                    self.stop.hold(None);
                    cause
                }
                Err(error) => error,
            };
            if self.stop.is_raised() {
                return;
            }
            if !lost {
                lost = true;
                tracing::warn!(?cause, "the smart-card service is lost");
                (self.on)(ReaderEvent::ServiceLost);
            }
            for seat in known {
                self.report(ReaderEvent::ReaderRemoved(seat.name));
            }
            self.stop.wait(pause);
            pause = (pause * 2).min(PAUSE_LAST);
        }
    }

    /// Follows one context until it fails or the watch ends; what it answers is why.
    fn follow(&self, context: &Context, known: &mut Vec<Seat>) -> pcsc::Error {
        // The notification comes first, then one state for each seat, in the same order.
        let mut states = vec![ReaderState::new(PNP_NOTIFICATION(), State::UNAWARE)];
        loop {
            let names = match context.list_readers_owned() {
                Ok(names) => names,
                Err(error) => return error,
            };
            self.compare(known, &mut states, names);
            // One second at most, so that a reader is found even where no notification works.
            let outcome = context.get_status_change(LIST_INTERVAL, &mut states);
            if self.stop.is_raised() {
                return pcsc::Error::Cancelled;
            }
            match outcome {
                Ok(()) => {
                    for (seat, state) in known.iter_mut().zip(&states[1..]) {
                        self.changed(seat, state);
                    }
                    states.iter_mut().for_each(ReaderState::sync_current_state);
                }
                Err(pcsc::Error::Timeout | pcsc::Error::Cancelled) => {}
                // It went between listing and asking; the next list says so.
                Err(pcsc::Error::UnknownReader | pcsc::Error::NoReadersAvailable | pcsc::Error::ReaderUnavailable) => {
                    self.stop.wait(UNKNOWN_PAUSE);
                }
                Err(error) => return error,
            }
        }
    }

    fn compare(&self, known: &mut Vec<Seat>, states: &mut Vec<ReaderState>, names: Vec<CString>) {
        let names: Vec<CString> =
            names.into_iter().filter(|name| name.to_str().is_ok_and(|name| !self.config.ignores(name))).collect();
        for index in (0..known.len()).rev() {
            if !names.iter().any(|name| name.as_c_str() == states[index + 1].name()) {
                states.remove(index + 1);
                self.report(ReaderEvent::ReaderRemoved(known.remove(index).name));
            }
        }
        for name in names {
            if !states.iter().any(|state| state.name() == name.as_c_str()) {
                let seat = Seat { name: name.to_string_lossy().into_owned(), atr: None, exchanges: 0 };
                states.push(ReaderState::new(name, State::UNAWARE));
                self.report(ReaderEvent::ReaderAdded(seat.name.clone()));
                known.push(seat);
            }
        }
    }

    fn changed(&self, seat: &mut Seat, state: &ReaderState) {
        let event = state.event_state();
        // The upper half counts insertions and removals. Two of them between two looks are a card taken away and one placed.
        let exchanges = state.event_count();
        let swapped = seat.exchanges != exchanges;
        seat.exchanges = exchanges;
        // A mute card has no ATR; it is there all the same.
        let there = event.contains(State::PRESENT);
        let atr = state.atr().to_vec();
        match (seat.atr.take(), there) {
            (None, false) => {}
            (None, true) => self.inserted(seat, atr),
            (Some(_), false) => self.report(ReaderEvent::CardRemoved { reader: seat.name.clone() }),
            (Some(before), true) if before == atr && !swapped => seat.atr = Some(before),
            (Some(before), true) if before.is_empty() && !swapped => seat.atr = Some(atr),
            (Some(_), true) => {
                self.report(ReaderEvent::CardRemoved { reader: seat.name.clone() });
                self.inserted(seat, atr);
            }
        }
    }

    fn inserted(&self, seat: &mut Seat, atr: Vec<u8>) {
        seat.atr = Some(atr.clone());
        self.report(ReaderEvent::CardInserted { reader: seat.name.clone(), atr });
    }

    fn report(&self, event: ReaderEvent) {
        if !self.stop.is_raised() {
            (self.on)(event);
        }
    }
}

/// One reader and what was last seen of it.
struct Seat {
    name: String,
    /// Of the card that is there.
    atr: Option<Vec<u8>>,
    exchanges: u32,
}

#[derive(Default)]
struct Stop {
    raised: AtomicBool,
    context: Mutex<Option<Context>>,
    gate: Mutex<()>,
    bell: Condvar,
}

impl Stop {
    fn is_raised(&self) -> bool {
        self.raised.load(Ordering::Acquire)
    }

    fn raise(&self) {
        self.raised.store(true, Ordering::Release);
        let _gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        self.bell.notify_all();
    }

    /// Sleeps, but not past the end of the watch.
    fn wait(&self, pause: Duration) {
        let gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = self.bell.wait_timeout_while(gate, pause, |()| !self.is_raised());
    }

    fn hold(&self, context: Option<Context>) {
        *self.context.lock().unwrap_or_else(PoisonError::into_inner) = context;
    }

    fn cancel(&self) {
        if let Some(context) = &*self.context.lock().unwrap_or_else(PoisonError::into_inner) {
            // Fails only when the service is gone, and then nothing blocks.
            let _ = context.cancel();
        }
    }
}

const LIST_INTERVAL: Duration = Duration::from_secs(1);
const UNKNOWN_PAUSE: Duration = Duration::from_millis(100);
const CANCEL_PAUSE: Duration = Duration::from_millis(10);
const PAUSE_FIRST: Duration = Duration::from_millis(500);
const PAUSE_LAST: Duration = Duration::from_secs(5);
