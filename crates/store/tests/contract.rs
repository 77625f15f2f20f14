//! One suite for every store: what `kiosk` relies on.

mod support;

use kiosk::{DeliveryState, ParkReason, SessionStore, StoreError};
use support::{Bank, accepted, at, id};
use wire::{Bundle, DevicePublicKey};

/// Runs the same test on both stores.
macro_rules! contract {
    ($($name:ident),+ $(,)?) => {
        mod database {
            $(#[test] fn $name() {
                let (bank, dir) = (super::Bank::new(), tempfile::tempdir().unwrap());
                let mut store = bank.store(dir.path());
                let device = store.device_public();
                super::$name(&bank, &device, &mut store);
                let report = store.verify();
                assert!(report.intact(), "{report:?}");
            })+
        }
        mod memory {
            $(#[test] fn $name() {
                let bank = super::Bank::new();
                let mut store = bank.memory();
                let device = store.device_public();
                super::$name(&bank, &device, &mut store);
            })+
        }
    };
}

contract! {
    an_accepted_session_is_delivered_whole_and_opens_for_the_backend,
    accepting_twice_answers_the_same_and_stores_once,
    what_never_began_or_was_abandoned_is_not_accepted,
    a_session_is_out_for_one_attempt_at_a_time,
    a_retry_waits_until_its_time,
    only_a_receipt_for_this_bundle_confirms,
    a_parked_session_is_kept_and_not_sent,
    a_poison_session_does_not_hold_up_the_others,
    bundles_are_chained,
}

fn an_accepted_session_is_delivered_whole_and_opens_for_the_backend(
    bank: &Bank,
    device: &DevicePublicKey,
    store: &mut dyn SessionStore,
) {
    store.begin(id(1), at(1)).unwrap();
    assert_eq!(store.next_due(at(2)).unwrap(), None);
    let sealed = store.accept(&accepted(1), at(61)).unwrap();
    let rows = store.deliveries().unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (rows[0].id, rows[0].state, rows[0].sealed_at, rows[0].size),
        (id(1), DeliveryState::Queued, at(61), sealed.size)
    );

    let out = store.next_due(at(61)).unwrap().unwrap();
    assert_eq!((out.id, out.attempt, out.bundle_sha256), (id(1), 1, sealed.bundle_sha256));
    let bundle = Bundle::parse(&out.bundle).unwrap();
    assert_eq!(bundle.sha256(), sealed.bundle_sha256);
    bundle.verify_signature(device).unwrap();
    let blobs: Vec<Vec<u8>> = out.blobs.iter().map(|blob| blob.bytes.clone()).collect();
    let contents = wire::audit::open_contents(&bundle, &blobs, &bank.open).unwrap();
    assert!(contents.items == accepted(1).items);
    assert_eq!(sealed.size, (out.bundle.len() + blobs.iter().map(Vec::len).sum::<usize>()) as u64);
}

fn accepting_twice_answers_the_same_and_stores_once(_: &Bank, _: &DevicePublicKey, store: &mut dyn SessionStore) {
    store.begin(id(1), at(1)).unwrap();
    let first = store.accept(&accepted(1), at(2)).unwrap();
    assert_eq!(store.accept(&accepted(1), at(3)).unwrap(), first);
    assert_eq!(store.deliveries().unwrap().len(), 1);
}

fn what_never_began_or_was_abandoned_is_not_accepted(_: &Bank, _: &DevicePublicKey, store: &mut dyn SessionStore) {
    assert_eq!(store.accept(&accepted(1), at(1)), Err(StoreError::UnknownSession));
    store.begin(id(2), at(1)).unwrap();
    store.abandon(id(2), at(2)).unwrap();
    assert_eq!(store.accept(&accepted(2), at(3)), Err(StoreError::UnknownSession));
    store.abandon(id(3), at(3)).unwrap();
    store.begin(id(4), at(1)).unwrap();
    store.accept(&accepted(4), at(2)).unwrap();
    store.abandon(id(4), at(3)).unwrap();
    assert_eq!(store.deliveries().unwrap().len(), 1, "an accepted session cannot be abandoned");
}

fn a_session_is_out_for_one_attempt_at_a_time(_: &Bank, _: &DevicePublicKey, store: &mut dyn SessionStore) {
    store.begin(id(1), at(1)).unwrap();
    store.accept(&accepted(1), at(2)).unwrap();
    assert_eq!(store.next_due(at(3)).unwrap().unwrap().attempt, 1);
    assert_eq!(store.deliveries().unwrap()[0].state, DeliveryState::Uploading);
    assert_eq!(store.next_due(at(4)).unwrap(), None);
    assert_eq!(store.next_due(at(3 + 120)).unwrap().unwrap().attempt, 2, "a lost attempt ends by itself");
}

