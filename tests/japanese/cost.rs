//! What a reading of each Japanese card costs, beside the floor its file tree and access rules set: at most two commands above it.
//!
//! The floor counts every SELECT of a directory that is needed, the free files before access, a look at the counter before every
//! secret, the secret, every proof of a key, and every file in the fewest commands the card's greatest Le allows. A My Number card
//! takes short lengths alone, and its files are selected by identifier: that it reads them by short identifier is not confirmed.

use std::fmt::Write as _;
use std::path::Path;

use apdu::ReadPlan;
use chip::licence::{LicencePins, LicencePlan};
use chip::mrtd::{Counters, Counting};
use chip::my_number::{Lane, NumberB, Request};
use chip::pin::Pin;
use chip::recognition::{MAX_COMMANDS, recognise};
use chip::residence::{CardNumber, InspectPlan};
use chip_crypto::random::SeededRandom;
use simulator::SimulatedCard;
use simulator::licence::{LicenceCard, Persona};
use simulator::my_number::{Application, CardPlan, Contents, Location, issue, place};
use simulator::residence::{IssuerPlan, ResidencePki};

struct Line {
    card: &'static str,
    floor: usize,
    /// Bytes of the files that are read.
    content: usize,
    spent: Counters,
    recognition: u32,
}

#[allow(clippy::print_stdout, reason = "the table is the answer")]
#[test]
fn every_card_is_read_within_two_commands_of_its_floor() {
    let mut lines = vec![licence("licence, extended length", true), licence("licence, short lengths", false)];
    lines.extend(my_number());
    lines.extend(
        ["residence-first", "special-permanent-first", "residence-second", "special-permanent-second"].map(residence),
    );
    let mut table = String::from(
        "| card | floor | sent | above | bytes of files | bytes on the link | s at 80 kB/s | s at 9.5 kB/s | to recognise it |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for line in &lines {
        let sent = line.spent.apdus as usize;
        let bytes = line.spent.bytes_sent + line.spent.bytes_received;
        let seconds = |rate: f64| sent as f64 * 0.015 + bytes as f64 / rate;
        let _ = writeln!(
            table,
            "| {} | {} | {sent} | {} | {} | {bytes} | {:.2} | {:.2} | {} |",
            line.card,
            line.floor,
            sent as i64 - line.floor as i64,
            line.content,
            seconds(80_000.0),
            seconds(9_500.0),
            line.recognition
        );
    }
    println!("{table}");
    let artifacts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../artifacts");
    std::fs::create_dir_all(&artifacts).expect("a folder");
    std::fs::write(artifacts.join("cost-japanese.md"), &table).expect("a file");
    for line in &lines {
        let sent = line.spent.apdus as usize;
        assert!(sent >= line.floor, "{}: {sent} commands are fewer than the floor of {}", line.card, line.floor);
        assert!(sent <= line.floor + 2, "{}: {sent} commands, the floor is {}", line.card, line.floor);
        assert!(line.recognition <= MAX_COMMANDS, "{}: {} commands to recognise it", line.card, line.recognition);
    }
}

fn recognition(card: Box<dyn SimulatedCard>) -> u32 {
    let mut card = Counting::new(card);
    recognise(&mut card).expect("an answer");
    card.counters().apdus
}

/// Master file, two free files, counter and secret twice, two directories, and the files of a licence without external characters.
fn licence(card: &'static str, extended: bool) -> Line {
    let persona = Persona { extended, ..Persona::built_in("licence").expect("a persona") };
    let issued = LicenceCard::issue(&persona).expect("a card");
    let files = &issued.image().files;
    let read = ["DF1/0001", "DF1/0002", "DF1/0004", "DF1/0007", "DF2/0001"];
    let sizes: Vec<usize> = read.iter().map(|file| files[file].len()).collect();
    let most = if extended { 65_536 } else { 256 };
    let placed = || simulator::licence::place(&persona).expect("a card");
    let pins = LicencePins { pin1: Pin::parse("1234").ok(), pin2: Pin::parse("5678").ok(), ..LicencePins::default() };
    let plan = LicencePlan::default();
    let plan = LicencePlan { read: ReadPlan { extended: extended.then_some(65_536), ..plan.read }, ..plan };
    let evidence = chip::licence::inspect(placed(), pins, &plan, &mut |_| ()).expect("a reading");
    Line {
        card,
        floor: 1 + 2 + 2 * 2 + 2 + sizes.iter().map(|size| size.div_ceil(most)).sum::<usize>(),
        content: sizes.iter().sum(),
        spent: evidence.counters,
        recognition: recognition(placed()),
    }
}

fn my_number() -> Vec<Line> {
    let plan = CardPlan::default();
    let contents = issue(&plan).expect("a card").contents;
    let size = |application, id| contents.files[&Location::new(application, id)].len();
    // Selecting the application and the secret, the counter, the secret; selecting the key, the proof.
    let application = |files: &[usize]| 4 + 2 + files.iter().map(|size| 1 + size.div_ceil(256)).sum::<usize>();
    let surface = [size(Application::Surface, 0x0002), size(Application::Surface, 0x0004)];
    let text = [0x0002, 0x0003, 0x0004, 0x0007].map(|id| size(Application::Text, id));
    let read = |contents: &Contents, lane| {
        let request = Request { lane: Some(lane), ..Request::default() };
        let card = place(contents.clone(), Vec::new());
        chip::my_number::inspect(card, request, &mut SeededRandom::new(7), &mut |_| ()).expect("a reading").counters
    };
    let number_b = Lane::NumberB(NumberB::parse(&plan.number_b()).expect("fourteen digits"));
    let pin = Lane::TextPin(Pin::parse(&plan.text_pin).expect("four digits"));
    vec![
        Line {
            card: "My Number card, 照合番号B",
            floor: application(&surface) + application(&text),
            content: surface.iter().chain(&text).sum(),
            spent: read(&contents, number_b),
            recognition: recognition(place(contents.clone(), Vec::new())),
        },
        Line {
            card: "My Number card, PIN",
            floor: application(&text),
            content: text.iter().sum(),
            spent: read(&contents, pin),
            recognition: recognition(place(contents.clone(), Vec::new())),
        },
    ]
}

/// Master file, two free files, challenge, mutual authentication, VERIFY, three directories, and one command a file.
fn residence(name: &'static str) -> Line {
    let persona = simulator::residence::Persona::built_in(name).expect("a persona");
    let profile = ResidencePki::generate(&IssuerPlan::default()).and_then(|pki| pki.issue(&persona)).expect("a card");
    let files: Vec<usize> = profile
        .files
        .keys()
        .filter(|place| !place.starts_with("MF"))
        .map(|place| profile.file(place).expect("a file").len())
        .collect();
    let placed = || profile.place().expect("a card");
    let number = CardNumber::parse(&profile.card_number).expect("a card number");
    let evidence =
        chip::residence::inspect(placed(), &number, &InspectPlan::default(), &mut SeededRandom::new(7), &mut |_| ())
            .expect("a reading");
    Line {
        card: name,
        floor: 1 + 2 + 3 + 3 + files.len(),
        content: files.iter().sum(),
        spent: evidence.counters,
        recognition: recognition(placed()),
    }
}
