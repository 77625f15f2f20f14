//! A My Number card (個人番号カード) from the card's side: selection, secrets with counters, files behind them, keys that sign.
//!
//! Written from the file tree and the measured behaviour of cards, apart from the reader it tests. It holds what a card holds, the
//! Individual Number included, so that a reader can be shown never to ask for it.

mod contents;
mod drawing;
mod folder;
mod issuer;
mod keys;
mod tree;

pub use contents::{CardSecret, Contents, Kind};
pub use issuer::{CardPlan, Issued, TrustMaterial, cv_keys_json, issue};
pub use tree::{Application, Location};

use std::collections::BTreeSet;

use apdu::{Card, CommandApdu, ResponseApdu, StatusWord, TransportError};
use chip_crypto::random::SystemRandom;

use crate::{Fault, FaultyCard, ProfileError, SimulatedCard};

/// Name of the built-in card.
pub const SPECIMEN: &str = "mynumber-specimen";

/// Finds a card by built-in name or by folder of its files; `None` when the text means neither.
///
/// # Errors
/// A folder of a My Number card that cannot become one.
pub fn find(text: &str) -> Result<Option<(Contents, Vec<Fault>)>, ProfileError> {
    if text == SPECIMEN {
        return Ok(Some((issue(&CardPlan::default())?.contents, Vec::new())));
    }
    folder::find(std::path::Path::new(text))
}

/// Makes the card of its contents, with faults, ready to be placed on a reader.
#[must_use]
pub fn place(contents: Contents, faults: Vec<Fault>) -> Box<dyn SimulatedCard> {
    Box::new(FaultyCard::new(MyNumberCard::new(contents), faults))
}

/// A simulated My Number card. Counters of secrets last as long as the card does, through every reset and lift.
pub struct MyNumberCard {
    contents: Contents,
    selected: Option<Application>,
    current: Option<u16>,
    verified: BTreeSet<u16>,
}

impl MyNumberCard {
    /// Makes the card.
    #[must_use]
    pub fn new(contents: Contents) -> Self {
        Self { contents, selected: None, current: None, verified: BTreeSet::new() }
    }

    fn dispatch(&mut self, command: &CommandApdu) -> ResponseApdu {
        match (command.cla, command.ins) {
            (0x00, 0xA4) => self.select(command),
            (0x00, 0xB0) => self.read_binary(command),
            (0x00, 0x20) => self.verify(command),
            (0x80, 0x2A) => self.sign(command),
            (0x00 | 0x80, _) => status(0x6D00),
            (_, _) => status(0x6E00),
        }
    }

    fn select(&mut self, command: &CommandApdu) -> ResponseApdu {
        match (command.p1, command.data.as_slice()) {
            (0x04, aid) => {
                let found = Application::ALL.into_iter().find(|known| known.aid() == aid);
                let Some(application) = found.filter(|found| self.contents.has(*found)) else {
                    return status(0x6A82);
                };
                // Every secret verified so far is forgotten, in the same application too.
                self.verified.clear();
                self.current = None;
                self.selected = Some(application);
                status(0x9000)
            }
            (0x02, [high, low]) => {
                let id = u16::from_be_bytes([*high, *low]);
                let Some(location) = self.locate(id).filter(|location| self.contents.exists(*location)) else {
                    return status(0x6A82);
                };
                self.current = Some(location.id);
                status(0x9000)
            }
            // Selection by P1 00 is not dependable on these cards and does not exist on this one.
            (_, _) => status(0x6A86),
        }
    }

    fn locate(&self, id: u16) -> Option<Location> {
        Some(Location { application: self.selected?, id })
    }

    /// The file a command means: by short identifier, which is the low byte of the identifier, or the current one.
    fn addressed(&self, qualifier: u8, by_short_id: bool) -> Option<Location> {
        let short = u16::from(qualifier & 0x1F);
        if by_short_id && short != 0 { self.locate(short) } else { self.locate(self.current?) }
    }