fn a_retry_waits_until_its_time(_: &Bank, _: &DevicePublicKey, store: &mut dyn SessionStore) {
    store.begin(id(1), at(1)).unwrap();
    store.accept(&accepted(1), at(2)).unwrap();
    store.next_due(at(3)).unwrap().unwrap();
    store.retry(id(1), at(50), at(4)).unwrap();
    assert_eq!(store.deliveries().unwrap()[0].state, DeliveryState::RetryWait { next_at: at(50) });
    assert_eq!(store.next_due(at(49)).unwrap(), None);
    assert_eq!(store.next_due(at(50)).unwrap().unwrap().attempt, 2);
    assert_eq!(store.retry(id(9), at(50), at(4)), Err(StoreError::UnknownSession));
}

fn only_a_receipt_for_this_bundle_confirms(bank: &Bank, _: &DevicePublicKey, store: &mut dyn SessionStore) {
    for number in [1, 2] {
        store.begin(id(number), at(1)).unwrap();
    }
    let first = store.accept(&accepted(1), at(2)).unwrap();
    let second = store.accept(&accepted(2), at(2)).unwrap();
    let receipt = bank.receipt(&first);
    assert_eq!(store.confirmed(id(2), &receipt, at(3)), Err(StoreError::ReceiptInvalid));
    assert_eq!(store.confirmed(id(1), &receipt[1..], at(3)), Err(StoreError::ReceiptInvalid));
    assert_eq!(store.confirmed(id(1), &Bank::new().receipt(&first), at(3)), Err(StoreError::ReceiptInvalid));
    assert_eq!(store.confirmed(id(7), &receipt, at(3)), Err(StoreError::UnknownSession));
    store.confirmed(id(1), &receipt, at(3)).unwrap();
    store.confirmed(id(1), &receipt, at(4)).unwrap();
    let rows = store.deliveries().unwrap();
    assert_eq!(rows.iter().map(|row| row.state).collect::<Vec<_>>(), [DeliveryState::Receipted, DeliveryState::Queued]);
    assert_eq!(store.next_due(at(5)).unwrap().unwrap().id, id(2), "a confirmed session is never sent again");
    assert_eq!(store.accept(&accepted(1), at(6)).unwrap(), first);
    store.confirmed(id(2), &bank.receipt(&second), at(7)).unwrap();
    assert_eq!(store.next_due(at(1000)).unwrap(), None);
}

fn a_parked_session_is_kept_and_not_sent(_: &Bank, _: &DevicePublicKey, store: &mut dyn SessionStore) {
    for (number, reason) in [
        (1, ParkReason::Rejected { status: 422 }),
        (2, ParkReason::Conflict),
        (3, ParkReason::ReceiptInvalid),
        (4, ParkReason::RecordDamaged),
    ] {
        store.begin(id(number), at(1)).unwrap();
        store.accept(&accepted(number), at(2)).unwrap();
        store.park(id(number), reason, at(3)).unwrap();
        assert_eq!(store.deliveries().unwrap().last().unwrap().state, DeliveryState::Parked(reason));
    }
    assert_eq!(store.next_due(at(100_000)).unwrap(), None);
}

fn a_poison_session_does_not_hold_up_the_others(_: &Bank, _: &DevicePublicKey, store: &mut dyn SessionStore) {
    for number in [1, 2] {
        store.begin(id(number), at(1)).unwrap();
        store.accept(&accepted(number), at(i64::from(number) + 1)).unwrap();
    }
    assert_eq!(store.next_due(at(10)).unwrap().unwrap().id, id(1));
    store.retry(id(1), at(11), at(10)).unwrap();
    assert_eq!(store.next_due(at(12)).unwrap().unwrap().id, id(2));
}

fn bundles_are_chained(bank: &Bank, _: &DevicePublicKey, store: &mut dyn SessionStore) {
    let mut last = None;
    for number in [1, 2, 3] {
        store.begin(id(number), at(1)).unwrap();
        let sealed = store.accept(&accepted(number), at(2)).unwrap();
        let out = store.next_due(at(3)).unwrap().unwrap();
        let (_, manifest) = Bundle::parse(&out.bundle).unwrap().open(&bank.open).unwrap();
        assert_eq!(manifest.previous_bundle, last);
        last = Some(sealed.bundle_sha256);
    }
}
