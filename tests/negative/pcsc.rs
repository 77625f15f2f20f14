//! The command line at a real PC/SC service: `pcscd`, the virtual reader, and one simulated card after the other in it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use acceptance::{Pcscd, Run, kioskctl};
use apdu::{Card, CommandApdu, ResponseApdu, TransportError};
use simulator::SimulatedCard;
use simulator::vpcd::{ServeOptions, Stop, serve};

use crate::case::Cell;
use crate::core;
use crate::made::Made;

pub const READER: &str = "Virtual PCD 00 00";
const SERVICE: &str = "/usr/sbin/pcscd";
const DRIVER: &str = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";

/// The service with its virtual reader, held for the whole matrix.
pub struct Desk {
    pcscd: Pcscd,
    place: Place,
    stop: Stop,
    serving: Option<JoinHandle<()>>,
    folder: tempfile::TempDir,
    present: bool,
}

impl Desk {
    /// `None`, with a clear word, where the service or the virtual reader is not installed.
    pub fn open() -> Option<Self> {
        for path in [SERVICE, DRIVER] {
            if !Path::new(path).exists() {
                eprintln!("{path} is absent: NOT RUN through PC/SC (apt-get install pcscd vsmartcard-vpcd)");
                return None;
            }
        }
        let mut desk = Self {
            pcscd: Pcscd::start(),
            place: Place::default(),
            stop: Stop::new(),
            serving: None,
            folder: tempfile::tempdir().expect("a folder"),
            present: false,
        };
        desk.serve();
        Some(desk)
    }

    fn serve(&mut self) {
        let (mut place, stop) = (self.place.clone(), self.stop.clone());
        let options = ServeOptions {
            place_again_after: Some(Duration::from_millis(150)),
            retry_after: Duration::from_millis(100),
            ..ServeOptions::default()
        };
        self.serving = Some(std::thread::spawn(move || {
            serve(&mut place, &options, &stop).expect("the card is served");
        }));
    }

    /// Puts the card of a case into the reader, reads it with `kioskctl`, and compares answer and exit status with each other.
    pub fn read(&mut self, made: &Made) -> Cell {
        self.read_with(made, simulator::place(&made.profile).expect("a card"), &[])
    }

    pub fn read_with(&mut self, made: &Made, card: Box<dyn SimulatedCard>, extra: &[&str]) -> Cell {
        self.place.put(card);
        if !self.present && !self.wait_for_card() {
            return Cell::NotRun("the service does not see the card".to_owned());
        }
        let run = self.command(made, extra).run();
        self.present = !self.place.was_lost();
        answer(&run)
    }

