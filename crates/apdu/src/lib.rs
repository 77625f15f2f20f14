//! ISO/IEC 7816-4 on the terminal's side of the wire.
//!
//! What it is: command and response APDUs, status words, BER-TLV under a budget, the [`Card`] trait every transport and every
//! protocol layer implements, and reading an elementary file whatever the card's limits are. What it is not: a PC/SC client
//! (crate `readers`), secure messaging (crate `chip`), or any particular card.
//!
//! ```text
//!   protocol code ──▶ Card ──▶ Secured<…> ──▶ stop flag, counter ──▶ PC/SC | simulator | trace | fuzzer
//! ```

pub mod atr;
mod card;
mod command;
mod file;
mod response;
pub mod tlv;
mod transmit;
mod whole;

pub use card::{Card, ChannelFault, TransportError};
pub use command::{ApduError, CommandApdu};
pub use file::{
    FileId, FileRef, Learned, PartialFile, ReadFileError, ReadPlan, ShortFileId, read_file, resume_file,
    select_application,
};
pub use response::{ResponseApdu, StatusWord};
pub use transmit::{require_ok, transmit_whole};
pub use whole::read_to_end;
