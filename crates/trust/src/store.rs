//! The issuer certificates and revocation lists a verdict rests on.

use std::collections::{BTreeSet, HashMap};

use chip_crypto::hash::{self, HashAlgorithm};
use jiff::Timestamp;

use crate::certificate::Certificate;
use crate::crl::RevocationList;
use crate::import::{ImportError, TrustImport};
use crate::master_list::ListSignature;
use crate::name::Name;
use crate::verdict::TrustBundleInfo;

/// Ages after which issuer data no longer carry a green verdict, and what must be known about revocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustPolicy {
    /// Days after which an operator is asked for newer data.
    pub list_warn_age_days: i64,
    /// Days since a list was signed, or undated data arrived.
    pub list_max_age_days: i64,
    /// Days since a revocation list was signed (Doc 9303-12: issued at least every 90 days).
    pub crl_max_age_days: i64,
    pub revocation: RevocationRule,
}

impl Default for TrustPolicy {
    fn default() -> Self {
        Self {
            list_warn_age_days: 14,
            list_max_age_days: 45,
            crl_max_age_days: 90,
            revocation: RevocationRule::WhereListed,
        }
    }
}

/// What a signer without any revocation list of its authority means for its chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationRule {
    /// The check is reported as not made. For single files, which say nothing about what else there is to know.
    WhereListed,
    /// Its revocation is unknown and keeps the document from green. For a trust bundle, the whole of what a device is given.
    Always,
}

/// A certificate of the store and where it came from.
#[derive(Debug, Clone)]
pub(crate) struct Anchor {
    pub certificate: Certificate,
    /// When the newest signed list that holds it was signed, else when it arrived; none when nobody knows.
    pub dated: Option<Timestamp>,
}

/// Known issuers. Adding never removes; a newer list adds to the older.
#[derive(Debug, Clone, Default)]
pub struct TrustStore {
    anchors: Vec<Anchor>,
    by_digest: HashMap<[u8; 32], usize>,
    by_subject: HashMap<Vec<(Vec<u8>, String)>, Vec<usize>>,
    by_key_id: HashMap<Vec<u8>, Vec<usize>>,
    by_country: HashMap<String, Vec<usize>>,
    revocation_lists: Vec<RevocationList>,
    lists: Vec<ListSignature>,
    policy: TrustPolicy,
    bundle: Option<u64>,
}

impl TrustStore {
    /// Makes a store that knows nobody.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Sets the ages of the policy.
    #[must_use]
    pub fn with_policy(mut self, policy: TrustPolicy) -> Self {
        self.policy = policy;
        self
    }

    #[must_use]
    pub fn policy(&self) -> TrustPolicy {
        self.policy
    }

    /// Adds everything of an import and gives the number of certificates that were new.
    pub fn add(&mut self, import: TrustImport) -> usize {
        let dated = import.dated();
        self.add_dated(import, dated)
    }

    /// Adds everything of an import under a date of the caller's.
    pub(crate) fn add_dated(&mut self, import: TrustImport, dated: Option<Timestamp>) -> usize {
        let before = self.anchors.len();
        for certificate in import.certificates {
            self.add_certificate(certificate, dated);
        }
        import.revocation_lists.into_iter().for_each(|list| self.add_list(list));
        self.lists.extend(import.lists);
        self.anchors.len() - before
    }

    /// Adds everything of another store; the rules of this one stay.
    pub fn extend(&mut self, other: Self) {
        for Anchor { certificate, dated } in other.anchors {
            self.add_certificate(certificate, dated);
        }
        other.revocation_lists.into_iter().for_each(|list| self.add_list(list));
        self.lists.extend(other.lists);
    }

    fn add_certificate(&mut self, certificate: Certificate, dated: Option<Timestamp>) {
        let digest = certificate.sha256();
        if let Some(known) = self.by_digest.get(&digest).and_then(|at| self.anchors.get_mut(*at)) {
            // A certificate that also came alone stays undated: it was vouched for apart from any list.
            known.dated = known.dated.and_then(|old| dated.map(|new| old.max(new)));
            return;
        }
        let at = self.anchors.len();
        self.by_digest.insert(digest, at);
        self.by_subject.entry(certificate.subject().key().to_vec()).or_default().push(at);
        if let Some(id) = &certificate.extensions().subject_key_id {
            self.by_key_id.entry(id.clone()).or_default().push(at);
        }
        if let Some(country) = certificate.country() {
            self.by_country.entry(country).or_default().push(at);
        }
        self.anchors.push(Anchor { certificate, dated });
    }

