//! The encrypted store of one kiosk.
//!
//! What it is: bundled SQLite holding sealed sessions until the backend has signed for them; the key hierarchy (KEK, epoch keys, one
//! DEK per session); the accept transaction after which the kiosk itself can no longer read a session; the outbox; a MAC-chained
//! journal; and the walk that finds every change made behind its back. What it is not: a network client, or a place for drafts:
//! what is not accepted never reaches the disk.
//!
//! ```text
//!   begin ─▶ DRAFT ─accept─▶ SEALED ─receipt─▶ CONFIRMED ─retention─▶ PURGED (tombstone)
//!              └─abandon─▶ SHREDDED    └─park─▶ PARKED      any ─MAC failure─▶ DAMAGED (kept, reported)
//!                                 SEALED | PARKED ─14 days─▶ EXPIRED_UNSENT (kept, still sent)
//! ```

mod assemble;
mod clock_floor;
mod config;
mod database;
mod drafts;
mod epoch;
mod error;
mod files;
mod head;
mod journal;
mod keys;
mod memory;
mod outbox;
mod retention;
mod rows;
mod space;
mod start_up;
mod store;
mod verify;

pub use config::{BALLAST, MIN_FREE, StoreConfig};
pub use error::Error;
#[cfg(any(debug_assertions, feature = "file-key"))]
pub use keys::FileDev;
pub use keys::{KeyError, KeyProvider, KeyProviderKind, UnavailableKeys};
pub use memory::MemoryStore;
pub use store::Store;
pub use verify::{Anchoring, Finding, VerifyReport, verify_dir};
