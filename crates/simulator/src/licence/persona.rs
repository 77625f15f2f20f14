//! What QA writes down about an invented holder.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Fault;

/// An invented licence. Texts may hold U+E000 to U+E006 for external characters 1 to 7 and U+E009 for a missing one.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Persona {
    pub kind: Kind,
    pub name: String,
    /// Version of the specification, three characters.
    pub version: String,
    /// Four digits; none set when absent.
    #[serde(default)]
    pub pin1: Option<String>,
    /// Four digits; as absent as PIN 1.
    #[serde(default)]
    pub pin2: Option<String>,
    /// Tries left of PIN 1; all of them when absent.
    #[serde(default)]
    pub tries1: Option<u8>,
    #[serde(default)]
    pub tries2: Option<u8>,
    /// Days of the common data, YYYYMMDD.
    pub issued: String,
    pub expires: String,
    /// Fields of DF1/EF01 by tag in hex: JIS X 0208 texts and JIS X 0201 dates and numbers alike.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// 本籍.
    #[serde(default)]
    pub domicile: String,
    /// Changes by tag in hex.
    #[serde(default)]
    pub changes: BTreeMap<String, Entry>,
    /// External characters by number: the whole value in hex; `dots:HH` repeats one byte as 32 × 32 dots.
    #[serde(default)]
    pub gaiji: BTreeMap<String, String>,
    /// Leaves the card without a photo.
    #[serde(default)]
    pub without_photo: bool,
    /// Takes READ BINARY with extended length.
    #[serde(default = "yes")]
    pub extended: bool,
    #[serde(default)]
    pub faults: Vec<Fault>,
}

/// What kind of card it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Licence,
    MyNumberLicence,
}

/// An entry of the change file.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Era digit and YYMMDD.
    pub date: String,
    pub text: String,
    /// Five characters.
    pub commission: String,
}

impl std::fmt::Debug for Persona {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Persona({}, {:?})", self.name, self.kind)
    }
}

impl Persona {
    /// Adds a fault.
    #[must_use]
    pub fn with_fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Writes another text into a field of the face.
    #[must_use]
    pub fn with_field(mut self, tag: &str, text: &str) -> Self {
        self.fields.insert(tag.to_owned(), text.to_owned());
        self
    }
}

fn yes() -> bool {
    true
}
