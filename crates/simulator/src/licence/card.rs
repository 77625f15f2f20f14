//! The licence's chip: three directories, two PINs under the master file, files behind them.

use std::collections::BTreeMap;

use apdu::{Card, CommandApdu, ResponseApdu, StatusWord, TransportError};

use super::persona::Persona;
use super::{ATR, issue};
use crate::SimulatedCard;
use crate::profile::ProfileError;

/// The files of a card by name, e.g. `DF1/0001`.
#[derive(Clone)]
pub struct Image {
    pub files: BTreeMap<&'static str, Vec<u8>>,
}

/// A simulated licence. Its counters last as long as the card does, through every reset and lift.
pub struct LicenceCard {
    image: Image,
    pins: [Secret; 2],
    extended: bool,
    directory: Directory,
    current: Option<u16>,
    log: Vec<String>,
}

struct Secret {
    value: Vec<u8>,
    tries: u8,
    verified: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Directory {
    #[default]
    Master,
    Df1,
    Df2,
    Df3,
}

const FULL: u8 = 3;
/// What stands for a PIN that is not set.
const UNSET: &str = "****";

impl LicenceCard {
    /// Issues the card of a persona.
    ///
    /// # Errors
    /// A text that does not fit the card.
    pub fn issue(persona: &Persona) -> Result<Self, ProfileError> {
        Ok(Self::from_image(issue::issue(persona)?, persona))
    }

    /// Makes a card of files somebody else wrote, with PINs, tries and limits of a persona.
    #[must_use]
    pub fn from_image(image: Image, persona: &Persona) -> Self {
        let secret = |pin: &Option<String>, tries: Option<u8>| Secret {
            value: pin.as_deref().unwrap_or(UNSET).as_bytes().to_vec(),
            tries: tries.unwrap_or(FULL),
            verified: false,
        };
        Self {
            image,
            pins: [secret(&persona.pin1, persona.tries1), secret(&persona.pin2, persona.tries2)],
            extended: persona.extended,
            directory: Directory::default(),
            current: None,
            log: Vec::new(),
        }
    }

    /// Its files.
    #[must_use]
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// Tries left of PIN 1 and PIN 2.
    #[must_use]
    pub fn tries(&self) -> [u8; 2] {
        [self.pins[0].tries, self.pins[1].tries]
    }

    /// What was read from it, and `VERIFY 1` or `VERIFY 2` for each PIN sent.
    #[must_use]
    pub fn log(&self) -> &[String] {
        &self.log
    }

    fn dispatch(&mut self, command: &CommandApdu) -> ResponseApdu {
        let extended = command.extended || command.ne.is_some_and(|ne| ne > 256);
        match (command.cla, command.ins) {
            (0x00, _) if extended && !self.extended => status(0x6700),
            (0x00, 0xA4) => self.select(command),
            (0x00, 0x20) => self.verify(command),
            (0x00, 0xB0) => self.read_binary(command),
            (0x00, _) => status(0x6D00),
            _ => status(0x6E00),
        }
    }

    fn select(&mut self, command: &CommandApdu) -> ResponseApdu {
        match (command.p1, command.data.as_slice()) {
            (0x00, [] | [0x3F, 0x00]) => self.enter(Directory::Master),
            (0x04, [0xA0, 0, 0, 0x02, 0x31, 0x01, zeros @ ..]) if *zeros == [0; 10] => self.enter(Directory::Df1),
            (0x04, [0xA0, 0, 0, 0x02, 0x31, 0x02, zeros @ ..]) if *zeros == [0; 10] => self.enter(Directory::Df2),
            (0x04, [0xA0, 0, 0, 0x02, 0x48, 0x03, zeros @ ..]) if *zeros == [0; 10] => self.enter(Directory::Df3),
            (0x02, [high, low]) => {
                let id = u16::from_be_bytes([*high, *low]);
                let is_pin = self.directory == Directory::Master && matches!(id, 1 | 2);
                if !is_pin && self.file(id).is_none() {
                    return status(0x6A82);
                }
                self.current = Some(id);
                status(0x9000)
            }
            (0x00 | 0x02 | 0x04, _) => status(0x6A82),
            _ => status(0x6A86),
        }
    }