    /// Reads a slow card and kills the service meanwhile; starts it again afterwards.
    pub fn read_while_the_service_dies(&mut self, made: &Made) -> Cell {
        self.place.put(simulator::place(&made.profile).expect("a card"));
        if !self.present && !self.wait_for_card() {
            return Cell::NotRun("the service does not see the card".to_owned());
        }
        let command = self.command(made, &[]);
        let reading = std::thread::spawn(move || command.run());
        let begun = Instant::now();
        while self.place.commands() < 5 && begun.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(10));
        }
        let ours = self.pcscd.kill();
        let run = reading.join().expect("kioskctl ended");
        self.pcscd.start_again();
        self.present = false;
        if ours { answer(&run) } else { Cell::NotRun("the service was not started by this test".to_owned()) }
    }

    /// Reads a card that falls silent, with a second for each answer.
    pub fn read_mute(&mut self, made: &Made) -> Cell {
        let card = simulator::place(&made.profile).expect("a card");
        let cell = self.read_with(made, card, &["--card-timeout", "1"]);
        // The service waits for the silent card until it is taken away.
        self.stop_serving();
        self.serve();
        cell
    }

    /// Imports files one after the other into the trust bundle of a folder; the last answer counts.
    pub fn import(&mut self, folder: &Path, files: &[Vec<u8>]) -> Cell {
        std::fs::create_dir_all(folder).expect("a folder");
        let mut cell = Cell::NotRun("nothing to import".to_owned());
        for (number, file) in files.iter().enumerate() {
            let path = folder.join(format!("{number}.ml"));
            std::fs::write(&path, file).expect("a file");
            let command = kioskctl().args(["--json", "trust", "import"]).arg(&path).arg("--data-dir").arg(folder);
            cell = answer(&command.run());
        }
        cell
    }

    /// Reads with another reader named.
    pub fn read_in(&mut self, reader: &str, made: &Made) -> Cell {
        let command = kioskctl().args(["--json", "read", "passport", "--reader", reader]).args(made.key.arguments());
        answer(&command.run())
    }

    /// Reads a card with this answer to reset.
    pub fn read_answering(&mut self, atr: &[u8], made: &Made) -> Cell {
        self.stop_serving();
        self.wait_until_empty();
        let mut profile = made.profile.clone();
        profile.quirks.atr = Some(atr.to_vec());
        let mut card = simulator::place(&profile).expect("a card");
        let stop = Stop::new();
        let serving = {
            let stop = stop.clone();
            std::thread::spawn(move || serve(&mut *card, &ServeOptions::default(), &stop))
        };
        // The service may not call it a card at all; it has seen it by then.
        std::thread::sleep(Duration::from_millis(1500));
        let cell = answer(&self.command(made, &[]).run());
        stop.stop();
        let _ = serving.join();
        self.wait_until_empty();
        self.serve();
        cell
    }

    fn stop_serving(&mut self) {
        self.stop.stop();
        if let Some(serving) = self.serving.take() {
            let _ = serving.join();
        }
        self.stop = Stop::new();
        self.present = false;
    }

    fn wait_until_empty(&self) {
        assert!(self.wait_until(|reader| reader["card_present"] == false), "the card is still seen");
    }

    fn command(&self, made: &Made, extra: &[&str]) -> acceptance::KioskctlCommand {
        let mut command = kioskctl()
            .args(["--json", "read", "passport", "--reader", READER, "--at", made.at])
            .args(made.key.arguments())
            .args(extra);
        if !made.trust.is_empty() {
            command = command.arg("--trust").arg(self.trust(&made.trust));
        }
        command
    }

    /// A folder with these files of trust data.
    fn trust(&self, files: &[Vec<u8>]) -> PathBuf {
        let name = hex::encode(chip_crypto::hash::digest(
            chip_crypto::hash::HashAlgorithm::Sha1,
            &files.iter().map(Vec::as_slice).collect::<Vec<_>>(),
        ));
        let folder = self.folder.path().join(name);
        if !folder.is_dir() {
            std::fs::create_dir(&folder).expect("a folder");
            for (number, file) in files.iter().enumerate() {
                std::fs::write(folder.join(format!("{number}.der")), file).expect("a file");
            }
        }
        folder
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn wait_for_card(&self) -> bool {
        let atr: String = ATR.iter().map(|byte| format!("{byte:02X}")).collect();
        self.wait_until(|reader| reader["atr"] == atr.as_str())
    }

    /// Waits until the service tells this of the reader.
    fn wait_until(&self, wanted: impl Fn(&serde_json::Value) -> bool) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(15) {
            let readers = kioskctl().args(["--json", "readers"]).run();
            let list = (readers.status == 0).then(|| readers.json());
            let there = list
                .as_ref()
                .and_then(|list| list["readers"].as_array())
                .is_some_and(|readers| readers.iter().any(|reader| reader["name"] == READER && wanted(reader)));
            if there {
                return true;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        false
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.stop_serving();
    }
}

/// The deciding code of an answer; an exit status that does not fit the answer shows.
pub fn answer(run: &Run) -> Cell {
    let json = run.json();
    if let Some(error) = json["error"].as_str() {
        return Cell::Code(if run.status == 3 { error.to_owned() } else { format!("{error}, exit {}", run.status) });
    }
    let codes: Vec<String> = json["codes"]
        .as_array()
        .map(|codes| codes.iter().filter_map(|code| code.as_str().map(str::to_owned)).collect())
        .unwrap_or_default();
    let code = core::deciding(&codes);
    let fits = match json["level"].as_str() {
        Some("red") => run.status == 1,
        Some("amber" | "green") => run.status == 0,
        Some(_) | None => false,
    };
    Cell::Code(if fits { code } else { format!("{code}, level {}, exit {}", json["level"], run.status) })
}

/// The place on the reader: the service sees one card, whose chip is exchanged between two readings.
#[derive(Clone, Default)]
struct Place(Arc<Mutex<Placed>>);

#[derive(Default)]
struct Placed {
    card: Option<Box<dyn SimulatedCard>>,
    commands: u32,
    lost: bool,
}

/// As a contactless reader reports a card with extended length.
const ATR: [u8; 10] = [0x3B, 0x85, 0x80, 0x01, 0x80, 0x73, 0x84, 0x21, 0xC0, 0x92];

impl Place {
    fn with<T>(&self, work: impl FnOnce(&mut Placed) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn put(&self, card: Box<dyn SimulatedCard>) {
        self.with(|placed| (placed.card, placed.commands) = (Some(card), 0));
    }

    /// Commands the card in place has heard.
    fn commands(&self) -> u32 {
        self.with(|placed| placed.commands)
    }

    /// Whether the card left the reader since this was last asked.
    fn was_lost(&self) -> bool {
        self.with(|placed| std::mem::take(&mut placed.lost))
    }
}

impl Card for Place {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        self.with(|placed| {
            placed.commands += 1;
            let answer = placed.card.as_mut().map_or(Err(TransportError::CardRemoved), |card| card.transmit(command));
            placed.lost |= answer.is_err();
            answer
        })
    }
}

impl SimulatedCard for Place {
    fn atr(&self) -> &[u8] {
        &ATR
    }

    fn reset(&mut self) {
        self.with(|placed| placed.card.iter_mut().for_each(|card| card.reset()));
    }

    fn place(&mut self) {
        self.with(|placed| placed.card.iter_mut().for_each(|card| card.place()));
    }
}
