use crate::{CommandApdu, ResponseApdu};

/// Something that answers command APDUs: a reader connection, a secured channel around one, a simulated card, a recorded
/// trace, a fault injector. Implementations are stacked around one another.
pub trait Card {
    /// Sends one command and returns the one response.
    ///
    /// # Errors
    /// The transport's own failure; a status word other than `9000` is a response, not an error.
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError>;
}

impl<C: Card + ?Sized> Card for &mut C {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        (**self).transmit(command)
    }
}

impl<C: Card + ?Sized> Card for Box<C> {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        (**self).transmit(command)
    }
}

/// Why no response came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    #[error("the card was removed")]
    CardRemoved,
    #[error("the card was reset by another process")]
    CardReset,
    #[error("another card was placed on the reader")]
    CardChanged,
    #[error("the reader was removed or its service stopped")]
    ReaderLost,
    #[error("the reader is in use by another process")]
    ReaderBusy,
    #[error("the card did not answer in time")]
    Timeout,
    #[error("the session was stopped")]
    Stopped,
    #[error("the response is shorter than a status word or longer than the budget ({length} bytes)")]
    ResponseLength { length: usize },
    #[error("the card kept answering 61xx or 6Cxx")]
    ResponseLoop,
    #[error("the response is longer than requested ({length} bytes)")]
    Oversize { length: usize },
    #[error("the command cannot be encoded for this transport")]
    CommandNotEncodable,
    #[error("secure messaging failed: {0}")]
    Channel(ChannelFault),
    #[error("PC/SC reports {0:#010X}")]
    Pcsc(u32),
}

/// How a protected channel broke. After any of these the channel answers nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
pub enum ChannelFault {
    #[error("a response carried a wrong message authentication code")]
    MacInvalid,
    #[error("a response came without protection")]
    Stripped,
    #[error("a protected response was malformed")]
    Malformed,
    #[error("the card reports a secure-messaging error ({0:#06X})")]
    RefusedByCard(u16),
    #[error("the channel is poisoned by an earlier fault")]
    Poisoned,
}
