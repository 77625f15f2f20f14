//! What an accredited verifier (署名検証者) answers about a certificate. The answer comes through the backend, later than the
//! reading; here is what makes it count.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Seconds between question and answer, clocks included, and by which an answer may be older than the verdict it is for.
pub const MAX_STATUS_AGE: i64 = 15 * 60;

/// The question: which certificate, with a number drawn for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusQuestion {
    /// SHA-256 of the certificate.
    pub certificate: [u8; 32],
    /// Random, used once.
    pub nonce: [u8; 16],
    pub asked_at: Timestamp,
}

/// The answer, as the verifier gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusAnswer {
    /// The question it was given to, kept by whoever asked.
    pub question: StatusQuestion,
    /// SHA-256 of the certificate it speaks of.
    pub certificate: [u8; 32],
    /// The number of the question; absent when the verifier did not repeat it.
    pub nonce: Option<[u8; 16]>,
    pub produced_at: Timestamp,
    pub status: CertificateStatus,
}

/// The status of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateStatus {
    Good,
    Revoked,
    /// The verifier does not know.
    Unknown,
}

/// Why an answer does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StatusFault {
    #[error("the answer is about another certificate")]
    OtherCertificate,
    #[error("the answer does not repeat the number of the question")]
    NonceMissing,
    #[error("the answer is to another question")]
    Replayed,
    #[error("the answer is too old")]
    Old,
    #[error("the answer was given long after the question")]
    Future,
}

impl StatusAnswer {
    /// Gives the status of this certificate for a verdict at this moment.
    ///
    /// # Errors
    /// Why the answer does not count.
    pub fn status_of(&self, certificate: &[u8; 32], at: Timestamp) -> Result<CertificateStatus, StatusFault> {
        if self.certificate != *certificate || self.question.certificate != *certificate {
            return Err(StatusFault::OtherCertificate);
        }
        match self.nonce {
            None => return Err(StatusFault::NonceMissing),
            Some(nonce) if nonce != self.question.nonce => return Err(StatusFault::Replayed),
            Some(_) => {}
        }
        let (produced, asked) = (self.produced_at.as_second(), self.question.asked_at.as_second());
        if produced.saturating_add(MAX_STATUS_AGE) < asked.max(at.as_second()) {
            return Err(StatusFault::Old);
        }
        if produced > asked.saturating_add(MAX_STATUS_AGE) {
            return Err(StatusFault::Future);
        }
        Ok(self.status)
    }
}
