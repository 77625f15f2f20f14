//! Delivery of sealed sessions to the backend.
//!
//! What it is: what a reply means, as a pure function, and the HTTP client that implements [`kiosk::Backend`]. What it is not: a
//! queue, a thread or a retry policy; the store keeps the queue, and the kiosk's outbox works it off and decides when.
//!
//! ```text
//!   Outgoing ─▶ HttpBackend::deliver ─▶ PUT /v1/sessions/{sid}/full ─▶ classify(reply) ─▶ receipt checked ─▶ Ok(receipt)
//!                                                                          └▶ Retryable | DeviceStop | Park
//! ```
//!
//! ```
//! use sync::{Reply, classify};
//!
//! assert!(classify(Reply::Status { status: 201, after: None }).is_ok());
//! assert!(classify(Reply::Status { status: 503, after: None }).is_err());
//! ```

mod classify;
mod client;

pub use classify::{Reply, TransportFailure, classify, retry_after};
pub use client::{ClientError, HttpBackend, HttpBackendConfig, SessionResultError};
