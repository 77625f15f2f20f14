//! The outbox: what waits for delivery, and how it leaves (security specification §6).

use jiff::{SignedDuration, Timestamp};
use kiosk::{
    DeliveryRow, DeliveryState, Outgoing, OutgoingBlob, ParkReason, SealedSession, SessionStore, StartUp, StoreError,
};
use rusqlite::OptionalExtension;
use rusqlite::types::Value;
use session::{Accepted, SessionId};
use wire::{Bundle, ClockTrust, Receipt, Upload};

use crate::database;
use crate::error::Error;
use crate::journal::EntryType;
use crate::retention::id_millis;
use crate::rows::{BLOB, Fields, META, OUTBOX, RECEIPT, SESSION};
use crate::store::{State, Store, state_of};

/// How long one attempt may run before another may start.
const LEASE: SignedDuration = SignedDuration::from_secs(120);
/// At opening no session waits longer than this (security specification §6: cap of Retry-After).
const MAX_WAIT: SignedDuration = SignedDuration::from_hours(1);
/// Key in `meta` of the newest signed time of the backend.
pub(crate) const SERVER_TIME: &str = "server_time";

impl SessionStore for Store {
    fn begin(&mut self, id: SessionId, now: Timestamp) -> Result<(), StoreError> {
        self.begin_session(id, now).map_err(logged)
    }

    fn accept(&mut self, accepted: &Accepted, now: Timestamp) -> Result<SealedSession, StoreError> {
        self.accept_session(accepted, now).map_err(logged)
    }

    fn abandon(&mut self, id: SessionId, now: Timestamp) -> Result<(), StoreError> {
        self.with_ballast(|store| store.abandon_session(id, now)).map_err(logged)
    }

    fn next_due(&mut self, now: Timestamp) -> Result<Option<Outgoing>, StoreError> {
        self.with_ballast(|store| {
            store.anchor()?;
            store.lease_next(now)
        })
        .map_err(logged)
    }

    fn confirmed(&mut self, id: SessionId, receipt: &[u8], now: Timestamp) -> Result<(), StoreError> {
        self.with_ballast(|store| store.confirm(id, receipt, now)).map_err(logged)
    }

    fn retry(&mut self, id: SessionId, next_at: Timestamp, _now: Timestamp) -> Result<(), StoreError> {
        self.with_ballast(|store| store.set_next(id, next_at)).map_err(logged)
    }

    fn park(&mut self, id: SessionId, reason: ParkReason, now: Timestamp) -> Result<(), StoreError> {
        self.with_ballast(|store| store.park_session(id, reason, now)).map_err(logged)
    }

    fn deliveries(&self) -> Result<Vec<DeliveryRow>, StoreError> {
        self.delivery_rows().map_err(logged)
    }

    fn purge(&mut self, now: Timestamp) -> Result<u32, StoreError> {
        self.purge_sessions(now).map_err(logged)
    }

    fn start_up(&self) -> StartUp {
        self.start_up
    }

    fn clock_trusted(&self, now: Timestamp) -> bool {
        self.clock_floor.trust(now) == ClockTrust::Trusted
    }
}

fn logged(error: Error) -> StoreError {
    tracing::warn!(%error, "store operation failed");
    error.into()
}

impl Store {
    fn lease_next(&mut self, now: Timestamp) -> Result<Option<Outgoing>, Error> {
        loop {
            let found: Option<[u8; 16]> = self
                .connection
                .prepare_cached(
                    "SELECT session_id FROM outbox WHERE park_reason = 0 AND next_at_ms <= ?1 AND lease_ms <= ?1 \
                     ORDER BY next_at_ms LIMIT 1",
                )?
                .query_row([now.as_millisecond()], |row| row.get(0))
                .optional()?;
            let Some(id) = found.map(SessionId::from_bytes) else { return Ok(None) };
            match self.lease(id, now) {
                Ok(outgoing) => return Ok(Some(outgoing)),
                // Kept and reported; it must not stop the others (invariant I5).
                Err(Error::RowTampered { table }) => {
                    tracing::error!(session = %id, table, "sealed session is damaged");
                    self.mark_damaged(id, now)?;
                }
                Err(other) => return Err(other),
            }
        }
    }

