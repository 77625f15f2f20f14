//! The judgement: evidence, authorities, what people added, and a moment in; a verdict out. Total: it never fails and never panics.

use chip::residence::{Generation, ResidenceEvidence, ResidenceFile, card_number};
use jiff::{Timestamp, civil};

use super::authorities::ResidenceTrust;
use super::layout::Images;
use super::{fields, layout, signature, validity};
use crate::checks::Report;
use crate::finding::Finding;
use crate::verdict::{
    CheckState, ChipGenuine, ChipVerdict, ForbiddenData, HolderFields, PrintMatch, ReadVerdict, Validity,
};

/// Names of the check lines of residence cards, in the order they are shown. Stable.
pub const RESIDENCE_CHECK_NAMES: [&str; 10] = [
    "access",
    "layout",
    "fields",
    "signature",
    "chain",
    "signer_validity",
    "number",
    "images",
    "validity",
    "number_status",
];

/// What the lookup of revoked numbers (在留カード等番号失効情報照会) said. It is a service of the agency, not of the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NumberStatus {
    /// Nobody is to look it up here.
    #[default]
    NotAsked,
    /// It is to be looked up and could not be: offline.
    Pending,
    /// Not registered as revoked.
    Good,
    /// Registered as revoked.
    Revoked,
}

/// What people and services added to what the chip says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Declared {
    /// The earlier of expiry and end of stay, typed from a card of the first generation.
    pub expiry: Option<civil::Date>,
    /// Staff saw the note on the back that an extension has been applied for.
    pub extension_applied: bool,
    /// The lookup's answer.
    pub status: NumberStatus,
}

/// Judges what a card said, from the raw files alone.
#[must_use]
pub fn judge(evidence: &ResidenceEvidence, trust: &ResidenceTrust, at: Timestamp) -> ChipVerdict {
    judge_with(evidence, trust, &Declared::default(), at)
}

/// Judges what a card said together with what people and services added.
#[must_use]
pub fn judge_with(
    evidence: &ResidenceEvidence,
    trust: &ResidenceTrust,
    declared: &Declared,
    at: Timestamp,
) -> ChipVerdict {
    let mut report = Report::default();
    report.passed("access", "mutual authentication with the card number");
    let missing = layout::check(evidence, &mut report);
    layout::check_fields(evidence, &mut report);
    let images = Images::of(evidence);
    images.check(&mut report);
    let items = fields::text_items(evidence);
    let signed = signature::check(evidence, &images, items.as_ref(), trust, at, &mut report);
    let print_match = check_number(evidence, &mut report);
    let validity: Validity = validity::check(evidence, items.as_ref(), declared, at, &mut report);
    check_status(declared.status, &mut report);
    let (findings, checks) = report.finish_in(&RESIDENCE_CHECK_NAMES);
    ChipVerdict {
        document: fields::kind(evidence.card_type),
        read: if missing.is_empty() { ReadVerdict::Ok } else { ReadVerdict::Partial { missing } },
        data_signature: signed.data_signature,
        chain: signed.chain,
        // A copy with the same files opens with the same number: these cards have no key of their own to prove.
        chip_genuine: ChipGenuine::NotSupported,
        print_match,
        validity,
        forbidden_data: ForbiddenData::NoneSeen,
        trust_bundle: trust.describe(),
        algorithm: signed.algorithm,
        findings,
        checks,
        fields: HolderFields {
            birth_date: items.as_ref().map(|items| items.birth.clone()),
            sex: items.as_ref().map(|items| items.sex.clone()),
            nationality: items.as_ref().map(|items| items.nationality.clone()),
            issuing_state: Some("JPN".to_owned()),
            document_number: Some(evidence.card_number.expose().to_owned()),
            expiry_date: items
                .as_ref()
                .and_then(|items| items.expiry)
                .map(|date| date.to_string())
                .or_else(|| declared.expiry.map(|date| date.to_string())),
            has_portrait: images.has_face(),
            residence: Some(fields::residence(evidence, items.as_ref())),
            ..HolderFields::default()
        },
    }
}

/// The number that opened the chip is the printed one; the second generation also states it.
fn check_number(evidence: &ResidenceEvidence, report: &mut Report) -> PrintMatch {
    let stated = match evidence.card_type.generation() {
        Generation::First => {
            report.line("number", CheckState::NotSupported, "this generation states its number in the image alone");
            return PrintMatch::NotChecked;
        }
        Generation::Second => evidence.files.get(&ResidenceFile::Df1Ef01).map(|file| card_number(file)),
    };
    match stated {
        Some(Ok(number)) if number == evidence.card_number => {
            report.passed("number", "the chip states the number that opened it");
            PrintMatch::Match
        }
        Some(Ok(_)) => {
            report.failed("number", Finding::RcNumberMismatch, "the chip states another number");
            PrintMatch::Differs { fields: vec!["document_number".to_owned()] }
        }
        Some(Err(_)) | None => {
            report.not_checked("number", "the chip states no number that can be read");
            PrintMatch::NotChecked
        }
    }
}

fn check_status(status: NumberStatus, report: &mut Report) {
    match status {
        NumberStatus::NotAsked => report.not_checked("number_status", "revocation of the number was not looked up"),
        NumberStatus::Pending => {
            report.find(Finding::RcStatusPending);
            report.not_checked("number_status", "revocation of the number could not be looked up");
        }
        NumberStatus::Good => report.passed("number_status", "the number is not registered as revoked"),
        NumberStatus::Revoked => {
            report.failed("number_status", Finding::RcNumberRevoked, "the number is registered as revoked");
        }
    }
}
