//! What a reading costs: commands, bytes, and the time of both on a link of known speed, beside the floor of the same files and
//! beside the ways other readers read them.

use std::cell::RefCell;
use std::rc::Rc;

use apdu::tlv::Tag;
use apdu::{Card, CommandApdu, ResponseApdu, TransportError};
use chip::mrtd::{InspectPlan, MrtdEvidence, MrtdFile, inspect};
use chip_crypto::random::SeededRandom;
use simulator::issuer::PassportPlan;
use simulator::{AaHash, Content, Profile, Quirks};

use crate::support::{Plain, issue, mrz_key, rsa_keys};

/// Seconds a command and its answer take beside their bytes.
const ROUND_TRIP: f64 = 0.015;
/// Bytes a second at 848 and at 106 kbit/s.
pub const SPEEDS: [f64; 2] = [80_000.0, 9_500.0];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    pub apdus: u64,
    pub bytes: u64,
}

impl Cost {
    /// On a link that gives `speed` bytes a second.
    pub fn seconds(self, speed: f64) -> f64 {
        self.apdus as f64 * ROUND_TRIP + self.bytes as f64 / speed
    }

    fn and(self, other: Self) -> Self {
        Self { apdus: self.apdus + other.apdus, bytes: self.bytes + other.bytes }
    }
}

/// A card that remembers what each exchange cost.
struct Watched {
    card: Plain,
    log: Rc<RefCell<Vec<(u8, u8, Cost)>>>,
}

impl Card for Watched {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        let sent = command.encode().expect("a command").len();
        let response = self.card.transmit(command)?;
        let cost = Cost { apdus: 1, bytes: (sent + response.data.len() + 2) as u64 };
        self.log.borrow_mut().push((command.cla, command.ins, cost));
        Ok(response)
    }
}

/// One reading, counted.
#[allow(dead_code, reason = "the table of costs counts less than the test of oddities")]
pub struct Reading {
    pub evidence: MrtdEvidence,
    pub cost: Cost,
    /// Everything but the protected READ BINARY and SELECT of files: access, proofs, EF.CardAccess.
    around: Cost,
    /// GET RESPONSE commands, and times access was gained again.
    pub fetched: u64,
    pub reopenings: u64,
    block: u64,
}

pub fn read(profile: &Profile, reader: Option<u32>, without_com: bool) -> Reading {
    let card = simulator::place(profile).expect("a card");
    let plan = InspectPlan { without_com, ..InspectPlan::default() }.for_card(reader, card.atr());
    let log = Rc::new(RefCell::new(Vec::new()));
    let card = Watched { card: Plain(card), log: Rc::clone(&log) };
    let evidence = inspect(card, &mrz_key(profile), &plan, &mut SeededRandom::new(7), &mut |_| ());
    let evidence = evidence.unwrap_or_else(|error| panic!("{}, {:?}: {error}", profile.name, profile.quirks));
    let log = log.borrow();
    let sum = |of: &dyn Fn(&(u8, u8, Cost)) -> bool| {
        log.iter().filter(|line| of(line)).fold(Cost::default(), |sum, (_, _, cost)| sum.and(*cost))
    };
    let around = sum(&|(cla, ins, _)| cla & 0x0C == 0 || !matches!(ins, 0xB0 | 0xB1));
    let count = |wanted: u8| log.iter().filter(|(_, ins, _)| *ins == wanted).count() as u64;
    // EXTERNAL AUTHENTICATE ends BAC; MANAGE SECURITY ENVIRONMENT in plain begins PACE.
    let begun = log.iter().filter(|(cla, ins, _)| *ins == 0x82 || (*cla == 0 && *ins == 0x22)).count() as u64;
    let block = if profile.access.pace.is_empty() { 8 } else { 16 };
    Reading { evidence, cost: sum(&|_| true), around, fetched: count(0xC0), reopenings: begun.saturating_sub(1), block }
}

impl Reading {
    pub fn sizes(&self) -> impl Iterator<Item = u64> {
        let files = [MrtdFile::Sod, MrtdFile::Dg1, MrtdFile::Dg14, MrtdFile::Dg15, MrtdFile::Dg2];
        files.into_iter().filter_map(|file| self.evidence.files.get(&file)).map(|file| file.len() as u64)
    }

    /// Each file by its short identifier in one extended command.
    pub fn floor(&self) -> Cost {
        self.sizes().fold(self.around, |sum, size| sum.and(exchange(size, self.block, true)))
    }