    fn read_binary(&mut self, command: &CommandApdu) -> ResponseApdu {
        let by_short_id = command.p1 & 0x80 != 0;
        let Some(location) = self.addressed(command.p1, by_short_id) else {
            return status(0x6986);
        };
        let Some(file) = self.contents.files.get(&location) else {
            return status(if self.contents.exists(location) { 0x6981 } else { 0x6A82 });
        };
        if !self.contents.generous && !tree::readers(location).is_open_to(&self.verified) {
            return status(0x6982);
        }
        let offset = if by_short_id {
            self.current = Some(location.id);
            usize::from(command.p2)
        } else {
            usize::from(u16::from_be_bytes([command.p1, command.p2]))
        };
        match file.get(offset..).filter(|rest| !rest.is_empty()) {
            Some(rest) => {
                let wanted = command.ne.map_or(0, |ne| ne as usize);
                ResponseApdu::new(rest.get(..wanted).unwrap_or(rest), StatusWord::OK)
            }
            None => status(0x6B00),
        }
    }

    fn verify(&mut self, command: &CommandApdu) -> ResponseApdu {
        let location = self.addressed(command.p2, command.p2 != 0x80);
        let Some(location) = location.filter(|_| command.p1 == 0 && command.p2 & 0x80 != 0) else {
            return status(0x6A86);
        };
        let Some(secret) = self.contents.secrets.get_mut(&location) else {
            return status(0x6A88);
        };
        if command.data.is_empty() {
            return status(0x63C0 | u16::from(secret.left));
        }
        if secret.left == 0 {
            return status(0x6984);
        }
        if secret.value == command.data {
            secret.left = secret.tries;
            self.verified.insert(location.id);
            return status(0x9000);
        }
        secret.left -= 1;
        self.verified.remove(&location.id);
        status(0x63C0 | u16::from(secret.left))
    }

    /// PERFORM SECURITY OPERATION in the one form readers use: P1 00 pads what it is given (PKCS #1 v1.5, block type 1) and signs.
    fn sign(&mut self, command: &CommandApdu) -> ResponseApdu {
        if command.p1 != 0 {
            return status(0x6A86);
        }
        let Some(location) = self.addressed(command.p2, command.p2 & 0x1F != 0) else {
            return status(0x6986);
        };
        if !tree::signers(location).is_open_to(&self.verified) {
            return status(0x6982);
        }
        if let Some(canned) = self.contents.canned.get(&location) {
            return ResponseApdu::new(canned.clone(), StatusWord::OK);
        }
        let Some(key) = self.contents.keys.get(&location) else {
            return status(0x6A88);
        };
        let Some(padding) = 253_usize.checked_sub(command.data.len()).filter(|padding| *padding >= 8) else {
            return status(0x6700);
        };
        let block = [&[0x00, 0x01][..], &vec![0xFF; padding], &[0x00], &command.data].concat();
        match key.rsa_private(&block, &mut SystemRandom::new()) {
            Ok(signature) => ResponseApdu::new(signature, StatusWord::OK),
            Err(_) => status(0x6F00),
        }
    }
}

impl Card for MyNumberCard {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        let extended = command.extended || command.data.len() > 255 || command.ne.is_some_and(|ne| ne > 256);
        Ok(if extended { status(0x6700) } else { self.dispatch(command) })
    }
}

impl SimulatedCard for MyNumberCard {
    fn atr(&self) -> &[u8] {
        &ATR
    }

    fn reset(&mut self) {
        self.selected = None;
        self.current = None;
        self.verified.clear();
    }

    fn place(&mut self) {
        self.reset();
    }
}

fn status(status: u16) -> ResponseApdu {
    ResponseApdu::new([], StatusWord(status))
}

/// ATR a reader makes for a card of type B (PC/SC part 3, 3.1.3.2.3.2): application data and protocol information of the ATQB, then
/// the buffer length; the last byte is the exclusive or of all after the first.
const ATR: [u8; 13] = [0x3B, 0x88, 0x80, 0x01, 0x00, 0x00, 0x00, 0x00, 0x33, 0x81, 0x81, 0x00, 0x3A];
