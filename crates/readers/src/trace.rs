use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use apdu::{Card, CommandApdu, ResponseApdu, StatusWord, TransportError};
use kiosk::CardConnection;

/// One exchange without its contents: header, lengths, status word and time. There is no place for a data field, so a PIN, a
/// key, an MRZ or a data group cannot get in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TraceEntry {
    /// Since the ring was made.
    pub at: Duration,
    pub cla: u8,
    pub ins: u8,
    pub p1: u8,
    pub p2: u8,
    pub command_data: usize,
    pub ne: Option<u32>,
    pub outcome: TraceOutcome,
    pub took: Duration,
}

/// How an exchange ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TraceOutcome {
    Answered { response_data: usize, status: StatusWord },
    Failed(TransportError),
}

impl std::fmt::Display for TraceEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let milliseconds = |duration: Duration| duration.as_secs_f64() * 1_000.0;
        write!(
            f,
            "{:>10.1} ms  {:02X}{:02X}{:02X}{:02X} {:>5} B",
            milliseconds(self.at),
            self.cla,
            self.ins,
            self.p1,
            self.p2,
            self.command_data
        )?;
        match self.ne {
            Some(ne) => write!(f, " Ne {ne:>5}")?,
            None => write!(f, " Ne     -")?,
        }
        match self.outcome {
            TraceOutcome::Answered { response_data, status } => write!(f, "  {status} {response_data:>5} B")?,
            TraceOutcome::Failed(error) => write!(f, "  {error}")?,
        }
        write!(f, "  {:.1} ms", milliseconds(self.took))
    }
}

impl std::fmt::Debug for TraceEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// The newest exchanges, in memory alone. Clones share the same ring.
#[derive(Clone)]
pub struct TraceRing {
    started: Instant,
    capacity: usize,
    entries: Arc<Mutex<VecDeque<TraceEntry>>>,
}

impl TraceRing {
    /// A ring that keeps the newest `capacity` exchanges, at least one.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { started: Instant::now(), capacity: capacity.max(1), entries: Arc::default() }
    }

    /// The kept exchanges, oldest first.
    #[must_use]
    pub fn entries(&self) -> Vec<TraceEntry> {
        self.lock().iter().copied().collect()
    }

    /// Forgets all exchanges; the end of a session calls this.
    pub fn clear(&self) {
        self.lock().clear();
    }

    fn push(&self, entry: TraceEntry) {
        let mut entries = self.lock();
        if entries.len() == self.capacity {
            entries.pop_front();
        }
        entries.push_back(entry);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<TraceEntry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for TraceRing {
    /// Enough for one whole reading of a passport with short APDUs.
    fn default() -> Self {
        Self::new(1_024)
    }
}

impl std::fmt::Debug for TraceRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TraceRing({} of {})", self.lock().len(), self.capacity)
    }
}

/// A card whose exchanges are noted, redacted, in a [`TraceRing`].
pub struct Traced<C> {
    card: C,
    ring: TraceRing,
}

impl<C> Traced<C> {
    #[must_use]
    pub fn new(card: C, ring: TraceRing) -> Self {
        Self { card, ring }
    }
}

impl<C: Card> Card for Traced<C> {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        let begun = Instant::now();
        let answer = self.card.transmit(command);
        let outcome = match &answer {
            Ok(response) => TraceOutcome::Answered { response_data: response.data.len(), status: response.status },
            Err(error) => TraceOutcome::Failed(*error),
        };
        self.ring.push(TraceEntry {
            at: begun.duration_since(self.ring.started),
            cla: command.cla,
            ins: command.ins,
            p1: command.p1,
            p2: command.p2,
            command_data: command.data.len(),
            ne: command.ne,
            outcome,
            took: begun.elapsed(),
        });
        answer
    }
}

impl<C: CardConnection> CardConnection for Traced<C> {
    fn atr(&self) -> &[u8] {
        self.card.atr()
    }

    fn extended_length(&self) -> Option<u32> {
        self.card.extended_length()
    }

    fn disconnect(self: Box<Self>, reset: bool) {
        Box::new(self.card).disconnect(reset);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Echoes the data field, as a card that leaks would.
    struct Echo;

    impl Card for Echo {
        fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
            match command.ins {
                0xFF => Err(TransportError::CardRemoved),
                _ => Ok(ResponseApdu::new(command.data.clone(), StatusWord(0x9000))),
            }
        }
    }

    const CANARY: &[u8] = b"4649-CANARY";

    #[test]
    fn no_data_field_gets_into_the_trace() {
        let ring = TraceRing::default();
        let mut card = Traced::new(Echo, ring.clone());
        // VERIFY, MUTUAL AUTHENTICATE, GENERAL AUTHENTICATE, READ BINARY under secure messaging
        for (cla, ins) in [(0x00, 0x20), (0x00, 0x82), (0x10, 0x86), (0x0C, 0xB0)] {
            card.transmit(&CommandApdu::new(cla, ins, 0, 0x81).with_data(CANARY)).unwrap();
        }
        let everything = format!("{ring:?} {ring:#?} {:?} {:#?}", ring.entries(), ring.entries())
            + &ring.entries().iter().map(ToString::to_string).collect::<String>();
        let as_hex: String = CANARY.iter().map(|byte| format!("{byte:02X}")).collect();
        let as_list = format!("{CANARY:?}");
        for form in ["4649", "CANARY", as_hex.as_str(), &as_hex.to_lowercase(), as_list.trim_matches(['[', ']'])] {
            assert!(!everything.contains(form), "{form} leaked into {everything}");
        }
        assert!(everything.contains("00200081    11 B"), "{everything}");
    }

    #[test]
    fn keeps_the_newest_and_forgets_the_oldest() {
        let ring = TraceRing::new(2);
        let mut card = Traced::new(Echo, ring.clone());
        for p1 in 0..5 {
            card.transmit(&CommandApdu::new(0, 0xB0, p1, 0).with_ne(256)).unwrap();
        }
        assert_eq!(ring.entries().iter().map(|entry| entry.p1).collect::<Vec<_>>(), [3, 4]);
        ring.clear();
        assert!(ring.entries().is_empty());
    }

    #[test]
    fn a_failed_exchange_is_noted_with_its_cause() {
        let ring = TraceRing::default();
        let mut card = Traced::new(Echo, ring.clone());
        assert_eq!(card.transmit(&CommandApdu::new(0, 0xFF, 0, 0)), Err(TransportError::CardRemoved));
        assert_eq!(ring.entries()[0].outcome, TraceOutcome::Failed(TransportError::CardRemoved));
    }
}
