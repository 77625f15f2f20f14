//! 運転免許証: the IC driver's licence and the licence on the My Number card (japanese-cards.md §1).
//!
//! [`inspect`] reads a card with its holder's PINs; the result is evidence of what a bank may keep and nothing else. Conditions,
//! classes and colour never leave the parser, and the registered domicile (本籍) is only hashed.

pub mod my_number;

mod changes;
mod common;
mod date;
mod evidence;
mod face;
mod field;
mod gaiji;
mod inspect;
mod layout;
mod photo;
mod signature;
mod text;

pub use changes::{Change, ChangeGroup, Changes};
pub use common::{CommonData, PinSetting};
pub use date::{CivilDate, DateError};
pub use evidence::LicenceEvidence;
pub use face::{Face, FaceItem};
pub use field::{FieldError, FieldFault};
pub use gaiji::{GaijiError, GaijiPicture};
pub use inspect::{InspectError, LicencePins, LicencePlan, Progress, Secret, inspect, read_pin_tries};
pub use layout::{ChangeLayout, GaijiLayout, LicenceFile, LicenceLayout, SignedInput};
pub use signature::SignatureFile;
pub use text::{Character, LicenceText};
