//! Driver's licences (運転免許証) and licences on My Number cards (マイナ免許証) from the card's side, with their own test issuer.
//!
//! A persona is a JSON file in `personas/`: what stands on the card, plainly invented. Its issuer writes the files, signs them, and
//! the card serves them behind two PINs whose counters outlast every reset. Written apart from the reader it tests.

mod card;
mod issue;
mod jis;
mod my_number;
mod persona;
mod pki;

pub use card::{Image, LicenceCard};
pub use jis::{JisError, jis};
pub use my_number::MyNumberLicenceCard;
pub use persona::{Entry, Kind, Persona};
pub use pki::{SignerPki, signer_certificate};

use std::path::Path;

use crate::{Fault, FaultyCard, ProfileError, SimulatedCard};

/// Names of the built-in personas.
pub const BUILT_IN: [&str; 4] = ["licence", "licence-changed", "licence-no-pin", "mynumber-licence"];

const PERSONAS: [(&str, &str); 4] = [
    ("licence", include_str!("../../personas/licence.json")),
    ("licence-changed", include_str!("../../personas/licence-changed.json")),
    ("licence-no-pin", include_str!("../../personas/licence-no-pin.json")),
    ("mynumber-licence", include_str!("../../personas/mynumber-licence.json")),
];

impl Persona {
    /// A built-in persona.
    ///
    /// # Errors
    /// An unknown name.
    pub fn built_in(name: &str) -> Result<Self, ProfileError> {
        let (_, json) = PERSONAS.iter().find(|(known, _)| *known == name).ok_or(ProfileError::UnknownProfile)?;
        Ok(serde_json::from_str(json)?)
    }
}

/// Finds a persona by built-in name or in a JSON file with `"kind": "licence"` or `"my-number-licence"`; `None` when the text means
/// neither.
///
/// # Errors
/// A file that says it is one and is not.
pub fn find(text: &str) -> Result<Option<Persona>, ProfileError> {
    if BUILT_IN.contains(&text) {
        return Persona::built_in(text).map(Some);
    }
    let path = Path::new(text);
    if path.extension().is_none_or(|extension| extension != "json") || !path.is_file() {
        return Ok(None);
    }
    let json = std::fs::read_to_string(path).map_err(|source| ProfileError::Read { path: path.to_owned(), source })?;
    let value: serde_json::Value = serde_json::from_str(&json)?;
    match value.get("kind").and_then(|kind| kind.as_str()) {
        Some("licence" | "my-number-licence") => Ok(Some(serde_json::from_value(value)?)),
        _ => Ok(None),
    }
}

/// Issues the card of a persona, with its faults, ready to be placed on a reader.
///
/// # Errors
/// A persona with a text that does not fit the card.
pub fn place(persona: &Persona) -> Result<Box<dyn SimulatedCard>, ProfileError> {
    let faults = persona.faults.clone();
    Ok(match persona.kind {
        Kind::Licence => Box::new(FaultyCard::new(LicenceCard::issue(persona)?, faults)),
        Kind::MyNumberLicence => Box::new(FaultyCard::new(MyNumberLicenceCard::issue(persona)?, faults)),
    })
}

/// Changes a byte of a file after it was signed.
fn change_bytes(persona: &Persona, mut change: impl FnMut(&str, usize, u8)) {
    for fault in &persona.faults {
        if let Fault::ChangedByte { file, offset, xor } = fault {
            change(file, *offset, *xor);
        }
    }
}

/// An answer to reset as PC/SC makes it for a contactless card without historical bytes.
const ATR: [u8; 5] = [0x3B, 0x80, 0x80, 0x01, 0x01];
