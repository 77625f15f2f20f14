use std::sync::{Arc, Mutex};

use apdu::{Card, CommandApdu, ReadPlan, ResponseApdu, TransportError};
use chip::licence::{InspectError, LicenceEvidence, LicencePins, LicencePlan, inspect};
use chip::pin::Pin;
use simulator::SimulatedCard;
use simulator::licence::{LicenceCard, Persona, SignerPki};
use trust::licence::LicenceTrust;
use trust::{ChipVerdict, TrustStore};

/// A time within the validity of every persona.
pub fn now() -> jiff::Timestamp {
    "2026-11-24T00:00:00Z".parse().expect("a time")
}

pub fn persona(name: &str) -> Persona {
    Persona::built_in(name).expect("a built-in persona")
}

pub fn pins(pin1: &str, pin2: &str) -> LicencePins {
    LicencePins { pin1: Pin::parse(pin1).ok(), pin2: Pin::parse(pin2).ok(), ..LicencePins::default() }
}

/// The personas' own PINs.
pub fn right_pins() -> LicencePins {
    pins("1234", "5678")
}

/// Trust with the test signer, valid between two UTCTimes.
pub fn trust_between(not_before: &str, not_after: &str) -> LicenceTrust {
    let certificate = SignerPki::test().and_then(|pki| pki.certificate(not_before, not_after)).expect("a certificate");
    let mut signers = TrustStore::empty();
    signers.add(trust::import(&certificate).expect("a certificate is trust data"));
    LicenceTrust { signers, ..LicenceTrust::default() }
}

pub fn trust() -> LicenceTrust {
    trust_between("200101000000Z", "400101000000Z")
}

/// Plan of a reader that does extended length.
pub fn extended() -> LicencePlan {
    let plan = LicencePlan::default();
    LicencePlan { read: ReadPlan { extended: Some(65_536), ..plan.read }, ..plan }
}

/// Places the persona's card and reads it.
pub fn read(persona: &Persona, pins: LicencePins) -> Result<LicenceEvidence, InspectError> {
    inspect(Plain(simulator::licence::place(persona).expect("a card")), pins, &LicencePlan::default(), &mut |_| ())
}

pub fn judge(evidence: &LicenceEvidence) -> ChipVerdict {
    trust::licence::judge(evidence, &trust(), now())
}

/// The verdict on a persona's card read with its own PINs.
pub fn verdict(persona: &Persona) -> ChipVerdict {
    judge(&read(persona, right_pins()).expect("a reading"))
}

/// A boxed simulated card as a plain card.
pub struct Plain(pub Box<dyn SimulatedCard>);

impl Card for Plain {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        self.0.transmit(command)
    }
}

/// A licence that stays in our hands while it is read, and what was sent to it.
#[derive(Clone)]
pub struct Shared {
    pub card: Arc<Mutex<LicenceCard>>,
    pub sent: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Shared {
    pub fn issue(persona: &Persona) -> Self {
        Self::of(LicenceCard::issue(persona).expect("a card"))
    }

    pub fn of(card: LicenceCard) -> Self {
        Self { card: Arc::new(Mutex::new(card)), sent: Arc::default() }
    }

    pub fn tries(&self) -> [u8; 2] {
        self.card.lock().expect("the card").tries()
    }

    pub fn log(&self) -> Vec<String> {
        self.card.lock().expect("the card").log().to_vec()
    }

    pub fn verifies(&self) -> usize {
        self.log().iter().filter(|line| line.starts_with("VERIFY")).count()
    }

    pub fn sent(&self) -> Vec<Vec<u8>> {
        self.sent.lock().expect("the log").clone()
    }

    pub fn lift_and_place(&self) {
        self.card.lock().expect("the card").place();
    }
}

impl Card for Shared {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        self.sent.lock().expect("the log").push(command.encode().expect("a command"));
        self.card.lock().expect("the card").transmit(command)
    }
}
