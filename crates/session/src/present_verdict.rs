//! The parts of a verdict as lines for staff (product.md §8).

use std::collections::BTreeMap;

use trust::{
    Chain, ChipGenuine, ChipProof, ChipVerdict, DataSignature, Finding, ForbiddenData, Level, NotChecked, PrintMatch,
    ReadVerdict, TrustPolicy, Validity,
};

use crate::choice::Role;
use crate::code::Failure;
use crate::view::{LevelView, VerdictLine, VerdictView};

/// The part of the verdict a finding speaks about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Read,
    DataSignature,
    Chain,
    ChipGenuine,
    PrintMatch,
    Validity,
}

pub(crate) fn verdict_view(verdict: &ChipVerdict, role: Role) -> VerdictView {
    let lines = vec![
        read(verdict),
        data_signature(verdict),
        chain(verdict),
        chip_genuine(verdict),
        print_match(verdict),
        validity(verdict),
        forbidden_data(verdict),
        trust_bundle(verdict),
    ];
    let lines = lines.into_iter().map(|line| line.build(verdict, role)).collect();
    VerdictView {
        level: level(verdict.level()),
        lines,
        algorithm: verdict.algorithm.clone(),
        codes: verdict.findings.iter().map(|finding| Failure::from(*finding).view(role)).collect(),
    }
}

/// A line before its codes.
struct Draft {
    name: &'static str,
    part: Option<Part>,
    state: &'static str,
    level: Level,
    params: BTreeMap<String, String>,
}

impl Draft {
    fn new(name: &'static str, part: Option<Part>, state: &'static str, level: Level) -> Self {
        Self { name, part, state, level, params: BTreeMap::new() }
    }

    fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }

    /// Adds the findings of the part. They can only make its level worse.
    fn build(self, verdict: &ChipVerdict, role: Role) -> VerdictLine {
        let own: Vec<&Finding> =
            verdict.findings.iter().filter(|finding| Some(part_of(finding)) == self.part).collect();
        let worst = own.iter().map(|finding| finding.level()).max().unwrap_or(Level::Green).max(self.level);
        VerdictLine {
            part: self.name.to_owned(),
            state: self.state.to_owned(),
            level: level(worst),
            params: self.params,
            codes: own.into_iter().map(|finding| Failure::from(*finding).view(role)).collect(),
        }
    }
}

fn read(verdict: &ChipVerdict) -> Draft {
    let draft = |state, level| Draft::new("read", Some(Part::Read), state, level);
    match &verdict.read {
        ReadVerdict::Ok => draft("ok", Level::Green),
        ReadVerdict::Partial { missing } => draft("partial", Level::Amber).with("missing", missing.join(", ")),
        ReadVerdict::Failed { code } => draft("failed", Level::Red).with("code", code),
    }
}

fn data_signature(verdict: &ChipVerdict) -> Draft {
    let draft = |state, level| Draft::new("data_signature", Some(Part::DataSignature), state, level);
    match &verdict.data_signature {
        DataSignature::Valid => draft("valid", Level::Green),
        DataSignature::Invalid => draft("invalid", Level::Red),
        DataSignature::NotPresent => draft("not_present", Level::Amber),
        DataSignature::NotChecked { reason } => draft("not_checked", Level::Amber).with(
            "reason",
            match reason {
                NotChecked::Algorithm => "algorithm",
                NotChecked::Signer => "signer",
                NotChecked::Input => "input",
            },
        ),
    }
}

fn chain(verdict: &ChipVerdict) -> Draft {
    let draft = |state, level| Draft::new("chain", Some(Part::Chain), state, level);
    match &verdict.chain {
        Chain::Trusted => draft("trusted", Level::Green),
        Chain::UntrustedIssuer => draft("untrusted_issuer", Level::Amber),
        Chain::ExpiredAtRead => draft("expired_at_read", Level::Amber),
        Chain::Revoked => draft("revoked", Level::Red),
        Chain::RevocationUnknown { age_days } => {
            let draft = draft("revocation_unknown", Level::Amber);
            match age_days {
                Some(days) => draft.with("days", days),
                None => draft,
            }
        }
        Chain::NotChecked => draft("not_checked", Level::Amber),
    }
}

fn chip_genuine(verdict: &ChipVerdict) -> Draft {
    let draft = |state, level| Draft::new("chip_genuine", Some(Part::ChipGenuine), state, level);
    match &verdict.chip_genuine {
        ChipGenuine::Proven { method } => draft("proven", Level::Green).with("method", proof(*method)),
        ChipGenuine::NotBound { method } => draft("not_bound", Level::Amber).with("method", proof(*method)),
        ChipGenuine::Failed => draft("failed", Level::Red),
        ChipGenuine::NotSupported => draft("not_supported", Level::Green),
        ChipGenuine::NotChecked => draft("not_checked", Level::Amber),
    }
}

fn proof(method: ChipProof) -> &'static str {
    match method {
        ChipProof::ActiveAuthentication => "active_authentication",
        ChipProof::ChipAuthentication => "chip_authentication",
        ChipProof::Both => "both",
        ChipProof::KeySignature => "key_signature",
    }
}

