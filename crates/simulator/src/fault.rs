//! Scripted faults: what goes wrong between card and reader, and when. Commands are counted from 1.

use std::time::Duration;

use apdu::{Card, CommandApdu, ResponseApdu, StatusWord, TransportError};
use serde::{Deserialize, Serialize};

use crate::SimulatedCard;

/// One thing that goes wrong.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Fault {
    /// The card is lifted before command `at` reaches it, and is gone until it is placed again.
    Lift { at: u32 },
    /// The card resets itself before command `at`: the terminal hears of a reset, the channel is gone.
    Reset { at: u32 },
    /// Another card lies there from command `at` on.
    Swap { at: u32 },
    /// No answer to command `at`, nor to any later one; the terminal's timeout strikes after `after_ms`.
    Mute {
        at: u32,
        #[serde(default)]
        after_ms: u64,
    },
    /// Response `at` carries a wrong authentication code.
    WrongMac { at: u32 },
    /// Response `at` comes as a plain 9000.
    Stripped { at: u32 },
    /// Response `at` is the response before it, once more.
    Replay { at: u32 },
    /// Response `at` is this status word alone; with `forever` every later one too.
    Status {
        at: u32,
        status: StatusText,
        #[serde(default)]
        forever: bool,
    },
    /// Response `at` is 9000 without data; with `forever` every later one too.
    Empty {
        at: u32,
        #[serde(default)]
        forever: bool,
    },
    /// Response `at` is longer than the command asked for.
    Oversize { at: u32 },
    /// Every answer takes this much longer.
    Slow { per_apdu_ms: u64 },
    /// A byte of an application file is changed after signing.
    ChangedByte { file: String, offset: usize, xor: u8 },
}

/// A status word as four hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StatusText(pub u16);

impl TryFrom<String> for StatusText {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.len() != 4 {
            return Err("a status word has four hexadecimal digits");
        }
        u16::from_str_radix(&text, 16).map(Self).map_err(|_| "a status word has four hexadecimal digits")
    }
}

impl From<StatusText> for String {
    fn from(status: StatusText) -> Self {
        format!("{:04X}", status.0)
    }
}

/// A card to which the scripted faults happen. Counts commands over its whole life, so a fault with `at` happens once.
pub struct FaultyCard<C> {
    inner: C,
    faults: Vec<Fault>,
    commands: u32,
    previous: Option<ResponseApdu>,
    gone: Option<TransportError>,
}

impl<C: SimulatedCard> FaultyCard<C> {
    /// Wraps a card; faults on file contents are the business of [`crate::PassportCard`] and ignored here.
    #[must_use]
    pub fn new(inner: C, faults: Vec<Fault>) -> Self {
        Self { inner, faults, commands: 0, previous: None, gone: None }
    }

    /// Commands seen so far.
    #[must_use]
    pub fn commands(&self) -> u32 {
        self.commands
    }
}

impl<C: SimulatedCard> Card for FaultyCard<C> {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        if let Some(error) = self.gone {
            return Err(error);
        }
        self.commands = self.commands.saturating_add(1);
        let n = self.commands;
        for fault in &self.faults {
            match fault {
                Fault::Lift { at } if *at == n => {
                    self.gone = Some(TransportError::CardRemoved);
                    return Err(TransportError::CardRemoved);
                }
                Fault::Swap { at } if *at == n => {
                    self.gone = Some(TransportError::CardChanged);
                    return Err(TransportError::CardChanged);
                }
                Fault::Reset { at } if *at == n => {
                    self.inner.reset();
                    return Err(TransportError::CardReset);
                }
                Fault::Mute { at, after_ms } if *at == n => {
                    std::thread::sleep(Duration::from_millis(*after_ms));
                    self.gone = Some(TransportError::Timeout);
                    return Err(TransportError::Timeout);
                }
                Fault::Slow { per_apdu_ms } => std::thread::sleep(Duration::from_millis(*per_apdu_ms)),
                Fault::Lift { .. }
                | Fault::Swap { .. }
                | Fault::Reset { .. }
                | Fault::Mute { .. }
                | Fault::WrongMac { .. }
                | Fault::Stripped { .. }
                | Fault::Replay { .. }
                | Fault::Status { .. }
                | Fault::Empty { .. }
                | Fault::Oversize { .. }
                | Fault::ChangedByte { .. } => {}
            }
        }
        let honest = self.inner.transmit(command)?;
        let mut response = honest.clone();
        for fault in &self.faults {
            match fault {
                Fault::WrongMac { at } if *at == n => damage_mac(&mut response.data),
                Fault::Stripped { at } if *at == n => response = ResponseApdu::new([], StatusWord::OK),
                Fault::Replay { at } if *at == n => {
                    if let Some(previous) = &self.previous {
                        response = previous.clone();
                    }
                }
                Fault::Status { at, status, forever } if happens(*at, *forever, n) => {
                    response = ResponseApdu::new([], StatusWord(status.0));
                }
                Fault::Empty { at, forever } if happens(*at, *forever, n) => {
                    response = ResponseApdu::new([], StatusWord::OK)
                }
                Fault::Oversize { at } if *at == n => {
                    let asked = command.ne.unwrap_or(0) as usize;
                    response.data.resize(asked.max(response.data.len()) + 1, 0);
                }
                Fault::WrongMac { .. }
                | Fault::Stripped { .. }
                | Fault::Replay { .. }
                | Fault::Status { .. }
                | Fault::Empty { .. }
                | Fault::Oversize { .. }
                | Fault::Lift { .. }
                | Fault::Swap { .. }
                | Fault::Reset { .. }
                | Fault::Mute { .. }
                | Fault::Slow { .. }
                | Fault::ChangedByte { .. } => {}
            }
        }
        self.previous = Some(honest);
        Ok(response)
    }
}

impl<C: SimulatedCard> SimulatedCard for FaultyCard<C> {
    fn atr(&self) -> &[u8] {
        self.inner.atr()
    }

    fn reset(&mut self) {
        self.inner.reset();
    }

    fn place(&mut self) {
        self.gone = None;
        self.previous = None;
        self.inner.place();
    }
}

fn happens(at: u32, forever: bool, n: u32) -> bool {
    n == at || (forever && n > at)
}

/// Changes the last byte of DO'8E', which ends a protected response (Doc 9303-11, 9.8.5); of any response without one, the last byte.
fn damage_mac(data: &mut [u8]) {
    if let Some(last) = data.last_mut() {
        *last ^= 0x01;
    }
}
