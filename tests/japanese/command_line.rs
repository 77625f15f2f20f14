//! The command line at a real PC/SC service: `pcscd`, the virtual reader, and one simulated card after the other in it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use acceptance::{KioskctlCommand, Pcscd, Run, kioskctl};
use apdu::{Card, CommandApdu, ResponseApdu, TransportError};
use simulator::SimulatedCard;
use simulator::vpcd::{ServeOptions, Stop, serve};

use crate::rows::{Key, Row};
use crate::{Said, core_way};

const READER: &str = "Virtual PCD 00 00";

/// The service with its virtual reader and one card in it, whose chip is exchanged between two readings.
pub struct Desk {
    place: Place,
    stop: Stop,
    serving: Option<JoinHandle<()>>,
    folder: tempfile::TempDir,
    _pcscd: Pcscd,
}

impl Desk {
    /// Starts the service. Without it the test fails and says what to install: a way that was not run must not look green.
    pub fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (kind, files) in core_way::material() {
            for (number, file) in files.iter().enumerate() {
                std::fs::write(folder.path().join(format!("{kind}-{number}")), file).expect("a file");
            }
        }
        let desk = Self { _pcscd: Pcscd::start(), place: Place::default(), stop: Stop::new(), serving: None, folder };
        desk.serving()
    }

    fn serving(mut self) -> Self {
        let (mut place, stop) = (self.place.clone(), self.stop.clone());
        self.serving = Some(std::thread::spawn(move || {
            serve(&mut place, &ServeOptions::default(), &stop).expect("the card is served");
        }));
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(15) {
            let readers = kioskctl().args(["--json", "readers"]).run();
            let present = readers.status == 0
                && readers.json()["readers"]
                    .as_array()
                    .is_some_and(|list| list.iter().any(|r| r["name"] == READER && r["card_present"] == true));
            if present {
                return self;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the service does not see the card");
    }

    pub fn read(&self, row: &Row) -> Said {
        self.place.put((row.card)());
        answer(&self.command(row).run())
    }

    fn command(&self, row: &Row) -> KioskctlCommand {
        let command =
            |document: &str| kioskctl().args(["--json", "read", document, "--reader", READER, "--at", row.at]);
        let trusting = |mut command: KioskctlCommand, kinds: &[&str]| {
            for path in self.files() {
                let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                if let Some(kind) = kinds.iter().find(|kind| row.trusted && name.starts_with(&format!("{kind}-"))) {
                    command = command.args(["--trust".to_owned(), format!("{kind}:{}", path.display())]);
                }
            }
            command
        };
        let my_number = |flag: &str, secret: &str, sign: &Option<String>| {
            let command = command("mynumber").args([flag, "--test-hierarchy"]);
            match sign {
                None => trusting(command, &["cv"]).stdin(format!("{secret}\n")),
                Some(password) => trusting(command, &["cv", "jpki"])
                    .arg("--sign-password-stdin")
                    .stdin(format!("{secret}\n{password}\n")),
            }
        };
        match &row.key {
            Key::Licence { pin1, pin2 } => trusting(command("licence"), &["licence"])
                .args(["--pin1-stdin", "--pin2-stdin"])
                .stdin(format!("{pin1}\n{pin2}\n")),
            Key::NumberB { number, sign } => my_number("--number-b-stdin", number, sign),
            Key::TextPin { pin, sign } => my_number("--pin-stdin", pin, sign),
            Key::Residence { number } => trusting(command("residence"), &["residence"]).args([
                "--card-number",
                number.as_str(),
                "--test-authorities",
            ]),
        }
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder.path()).expect("the folder");
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
        files.sort();
        files
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(serving) = self.serving.take() {
            let _ = serving.join();
        }
    }
}

/// Code and level of an answer; an exit status that does not fit shows.
fn answer(run: &Run) -> Said {
    let json = run.json();
    if let Some(error) = json["error"].as_str() {
        // A parameter stands in the error's own name or, for tries, in brackets behind it.
        return Said::refused(&if run.status == 3 {
            error.to_owned()
        } else {
            format!("{error}, exit {}", run.status)
        });
    }
    let codes: Vec<String> = json["codes"]
        .as_array()
        .map(|codes| codes.iter().filter_map(|code| code.as_str().map(str::to_owned)).collect())
        .unwrap_or_default();
    let level = json["level"].as_str().unwrap_or("none");
    let fits = run.status == i32::from(level == "red");
    if fits { Said::of(&codes, level) } else { Said::refused(&format!("{codes:?}, {level}, exit {}", run.status)) }
}

/// The place on the reader.
#[derive(Clone, Default)]
struct Place(Arc<Mutex<Option<Box<dyn SimulatedCard>>>>);

/// As a contactless reader reports a card without historical bytes.
const ATR: [u8; 5] = [0x3B, 0x80, 0x80, 0x01, 0x01];

impl Place {
    fn put(&self, mut card: Box<dyn SimulatedCard>) {
        card.place();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(card);
    }

    fn with<T>(&self, work: impl FnOnce(&mut Box<dyn SimulatedCard>) -> T) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut().map(work)
    }
}

impl Card for Place {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        self.with(|card| card.transmit(command)).unwrap_or(Err(TransportError::CardRemoved))
    }
}

impl SimulatedCard for Place {
    fn atr(&self) -> &[u8] {
        &ATR
    }

    fn reset(&mut self) {
        self.with(|card| card.reset());
    }

    fn place(&mut self) {
        self.with(|card| card.place());
    }
}
