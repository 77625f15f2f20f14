//! Delivery state machine and HTTP client.
