//! What changes between two sets of issuer certificates, country by country, for the operator who decides about an update.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::certificate::Certificate;
use crate::store::{TrustStore, hex};

/// One certificate that came or went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedCertificate {
    pub sha256: String,
    pub subject: String,
    /// e.g. `RSA-4096`, `brainpoolP384r1`.
    pub key: String,
    /// Last day of validity.
    pub not_after: String,
}

/// The changes of one country.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountryChange {
    pub added: Vec<ChangedCertificate>,
    pub removed: Vec<ChangedCertificate>,
    /// Authorities whose name stood in the older set with other keys alone.
    pub rekeyed: Vec<String>,
}

/// The changes of all countries that have any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustDiff {
    pub countries: BTreeMap<String, CountryChange>,
    /// Certificates in both.
    pub unchanged: usize,
}

impl TrustDiff {
    /// Gives the number of certificates that came.
    #[must_use]
    pub fn added(&self) -> usize {
        self.countries.values().map(|change| change.added.len()).sum()
    }

    /// Gives the number of certificates that went.
    #[must_use]
    pub fn removed(&self) -> usize {
        self.countries.values().map(|change| change.removed.len()).sum()
    }
}

/// Compares two stores by certificates.
#[must_use]
pub fn diff(old: &TrustStore, new: &TrustStore) -> TrustDiff {
    let digests = |store: &TrustStore| store.certificates().map(Certificate::sha256).collect::<BTreeSet<_>>();
    let (before, after) = (digests(old), digests(new));
    let mut changes = TrustDiff { unchanged: before.intersection(&after).count(), ..TrustDiff::default() };
    let country = |certificate: &Certificate| certificate.country().unwrap_or_else(|| "?".to_owned());
    for certificate in new.certificates().filter(|c| !before.contains(&c.sha256())) {
        let change = changes.countries.entry(country(certificate)).or_default();
        change.added.push(describe(certificate));
        let subject = certificate.subject().to_string();
        if is_rekeyed(certificate, old) && !change.rekeyed.contains(&subject) {
            change.rekeyed.push(subject);
        }
    }
    for certificate in old.certificates().filter(|c| !after.contains(&c.sha256())) {
        changes.countries.entry(country(certificate)).or_default().removed.push(describe(certificate));
    }
    changes
}

/// Whether the older set knows the authority by name but not by this key.
fn is_rekeyed(certificate: &Certificate, old: &TrustStore) -> bool {
    let mut named = old.named(certificate.subject()).peekable();
    named.peek().is_some() && named.all(|known| !same_key(known, certificate))
}

fn same_key(one: &Certificate, other: &Certificate) -> bool {
    matches!((one.key(), other.key()), (Ok(one), Ok(other)) if one.key == other.key)
}

fn describe(certificate: &Certificate) -> ChangedCertificate {
    ChangedCertificate {
        sha256: hex(&certificate.sha256()),
        subject: certificate.subject().to_string(),
        key: certificate.key_name(),
        not_after: certificate.not_after().to_string(),
    }
}
