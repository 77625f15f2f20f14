use std::path::PathBuf;

use chip_crypto::device_key::DevicePublicKey;
use chip_crypto::random::SecureRandom;
use jiff::Timestamp;
use kiosk::{SealedSession, StartUp};
use rusqlite::types::Value;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use session::{Accepted, SessionId};
use wire::{KeyClass, ReceiptVerifyKey, RecordContext, Secret};

use crate::assemble::{Assembled, Place, Sealer, milliseconds};
use crate::clock_floor::ClockFloor;
use crate::config::StoreConfig;
use crate::error::Error;
use crate::journal::{self, Entry, EntryType, integer};
use crate::keys::Keys;
use crate::rows::{BLOB, Fields, META, OUTBOX, SESSION};
use crate::space::Space;
use crate::{database, epoch, head};

/// States of a session row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub(crate) enum State {
    Draft = 0,
    Sealed = 1,
    Confirmed = 2,
    Shredded = 3,
    Parked = 4,
    Damaged = 5,
    ExpiredUnsent = 6,
}

impl State {
    pub(crate) fn from_integer(value: i64) -> Option<Self> {
        [Self::Draft, Self::Sealed, Self::Confirmed, Self::Shredded, Self::Parked, Self::Damaged, Self::ExpiredUnsent]
            .into_iter()
            .find(|state| *state as i64 == value)
    }
}

/// The encrypted store of one kiosk. One thread owns it; a second process is refused with [`kiosk::StoreError::Locked`].
pub struct Store {
    pub(crate) connection: Connection,
    pub(crate) dir: PathBuf,
    pub(crate) keys: Keys,
    pub(crate) sealer: Sealer,
    pub(crate) receipt_key: ReceiptVerifyKey,
    pub(crate) random: Box<dyn SecureRandom + Send>,
    pub(crate) space: Space,
    pub(crate) clock_floor: ClockFloor,
    pub(crate) start_up: StartUp,
    /// The database was closed after a failed commit and could not be opened again yet.
    lost: bool,
    /// The epoch in use and its key.
    pub(crate) epoch: Option<(u32, Secret<32>)>,
    anchored: Option<u64>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store(..)")
    }
}

impl Store {
    /// Opens or makes a store. Drafts of a process that died are shredded: what they were about was in its memory alone.
    pub fn open(config: StoreConfig, now: Timestamp) -> Result<Self, Error> {
        std::fs::create_dir_all(&config.dir)?;
        let keys = Keys::derive(&config.keys.kek()?)?;
        let device = config.keys.device_key()?;
        let connection = database::open(&config.dir)?;
        let mut store = Self {
            connection,
            keys,
            sealer: Sealer {
                device,
                seal_key: config.seal_key,
                app_build: config.app_build,
                policy_version: config.policy_version,
            },
            receipt_key: config.receipt_key,
            random: config.random,
            space: Space::new(&config.dir, config.min_free, config.ballast, config.free_space),
            clock_floor: ClockFloor::new(config.clock_floor),
            start_up: StartUp::Ok,
            lost: false,
            epoch: None,
            anchored: None,
            dir: config.dir,
        };
        store.bind_device()?;
        store.check_at_start();
        store.space.restore_ballast();
        if store.start_up.sound() {
            store.shred_drafts(now)?;
            store.release_leases(now)?;
            store.anchor()?;
        } else if let Err(error) = store.release_leases(now) {
            // In safe mode whatever still verifies is delivered; what does not must not keep the rest from it.
            tracing::warn!(%error, "attempts of the last process are still marked as running");
        }
        Ok(store)
    }

    /// The key the bundles of this store verify with.
    pub fn device_public(&self) -> DevicePublicKey {
        self.sealer.device.public()
    }

    /// The same database may not be used with another device key.
    fn bind_device(&mut self) -> Result<(), Error> {
        let public = self.sealer.device.public().to_bytes().to_vec();
        let Self { connection, keys, .. } = self;
        match META.read(connection, &keys.journal, &"device_key")? {
            Some(fields) if fields.blob(1)? == public => Ok(()),
            Some(_) => Err(Error::OtherDevice),
            None if journal::head(connection)? == journal::Head::EMPTY => {
                META.insert(connection, &keys.journal, vec![Value::Text("device_key".to_owned()), Value::Blob(public)])
            }
            // Taken out of a store in use: the start-up check says so.
            None => Ok(()),
        }
    }

