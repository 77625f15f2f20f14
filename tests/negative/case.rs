//! One row of the matrix: what is wrong with a document or its transport, and the code it must get.

use std::sync::LazyLock;

use trust::ChipVerdict;

use crate::made::Made;

/// What must come out.
#[derive(Clone, PartialEq, Eq)]
pub enum Expected {
    /// The chip is read, and this code decides the verdict.
    Judged(&'static str),
    /// The reading ends with this code before there is evidence.
    Refused(&'static str),
    /// A valid document: green without any code, or amber for the one reason that is documented.
    Accepted { amber: Option<&'static str> },
}

impl Expected {
    /// The deciding code; `accept` for a valid document that is green.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Judged(code) | Self::Refused(code) | Self::Accepted { amber: Some(code) } => code,
            Self::Accepted { amber: None } => ACCEPT,
        }
    }

    pub fn gives_evidence(&self) -> bool {
        match self {
            Self::Judged(_) | Self::Accepted { .. } => true,
            Self::Refused(_) => false,
        }
    }
}

/// What stands for a verdict without codes.
pub const ACCEPT: &str = "accept";

/// How one way of running a case ended.
#[derive(Clone, PartialEq, Eq)]
pub enum Cell {
    Code(String),
    /// The case ends before anything could be delivered.
    NoEvidence,
    /// Not a matter of this way, and why.
    NotApplicable(&'static str),
    /// It should have run and did not.
    NotRun(String),
}

impl Cell {
    pub fn code(text: impl Into<String>) -> Self {
        Self::Code(text.into())
    }
}

/// The three ways of one case.
pub struct Ways {
    pub core: Cell,
    pub kioskctl: Cell,
    pub backend: Cell,
}

/// Who runs a case.
pub enum Run {
    /// A card, read and judged in the three ways.
    Card(LazyLock<Made, Make>),
    /// The case brings its own ways.
    Own { core: fn() -> Cell, kioskctl: fn(&mut crate::pcsc::Desk) -> Cell },
}

/// Makes a card when it is first wanted.
type Make = Box<dyn FnOnce() -> Made + Send>;

/// Something else a verdict must say, by name.
pub type Also = fn(&ChipVerdict) -> bool;

pub struct Case {
    pub id: &'static str,
    pub what: String,
    pub expected: Expected,
    pub run: Run,
    pub also: Option<Also>,
}

impl Case {
    fn card(
        id: &'static str,
        what: impl Into<String>,
        expected: Expected,
        make: impl FnOnce() -> Made + Send + 'static,
    ) -> Self {
        Self { id, what: what.into(), expected, run: Run::Card(LazyLock::new(Box::new(make))), also: None }
    }

    pub fn judged(
        id: &'static str,
        what: impl Into<String>,
        code: &'static str,
        make: impl FnOnce() -> Made + Send + 'static,
    ) -> Self {
        Self::card(id, what, Expected::Judged(code), make)
    }

    pub fn refused(
        id: &'static str,
        what: impl Into<String>,
        code: &'static str,
        make: impl FnOnce() -> Made + Send + 'static,
    ) -> Self {
        Self::card(id, what, Expected::Refused(code), make)
    }

    pub fn control(
        what: impl Into<String>,
        amber: Option<&'static str>,
        make: impl FnOnce() -> Made + Send + 'static,
    ) -> Self {
        Self::card("ok", what, Expected::Accepted { amber }, make)
    }

    pub fn own(
        id: &'static str,
        what: impl Into<String>,
        code: &'static str,
        core: fn() -> Cell,
        kioskctl: fn(&mut crate::pcsc::Desk) -> Cell,
    ) -> Self {
        Self { id, what: what.into(), expected: Expected::Refused(code), run: Run::Own { core, kioskctl }, also: None }
    }

    /// Asks more of the verdict than its code.
    pub fn and(mut self, also: Also) -> Self {
        self.also = Some(also);
        self
    }
}
