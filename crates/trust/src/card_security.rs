//! EF.CardSecurity (Doc 9303-10, 3.11.4; Doc 9303-11, 9.2.11): signed SecurityInfos, authenticated as EF.SOD is and by the same code.

use chip::mrtd::security_info::SecurityInfos;
use jiff::Timestamp;

use crate::checks::Report;
use crate::cms::SignedData;
use crate::data_groups;
use crate::finding::Finding;
use crate::oid;
use crate::passive;
use crate::store::TrustStore;
use crate::verdict::{Chain, DataSignature};

const MAX_CARD_SECURITY: usize = 256 * 1024;

/// What EF.CardSecurity says.
pub(crate) struct CardSecurity {
    pub infos: SecurityInfos,
    /// It is the issuer's, and the issuer is known.
    pub authentic: bool,
}

/// Authenticates the file; what is found against it counts against the document. `None` when nothing in it can be used.
pub(crate) fn authenticate(
    file: &[u8],
    store: &TrustStore,
    at: Timestamp,
    report: &mut Report,
) -> Option<CardSecurity> {
    // The lines of the checks are those of EF.SOD: only the findings are taken over.
    let mut own = Report::default();
    let card_security = examine(file, store, at, &mut own);
    let (findings, _) = own.finish();
    for finding in findings {
        report.find(finding);
    }
    card_security
}

fn examine(file: &[u8], store: &TrustStore, at: Timestamp, report: &mut Report) -> Option<CardSecurity> {
    if file.len() > MAX_CARD_SECURITY {
        report.find(Finding::FileLimit);
        return None;
    }
    let signed = match SignedData::parse(file) {
        Ok(signed) => signed,
        Err(error) => {
            report.find(if error.is_limit() { Finding::TlvLimit } else { Finding::TlvInvalid });
            return None;
        }
    };
    let [signer] = signed.signers.as_slice() else {
        report.find(Finding::SodSignerCount);
        return None;
    };
    if !oid::is(signed.content_type, oid::SECURITY_OBJECT) {
        report.find(Finding::SodContentType);
        return None;
    }
    if signer.signed_attributes.is_none() {
        report.find(Finding::SodAttrsMissing);
        return None;
    }
    let infos = match SecurityInfos::parse(&signed.content) {
        Ok(infos) => infos,
        Err(error) => {
            report.find(data_groups::tlv_finding(error));
            return None;
        }
    };
    let candidates = match signer.candidates(signed.certificates.iter()) {
        none if none.is_empty() => signer.candidates(store.certificates()),
        found => found,
    };
    let Some(first) = candidates.first().copied() else {
        report.find(Finding::DscMissing);
        return Some(CardSecurity { infos, authentic: false });
    };
    let (certificate, outcome) = passive::verify(signer, &candidates, first, &signed);
    let signature = passive::signature_line(&outcome, certificate, signer, report);
    let attributes = passive::check_attributes(signer, &signed, outcome.is_ok(), report);
    passive::check_canonical(signer, &signed, certificate, report);
    if let Some(attributes) = &attributes {
        passive::check_strength(certificate, signer, [signer.digest.as_ref().ok().copied(), None], report);
        passive::check_dates(certificate, attributes.signing_time, at, report);
    }
    passive::check_signer(certificate, report);
    let signed_at = attributes.as_ref().and_then(|attributes| attributes.signing_time);
    let (chain, _) = passive::trust(certificate, &signed.certificates, store, signed_at, at, report);
    let signed_by_issuer = signature == DataSignature::Valid
        && attributes.is_some()
        && !report.has(Finding::DerNotCanonical)
        && matches!(chain, Chain::Trusted | Chain::RevocationUnknown { .. });
    Some(CardSecurity { infos, authentic: signed_by_issuer })
}
