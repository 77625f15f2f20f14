//! The committed sessions: one row per session id, never overwritten (invariant I3).

use std::path::Path;

use chip_crypto::device_key::{DeviceKey, DevicePublicKey};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use rusqlite_migration::{M, Migrations};
use wire::api::{ProblemCode, SessionResult, Verification};
use wire::{Bundle, Receipt, ReceiptVerifyKey};

/// Why the backend does not run or does not answer.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// SQLite.
    #[error("database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The database is of another version.
    #[error("database schema: {0}")]
    Migration(#[from] rusqlite_migration::Error),
    /// A file or socket.
    #[error("i/o: {0}")]
    Io(#[from] std::io::Error),
    /// A key cannot be made, read or used.
    #[error("a key of the backend cannot be used")]
    Key,
    /// A stored row is not what was written.
    #[error("a stored row is damaged")]
    Corrupt,
    /// The service thread is gone.
    #[error("the service stopped")]
    Stopped,
}

/// A session whose verdict the backend does not share, or that does not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// The session.
    pub session_id: [u8; 16],
    /// What is wrong.
    pub verification: Verification,
}

/// What committing came to.
pub(crate) enum Committed {
    /// New: the receipt.
    New(Vec<u8>),
    /// Known: the receipt of the first time.
    Replay(Vec<u8>),
}

pub(crate) struct Ledger {
    connection: Connection,
    receipt_key: DeviceKey,
}

type Unverified = ([u8; 16], Vec<u8>);

impl Ledger {
    pub(crate) fn open(dir: &Path, receipt_key: DeviceKey) -> Result<Self, BackendError> {
        let mut connection = Connection::open(dir.join("backend.sqlite"))?;
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;")?;
        Migrations::new(vec![M::up(include_str!("../migrations/0001_backend.sql"))]).to_latest(&mut connection)?;
        Ok(Self { connection, receipt_key })
    }

    pub(crate) fn receipt_verify_key(&self) -> ReceiptVerifyKey {
        ReceiptVerifyKey::new(self.receipt_key.public())
    }

    pub(crate) fn enrol(&self, device: &DevicePublicKey) -> Result<(), BackendError> {
        self.connection.execute(
            "INSERT OR IGNORE INTO device (device_id, public_key) VALUES (?1, ?2)",
            params![wire::device_id(device), device.to_bytes()],
        )?;
        Ok(())
    }

    pub(crate) fn device(&self, device_id: &[u8; 16]) -> Result<Option<DevicePublicKey>, BackendError> {
        let found: Option<Vec<u8>> = self
            .connection
            .query_row("SELECT public_key FROM device WHERE device_id = ?1", [device_id], |row| row.get(0))
            .optional()?;
        found.map(|point| DevicePublicKey::from_bytes(&point).map_err(|_| BackendError::Corrupt)).transpose()
    }

    /// Commits a session once; the answer leaves only after the commit.
    pub(crate) fn commit(
        &mut self,
        bundle: &Bundle,
        upload: &[u8],
        now: Timestamp,
    ) -> Result<Result<Committed, ProblemCode>, BackendError> {
        let (session_id, bundle_sha256) = (bundle.header.session_id, bundle.sha256());
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if tx.query_row("SELECT 1 FROM tombstone WHERE session_id = ?1", [session_id], |_| Ok(())).optional()?.is_some()
        {
            return Ok(Err(ProblemCode::Erased));
        }
        let known: Option<([u8; 32], Vec<u8>)> = tx
            .query_row("SELECT bundle_sha256, receipt FROM session WHERE session_id = ?1", [session_id], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        if let Some((sha256, receipt)) = known {
            return Ok(if sha256 == bundle_sha256 {
                Ok(Committed::Replay(receipt))
            } else {
                Err(ProblemCode::Conflict)
            });
        }
        let last: Option<(i64, [u8; 32])> = tx
            .query_row("SELECT server_seq, journal_head FROM session ORDER BY server_seq DESC LIMIT 1", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let (last_seq, last_head) = last.unwrap_or((0, [0; 32]));
        let server_seq = last_seq.checked_add(1).ok_or(BackendError::Corrupt)?;
        let journal_head =
            wire::sha256(&[b"eks1.srv", &last_head, &server_seq.to_be_bytes(), &session_id, &bundle_sha256]);
        let committed_ms = now.as_millisecond().max(0);
        let receipt = Receipt {
            session_id,
            bundle_sha256,
            server_seq: server_seq.unsigned_abs(),
            committed_ms: committed_ms.unsigned_abs(),
            journal_head,
            key_id: [0; 16],
        };
        let receipt = receipt.sign(&self.receipt_key).map_err(|_| BackendError::Key)?;
        tx.execute(
            "INSERT INTO session (session_id, bundle_sha256, server_seq, committed_ms, journal_head, receipt, upload) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![session_id, bundle_sha256, server_seq, committed_ms, journal_head, receipt, upload],
        )?;
        tx.commit()?;
        Ok(Ok(Committed::New(receipt)))
    }

    pub(crate) fn receipt(&self, session_id: &[u8; 16]) -> Result<Option<Vec<u8>>, BackendError> {
        Ok(self
            .connection
            .query_row("SELECT receipt FROM session WHERE session_id = ?1", [session_id], |row| row.get(0))
            .optional()?)
    }

    pub(crate) fn result(&self, session_id: &[u8; 16]) -> Result<Option<SessionResult>, BackendError> {
        let found: Option<Option<String>> = self
            .connection
            .query_row("SELECT result FROM session WHERE session_id = ?1", [session_id], |row| row.get(0))
            .optional()?;
        Ok(match found {
            None => None,
            Some(None) => Some(SessionResult::Pending { next_poll_s: 2 }),
            Some(Some(json)) => {
                let verification = serde_json::from_str(&json).map_err(|_| BackendError::Corrupt)?;
                Some(SessionResult::Done { verification })
            }
        })
    }

    /// Identifier and upload of the oldest session not judged yet.
    pub(crate) fn next_to_verify(&self) -> Result<Option<Unverified>, BackendError> {
        Ok(self
            .connection
            .query_row(
                "SELECT session_id, upload FROM session WHERE diverges IS NULL ORDER BY server_seq LIMIT 1",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?)
    }

    pub(crate) fn verified(&self, session_id: &[u8; 16], verification: &Verification) -> Result<(), BackendError> {
        let diverges = match verification {
            Verification::Agrees { .. } => 0,
            Verification::Diverges { .. } | Verification::Unreadable { .. } => 1,
        };
        let json = serde_json::to_string(verification).map_err(|_| BackendError::Corrupt)?;
        self.connection.execute(
            "UPDATE session SET diverges = ?2, result = ?3 WHERE session_id = ?1",
            params![session_id, diverges, json],
        )?;
        Ok(())
    }

    pub(crate) fn alarms(&self) -> Result<Vec<Alarm>, BackendError> {
        let mut statement =
            self.connection.prepare("SELECT session_id, result FROM session WHERE diverges = 1 ORDER BY server_seq")?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, String>(1)?)))?;
        rows.map(|row| {
            let (session_id, json) = row?;
            Ok(Alarm { session_id, verification: serde_json::from_str(&json).map_err(|_| BackendError::Corrupt)? })
        })
        .collect()
    }

    pub(crate) fn unjudged(&self) -> Result<u64, BackendError> {
        let sql = "SELECT count(*) FROM session WHERE diverges IS NULL";
        let count: i64 = self.connection.query_row(sql, [], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    pub(crate) fn count(&self) -> Result<u64, BackendError> {
        let count: i64 = self.connection.query_row("SELECT count(*) FROM session", [], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }
}
