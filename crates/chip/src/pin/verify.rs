//! Reading the counter and sending one VERIFY (ISO/IEC 7816-4, 11.5.6).

use std::marker::PhantomData;

use apdu::{Card, CommandApdu, StatusWord, TransportError, transmit_whole};

use super::{Pin, PinKind};

const VERIFY: u8 = 0x20;

/// Where a card keeps a secret.
#[derive(Clone, Debug)]
pub struct PinPath {
    /// Sent in this order before the counter is read.
    pub select: Vec<CommandApdu>,
    /// What leads there again when the card may have forgotten everything.
    pub reselect: Vec<CommandApdu>,
    /// P2 of VERIFY: `80` the current file, `80 | short identifier` a file of the current directory.
    pub qualifier: u8,
}

/// Tries left, as the card told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Tries {
    /// So many, at least one.
    Left(u8),
    /// None: only an office unlocks it.
    Blocked,
    /// The card does not count (6300).
    NoLimit,
    /// The card does not say.
    Unknown,
}

/// The customer's consent to use the last try, unlocked by staff with a reason (product.md §13.2). Good for one try.
pub struct LastTryConsent<K>(PhantomData<K>);

impl<K: PinKind> LastTryConsent<K> {
    /// Records that the customer confirmed and staff unlocked. Self-service never may.
    #[must_use]
    pub fn given_by_customer_and_staff() -> Self {
        Self(PhantomData)
    }
}

/// The card took the PIN; its files are open until it leaves the field.
#[derive(Debug, PartialEq, Eq)]
pub struct Accepted<K> {
    /// Tries before the accepted one.
    pub tries_before: Tries,
    kind: PhantomData<K>,
}

/// Why a PIN was not accepted. The PIN is spent and wiped whatever the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// One try is left, or the card does not say how many, and no consent was given. Nothing was sent.
    #[error("the last try needs consent; nothing was sent")]
    LastTry {
        /// What the card told.
        tries: Tries,
    },
    /// No tries are left.
    #[error("the PIN is blocked")]
    Blocked,
    /// The card compared it and it is another.
    #[error("the PIN is wrong")]
    Wrong {
        /// Tries read after this one.
        remaining: Tries,
    },
    /// The way to the secret, or VERIFY itself, was refused.
    #[error("the card refuses with {status}")]
    Refused {
        /// The status word.
        status: StatusWord,
        /// Tries read after it.
        remaining: Tries,
    },
    /// No reply came to VERIFY: whether the card compared is known only by its counter.
    #[error("no reply came to the PIN: {cause}")]
    ReplyLost {
        /// What broke.
        cause: TransportError,
        /// Tries before.
        before: Tries,
        /// Tries read after it; `None` when the card could not be asked.
        after: Option<Tries>,
    },
    /// No response, before anything secret was sent.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

/// Reads how many tries are left. Costs none.
///
/// # Errors
/// The way there refused, or no response.
pub fn read_tries<C: Card>(card: &mut C, path: &PinPath) -> Result<Tries, PinError> {
    select(card, &path.select)?;
    Ok(counter(card, path)?)
}

/// Reads the tries and, if that is safe, sends the PIN: once.
///
/// # Errors
/// See [`PinError`]. There is no retry in here, and without a new entry none is possible.
pub fn verify<C: Card, K: PinKind>(
    card: &mut C,
    path: &PinPath,
    pin: Pin<K>,
    consent: Option<LastTryConsent<K>>,
) -> Result<Accepted<K>, PinError> {
    let before = read_tries(card, path)?;
    match before {
        Tries::Blocked => return Err(PinError::Blocked),
        Tries::Left(0 | 1) | Tries::Unknown if consent.is_none() => return Err(PinError::LastTry { tries: before }),
        Tries::Left(_) | Tries::Unknown | Tries::NoLimit => {}
    }
    // Not through `transmit_whole`: its repetition on 6Cxx would be a second try.
    let reply = card.transmit(&CommandApdu::new(0, VERIFY, 0, path.qualifier).with_data(pin.bytes()));
    drop(pin);
    let status = match reply {
        Ok(response) => response.status,
        // Whatever lies there is not the card the PIN was meant for: nothing more is said to it.
        Err(cause @ (TransportError::CardChanged | TransportError::Stopped)) => {
            return Err(PinError::ReplyLost { cause, before, after: None });
        }
        Err(cause) => {
            let after = select(card, &path.reselect).and_then(|()| Ok(counter(card, path)?)).ok();
            return Err(PinError::ReplyLost { cause, before, after });
        }
    };
    match (status.0, tries_in(status)) {
        (0x9000, _) => Ok(Accepted { tries_before: before, kind: PhantomData }),
        // Blocked all along: this PIN was not compared.
        (0x6983 | 0x6984, _) => Err(PinError::Blocked),
        (_, Some(Tries::NoLimit | Tries::Unknown)) => {
            Err(PinError::Wrong { remaining: counter(card, path).unwrap_or(Tries::Unknown) })
        }
        (_, Some(remaining)) => Err(PinError::Wrong { remaining }),
        (_, None) => Err(PinError::Refused { status, remaining: counter(card, path).unwrap_or(Tries::Unknown) }),
    }
}

fn select<C: Card>(card: &mut C, commands: &[CommandApdu]) -> Result<(), PinError> {
    for command in commands {
        let status = transmit_whole(card, command)?.status;
        if !status.is_ok() && status.sw1() != 0x62 {
            return Err(PinError::Refused { status, remaining: Tries::Unknown });
        }
    }
    Ok(())
}

/// VERIFY without data asks for the counter.
fn counter<C: Card>(card: &mut C, path: &PinPath) -> Result<Tries, TransportError> {
    let status = card.transmit(&CommandApdu::new(0, VERIFY, 0, path.qualifier))?.status;
    Ok(tries_in(status).unwrap_or(Tries::Unknown))
}

fn tries_in(status: StatusWord) -> Option<Tries> {
    match status.0 {
        0x63C0 | 0x6983 | 0x6984 => Some(Tries::Blocked),
        0x63C1..=0x63CF => Some(Tries::Left(status.sw2() & 0x0F)),
        0x6300 => Some(Tries::NoLimit),
        _ => None,
    }
}
