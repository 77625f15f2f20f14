//! Residence cards and special permanent resident certificates (在留カード, 特別永住者証明書), both generations, and the combined
//! card (特定在留カード, 特定特別永住者証明書).
//!
//! The agency's specifications are known here through implementations that cite them (在留カード等仕様書 Ver 1.5; second
//! generation Ver 1.1; 特定在留カード Ver 1.1). What two independent sources do not agree on stands in [`Assumptions`].
//!
//! ```text
//!  inspect ─▶ MF/EF02 says the type ─▶ mutual authentication, VERIFY ─▶ DF1 (encrypted) ─▶ DF2, DF3 ─▶ ResidenceEvidence
//! ```

mod assumptions;
mod authentication;
mod card_number;
mod card_type;
mod combined;
mod date;
mod elements;
mod evidence;
mod files;
mod inspect;
mod messaging;
mod reading;
mod text;

pub use assumptions::{Assumptions, CounterIv, OaepHash};
pub use authentication::{AuthenticationError, AuthenticationRandom, authenticate};
pub use card_number::{CardNumber, CardNumberError};
pub use card_type::{CardType, Generation};
pub use combined::{SessionKeyError, TransportKey};
pub use date::CardDate;
pub use elements::{
    Address, BackNotes, Element, ElementError, FaceImages, Items, Permission, SignatureObjects, address, back_notes,
    card_number, face_images, front_image, items, photo, renewal_pending, scanned_address, signature_objects,
};
pub use evidence::ResidenceEvidence;
pub use files::{FileSpec, Presence, ResidenceFile, layout};
pub use inspect::{InspectError, InspectPlan, Progress, inspect};
pub use messaging::Messaging;
pub use text::{CardText, TextEncoding};

/// DF1: the face of the card.
pub const AID_DF1: [u8; 16] = aid(0x02);
/// DF2: the notes on the back.
pub const AID_DF2: [u8; 16] = aid(0x03);
/// DF3: the signature.
pub const AID_DF3: [u8; 16] = aid(0x04);
/// 在留AP of the combined card.
pub const AID_COMBINED: [u8; 16] = aid(0x01);

/// `D392F0004F0n…`: the agency's identifiers differ in one byte.
const fn aid(number: u8) -> [u8; 16] {
    [0xD3, 0x92, 0xF0, 0x00, 0x4F, number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
}