    pub(crate) fn begin_session(&mut self, id: SessionId, now: Timestamp) -> Result<(), Error> {
        self.ensure_open()?;
        self.may_accept()?;
        self.space.check()?;
        self.check_backlog(now)?;
        if self.session(id)?.is_some() {
            return Ok(());
        }
        let epoch_no = self.epoch_for(now)?;
        let (id, day) = (*id.as_bytes(), day(now));
        let dek = Secret::<32>::make(&mut self.random)?;
        let Self { connection, keys, random, epoch, .. } = self;
        let Some((_, epoch_key)) = epoch else { return Err(Error::EpochSlot(epoch_no)) };
        let wrapped = epoch::wrap(epoch_key, KeyClass::Epoch, epoch_no, &dek_context(id), &dek, random)?;
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        SESSION.insert(
            &tx,
            &keys.journal,
            vec![
                Value::Blob(id.to_vec()),
                Value::Integer(State::Draft as i64),
                Value::Integer(1),
                Value::Integer(i64::from(epoch_no)),
                Value::Blob(wrapped),
                Value::Integer(day),
                Value::Null,
                Value::Integer(0),
                Value::Integer(0),
            ],
        )?;
        let entry = Entry {
            kind: EntryType::Begin,
            session_id: id,
            row_version: 1,
            time_ms: milliseconds(now),
            bundle_sha256: None,
        };
        journal::append(&tx, keys, random, &entry)?;
        tx.commit()?;
        self.clock_floor.saw(now);
        Ok(())
    }

    pub(crate) fn accept_session(&mut self, accepted: &Accepted, now: Timestamp) -> Result<SealedSession, Error> {
        self.ensure_open()?;
        self.may_accept()?;
        let Some(row) = self.session(accepted.id)? else { return Err(Error::UnknownSession) };
        match state_of(&row)? {
            State::Draft => {}
            State::Sealed | State::Confirmed | State::Parked | State::Damaged | State::ExpiredUnsent => {
                return sealed_session(accepted.id, &row);
            }
            State::Shredded => return Err(Error::UnknownSession),
        }
        let id = *accepted.id.as_bytes();
        let epoch_no = u32::try_from(row.integer(3)?).map_err(|_| Error::RowTampered { table: "session" })?;
        let dek = {
            let epoch_key = self.epoch_key(epoch_no)?;
            epoch::unwrap(epoch_key, KeyClass::Epoch, epoch_no, &dek_context(id), row.blob(4)?)?
        };
        let place = Place {
            journal_seq: journal::head(&self.connection)?.seq + 1,
            previous_bundle: self.last_bundle()?,
            clock: self.clock_floor.trust(now),
        };
        let assembled = self.sealer.assemble(accepted, &dek, &place, &mut self.random)?;
        drop(dek);
        if let Err(error) = self.commit_accepted(row, &assembled, now) {
            // The outcome of a failed COMMIT is unknown: nothing is retried, the database is opened anew and asked.
            tracing::warn!(session = %accepted.id, "commit of an accepted session failed, looking it up");
            self.reopen()?;
            match self.session(accepted.id)? {
                Some(row) if state_of(&row)? == State::Sealed => {}
                Some(_) | None => return Err(error),
            }
        }
        let sealed = self.read_back(accepted.id, &assembled)?;
        if let Err(error) = self.retire_epoch(epoch_no) {
            // The session is safe; the slot is destroyed at the next opening at the latest.
            tracing::warn!(%error, epoch_no, "slot of a finished epoch not destroyed yet");
        }
        Ok(sealed)
    }

