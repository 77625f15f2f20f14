use std::ffi::CString;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use apdu::{Card, CommandApdu, ResponseApdu, TransportError};
use kiosk::{CardConnection, ReadersError};
use zeroize::Zeroizing;

use crate::worker::{self, Request};

/// A card that has not answered one command after this long is mute: [`TransportError::Timeout`]. No command of any supported
/// card takes a tenth of it; the limit is the kiosk's and does not rely on a driver's own.
pub const TRANSMIT_LIMIT: Duration = Duration::from_secs(30);

/// Powering a card up and waiting for another program's transaction may take this long together.
pub const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// One card in one reader, held under one PC/SC transaction from connecting to disconnecting.
///
/// The first failure ends it: every later command answers the same error, because neither the card's state nor the other side
/// of a late answer is known. Dropping it without [`CardConnection::disconnect`] resets the card. No person may be asked
/// anything while it is held: Windows ends a transaction after five idle seconds, which shows as
/// [`TransportError::CardReset`].
pub struct PcscConnection {
    requests: Sender<Request>,
    atr: Vec<u8>,
    extended_length: Option<u32>,
    limit: Duration,
    lost: Option<TransportError>,
}

impl PcscConnection {
    /// # Errors
    /// Why the reader or its card cannot be used.
    pub(crate) fn open(reader: &str) -> Result<Self, ReadersError> {
        let name = CString::new(reader).map_err(|_| ReadersError::ReaderUnknown)?;
        let (requests, inbox) = mpsc::channel();
        let (ready, opened) = mpsc::sync_channel(1);
        thread::Builder::new()
            .name("pcsc-card".into())
            .spawn(move || worker::serve(&name, &ready, &inbox))
            .map_err(|_| ReadersError::ServiceLost)?;
        // When the limit passes, dropping `requests` makes the worker let go as soon as its blocked call returns.
        let worker::Opened { atr, extended_length } = match opened.recv_timeout(CONNECT_LIMIT) {
            Ok(answer) => answer?,
            Err(RecvTimeoutError::Timeout) => return Err(ReadersError::ReaderBusy),
            Err(RecvTimeoutError::Disconnected) => return Err(ReadersError::ServiceLost),
        };
        Ok(Self { requests, atr, extended_length, limit: TRANSMIT_LIMIT, lost: None })
    }

    /// Shortens (or lengthens) the time a card has for one answer.
    #[must_use]
    pub fn with_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    fn exchange(&self, command: Zeroizing<Vec<u8>>) -> Result<ResponseApdu, TransportError> {
        let (answer, answered) = mpsc::channel();
        self.requests.send(Request::Transmit { command, answer }).map_err(|_| TransportError::ReaderLost)?;
        let bytes = match answered.recv_timeout(self.limit) {
            Ok(result) => result?,
            Err(RecvTimeoutError::Timeout) => return Err(TransportError::Timeout),
            Err(RecvTimeoutError::Disconnected) => return Err(TransportError::ReaderLost),
        };
        ResponseApdu::parse(&bytes).ok_or(TransportError::ResponseLength { length: bytes.len() })
    }
}

impl Card for PcscConnection {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        if let Some(error) = self.lost {
            return Err(error);
        }
        let bytes = Zeroizing::new(command.encode().map_err(|_| TransportError::CommandNotEncodable)?);
        self.exchange(bytes).inspect_err(|error| self.lost = Some(*error))
    }
}

impl CardConnection for PcscConnection {
    fn atr(&self) -> &[u8] {
        &self.atr
    }

    fn extended_length(&self) -> Option<u32> {
        self.extended_length
    }

    fn disconnect(self: Box<Self>, reset: bool) {
        let (done, finished) = mpsc::channel();
        if self.requests.send(Request::Disconnect { reset, done }).is_ok() {
            // A worker stuck in a driver must not hold up the end of a session.
            let _ = finished.recv_timeout(FAREWELL_LIMIT);
        }
    }
}

impl std::fmt::Debug for PcscConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PcscConnection({} bytes ATR, lost: {:?})", self.atr.len(), self.lost)
    }
}

const FAREWELL_LIMIT: Duration = Duration::from_secs(2);