    /// As other readers go about it: SELECT each file or not, a head of so many bytes, blocks of so many.
    pub fn strategy(&self, select: bool, head: u64, chunk: u64) -> Cost {
        self.sizes().fold(self.around, |mut sum, size| {
            if select {
                // Two bytes of data in DO'87', a block of them; the answer has no data.
                sum = sum.and(Cost { apdus: 1, bytes: 5 + 3 + self.block + 10 + 1 + 16 });
            }
            let mut left = size;
            for ne in [head].into_iter().filter(|head| *head > 0).chain(std::iter::repeat(chunk)) {
                if left == 0 {
                    break;
                }
                let given = ne.min(left);
                sum = sum.and(exchange(given, self.block, chunk > 256));
                left -= given;
            }
            sum
        })
    }
}

/// READ BINARY under secure messaging (Doc 9303-11, 9.8.4): CLA INS P1 P2 Lc DO'97' DO'8E' Le, then DO'87' DO'99' DO'8E' SW1 SW2.
fn exchange(data: u64, block: u64, extended: bool) -> Cost {
    let command = if extended { 4 + 3 + 4 + 10 + 2 } else { 4 + 1 + 3 + 10 + 1 };
    let padded = (data / block + 1) * block + 1;
    let length = match padded {
        0..=0x7F => 1,
        0x80..=0xFF => 2,
        _ => 3,
    };
    Cost { apdus: 1, bytes: command + 1 + length + padded + 4 + 10 + 2 }
}

/// With a DG2 of the size usual in the field. It is read, not judged.
fn sized(plan: &PassportPlan) -> Profile {
    let mut profile = issue(plan);
    let portrait = apdu::tlv::encode(Tag(0x75), &vec![0xA5; 18_000]);
    profile.files.insert("0102".into(), Content::Hex(hex::encode(portrait)));
    profile
}

pub fn bac() -> Profile {
    // With SHA-1 nothing has to be said about the key in DG14 (Doc 9303-11, 6.1.2.3).
    let active_key = Some((rsa_keys().swap_remove(0), AaHash::Sha1));
    sized(&PassportPlan {
        name: "BAC + AA".into(),
        pace: Vec::new(),
        chip: None,
        active_key,
        ..PassportPlan::default()
    })
}

pub fn pace() -> Profile {
    sized(&PassportPlan { name: "PACE + CA + AA".into(), ..PassportPlan::default() })
}

pub fn short(mut profile: Profile) -> Profile {
    profile.quirks = Quirks { extended: false, ..Quirks::default() };
    profile
}

pub const READER: Option<u32> = Some(0x1_0000);

/// gmrtd 1.1.2 as it comes, on a chip of this kind with a DG2 of 18 kB: counted from the card's log.
pub const GMRTD_DEFAULT: Cost = Cost { apdus: 108, bytes: 24_776 };

#[test]
fn a_bac_chip_with_extended_length_is_read_in_nine_commands() {
    let reading = read(&bac(), READER, true);
    assert!(reading.cost.apdus <= 9, "{:?}", reading.cost);
    assert!(
        reading.cost.bytes as f64 <= 1.005 * reading.floor().bytes as f64,
        "{:?} {:?}",
        reading.cost,
        reading.floor()
    );
    // EF.COM is one more, and is read unless it is left out on purpose.
    let whole = read(&bac(), READER, false).cost;
    assert_eq!(whole.apdus, reading.cost.apdus + 1);
    let ratio = whole.seconds(SPEEDS[0]) / GMRTD_DEFAULT.seconds(SPEEDS[0]);
    assert!(ratio <= 0.22, "{ratio}: {whole:?}");
}

#[test]
fn a_pace_chip_with_both_proofs_is_read_in_seventeen_commands() {
    let reading = read(&pace(), READER, true);
    assert!(reading.cost.apdus <= 17, "{:?}", reading.cost);
    assert!(
        reading.cost.bytes as f64 <= 1.005 * reading.floor().bytes as f64,
        "{:?} {:?}",
        reading.cost,
        reading.floor()
    );
    assert_eq!(read(&pace(), READER, false).cost.apdus, reading.cost.apdus + 1);
}

#[test]
fn without_extended_length_no_other_way_of_reading_is_cheaper() {
    for profile in [short(bac()), short(pace())] {
        let limit = if profile.access.pace.is_empty() { 231 } else { 223 };
        // A reader that could, and one that cannot.
        for reader in [None, READER] {
            let reading = read(&profile, reader, true);
            for (select, head, chunk) in [(true, 4, limit), (false, 8, limit), (false, 0, limit), (true, 4, 160)] {
                let other = reading.strategy(select, head, chunk);
                assert!(reading.cost.apdus <= other.apdus, "{} {reader:?} {:?} {other:?}", profile.name, reading.cost);
                assert!(reading.cost.bytes <= other.bytes + other.bytes / 200, "{:?} {other:?}", reading.cost);
            }
        }
    }
}
