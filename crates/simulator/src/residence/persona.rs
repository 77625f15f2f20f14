//! Personas: invented holders as data files. Everything about them says that they are not real.

use serde::{Deserialize, Serialize};

use crate::ProfileError;

/// Names of the personas that need no file.
pub const PERSONAS: [&str; 9] = [
    "residence-first",
    "residence-first-child",
    "special-permanent-first",
    "residence-second",
    "residence-second-infant",
    "residence-second-renewal",
    "special-permanent-second",
    "combined-residence",
    "combined-special-permanent",
];

/// One invented holder and the card to issue.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Persona {
    /// Name of the card, for QA tools.
    pub name: String,
    /// MF/EF02: `1`, `2`, `05` to `08`.
    pub card_type: String,
    pub card_number: String,
    /// Lines of the front image (first generation) or of the name image (second).
    pub name_lines: Vec<String>,
    /// `YYYYMMDD`, here and below.
    pub birth: String,
    pub sex: String,
    pub nationality: String,
    #[serde(default)]
    pub status: String,
    #[serde(default)]
    pub period_of_stay: String,
    #[serde(default)]
    pub permission: String,
    #[serde(default)]
    pub permission_date: String,
    #[serde(default)]
    pub work_restriction: String,
    #[serde(default)]
    pub end_of_stay: String,
    pub expiry: String,
    pub address_entered: String,
    pub municipality: String,
    pub address: String,
    /// Lines of the address image (second generation): its font has letters and digits alone.
    #[serde(default)]
    pub address_lines: Vec<String>,
    #[serde(default)]
    pub blanket_permission: String,
    #[serde(default)]
    pub individual_permission: String,
    /// An extension of the stay has been applied for.
    #[serde(default)]
    pub renewal_pending: bool,
    /// Cards of children have no photo.
    pub photo: bool,
}

impl Persona {
    /// A persona that needs no file.
    ///
    /// # Errors
    /// An unknown name.
    pub fn built_in(name: &str) -> Result<Self, ProfileError> {
        let json = match name {
            "residence-first" => include_str!("../../personas/residence-first.json"),
            "residence-first-child" => include_str!("../../personas/residence-first-child.json"),
            "special-permanent-first" => include_str!("../../personas/special-permanent-first.json"),
            "residence-second" => include_str!("../../personas/residence-second.json"),
            "residence-second-infant" => include_str!("../../personas/residence-second-infant.json"),
            "residence-second-renewal" => include_str!("../../personas/residence-second-renewal.json"),
            "special-permanent-second" => include_str!("../../personas/special-permanent-second.json"),
            "combined-residence" => include_str!("../../personas/combined-residence.json"),
            "combined-special-permanent" => include_str!("../../personas/combined-special-permanent.json"),
            _ => return Err(ProfileError::UnknownProfile),
        };
        Ok(serde_json::from_str(json)?)
    }

    /// Whether the card is of the first generation.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.card_type.len() == 1
    }

    /// Whether it is a certificate of a special permanent resident.
    #[must_use]
    pub fn is_special(&self) -> bool {
        matches!(self.card_type.as_str(), "2" | "06" | "08")
    }

    /// Whether it lives on the chip of a My Number card.
    #[must_use]
    pub fn is_combined(&self) -> bool {
        matches!(self.card_type.as_str(), "07" | "08")
    }
}
