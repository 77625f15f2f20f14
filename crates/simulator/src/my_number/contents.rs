//! What one card holds.

use std::collections::BTreeMap;

use chip_crypto::signature::SigningKey;

use super::tree::{Application, Location};

/// A card, or a phone that stands in for one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    Card,
    /// Answers to JPKI alone.
    Phone,
}

/// A secret and its counter.
#[derive(Clone, PartialEq, Eq)]
pub struct CardSecret {
    pub value: Vec<u8>,
    /// Tries after a right entry.
    pub tries: u8,
    pub left: u8,
}

impl CardSecret {
    /// A secret none of whose tries is used.
    #[must_use]
    pub fn new(value: &str, tries: u8) -> Self {
        Self { value: value.as_bytes().to_vec(), tries, left: tries }
    }
}

/// Files, secrets and keys of one card.
#[derive(Clone, Default)]
pub struct Contents {
    pub name: String,
    pub kind: Kind,
    pub files: BTreeMap<Location, Vec<u8>>,
    pub secrets: BTreeMap<Location, CardSecret>,
    pub keys: BTreeMap<Location, SigningKey>,
    /// Answers given instead of signing: an old signature, a copied one.
    pub canned: BTreeMap<Location, Vec<u8>>,
    /// Lets everybody read every file: to see whether a reader asks for what it must not.
    pub generous: bool,
}

impl Contents {
    /// Whether the directory is there.
    #[must_use]
    pub fn has(&self, application: Application) -> bool {
        let all = self.files.keys().chain(self.secrets.keys()).chain(self.keys.keys());
        (self.kind == Kind::Card || application == Application::Jpki)
            && all.into_iter().any(|location| location.application == application)
    }

    /// Whether anything of this identifier is there.
    #[must_use]
    pub fn exists(&self, location: Location) -> bool {
        self.files.contains_key(&location)
            || self.secrets.contains_key(&location)
            || self.keys.contains_key(&location)
            || self.canned.contains_key(&location)
    }

    /// A file to look at or change.
    pub fn file_mut(&mut self, application: Application, id: u16) -> Option<&mut Vec<u8>> {
        self.files.get_mut(&Location { application, id })
    }

    /// A secret to look at or change.
    pub fn secret_mut(&mut self, application: Application, id: u16) -> Option<&mut CardSecret> {
        self.secrets.get_mut(&Location { application, id })
    }
}
