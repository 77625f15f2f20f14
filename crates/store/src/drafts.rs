//! What a draft needs: the epoch whose key wraps its DEK, and shredding both.

use jiff::Timestamp;
use rusqlite::types::Value;
use session::SessionId;
use wire::Secret;

use crate::epoch;
use crate::error::Error;
use crate::rows::EPOCH;
use crate::store::{Store, day};

impl Store {
    /// The epoch of today; a new one when the day changed or the last one was destroyed.
    pub(crate) fn epoch_for(&mut self, now: Timestamp) -> Result<u32, Error> {
        let newest: Option<i64> = self.connection.query_row("SELECT max(epoch_no) FROM epoch", [], |row| row.get(0))?;
        let mut next = 1;
        if let Some(newest) = newest {
            let fields = EPOCH
                .read(&self.connection, &self.keys.journal, &newest)?
                .ok_or(Error::RowTampered { table: "epoch" })?;
            let newest = u32::try_from(newest).map_err(|_| Error::Counter)?;
            if fields.integer(1)? == day(now) && fields.integer(2)? == 0 && self.epoch_key(newest).is_ok() {
                return Ok(newest);
            }
            next = newest.checked_add(1).ok_or(Error::Counter)?;
        }
        // The slot is durable before the row that names it.
        let key = epoch::make(&self.dir, &self.keys, next, &mut self.random)?;
        EPOCH.insert(
            &self.connection,
            &self.keys.journal,
            vec![Value::Integer(i64::from(next)), Value::Integer(day(now)), Value::Integer(0)],
        )?;
        self.epoch = Some((next, key));
        Ok(next)
    }

    pub(crate) fn epoch_key(&mut self, epoch_no: u32) -> Result<&Secret<32>, Error> {
        if self.epoch.as_ref().is_none_or(|(number, _)| *number != epoch_no) {
            self.epoch = Some((epoch_no, epoch::read(&self.dir, &self.keys, epoch_no)?));
        }
        self.epoch.as_ref().map(|(_, key)| key).ok_or(Error::EpochSlot(epoch_no))
    }

    /// Destroys an epoch whose last draft was sealed or abandoned.
    pub(crate) fn retire_epoch(&mut self, epoch_no: u32) -> Result<(), Error> {
        let drafts: i64 = self
            .connection
            .prepare_cached("SELECT count(*) FROM session WHERE epoch_no = ?1 AND state = 0")?
            .query_row([epoch_no], |row| row.get(0))?;
        if drafts > 0 {
            return Ok(());
        }
        self.epoch = None;
        epoch::destroy(&self.dir, epoch_no)?;
        let Some(mut fields) = EPOCH.read(&self.connection, &self.keys.journal, &epoch_no)? else { return Ok(()) };
        fields.set(2, Value::Integer(1));
        EPOCH.update(&self.connection, &self.keys.journal, fields)
    }

    pub(crate) fn shred_drafts(&mut self, now: Timestamp) -> Result<(), Error> {
        let drafts: Vec<[u8; 16]> = {
            let mut statement = self.connection.prepare("SELECT session_id FROM session WHERE state = 0")?;
            statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?
        };
        for id in drafts {
            self.abandon_session(SessionId::from_bytes(id), now)?;
        }
        let open: Vec<u32> = {
            let mut statement = self.connection.prepare("SELECT epoch_no FROM epoch WHERE destroyed = 0")?;
            statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?
        };
        for epoch_no in open {
            self.retire_epoch(epoch_no)?;
        }
        Ok(())
    }
}
