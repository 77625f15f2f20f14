//! Cards that are lifted, exchanged, slow or wrong, at every single command.

use std::sync::OnceLock;

use apdu::TransportError;
use chip::licence::{InspectError, LicenceEvidence, LicencePlan, inspect};
use chip::pin::PinError;
use session::Failure;
use simulator::licence::{Image, LicenceCard, Persona};
use simulator::{Fault, FaultyCard, SimulatedCard, StatusText};

use crate::support::{Plain, Shared, judge, persona, read, right_pins};

/// Commands of an undisturbed reading.
fn length() -> u32 {
    read(&persona("licence"), right_pins()).expect("a reading").counters.apdus
}

/// Reads one issued card with a fault: signing it anew for every command would take minutes.
fn faulty(fault: Fault) -> Result<LicenceEvidence, InspectError> {
    let card = FaultyCard::new(copy(), vec![fault]);
    inspect(Plain(Box::new(card)), right_pins(), &LicencePlan::default(), &mut |_| ())
}

fn copy() -> LicenceCard {
    static IMAGE: OnceLock<Image> = OnceLock::new();
    let persona = persona("licence");
    let issued = || LicenceCard::issue(&persona).expect("a card").image().clone();
    LicenceCard::from_image(IMAGE.get_or_init(issued).clone(), &persona)
}

fn disturbed(fault: Fault) -> InspectError {
    faulty(fault).expect_err("the reading is disturbed")
}

#[test]
fn a_card_lifted_or_exchanged_at_any_command_is_said_to_be() {
    for at in 1..=length() {
        assert_eq!(Failure::from(disturbed(Fault::Lift { at })).to_string(), "CARD_REMOVED", "{at}");
        assert_eq!(Failure::from(disturbed(Fault::Swap { at })).to_string(), "CARD_CHANGED", "{at}");
    }
}

#[test]
fn a_pin_is_sent_at_most_once_wherever_the_card_is_lost() {
    for at in 1..=length() {
        let faults = [Fault::Lift { at }, Fault::Reset { at }, Fault::Mute { at, after_ms: 0 }, Fault::Swap { at }];
        for fault in faults {
            let sent = Shared::of(copy());
            let card = FaultyCard::new(Holder(sent.clone()), vec![fault.clone()]);
            let _ = inspect(Plain(Box::new(card)), right_pins(), &LicencePlan::default(), &mut |_| ());
            assert!(sent.verifies() <= 2, "{fault:?}: {:?}", sent.log());
            assert_eq!(sent.tries(), [3, 3], "{fault:?}");
        }
    }
}

/// [`Shared`] as a simulated card, so that faults can be put around it.
struct Holder(Shared);

impl apdu::Card for Holder {
    fn transmit(&mut self, command: &apdu::CommandApdu) -> Result<apdu::ResponseApdu, TransportError> {
        self.0.transmit(command)
    }
}

impl SimulatedCard for Holder {
    fn atr(&self) -> &[u8] {
        &[]
    }

    fn reset(&mut self) {
        self.0.card.lock().expect("the card").reset();
    }

    fn place(&mut self) {
        self.0.lift_and_place();
    }
}

#[test]
fn a_lost_reply_to_the_pin_is_told_with_the_counter_read_after_it() {
    // SELECT, twice SELECT and READ BINARY, counter: the seventh command is VERIFY.
    let error = disturbed(Fault::Reset { at: 7 });
    let InspectError::Pin { source: PinError::ReplyLost { cause, before, after }, .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!((cause, Some(before)), (TransportError::CardReset, after));
    assert_eq!(Failure::from(error).to_string(), "CARD_RESET");
}

#[test]
fn wrong_status_words_at_any_command_end_in_a_verdict_or_a_failure() {
    for at in 1..=length() {
        for status in [0x6F00, 0x6982, 0x6A82, 0x6D00, 0x6700, 0x6300, 0x6984, 0x6C10, 0x6110] {
            let fault = Fault::Status { at, status: StatusText(status), forever: false };
            if let Ok(evidence) = faulty(fault) {
                let _ = judge(&evidence);
            }
        }
        for fault in [Fault::Empty { at, forever: true }, Fault::Oversize { at }, Fault::Replay { at }] {
            if let Ok(evidence) = faulty(fault) {
                let _ = judge(&evidence);
            }
        }
    }
}

#[test]
fn a_slow_card_is_read() {
    let slow = persona("licence").with_fault(Fault::Slow { per_apdu_ms: 2 });
    assert!(read(&slow, right_pins()).is_ok());
}

#[test]
fn counters_outlast_a_lift_and_what_was_opened_does_not() {
    let wrong = |card: &Shared| {
        inspect(card.clone(), crate::support::pins("0000", "0000"), &LicencePlan::default(), &mut |_| ()).unwrap_err()
    };
    let card = Shared::issue(&persona("licence"));
    assert_eq!(Failure::from(wrong(&card)).to_string(), "PIN_WRONG(2)");
    card.lift_and_place();
    assert_eq!(Failure::from(wrong(&card)).to_string(), "PIN_WRONG(1)");
    card.lift_and_place();
    assert_eq!(Failure::from(wrong(&card)).to_string(), "PIN_LAST_TRY_CONSENT");
    assert_eq!(card.tries(), [1, 3]);
}

#[test]
fn a_card_of_another_kind_is_no_licence() {
    let passport = simulator::Profile::built_in("specimen").expect("a profile");
    let card = simulator::place(&passport).expect("a card");
    let error = inspect(Plain(card), right_pins(), &LicencePlan::default(), &mut |_| ()).unwrap_err();
    assert_eq!(Failure::from(error).to_string(), "DOCUMENT_NOT_EXPECTED");
}

#[test]
fn personas_are_cards() {
    for name in ["licence", "licence-changed", "licence-no-pin"] {
        let persona: Persona = persona(name);
        assert!(LicenceCard::issue(&persona).is_ok(), "{name}");
    }
}
