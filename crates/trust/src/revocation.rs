//! Whether the signer of a document was revoked (Doc 9303-12, 7.1.4 and 8.2).

use jiff::Timestamp;

use crate::certificate::Certificate;
use crate::checks::Report;
use crate::crl::RevocationList;
use crate::finding::Finding;
use crate::store::{TrustStore, days_between};

/// What is known about the revocation of one signer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Revocation {
    /// A fresh list of its authority does not name it.
    Good,
    /// No list of its authority was imported.
    NoList,
    Revoked,
    Unknown {
        age_days: Option<i64>,
    },
}

/// Serial numbers of this length are random: the same one in a list of another authority is no coincidence.
const RANDOM_SERIAL: usize = 8;

/// Looks the signer up in the lists of the authority that issued it.
pub(crate) fn check(
    signer: &Certificate,
    anchor: &Certificate,
    store: &TrustStore,
    at: Timestamp,
    report: &mut Report,
) -> Revocation {
    let mut newest: Option<&RevocationList> = None;
    let mut revoked = false;
    let mut untrusted = false;
    for list in store.revocation_lists() {
        let same_authority = list.issuer().matches(signer.issuer()) || list.issuer().matches(anchor.subject());
        let names_it = list.revoked_at(signer.serial());
        if same_authority {
            // A re-keyed authority signs for its predecessor under the same name (Doc 9303-12, 7.1.4).
            let signed = list.verify_issued_by(anchor).is_ok()
                || store
                    .named(list.issuer())
                    .any(|issuer| may_sign_lists(issuer) && list.verify_issued_by(issuer).is_ok());
            if !signed {
                untrusted = true;
                continue;
            }
            revoked |= names_it.is_some_and(|since| since <= at);
            if newest.is_none_or(|known| known.this_update() < list.this_update()) {
                newest = Some(list);
            }
        } else if names_it.is_some()
            && (list.issuer().country() == signer.country() || signer.serial().len() >= RANDOM_SERIAL)
        {
            untrusted = true;
        }
    }
    let age_days = newest.map(|list| days_between(list.this_update(), at));
    let stale = newest.is_some_and(|list| list.next_update().is_some_and(|next| next < at))
        || age_days.is_some_and(|age| age > store.policy().crl_max_age_days);
    if untrusted {
        report.find(Finding::CrlUntrusted);
    }
    if stale {
        report.find(Finding::CrlStale);
    }
    if revoked {
        report.failed("revocation", Finding::DscRevoked, "the signer is revoked");
        Revocation::Revoked
    } else if untrusted && newest.is_none() {
        report.failed(
            "revocation",
            Finding::CrlUntrusted,
            "the revocation list was not signed by the signer's authority",
        );
        Revocation::Unknown { age_days: None }
    } else if let Some(age) = age_days {
        if stale || untrusted {
            report.not_checked("revocation", format!("not revoked in a list of {age} days ago"));
            Revocation::Unknown { age_days }
        } else {
            report.passed("revocation", format!("not revoked, list of {age} days ago"));
            Revocation::Good
        }
    } else {
        report.not_checked("revocation", "no revocation list of this authority was imported");
        Revocation::NoList
    }
}

fn may_sign_lists(issuer: &Certificate) -> bool {
    issuer.may_issue() && issuer.extensions().key_usage.is_none_or(|usage| usage.crl_sign)
}
