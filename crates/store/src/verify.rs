//! The walk over what is stored: whole for `kioskctl store verify`, shorter at every opening. It changes nothing and never stops at
//! the first finding.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::path::Path;

use chip_crypto::device_key::DevicePublicKey;
use rusqlite::Connection;
use rusqlite::types::Value;
use wire::Bundle;

use crate::error::Error;
use crate::journal::{self, EntryType, Head, StoredEntry};
use crate::keys::{KeyProvider, Keys};
use crate::rows::{AUTHENTICATED, BLOB, EPOCH, Fields, META, OUTBOX, SESSION};
use crate::store::{State, Store, state_of};
use crate::{database, epoch, head};

/// How the database stands to the anchor outside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchoring {
    /// Same head.
    Ok,
    /// The database is ahead: a crash between commit and anchor, which is legal.
    HeadAhead,
    /// The database is behind its anchor: it was rolled back.
    Rollback,
    /// The anchored entry is another one than the stored.
    Fork,
    /// Nothing is anchored though something is stored.
    Missing,
    /// A slot of the head file does not open.
    Damaged,
}

/// One thing that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// SQLite itself finds the file damaged.
    Page {
        /// What it says.
        detail: String,
    },
    /// The file cannot be read on.
    Unreadable {
        /// Where reading stopped.
        at: &'static str,
    },
    /// Tables or indices are not the ones of this version.
    SchemaChanged,
    /// The MAC of a row does not fit.
    RowTampered {
        /// Table of the row.
        table: &'static str,
        /// Its key, printable.
        key: String,
    },
    /// A journal entry does not authenticate, or one before it is missing.
    JournalTampered {
        /// Its sequence number.
        seq: i64,
    },
    /// The journal knows a session the table lacks.
    RowMissing {
        /// Table of the row.
        table: &'static str,
        /// The session.
        key: String,
    },
    /// The table has a row the journal, or the row it belongs to, does not know.
    RowExtra {
        /// Table of the row.
        table: &'static str,
        /// Its key.
        key: String,
    },
    /// A session's row is of another version than its last journal entry.
    RowChanged {
        /// The session.
        key: String,
    },
    /// The key slot of an epoch with drafts does not open.
    EpochSlot {
        /// Number of the epoch.
        epoch_no: u32,
    },
    /// A sealed bundle does not parse, hash or verify, or a row's columns contradict its state.
    Bundle {
        /// The session.
        key: String,
    },
    /// A blob does not have the digest in its row.
    Blob {
        /// The blob.
        key: String,
    },
    /// Not of this device key.
    OtherDevice,
}

/// What the walk found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyReport {
    /// Database against anchor.
    pub anchoring: Anchoring,
    /// Journal entries walked.
    pub journal_entries: u64,
    /// Sessions by state: draft, sealed, confirmed, shredded, parked, damaged, expired unsent.
    pub sessions: [u64; 7],
    /// Everything that is not as it was written.
    pub findings: Vec<Finding>,
}

impl VerifyReport {
    /// Whether the store is as it was written.
    pub fn intact(&self) -> bool {
        self.findings.is_empty() && matches!(self.anchoring, Anchoring::Ok | Anchoring::HeadAhead)
    }
}

/// Walks the store in `dir`, which no other process may hold open.
pub fn verify_dir(dir: &Path, provider: &dyn KeyProvider) -> Result<VerifyReport, Error> {
    if !dir.join(database::FILE_NAME).exists() {
        return Err(Error::File(std::io::ErrorKind::NotFound.into()));
    }
    let keys = Keys::derive(&provider.kek()?)?;
    let device = provider.device_key()?.public();
    match database::open(dir) {
        Ok(connection) => Ok(walk(&connection, dir, &keys, &device, Depth::Whole).report),
        Err(error @ (Error::Key(_) | Error::File(_))) => Err(error),
        Err(Error::Sqlite(error)) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) => {
            Err(Error::Sqlite(error))
        }
        Err(_) => Ok(VerifyReport {
            anchoring: Anchoring::Missing,
            journal_entries: 0,
            sessions: [0; 7],
            findings: vec![Finding::Unreadable { at: "open" }],
        }),
    }
}

impl Store {
    /// Walks everything stored.
    pub fn verify(&self) -> VerifyReport {
        walk(&self.connection, &self.dir, &self.keys, &self.device_public(), Depth::Whole).report
    }
}

/// How much is walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// At opening: every row against the journal and the anchors; bundles by their digest. Chunks are checked when they are sent.
    Opening,
    /// Every octet, and every signature.
    Whole,
}