    fn add_list(&mut self, list: RevocationList) {
        if !self.revocation_lists.iter().any(|known| known.der() == list.der()) {
            self.revocation_lists.push(list);
        }
    }

    /// Adds an import unless it holds an older list of a country than the one in force, as an update must.
    ///
    /// # Errors
    /// [`ImportError::Rollback`]; the store is as it was.
    pub fn update(&mut self, import: TrustImport) -> Result<usize, ImportError> {
        let older = |new: &ListSignature| {
            self.lists.iter().any(|old| old.country == new.country && old.signing_time > new.signing_time)
        };
        if import.lists.iter().any(older) {
            return Err(ImportError::Rollback);
        }
        Ok(self.add(import))
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.anchors.is_empty()
    }

    /// Gives the number of certificates.
    #[must_use]
    pub fn len(&self) -> usize {
        self.anchors.len()
    }

    /// Gives all certificates in the order they came.
    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> + Clone {
        self.anchors.iter().map(|anchor| &anchor.certificate)
    }

    /// Gives the countries, sorted.
    #[must_use]
    pub fn countries(&self) -> BTreeSet<String> {
        self.certificates().filter_map(Certificate::country).collect()
    }

    /// Gives the revocation lists.
    #[must_use]
    pub fn revocation_lists(&self) -> &[RevocationList] {
        &self.revocation_lists
    }

    /// Gives the signatures of the lists imported.
    #[must_use]
    pub fn lists(&self) -> &[ListSignature] {
        &self.lists
    }

    /// Marks the store as the content of a trust bundle.
    pub(crate) fn of_bundle(mut self, version: u64) -> Self {
        self.bundle = Some(version);
        self
    }

    /// Every certificate of a country.
    pub(crate) fn of_country(&self, country: &str) -> impl Iterator<Item = &Anchor> {
        self.by_country.get(country).into_iter().flatten().filter_map(|at| self.anchors.get(*at))
    }

    /// The certificates that may have issued one: those with the key it names, then those with the name it names.
    pub(crate) fn issuers_of(&self, certificate: &Certificate) -> Vec<&Anchor> {
        let by_key = certificate.extensions().authority_key_id.as_ref().and_then(|id| self.by_key_id.get(id));
        let by_name = self.by_subject.get(certificate.issuer().key());
        let mut seen = BTreeSet::new();
        by_key
            .into_iter()
            .chain(by_name)
            .flatten()
            .filter(|at| seen.insert(**at))
            .filter_map(|at| self.anchors.get(*at))
            .collect()
    }

    pub(crate) fn named(&self, subject: &Name) -> impl Iterator<Item = &Certificate> {
        self.by_subject
            .get(subject.key())
            .into_iter()
            .flatten()
            .filter_map(|at| self.anchors.get(*at))
            .map(|a| &a.certificate)
    }

    /// Describes the store at a moment; with the anchor a verdict rests on, its age decides.
    pub(crate) fn describe(&self, at: Timestamp, anchored: Option<Option<Timestamp>>) -> TrustBundleInfo {
        let newest = self.anchors.iter().filter_map(|anchor| anchor.dated).max();
        let built_at = anchored.unwrap_or(newest);
        let age_days = built_at.map(|built| days_between(built, at).max(0));
        TrustBundleInfo {
            version: self.version(),
            built_at,
            age_days,
            stale: age_days.is_some_and(|age| age > self.policy.list_max_age_days),
        }
    }

    fn version(&self) -> String {
        let mut digests: Vec<[u8; 32]> = self.by_digest.keys().copied().collect();
        digests.sort_unstable();
        let parts: Vec<&[u8]> = digests.iter().map(<[u8; 32]>::as_slice).collect();
        let digest = hex(hash::digest(HashAlgorithm::Sha256, &parts).get(..8).unwrap_or_default());
        // The counter of the bundle says which is newer, the digest says which certificates.
        self.bundle.map_or_else(|| digest.clone(), |bundle| format!("{bundle}-{digest}"))
    }
}

/// Whole days from one moment to another.
pub(crate) fn days_between(from: Timestamp, to: Timestamp) -> i64 {
    (to.as_second() - from.as_second()).div_euclid(86_400)
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
