//! The documents: getting access to a chip, reading it, and parsing what it said.
//!
//! What it is: ICAO Doc 9303-10 and 9303-11 from the terminal's side, as plain top-down code over [`apdu::Card`]; the result of
//! a reading is evidence: raw files and transcripts, nothing judged. What it is not: a verdict (crate `trust`), a device
//! (crate `readers`), a session with a person (crate `session`).
//!
//! ```text
//!  inspect ─▶ EF.CardAccess ─▶ PACE (EF.CardSecurity) | BAC ─▶ Secured<C> ─▶ SOD, DG1, COM, DG14, DG15 ─▶ CA ─▶ AA ─▶ DG2
//!                                                                                                     ─▶ MrtdEvidence
//! ```
//!
//! ```
//! use chip::mrtd::Mrz;
//! let mrz = Mrz::parse("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6").unwrap();
//! assert_eq!(mrz.fields().document_number, "D23145890");
//! assert_eq!(mrz.fields().given_names, "ANNA MARIA");
//! ```
#![warn(missing_docs)]

pub mod licence;
pub mod mrtd;
pub mod my_number;
pub mod pin;
pub mod portrait;
pub mod recognition;
pub mod residence;
pub mod tiff;

/// What a chip said, as raw as it said it; verdicts are computed from this alone.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum ChipEvidence {
    /// A machine readable travel document (ICAO Doc 9303).
    Mrtd(mrtd::MrtdEvidence),
    /// 運転免許証.
    Licence(licence::LicenceEvidence),
    /// 個人番号カード.
    MyNumber(my_number::MyNumberEvidence),
    /// 在留カード, 特別永住者証明書.
    Residence(residence::ResidenceEvidence),
}

impl ChipEvidence {
    /// What the reading cost.
    #[must_use]
    pub fn counters(&self) -> mrtd::Counters {
        match self {
            Self::Mrtd(evidence) => evidence.counters,
            Self::Licence(evidence) => evidence.counters,
            Self::MyNumber(evidence) => evidence.counters,
            Self::Residence(evidence) => evidence.counters,
        }
    }
}