    fn lease(&mut self, id: SessionId, now: Timestamp) -> Result<Outgoing, Error> {
        let (upload, bundle_sha256) = self.read_upload(id)?;
        let mut row = self.outbox_row(id)?;
        let attempts = row.integer(2)?.checked_add(1).ok_or(Error::Counter)?;
        row.set(2, Value::Integer(attempts));
        row.set(4, Value::Integer(now.saturating_add(LEASE).map_or(i64::MAX, |end| end.as_millisecond())));
        OUTBOX.update(&self.connection, &self.keys.journal, row)?;
        let blobs =
            upload.blobs.into_iter().map(|bytes| OutgoingBlob { sha256: wire::sha256(&[&bytes]), bytes }).collect();
        let attempt = u32::try_from(attempts).unwrap_or(u32::MAX);
        Ok(Outgoing { id, bundle: upload.bundle, blobs, bundle_sha256, attempt })
    }

    /// The sealed session as it would be delivered or exported; every part checked against its digest.
    pub fn upload(&self, id: SessionId) -> Result<Upload, Error> {
        self.read_upload(id).map(|(upload, _)| upload)
    }

    fn read_upload(&self, id: SessionId) -> Result<(Upload, [u8; 32]), Error> {
        let session = self.session(id)?.ok_or(Error::UnknownSession)?;
        let outbox = self.outbox_row(id)?;
        let bundle = outbox.blob(1)?.to_vec();
        let bundle_sha256 = session.array(6)?;
        if wire::sha256(&[&bundle]) != bundle_sha256 {
            return Err(Error::RowTampered { table: "outbox" });
        }
        let ids: Vec<Vec<u8>> = {
            let mut statement =
                self.connection.prepare_cached("SELECT blob_id FROM blob WHERE session_id = ?1 ORDER BY position")?;
            statement.query_map([id.as_bytes()], |row| row.get(0))?.collect::<Result<_, _>>()?
        };
        if i64::try_from(ids.len()).ok() != Some(session.integer(7)?) {
            return Err(Error::RowTampered { table: "blob" });
        }
        let blobs = ids.iter().map(|blob_id| self.read_blob(blob_id)).collect::<Result<_, _>>()?;
        Ok((Upload { device: self.device_public(), bundle, blobs }, bundle_sha256))
    }

    fn read_blob(&self, blob_id: &[u8]) -> Result<Vec<u8>, Error> {
        let row =
            BLOB.read(&self.connection, &self.keys.journal, &blob_id)?.ok_or(Error::RowTampered { table: "blob" })?;
        let mut bytes = row.blob(3)?.to_vec();
        let mut statement =
            self.connection.prepare_cached("SELECT data FROM chunk WHERE blob_id = ?1 ORDER BY number")?;
        let mut chunks = statement.query([blob_id])?;
        while let Some(chunk) = chunks.next()? {
            bytes.extend_from_slice(&chunk.get::<_, Vec<u8>>(0).map_err(|_| Error::RowTampered { table: "chunk" })?);
        }
        if wire::sha256(&[&bytes]) == row.array(5)? { Ok(bytes) } else { Err(Error::RowTampered { table: "chunk" }) }
    }

    fn outbox_row(&self, id: SessionId) -> Result<Fields, Error> {
        OUTBOX.read(&self.connection, &self.keys.journal, &id.as_bytes())?.ok_or(Error::UnknownSession)
    }

