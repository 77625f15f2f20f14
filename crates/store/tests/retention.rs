//! What leaves the disk, when, and what is left of it.

mod support;

use kiosk::{DeliveryState, SessionStore, StartUp, StoreError};
use rusqlite::Connection;
use support::{Bank, accepted, at, id};

const DAY: i64 = 86_400;

fn count(dir: &std::path::Path, table: &str) -> i64 {
    let connection = Connection::open(dir.join("store.sqlite")).unwrap();
    connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

#[test]
fn a_delivered_session_is_a_tombstone_after_thirty_days_and_stays_one() {
    let (bank, dir) = (Bank::new(), tempfile::tempdir().unwrap());
    let mut store = bank.store(dir.path());
    for number in [1, 2] {
        store.begin(id(number), at(1)).unwrap();
    }
    let sealed = store.accept(&accepted(1), at(2)).unwrap();
    store.confirmed(id(1), &bank.receipt(&sealed), at(3)).unwrap();
    store.abandon(id(2), at(4)).unwrap();
    assert_eq!(store.purge(at(30 * DAY)).unwrap(), 0, "opened a second later than thirty days ago");
    assert_eq!(store.purge(at(30 * DAY + 2)).unwrap(), 2);
    assert_eq!(store.purge(at(30 * DAY + 3)).unwrap(), 0);
    assert_eq!(store.deliveries().unwrap(), Vec::new());
    let report = store.verify();
    assert!(report.intact(), "{report:?}");
    drop(store);
    assert_eq!((count(dir.path(), "session"), count(dir.path(), "receipt"), count(dir.path(), "tombstone")), (0, 0, 1));

    let mut store = bank.store(dir.path());
    assert_eq!(store.start_up(), StartUp::Ok);
    assert_eq!(store.accept(&accepted(1), at(31 * DAY)), Err(StoreError::UnknownSession));
    drop(store);
    let connection = Connection::open(dir.path().join("store.sqlite")).unwrap();
    connection.execute_batch("DELETE FROM tombstone").unwrap();
    drop(connection);
    assert_eq!(bank.store(dir.path()).start_up(), StartUp::RowMissing, "a tombstone cannot be taken away unnoticed");
}

#[test]
fn what_was_never_delivered_is_kept_marked_and_still_sent() {
    let (bank, dir) = (Bank::new(), tempfile::tempdir().unwrap());
    let mut store = bank.store(dir.path());
    for number in [1, 2] {
        store.begin(id(number), at(1)).unwrap();
        store.accept(&accepted(number), at(2)).unwrap();
    }
    store.park(id(2), kiosk::ParkReason::Conflict, at(3)).unwrap();
    assert_eq!(store.purge(at(400 * DAY)).unwrap(), 0, "nothing unsent is ever erased");
    assert_eq!(store.verify().sessions, [0, 0, 0, 0, 0, 0, 2]);
    assert!(store.verify().intact());
    drop(store);
    let mut store = bank.store(dir.path());
    assert_eq!(store.deliveries().unwrap()[1].state, DeliveryState::Parked(kiosk::ParkReason::Conflict));
    let out = store.next_due(at(401 * DAY)).unwrap().unwrap();
    assert_eq!(out.id, id(1));
    let sealed = kiosk::SealedSession { id: out.id, bundle_sha256: out.bundle_sha256, size: 0 };
    store.confirmed(id(1), &bank.receipt(&sealed), at(401 * DAY)).unwrap();
    assert_eq!(store.next_due(at(500 * DAY)).unwrap(), None);
    assert_eq!(store.purge(at(500 * DAY)).unwrap(), 1);
    assert!(store.verify().intact());
}

#[test]
fn no_session_begins_while_one_waits_three_days_for_delivery() {
    let (bank, dir) = (Bank::new(), tempfile::tempdir().unwrap());
    let mut store = bank.store(dir.path());
    store.begin(id(1), at(1)).unwrap();
    let sealed = store.accept(&accepted(1), at(2)).unwrap();
    store.begin(id(2), at(3 * DAY)).unwrap();
    assert_eq!(store.begin(id(3), at(3 * DAY + 1)), Err(StoreError::Overdue));
    store.accept(&accepted(2), at(3 * DAY + 2)).unwrap();
    store.confirmed(id(1), &bank.receipt(&sealed), at(3 * DAY + 3)).unwrap();
    assert_eq!(
        store.begin(id(3), at(3 * DAY + 4)),
        Err(StoreError::Overdue),
        "the second was opened on the first day too"
    );
    store.park(id(2), kiosk::ParkReason::Conflict, at(3 * DAY + 5)).unwrap();
    store.begin(id(3), at(3 * DAY + 6)).unwrap();
}

#[test]
fn a_clock_that_went_back_is_said_in_the_manifest_and_ends_no_retention() {
    let (bank, dir) = (Bank::new(), tempfile::tempdir().unwrap());
    let mut store = bank.store(dir.path());
    store.begin(id(1), at(40 * DAY)).unwrap();
    store.abandon(id(1), at(40 * DAY)).unwrap();
    assert!(store.clock_trusted(at(39 * DAY)));
    assert!(!store.clock_trusted(at(39 * DAY - 1)));
    drop(store);
    // The last journal time survives the restart.
    let mut store = bank.store(dir.path());
    assert!(!store.clock_trusted(at(38 * DAY)));
    let trust = |store: &mut store::Store, number: u8, now| {
        store.begin(id(number), now).unwrap();
        store.accept(&accepted(number), now).unwrap();
        let out = store.next_due(at(100 * DAY)).unwrap().unwrap();
        wire::Bundle::parse(&out.bundle).unwrap().open(&bank.open).unwrap().1.clock_trust
    };
    assert_eq!(trust(&mut store, 2, at(38 * DAY)), wire::ClockTrust::Untrusted);
    store.park(id(2), kiosk::ParkReason::Conflict, at(38 * DAY)).unwrap();
    assert_eq!(store.purge(at(35 * DAY)).unwrap(), 0, "thirty days by a clock that is not believed");
    assert_eq!(store.purge(at(41 * DAY)).unwrap(), 1);
    drop(store);

    let mut config = bank.config(dir.path());
    config.clock_floor = at(60 * DAY);
    assert!(!store::Store::open(config, at(0)).unwrap().clock_trusted(at(58 * DAY)), "older than the newest list");
}

#[test]
fn the_signed_time_of_a_receipt_raises_the_floor() {
    let (bank, dir) = (Bank::new(), tempfile::tempdir().unwrap());
    let mut store = bank.store(dir.path());
    store.begin(id(1), at(1)).unwrap();
    let sealed = store.accept(&accepted(1), at(2)).unwrap();
    store.confirmed(id(1), &bank.receipt_at(&sealed, at(10 * DAY)), at(3)).unwrap();
    assert!(!store.clock_trusted(at(8 * DAY)));
    drop(store);
    let store = bank.store(dir.path());
    assert!(!store.clock_trusted(at(8 * DAY)), "over a restart as well");
    assert!(store.clock_trusted(at(9 * DAY)));
    assert!(store.verify().intact());
}
