//! From the signer of a document to a known authority (Doc 9303-12, 7 and 8), built here: general chain builders refuse the
//! explicit curve parameters most countries use.

use crate::certificate::{Certificate, VerifyError};
use crate::finding::Finding;
use crate::store::{Anchor, TrustStore};

/// How many certificates may stand between the signer and a known authority.
const MAX_INTERMEDIATE: usize = 3;

/// Where the way up ended.
#[derive(Debug)]
pub(crate) enum ChainEnd<'s> {
    /// At a known authority whose key made the last signature.
    Anchored {
        anchor: &'s Anchor,
        /// The authority was valid when it issued.
        valid_at_issue: bool,
        /// Every certificate on the way may issue.
        may_issue: bool,
    },
    /// Nowhere, for this reason.
    Broken(Finding),
}

/// Builds the way from a signer to a known authority, through certificates sent along if need be.
pub(crate) fn build<'s>(signer: &Certificate, sent_along: &[Certificate], store: &'s TrustStore) -> ChainEnd<'s> {
    if store.is_empty() {
        return ChainEnd::Broken(Finding::TrustStoreEmpty);
    }
    climb(signer, sent_along, store, 0)
}

fn climb<'s>(
    certificate: &Certificate,
    sent_along: &[Certificate],
    store: &'s TrustStore,
    depth: usize,
) -> ChainEnd<'s> {
    let mut verified: Vec<&Anchor> = Vec::new();
    let mut refused = None;
    for anchor in store.issuers_of(certificate) {
        // A signer that was imported by itself is no authority over itself.
        if anchor.certificate.sha256() == certificate.sha256() && !certificate.may_issue() {
            continue;
        }
        match certificate.verify_issued_by(&anchor.certificate) {
            Ok(()) => verified.push(anchor),
            Err(error) => {
                if claims_to_be_the_issuer(certificate, &anchor.certificate) {
                    refused = Some(refusal(&error));
                }
            }
        }
    }
    let valid = |anchor: &&&Anchor| anchor.certificate.is_valid_at(certificate.not_before());
    let able = |anchor: &&&Anchor| anchor.certificate.may_issue();
    // One key may stand in several certificates: its own and those that link it to its predecessor.
    let best = verified
        .iter()
        .find(|anchor| valid(anchor) && able(anchor))
        .or_else(|| verified.iter().find(able))
        .or_else(|| verified.first());
    if let Some(anchor) = best {
        let path_allows = anchor.certificate.extensions().path_length.is_none_or(|limit| depth <= limit as usize);
        return ChainEnd::Anchored {
            anchor,
            valid_at_issue: valid(&anchor),
            may_issue: anchor.certificate.may_issue() && path_allows,
        };
    }
    if depth < MAX_INTERMEDIATE {
        for issuer in sent_along {
            let is_next = issuer.subject().matches(certificate.issuer()) && issuer.sha256() != certificate.sha256();
            if !is_next || certificate.verify_issued_by(issuer).is_err() {
                continue;
            }
            // RFC 5280, 6.1.4 (l): self-issued certificates, as links are, do not count towards the path length.
            let next_depth = if issuer.is_self_issued() { depth } else { depth + 1 };
            if let ChainEnd::Anchored { anchor, valid_at_issue, may_issue } =
                climb_past(issuer, certificate, sent_along, store, next_depth)
            {
                return ChainEnd::Anchored {
                    anchor,
                    valid_at_issue: valid_at_issue && issuer.is_valid_at(certificate.not_before()),
                    may_issue: may_issue && issuer.may_issue(),
                };
            }
        }
    }
    ChainEnd::Broken(refused.unwrap_or(Finding::CscaUnknown))
}

/// Goes on from an intermediate certificate without the one below it, so that two that sign each other end.
fn climb_past<'s>(
    issuer: &Certificate,
    below: &Certificate,
    sent_along: &[Certificate],
    store: &'s TrustStore,
    depth: usize,
) -> ChainEnd<'s> {
    let rest: Vec<Certificate> =
        sent_along.iter().filter(|c| c.sha256() != below.sha256() && c.sha256() != issuer.sha256()).cloned().collect();
    climb(issuer, &rest, store, depth)
}

/// Whether a known authority is the very one a certificate names: by name, and by key identifier where both have one.
fn claims_to_be_the_issuer(certificate: &Certificate, issuer: &Certificate) -> bool {
    let named = certificate.extensions().authority_key_id.as_ref();
    let own = issuer.extensions().subject_key_id.as_ref();
    let keys_agree = match (named, own) {
        (Some(named), Some(own)) => named == own,
        (None, _) | (_, None) => true,
    };
    issuer.subject().matches(certificate.issuer()) && keys_agree && !certificate.is_self_issued()
}

fn refusal(error: &VerifyError) -> Finding {
    match error {
        VerifyError::Algorithm(_) => Finding::AlgForbidden,
        VerifyError::Parameters => Finding::AlgParamMismatch,
        VerifyError::Key(_) | VerifyError::Signature(_) => Finding::ChainSigInvalid,
    }
}
