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

mod breaker;
mod classify;
mod client;
mod retry;

pub use breaker::{Breaker, Permission};
pub use classify::{Reply, TransportFailure, classify};
pub use client::{ClientError, HttpBackend, HttpBackendConfig, SessionResultError};
pub use retry::{FIRST_ATTEMPT_SPREAD, MAX_DELAY, MAX_RETRY_AFTER, delay, next_attempt_at, retry_after};
