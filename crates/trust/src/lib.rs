//! Is it genuine? Certificates, CMS, master lists, chains, and the verdict in several parts.
//!
//! What it is: passive authentication of Doc 9303-11 and -12 over evidence that was read earlier, with issuer certificates that
//! were imported earlier. What it is not: a client of the chip (crate `chip`), a clock, a store of files or a policy on what a
//! branch may do with an amber verdict.
//!
//! ```text
//!   .ml  LDIF  PEM/DER  CRL ──▶ import ──▶ TrustStore ──▶ Issuers ──┐
//!                                                                  ├──▶ judge ──▶ ChipVerdict {level, codes, checks, fields}
//!   chip::ChipEvidence (raw files, transcripts) ───────────────────┘
//! ```
//!
//! ```
//! # fn example(list: &[u8], sod: &[u8]) -> Result<(), trust::ImportError> {
//! let mut store = trust::TrustStore::empty();
//! store.add(trust::import(list)?);
//! let at = jiff::Timestamp::UNIX_EPOCH;
//! let verdict = trust::judge_files(sod, &std::collections::BTreeMap::new(), &store, at);
//! assert_ne!(verdict.level(), trust::Level::Green); // no data group was shown
//! # Ok(()) }
//! ```

mod algorithm;
mod asn1;
mod bundle;
mod card_security;
mod certificate;
mod chain;
mod checks;
mod chip_proof;
pub mod cms;
mod country;
mod crl;
mod data_groups;
mod diff;
mod extension;
mod fields;
mod finding;
mod import;
mod inspect;
mod issuers;
mod judge;
mod ldif;
pub mod lds;
pub mod licence;
mod master_list;
pub mod my_number;
mod name;
mod oid;
mod passive;
mod print_match;
mod public_key;
pub mod residence;
mod revocation;
mod store;
mod verdict;

pub use algorithm::{AlgorithmError, PssParameters, SignatureAlgorithm};
pub use asn1::Asn1Error;
pub use bundle::{BundleError, MAX_BUNDLE, TrustBundle};
pub use certificate::{Certificate, CertificateError, MAX_CERTIFICATE, VerifyError};
pub use checks::CHECK_NAMES;
pub use crl::{RevocationList, RevokedEntry};
pub use diff::{ChangedCertificate, CountryChange, TrustDiff, diff};
pub use extension::{Extensions, KeyUsage};
pub use fields::day as day_at_branch;
pub use finding::Finding;
pub use import::{ImportError, ImportKind, TrustImport, import, import_with};
pub use inspect::{CertificateReport, Inspection, IssuerSignature, Role, inspect, inspect_list};
pub use issuers::{IssuerError, IssuerKind, Issuers};
pub use judge::{Ahead, judge, judge_after, judge_files, judge_mrtd};
pub use master_list::{ListAnchor, ListSignature};
pub use name::Name;
pub use public_key::{CurveNotation, KeyError, SubjectKey};
pub use store::{RevocationRule, TrustPolicy, TrustStore};
pub use verdict::{
    Chain, CheckLine, CheckState, ChipGenuine, ChipProof, ChipVerdict, DataSignature, DocumentKind, ForbiddenData,
    HolderFields, Level, NotChecked, PrintMatch, ReadVerdict, TrustBundleInfo, Validity,
};
