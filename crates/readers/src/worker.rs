//! The thread that owns one connection: context, card and transaction live and end here.

use std::ffi::CString;
use std::sync::mpsc::{Receiver, Sender, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use apdu::TransportError;
use kiosk::ReadersError;
use pcsc::{Context, Disposition, Protocols, Scope, ShareMode, State};
use zeroize::Zeroizing;

use crate::failure::{connect_error, needs_reader_state, transport_error};
use crate::limits;

/// Greatest response: 65,536 data bytes and the status word.
pub(crate) const RESPONSE_BUDGET: usize = 65_538;

/// What the connection asks of its worker. A closed channel means: reset the card and let go.
pub(crate) enum Request {
    Transmit { command: Zeroizing<Vec<u8>>, answer: Sender<Result<Vec<u8>, TransportError>> },
    Disconnect { reset: bool, done: Sender<()> },
}

/// What is known of reader and card once they are connected.
pub(crate) struct Opened {
    pub atr: Vec<u8>,
    pub extended_length: Option<u32>,
}

/// Connects, reports what was found, then serves requests until it is told to stop or the asking side is gone.
pub(crate) fn serve(reader: &CString, ready: &SyncSender<Result<Opened, ReadersError>>, requests: &Receiver<Request>) {
    let mut held = match Held::connect(reader) {
        Ok(held) => held,
        Err(error) => return drop(ready.send(Err(error))),
    };
    let extended_length = limits::extended_length(&reader.to_string_lossy(), &held.card);
    let mut buffer = vec![0; RESPONSE_BUDGET];
    let transaction = match begin(&mut held.card) {
        Ok(transaction) => transaction,
        Err(error) => return drop(ready.send(Err(connect_error(error)))),
    };
    if ready.send(Ok(Opened { atr: held.atr, extended_length })).is_err() {
        return;
    }
    let mut farewell = None;
    while let Ok(request) = requests.recv() {
        match request {
            Request::Transmit { command, answer } => {
                let result = match transaction.transmit(&command, &mut buffer) {
                    // Some drivers answer for a card that has just gone, with nothing; it may lie there again by now.
                    Ok([]) => Err(explain(TransportError::CardRemoved, &held.context, reader)),
                    Ok(response) if response.len() < 2 => {
                        Err(explain(TransportError::ResponseLength { length: response.len() }, &held.context, reader))
                    }
                    Ok(response) => Ok(response.to_vec()),
                    Err(error) if needs_reader_state(error) => {
                        Err(explain(transport_error(error), &held.context, reader))
                    }
                    Err(error) => Err(transport_error(error)),
                };
                buffer.fill(0);
                // Nobody waits for an answer that came after the limit.
                let _ = answer.send(result);
            }
            Request::Disconnect { reset, done } => {
                farewell = Some((reset, done));
                break;
            }
        }
    }
    // Without a farewell the reading ended in an error: what the card has verified must not outlive it.
    let reset = farewell.as_ref().is_none_or(|(reset, _)| *reset);
    let disposition = if reset { Disposition::ResetCard } else { Disposition::LeaveCard };
    if let Err((transaction, error)) = transaction.end(Disposition::LeaveCard) {
        tracing::debug!(?error, "the transaction had ended before its end");
        drop(transaction);
    }
    if let Err((card, error)) = held.card.disconnect(disposition) {
        tracing::debug!(?error, "the card was gone before disconnecting");
        drop(card);
    }
    if let Some((_, done)) = farewell {
        let _ = done.send(());
    }
}

struct Held {
    context: Context,
    card: pcsc::Card,
    atr: Vec<u8>,
}

impl Held {
    fn connect(reader: &CString) -> Result<Self, ReadersError> {
        let context = Context::establish(Scope::User).map_err(connect_error)?;
        let card = patiently(|| context.connect(reader, ShareMode::Shared, Protocols::ANY)).map_err(connect_error)?;
        let atr = card.status2_owned().map_err(connect_error)?.atr().to_vec();
        Ok(Self { context, card, atr })
    }
}

/// Begins a transaction; a card that another program has reset meanwhile is taken over as it is.
fn begin(card: &mut pcsc::Card) -> Result<pcsc::Transaction<'_>, pcsc::Error> {
    // The borrow of a failed attempt would last as long as the transaction of a successful one, so a first transaction is begun
    // and ended to see whether it can be, and a second one kept.
    patiently(|| {
        let outcome = match card.transaction() {
            Ok(probe) => probe.end(Disposition::LeaveCard).map_err(|(_, error)| error),
            Err(error) => Err(error),
        };
        match outcome {
            Err(pcsc::Error::ResetCard) => card.reconnect(ShareMode::Shared, Protocols::ANY, Disposition::LeaveCard),
            other => other,
        }
    })?;
    card.transaction()
}

/// Repeats what another program's use of the reader prevents.
fn patiently<T>(mut attempt: impl FnMut() -> Result<T, pcsc::Error>) -> Result<T, pcsc::Error> {
    for _ in 1..SHARING_ATTEMPTS {
        match attempt() {
            Err(pcsc::Error::SharingViolation) => thread::sleep(SHARING_PAUSE),
            done => return done,
        }
    }
    attempt()
}

/// Finds out why an exchange failed; `unexplained` is what to say when reader and card are still there. A card lifted in the middle of an exchange first shows as a failed exchange, and only a
/// moment later as an empty reader.
fn explain(unexplained: TransportError, context: &Context, reader: &CString) -> TransportError {
    let mut states = [pcsc::ReaderState::new(reader.clone(), State::UNAWARE)];
    let asked = Instant::now();
    while asked.elapsed() < STATE_PATIENCE {
        match context.get_status_change(STATE_PAUSE, &mut states) {
            Ok(()) | Err(pcsc::Error::Timeout) => {}
            Err(error) => {
                let named = transport_error(error);
                return if matches!(named, TransportError::Pcsc(_)) { TransportError::ReaderLost } else { named };
            }
        }
        let state = states[0].event_state();
        if state.intersects(State::UNKNOWN | State::IGNORE | State::UNAVAILABLE) {
            return TransportError::ReaderLost;
        }
        if state.contains(State::EMPTY) {
            return TransportError::CardRemoved;
        }
        states[0].sync_current_state();
    }
    unexplained
}

const SHARING_ATTEMPTS: u32 = 8;
const SHARING_PAUSE: Duration = Duration::from_millis(125);
/// Readers are polled by their drivers, some only every 400 ms.
const STATE_PATIENCE: Duration = Duration::from_millis(1_500);
const STATE_PAUSE: Duration = Duration::from_millis(100);
