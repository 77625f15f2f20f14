//! The My Number card: the reader's lanes against a card written apart, every tampering with its code, what is never asked for, the
//! published dump of a test card, and the card in a real PC/SC reader.

mod command_line;
mod dump;
mod lanes;
mod matrix;
mod never;
mod pcsc;
mod support;
