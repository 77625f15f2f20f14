//! What an upload must be before it is committed. Nothing here can read a session.

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use wire::api::ProblemCode;
use wire::{BlobHeader, Bundle, BundleError, MAX_FULL_UPLOAD, Upload};

use crate::config::Enrolment;
use crate::ledger::{BackendError, Committed, Ledger};

/// State shared by the request handlers and the verify worker.
pub(crate) struct Shared {
    pub(crate) ledger: Mutex<Ledger>,
    pub(crate) seal_key_id: [u8; 16],
    pub(crate) enrolment: Enrolment,
    pub(crate) clock: fn() -> Timestamp,
    /// Wakes the verify worker.
    pub(crate) wake: Mutex<Sender<Wake>>,
}

pub(crate) enum Wake {
    Work,
    Stop,
}

impl Shared {
    /// A panic while the lock was held cannot leave a half-done change: every change is a transaction.
    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn wake(&self, wake: Wake) {
        // A worker that is gone verifies at the next start.
        let _ = self.wake.lock().unwrap_or_else(PoisonError::into_inner).send(wake);
    }
}

/// Checks and commits one upload.
pub(crate) fn ingest(
    shared: &Arc<Shared>,
    session_id: [u8; 16],
    idempotency_key: Option<&str>,
    body: &[u8],
) -> Result<Committed, ProblemCode> {
    if idempotency_key.and_then(|key| uuid::Uuid::parse_str(key).ok()).map(uuid::Uuid::into_bytes) != Some(session_id) {
        return Err(ProblemCode::IdempotencyKey);
    }
    if body.len() > MAX_FULL_UPLOAD {
        return Err(ProblemCode::TooLarge);
    }
    let upload = Upload::parse(body).map_err(|_| ProblemCode::Malformed)?;
    let bundle = Bundle::parse(&upload.bundle).map_err(|_| ProblemCode::Malformed)?;
    if upload.blobs.iter().any(|blob| BlobHeader::parse(blob).is_err()) {
        return Err(ProblemCode::Malformed);
    }
    if bundle.header.session_id != session_id {
        return Err(ProblemCode::OtherSession);
    }
    let mut ledger = shared.ledger();
    let device = match ledger.device(&bundle.header.device_id).map_err(|error| internal(&error))? {
        Some(device) => device,
        None if shared.enrolment == Enrolment::FirstUse => upload.device,
        None => return Err(ProblemCode::UnknownDevice),
    };
    match bundle.verify_signature(&device) {
        Ok(()) => {}
        Err(BundleError::OtherDevice) => return Err(ProblemCode::UnknownDevice),
        Err(_) => return Err(ProblemCode::Signature),
    }
    if bundle.header.recipient_key_id != shared.seal_key_id {
        return Err(ProblemCode::UnknownSealKey);
    }
    ledger.enrol(&device).map_err(|error| internal(&error))?;
    let committed = ledger.commit(&bundle, body, (shared.clock)()).map_err(|error| internal(&error))??;
    drop(ledger);
    shared.wake(Wake::Work);
    Ok(committed)
}

pub(crate) fn internal(error: &BackendError) -> ProblemCode {
    tracing::error!(%error, "request not completed");
    match error {
        BackendError::Sqlite(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull) => {
            ProblemCode::StorageFull
        }
        BackendError::Sqlite(_)
        | BackendError::Migration(_)
        | BackendError::Io(_)
        | BackendError::Key
        | BackendError::Corrupt
        | BackendError::Stopped => ProblemCode::Internal,
    }
}