    fn confirm(&mut self, id: SessionId, receipt: &[u8], now: Timestamp) -> Result<(), Error> {
        let session = self.session(id)?.ok_or(Error::UnknownSession)?;
        let signed = Receipt::verify(
            receipt,
            &self.receipt_key,
            id.as_bytes(),
            &session.array(6).map_err(|_| Error::UnknownSession)?,
        )?;
        match state_of(&session)? {
            State::Confirmed => return Ok(()),
            State::Sealed | State::Parked | State::Damaged | State::ExpiredUnsent => {}
            State::Draft | State::Shredded => return Err(Error::UnknownSession),
        }
        let (session_id, receipt) = (*id.as_bytes(), receipt.to_vec());
        let key = wire::Secret::<32>::from_bytes(*self.keys.journal.expose());
        self.change_state(session, State::Confirmed, EntryType::Confirm, now, |tx| {
            tx.execute(
                "DELETE FROM chunk WHERE blob_id IN (SELECT blob_id FROM blob WHERE session_id = ?1)",
                [session_id],
            )?;
            tx.execute("DELETE FROM blob WHERE session_id = ?1", [session_id])?;
            OUTBOX.delete(tx, &session_id)?;
            META.delete(tx, &SERVER_TIME)?;
            let time = signed.committed_ms.to_be_bytes().to_vec();
            META.insert(tx, &key, vec![Value::Text(SERVER_TIME.to_owned()), Value::Blob(time)])?;
            RECEIPT.insert(tx, &key, vec![Value::Blob(session_id.to_vec()), Value::Blob(receipt)])
        })?;
        self.clock_floor.saw_ms(signed.committed_ms);
        database::checkpoint(&self.connection)?;
        self.anchor()
    }

    fn set_next(&mut self, id: SessionId, next_at: Timestamp) -> Result<(), Error> {
        let mut row = self.outbox_row(id)?;
        row.set(3, Value::Integer(next_at.as_millisecond()));
        row.set(4, Value::Integer(0));
        OUTBOX.update(&self.connection, &self.keys.journal, row)
    }

    fn park_session(&mut self, id: SessionId, reason: ParkReason, now: Timestamp) -> Result<(), Error> {
        let session = self.session(id)?.ok_or(Error::UnknownSession)?;
        let state = state_of(&session)?;
        if !matches!(state, State::Sealed | State::ExpiredUnsent) {
            return Err(Error::UnknownSession);
        }
        let mut outbox = self.outbox_row(id)?;
        outbox.set(4, Value::Integer(0));
        outbox.set(5, Value::Integer(park_code(reason)));
        let key = wire::Secret::<32>::from_bytes(*self.keys.journal.expose());
        // There is no way back from the end of retention: such a session is parked in the queue alone.
        let to = if state == State::Sealed { State::Parked } else { state };
        self.change_state(session, to, EntryType::Park, now, |tx| OUTBOX.update(tx, &key, outbox))
    }

    /// Takes a damaged session out of the queue and keeps it. When its outbox row itself is the damage, only the queue column is
    /// touched, without a new MAC: the finding stays a finding.
    fn mark_damaged(&mut self, id: SessionId, now: Timestamp) -> Result<(), Error> {
        let key = wire::Secret::<32>::from_bytes(*self.keys.journal.expose());
        let outbox = self.outbox_row(id);
        let park = |tx: &rusqlite::Connection| -> Result<(), Error> {
            if let Ok(mut row) = outbox {
                row.set(4, Value::Integer(0));
                row.set(5, Value::Integer(DAMAGED));
                return OUTBOX.update(tx, &key, row);
            }
            let sql = "UPDATE outbox SET park_reason = ?2 WHERE session_id = ?1";
            tx.execute(sql, rusqlite::params![id.as_bytes(), DAMAGED])?;
            Ok(())
        };
        match self.session(id) {
            Ok(Some(row)) => self.change_state(row, State::Damaged, EntryType::Damaged, now, |tx| park(tx)),
            Ok(None) | Err(_) => park(&self.connection),
        }
    }

