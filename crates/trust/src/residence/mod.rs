//! Residence cards: is it signed by the agency, is it laid out as it says, is it in date.
//!
//! ```text
//!   CA certificates ──▶ ResidenceTrust ──┐
//!   typed and asked  ──▶ Declared ───────┼──▶ judge ──▶ ChipVerdict
//!   ResidenceEvidence (raw files) ───────┘
//! ```

mod authorities;
mod fields;
mod judge;
mod layout;
mod signature;
mod validity;

pub use authorities::{
    Admission, AuthorityError, KNOWN_AUTHORITIES, KnownAuthority, Mode, ResidenceTrust, SignedInput,
};
pub use fields::{Coded, ResidenceFields, Unsigned};
pub use judge::{Declared, NumberStatus, RESIDENCE_CHECK_NAMES, judge, judge_with};
