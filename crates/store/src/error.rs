use kiosk::{StartUp, StoreError};
use wire::{BlobError, BundleError, ReceiptError, RecordError};

use crate::keys::KeyError;

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// SQLite.
    #[error("database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The database is of another version.
    #[error("database schema: {0}")]
    Migration(#[from] rusqlite_migration::Error),
    /// A file beside the database.
    #[error("file: {0}")]
    File(#[from] std::io::Error),
    /// Keys.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// No randomness.
    #[error("no randomness")]
    Random(#[from] chip_crypto::random::RandomError),
    /// A record does not open.
    #[error("record: {0}")]
    Record(#[from] RecordError),
    /// A blob cannot be sealed.
    #[error("blob: {0}")]
    Blob(#[from] BlobError),
    /// A bundle cannot be sealed or parsed.
    #[error("bundle: {0}")]
    Bundle(#[from] BundleError),
    /// The evidence does not say what a manifest must say.
    #[error("manifest: {0}")]
    Facts(#[from] wire::FactsError),
    /// A receipt does not cover the session.
    #[error("receipt: {0}")]
    Receipt(#[from] ReceiptError),
    /// A row's MAC, or what was read back, is not what was written.
    #[error("{table}: a row does not authenticate")]
    RowTampered {
        /// Where.
        table: &'static str,
    },
    /// The key file of an epoch is missing or damaged.
    #[error("slot of epoch {0} does not open")]
    EpochSlot(u32),
    /// Device key and database do not belong together.
    #[error("the database belongs to another device key")]
    OtherDevice,
    /// No session of this id in the state the call needs.
    #[error("no such session")]
    UnknownSession,
    /// Less free space than a new session needs.
    #[error("{free} octets free, {needed} needed")]
    NoSpace {
        /// Octets free.
        free: u64,
        /// Octets needed.
        needed: u64,
    },
    /// The start-up check found the store changed: it accepts nothing.
    #[error("safe mode: {}", .0.name())]
    SafeMode(StartUp),
    /// A session waits so long for delivery that no other may begin.
    #[error("a session waits too long for delivery")]
    Overdue,
    /// A counter left its range.
    #[error("counter out of range")]
    Counter,
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match error {
            Error::Sqlite(error) => of_sqlite(&error),
            Error::Migration(rusqlite_migration::Error::RusqliteError { err, .. }) => of_sqlite(&err),
            Error::Migration(_)
            | Error::RowTampered { .. }
            | Error::Record(_)
            | Error::OtherDevice
            | Error::Counter => Self::Corrupt,
            Error::File(error) if error.kind() == std::io::ErrorKind::StorageFull => Self::Full,
            Error::File(_) => Self::Io,
            Error::Key(_) | Error::EpochSlot(_) => Self::KeysUnavailable,
            Error::Random(_) | Error::Blob(_) | Error::Bundle(_) | Error::Facts(_) => Self::Seal,
            Error::Receipt(_) => Self::ReceiptInvalid,
            Error::UnknownSession => Self::UnknownSession,
            Error::NoSpace { .. } => Self::Full,
            Error::SafeMode(found) => Self::SafeMode(found),
            Error::Overdue => Self::Overdue,
        }
    }
}

fn of_sqlite(error: &rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode;
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Locked,
        Some(
            ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied,
        ) => StoreError::Io,
        Some(_) | None => StoreError::Corrupt,
    }
}
