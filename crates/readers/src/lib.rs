//! PC/SC behind [`kiosk::Readers`].
//!
//! What it is: listing and watching card readers, connections that hold one transaction and name every way they can end,
//! recovery when the PC/SC service stops, and a redacted APDU trace. What it is not: a protocol (crate `chip`) or a simulated
//! reader (crate `simulator`).
//!
//! ```text
//!   PcscReaders ── watch ───▶ one supervisor thread, its own context ──▶ ReaderEvent
//!        │
//!        └──────── connect ─▶ PcscConnection ── one command at a time ──▶ worker thread: context, card, transaction
//! ```
//!
//! Every PC/SC call can block for as long as a reader driver likes. The blocking calls therefore live on threads of their own
//! and a caller never waits for one longer than a stated limit ([`TRANSMIT_LIMIT`], [`CONNECT_LIMIT`]).
//!
//! ```no_run
//! use kiosk::Readers;
//! use readers::{PcscReaders, ReadersConfig};
//!
//! let readers = PcscReaders::new(ReadersConfig::default());
//! let _watch = readers.watch(Box::new(|event| tracing::info!(?event, "reader")));
//! for reader in readers.list()? {
//!     tracing::info!(name = reader.name, present = reader.card_present, "reader");
//! }
//! # Ok::<(), kiosk::ReadersError>(())
//! ```

mod config;
mod connection;
mod failure;
mod kind;
mod limits;
mod pcsc_readers;
mod supervisor;
mod trace;
mod worker;

pub use config::ReadersConfig;
pub use connection::{CONNECT_LIMIT, PcscConnection, TRANSMIT_LIMIT};
pub use kind::kind_of;
pub use pcsc_readers::PcscReaders;
pub use trace::{TraceEntry, TraceOutcome, TraceRing, Traced};
