//! The verdict: several answers, never one bit (product model, "Verdict model").

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Finding;

/// What staff see first. Red can never be overridden into green.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Everything was checked and everything holds.
    Green,
    /// Something is unknown, stale, partial or special.
    Amber,
    /// Something is wrong.
    Red,
}

impl Level {
    /// Gives the name used on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Amber => "amber",
            Self::Red => "red",
        }
    }
}

/// The kind of document the verdict is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// An electronic machine readable travel document.
    Passport,
    /// 個人番号カード.
    MyNumberCard,
    /// 運転免許証.
    DriverLicence,
    /// マイナ免許証: licence data on the chip of a My Number card.
    MyNumberLicence,
    /// 在留カード.
    ResidenceCard,
    /// 特別永住者証明書.
    SpecialPermanentResident,
    /// 特定在留カード, 特定特別永住者証明書: residence data on the chip of a My Number card.
    CombinedResidenceCard,
}

impl DocumentKind {
    /// Gives the name used on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Passport => "passport",
            Self::MyNumberCard => "my_number_card",
            Self::ResidenceCard => "residence_card",
            Self::SpecialPermanentResident => "special_permanent_resident",
            Self::CombinedResidenceCard => "combined_residence_card",
            Self::DriverLicence => "driver_licence",
            Self::MyNumberLicence => "my_number_licence",
        }
    }
}

/// Whether everything that was to be read was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadVerdict {
    /// All of it.
    Ok,
    /// Some files are missing.
    Partial { missing: Vec<String> },
    /// Nothing usable.
    Failed { code: String },
}

/// Whether the issuer's signature covers what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataSignature {
    Valid,
    Invalid,
    NotPresent,
    NotChecked { reason: NotChecked },
}

/// Why a check was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotChecked {
    /// The algorithm or key is refused by the cryptography of this product.
    Algorithm,
    /// The signer is not known.
    Signer,
    /// What the signature is over was not read, or nobody published what it is over.
    Input,
}

/// Whether the signer belongs to a known issuing authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chain {
    Trusted,
    UntrustedIssuer,
    /// A certificate of the chain was not valid when it was used.
    ExpiredAtRead,
    Revoked,
    RevocationUnknown {
        age_days: Option<i64>,
    },
    NotChecked,
}

/// Whether the chip is the one the issuer made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChipGenuine {
    /// The chip holds a key the signed data name.
    Proven {
        method: ChipProof,
    },
    /// The chip holds some key, but no signed data name it.
    NotBound {
        method: ChipProof,
    },
    Failed,
    NotSupported,
    NotChecked,
}

/// The protocol that proved the chip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChipProof {
    ActiveAuthentication,
    ChipAuthentication,
    Both,
    /// A signature over a challenge by a key the issuer signed or certified.
    KeySignature,
}

/// Whether the printed data are those of the chip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrintMatch {
    Match,
    Differs { fields: Vec<String> },
    NotChecked,
}

/// Whether the document is within its own dates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    InDate,
    Expired {
        since: String,
    },
    SpecialPeriod {
        until: String,
        evidence: String,
    },
    NotYet,
    /// The expiry date is unknown.
    Unknown,
}

/// Whether something this product must not keep was met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForbiddenData {
    NoneSeen,
    Discarded { kind: String },
}

/// Which issuer certificates the verdict rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustBundleInfo {
    /// Names the imports: the first bytes of a digest over all certificates.
    pub version: String,
    /// When the newest signed list was signed.
    pub built_at: Option<Timestamp>,
    /// Days between then and the verdict.
    pub age_days: Option<i64>,
    /// Too old for a green verdict.
    pub stale: bool,
}

/// How one check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    Passed,
    Failed,
    NotSupported,
    NotChecked,
}

impl CheckState {
    /// Gives the name used on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "Passed",
            Self::Failed => "Failed",
            Self::NotSupported => "NotSupported",
            Self::NotChecked => "NotChecked",
        }
    }
}

/// One line of the list of checks. Names are stable; details are for people and never hold personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckLine {
    /// One of [`crate::CHECK_NAMES`], or of the names of the document's own module.
    pub name: std::borrow::Cow<'static, str>,
    pub state: CheckState,
    pub detail: String,
}