    fn commit_accepted(&mut self, mut row: Fields, assembled: &Assembled, now: Timestamp) -> Result<(), Error> {
        let Self { connection, keys, random, .. } = self;
        let key = &keys.journal;
        let session_id: [u8; 16] = row.array(0)?;
        let bundle_sha256 = assembled.bundle.sha256();
        let version = row.integer(2)?.checked_add(1).ok_or(Error::Counter)?;
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        row.set(1, Value::Integer(State::Sealed as i64));
        row.set(2, Value::Integer(version));
        row.set(4, Value::Null);
        row.set(6, Value::Blob(bundle_sha256.to_vec()));
        row.set(7, Value::Integer(i64::try_from(assembled.blobs.len()).map_err(|_| Error::Counter)?));
        row.set(8, Value::Integer(integer(assembled.size)?));
        SESSION.update(&tx, key, row)?;
        insert_blobs(&tx, key, session_id, assembled)?;
        OUTBOX.insert(
            &tx,
            key,
            vec![
                Value::Blob(session_id.to_vec()),
                Value::Blob(assembled.bundle.to_bytes().to_vec()),
                Value::Integer(0),
                Value::Integer(now.as_millisecond()),
                Value::Integer(0),
                Value::Integer(0),
            ],
        )?;
        META.delete(&tx, &"last_bundle")?;
        META.insert(&tx, key, vec![Value::Text("last_bundle".to_owned()), Value::Blob(bundle_sha256.to_vec())])?;
        let row_version = u64::try_from(version).map_err(|_| Error::Counter)?;
        let entry = Entry {
            kind: EntryType::Accept,
            session_id,
            row_version,
            time_ms: milliseconds(now),
            bundle_sha256: Some(bundle_sha256),
        };
        let head = journal::append(&tx, keys, random, &entry)?;
        if head.seq != assembled.bundle.header.journal_seq {
            return Err(Error::Counter);
        }
        tx.commit()?;
        self.clock_floor.saw(now);
        Ok(())
    }

    /// "Accepted" is said only after the bundle was read back and hashed.
    fn read_back(&mut self, id: SessionId, assembled: &Assembled) -> Result<SealedSession, Error> {
        let row = self.session(id)?.ok_or(Error::RowTampered { table: "session" })?;
        let outbox = OUTBOX
            .read(&self.connection, &self.keys.journal, &id.as_bytes())?
            .ok_or(Error::RowTampered { table: "outbox" })?;
        let sealed = sealed_session(id, &row)?;
        let read = wire::sha256(&[outbox.blob(1)?]);
        if read == sealed.bundle_sha256 && read == assembled.bundle.sha256() {
            Ok(sealed)
        } else {
            Err(Error::RowTampered { table: "outbox" })
        }
    }

    pub(crate) fn abandon_session(&mut self, id: SessionId, now: Timestamp) -> Result<(), Error> {
        let Some(row) = self.session(id)? else { return Ok(()) };
        if state_of(&row)? != State::Draft {
            return Ok(());
        }
        let epoch_no = u32::try_from(row.integer(3)?).map_err(|_| Error::Counter)?;
        self.change_state(row, State::Shredded, EntryType::Abandon, now, |_| Ok(()))?;
        self.retire_epoch(epoch_no)
    }

