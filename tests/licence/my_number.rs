//! The licence on a My Number card.

use std::sync::{Arc, Mutex};

use apdu::{Card, CommandApdu, ResponseApdu, TransportError};
use chip::licence::my_number::{MyNumberLicenceError, MyNumberLicencePlan, inspect};
use chip::pin::{Pin, PinError, Tries};
use session::Failure;
use simulator::licence::{MyNumberLicenceCard, Persona};
use trust::licence::judge_my_number;
use trust::{DataSignature, Level, NotChecked};

use crate::support::{now, persona, trust};

#[derive(Clone)]
struct Shared(Arc<Mutex<MyNumberLicenceCard>>);

impl Shared {
    fn issue(persona: &Persona) -> Self {
        Self(Arc::new(Mutex::new(MyNumberLicenceCard::issue(persona).expect("a card"))))
    }

    fn tries(&self) -> u8 {
        self.0.lock().expect("the card").tries()
    }

    fn verifies(&self) -> usize {
        self.0.lock().expect("the card").log().iter().filter(|line| *line == "VERIFY").count()
    }
}

impl Card for Shared {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        self.0.lock().expect("the card").transmit(command)
    }
}

fn mynumber() -> Persona {
    persona("mynumber-licence")
}

#[test]
fn validity_number_and_photo_are_read_and_never_green() {
    let pin = Pin::parse("2468").ok();
    let evidence = inspect(Shared::issue(&mynumber()), pin, None, &MyNumberLicencePlan::default()).expect("a reading");
    let verdict = judge_my_number(&evidence, &trust(), now());
    assert_eq!(verdict.fields.document_number.as_deref(), Some("999912345670"));
    assert_eq!(verdict.fields.expiry_date.as_deref(), Some("2030-05-01"));
    assert!(verdict.fields.has_portrait);
    assert_eq!(verdict.fields.name, None);
    assert_eq!(verdict.level(), Level::Amber);
    assert_eq!(verdict.data_signature, DataSignature::NotChecked { reason: NotChecked::Input });
    // SELECT, two of the setting, counter, VERIFY, SELECT and 2 KiB in parts, SELECT and the signature.
    assert!(evidence.counters.apdus <= 20, "{}", evidence.counters.apdus);
    let text = serde_json::to_string(&evidence).expect("JSON");
    let colour: Vec<String> = simulator::licence::jis("優良").expect("JIS").iter().map(u8::to_string).collect();
    assert!(!text.contains(&colour.join(",")));
}

#[test]
fn a_wrong_pin_costs_one_of_ten_tries() {
    let card = Shared::issue(&mynumber());
    let error = inspect(card.clone(), Pin::parse("0000").ok(), None, &MyNumberLicencePlan::default()).unwrap_err();
    assert_eq!(error, MyNumberLicenceError::Pin(PinError::Wrong { remaining: Tries::Left(9) }));
    assert_eq!(Failure::from(error).to_string(), "PIN_WRONG(9)");
    assert_eq!((card.tries(), card.verifies()), (9, 1));
}

#[test]
fn the_reference_the_specification_shows_sends_no_pin_to_a_card_that_has_the_other() {
    let plan = MyNumberLicencePlan { pin_qualifier: 0x82, ..MyNumberLicencePlan::default() };
    let card = Shared::issue(&mynumber());
    let error = inspect(card.clone(), Pin::parse("2468").ok(), None, &plan).unwrap_err();
    assert_eq!(error, MyNumberLicenceError::Pin(PinError::LastTry { tries: Tries::Unknown }));
    assert_eq!((card.tries(), card.verifies()), (10, 0));
}

#[test]
fn an_unset_pin_and_an_unknown_setting() {
    let mut unset = mynumber();
    unset.pin1 = None;
    assert!(inspect(Shared::issue(&unset), None, None, &MyNumberLicencePlan::default()).is_ok());
    let fault = simulator::Fault::ChangedByte { file: "001A".to_owned(), offset: 2, xor: 4 };
    let card = Shared::issue(&mynumber().with_fault(fault));
    let error = inspect(card.clone(), Pin::parse("2468").ok(), None, &MyNumberLicencePlan::default()).unwrap_err();
    assert_eq!(error, MyNumberLicenceError::PinSettingUnknown);
    assert_eq!(card.verifies(), 0);
}

#[test]
fn a_card_without_the_application_carries_no_licence() {
    let card = simulator::licence::LicenceCard::issue(&persona("licence")).expect("a card");
    let error = inspect(card, None, None, &MyNumberLicencePlan::default()).unwrap_err();
    assert_eq!(error, MyNumberLicenceError::NotLicence);
}
