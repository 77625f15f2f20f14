//! The My Number card (個人番号カード), current generation: the surface application (券面事項確認AP), the text application
//! (券面事項入力補助AP) and the public personal authentication (公的個人認証, JPKI).
//!
//! Two ways in: 照合番号B, which is printed on the card, opens face and text; the four-digit PIN opens the text. The Individual
//! Number, 照合番号A and the resident record code have no name in here, so no command that asks for them can be built:
//!
//! ```compile_fail,E0599
//! let _ = chip::my_number::MyNumberFile::IndividualNumber;
//! ```
//!
//! ```text
//!  inspect ─┬─▶ surface AP ─▶ 照合番号B ─▶ face, CV certificate, proof of key ──┐
//!           ├─▶ text AP ─▶ 照合番号B | PIN ─▶ text, digests, CV, key, proof ──┼─▶ MyNumberEvidence
//!           └─▶ JPKI ─▶ certificate, challenge and signature ────────────────┘
//! ```

pub mod ap_key;
pub mod cv_certificate;
pub mod redaction;
pub mod surface;
pub mod text;

mod evidence;
mod field;
mod inspect;
mod layout;
mod proof;
mod reading;

pub use evidence::{MyNumberEvidence, OpenedBy};
pub use field::{FieldError, FieldProblem};
pub use inspect::{Consent, InspectError, Lane, NumberB, Progress, Request, inspect};
pub use layout::{Application, CardKey, MyNumberFile, Secret};
pub use proof::{KeyProof, KeyTranscript};
