//! The MAC-chained journal (security specification §4): every change of a session's state, in order.

use chip_crypto::hmac;
use chip_crypto::random::SecureRandom;
use minicbor::{Decode, Encode};
use rusqlite::{Connection, OptionalExtension, params};
use wire::{KeyClass, RecordContext, RecordHeader, cbor, open_record, seal_record, sha256};

use crate::error::Error;
use crate::keys::Keys;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(crate) enum EntryType {
    Begin = 1,
    Accept = 2,
    Abandon = 3,
    Confirm = 4,
    Park = 5,
    Damaged = 6,
    Purge = 7,
    ExpireUnsent = 8,
}

/// The last entry: what anchors pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) seq: u64,
    pub(crate) mac: [u8; 32],
}

impl Head {
    /// Before the first entry.
    pub(crate) const EMPTY: Self = Self { seq: 0, mac: [0; 32] };
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Payload {
    #[n(0)]
    time_ms: u64,
    #[cbor(n(1), with = "minicbor::bytes")]
    bundle_sha256: Option<[u8; 32]>,
}

/// One entry to append.
pub(crate) struct Entry {
    pub(crate) kind: EntryType,
    pub(crate) session_id: [u8; 16],
    pub(crate) row_version: u64,
    pub(crate) time_ms: u64,
    pub(crate) bundle_sha256: Option<[u8; 32]>,
}

/// One entry as stored.
pub(crate) struct StoredEntry {
    pub(crate) seq: u64,
    pub(crate) kind: u16,
    pub(crate) session_id: [u8; 16],
    pub(crate) row_version: u64,
    pub(crate) time_ms: u64,
    pub(crate) bundle_sha256: Option<[u8; 32]>,
    pub(crate) mac: [u8; 32],
}

/// The last stored entry.
pub(crate) fn head(connection: &Connection) -> Result<Head, Error> {
    let row = connection
        .prepare_cached("SELECT seq, mac FROM journal ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))
        .optional()?;
    let Some((seq, mac)) = row else { return Ok(Head::EMPTY) };
    Ok(Head {
        seq: u64::try_from(seq).map_err(|_| Error::RowTampered { table: "journal" })?,
        mac: mac.try_into().map_err(|_| Error::RowTampered { table: "journal" })?,
    })
}

/// Appends an entry behind the last one.
pub(crate) fn append(
    connection: &Connection,
    keys: &Keys,
    random: &mut dyn SecureRandom,
    entry: &Entry,
) -> Result<Head, Error> {
    let last = head(connection)?;
    let seq = last.seq.checked_add(1).ok_or(Error::Counter)?;
    let mut nonce = [0; 12];
    random.fill(&mut nonce)?;
    let header = RecordHeader { class: KeyClass::Wrap, key_no: 0, nonce };
    let plain = cbor::encode(&Payload { time_ms: entry.time_ms, bundle_sha256: entry.bundle_sha256 });
    let payload = seal_record(&keys.wrap, &header, &context(seq, entry.session_id, entry.row_version), plain)?;
    let mac =
        chain(keys, seq, &last.mac, entry.kind as u16, &entry.session_id, entry.row_version, &payload, entry.time_ms);
    connection
        .prepare_cached(
            "INSERT INTO journal (seq, type, session_id, row_version, payload, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            integer(seq)?,
            entry.kind as u16,
            entry.session_id,
            integer(entry.row_version)?,
            payload,
            mac
        ])?;
    Ok(Head { seq, mac })
}

/// Walks the chain; hands each entry that authenticates to `each` and each that does not to `bad` with its sequence number.
pub(crate) fn walk(
    connection: &Connection,
    keys: &Keys,
    each: &mut dyn FnMut(StoredEntry),
    bad: &mut dyn FnMut(i64),
) -> Result<(), Error> {
    let mut statement =
        connection.prepare("SELECT seq, type, session_id, row_version, payload, mac FROM journal ORDER BY seq")?;
    let mut rows = statement.query([])?;
    let mut last = Head::EMPTY;
    while let Some(row) = rows.next()? {
        let seq: i64 = row.get(0)?;
        let (kind, row_version): (i64, i64) = (row.get(1)?, row.get(3)?);
        let (session, payload, mac): (Vec<u8>, Vec<u8>, Vec<u8>) = (row.get(2)?, row.get(4)?, row.get(5)?);
        match authenticate(keys, &last, seq, kind, &session, row_version, &payload, &mac) {
            Some(entry) => {
                last = Head { seq: entry.seq, mac: entry.mac };
                each(entry);
            }
            None => {
                bad(seq);
                // Go on from what is stored, so that one bad entry is one finding.
                last = Head { seq: u64::try_from(seq).unwrap_or(0), mac: mac.try_into().unwrap_or([0; 32]) };
            }
        }
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "one argument for each column of the row")]
fn authenticate(
    keys: &Keys,
    last: &Head,
    seq: i64,
    kind: i64,
    session: &[u8],
    row_version: i64,
    payload: &[u8],
    mac: &[u8],
) -> Option<StoredEntry> {
    let seq = u64::try_from(seq).ok().filter(|seq| last.seq.checked_add(1) == Some(*seq))?;
    let (kind, row_version) = (u16::try_from(kind).ok()?, u64::try_from(row_version).ok()?);
    let session_id: [u8; 16] = session.try_into().ok()?;
    let plain = open_record(&keys.wrap, KeyClass::Wrap, 0, &context(seq, session_id, row_version), payload).ok()?;
    let opened: Payload = cbor::decode_padded(&plain).ok()?;
    let expected = chain(keys, seq, &last.mac, kind, &session_id, row_version, payload, opened.time_ms);
    if !chip_crypto::mac::equal(&expected, mac) {
        return None;
    }
    let Payload { time_ms, bundle_sha256 } = opened;
    Some(StoredEntry { seq, kind, session_id, row_version, time_ms, bundle_sha256, mac: expected })
}

#[expect(clippy::too_many_arguments, reason = "one argument for each field of the format")]
fn chain(
    keys: &Keys,
    seq: u64,
    last_mac: &[u8; 32],
    kind: u16,
    session_id: &[u8; 16],
    row_version: u64,
    payload: &[u8],
    time_ms: u64,
) -> [u8; 32] {
    hmac::sha256(
        keys.journal.expose(),
        &[
            b"eks1.jrn",
            &seq.to_be_bytes(),
            last_mac,
            &kind.to_be_bytes(),
            session_id,
            &row_version.to_be_bytes(),
            &sha256(&[payload]),
            &time_ms.to_be_bytes(),
        ],
    )
}

fn context(seq: u64, session_id: [u8; 16], row_version: u64) -> RecordContext<'static> {
    RecordContext {
        table: "journal",
        column: "payload",
        session_id,
        row_key: u128::from(seq).to_be_bytes(),
        row_version,
    }
}

pub(crate) fn integer(value: u64) -> Result<i64, Error> {
    i64::try_from(value).map_err(|_| Error::Counter)
}
