//! The one catalogue of failures: what crosses to the page, the store, the backend and the help desk.

use serde::{Deserialize, Serialize};

use crate::choice::Role;
use crate::view::{CodeView, Message};

/// Where in a session a failure belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Device,
    Access,
    Reading,
    Verifying,
    Face,
    Sealing,
    Delivery,
    Trust,
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    Customer,
    Staff,
    Operator,
    Nobody,
}

/// What is offered: text `remedy.<id>` in the page's catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Do the same again.
    Retry,
    /// Put the card back and keep it still.
    Reposition,
    /// Enter the key again.
    ReenterKey,
    /// Use another document.
    OtherDocument,
    /// A member of staff decides, with what is shown.
    StaffDecides,
    /// Fetch a member of staff.
    CallStaff,
    /// Fetch the technician.
    CallOperator,
    /// Go on; the machine keeps trying by itself.
    GoOn,
}

macro_rules! names {
    ($($type:ident { $($variant:ident => $id:literal),+ $(,)? })+) => {$(
        impl $type {
            /// The stable identifier.
            #[must_use]
            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $id),+ }
            }
        }
    )+};
}

names! {
    Stage {
        Device => "device", Access => "access", Reading => "reading", Verifying => "verifying", Face => "face",
        Sealing => "sealing", Delivery => "delivery", Trust => "trust",
    }
    Turn { Customer => "customer", Staff => "staff", Operator => "operator", Nobody => "nobody" }
    Remedy {
        Retry => "retry", Reposition => "reposition", ReenterKey => "reenter_key", OtherDocument => "other_document",
        StaffDecides => "staff_decides", CallStaff => "call_staff", CallOperator => "call_operator", GoOn => "go_on",
    }
}

/// One row of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub number: u16,
    pub name: &'static str,
    pub stage: Stage,
    pub turn: Turn,
    pub remedy: Remedy,
}

/// Makes the enum and its table from one list of rows.
macro_rules! failure_codes {
    ($($number:literal $variant:ident $name:literal $stage:ident $turn:ident $remedy:ident;)+) => {
        /// A failure, stable for ever: a number is never changed and never used again.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum FailureCode { $($variant),+ }

        impl FailureCode {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The row of this code.
            #[must_use]
            pub fn entry(self) -> $crate::code::Entry {
                use $crate::code::{Entry, Remedy, Stage, Turn};
                match self {
                    $(Self::$variant => Entry {
                        number: $number, name: $name, stage: Stage::$stage, turn: Turn::$turn, remedy: Remedy::$remedy,
                    }),+
                }
            }
        }
    };
}
pub(crate) use failure_codes;

pub use crate::code_table::FailureCode;

impl FailureCode {
    /// The number, for the telephone.
    #[must_use]
    pub fn number(self) -> u16 {
        self.entry().number
    }

    /// The name, for logs and records.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// The code of a name, without its parameter.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}

impl Serialize for FailureCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for FailureCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::from_name(&name).ok_or_else(|| serde::de::Error::custom("unknown failure code"))
    }
}

/// A code with the parameter it may carry: a data group's number, the tries left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Failure {
    pub code: FailureCode,
    pub parameter: Option<u8>,
}

impl From<FailureCode> for Failure {
    fn from(code: FailureCode) -> Self {
        Self { code, parameter: None }
    }
}

impl Failure {
    #[must_use]
    pub fn with(code: FailureCode, parameter: u8) -> Self {
        Self { code, parameter: Some(parameter) }
    }

    /// What a role may know of it: the customer never gets the number, and of a doubt about the document only that staff help
    /// (product.md §15: never accuse).
    #[must_use]
    pub fn view(self, role: Role) -> CodeView {
        let Entry { number, name, stage, turn, remedy } = self.code.entry();
        let customer = role == Role::Customer;
        let name = match self.parameter {
            Some(parameter) if !customer => format!("{name}({parameter})"),
            Some(_) | None => name.to_owned(),
        };
        CodeView {
            number: (!customer).then_some(number),
            name,
            stage: stage.id().to_owned(),
            turn: turn.id().to_owned(),
            remedy: remedy.id().to_owned(),
        }
    }

    /// The message that shows it.
    #[must_use]
    pub fn message(self, role: Role) -> Message {
        let mut params = std::collections::BTreeMap::new();
        if let Some(parameter) = self.parameter {
            params.insert("n".to_owned(), parameter.to_string());
        }
        Message { key: format!("failure.{}", self.code.name()), params, code: Some(self.view(role)) }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.parameter {
            Some(parameter) => write!(f, "{}({parameter})", self.code.name()),
            None => f.write_str(self.code.name()),
        }
    }
}
