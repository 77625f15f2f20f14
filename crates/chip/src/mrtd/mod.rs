//! Electronic machine readable travel documents (ICAO Doc 9303).

pub mod active_authentication;
pub mod atr_info;
pub mod card_access;
pub mod chip_authentication;
pub mod com;
pub mod dg1;
pub mod dg11;
pub mod dg12;
pub mod dg13;
pub mod dg14;
pub mod dg15;
pub mod dg16;
pub mod dg2;
pub mod dg7;
pub mod pace_cam;
pub mod public_key;
pub mod security_info;
pub mod sod;

mod access_key;
mod bac;
mod counting;
mod data_elements;
mod evidence;
mod inspect;
mod kept;
mod mrz;
mod mrz_check;
mod pace;
mod pace_choice;
mod pace_group;
mod reading;
mod secure_messaging;
mod secured;

pub use access_key::{AccessKey, Can, CanError, MrzKey};
pub use bac::{BacError, BacRandom, bac};
pub use counting::Counting;
pub use data_elements::ElementError;
pub use evidence::{
    AccessEvidence, AccessProtocol, ActiveTranscript, ChipAuthOutcome, ChipAuthTranscript, Counters, KeySwitch,
    MrtdEvidence, MrtdFile, PaceFailure,
};
pub use inspect::{AccessError, InspectError, InspectPlan, Progress, inspect, inspect_resuming};
pub use kept::Kept;
pub use mrz::{Mrz, MrzFields, MrzFormat};
pub use mrz_check::{Confusion, MrzError, MrzField, check_digit};
pub use pace::{PaceChannel, PaceError, PaceStep, pace};
pub use pace_group::{GroupError, PaceGroup};
pub use secure_messaging::SecureMessaging;
pub use secured::Secured;

/// Application identifier of the eMRTD application (Doc 9303-10, 3.6.1).
pub const AID: [u8; 7] = [0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01];
