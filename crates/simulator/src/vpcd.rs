//! A card on the network side of `vpcd`, the virtual reader of pcscd (project vsmartcard).
//!
//! Every message is a 16-bit big-endian length and that many bytes. From `vpcd`, one byte is a control (0 power off, 1 power on,
//! 2 reset, 4 asks for the ATR) and anything longer a command APDU; only the ATR and APDUs are answered.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use apdu::{CommandApdu, ResponseApdu, StatusWord, TransportError};

use crate::SimulatedCard;

/// Where `vpcd` listens unless told otherwise.
pub const DEFAULT_ADDRESS: &str = "127.0.0.1:35963";

/// Ends [`serve`] from another thread; the card is then gone from the reader.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    stopped: Arc<AtomicBool>,
    answered: Arc<AtomicU64>,
}

impl Stop {
    /// Makes a handle that has not been used.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the serving within a fraction of a second.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
    }

    /// Command APDUs that reached the card so far.
    #[must_use]
    pub fn commands(&self) -> u64 {
        self.answered.load(Ordering::SeqCst)
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }
}

/// How a card is served.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// Host and port of `vpcd`.
    pub address: String,
    /// How long to wait between attempts while `vpcd` is not there or has gone.
    pub retry_after: Duration,
    /// Attempts without success before giving up; `None` tries until stopped.
    pub attempts: Option<u32>,
    /// A lifted card is placed again after this time; `None` ends the serving.
    pub place_again_after: Option<Duration>,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            address: DEFAULT_ADDRESS.to_owned(),
            retry_after: Duration::from_millis(250),
            attempts: None,
            place_again_after: None,
        }
    }
}

/// Why serving ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    /// The handle was used.
    Stopped,
    /// A scripted fault lifted the card.
    Lifted,
}

