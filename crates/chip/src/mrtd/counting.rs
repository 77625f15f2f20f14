use apdu::{Card, CommandApdu, ResponseApdu, TransportError};

use zeroize::Zeroizing;

use super::evidence::Counters;

/// Bytes one session may read from a chip (security.md §9).
const MAX_RECEIVED: u64 = 4 * 1024 * 1024;

/// Counts what passes to a card and from it, and ends a session that reads too much.
#[derive(Debug)]
pub struct Counting<C> {
    card: C,
    counters: Counters,
}

impl<C> Counting<C> {
    /// Starts from zero.
    #[must_use]
    pub fn new(card: C) -> Self {
        Self { card, counters: Counters::default() }
    }

    /// The counts so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.counters
    }
}

impl<C: Card> Card for Counting<C> {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        let length = Zeroizing::new(command.encode().map_err(|_| TransportError::CommandNotEncodable)?).len();
        self.counters.apdus = self.counters.apdus.saturating_add(1);
        self.counters.bytes_sent += length as u64;
        let response = self.card.transmit(command)?;
        self.counters.bytes_received += response.data.len() as u64 + 2;
        if self.counters.bytes_received > MAX_RECEIVED {
            return Err(TransportError::Oversize { length: response.data.len() });
        }
        Ok(response)
    }
}
