//! A virtual card: u16 length and block, again and again; each block is one response, whatever the command was.

use std::cell::Cell;

use apdu::{Card, CommandApdu, ResponseApdu, TransportError};

/// Cuts input into its blocks; the last may be cut short.
pub fn blocks(mut input: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = input.split_first_chunk::<2>()?;
        let (block, rest) = rest.split_at(rest.len().min(usize::from(u16::from_be_bytes(*length))));
        input = rest;
        Some(block)
    })
}

/// Plays blocks back as responses, then is gone from the reader.
pub struct Script<'i, I> {
    answers: I,
    sent: &'i Cell<usize>,
}

impl<'i, I> Script<'i, I> {
    pub fn new(answers: I, sent: &'i Cell<usize>) -> Self {
        Self { answers, sent }
    }
}

impl<'b, I: Iterator<Item = &'b [u8]>> Card for Script<'_, I> {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        self.sent.set(self.sent.get() + 1);
        assert!(command.encode().is_ok(), "a command that no reader can send");
        let answer = self.answers.next().ok_or(TransportError::CardRemoved)?;
        ResponseApdu::parse(answer).ok_or(TransportError::ResponseLength { length: answer.len() })
    }
}

/// Counts the secrets that are sent.
pub struct Entries<'e, C> {
    card: C,
    sent: &'e Cell<usize>,
}

impl<'e, C> Entries<'e, C> {
    pub fn new(card: C, sent: &'e Cell<usize>) -> Self {
        Self { card, sent }
    }
}

impl<C: Card> Card for Entries<'_, C> {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        const VERIFY: u8 = 0x20;
        if command.ins == VERIFY && !command.data.is_empty() {
            self.sent.set(self.sent.get() + 1);
        }
        self.card.transmit(command)
    }
}