    /// Sets the state of a session, bumps its version and journals it, with `also` in the same transaction.
    pub(crate) fn change_state(
        &mut self,
        mut row: Fields,
        state: State,
        kind: EntryType,
        now: Timestamp,
        also: impl FnOnce(&Transaction<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        row.set(1, Value::Integer(state as i64));
        row.set(4, Value::Null);
        let key = Secret::<32>::from_bytes(*self.keys.journal.expose());
        self.journalled(row, kind, now, |tx, row| {
            SESSION.update(tx, &key, row)?;
            also(tx)
        })
    }

    /// Runs `change` on a session's row of the next version, and journals it, in one transaction.
    pub(crate) fn journalled(
        &mut self,
        mut row: Fields,
        kind: EntryType,
        now: Timestamp,
        change: impl FnOnce(&Transaction<'_>, Fields) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Self { connection, keys, random, .. } = self;
        let session_id = row.array(0)?;
        let version = row.integer(2)?.checked_add(1).ok_or(Error::Counter)?;
        let bundle_sha256 = match row.optional_blob(6)? {
            Some(_) => Some(row.array(6)?),
            None => None,
        };
        row.set(2, Value::Integer(version));
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        change(&tx, row)?;
        let row_version = u64::try_from(version).map_err(|_| Error::Counter)?;
        let entry = Entry { kind, session_id, row_version, time_ms: milliseconds(now), bundle_sha256 };
        journal::append(&tx, keys, random, &entry)?;
        tx.commit()?;
        self.clock_floor.saw(now);
        Ok(())
    }

    /// In safe mode nothing is accepted.
    fn may_accept(&self) -> Result<(), Error> {
        if self.start_up.sound() { Ok(()) } else { Err(Error::SafeMode(self.start_up)) }
    }

    pub(crate) fn session(&self, id: SessionId) -> Result<Option<Fields>, Error> {
        SESSION.read(&self.connection, &self.keys.journal, &id.as_bytes())
    }

    fn last_bundle(&self) -> Result<Option<[u8; 32]>, Error> {
        META.read(&self.connection, &self.keys.journal, &"last_bundle")?.map(|fields| fields.array(1)).transpose()
    }

    /// Writes the journal's head to the head file when it moved.
    pub(crate) fn anchor(&mut self) -> Result<(), Error> {
        // What the anchor shows against the database must stay to be seen.
        if !self.start_up.sound() {
            return Ok(());
        }
        let now = journal::head(&self.connection)?;
        if self.anchored == Some(now.seq) {
            return Ok(());
        }
        head::write(&self.dir, &self.keys, now, &mut self.random)?;
        self.anchored = Some(now.seq);
        Ok(())
    }

    pub(crate) fn reopen(&mut self) -> Result<(), Error> {
        // The old connection holds the lock until it is gone.
        self.lost = true;
        self.connection = Connection::open_in_memory()?;
        // SQLite says "cannot open" on a full disk; what helps is room.
        self.connection = database::open(&self.dir).map_err(|error| self.space.explain(error))?;
        self.lost = false;
        self.check_at_start();
        Ok(())
    }

    /// Opens the database again where an earlier attempt failed, on a disk that was full, for example.
    pub(crate) fn ensure_open(&mut self) -> Result<(), Error> {
        if self.lost { self.reopen() } else { Ok(()) }
    }
}

fn insert_blobs(
    tx: &Transaction<'_>,
    key: &Secret<32>,
    session_id: [u8; 16],
    assembled: &Assembled,
) -> Result<(), Error> {
    for (position, blob) in (0_i64..).zip(&assembled.blobs) {
        let header = &blob.sealed.header;
        BLOB.insert(
            tx,
            key,
            vec![
                Value::Blob(header.blob_id.to_vec()),
                Value::Blob(session_id.to_vec()),
                Value::Integer(position),
                Value::Blob(header.encode().to_vec()),
                Value::Integer(i64::try_from(blob.sealed.chunks.len()).map_err(|_| Error::Counter)?),
                Value::Blob(blob.sha256.to_vec()),
            ],
        )?;
        for (number, chunk) in (0_i64..).zip(&blob.sealed.chunks) {
            tx.prepare_cached("INSERT INTO chunk (blob_id, number, data) VALUES (?1, ?2, ?3)")?
                .execute(rusqlite::params![header.blob_id, number, chunk])?;
        }
    }
    Ok(())
}

pub(crate) fn state_of(row: &Fields) -> Result<State, Error> {
    State::from_integer(row.integer(1)?).ok_or(Error::RowTampered { table: "session" })
}

fn sealed_session(id: SessionId, row: &Fields) -> Result<SealedSession, Error> {
    let size = u64::try_from(row.integer(8)?).map_err(|_| Error::RowTampered { table: "session" })?;
    Ok(SealedSession { id, bundle_sha256: row.array(6)?, size })
}

fn dek_context(session_id: [u8; 16]) -> RecordContext<'static> {
    RecordContext { table: "session", column: "wrapped_dek", session_id, row_key: session_id, row_version: 1 }
}

/// Days since 1970-01-01 UTC.
pub(crate) fn day(now: Timestamp) -> i64 {
    now.as_second().div_euclid(86_400)
}
