//! Types of the `/v1` API: problem details (RFC 9457) with a closed list of codes, and the result of re-verification.

use serde::{Deserialize, Serialize};

/// Media type of [`Problem`].
pub const PROBLEM_JSON: &str = "application/problem+json";
/// Media type of an [`crate::Upload`].
pub const UPLOAD_MEDIA_TYPE: &str = "application/vnd.madoguchi.eku1";
/// Media type of a receipt.
pub const RECEIPT_MEDIA_TYPE: &str = "application/vnd.madoguchi.receipt";

/// Path of the full upload.
pub fn full_path(session_id: &uuid::Uuid) -> String {
    format!("/v1/sessions/{session_id}/full")
}

/// Path of the receipt.
pub fn receipt_path(session_id: &uuid::Uuid) -> String {
    format!("/v1/sessions/{session_id}/receipt")
}

/// Path of the result.
pub fn result_path(session_id: &uuid::Uuid) -> String {
    format!("/v1/sessions/{session_id}/result")
}

/// Why the backend refused a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// Path, header or body does not parse.
    Malformed,
    /// `Idempotency-Key` is missing or names another session.
    IdempotencyKey,
    /// The device is not enrolled.
    UnknownDevice,
    /// The bundle is of another session than the path.
    OtherSession,
    /// The session is committed with another bundle.
    Conflict,
    /// The session was erased.
    Erased,
    /// The body is over the limit of the full upload.
    TooLarge,
    /// The bundle's signature does not verify.
    Signature,
    /// Sealed to a key this backend does not hold.
    UnknownSealKey,
    /// No such session.
    NotFound,
    /// No room to commit.
    StorageFull,
    /// The backend could not complete.
    Internal,
}

impl ProblemCode {
    /// The HTTP status of the code.
    pub fn status(self) -> u16 {
        match self {
            Self::Malformed | Self::IdempotencyKey => 400,
            Self::UnknownDevice => 401,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::Erased => 410,
            Self::TooLarge => 413,
            Self::OtherSession | Self::Signature | Self::UnknownSealKey => 422,
            Self::Internal => 500,
            Self::StorageFull => 507,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Malformed => "The request does not parse",
            Self::IdempotencyKey => "Idempotency-Key must be the session id",
            Self::UnknownDevice => "The device is not enrolled",
            Self::OtherSession => "The bundle belongs to another session",
            Self::Conflict => "The session is committed with another bundle",
            Self::Erased => "The session was erased",
            Self::TooLarge => "The body is too large",
            Self::Signature => "The bundle signature does not verify",
            Self::UnknownSealKey => "The bundle is sealed to an unknown key",
            Self::NotFound => "No such session",
            Self::StorageFull => "No room to commit the session",
            Self::Internal => "The request could not be completed",
        }
    }
}

/// Problem details (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// URI of the problem type.
    #[serde(rename = "type")]
    pub problem_type: String,
    /// Short text for a log.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What clients branch on.
    pub code: ProblemCode,
}

impl From<ProblemCode> for Problem {
    fn from(code: ProblemCode) -> Self {
        Self { problem_type: "about:blank".to_owned(), title: code.title().to_owned(), status: code.status(), code }
    }
}

/// How the backend's own judgement of the raw bytes compares with the kiosk's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Verification {
    /// Same level and same codes.
    Agrees {
        /// The common level.
        level: String,
        /// The common codes.
        codes: Vec<String>,
    },
    /// Another level or other codes: an alarm.
    Diverges {
        /// What the kiosk found.
        kiosk_level: String,
        /// What the kiosk found.
        kiosk_codes: Vec<String>,
        /// What the backend found.
        level: String,
        /// What the backend found.
        codes: Vec<String>,
    },
    /// The bundle does not open or an item is not what the manifest says: an alarm.
    Unreadable {
        /// Which step failed.
        reason: String,
    },
}

/// Answer of `GET /v1/sessions/{sid}/result`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum SessionResult {
    /// Not verified yet.
    Pending {
        /// When to ask again.
        next_poll_s: u32,
    },
    /// Verified.
    Done {
        /// The comparison.
        verification: Verification,
    },
}
