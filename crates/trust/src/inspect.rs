//! What an operator sees of a list before it is trusted: every certificate, and who signed whom.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::certificate::Certificate;
use crate::import::{self, ImportError, TrustImport};
use crate::public_key::CurveNotation;
use crate::store::{TrustStore, hex};

/// What a certificate is to its own authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Its own key signed it.
    SelfSigned,
    /// An authority's certificate signed by another key: the bridge from an old key to a new one.
    Link,
    /// Not an authority.
    Other,
}

/// Whether the signature on a certificate could be verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IssuerSignature {
    Verified { issuer_sha256: String },
    IssuerMissing,
    Refused { reason: String },
}

/// One certificate of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateReport {
    pub sha256: String,
    pub country: String,
    pub subject: String,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    /// e.g. `RSA-4096`, `brainpoolP384r1`.
    pub key: String,
    /// `named` or `explicit` for keys on curves.
    pub ec_parameters: Option<String>,
    /// e.g. `ECDSA SHA256`, `RSA-PSS SHA256 mgf=sha256 salt=32`.
    pub signature: String,
    pub role: Role,
    pub issuer: IssuerSignature,
}

/// One signed list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListReport {
    pub signer: String,
    pub signer_sha256: String,
    pub country: Option<String>,
    pub signing_time: Option<Timestamp>,
}

/// Everything an import holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    pub lists: Vec<ListReport>,
    pub certificates: Vec<CertificateReport>,
    /// Revocation lists: issuer and number of entries.
    pub revocation_lists: Vec<(String, usize)>,
}

impl Inspection {
    /// Gives the number of certificates whose issuer's key verified them.
    #[must_use]
    pub fn verified(&self) -> usize {
        self.certificates.iter().filter(|c| matches!(c.issuer, IssuerSignature::Verified { .. })).count()
    }

    /// Gives the certificates whose issuer is not there.
    pub fn issuer_missing(&self) -> impl Iterator<Item = &CertificateReport> {
        self.certificates.iter().filter(|c| c.issuer == IssuerSignature::IssuerMissing)
    }

    /// Gives the certificates whose signature was refused.
    pub fn refused(&self) -> impl Iterator<Item = &CertificateReport> {
        self.certificates.iter().filter(|c| matches!(c.issuer, IssuerSignature::Refused { .. }))
    }
}

/// Imports one file and inspects it.
///
/// # Errors
/// Why the file was refused.
pub fn inspect_list(bytes: &[u8]) -> Result<Inspection, ImportError> {
    Ok(inspect(std::slice::from_ref(&import::import(bytes)?)))
}

/// Inspects several imports as one set: an issuer in one counts for a certificate in another.
#[must_use]
pub fn inspect(imports: &[TrustImport]) -> Inspection {
    let mut store = TrustStore::empty();
    for import in imports {
        store.add(import.clone());
    }
    let certificates = store.certificates().map(|certificate| report(certificate, &store)).collect();
    let lists = store.lists().iter().map(|list| ListReport {
        signer: list.signer_subject.clone(),
        signer_sha256: hex(&list.signer_sha256),
        country: list.country.clone(),
        signing_time: list.signing_time,
    });
    Inspection {
        lists: lists.collect(),
        certificates,
        revocation_lists: store.revocation_lists().iter().map(|l| (l.issuer().to_string(), l.len())).collect(),
    }
}

fn report(certificate: &Certificate, store: &TrustStore) -> CertificateReport {
    let issuer = find_issuer(certificate, store);
    let own = hex(&certificate.sha256());
    let self_signed = matches!(&issuer, IssuerSignature::Verified { issuer_sha256 } if *issuer_sha256 == own);
    let role = match (self_signed, certificate.may_issue() || certificate.is_self_issued()) {
        (true, _) => Role::SelfSigned,
        (false, true) => Role::Link,
        (false, false) => Role::Other,
    };
    CertificateReport {
        sha256: own,
        country: certificate.country().unwrap_or_default(),
        subject: certificate.subject().to_string(),
        not_before: certificate.not_before(),
        not_after: certificate.not_after(),
        key: certificate.key_name(),
        ec_parameters: certificate.key().ok().and_then(|key| key.notation).map(|notation| {
            match notation {
                CurveNotation::Named => "named",
                CurveNotation::Explicit => "explicit",
            }
            .to_owned()
        }),
        signature: certificate.algorithm().map_or_else(ToString::to_string, ToString::to_string),
        role,
        issuer,
    }
}

fn find_issuer(certificate: &Certificate, store: &TrustStore) -> IssuerSignature {
    let ids = certificate.extensions();
    // A link of a re-keyed authority bears one name twice; its key identifiers tell that another key signed.
    let names_itself = ids.authority_key_id.is_none() || ids.authority_key_id == ids.subject_key_id;
    if certificate.is_self_issued() && names_itself && certificate.verify_issued_by(certificate).is_ok() {
        return IssuerSignature::Verified { issuer_sha256: hex(&certificate.sha256()) };
    }
    let mut refused = None;
    for anchor in store.issuers_of(certificate) {
        let issuer = &anchor.certificate;
        match certificate.verify_issued_by(issuer) {
            Ok(()) => return IssuerSignature::Verified { issuer_sha256: hex(&issuer.sha256()) },
            // Only a certificate with the very key that is named can be said to have been refused.
            Err(error)
                if certificate.extensions().authority_key_id.is_some()
                    && issuer.extensions().subject_key_id == certificate.extensions().authority_key_id =>
            {
                refused = Some(error.to_string());
            }
            Err(_) => {}
        }
    }
    // Some authorities renamed themselves and number their keys anew: any certificate of the country may be the issuer.
    let country = certificate.country();
    for issuer in store.certificates().filter(|issuer| issuer.country() == country) {
        if certificate.verify_issued_by(issuer).is_ok() {
            return IssuerSignature::Verified { issuer_sha256: hex(&issuer.sha256()) };
        }
    }
    refused.map_or(IssuerSignature::IssuerMissing, |reason| IssuerSignature::Refused { reason })
}
