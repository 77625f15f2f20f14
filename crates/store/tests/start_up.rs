//! The start-up check: what was done to the files behind the store's back, and that it then accepts nothing and delivers the rest.

mod support;

use std::fs;
use std::path::Path;

use kiosk::{SessionStore, StartUp, StoreError};
use rusqlite::Connection;
use rusqlite::types::Value;
use store::Store;
use support::{Bank, accepted, at, id};

/// 1 confirmed, 2 sealed, 3 parked, 4 shredded; anchored.
fn populated(bank: &Bank, dir: &Path) {
    let mut store = bank.store(dir);
    for number in 1..=4 {
        store.begin(id(number), at(1)).unwrap();
    }
    let first = store.accept(&accepted(1), at(2)).unwrap();
    store.accept(&accepted(2), at(3)).unwrap();
    store.accept(&accepted(3), at(4)).unwrap();
    store.abandon(id(4), at(4)).unwrap();
    store.confirmed(id(1), &bank.receipt(&first), at(5)).unwrap();
    store.park(id(3), kiosk::ParkReason::Conflict, at(6)).unwrap();
    store.next_due(at(6)).unwrap();
}

fn tamper(dir: &Path, sql: &str) {
    let connection = Connection::open(dir.join("store.sqlite")).unwrap();
    connection.pragma_update(None, "foreign_keys", false).unwrap();
    connection.execute_batch(sql).unwrap();
}

/// One row as stored, to be put back later.
fn row(dir: &Path, sql: &str) -> Vec<Value> {
    let connection = Connection::open(dir.join("store.sqlite")).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    statement.query_row([], |row| (0..columns).map(|at| row.get(at)).collect()).unwrap()
}

