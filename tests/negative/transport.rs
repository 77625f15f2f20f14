//! Rows T01 to T12: what goes wrong between chip and terminal.

use apdu::tlv::{Tag, encode};
use apdu::{Card, CommandApdu, ResponseApdu, TransportError};
use kiosk::{CardConnection, Readers as _};
use readers::{PcscReaders, ReadersConfig};
use simulator::issuer::PassportPlan;
use simulator::{Fault, FileEnd, StatusText, VirtualReader, VirtualReaders};

use crate::case::{Case, Cell};
use crate::core;
use crate::made::{Made, Scene, scene};
use crate::pcsc::{Desk, READER};

pub fn cases() -> Vec<Case> {
    let mut cases = answers();
    cases.extend(files());
    cases.extend(losses());
    cases
}

/// T01 to T04: answers that lead nowhere.
fn answers() -> Vec<Case> {
    fn endless(status: u16) -> Made {
        scene(|_| ()).with_fault(Fault::Status { at: 1, status: StatusText(status), forever: true })
    }
    vec![
        Case::refused("T01", "6100 for ever, without data", "APDU_LOOP", || endless(0x6100)),
        Case::refused("T01", "6110 for ever, without data", "APDU_LOOP", || endless(0x6110)),
        Case::refused("T02", "6C10 for ever", "APDU_LOOP", || endless(0x6C10)),
        Case::refused("T03", "response longer than requested", "APDU_OVERSIZE", || {
            scene(|_| ()).with_fault(Fault::Oversize { at: 2 })
        }),
        Case::refused("T04", "READ BINARY yields no byte, with 9000", "APDU_NO_PROGRESS", || {
            scene(|_| ()).change(|made| {
                let file = made.profile.files["0101"].bytes(&made.profile.base).expect("DG1");
                made.put("0101", &file[..file.len() - 10]);
                made.profile.quirks.file_end = FileEnd::Ok;
            })
        }),
    ]
}

/// T05, T06: files that are no files.
fn files() -> Vec<Case> {
    vec![
        Case::refused("T05", "header declares 4 GiB", "FILE_LIMIT", || {
            scene(|_| ()).change(|made| {
                let mut file = vec![0x61, 0x84, 0xFF, 0xFF, 0xFF, 0xFF];
                file.resize(600, 0);
                made.put("0101", &file);
            })
        }),
        Case::judged("T06", "EF.SOD of 10,000 templates in one another", "TLV_LIMIT", || {
            scene(|scene| {
                let nested = [[0x30, 0x80].repeat(10_000), [0, 0].repeat(10_000)].concat();
                scene.sod = Some(encode(Tag(0x77), &nested));
            })
        }),
        Case::judged("T06", "indefinite length without its end, in the signed DG1", "TLV_INVALID", || {
            scene(|scene| scene.sign(1, encode(Tag(0x61), &[0x5F, 0x1F, 0x80, b'P', b'<'])))
        }),
        Case::judged("T06", "length past the end, in the signed DG1", "TLV_INVALID", || {
            scene(|scene| scene.sign(1, encode(Tag(0x61), &[0x5F, 0x1F, 0x58, b'P', b'<'])))
        }),
    ]
}

/// T07 to T12: cards and readers that go.
fn losses() -> Vec<Case> {
    vec![
        Case::own("T07", "card lifted at every command of BAC, of PACE, CA and AA", "CARD_REMOVED", lifted, |desk| {
            at_some_commands(desk, |at| Fault::Lift { at })
        }),
        Case::own("T08", "another card at every command", "CARD_CHANGED", swapped, |_| {
            Cell::NotApplicable("the service tells a swap as a removal")
        }),
        Case::own("T09", "reader unplugged at every command; service killed", "READER_LOST", unplugged, |desk| {
            let made = Scene::bac().make().with_fault(Fault::Slow { per_apdu_ms: 40 });
            desk.read_while_the_service_dies(&made)
        }),
        Case::own("T10", "card that stops answering; its time for an answer shortened", "CARD_TIMEOUT", mute, |desk| {
            let made = Scene::bac().make();
            let at = core::commands(&made) / 2;
            desk.read_mute(&made.with_fault(Fault::Mute { at, after_ms: 0 }))
        }),
        Case::own("T11", "card in a reader that is not allowed", "READER_NOT_ALLOWED", not_allowed, |desk| {
            desk.read_in("Windows Hello for Business 1", &Scene::bac().make())
        }),
        Case::own(
            "T12",
            "answer to reset of random bytes",
            "CARD_UNKNOWN",
            || unknown(RANDOM),
            |desk| desk.read_answering(RANDOM, &Scene::bac().make()),
        ),
        Case::own(
            "T12",
            "answer to reset of no byte",
            "CARD_UNKNOWN",
            || unknown(&[]),
            |desk| {
                let cell = desk.read_answering(&[], &Scene::bac().make());
                told_by_the_service(cell, "CARD_REMOVED", "to the service such a card is none: CARD_REMOVED")
            },
        ),
        Case::own(
            "T12",
            "answer to reset of 34 bytes",
            "CARD_UNKNOWN",
            || unknown(&LONG),
            |desk| {
                let cell = desk.read_answering(&LONG, &Scene::bac().make());
                told_by_the_service(cell, "CARD_TIMEOUT", "to the service such a card is unresponsive: CARD_TIMEOUT")
            },
        ),
    ]
}

