//! マイナ免許証: the licence application of a My Number card, alone on its card.

use std::collections::BTreeMap;

use apdu::{Card, CommandApdu, ResponseApdu, StatusWord, TransportError};

use super::ATR;
use super::card::status;
use super::issue::PHOTO;
use super::jis::jis;
use super::persona::Persona;
use super::pki::SignerPki;
use crate::profile::ProfileError;
use crate::{SimulatedCard, der};

/// A simulated card with the licence application. The PIN answers to short identifier 6; the other one the specification's
/// example names is not there.
pub struct MyNumberLicenceCard {
    files: BTreeMap<u16, Vec<u8>>,
    pin: Vec<u8>,
    tries: u8,
    extended: bool,
    selected: bool,
    verified: bool,
    current: Option<u16>,
    log: Vec<String>,
}

const FULL: u8 = 10;
const PIN: u8 = 0x86;

impl MyNumberLicenceCard {
    /// Issues the card of a persona: validity, number, photo, and among them objects a bank must leave alone.
    ///
    /// # Errors
    /// A text that does not fit the card.
    pub fn issue(persona: &Persona) -> Result<Self, ProfileError> {
        let field = |tag: &str| persona.fields.get(tag).cloned().unwrap_or_default();
        let text = |tag: &str| jis(&field(tag)).map_err(|_| ProfileError::Text("a field outside JIS X 0208; it"));
        let mut licence = [
            der::tlv(0xC2, &text("1A")?),
            der::tlv(0xC5, field("1B").as_bytes()),
            der::tlv(0xC6, &text("1C")?),
            der::tlv(0xE7, field("21").as_bytes()),
        ]
        .concat();
        if !persona.without_photo {
            licence.extend(der::tlv(0xDF07, PHOTO));
        }
        let pki = SignerPki::test()?;
        let signature = der::tlv(0xB1, &pki.sign(&licence)?);
        licence.extend([0xFF; 16]);
        let mut files = BTreeMap::from([
            (0x001A, vec![0xC1, 0x01, u8::from(persona.pin1.is_some())]),
            (0x001B, licence),
            (0x001C, signature),
        ]);
        super::change_bytes(persona, |file, offset, xor| {
            let id = u16::from_str_radix(file, 16).ok();
            if let Some(byte) = id.and_then(|id| files.get_mut(&id)).and_then(|file| file.get_mut(offset)) {
                *byte ^= xor;
            }
        });
        Ok(Self {
            files,
            pin: persona.pin1.as_deref().unwrap_or("****").as_bytes().to_vec(),
            tries: persona.tries1.unwrap_or(FULL),
            extended: persona.extended,
            selected: false,
            verified: false,
            current: None,
            log: Vec::new(),
        })
    }

    /// Tries left.
    #[must_use]
    pub fn tries(&self) -> u8 {
        self.tries
    }

    /// What was read, and `VERIFY` for each PIN sent.
    #[must_use]
    pub fn log(&self) -> &[String] {
        &self.log
    }

    fn dispatch(&mut self, command: &CommandApdu) -> ResponseApdu {
        let extended = command.extended || command.ne.is_some_and(|ne| ne > 256);
        match (command.ins, command.p1, command.data.as_slice()) {
            _ if extended && !self.extended => status(0x6700),
            (0xA4, 0x04, [0xA0, 0, 0, 0x02, 0x31, 0x06, zeros @ ..]) if *zeros == [0; 10] => {
                // Another application's secrets, and this one's, are forgotten at every SELECT.
                self.reset();
                self.selected = true;
                status(0x9000)
            }
            (0xA4, 0x04, _) => status(0x6A82),
            (_, _, _) if !self.selected => status(0x6986),
            (0xA4, 0x02, [high, low]) => {
                let id = u16::from_be_bytes([*high, *low]);
                if !self.files.contains_key(&id) {
                    return status(0x6A82);
                }
                self.current = Some(id);
                status(0x9000)
            }
            (0x20, _, _) if command.p2 != PIN => status(0x6A82),
            (0x20, _, []) => status(0x63C0 | u16::from(self.tries)),
            (0x20, _, pin) => {
                self.log.push("VERIFY".to_owned());
                if self.tries == 0 {
                    return status(0x6984);
                }
                self.verified = pin == self.pin;
                self.tries = if self.verified { FULL } else { self.tries - 1 };
                status(if self.verified { 0x9000 } else { 0x63C0 | u16::from(self.tries) })
            }
            (0xB0, 0x80.., _) => status(0x6A82),
            (0xB0, _, _) => self.read_binary(command),
            _ => status(0x6D00),
        }
    }

    fn read_binary(&mut self, command: &CommandApdu) -> ResponseApdu {
        let (Some(id), Some(ne)) = (self.current, command.ne) else { return status(0x6986) };
        if id != 0x001A && !self.verified {
            return status(0x6982);
        }
        let offset = usize::from(u16::from_be_bytes([command.p1, command.p2]));
        let rest = self.files.get(&id).and_then(|file| file.get(offset..)).filter(|rest| !rest.is_empty());
        let Some(rest) = rest else { return status(0x6B00) };
        self.log.push(format!("{id:04X}"));
        ResponseApdu::new(rest.get(..ne as usize).unwrap_or(rest), StatusWord::OK)
    }
}

impl Card for MyNumberLicenceCard {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        Ok(self.dispatch(command))
    }
}

impl SimulatedCard for MyNumberLicenceCard {
    fn atr(&self) -> &[u8] {
        &ATR
    }

    fn reset(&mut self) {
        self.selected = false;
        self.verified = false;
        self.current = None;
    }

    fn place(&mut self) {
        self.reset();
    }
}
