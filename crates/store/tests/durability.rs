//! What survives, what must not be readable, and what is found when bytes change.

mod support;

use std::fs;
use std::path::Path;

use kiosk::{DeliveryState, SessionStore, StoreError};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rusqlite::Connection;
use rusqlite::types::Value;
use store::{Anchoring, Error, FileDev, Finding, Store, verify_dir};
use support::{Bank, CANARIES, accepted, at, id};

fn populated(bank: &Bank, dir: &Path) {
    let mut store = bank.store(dir);
    for number in 1..=4 {
        store.begin(id(number), at(1)).unwrap();
    }
    let first = store.accept(&accepted(1), at(2)).unwrap();
    store.accept(&accepted(2), at(2)).unwrap();
    store.accept(&accepted(3), at(2)).unwrap();
    store.abandon(id(4), at(3)).unwrap();
    store.confirmed(id(1), &bank.receipt(&first), at(4)).unwrap();
    store.park(id(3), kiosk::ParkReason::Conflict, at(5)).unwrap();
    store.next_due(at(6)).unwrap();
}

#[test]
fn accepted_sessions_survive_and_drafts_do_not() {
    let (bank, dir) = (Bank::new(), tempfile::tempdir().unwrap());
    let mut store = bank.store(dir.path());
    store.begin(id(1), at(1)).unwrap();
    store.begin(id(2), at(1)).unwrap();
    let sealed = store.accept(&accepted(1), at(2)).unwrap();
    store.next_due(at(3)).unwrap().unwrap();
    drop(store);

    let mut store = bank.store(dir.path());
    assert_eq!(store.accept(&accepted(2), at(4)), Err(StoreError::UnknownSession), "the draft was shredded");
    assert_eq!(
        store.next_due(at(4)).unwrap().unwrap().attempt,
        2,
        "attempts survive, the lease of a dead process does not"
    );
    assert_eq!(store.accept(&accepted(1), at(5)).unwrap(), sealed);
    assert!(store.verify().intact());
    assert!(
        fs::read_dir(dir.path()).unwrap().all(|entry| !entry.unwrap().file_name().to_string_lossy().ends_with(".slot"))
    );
}

#[test]
fn a_far_next_attempt_is_pulled_in_at_opening() {
    let (bank, dir) = (Bank::new(), tempfile::tempdir().unwrap());
    let mut store = bank.store(dir.path());
    store.begin(id(1), at(1)).unwrap();
    store.accept(&accepted(1), at(2)).unwrap();
    store.retry(id(1), at(10_000_000), at(3)).unwrap();
    drop(store);
    let store = bank.store(dir.path());
    assert_eq!(store.deliveries().unwrap()[0].sealed_at, at(61));
    assert!(matches!(store.deliveries().unwrap()[0].state, DeliveryState::Queued | DeliveryState::RetryWait { .. }));
    drop(store);
    let mut store = bank.store(dir.path());
    assert!(store.next_due(at(3601)).unwrap().is_some());
}

#[test]
fn the_kiosk_itself_cannot_read_an_accepted_session() {
    let (bank, dir) = (Bank::new(), tempfile::tempdir().unwrap());
    populated(&bank, dir.path());
    let connection = Connection::open(dir.path().join("store.sqlite")).unwrap();
    let wrapped: i64 = connection
        .query_row("SELECT count(*) FROM session WHERE wrapped_dek IS NOT NULL", [], |row| row.get(0))
        .unwrap();
    assert_eq!(wrapped, 0);
}

#[test]
fn no_canary_is_readable_in_any_file_of_the_store() {
    let (bank, dir) = (Bank::new(), tempfile::tempdir().unwrap());
    let mut store = bank.store(dir.path());
    store.begin(id(1), at(1)).unwrap();
    store.accept(&accepted(1), at(2)).unwrap();
    // The WAL is still there: the store is open.
    let mut files = 0;
    for entry in fs::read_dir(dir.path()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        files += 1;
        for canary in CANARIES {
            let utf16: Vec<u8> = canary.encode_utf16().flat_map(u16::to_le_bytes).collect();
            for needle in [canary.as_bytes(), &utf16] {
                assert!(!bytes.windows(needle.len()).any(|window| window == needle), "{canary}");
            }
        }
    }
    assert!(files >= 4, "database, WAL, keys and anchor");
}

