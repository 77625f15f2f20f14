//! Scripted faults do what they say, once, and at the command they name.
#![allow(clippy::unwrap_used, reason = "tests")]

mod terminal;

use apdu::{Card, CommandApdu, TransportError};
use simulator::{Fault, Profile, SimulatedCard, StatusText, place};
use terminal::{Terminal, select_application};

const INFORMATION: &str = "XTEST0001";

fn profile(fault: Fault) -> Profile {
    Profile::built_in("specimen-bac").unwrap().with_fault(fault)
}

fn open(profile: &Profile) -> (Box<dyn SimulatedCard>, Terminal) {
    let second = profile.access.mrz.as_ref().unwrap().lines().nth(1).unwrap().to_owned();
    assert!(second.starts_with(INFORMATION));
    let mut card = place(profile).unwrap();
    let terminal = Terminal::bac(&mut card, &[&second[0..10], &second[13..20], &second[21..28]].concat()).unwrap();
    (card, terminal)
}

fn read() -> CommandApdu {
    CommandApdu::new(0, 0xB0, 0x81, 0).with_ne(32)
}

#[test]
fn a_lifted_card_is_gone_until_placed_again() {
    let (mut card, mut terminal) = open(&profile(Fault::Lift { at: 5 }));
    assert!(terminal.send(&mut card, &read()).is_ok());
    let command = terminal.protect(&read());
    assert_eq!(card.transmit(&command), Err(TransportError::CardRemoved));
    assert_eq!(card.transmit(&command), Err(TransportError::CardRemoved));
    card.place();
    assert!(card.transmit(&select_application()).unwrap().status.is_ok());
}

#[test]
fn a_wrong_mac_a_stripped_and_a_replayed_response() {
    for (fault, expected) in [
        (Fault::WrongMac { at: 5 }, "mac"),
        (Fault::Stripped { at: 5 }, "plain 9000"),
        (Fault::Replay { at: 5 }, "mac"),
        (Fault::Status { at: 5, status: StatusText(0x6F00), forever: false }, "plain 6F00"),
    ] {
        let (mut card, mut terminal) = open(&profile(fault));
        assert!(terminal.send(&mut card, &read()).is_ok());
        assert_eq!(terminal.send(&mut card, &read()).unwrap_err(), expected);
    }
}

#[test]
fn other_transport_ends() {
    for (fault, expected) in [
        (Fault::Mute { at: 4, after_ms: 1 }, TransportError::Timeout),
        (Fault::Swap { at: 4 }, TransportError::CardChanged),
        (Fault::Reset { at: 4 }, TransportError::CardReset),
    ] {
        let (mut card, mut terminal) = open(&profile(fault));
        let command = terminal.protect(&read());
        assert_eq!(card.transmit(&command), Err(expected));
    }
}

#[test]
fn endless_and_oversized_answers() {
    let (mut card, mut terminal) = open(&profile(Fault::Status { at: 4, status: StatusText(0x6110), forever: true }));
    for _ in 0..40 {
        let command = terminal.protect(&read());
        assert_eq!(card.transmit(&command).unwrap().status.0, 0x6110);
    }
    let (mut card, mut terminal) = open(&profile(Fault::Oversize { at: 4 }));
    let command = terminal.protect(&read());
    assert!(card.transmit(&command).unwrap().data.len() > 256);
}

#[test]
fn a_changed_byte_is_changed_on_the_card() {
    let honest = Profile::built_in("specimen-bac").unwrap();
    let (mut card, mut terminal) = open(&profile(Fault::ChangedByte { file: "010F".into(), offset: 20, xor: 0x40 }));
    let found = terminal.read(&mut card, 15, 256).unwrap();
    let mut expected = honest.files["010F"].bytes(&honest.base).unwrap();
    expected[20] ^= 0x40;
    assert_eq!(found, expected);
}

#[test]
fn slowness_costs_time_only() {
    let begun = std::time::Instant::now();
    open(&profile(Fault::Slow { per_apdu_ms: 10 }));
    assert!(begun.elapsed() >= std::time::Duration::from_millis(30));
}
