//! Whether the signer of a document was revoked (Doc 9303-12, 7.1.4 and 8.2).

use jiff::Timestamp;

use crate::certificate::Certificate;
use crate::checks::Report;
use crate::crl::{RevocationList, RevokedEntry};
use crate::finding::Finding;
use crate::store::{RevocationRule, TrustStore, days_between};

/// Whose revocation is asked for, and when it matters.
pub(crate) struct Question<'a> {
    pub signer: &'a Certificate,
    /// The authority that issued the signer.
    pub authority: &'a Certificate,
    /// When the document was signed, as far as it says.
    pub signed_at: Option<Timestamp>,
    /// The moment of the verdict.
    pub at: Timestamp,
}

/// What is known about the revocation of one signer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Revocation {
    /// A fresh list of its authority does not name it.
    Good,
    /// No list of its authority was imported, and none was to be expected.
    NoList,
    Revoked,
    Unknown {
        age_days: Option<i64>,
    },
}

/// Serial numbers of this length are random: the same one in a list of another authority is no coincidence.
const RANDOM_SERIAL: usize = 8;

/// What the lists of the store say.
#[derive(Default)]
struct Lists<'s> {
    /// The newest whole list that verifies.
    newest: Option<&'s RevocationList>,
    entry: Option<RevokedEntry>,
    /// A list that names the authority or the signer was not signed by the authority.
    untrusted: bool,
}

/// Looks the signer up in the lists of the authority that issued it.
pub(crate) fn check(question: &Question<'_>, store: &TrustStore, report: &mut Report) -> Revocation {
    let lists = read(question, store);
    let at = question.at;
    let age_days = lists.newest.map(|list| days_between(list.this_update(), at).max(0));
    let stale = lists.newest.is_some_and(|list| list.next_update().is_some_and(|next| next < at))
        || age_days.is_some_and(|age| age > store.policy().crl_max_age_days);
    if lists.untrusted {
        report.find(Finding::CrlUntrusted);
    }
    if stale {
        report.find(Finding::CrlStale);
    }
    if let Some(entry) = lists.entry {
        if entry.covers(question.signed_at) {
            report.failed("revocation", Finding::DscRevoked, format!("the signer is revoked since {}", entry.since));
            return Revocation::Revoked;
        }
        report.passed("revocation", format!("the signer was replaced {}, after it signed this document", entry.since));
        return if stale { Revocation::Unknown { age_days } } else { Revocation::Good };
    }
    match age_days {
        Some(age) if stale || lists.untrusted => {
            report.not_checked("revocation", format!("not revoked in a list of {age} days ago"));
            Revocation::Unknown { age_days }
        }
        Some(age) => {
            report.passed("revocation", format!("not revoked, list of {age} days ago"));
            Revocation::Good
        }
        None if lists.untrusted => {
            let detail = "the revocation list was not signed by the signer's authority";
            report.failed("revocation", Finding::CrlUntrusted, detail);
            Revocation::Unknown { age_days: None }
        }
        None => {
            report.not_checked("revocation", "no revocation list of this authority was imported");
            match store.policy().revocation {
                RevocationRule::WhereListed => Revocation::NoList,
                RevocationRule::Always => {
                    report.find(Finding::CrlMissing);
                    Revocation::Unknown { age_days: None }
                }
            }
        }
    }
}

fn read<'s>(question: &Question<'_>, store: &'s TrustStore) -> Lists<'s> {
    let Question { signer, authority, .. } = question;
    let mut lists = Lists::default();
    for list in store.revocation_lists() {
        let entry = list.entry(signer.serial());
        if !list.issuer().matches(signer.issuer()) && !list.issuer().matches(authority.subject()) {
            let same_country = list.issuer().country() == signer.country();
            lists.untrusted |= entry.is_some() && (same_country || signer.serial().len() >= RANDOM_SERIAL);
            continue;
        }
        // A re-keyed authority signs for its predecessor under the same name (Doc 9303-12, 7.1.4).
        let signed = (may_sign_lists(authority) && list.verify_issued_by(authority).is_ok())
            || store.named(list.issuer()).any(|issuer| may_sign_lists(issuer) && list.verify_issued_by(issuer).is_ok());
        if !signed {
            lists.untrusted = true;
            continue;
        }
        if let Some(entry) = entry.filter(|entry| entry.since <= question.at) {
            // The entry that says more against the signer stands.
            let worse = lists.entry.is_none_or(|known| !known.covers(question.signed_at));
            if worse {
                lists.entry = Some(entry);
            }
        }
        if list.is_whole() && lists.newest.is_none_or(|known| known.this_update() < list.this_update()) {
            lists.newest = Some(list);
        }
    }
    lists
}

fn may_sign_lists(issuer: &Certificate) -> bool {
    issuer.may_issue() && issuer.extensions().key_usage.is_none_or(|usage| usage.crl_sign)
}