fn put(dir: &Path, table: &str, row: Vec<Value>) {
    let connection = Connection::open(dir.join("store.sqlite")).unwrap();
    connection.pragma_update(None, "foreign_keys", false).unwrap();
    let places = vec!["?"; row.len()].join(", ");
    let sql = format!("INSERT OR REPLACE INTO {table} VALUES ({places})");
    connection.execute(&sql, rusqlite::params_from_iter(row)).unwrap();
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn put_back(old: &Path, dir: &Path) {
    let _ = fs::remove_file(dir.join("store.sqlite-wal"));
    fs::copy(old.join("store.sqlite"), dir.join("store.sqlite")).unwrap();
}

/// Safe mode, twice: opening does not wash a finding away.
#[track_caller]
fn closed(bank: &Bank, dir: &Path, wanted: StartUp) -> Store {
    for _ in 0..2 {
        let mut store = Store::open(bank.config(dir), at(1000)).unwrap();
        assert_eq!(store.start_up(), wanted);
        assert_eq!(store.begin(id(99), at(1000)), Err(StoreError::SafeMode(wanted)));
        assert_eq!(store.accept(&accepted(99), at(1000)), Err(StoreError::SafeMode(wanted)));
    }
    Store::open(bank.config(dir), at(1000)).unwrap()
}

/// Session 2 still goes out, and its receipt is taken; the store stays closed.
#[track_caller]
fn delivers(bank: &Bank, dir: &Path, mut store: Store) {
    let out = store.next_due(at(2000)).unwrap().expect("what verifies is delivered");
    assert_eq!(out.id, id(2));
    let sealed = kiosk::SealedSession { id: out.id, bundle_sha256: out.bundle_sha256, size: 0 };
    store.confirmed(out.id, &bank.receipt(&sealed), at(2001)).unwrap();
    drop(store);
    let store = Store::open(bank.config(dir), at(3000)).unwrap();
    assert!(!store.start_up().sound(), "delivering washed the finding away: {:?}", store.start_up());
}

#[test]
fn untouched_is_ok_and_a_crash_before_the_anchor_is_head_ahead() {
    let (bank, dir) = (Bank::new(), tempfile::tempdir().unwrap());
    assert_eq!(bank.store(dir.path()).start_up(), StartUp::Ok);
    populated(&bank, dir.path());
    let mut store = bank.store(dir.path());
    assert_eq!(store.start_up(), StartUp::Ok);
    store.begin(id(5), at(7)).unwrap();
    store.accept(&accepted(5), at(8)).unwrap();
    // Ends before the outbox could anchor.
    drop(store);
    let mut store = bank.store(dir.path());
    assert_eq!(store.start_up(), StartUp::HeadAhead);
    store.begin(id(6), at(9)).unwrap();
    drop(store);
    assert_eq!(bank.store(dir.path()).start_up(), StartUp::HeadAhead);
    assert_eq!(bank.store(dir.path()).start_up(), StartUp::Ok);
}

#[test]
fn an_older_copy_is_a_rollback_and_so_is_an_emptied_store_or_a_missing_anchor() {
    let (bank, dir, old) = (Bank::new(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    populated(&bank, dir.path());
    copy(dir.path(), old.path());
    let mut store = bank.store(dir.path());
    store.begin(id(5), at(7)).unwrap();
    store.accept(&accepted(5), at(8)).unwrap();
    store.next_due(at(9)).unwrap();
    drop(store);
    put_back(old.path(), dir.path());
    let store = closed(&bank, dir.path(), StartUp::Rollback);
    delivers(&bank, dir.path(), store);

    fs::remove_file(dir.path().join("store.sqlite")).unwrap();
    let _ = fs::remove_file(dir.path().join("store.sqlite-wal"));
    closed(&bank, dir.path(), StartUp::Rollback);

    for slot in ["head.0", "head.1"] {
        let _ = fs::remove_file(old.path().join(slot));
    }
    closed(&bank, old.path(), StartUp::Rollback);
}

#[test]
fn another_history_behind_the_same_keys_is_a_fork() {
    let (bank, dir, other) = (Bank::new(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    populated(&bank, dir.path());
    copy(dir.path(), other.path());
    for (dir, number) in [(dir.path(), 5), (other.path(), 6)] {
        let mut store = bank.store(dir);
        store.begin(id(number), at(7)).unwrap();
        store.accept(&accepted(number), at(8)).unwrap();
        store.next_due(at(9)).unwrap();
    }
    put_back(other.path(), dir.path());
    let mut store = closed(&bank, dir.path(), StartUp::Fork);
    assert!(store.next_due(at(2000)).unwrap().is_some());
}

#[test]
fn missing_rows_are_found() {
    for attack in [
        "DELETE FROM outbox WHERE session_id IN (SELECT session_id FROM session WHERE state = 4)",
        "DELETE FROM receipt",
        "DELETE FROM session WHERE state = 3",
        "DELETE FROM meta WHERE key = 'device_key'",
        "DELETE FROM meta WHERE key = 'last_bundle'",
        "DELETE FROM blob WHERE position = 1 AND session_id IN (SELECT session_id FROM session WHERE state = 4)",
    ] {
        let (bank, dir) = (Bank::new(), tempfile::tempdir().unwrap());
        populated(&bank, dir.path());
        tamper(dir.path(), attack);
        eprintln!("{attack}");
        let store = closed(&bank, dir.path(), StartUp::RowMissing);
        delivers(&bank, dir.path(), store);
    }
}

#[test]
fn an_old_authentic_row_put_back_is_extra() {
    let (bank, dir) = (Bank::new(), tempfile::tempdir().unwrap());
    populated(&bank, dir.path());
    let outbox = row(dir.path(), "SELECT * FROM outbox WHERE park_reason = 0");
    let mut store = bank.store(dir.path());
    let out = store.next_due(at(500)).unwrap().unwrap();
    let sealed = kiosk::SealedSession { id: out.id, bundle_sha256: out.bundle_sha256, size: 0 };
    store.confirmed(out.id, &bank.receipt(&sealed), at(501)).unwrap();
    drop(store);
    // It would be sent again.
    put(dir.path(), "outbox", outbox);
    closed(&bank, dir.path(), StartUp::RowExtra);
}

#[test]
fn an_old_authentic_row_in_place_of_the_new_one_is_a_change() {
    let (bank, dir) = (Bank::new(), tempfile::tempdir().unwrap());
    populated(&bank, dir.path());
    let session = row(dir.path(), "SELECT * FROM session WHERE state = 1");
    let mut store = bank.store(dir.path());
    store.park(id(2), kiosk::ParkReason::Conflict, at(500)).unwrap();
    store.next_due(at(501)).unwrap();
    drop(store);
    put(dir.path(), "session", session);
    closed(&bank, dir.path(), StartUp::RowChanged);
}

#[test]
fn what_does_not_authenticate_is_mac_bad() {
    for attack in [
        "UPDATE outbox SET attempts = 9 WHERE park_reason <> 0",
        "UPDATE session SET state = 2 WHERE state = 4",
        "UPDATE journal SET row_version = 9 WHERE seq = 1",
        "DELETE FROM journal WHERE seq = 3",
        "UPDATE receipt SET receipt = zeroblob(10)",
        "DROP INDEX outbox_due",
    ] {
        let (bank, dir) = (Bank::new(), tempfile::tempdir().unwrap());
        populated(&bank, dir.path());
        tamper(dir.path(), attack);
        eprintln!("{attack}");
        let store = closed(&bank, dir.path(), StartUp::MacBad);
        delivers(&bank, dir.path(), store);
    }
    let (bank, dir) = (Bank::new(), tempfile::tempdir().unwrap());
    populated(&bank, dir.path());
    for slot in ["head.0", "head.1"] {
        let path = dir.path().join(slot);
        let mut bytes = fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&path, bytes).unwrap();
    }
    let store = closed(&bank, dir.path(), StartUp::MacBad);
    delivers(&bank, dir.path(), store);
}

#[test]
fn a_damaged_chunk_is_kept_and_reported_and_closes_nothing() {
    let (bank, dir) = (Bank::new(), tempfile::tempdir().unwrap());
    populated(&bank, dir.path());
    tamper(dir.path(), "UPDATE chunk SET data = zeroblob(20)");
    let mut store = bank.store(dir.path());
    assert_eq!(store.next_due(at(500)).unwrap(), None, "a damaged session is not sent");
    drop(store);
    let mut store = bank.store(dir.path());
    assert!(store.start_up().sound(), "{:?}", store.start_up());
    store.begin(id(5), at(600)).unwrap();
    store.accept(&accepted(5), at(601)).unwrap();
    assert_eq!(store.next_due(at(700)).unwrap().unwrap().id, id(5));
    assert!(!store.verify().intact(), "the whole walk still says so");
}
