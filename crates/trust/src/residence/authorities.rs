//! Whom cards are believed: authorities the operator imported, each pinned by its fingerprint.

use chip_crypto::hash::{HashAlgorithm, digest};

use crate::certificate::{Certificate, CertificateError};
use crate::store::hex;
use crate::verdict::TrustBundleInfo;

/// An authority of the agency, as far as its certificate is known here: the files are on the agency's web site. One source for
/// each digest, of which only the ends are known, so a match names the file an operator took from there; it does not replace that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownAuthority {
    /// First four bytes of the SHA-256 of the certificate.
    pub head: [u8; 4],
    /// Last two.
    pub tail: [u8; 2],
    /// What it is.
    pub name: &'static str,
    /// The agency's test authority: never believed about a person.
    pub test: bool,
}

const fn known(head: [u8; 4], tail: [u8; 2], name: &'static str) -> KnownAuthority {
    KnownAuthority { head, tail, name, test: false }
}

/// All authorities known, production and test.
pub const KNOWN_AUTHORITIES: [KnownAuthority; 6] = [
    known([0x97, 0xF3, 0x7C, 0x59], [0x98, 0x3D], "ZairyuCard CA, 2015-06 to 2025-09"),
    known([0xFF, 0x02, 0x32, 0x3C], [0xC8, 0x61], "ZairyuCard CA, 2018-04 to 2028-07"),
    known([0x6F, 0x50, 0x16, 0x1A], [0x5E, 0x67], "ZairyuCard CA, 2021-05 to 2031-08"),
    known([0xBF, 0x85, 0x44, 0x66], [0x71, 0xB2], "ZairyuCard CA, 2024-05 to 2034-08"),
    known([0x11, 0xE6, 0xAD, 0x8B], [0xC1, 0x3B], "ZairyuCard CA2, 2026-04 to 2039-07"),
    KnownAuthority { test: true, ..known([0x18, 0x46, 0xB8, 0x15], [0x10, 0x57], "ZairyuCard CA2 for tests") },
];

/// Who is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The agency's production authorities, and those an operator pinned by their whole fingerprint.
    Production,
    /// Any authority imported: for QA, never about a person.
    Test,
}

/// Why an imported authority is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Its digest is one of the known ones.
    Known(&'static str),
    /// The operator gave its fingerprint.
    Pinned,
    /// The mode believes anybody.
    TestMode,
}

/// Why a certificate was not imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityError {
    #[error("the certificate cannot be read: {0}")]
    Malformed(#[from] CertificateError),
    #[error("the certificate may not issue others")]
    NoAuthority,
    #[error("the authority's own signature is wrong")]
    SelfSignature,
    #[error("{0} is never believed about a person")]
    TestAuthority(&'static str),
    #[error("the authority is not known here; pin it by its fingerprint {fingerprint}")]
    NotPinned { fingerprint: String },
}

/// What a signature of the first generation is over. Hypotheses: one implementation cites the clause that pads, another takes the
/// images as they are read; on cards that store them padded both are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignedInput {
    /// Padded with NUL to 7,000 and 3,000 bytes.
    Padded,
    /// As they were read.
    AsStored,
    /// Either; the verdict says which.
    #[default]
    Either,
}

/// The authorities that are believed, and what is assumed about their signatures.
#[derive(Debug, Clone)]
pub struct ResidenceTrust {
    mode: Mode,
    pins: Vec<[u8; 32]>,
    authorities: Vec<(Certificate, Admission)>,
    signed_input: SignedInput,
}

impl ResidenceTrust {
    /// Believes nobody yet.
    #[must_use]
    pub fn new(mode: Mode) -> Self {
        Self { mode, pins: Vec::new(), authorities: Vec::new(), signed_input: SignedInput::default() }
    }

    /// Believes the authority with this SHA-256, once it is imported.
    #[must_use]
    pub fn with_pin(mut self, sha256: [u8; 32]) -> Self {
        self.pins.push(sha256);
        self
    }

    /// Believes the authority with this SHA-256 from now on.
    pub(crate) fn pin(&mut self, sha256: [u8; 32]) {
        self.pins.push(sha256);
    }

    /// Assumes something else about the signatures of the first generation.
    #[must_use]
    pub fn with_signed_input(mut self, signed_input: SignedInput) -> Self {
        self.signed_input = signed_input;
        self
    }

    /// Imports an authority's certificate, DER.
    ///
    /// # Errors
    /// Why it is not believed.
    pub fn add(&mut self, der: &[u8]) -> Result<Admission, AuthorityError> {
        let certificate = Certificate::parse(der)?;
        let admission = self.admission(&certificate)?;
        if !certificate.may_issue() {
            return Err(AuthorityError::NoAuthority);
        }
        if certificate.is_self_issued() && certificate.verify_issued_by(&certificate).is_err() {
            return Err(AuthorityError::SelfSignature);
        }
        if !self.authorities.iter().any(|(known, _)| known.sha256() == certificate.sha256()) {
            self.authorities.push((certificate, admission));
        }
        Ok(admission)
    }

    fn admission(&self, certificate: &Certificate) -> Result<Admission, AuthorityError> {
        if self.mode == Mode::Test {
            return Ok(Admission::TestMode);
        }
        let sha256 = certificate.sha256();
        let known =
            KNOWN_AUTHORITIES.iter().find(|known| sha256.starts_with(&known.head) && sha256.ends_with(&known.tail));
        match known {
            // Not even by a pin: somebody who can make an operator pin it can have any card signed.
            Some(known) if known.test => Err(AuthorityError::TestAuthority(known.name)),
            Some(known) => Ok(Admission::Known(known.name)),
            None if self.pins.contains(&sha256) => Ok(Admission::Pinned),
            None => Err(AuthorityError::NotPinned { fingerprint: hex(&sha256) }),
        }
    }

    /// Whether nobody is believed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.authorities.is_empty()
    }

    pub(super) fn signed_input(&self) -> SignedInput {
        self.signed_input
    }

    /// Authorities whose name a certificate gives as its issuer.
    pub(super) fn issuers_of(&self, certificate: &Certificate) -> impl Iterator<Item = &(Certificate, Admission)> {
        self.authorities.iter().filter(|(authority, _)| authority.subject().matches(certificate.issuer()))
    }

    /// The imports by a digest; single certificates have no age.
    pub(super) fn describe(&self) -> TrustBundleInfo {
        let mut digests: Vec<[u8; 32]> = self.authorities.iter().map(|(authority, _)| authority.sha256()).collect();
        digests.sort_unstable();
        let parts: Vec<&[u8]> = digests.iter().map(<[u8; 32]>::as_slice).collect();
        let version = hex(digest(HashAlgorithm::Sha256, &parts).get(..8).unwrap_or_default());
        TrustBundleInfo { version, built_at: None, age_days: None, stale: false }
    }
}