#[test]
fn a_second_process_and_a_foreign_key_are_refused() {
    let (bank, dir) = (Bank::new(), tempfile::tempdir().unwrap());
    let store = bank.store(dir.path());
    assert_eq!(StoreError::from(Store::open(bank.config(dir.path()), at(0)).unwrap_err()), StoreError::Locked);
    drop(store);
    fs::remove_file(dir.path().join("device.p8")).unwrap();
    assert!(matches!(Store::open(bank.config(dir.path()), at(0)), Err(Error::OtherDevice)));
    fs::write(dir.path().join("kek.bin"), [0; 32]).unwrap();
    assert_eq!(
        StoreError::from(Store::open(bank.config(dir.path()), at(0)).unwrap_err()),
        StoreError::Corrupt,
        "a wrong KEK fails closed"
    );
}

#[test]
fn no_session_begins_on_a_full_disk() {
    let (bank, dir) = (Bank::new(), tempfile::tempdir().unwrap());
    let mut config = bank.config(dir.path());
    config.min_free = store::MIN_FREE;
    config.free_space = |_| Ok(store::MIN_FREE - 1);
    let mut store = Store::open(config, at(0)).unwrap();
    assert_eq!(store.begin(id(1), at(1)), Err(StoreError::Full));
}

#[test]
fn a_rolled_back_database_is_found() {
    let (bank, dir, old) = (Bank::new(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    populated(&bank, dir.path());
    fs::copy(dir.path().join("store.sqlite"), old.path().join("store.sqlite")).unwrap();
    let mut store = bank.store(dir.path());
    store.begin(id(9), at(7)).unwrap();
    store.accept(&accepted(9), at(8)).unwrap();
    store.next_due(at(9)).unwrap();
    drop(store);
    assert!(verify_dir(dir.path(), &FileDev::new(dir.path())).unwrap().intact());
    let _ = fs::remove_file(dir.path().join("store.sqlite-wal"));
    fs::copy(old.path().join("store.sqlite"), dir.path().join("store.sqlite")).unwrap();
    let report = verify_dir(dir.path(), &FileDev::new(dir.path())).unwrap();
    assert_eq!(report.anchoring, Anchoring::Rollback);
    assert!(!report.intact());
}

#[test]
fn deleted_swapped_and_duplicated_rows_are_found() {
    let attacks = [
        "DELETE FROM chunk WHERE number = 1",
        "DELETE FROM blob",
        "DELETE FROM outbox",
        "DELETE FROM session WHERE state = 3",
        "DELETE FROM receipt",
        "DELETE FROM journal WHERE seq = 3",
        "DELETE FROM meta",
        "UPDATE session SET state = 2 WHERE state = 1",
        "UPDATE outbox SET attempts = 0",
        "UPDATE chunk SET data = zeroblob(10)",
        "UPDATE journal SET row_version = 9 WHERE seq = 1",
        "INSERT INTO tombstone VALUES (zeroblob(16), 1, zeroblob(32), zeroblob(32))",
        "INSERT INTO chunk SELECT blob_id, number + 1000, data FROM chunk",
        "UPDATE epoch SET destroyed = 0",
        "DROP INDEX outbox_due",
    ];
    for attack in attacks {
        let (bank, dir) = (Bank::new(), tempfile::tempdir().unwrap());
        populated(&bank, dir.path());
        assert!(verify_dir(dir.path(), &FileDev::new(dir.path())).unwrap().intact());
        let connection = Connection::open(dir.path().join("store.sqlite")).unwrap();
        connection.pragma_update(None, "foreign_keys", false).unwrap();
        connection.execute_batch(attack).unwrap();
        drop(connection);
        let report = verify_dir(dir.path(), &FileDev::new(dir.path())).unwrap();
        assert!(!report.intact(), "{attack}");
    }
}

#[test]
fn a_damaged_session_is_kept_and_the_next_one_goes_out() {
    let (bank, dir) = (Bank::new(), tempfile::tempdir().unwrap());
    let mut store = bank.store(dir.path());
    for number in [1, 2] {
        store.begin(id(number), at(1)).unwrap();
        store.accept(&accepted(number), at(2)).unwrap();
    }
    drop(store);
    let connection = Connection::open(dir.path().join("store.sqlite")).unwrap();
    let blob: Vec<u8> = connection
        .query_row("SELECT blob_id FROM blob WHERE session_id = ?1 LIMIT 1", [id(1).as_bytes()], |row| row.get(0))
        .unwrap();
    connection.execute("UPDATE chunk SET data = zeroblob(20) WHERE blob_id = ?1", [blob]).unwrap();
    drop(connection);
    let mut store = bank.store(dir.path());
    assert_eq!(store.next_due(at(3)).unwrap().unwrap().id, id(2));
    assert_eq!(store.deliveries().unwrap()[0].state, DeliveryState::Parked(kiosk::ParkReason::RecordDamaged));
    assert!(store.verify().findings.iter().any(|finding| matches!(finding, Finding::Blob { .. })));
}

/// Everything a reader of the database could see, or `None` when it cannot be read.
fn logical(path: &Path) -> Option<Vec<Vec<Value>>> {
    let connection = Connection::open(path).ok()?;
    let mut out = Vec::new();
    for table in [
        "meta",
        "epoch",
        "session",
        "blob",
        "chunk",
        "outbox",
        "receipt",
        "journal",
        "audit",
        "tombstone",
        "sqlite_schema",
    ] {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).ok()?;
        let columns = if table == "sqlite_schema" { 3 } else { statement.column_count() };
        let mut rows = statement.query([]).ok()?;
        while let Some(row) = rows.next().ok()? {
            out.push((0..columns).map(|at| row.get::<_, Value>(at)).collect::<Result<Vec<_>, _>>().ok()?);
        }
    }
    out.sort_by_key(|row| format!("{row:?}"));
    Some(out)
}

#[test]
fn flipped_bytes_anywhere_in_the_database_are_found_or_change_nothing() {
    let (bank, dir) = (Bank::new(), tempfile::tempdir().unwrap());
    populated(&bank, dir.path());
    let path = dir.path().join("store.sqlite");
    let original = fs::read(&path).unwrap();
    let before = logical(&path).unwrap();
    let flips: u32 = std::env::var("MADOGUCHI_FLIPS").ok().and_then(|text| text.parse().ok()).unwrap_or(300);
    let mut rng = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let mut found = 0;
    for _ in 0..flips {
        let random = rand_u64(&mut rng);
        let at = (random >> 8) as usize % original.len();
        let mut changed = original.clone();
        changed[at] ^= 1 << (random & 7);
        let _ = fs::remove_file(dir.path().join("store.sqlite-wal"));
        fs::write(&path, &changed).unwrap();
        let intact = verify_dir(dir.path(), &FileDev::new(dir.path())).is_ok_and(|report| report.intact());
        fs::write(&path, &changed).unwrap();
        if intact {
            assert_eq!(logical(&path).as_ref(), Some(&before), "byte {at} changed the contents unnoticed");
        } else {
            found += 1;
        }
    }
    assert!(found > flips / 4, "{found} of {flips} flips found");
}

fn rand_u64(runner: &mut TestRunner) -> u64 {
    use proptest::strategy::{Strategy as _, ValueTree as _};
    proptest::num::u64::ANY.new_tree(runner).unwrap().current()
}
