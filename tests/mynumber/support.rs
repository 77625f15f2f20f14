use std::sync::{Arc, Mutex};

use apdu::{Card, CommandApdu, ResponseApdu, TransportError};
use chip::my_number::{InspectError, Lane, MyNumberEvidence, NumberB, Request, inspect};
use chip::pin::Pin;
use chip_crypto::random::SeededRandom;
use simulator::my_number::{CardPlan, Contents, Issued, TrustMaterial, issue, place};
use simulator::{Fault, SimulatedCard};
use trust::my_number::{Hierarchy, MyNumberTrust, judge};
use trust::{ChipVerdict, Finding};

/// A time within the validity of everything the test issuers issue.
pub fn now() -> jiff::Timestamp {
    "2026-11-25T00:00:00Z".parse().expect("a time")
}

pub fn issued(plan: &CardPlan) -> Issued {
    issue(plan).expect("the test issuers issue")
}

pub fn specimen() -> Issued {
    issued(&CardPlan::default())
}

/// Everything the test issuers export.
pub fn trust(material: &TrustMaterial) -> MyNumberTrust {
    let mut trust = MyNumberTrust::new(Hierarchy::Test);
    for root in material.user_roots.iter().chain([&material.signature_root]) {
        trust.add_root(root, &MyNumberTrust::fingerprint(root)).expect("a root");
    }
    assert_eq!(trust.add_cv_keys(material.cv_keys.as_bytes()), Ok(2));
    trust
}

pub fn number_b(plan: &CardPlan) -> Request {
    let number = NumberB::parse(&plan.number_b()).expect("fourteen digits");
    Request { lane: Some(Lane::NumberB(number)), ..Request::default() }
}

pub fn text_pin(plan: &CardPlan) -> Request {
    Request { lane: Some(Lane::TextPin(Pin::parse(&plan.text_pin).expect("four digits"))), ..Request::default() }
}

pub fn with_signature(plan: &CardPlan, request: Request) -> Request {
    let password = Pin::parse(&plan.signature_password).expect("a password");
    Request { signature_password: Some(password), ..request }
}

/// Face, text and both certificates with their keys.
pub fn everything(plan: &CardPlan) -> Request {
    let user_pin = Pin::parse(&plan.user_pin).expect("four digits");
    Request { user_pin: Some(user_pin), ..with_signature(plan, number_b(plan)) }
}

/// Every request a kiosk can make of a card.
pub fn lanes(plan: &CardPlan) -> Vec<(&'static str, Request)> {
    vec![
        ("number B", number_b(plan)),
        ("PIN", text_pin(plan)),
        ("number B and signature", with_signature(plan, number_b(plan))),
        ("PIN and signature", with_signature(plan, text_pin(plan))),
        ("certificate", Request { user_certificate: true, ..Request::default() }),
        ("everything", everything(plan)),
    ]
}

pub fn read(contents: &Contents, request: Request) -> Result<MyNumberEvidence, InspectError> {
    read_card(place(contents.clone(), Vec::new()), request)
}

pub fn read_with(contents: &Contents, fault: Fault, request: Request) -> Result<MyNumberEvidence, InspectError> {
    read_card(place(contents.clone(), vec![fault]), request)
}

pub fn read_card(card: impl Card, request: Request) -> Result<MyNumberEvidence, InspectError> {
    inspect(card, request, &mut SeededRandom::new(7), &mut |_| ())
}

/// Reads and judges with everything the issuers export.
pub fn verdict(issued: &Issued, request: Request) -> ChipVerdict {
    judge(&read(&issued.contents, request).expect("a reading"), &trust(&issued.trust), now())
}

pub fn deciding(verdict: &ChipVerdict) -> Option<Finding> {
    verdict.findings.first().copied()
}

/// What went to a card, in order.
pub type Log = Arc<Mutex<Vec<CommandApdu>>>;

/// A card that writes down every command.
pub struct Recorded {
    card: Box<dyn SimulatedCard>,
    log: Log,
}

impl Recorded {
    pub fn new(card: Box<dyn SimulatedCard>) -> (Self, Log) {
        let log = Log::default();
        (Self { card, log: Arc::clone(&log) }, log)
    }
}

impl Card for Recorded {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        self.log.lock().expect("one thread").push(command.clone());
        self.card.transmit(command)
    }
}

/// How many of the commands are VERIFY with a secret in it.
pub fn verifications(log: &Log) -> usize {
    log.lock().expect("one thread").iter().filter(|command| command.ins == 0x20 && !command.data.is_empty()).count()
}
