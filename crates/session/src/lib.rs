//! What a verification is: the states of a session, what each role sees of it, how it can fail, and what it leaves behind.
//!
//! What it is: one enum whose variants own the data that exists then; `handle(self, event, now)` answers with the next state and
//! the effects somebody else must perform. What it is not: a performer. There is no clock, thread, file or device here; crate
//! `kiosk` owns those and feeds their results back as events.

mod accepted;
mod choice;
pub mod code;
#[cfg(feature = "machine")]
mod code_from;
mod code_table;
#[cfg(feature = "machine")]
mod deciding;
#[cfg(feature = "machine")]
mod desk;
#[cfg(feature = "machine")]
mod ending;
#[cfg(feature = "machine")]
mod event;
mod id;
#[cfg(feature = "machine")]
mod idle;
mod intent;
#[cfg(feature = "machine")]
mod key_entry;
#[cfg(feature = "machine")]
mod machine;
#[cfg(feature = "machine")]
mod masking;
#[cfg(feature = "machine")]
mod notice;
#[cfg(feature = "machine")]
mod present;
#[cfg(feature = "machine")]
mod present_verdict;
#[cfg(feature = "machine")]
mod reading;
#[cfg(feature = "machine")]
mod record;
#[cfg(feature = "machine")]
mod state;
#[cfg(feature = "machine")]
mod talking;
pub mod view;

pub use accepted::{Accepted, ItemKind, MediaType, RecordItem};
pub use choice::{ConsentHow, DocumentChoice, HumanVerdict, Language, NoticeId, NoticeKind, Occupation, Purpose, RefusalReason, Role};
pub use code::{Failure, FailureCode};
#[cfg(feature = "machine")]
pub use desk::Devices;
#[cfg(feature = "machine")]
pub use event::{Effect, Event, JudgedChip, ReadProgress};
pub use id::{SessionId, SessionIdError};
pub use intent::UserIntent;
#[cfg(feature = "machine")]
pub use machine::{STAFF_DISPLAY, Session, Transition};
#[cfg(feature = "machine")]
pub use notice::{Answer, ConsentRecord, NoticeError, NoticeSet};
#[cfg(feature = "machine")]
pub use record::{EvidenceError, evidence_of};
#[cfg(feature = "machine")]
pub use state::Declaration;
pub use view::SessionView;