    fn enter(&mut self, directory: Directory) -> ResponseApdu {
        self.directory = directory;
        self.current = None;
        status(0x9000)
    }

    /// The PINs are files 0001 and 0002 of the master file, current or by short identifier.
    fn verify(&mut self, command: &CommandApdu) -> ResponseApdu {
        let named = match command.p2 {
            0x80 => self.current,
            0x81..=0x9E => Some(u16::from(command.p2 & 0x1F)),
            _ => return status(0x6A86),
        };
        let number = match named {
            Some(number @ (1 | 2)) if self.directory == Directory::Master => number,
            Some(_) => return status(0x6A82),
            None => return status(0x6986),
        };
        let [first, second] = &mut self.pins;
        let pin = if number == 1 { first } else { second };
        if command.data.is_empty() {
            return status(0x63C0 | u16::from(pin.tries));
        }
        self.log.push(format!("VERIFY {number}"));
        if pin.tries == 0 {
            return status(0x6984);
        }
        if command.data.len() != 4 {
            return status(0x6700);
        }
        pin.verified = command.data == pin.value;
        pin.tries = if pin.verified { FULL } else { pin.tries - 1 };
        status(if pin.verified { 0x9000 } else { 0x63C0 | u16::from(pin.tries) })
    }

    fn read_binary(&mut self, command: &CommandApdu) -> ResponseApdu {
        let Some(ne) = command.ne else { return status(0x6700) };
        let (id, offset) = if command.p1 & 0x80 == 0 {
            let Some(current) = self.current else { return status(0x6986) };
            (current, usize::from(u16::from_be_bytes([command.p1, command.p2])))
        } else {
            (u16::from(command.p1 & 0x1F), usize::from(command.p2))
        };
        if self.directory == Directory::Master && matches!(id, 1 | 2) {
            return status(0x6981);
        }
        let [pin1, pin2] = [&self.pins[0], &self.pins[1]].map(|pin| pin.verified);
        let open = match (self.directory, id) {
            (Directory::Master, _) => true,
            (Directory::Df1, 2 | 6) | (Directory::Df2 | Directory::Df3, _) => pin1 && pin2,
            (Directory::Df1, _) => pin1,
        };
        let name = self.name(id);
        let Some(file) = self.file(id) else { return status(0x6A82) };
        if !open {
            return status(0x6982);
        }
        let Some(rest) = file.get(offset..).filter(|rest| !rest.is_empty()) else { return status(0x6B00) };
        let ne = ne as usize;
        let data = rest.get(..ne).unwrap_or(rest).to_vec();
        // Ne of 256 or 65,536 means all there is; a smaller one past the end is answered with a warning.
        let short = ne > rest.len() && !matches!(ne, 256 | 0x1_0000);
        self.current = Some(id);
        self.log.push(name);
        ResponseApdu::new(data, StatusWord(if short { 0x6282 } else { 0x9000 }))
    }

    fn name(&self, id: u16) -> String {
        let directory = match self.directory {
            Directory::Master => "MF",
            Directory::Df1 => "DF1",
            Directory::Df2 => "DF2",
            Directory::Df3 => "DF3",
        };
        format!("{directory}/{id:04X}")
    }

    fn file(&self, id: u16) -> Option<&Vec<u8>> {
        self.image.files.get(self.name(id).as_str())
    }
}

impl Card for LicenceCard {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        Ok(self.dispatch(command))
    }
}

impl SimulatedCard for LicenceCard {
    fn atr(&self) -> &[u8] {
        &ATR
    }

    fn reset(&mut self) {
        self.directory = Directory::default();
        self.current = None;
        for pin in &mut self.pins {
            pin.verified = false;
        }
    }

    fn place(&mut self) {
        self.reset();
    }
}

pub(super) fn status(status: u16) -> ResponseApdu {
    ResponseApdu::new([], StatusWord(status))
}
