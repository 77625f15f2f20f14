//! What a verification is: the states of a session, what each role sees of it, how it can fail, and what it leaves behind.
//!
//! What it is: one enum whose variants own the data that exists then; `handle(self, event, now)` answers with the next state and
//! the effects somebody else must perform. What it is not: a performer. There is no clock, thread, file or device here; crate
//! `kiosk` owns those and feeds their results back as events.

mod accepted;
mod chip_key;
mod choice;
pub mod code;
mod code_from;
mod code_from_my_number;
mod code_table;
mod deciding;
mod desk;
mod ending;
mod event;
mod evidence_items;
mod id;
mod idle;
mod intent;
mod key_entry;
mod machine;
mod masking;
mod notice;
mod present;
mod present_holder;
mod present_verdict;
mod reading;
mod record;
mod state;
mod talking;
pub mod view;

pub use accepted::{Accepted, ItemKind, MediaType, RecordItem};
pub use chip_key::{ChipKey, PrintedNumberB};
pub use choice::{
    ConsentHow, DocumentChoice, HolderField, HumanVerdict, Language, NoticeId, NoticeKind, Occupation, Purpose,
    RefusalReason, Role,
};
pub use code::{Failure, FailureCode};
pub use desk::Devices;
pub use event::{ChipPictures, Effect, Event, ReadProgress};
pub use evidence_items::{EvidenceError, evidence_of, items_of};
pub use id::{SessionId, SessionIdError};
pub use intent::UserIntent;
pub use machine::{STAFF_DISPLAY, Session, Transition};
pub use notice::{Answer, ConsentRecord, NoticeError, NoticeSet};
pub use record::AssembleError;
pub use state::Declaration;
pub use view::SessionView;
