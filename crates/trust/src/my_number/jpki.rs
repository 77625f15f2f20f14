//! Certificates of the JPKI: who issued them, when and for what they count, and whether the card has their key.

use chip::my_number::{CardKey, KeyProof, MyNumberEvidence, MyNumberFile};
use jiff::Timestamp;

use super::issuers::MyNumberTrust;
use super::status::{CertificateStatus, StatusAnswer};
use crate::certificate::Certificate;
use crate::checks::Report;
use crate::finding::Finding;
use crate::oid;
use crate::verdict::Chain;

/// The kind of a certificate, by the file it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    User,
    Signature,
}

/// Names of the check lines of one certificate.
struct Lines {
    chain: &'static str,
    purpose: &'static str,
    validity: &'static str,
    status: &'static str,
    signature: &'static str,
}

impl Purpose {
    fn file(self) -> MyNumberFile {
        match self {
            Self::User => MyNumberFile::UserCertificate,
            Self::Signature => MyNumberFile::SignatureCertificate,
        }
    }

    fn key(self) -> CardKey {
        match self {
            Self::User => CardKey::User,
            Self::Signature => CardKey::Signature,
        }
    }

    fn lines(self) -> Lines {
        match self {
            Self::User => Lines {
                chain: "user_chain",
                purpose: "user_purpose",
                validity: "user_validity",
                status: "user_status",
                signature: "user_challenge",
            },
            Self::Signature => Lines {
                chain: "signature_chain",
                purpose: "signature_purpose",
                validity: "signature_validity",
                status: "signature_status",
                signature: "signature_challenge",
            },
        }
    }

    /// Key usage and policy as the certificates of this kind have them.
    fn fits(self, certificate: &Certificate) -> bool {
        let extensions = certificate.extensions();
        let usage = extensions.key_usage.unwrap_or_default();
        let has_policy = |policy| extensions.policies.iter().any(|found| oid::is(found, policy));
        let is_leaf = extensions.is_ca != Some(true) && !extensions.unknown_critical;
        let fits = match self {
            Self::User => {
                has_policy(oid::JPKI_USER_POLICY)
                    && extensions.extended_key_usage.iter().any(|found| oid::is(found, oid::CLIENT_AUTH))
            }
            Self::Signature => has_policy(oid::JPKI_SIGNATURE_POLICY) && usage.non_repudiation,
        };
        is_leaf && usage.digital_signature && fits
    }
}

/// What the judgement of one certificate left.
pub(super) struct Judged {
    pub(super) chain: Chain,
    pub(super) certificate: Certificate,
    /// Whether the card proved its key; `None` when it was not asked.
    pub(super) proven: Option<bool>,
}

/// Judges one certificate, if it was read.
pub(super) fn judge(
    purpose: Purpose,
    evidence: &MyNumberEvidence,
    trust: &MyNumberTrust,
    status: Option<&StatusAnswer>,
    at: Timestamp,
    report: &mut Report,
) -> Option<Judged> {
    let lines = purpose.lines();
    let file = evidence.files.get(&purpose.file())?;
    let certificate = match Certificate::parse(file) {
        Ok(certificate) => certificate,
        Err(error) => {
            report.failed(lines.chain, Finding::TlvInvalid, format!("the certificate cannot be read: {error}"));
            return None;
        }
    };
    let issuer = trust.issuer_of(&certificate);
    match issuer {
        // Three generations share a name: the fingerprint says which one it was.
        Some(root) => report.passed(lines.chain, format!("issued by root {}", short_fingerprint(root))),
        None => report.failed(lines.chain, Finding::JpkiCaUnknown, "no known root issued the certificate"),
    }
    if purpose.fits(&certificate) {
        report.passed(lines.purpose, "policy and key usage fit");
    } else {
        report.failed(lines.purpose, Finding::JpkiCertPurpose, "policy or key usage is of another kind of certificate");
    }
    let issued_in_time = issuer.is_none_or(|root| root.is_valid_at(certificate.not_before()));
    let in_time = certificate.is_valid_at(at) && issued_in_time;
    if in_time {
        report.passed(lines.validity, "within its dates");
    } else if issued_in_time {
        report.failed(lines.validity, Finding::JpkiCertExpired, format!("not valid at {at}"));
    } else {
        report.failed(lines.validity, Finding::JpkiCertExpired, "issued when the root was not valid");
    }
    let revocation = revocation(&certificate, status, at, lines.status, report);
    let proven = challenge(purpose, evidence, &certificate, report);
    let chain = match (issuer, in_time, revocation) {
        (_, _, Revocation::Revoked) => Chain::Revoked,
        (None, _, _) => Chain::UntrustedIssuer,
        (Some(_), false, _) => Chain::ExpiredAtRead,
        (Some(_), true, Revocation::Unknown) => Chain::RevocationUnknown { age_days: None },
        (Some(_), true, Revocation::Good) => Chain::Trusted,
    };
    Some(Judged { chain, certificate, proven })
}

enum Revocation {
    Good,
    Revoked,
    Unknown,
}

fn revocation(
    certificate: &Certificate,
    status: Option<&StatusAnswer>,
    at: Timestamp,
    line: &'static str,
    report: &mut Report,
) -> Revocation {
    let Some(answer) = status else {
        report.find(Finding::JpkiStatusPending);
        report.not_checked(line, "nobody who may know was asked whether the certificate was revoked");
        return Revocation::Unknown;
    };
    match answer.status_of(&certificate.sha256(), at) {
        Ok(CertificateStatus::Good) => {
            report.passed(line, format!("not revoked, answer of {}", answer.produced_at));
            Revocation::Good
        }
        Ok(CertificateStatus::Revoked) => {
            report.failed(line, Finding::JpkiCertRevoked, "the certificate was revoked");
            Revocation::Revoked
        }
        Ok(CertificateStatus::Unknown) => {
            report.find(Finding::JpkiStatusPending);
            report.not_checked(line, "the verifier does not know the certificate");
            Revocation::Unknown
        }
        Err(fault) => {
            report.failed(line, Finding::JpkiStatusInvalid, fault.to_string());
            Revocation::Unknown
        }
    }
}

fn challenge(
    purpose: Purpose,
    evidence: &MyNumberEvidence,
    certificate: &Certificate,
    report: &mut Report,
) -> Option<bool> {
    let line = purpose.lines().signature;
    let verified = match (evidence.proofs.get(&purpose.key())?, certificate.key()) {
        (KeyProof::Refused(status), _) => {
            report.failed(line, Finding::JpkiSigInvalid, format!("the card refused to sign with {status}"));
            return Some(false);
        }
        (KeyProof::Signed(_), Err(error)) => Err(error.to_string()),
        (KeyProof::Signed(transcript), Ok(subject)) => transcript.verify(&subject.key).map_err(|e| e.to_string()),
    };
    match verified {
        Ok(()) => report.passed(line, "the card signed the challenge with the key of the certificate"),
        Err(reason) => {
            report.failed(line, Finding::JpkiSigInvalid, reason);
            return Some(false);
        }
    }
    Some(true)
}

fn short_fingerprint(root: &Certificate) -> String {
    crate::store::hex(root.sha256().get(..8).unwrap_or_default())
}