    /// At opening: no attempt runs, and a clock that jumped must not put a session out of reach.
    pub(crate) fn release_leases(&mut self, now: Timestamp) -> Result<(), Error> {
        let latest = now.saturating_add(MAX_WAIT).map_or(i64::MAX, |end| end.as_millisecond());
        let ids: Vec<[u8; 16]> = {
            let mut statement = self.connection.prepare(
                "SELECT session_id FROM outbox WHERE park_reason = 0 AND (lease_ms <> 0 OR next_at_ms > ?1)",
            )?;
            statement.query_map([latest], |row| row.get(0))?.collect::<Result<_, _>>()?
        };
        for id in ids {
            match self.outbox_row(SessionId::from_bytes(id)) {
                Ok(mut row) => {
                    row.set(3, Value::Integer(row.integer(3)?.min(latest)));
                    row.set(4, Value::Integer(0));
                    OUTBOX.update(&self.connection, &self.keys.journal, row)?;
                }
                Err(Error::RowTampered { .. }) => self.mark_damaged(SessionId::from_bytes(id), now)?,
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    fn delivery_rows(&self) -> Result<Vec<DeliveryRow>, Error> {
        let mut statement =
            self.connection.prepare(&format!("{} WHERE state NOT IN (0, 3) ORDER BY session_id", SESSION.select()))?;
        let mut rows = statement.query([])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let (values, authentic) = SESSION.authenticate(&self.keys.journal, row)?;
            let session = Fields::new(SESSION, values);
            let id = SessionId::from_bytes(session.array(0)?);
            let outbox = OUTBOX.read(&self.connection, &self.keys.journal, &id.as_bytes());
            let (state, attempts) = match (&outbox, authentic) {
                (Err(_), _) | (_, false) => (DeliveryState::Parked(ParkReason::RecordDamaged), 0),
                (Ok(None), true) => (DeliveryState::Receipted, 0),
                (Ok(Some(row)), true) => (queue_state(row, state_of(&session)?)?, row.integer(2)?),
            };
            let sealed_at = match &outbox {
                Ok(Some(row)) => Bundle::parse(row.blob(1)?).map_or(0, |bundle| bundle.header.accepted_ms),
                Ok(None) | Err(_) => id_millis(id),
            };
            out.push(DeliveryRow {
                id,
                state,
                sealed_at: i64::try_from(sealed_at)
                    .ok()
                    .and_then(|ms| Timestamp::from_millisecond(ms).ok())
                    .unwrap_or_default(),
                size: u64::try_from(session.integer(8)?).unwrap_or(0),
                attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
            });
        }
        Ok(out)
    }
}

fn queue_state(row: &Fields, state: State) -> Result<DeliveryState, Error> {
    if state == State::Damaged {
        return Ok(DeliveryState::Parked(ParkReason::RecordDamaged));
    }
    let parked = row.integer(5)?;
    if parked != 0 {
        return Ok(DeliveryState::Parked(park_reason(parked)));
    }
    if row.integer(4)? != 0 {
        return Ok(DeliveryState::Uploading);
    }
    if row.integer(2)? == 0 {
        return Ok(DeliveryState::Queued);
    }
    let next_at = Timestamp::from_millisecond(row.integer(3)?).map_err(|_| Error::RowTampered { table: "outbox" })?;
    Ok(DeliveryState::RetryWait { next_at })
}

const CONFLICT: i64 = 1;
const RECEIPT_INVALID: i64 = 2;
const DAMAGED: i64 = 3;
const REJECTED: i64 = 10_000;

/// Park reasons as stored; a rejection carries its HTTP status.
fn park_code(reason: ParkReason) -> i64 {
    match reason {
        ParkReason::Conflict => CONFLICT,
        ParkReason::ReceiptInvalid => RECEIPT_INVALID,
        ParkReason::RecordDamaged => DAMAGED,
        ParkReason::Rejected { status } => REJECTED + i64::from(status),
    }
}

fn park_reason(code: i64) -> ParkReason {
    match code {
        CONFLICT => ParkReason::Conflict,
        RECEIPT_INVALID => ParkReason::ReceiptInvalid,
        _ => match code.checked_sub(REJECTED).and_then(|status| u16::try_from(status).ok()) {
            Some(status) => ParkReason::Rejected { status },
            None => ParkReason::RecordDamaged,
        },
    }
}
