//! Delivery of sealed sessions to the backend.
//!
//! What it is: the decisions of delivery as pure functions (what a reply means, when to try again, when to stop trying for a while)
//! and the HTTP client that implements [`kiosk::Backend`]. What it is not: a queue or a thread; the store keeps the queue and the
//! kiosk's outbox thread works it off.
//!
//! ```text
//!   Outgoing ─▶ HttpBackend::deliver ─▶ PUT /v1/sessions/{sid}/full ─▶ classify(reply) ─▶ receipt checked ─▶ Ok(receipt)
//!                                                                          └▶ Retryable | DeviceStop | Park
//! ```
//!
//! ```
//! use std::time::Duration;
//! use sync::{MAX_DELAY, Reply, classify, delay};
//!
//! assert!(classify(Reply::Status { status: 201, after: None }).is_ok());
//! assert!(classify(Reply::Status { status: 503, after: None }).is_err());
//! assert!(delay(30, None, u32::MAX) <= MAX_DELAY);
//! assert_eq!(delay(1, Some(Duration::from_secs(60)), 0), Duration::from_secs(60));
//! ```

mod breaker;
mod classify;
mod client;
mod retry;

pub use breaker::{Breaker, Permission};
pub use classify::{Reply, TransportFailure, classify};
pub use client::{ClientError, HttpBackend, HttpBackendConfig, SessionResultError};
pub use retry::{FIRST_ATTEMPT_SPREAD, MAX_DELAY, MAX_RETRY_AFTER, delay, next_attempt_at, retry_after};
