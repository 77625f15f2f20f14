//! マイナ免許証: what its signature is over is only known in part, so it is reported and never verified.

use chip::licence::my_number::MyNumberLicenceEvidence;
use jiff::Timestamp;

use super::{CHECK_NAMES, LicenceFields, LicenceTrust, check_photo, validity};
use crate::checks::Report;
use crate::finding::Finding;
use crate::verdict::{
    Chain, ChipGenuine, ChipVerdict, DataSignature, DocumentKind, ForbiddenData, HolderFields, NotChecked, PrintMatch,
    ReadVerdict,
};

/// Judges what the licence on a My Number card said. Never green.
#[must_use]
pub fn judge_my_number(evidence: &MyNumberLicenceEvidence, trust: &LicenceTrust, at: Timestamp) -> ChipVerdict {
    let mut report = Report::default();
    report.not_checked("layout", "the table of items is not published");
    report.not_checked("gaiji", "the items that are read have no text");
    let expiry_date = match evidence.expires() {
        Ok(date) => date.map(|date| date.to_string()),
        Err(error) => {
            report.find(Finding::DateInvalid);
            report.not_checked("items", error.to_string());
            None
        }
    };
    let document_number = evidence.number();
    if expiry_date.is_some() && document_number.is_some() {
        report.passed("items", "validity and number");
    }
    check_photo(evidence.photo.as_deref(), &mut report);
    let validity = validity(expiry_date.as_deref(), at, &mut report);
    let (data_signature, chain) = if evidence.signature.is_some() {
        report.failed("signer", Finding::DlSignerUnknown, "the card names no certificate in a form that is known");
        report.not_checked("signature", "a signature is present and cannot be verified here");
        (DataSignature::NotChecked { reason: NotChecked::Input }, Chain::UntrustedIssuer)
    } else {
        report.not_checked("signature", "no signature was read");
        (DataSignature::NotPresent, Chain::NotChecked)
    };
    let missing: Vec<String> = [
        ("validity", expiry_date.is_none()),
        ("number", document_number.is_none()),
        ("photo", evidence.photo.is_none()),
    ]
    .into_iter()
    .filter(|(_, missing)| *missing)
    .map(|(name, _)| name.to_owned())
    .collect();
    let (findings, checks) = report.finish_in(&CHECK_NAMES);
    ChipVerdict {
        document: DocumentKind::MyNumberLicence,
        read: if missing.is_empty() { ReadVerdict::Ok } else { ReadVerdict::Partial { missing } },
        data_signature,
        chain,
        chip_genuine: ChipGenuine::NotChecked,
        print_match: PrintMatch::NotChecked,
        validity,
        forbidden_data: ForbiddenData::NoneSeen,
        trust_bundle: trust.signers.describe(at, None),
        algorithm: None,
        findings,
        checks,
        fields: HolderFields {
            document_number,
            expiry_date,
            has_portrait: evidence.photo.is_some(),
            licence: Some(LicenceFields::default()),
            ..HolderFields::default()
        },
    }
}
