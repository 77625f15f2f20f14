//! The reference verification backend, for one branch and for QA.
//!
//! What it is: an HTTP service that commits a sealed session before it answers, signs a receipt for exactly those bytes, replays that
//! receipt for every repeated upload, and judges the raw chip files again with its own issuer certificates. What it is not: a place
//! where ingest could read a session; the key that opens bundles belongs to the verify worker alone.
//!
//! ```text
//!   PUT /v1/sessions/{sid}/full ─▶ ingest ─▶ SQLite ─▶ receipt        verify worker ─▶ open ─▶ trust::judge ─▶ agrees | diverges
//! ```

mod config;
mod embedded;
mod ingest;
mod keys;
mod ledger;
mod routes;
mod verify;

pub use config::{BackendConfig, Enrolment};
pub use embedded::{Backend, EmbeddedBackend};
pub use ledger::{Alarm, BackendError};
pub use verify::verify_upload;