/// The two flows: BAC with Active Authentication; PACE, Chip and Active Authentication.
fn flows() -> [Made; 2] {
    [Scene::bac().make(), scene(|_| ())]
}

/// One code when every command of both flows came to the same, else all of them.
fn at_every_command(disturbed: impl Fn(&Made, u32) -> Result<(), String>) -> Cell {
    let mut codes = std::collections::BTreeMap::new();
    for made in flows() {
        for at in 1..=core::commands(&made) {
            let code = disturbed(&made, at).err().unwrap_or_else(|| "read all the same".to_owned());
            codes.entry(code).or_insert_with(Vec::new).push(at);
        }
    }
    match codes.len() {
        1 => Cell::Code(codes.into_keys().next().unwrap_or_default()),
        _ => Cell::Code(format!("{codes:?}")),
    }
}

fn lifted() -> Cell {
    at_every_command(|made, at| core::read(&made.clone().with_fault(Fault::Lift { at })).map(drop).map_err(core::code))
}

/// A card that has something done to its reader before one command.
struct Disturbed<F> {
    card: Box<dyn CardConnection>,
    left: u32,
    act: F,
}

impl<F: FnMut()> Card for Disturbed<F> {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            (self.act)();
            self.left = u32::MAX;
        }
        self.card.transmit(command)
    }
}

fn with_reader(made: &Made, at: u32, act: impl FnMut(&VirtualReaders, &VirtualReader)) -> Result<(), String> {
    let (readers, reader) = VirtualReaders::with_reader("reader");
    reader.insert(&made.profile).expect("a card");
    let card = readers.connect("reader").expect("a card");
    let mut act = act;
    let act = || act(&readers, &reader);
    core::read_card(Disturbed { card, left: at, act }, made).map(drop).map_err(core::code)
}

fn swapped() -> Cell {
    let other = Scene::of(&PassportPlan { seed: 9, ..PassportPlan::default() }).make();
    at_every_command(|made, at| with_reader(made, at, |_, reader| reader.swap(&other.profile).expect("a card")))
}

fn unplugged() -> Cell {
    at_every_command(|made, at| with_reader(made, at, |readers, reader| readers.unplug(reader.name())))
}

fn mute() -> Cell {
    at_every_command(|made, at| {
        core::read(&made.clone().with_fault(Fault::Mute { at, after_ms: 0 })).map(drop).map_err(core::code)
    })
}

fn not_allowed() -> Cell {
    match PcscReaders::new(ReadersConfig::production()).connect_card(READER) {
        Ok(_) => Cell::code("connected all the same"),
        Err(error) => Cell::Code(core::code(error)),
    }
}

/// Bytes that begin as no convention does.
const RANDOM: &[u8] = &[0xA7, 0x13, 0x5C, 0x00, 0xEE, 0x31];
/// One byte more than ISO/IEC 7816-3 allows.
const LONG: [u8; 34] = [0x3B; 34];

fn unknown(atr: &[u8]) -> Cell {
    let mut made = Scene::bac().make();
    made.profile.quirks.atr = Some(atr.to_vec());
    let (readers, reader) = VirtualReaders::with_reader("reader");
    reader.insert(&made.profile).expect("a card");
    let connected = readers.connect_card("reader");
    Cell::Code(connected.err().map_or_else(|| "connected all the same".to_owned(), core::code))
}

/// What the service keeps from the product: the row's code cannot come, another one must.
fn told_by_the_service(cell: Cell, code: &str, why: &'static str) -> Cell {
    if cell == Cell::code(code) { Cell::NotApplicable(why) } else { cell }
}

/// The first, a middle and the last command of both flows.
fn at_some_commands(desk: &mut Desk, fault: impl Fn(u32) -> Fault) -> Cell {
    let mut codes = Vec::new();
    for made in flows() {
        let last = core::commands(&made);
        for at in [1, last / 2, last] {
            match desk.read(&made.clone().with_fault(fault(at))) {
                Cell::Code(code) if codes.contains(&code) => {}
                Cell::Code(code) => codes.push(code),
                other => return other,
            }
        }
    }
    Cell::Code(codes.join(", "))
}
