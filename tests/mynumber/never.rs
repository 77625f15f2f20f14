//! What is never asked for: the Individual Number, 照合番号A, the resident record code. Seen at the card, on the level of bytes.

use simulator::my_number::{CardPlan, place};

use crate::support::{Recorded, lanes, read_card, specimen};

const SURFACE: &[u8] = &[0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x02];
const TEXT: &[u8] = &[0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x08];
const JPKI: &[u8] = &[0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01];

#[test]
fn a_card_that_would_give_everything_is_asked_for_nothing_forbidden_in_any_lane() {
    let (plan, mut card) = (CardPlan::default(), specimen());
    card.contents.generous = true;
    for (name, request) in lanes(&plan) {
        let (recorded, log) = Recorded::new(place(card.contents.clone(), Vec::new()));
        read_card(recorded, request).expect(name);
        let mut application: Vec<u8> = Vec::new();
        let mut files = 0;
        for command in log.lock().expect("one thread").iter() {
            match (command.ins, command.p1) {
                (0xA4, 0x04) => {
                    application = command.data.clone();
                    assert!([SURFACE, TEXT, JPKI].contains(&application.as_slice()), "{name}: another application");
                }
                (0xA4, 0x02) => {
                    let forbidden = match application.as_slice() {
                        // The Individual Number and 照合番号A.
                        TEXT => [[0x00, 0x01], [0x00, 0x14]],
                        SURFACE => [[0x00, 0x05], [0x00, 0x13]],
                        // The certificates of the authorities come from the operator, never from a card.
                        _ => [[0x00, 0x02], [0x00, 0x0B]],
                    };
                    assert!(!forbidden.iter().any(|id| command.data == id), "{name}: {:?}", command.data);
                    files += 1;
                }
                // Neither is any file named by its short identifier, or a secret.
                (0xB0, p1) => assert!(p1 < 0x80, "{name}"),
                (0x20, _) => {
                    assert_eq!(command.p2, 0x80, "{name}");
                    assert_ne!(command.data, plan.individual_number.as_bytes(), "{name}");
                }
                (0x2A, 0x00) => assert_eq!(command.cla, 0x80),
                (ins, p1) => panic!("{name}: INS {ins:02X} P1 {p1:02X} is no command of this reader"),
            }
        }
        assert!(files > 0, "{name}: nothing was read");
    }
}

#[test]
fn twelve_digits_are_no_number_b() {
    assert!(chip::my_number::NumberB::parse(&CardPlan::default().individual_number).is_err());
}
