//! How few commands a reading takes: the floor is computed from the file tree, the access rules and the largest Le.

use std::collections::BTreeSet;

use apdu::{Card, CommandApdu, ResponseApdu, TransportError};
use chip::mrtd::Counting;
use chip::recognition::{Document, MAX_COMMANDS, Recognised, recognise};
use chip::residence::{CardType, Presence, layout};
use simulator::residence::{PERSONAS, ResidenceProfile};
use simulator::{Profile, SimulatedCard};

use crate::support::{issue, read};

/// The fewest commands that read every file of a type.
fn floor(card: CardType) -> u32 {
    let files = layout(card).iter().filter(|spec| spec.presence != Presence::Forbidden);
    let directories: BTreeSet<_> = files.clone().map(|spec| spec.file.directory()).collect();
    // My Number cards take short lengths: 256 bytes, of which encryption leaves 239.
    let reads = files.map(|spec| match (card.is_combined(), spec.encrypted) {
        (false, _) => 1,
        (true, true) => spec.size.div_ceil(239),
        (true, false) => spec.size.div_ceil(256),
    });
    // The master file or 在留AP, and its two free files.
    let free = 3;
    // GET CHALLENGE, MUTUAL AUTHENTICATE, VERIFY; or SET SESSION KEY, VERIFY.
    let access = if card.is_combined() { 2 } else { 3 };
    free + access + u32::try_from(directories.len() + reads.sum::<usize>()).expect("few")
}

#[test]
fn a_reading_takes_at_most_two_commands_above_the_floor() {
    for name in PERSONAS {
        let evidence = read(&issue(name)).expect("a reading");
        let (sent, floor) = (evidence.counters.apdus, floor(evidence.card_type));
        eprintln!("{name}: {sent} commands, floor {floor}");
        // A card without a photo has a smaller file than the tree allows.
        let small = name.ends_with("infant") || name.ends_with("child");
        assert!(sent <= floor + 2 && (small || sent >= floor), "{name}: {sent} commands, floor {floor}");
    }
}

/// Fails on anything a recognition must not send.
struct Watched(Box<dyn SimulatedCard>);

impl Card for Watched {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        assert!(matches!(command.ins, 0xA4 | 0xB0), "a recognition sends {:02X}", command.ins);
        self.0.transmit(command)
    }
}

fn recognised(card: Box<dyn SimulatedCard>) -> Recognised {
    let mut card = Counting::new(Watched(card));
    let found = recognise(&mut card).expect("an answer");
    assert!(card.counters().apdus <= MAX_COMMANDS, "{found:?} took {}", card.counters().apdus);
    found
}

#[test]
fn every_card_is_recognised_before_it_is_opened() {
    for name in PERSONAS {
        let profile = issue(name);
        let found = recognised(profile.place().expect("a card"));
        match found {
            Recognised::ResidenceCard(card) => assert_eq!(card.code(), profile.card_type, "{name}"),
            Recognised::CombinedCard { card_type, .. } => {
                assert_eq!(card_type.map(CardType::code), Some(profile.card_type.as_str()), "{name}");
                assert_eq!(found.documents(), [Document::CombinedCard, Document::MyNumberCard]);
            }
            Recognised::DriversLicence
            | Recognised::MyNumberCard { .. }
            | Recognised::Phone
            | Recognised::Passport
            | Recognised::Unknown => panic!("{name}: {found:?}"),
        }
    }
    let passport = Profile::built_in("specimen").expect("a passport");
    assert_eq!(recognised(simulator::place(&passport).expect("a card")), Recognised::Passport);
}

#[test]
fn applications_alone_tell_phones_my_number_cards_and_licences() {
    let with = |applications: &[&str]| {
        let mut profile: ResidenceProfile = issue("residence-first");
        profile.files.clear();
        profile.applications = applications.iter().map(|aid| (*aid).to_owned()).collect();
        recognised(profile.place().expect("a card"))
    };
    let (jpki, surface) = ("D392F000260100000001", "D3921000310001010402");
    let licence =
        ["A0000002310100000000000000000000", "A0000002310200000000000000000000", "A0000002480300000000000000000000"];
    assert_eq!(with(&[jpki]), Recognised::Phone);
    assert_eq!(with(&[jpki, surface]), Recognised::MyNumberCard { digital_licence: false });
    let digital = "A0000002310600000000000000000000";
    assert_eq!(with(&[jpki, surface, digital]), Recognised::MyNumberCard { digital_licence: true });
    assert_eq!(with(&licence), Recognised::DriversLicence);
    assert_eq!(with(&licence[..2]), Recognised::Unknown);
}
