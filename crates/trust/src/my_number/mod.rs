//! My Number cards (個人番号カード): signatures of face and text, proof of the card's keys, certificates of the JPKI.
//!
//! ```text
//!   roots, keys of CV issuers ──▶ MyNumberTrust ──┐
//!   chip::my_number::MyNumberEvidence ────────────┼──▶ judge ──▶ ChipVerdict
//!   StatusAnswer of an accredited verifier ───────┘
//! ```
//!
//! Without a status answer a verdict over a JPKI certificate says `JPKI_STATUS_PENDING` and is never green: revocation is answered
//! to accredited verifiers only.

mod cards;
mod comparison;
mod issuers;
mod jpki;
mod judge;
mod status;

pub use issuers::{Hierarchy, MyNumberTrust, PUBLISHED_ROOTS, TrustInputError};
pub use judge::{CHECK_NAMES, judge, judge_with_status};
pub use status::{CertificateStatus, MAX_STATUS_AGE, StatusAnswer, StatusFault, StatusQuestion};