/// Why a card cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum VpcdError {
    #[error("the address of vpcd cannot be resolved")]
    Address(#[source] std::io::Error),
    #[error("vpcd does not accept connections")]
    Unreachable(#[source] std::io::Error),
}

/// Serves a card until it is stopped or lifted, reconnecting when `vpcd` restarts.
///
/// # Errors
/// An address that does not resolve; no connection after the allowed attempts.
pub fn serve(card: &mut dyn SimulatedCard, options: &ServeOptions, stop: &Stop) -> Result<Served, VpcdError> {
    let mut failures = 0;
    card.place();
    while !stop.is_stopped() {
        let mut stream = match connect(&options.address) {
            Ok(stream) => stream,
            Err(VpcdError::Unreachable(error)) => {
                failures += 1;
                if options.attempts.is_some_and(|most| failures >= most) {
                    return Err(VpcdError::Unreachable(error));
                }
                pause(options.retry_after, stop);
                continue;
            }
            Err(error) => return Err(error),
        };
        failures = 0;
        let ended = converse(&mut stream, card, stop);
        drop(stream);
        match (ended, options.place_again_after) {
            (Ended::Stopped, _) => return Ok(Served::Stopped),
            (Ended::Lifted, None) => return Ok(Served::Lifted),
            (Ended::Lifted, Some(after)) => {
                pause(after, stop);
                card.place();
            }
            (Ended::Disconnected, _) => {
                card.reset();
                pause(options.retry_after, stop);
            }
        }
    }
    Ok(Served::Stopped)
}

enum Ended {
    Stopped,
    Lifted,
    Disconnected,
}

fn connect(address: &str) -> Result<TcpStream, VpcdError> {
    let mut last = None;
    for address in address.to_socket_addrs().map_err(VpcdError::Address)? {
        match TcpStream::connect_timeout(&address, Duration::from_secs(2)) {
            Ok(stream) => {
                let prepared =
                    stream.set_nodelay(true).and_then(|()| stream.set_read_timeout(Some(Duration::from_millis(100))));
                match prepared {
                    Ok(()) => return Ok(stream),
                    Err(error) => last = Some(error),
                }
            }
            Err(error) => last = Some(error),
        }
    }
    Err(match last {
        Some(error) => VpcdError::Unreachable(error),
        None => VpcdError::Address(ErrorKind::NotFound.into()),
    })
}

fn converse(stream: &mut TcpStream, card: &mut dyn SimulatedCard, stop: &Stop) -> Ended {
    loop {
        let message = match receive(stream, stop) {
            Ok(message) => message,
            Err(ended) => return ended,
        };
        let answer = match message.as_slice() {
            [] => continue,
            [POWER_OFF | POWER_ON | RESET] => {
                card.reset();
                continue;
            }
            [ASK_ATR] => card.atr().to_vec(),
            [_] => continue,
            bytes => match answer(card, bytes) {
                Ok(response) => {
                    stop.answered.fetch_add(1, Ordering::SeqCst);
                    response.encode()
                }
                Err(TransportError::Timeout) => {
                    // A mute card: the reader waits for as long as it likes.
                    while !stop.is_stopped() && !gone(stream) {
                        pause(Duration::from_millis(50), stop);
                    }
                    return if stop.is_stopped() { Ended::Stopped } else { Ended::Lifted };
                }
                Err(TransportError::CardReset) => return Ended::Disconnected,
                Err(_) => return Ended::Lifted,
            },
        };
        let Ok(length) = u16::try_from(answer.len()) else {
            return Ended::Disconnected;
        };
        // One write: vpcd reads length and payload in turn, and two small writes would wait for an acknowledgement.
        let framed = [&length.to_be_bytes()[..], &answer].concat();
        if stream.write_all(&framed).is_err() {
            return Ended::Disconnected;
        }
    }
}

fn answer(card: &mut dyn SimulatedCard, bytes: &[u8]) -> Result<ResponseApdu, TransportError> {
    match CommandApdu::parse(bytes) {
        Ok(command) => {
            let mut response = card.transmit(&command)?;
            // What the protocol's 16-bit length cannot carry is cut as a chip would: the status word stays.
            response.data.truncate(usize::from(u16::MAX) - 2);
            Ok(response)
        }
        Err(_) => Ok(ResponseApdu::new([], StatusWord::WRONG_LENGTH)),
    }
}

fn receive(stream: &mut TcpStream, stop: &Stop) -> Result<Vec<u8>, Ended> {
    let mut header = [0; 2];
    fill(stream, &mut header, stop)?;
    let mut payload = vec![0; usize::from(u16::from_be_bytes(header))];
    fill(stream, &mut payload, stop)?;
    Ok(payload)
}

fn fill(stream: &mut TcpStream, buffer: &mut [u8], stop: &Stop) -> Result<(), Ended> {
    let mut done = 0;
    while done < buffer.len() {
        if stop.is_stopped() {
            return Err(Ended::Stopped);
        }
        acknowledge_quickly(stream);
        match stream.read(&mut buffer[done..]) {
            Ok(0) => return Err(Ended::Disconnected),
            Ok(count) => done += count,
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) => {}
            Err(_) => return Err(Ended::Disconnected),
        }
    }
    Ok(())
}

/// vpcd writes length and payload separately; a delayed acknowledgement in between costs 40 ms an APDU. The option does not last,
/// so it is set before every receive; a system without it is only slower.
#[cfg(target_os = "linux")]
fn acknowledge_quickly(stream: &TcpStream) {
    let _ = socket2::SockRef::from(stream).set_tcp_quickack(true);
}

#[cfg(not(target_os = "linux"))]
fn acknowledge_quickly(_stream: &TcpStream) {}

fn gone(stream: &TcpStream) -> bool {
    matches!(stream.peek(&mut [0]), Ok(0))
}

fn pause(time: Duration, stop: &Stop) {
    let end = Instant::now() + time;
    while !stop.is_stopped() {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        std::thread::sleep(left.min(Duration::from_millis(20)));
    }
}

const POWER_OFF: u8 = 0;
const POWER_ON: u8 = 1;
const RESET: u8 = 2;
const ASK_ATR: u8 = 4;
