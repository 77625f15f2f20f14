//! From the signer of a document to a known authority (Doc 9303-12, 7 and 8), built here: general chain builders refuse the
//! explicit curve parameters most countries use.

use crate::certificate::{Certificate, VerifyError};
use crate::finding::Finding;
use crate::store::{Anchor, TrustStore};

/// How many certificates may stand between the signer and a known authority.
const MAX_INTERMEDIATE: usize = 3;
/// How many keys of one country are tried when neither key identifier nor name leads to the authority.
const MAX_TRIED: usize = 64;

/// Where the way up ended.
#[derive(Debug)]
pub(crate) enum ChainEnd<'s> {
    /// At a known authority whose key made the last signature.
    Anchored(Anchored<'s>),
    /// Nowhere, for this reason.
    Broken(Finding),
}

/// A way that reached a known authority.
#[derive(Debug)]
pub(crate) struct Anchored<'s> {
    pub anchor: &'s Anchor,
    /// Every authority on the way was valid when it issued.
    pub valid_at_issue: bool,
    /// Every certificate on the way may issue.
    pub may_issue: bool,
    /// A certificate sent along has a critical extension this verifier does not know.
    pub unknown_critical: bool,
}

/// Builds the way from a signer to a known authority, through certificates sent along if need be.
pub(crate) fn build<'s>(signer: &Certificate, sent_along: &[Certificate], store: &'s TrustStore) -> ChainEnd<'s> {
    if store.is_empty() {
        return ChainEnd::Broken(Finding::TrustStoreEmpty);
    }
    let sent_along: Vec<&Certificate> = sent_along.iter().collect();
    climb(signer, &sent_along, store, 0)
}

fn climb<'s>(
    certificate: &Certificate,
    sent_along: &[&Certificate],
    store: &'s TrustStore,
    depth: usize,
) -> ChainEnd<'s> {
    let (best, refused) = known_issuer(certificate, store);
    if let Some(anchor) = best {
        return ChainEnd::Anchored(Anchored {
            anchor,
            valid_at_issue: anchor.certificate.is_valid_at(certificate.not_before()),
            may_issue: may_stand_above(&anchor.certificate, depth),
            unknown_critical: false,
        });
    }
    if depth < MAX_INTERMEDIATE {
        for issuer in sent_along {
            let is_next = issuer.subject().matches(certificate.issuer()) && issuer.sha256() != certificate.sha256();
            if !is_next || certificate.verify_issued_by(issuer).is_err() {
                continue;
            }
            // Without the one below and itself, so that two that sign each other end.
            let rest: Vec<&Certificate> = sent_along
                .iter()
                .filter(|c| c.sha256() != certificate.sha256() && c.sha256() != issuer.sha256())
                .copied()
                .collect();
            // RFC 5280, 6.1.4 (l): self-issued certificates, as links are, do not count towards the path length.
            let next_depth = if issuer.is_self_issued() { depth } else { depth + 1 };
            if let ChainEnd::Anchored(above) = climb(issuer, &rest, store, next_depth) {
                return ChainEnd::Anchored(Anchored {
                    valid_at_issue: above.valid_at_issue && issuer.is_valid_at(certificate.not_before()),
                    may_issue: above.may_issue && may_stand_above(issuer, depth),
                    unknown_critical: above.unknown_critical || issuer.extensions().unknown_critical,
                    ..above
                });
            }
        }
    }
    ChainEnd::Broken(refused.unwrap_or(Finding::CscaUnknown))
}

/// Finds the known authority whose key made the signature: by key identifier and name, then by trial among its country's keys.
/// Without one, says why the authority that is named was refused.
fn known_issuer<'s>(certificate: &Certificate, store: &'s TrustStore) -> (Option<&'s Anchor>, Option<Finding>) {
    let mut verified: Vec<&Anchor> = Vec::new();
    let mut refused = None;
    // A signer that was imported by itself is no authority over itself.
    let is_another = |anchor: &&Anchor| anchor.certificate.sha256() != certificate.sha256() || certificate.may_issue();
    for anchor in store.issuers_of(certificate).into_iter().filter(is_another) {
        match certificate.verify_issued_by(&anchor.certificate) {
            Ok(()) => {
                verified.push(anchor);
                if is_best(anchor, certificate) {
                    return (Some(anchor), None);
                }
            }
            Err(error) if claims_to_be_the_issuer(certificate, &anchor.certificate) => {
                refused = Some(refusal(&error));
            }
            Err(_) => {}
        }
    }
    if verified.is_empty()
        && let Some(country) = certificate.country()
    {
        // Authorities rename themselves and number their keys anew: what counts is whose key signed.
        let of_country = store.of_country(&country).filter(is_another).take(MAX_TRIED);
        verified.extend(of_country.filter(|anchor| certificate.verify_issued_by(&anchor.certificate).is_ok()));
    }
    // One key may stand in several certificates: its own and those that link it to its predecessor. A link that is kept from
    // issuing by its own extensions (LU, TR, PT, IT and others publish such) does not speak for the key's own certificate.
    let best = verified
        .iter()
        .find(|anchor| is_best(anchor, certificate))
        .or_else(|| verified.iter().find(|anchor| anchor.certificate.may_issue()))
        .or_else(|| verified.first())
        .copied();
    (best, refused)
}

fn is_best(anchor: &Anchor, issued: &Certificate) -> bool {
    anchor.certificate.may_issue() && anchor.certificate.is_valid_at(issued.not_before())
}

/// Basic constraints of an authority with `depth` others below it before the signer (RFC 5280, 4.2.1.9).
fn may_stand_above(authority: &Certificate, depth: usize) -> bool {
    authority.may_issue() && authority.extensions().path_length.is_none_or(|limit| depth <= limit as usize)
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