/// A report, and the newest time the journal knows.
pub(crate) struct Walked {
    pub(crate) report: VerifyReport,
    pub(crate) newest_ms: u64,
}

struct Walk<'a> {
    connection: &'a Connection,
    keys: &'a Keys,
    depth: Depth,
    findings: Vec<Finding>,
    sessions: [u64; 7],
    newest_ms: u64,
}

pub(crate) fn walk(connection: &Connection, dir: &Path, keys: &Keys, device: &DevicePublicKey, depth: Depth) -> Walked {
    let mut walk = Walk { connection, keys, depth, findings: Vec::new(), sessions: [0; 7], newest_ms: 0 };
    let steps = [
        ("pages", walk.pages()),
        ("schema", walk.schema()),
        ("rows", walk.rows()),
        ("blobs", walk.blobs()),
        ("bundles", walk.bundles(device)),
        ("epochs", walk.epochs(dir)),
    ];
    for (at, step) in steps {
        if step.is_err() {
            walk.findings.push(Finding::Unreadable { at });
        }
    }
    let mut entries = 0;
    let anchoring = walk.journal(dir, &mut entries).unwrap_or_else(|_| {
        walk.findings.push(Finding::Unreadable { at: "journal" });
        Anchoring::Damaged
    });
    let report = VerifyReport { anchoring, journal_entries: entries, sessions: walk.sessions, findings: walk.findings };
    Walked { report, newest_ms: walk.newest_ms }
}

