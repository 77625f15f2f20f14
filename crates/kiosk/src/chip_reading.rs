//! Reading one chip, on its own thread.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use apdu::{Card, CommandApdu, ResponseApdu, TransportError};
use chip::ChipEvidence;
use chip::mrtd::{InspectPlan, Kept};
use chip::recognition::recognise;
use jiff::Timestamp;
use session::{ChipKey, DocumentChoice, Event, Failure, FailureCode, ReadProgress};

use trust::{Ahead, Issuers};

use crate::actor::Input;
use crate::config::ChipDoor;
use crate::inspect::Beside;
use crate::learned::LearnedLimits;
use crate::ports::{CardConnection, Readers};
use crate::random::SharedEntropy;

/// What was verified while a reading went on, and with whom.
pub(crate) struct VerifiedAhead {
    pub issuers: Arc<Issuers>,
    pub ahead: Ahead,
}

pub(crate) type AheadSlot = Arc<Mutex<Option<VerifiedAhead>>>;

/// Everything one reading needs.
pub(crate) struct ChipReading {
    pub readers: Arc<dyn Readers>,
    pub reader: String,
    pub plan: InspectPlan,
    pub door: ChipDoor,
    pub random: SharedEntropy,
    pub stop: Arc<AtomicBool>,
    pub learned: LearnedLimits,
    /// Who is believed, and when the reading began: what EF.SOD is verified with.
    pub issuers: Arc<Issuers>,
    pub at: Timestamp,
    pub verified: AheadSlot,
    /// What an earlier reading with the same key brought before the card was lifted.
    pub kept: Arc<Mutex<Kept>>,
    pub ticket: u32,
    pub inbox: Sender<Input>,
}

impl ChipReading {
    /// Reads and reports. A panic on the way is reported as a failure of the reader: the session never waits for ever.
    pub(crate) fn run(self, key: ChipKey) {
        let mut answer = Answer { inbox: self.inbox.clone(), ticket: self.ticket, given: false };
        let event = match self.read(key) {
            Ok(evidence) => Event::ReadDone { ticket: self.ticket, evidence: Arc::new(evidence) },
            Err(failure) => {
                tracing::info!(code = %failure, "reading ended");
                let other = matches!(failure.code, FailureCode::DocumentNotExpected | FailureCode::CardUnknown);
                let looks_like = if other { self.looks_like() } else { None };
                // A card that can be read after all is no unknown one.
                let failure = looks_like.map_or(failure, |_| FailureCode::DocumentNotExpected.into());
                Event::ReadFailed { ticket: self.ticket, failure, looks_like }
            }
        };
        answer.give(event);
    }

    fn read(&self, key: ChipKey) -> Result<ChipEvidence, Failure> {
        let card = self.readers.connect_card(&self.reader)?;
        let plan = self.plan.for_card(card.extended_length(), card.atr());
        let atr = card.atr().to_vec();
        let mut card = Held(Some(card));
        let mut random = self.random.clone();
        let mut stoppable = Stoppable { card: &mut card, stop: &self.stop };
        // One reading at a time: an older one has been stopped, and lets go within one command.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.is_empty() {
            *kept = Kept::knowing(self.learned.of(&self.reader, &atr));
        }
        let mut last_percent = None;
        let mut report = |progress: ReadProgress| {
            // A page wants to know every percent, not every command.
            if let ReadProgress::Reading { file, bytes, of } = &progress {
                let step = (file.clone(), bytes.saturating_mul(50).checked_div(*of));
                if last_percent.as_ref() == Some(&step) {
                    return;
                }
                last_percent = Some(step);
            }
            let _ = self.inbox.send(Input::Session(Event::Progress { ticket: self.ticket, progress }));
        };
        let mut on_sod = |sod: &[u8]| self.verify_ahead(sod);
        let mut beside = Beside { kept: &mut kept, on_sod: &mut on_sod };
        let evidence = (self.door.inspect)(&mut stoppable, key, &plan, &mut random, &mut report, &mut beside)?;
        if let Some(learned) = kept.learned() {
            self.learned.remember(&self.reader, &atr, learned);
        }
        let counters = evidence.counters();
        tracing::info!(
            apdus = counters.apdus,
            sent = counters.bytes_sent,
            received = counters.bytes_received,
            "chip read"
        );
        Ok(evidence)
    }

    /// Verifies EF.SOD on a thread of its own while the photo, by far the largest file, is still on its way.
    fn verify_ahead(&self, sod: &[u8]) {
        let (slot, issuers, at) = (Arc::clone(&self.verified), Arc::clone(&self.issuers), self.at);
        let sod = sod.to_vec();
        std::thread::spawn(move || {
            let ahead = std::panic::catch_unwind(|| Ahead::of(&sod, &issuers.passports, at)).ok();
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = ahead.map(|ahead| VerifiedAhead { issuers, ahead });
        });
    }

    /// What lies there instead of the chosen document. Only files everybody may read are asked for.
    fn looks_like(&self) -> Option<DocumentChoice> {
        let mut card = Held(Some(self.readers.connect_card(&self.reader).ok()?));
        let mut stoppable = Stoppable { card: &mut card, stop: &self.stop };
        let documents = recognise(&mut stoppable).ok()?.documents();
        documents.first().map(|document| DocumentChoice::recognised(*document))
    }
}

/// Lets go of the card whatever happens, and resets it: it knows the session keys.
struct Held(Option<Box<dyn CardConnection>>);

impl Card for Held {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        self.0.as_mut().ok_or(TransportError::CardRemoved)?.transmit(command)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(card) = self.0.take() {
            card.disconnect(true);
        }
    }
}

/// A card that refuses the next command once the flag is up.
struct Stoppable<'a, C> {
    card: &'a mut C,
    stop: &'a AtomicBool,
}

impl<C: Card> Card for Stoppable<'_, C> {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        if self.stop.load(Ordering::Relaxed) { Err(TransportError::Stopped) } else { self.card.transmit(command) }
    }
}

/// The one answer of a reading.
struct Answer {
    inbox: Sender<Input>,
    ticket: u32,
    given: bool,
}

impl Answer {
    fn give(&mut self, event: Event) {
        self.given = true;
        let _ = self.inbox.send(Input::Session(event));
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if !self.given {
            tracing::error!("the chip thread ended without an answer");
            let failure = FailureCode::ReaderFault.into();
            self.give(Event::ReadFailed { ticket: self.ticket, failure, looks_like: None });
        }
    }
}