/// The personal data a verdict may carry: the white list of product.md §6 and nothing else.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolderFields {
    pub document_code: Option<String>,
    /// Primary identifier.
    pub surname: Option<String>,
    /// The whole name as a Japanese card writes it; family and given name are then not told apart.
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub address: Option<String>,
    /// Secondary identifier.
    pub given_names: Option<String>,
    /// `YYYY-MM-DD`, or with unknown parts as printed.
    pub birth_date: Option<String>,
    /// Not shown; kept for the record's rules only.
    pub sex: Option<String>,
    /// Three-letter code.
    pub nationality: Option<String>,
    /// Three-letter code.
    pub issuing_state: Option<String>,
    pub document_number: Option<String>,
    /// `YYYY-MM-DD`.
    pub expiry_date: Option<String>,
    /// A portrait was read.
    pub has_portrait: bool,
    /// What licences say besides.
    #[serde(default)]
    pub licence: Option<crate::licence::LicenceFields>,
    /// What residence cards say besides.
    #[serde(default)]
    pub residence: Option<crate::residence::ResidenceFields>,
}

impl std::fmt::Debug for HolderFields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HolderFields(..)")
    }
}

/// The answer about one document. It says what holds, part by part, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChipVerdict {
    pub document: DocumentKind,
    pub read: ReadVerdict,
    pub data_signature: DataSignature,
    pub chain: Chain,
    pub chip_genuine: ChipGenuine,
    pub print_match: PrintMatch,
    pub validity: Validity,
    pub forbidden_data: ForbiddenData,
    pub trust_bundle: TrustBundleInfo,
    /// Key and digest of the signer, e.g. `secp384r1/SHA-384`.
    pub algorithm: Option<String>,
    /// Deciding one first.
    pub findings: Vec<Finding>,
    pub checks: Vec<CheckLine>,
    pub fields: HolderFields,
}

impl ChipVerdict {
    /// Gives the level shown to staff: green only when every part holds and nothing was found.
    #[must_use]
    pub fn level(&self) -> Level {
        let found = self.findings.iter().map(Finding::level).max().unwrap_or(Level::Green);
        [
            found,
            match &self.read {
                ReadVerdict::Ok => Level::Green,
                ReadVerdict::Partial { .. } => Level::Amber,
                ReadVerdict::Failed { .. } => Level::Red,
            },
            match &self.data_signature {
                DataSignature::Valid => Level::Green,
                DataSignature::Invalid => Level::Red,
                DataSignature::NotPresent | DataSignature::NotChecked { .. } => Level::Amber,
            },
            match &self.chain {
                Chain::Trusted => Level::Green,
                Chain::Revoked => Level::Red,
                Chain::UntrustedIssuer | Chain::ExpiredAtRead | Chain::RevocationUnknown { .. } | Chain::NotChecked => {
                    Level::Amber
                }
            },
            match &self.chip_genuine {
                ChipGenuine::Proven { .. } | ChipGenuine::NotSupported => Level::Green,
                ChipGenuine::NotBound { .. } | ChipGenuine::NotChecked => Level::Amber,
                ChipGenuine::Failed => Level::Red,
            },
            match &self.print_match {
                PrintMatch::Match | PrintMatch::NotChecked => Level::Green,
                PrintMatch::Differs { .. } => Level::Red,
            },
            match &self.validity {
                Validity::InDate => Level::Green,
                Validity::Expired { .. } | Validity::SpecialPeriod { .. } | Validity::NotYet | Validity::Unknown => {
                    Level::Amber
                }
            },
            match &self.forbidden_data {
                ForbiddenData::NoneSeen => Level::Green,
                ForbiddenData::Discarded { .. } => Level::Amber,
            },
            if self.trust_bundle.stale { Level::Amber } else { Level::Green },
        ]
        .into_iter()
        .max()
        .unwrap_or(Level::Red)
    }

    /// Gives the codes, the deciding one first.
    #[must_use]
    pub fn codes(&self) -> Vec<String> {
        self.findings.iter().map(Finding::code).collect()
    }

    /// Gives the line of one check.
    #[must_use]
    pub fn check(&self, name: &str) -> Option<&CheckLine> {
        self.checks.iter().find(|line| line.name == name)
    }
}
