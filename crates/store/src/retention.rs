//! What leaves the disk and when, driven by the clock handed in (security specification §6, product specification §16.4).

use jiff::{SignedDuration, Timestamp};
use rusqlite::OptionalExtension;
use rusqlite::types::Value;
use session::SessionId;

use crate::database;
use crate::error::Error;
use crate::journal::EntryType;
use crate::rows::{Fields, RECEIPT, SESSION, TOMBSTONE};
use crate::store::{State, Store, day};

/// What is left of a delivered or abandoned session, values apart, is kept so long.
const METADATA: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A session unsent for so long is marked, kept, and still sent.
const UNSENT: SignedDuration = SignedDuration::from_hours(14 * 24);
/// A session unsent for so long closes the kiosk.
const OVERDUE: SignedDuration = SignedDuration::from_hours(72);
/// Rows of one turn: the outbox must not wait long for the store.
const TURN: u32 = 100;

/// The opening time every session id carries (UUID version 7), in Unix milliseconds.
pub(crate) fn id_millis(id: SessionId) -> u64 {
    id.as_bytes().iter().take(6).fold(0, |millis, octet| millis << 8 | u64::from(*octet))
}

fn age(id: SessionId, now: Timestamp) -> SignedDuration {
    let opened = i64::try_from(id_millis(id)).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    opened.map_or(SignedDuration::ZERO, |opened| now.duration_since(opened))
}

/// Whether a delivered or abandoned session is reduced to its tombstone.
pub(crate) fn retention_ended(id: SessionId, now: Timestamp) -> bool {
    age(id, now) >= METADATA
}

impl Store {
    /// No session begins while one waits too long for delivery (product specification §11.2). A parked one waits for a person, not
    /// for the network, and closes nothing.
    pub(crate) fn check_backlog(&self, now: Timestamp) -> Result<(), Error> {
        let oldest: Option<[u8; 16]> = self
            .connection
            .prepare_cached("SELECT session_id FROM outbox WHERE park_reason = 0 ORDER BY session_id LIMIT 1")?
            .query_row([], |row| row.get(0))
            .optional()?;
        match oldest {
            Some(id) if age(SessionId::from_bytes(id), now) >= OVERDUE => Err(Error::Overdue),
            Some(_) | None => Ok(()),
        }
    }

    /// Ends retention where its time has come. A clock that is not believed ends none, and nothing is purged in safe mode.
    pub(crate) fn purge_sessions(&mut self, now: Timestamp) -> Result<u32, Error> {
        self.ensure_open()?;
        self.space.restore_ballast();
        if !self.start_up.sound() || self.clock_floor.trust(now) == wire::ClockTrust::Untrusted {
            return Ok(0);
        }
        let mut purged = 0;
        for id in self.oldest("state IN (2, 3)", METADATA, now)? {
            self.with_ballast(|store| store.purge_session(id, now))?;
            purged += 1;
        }
        for id in self.oldest("state IN (1, 4)", UNSENT, now)? {
            self.with_ballast(|store| store.expire_unsent(id, now))?;
        }
        if purged > 0 {
            database::shrink(&self.connection)?;
            self.anchor()?;
        }
        Ok(purged)
    }

    fn oldest(&self, states: &str, age: SignedDuration, now: Timestamp) -> Result<Vec<SessionId>, Error> {
        // Ids begin with their opening time, so that their order is that of age.
        let latest = now.checked_sub(age).map_or(0, |end| u64::try_from(end.as_millisecond()).unwrap_or(0));
        let mut bound = [0xFF; 16];
        for (place, octet) in bound.iter_mut().zip(latest.to_be_bytes().into_iter().skip(2)) {
            *place = octet;
        }
        let sql = format!("SELECT session_id FROM session WHERE {states} AND session_id <= ?1 ORDER BY 1 LIMIT {TURN}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let ids = statement.query_map([bound], |row| row.get(0))?.collect::<Result<Vec<[u8; 16]>, _>>()?;
        Ok(ids.into_iter().map(SessionId::from_bytes).collect())
    }

    /// CONFIRMED or SHREDDED → PURGED. What was delivered leaves a tombstone; what never was leaves its journal entries alone.
    fn purge_session(&mut self, id: SessionId, now: Timestamp) -> Result<(), Error> {
        let Some(row) = self.session(id)? else { return Ok(()) };
        let bundle_sha256 = row.optional_blob(6)?.map(<[u8]>::to_vec);
        let session_id = *id.as_bytes();
        let key = wire::Secret::<32>::from_bytes(*self.keys.journal.expose());
        self.journalled(row, EntryType::Purge, now, |tx, _: Fields| {
            RECEIPT.delete(tx, &session_id)?;
            SESSION.delete(tx, &session_id)?;
            match bundle_sha256 {
                Some(bundle) => {
                    let id = Value::Blob(session_id.to_vec());
                    TOMBSTONE.insert(tx, &key, vec![id, Value::Integer(day(now)), Value::Blob(bundle)])
                }
                None => Ok(()),
            }
        })
    }

    /// SEALED or PARKED → EXPIRED_UNSENT: nothing is erased without a receipt or a recorded decision.
    fn expire_unsent(&mut self, id: SessionId, now: Timestamp) -> Result<(), Error> {
        let Some(row) = self.session(id)? else { return Ok(()) };
        tracing::error!(session = %id, "retention of an unsent session ended; it is kept");
        self.change_state(row, State::ExpiredUnsent, EntryType::ExpireUnsent, now, |_| Ok(()))
    }
}