impl Walk<'_> {
    fn pages(&mut self) -> Result<(), Error> {
        let check = match self.depth {
            Depth::Opening => "PRAGMA quick_check(20)",
            Depth::Whole => "PRAGMA integrity_check(20)",
        };
        let mut statement = self.connection.prepare(check)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let detail: String = row.get(0)?;
            if detail != "ok" {
                self.findings.push(Finding::Page { detail });
            }
        }
        Ok(())
    }

    fn schema(&mut self) -> Result<(), Error> {
        let read = |connection: &Connection| -> Result<Vec<[Value; 4]>, Error> {
            let mut statement =
                connection.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")?;
            let rows = statement.query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]))?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        if read(self.connection)? != read(&database::pristine()?)? {
            self.findings.push(Finding::SchemaChanged);
        }
        Ok(())
    }

    fn rows(&mut self) -> Result<(), Error> {
        for table in AUTHENTICATED {
            let mut statement = self.connection.prepare(&table.select())?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (values, fits) = table.authenticate(&self.keys.journal, row)?;
                if !fits {
                    self.findings.push(Finding::RowTampered { table: table.name, key: printable(values.first()) });
                }
            }
        }
        Ok(())
    }

    fn blobs(&mut self) -> Result<(), Error> {
        if self.depth == Depth::Opening {
            return Ok(());
        }
        let mut statement = self.connection.prepare(&BLOB.select())?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (values, _) = BLOB.authenticate(&self.keys.journal, row)?;
            let key = printable(values.first());
            let fields = Fields::new(BLOB, values);
            if !self.blob_fits(&fields).unwrap_or(false) {
                self.findings.push(Finding::Blob { key });
            }
        }
        let orphans: i64 = self.connection.query_row(
            "SELECT count(*) FROM chunk WHERE blob_id NOT IN (SELECT blob_id FROM blob)",
            [],
            |row| row.get(0),
        )?;
        if orphans > 0 {
            self.findings.push(Finding::RowExtra { table: "chunk", key: orphans.to_string() });
        }
        Ok(())
    }

    fn blob_fits(&self, fields: &Fields) -> Result<bool, Error> {
        let header = wire::BlobHeader::parse(fields.blob(3)?)?;
        let mut bytes = fields.blob(3)?.to_vec();
        let mut statement =
            self.connection.prepare_cached("SELECT number, data FROM chunk WHERE blob_id = ?1 ORDER BY number")?;
        let mut chunks = statement.query([fields.blob(0)?])?;
        let mut count = 0_i64;
        while let Some(chunk) = chunks.next()? {
            if chunk.get::<_, i64>(0)? != count {
                return Ok(false);
            }
            bytes.extend_from_slice(&chunk.get::<_, Vec<u8>>(1)?);
            count += 1;
        }
        Ok(count == fields.integer(4)?
            && header.blob_id == fields.array(0)?
            && wire::sha256(&[&bytes]) == fields.array(5)?)
    }

    fn bundles(&mut self, device: &DevicePublicKey) -> Result<(), Error> {
        match META.read(self.connection, &self.keys.journal, &"device_key") {
            Ok(Some(fields)) if fields.blob(1)? == device.to_bytes() => {}
            Ok(Some(_)) => self.findings.push(Finding::OtherDevice),
            Ok(None) => self.missing("meta", "device_key"),
            Err(_) => {}
        }
        let mut statement = self.connection.prepare(&SESSION.select())?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (values, fits) = SESSION.authenticate(&self.keys.journal, row)?;
            let key = printable(values.first());
            let session = Fields::new(SESSION, values);
            let Ok(state) = state_of(&session) else { continue };
            if let Some(count) = self.sessions.get_mut(usize::try_from(state as i64).unwrap_or(0)) {
                *count += 1;
            }
            if fits {
                let found = self.session_complete(&session, state, device);
                self.findings.extend(found.unwrap_or_else(|_| vec![Finding::Bundle { key }]));
            }
        }
        Ok(())
    }

    /// What a state promises and is not there, or the reverse: invariants I1 and I2.
    fn session_complete(
        &self,
        session: &Fields,
        state: State,
        device: &DevicePublicKey,
    ) -> Result<Vec<Finding>, Error> {
        let id: [u8; 16] = session.array(0)?;
        let key = printable(Some(&Value::Blob(id.to_vec())));
        let count = |table: &str| -> Result<i64, Error> {
            let sql = format!("SELECT count(*) FROM {table} WHERE session_id = ?1");
            Ok(self.connection.prepare_cached(&sql)?.query_row([id], |row| row.get(0))?)
        };
        let (blobs, bundles, receipts) = match state {
            State::Draft | State::Shredded => (0, 0, 0),
            State::Confirmed => (0, 0, 1),
            State::Sealed | State::Parked | State::Damaged | State::ExpiredUnsent => (session.integer(7)?, 1, 0),
        };
        let mut findings = Vec::new();
        for (table, wanted) in [("blob", blobs), ("outbox", bundles), ("receipt", receipts)] {
            match count(table)?.cmp(&wanted) {
                Ordering::Less => findings.push(Finding::RowMissing { table, key: key.clone() }),
                Ordering::Equal => {}
                Ordering::Greater => findings.push(Finding::RowExtra { table, key: key.clone() }),
            }
        }
        let outbox = OUTBOX.read(self.connection, &self.keys.journal, &id)?;
        let bundle_fits = match (&outbox, bundles) {
            (Some(outbox), 1) => {
                let bundle = Bundle::parse(outbox.blob(1)?)?;
                if self.depth == Depth::Whole {
                    bundle.verify_signature(device)?;
                }
                bundle.sha256() == session.array(6)? && bundle.header.session_id == id
            }
            (Some(_) | None, _) => true,
        };
        if !bundle_fits || session.optional_blob(4)?.is_some() != (state == State::Draft) {
            findings.push(Finding::Bundle { key });
        }
        Ok(findings)
    }

    fn epochs(&mut self, dir: &Path) -> Result<(), Error> {
        let mut statement = self.connection.prepare(&EPOCH.select())?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (values, _) = EPOCH.authenticate(&self.keys.journal, row)?;
            let fields = Fields::new(EPOCH, values);
            let Ok(epoch_no) = u32::try_from(fields.integer(0)?) else { continue };
            let destroyed = fields.integer(2)? != 0;
            let drafts: i64 = self
                .connection
                .prepare_cached("SELECT count(*) FROM session WHERE epoch_no = ?1 AND state = 0")?
                .query_row([epoch_no], |row| row.get(0))?;
            // A slot goes before its row says so: without drafts a crash in between is no loss.
            let lost = drafts > 0 && epoch::read(dir, self.keys, epoch_no).is_err();
            if lost || (destroyed && epoch::slot_exists(dir, epoch_no)) {
                self.findings.push(Finding::EpochSlot { epoch_no });
            }
        }
        Ok(())
    }

    fn journal(&mut self, dir: &Path, entries: &mut u64) -> Result<Anchoring, Error> {
        let (anchor, damaged) = head::read(dir, self.keys);
        let (mut last, mut last_bundle) = (BTreeMap::new(), None);
        let (mut head, mut at_anchor, mut bad, mut newest_ms) = (Head::EMPTY, None, Vec::new(), 0);
        journal::walk(
            self.connection,
            self.keys,
            &mut |entry| {
                *entries += 1;
                head = Head { seq: entry.seq, mac: entry.mac };
                newest_ms = entry.time_ms.max(newest_ms);
                if anchor.is_some_and(|anchor| anchor.seq == entry.seq) {
                    at_anchor = Some(entry.mac);
                }
                if entry.kind == EntryType::Accept as u16 {
                    last_bundle = entry.bundle_sha256;
                }
                last.insert(entry.session_id, entry);
            },
            &mut |seq| bad.push(seq),
        )?;
        self.newest_ms = newest_ms;
        let whole = bad.is_empty();
        self.findings.extend(bad.into_iter().map(|seq| Finding::JournalTampered { seq }));
        self.compare_sessions(&mut last)?;
        self.compare_tombstones(last)?;
        if whole {
            self.compare_last_bundle(last_bundle);
        }
        Ok(match anchor {
            _ if damaged => Anchoring::Damaged,
            None if head.seq == 0 => Anchoring::Ok,
            None => Anchoring::Missing,
            Some(anchor) if anchor == head => Anchoring::Ok,
            Some(anchor) if anchor.seq > head.seq => Anchoring::Rollback,
            // An empty store is anchored too, so that its first entries are ahead of something.
            Some(anchor) if anchor == Head::EMPTY || at_anchor == Some(anchor.mac) => Anchoring::HeadAhead,
            Some(_) => Anchoring::Fork,
        })
    }

    /// Every session's row is of the version, and about the bundle, of its last journal entry.
    fn compare_sessions(&mut self, last: &mut BTreeMap<[u8; 16], StoredEntry>) -> Result<(), Error> {
        let mut statement = self.connection.prepare("SELECT session_id, row_version, bundle_sha256 FROM session")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let id: Value = row.get(0)?;
            let key = printable(Some(&id));
            let Value::Blob(id) = id else { continue };
            let version = u64::try_from(row.get::<_, i64>(1)?).ok();
            let bundle: Option<Vec<u8>> = row.get(2)?;
            match <[u8; 16]>::try_from(id).ok().and_then(|id| last.remove(&id)) {
                None => self.findings.push(Finding::RowExtra { table: "session", key }),
                Some(entry) if entry.kind == EntryType::Purge as u16 => {
                    self.findings.push(Finding::RowExtra { table: "session", key });
                }
                Some(entry)
                    if version != Some(entry.row_version)
                        || bundle.as_deref() != entry.bundle_sha256.as_ref().map(<[u8; 32]>::as_slice) =>
                {
                    self.findings.push(Finding::RowChanged { key });
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// A session without a row was purged, and left a tombstone when it had been delivered; no other tombstone is there.
    fn compare_tombstones(&mut self, last: BTreeMap<[u8; 16], StoredEntry>) -> Result<(), Error> {
        let mut wanted: BTreeMap<Vec<u8>, [u8; 32]> = BTreeMap::new();
        for (id, entry) in last {
            match (entry.kind == EntryType::Purge as u16, entry.bundle_sha256) {
                (false, _) => self.missing("session", &printable(Some(&Value::Blob(id.to_vec())))),
                (true, Some(bundle)) => {
                    wanted.insert(id.to_vec(), bundle);
                }
                (true, None) => {}
            }
        }
        let mut statement = self.connection.prepare("SELECT session_id, bundle_sha256 FROM tombstone")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (id, bundle): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
            let key = printable(Some(&Value::Blob(id.clone())));
            match wanted.remove(&id) {
                None => self.findings.push(Finding::RowExtra { table: "tombstone", key }),
                Some(digest) if bundle != digest => self.findings.push(Finding::RowChanged { key }),
                Some(_) => {}
            }
        }
        for id in wanted.into_keys() {
            self.missing("tombstone", &printable(Some(&Value::Blob(id))));
        }
        Ok(())
    }

    /// The next bundle names the one before it: that name is the last accepted one.
    fn compare_last_bundle(&mut self, journalled: Option<[u8; 32]>) {
        // A row that does not authenticate is a finding already.
        let Ok(stored) = META.read(self.connection, &self.keys.journal, &"last_bundle") else { return };
        let stored = stored.map(|fields| fields.array::<32>(1).unwrap_or_default());
        match (stored, journalled) {
            (None, Some(_)) => self.missing("meta", "last_bundle"),
            (stored, journalled) if stored != journalled => {
                self.findings.push(Finding::RowChanged { key: "last_bundle".to_owned() });
            }
            (_, _) => {}
        }
    }

    fn missing(&mut self, table: &'static str, key: &str) {
        self.findings.push(Finding::RowMissing { table, key: key.to_owned() });
    }
}

/// A key as text: identifiers and numbers, never content.
fn printable(value: Option<&Value>) -> String {
    match value {
        Some(Value::Blob(bytes)) => bytes.iter().take(16).map(|octet| format!("{octet:02x}")).collect(),
        Some(Value::Integer(number)) => number.to_string(),
        Some(Value::Text(text)) => text.chars().take(32).collect(),
        Some(Value::Real(_) | Value::Null) | None => String::new(),
    }
}