fn print_match(verdict: &ChipVerdict) -> Draft {
    let draft = |state, level| Draft::new("print_match", Some(Part::PrintMatch), state, level);
    match &verdict.print_match {
        PrintMatch::Match => draft("match", Level::Green),
        PrintMatch::Differs { fields } => draft("differs", Level::Red).with("fields", fields.join(", ")),
        PrintMatch::NotChecked => draft("not_checked", Level::Green),
    }
}

fn validity(verdict: &ChipVerdict) -> Draft {
    let draft = |state, level| Draft::new("validity", Some(Part::Validity), state, level);
    match &verdict.validity {
        Validity::InDate => draft("in_date", Level::Green),
        Validity::Expired { since } => draft("expired", Level::Amber).with("since", since),
        Validity::SpecialPeriod { until, .. } => draft("special_period", Level::Amber).with("until", until),
        Validity::NotYet => draft("not_yet", Level::Amber),
        Validity::Unknown => draft("unknown", Level::Amber),
    }
}

fn forbidden_data(verdict: &ChipVerdict) -> Draft {
    match &verdict.forbidden_data {
        ForbiddenData::NoneSeen => Draft::new("forbidden_data", None, "none_seen", Level::Green),
        ForbiddenData::Discarded { kind } => {
            Draft::new("forbidden_data", None, "discarded", Level::Amber).with("kind", kind)
        }
    }
}

fn trust_bundle(verdict: &ChipVerdict) -> Draft {
    let bundle = &verdict.trust_bundle;
    let is_due = bundle.age_days.is_some_and(|days| days > TrustPolicy::default().list_warn_age_days);
    let (state, level) = match (bundle.stale, is_due) {
        (true, _) => ("stale", Level::Amber),
        (false, true) => ("due", Level::Green),
        (false, false) => ("fresh", Level::Green),
    };
    let draft = Draft::new("trust_bundle", None, state, level).with("version", &bundle.version);
    match bundle.age_days {
        Some(days) => draft.with("days", days),
        None => draft,
    }
}

fn level(level: Level) -> LevelView {
    match level {
        Level::Green => LevelView::Green,
        Level::Amber => LevelView::Amber,
        Level::Red => LevelView::Red,
    }
}

fn part_of(finding: &Finding) -> Part {
    match finding {
        Finding::DgMissing(_)
        | Finding::FileMissing
        | Finding::MyNumberRedaction
        | Finding::TlvInvalid
        | Finding::TlvLimit
        | Finding::FileLimit
        | Finding::ImageLimit
        | Finding::Dg2FaceCount
        | Finding::DateInvalid
        | Finding::ImageInvalid
        | Finding::DlGaijiInvalid
        | Finding::DlLayoutMismatch
        | Finding::ComSodMismatch
        | Finding::RcLayoutMismatch
        | Finding::LdsVersionMismatch => Part::Read,
        Finding::SodMissing
        | Finding::SodSigInvalid
        | Finding::SodDigestMismatch
        | Finding::SodAttrsMissing
        | Finding::SodContentType
        | Finding::SodSignerCount
        | Finding::SodDuplicateDg
        | Finding::DerNotCanonical
        | Finding::DgHashMismatch(_)
        | Finding::DgNotInSod(_)
        | Finding::AlgForbidden
        | Finding::KeyTooSmall
        | Finding::AlgParamMismatch
        | Finding::EcParamInvalid
        | Finding::EcPointInvalid
        | Finding::SigEncoding
        | Finding::MnAttrSigInvalid
        | Finding::MnFaceSigInvalid
        | Finding::DlSigInvalid
        | Finding::RcSigInvalid
        | Finding::DscMissing => Part::DataSignature,
        Finding::TrustStoreEmpty
        | Finding::CscaUnknown
        | Finding::ChainSigInvalid
        | Finding::ChainConstraint
        | Finding::CscaNotValidAtIssue
        | Finding::CertCriticalExt
        | Finding::CountryMismatch
        | Finding::DscRevoked
        | Finding::CrlUntrusted
        | Finding::CrlStale
        | Finding::CrlMissing
        | Finding::TrustListStale
        | Finding::DscNotValidAtSigning
        | Finding::JpkiCaUnknown
        | Finding::JpkiCertPurpose
        | Finding::JpkiCertExpired
        | Finding::JpkiCertRevoked
        | Finding::JpkiStatusPending
        | Finding::JpkiStatusInvalid
        | Finding::MnIssuerUnknown
        | Finding::MnIssuerSigInvalid
        | Finding::DlSignerUnknown
        | Finding::DlSignerNotValidAtSigning
        | Finding::RcSignerUnknown
        | Finding::RcSignerNotValidAtSigning
        | Finding::DscKeyUsage => Part::Chain,
        Finding::AaFailed
        | Finding::AaRefused
        | Finding::CaFailed
        | Finding::AccessDowngrade
        | Finding::JpkiSigInvalid
        | Finding::MnChipProofFailed
        | Finding::MnChipProofRefused
        | Finding::CardaccessMismatch => Part::ChipGenuine,
        Finding::AccessKeyMrzMismatch
        | Finding::MrzDg1Mismatch
        | Finding::MrzCheckDigit
        | Finding::MnAttrCertMismatch
        | Finding::RcNumberMismatch
        | Finding::MnApplicationsDiffer => Part::PrintMatch,
        Finding::DocumentExpired | Finding::RcNumberRevoked | Finding::RcStatusPending => Part::Validity,
    }
}
