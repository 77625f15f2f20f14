//! A disk that is full: said clearly, nothing lost, and room made is room used.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use backend::{Backend, BackendConfig, Enrolment};
use jiff::Timestamp;
use kiosk::{Backend as _, SessionStore as _};
use session::Role;
use session::view::Screen;
use store::Store;
use trust::TrustStore;

use crate::counter::{Counter, Destination, NoWindow, SOON, client, store_config};

/// A file system of its own, unmounted at the end.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None`, said aloud, where nobody may mount.
    fn mount(megabytes: u32) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap().keep();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(&dir)
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(dir));
        }
        let _ = fs::remove_dir(&dir);
        eprintln!("no file system can be mounted here (root is needed): full disk NOT VERIFIED");
        None
    }

    /// Writes until nothing fits.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("filler");
        let mut file = fs::File::create(&path).unwrap();
        for block in [64 << 10, 1] {
            while file.write_all(&vec![0; block]).is_ok() {}
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
        let _ = fs::remove_dir(&self.0);
    }
}

fn embedded(dir: &Path) -> backend::EmbeddedBackend {
    let mut config = BackendConfig::loopback(dir.join("backend"), TrustStore::empty());
    config.enrolment = Enrolment::FirstUse;
    Backend::spawn_embedded(config).unwrap()
}

#[test]
fn a_full_disk_is_said_keeps_the_decision_open_and_takes_the_session_when_there_is_room() {
    let Some(disk) = SmallDisk::mount(12) else { return };
    let elsewhere = tempfile::tempdir().unwrap();
    let backend = embedded(elsewhere.path());
    let to = Destination::of(&backend);
    let counter = Counter::open(&disk.0, &to, Timestamp::now(), Arc::new(NoWindow));
    counter.to_decision();
    let filler = disk.fill();
    counter.accept();
    let said = counter.handle.wait_for(Role::Teller, SOON, |view| view.head.message.is_some());
    let said = said.unwrap_or_else(|| panic!("nothing is said: {:?}", counter.handle.view(Role::Teller)));
    assert_eq!(said.head.message.as_ref().map(|message| message.key.as_str()), Some("failure.STORE_FULL"));
    // What the teller had said is still said.
    assert!(matches!(&said.screen, Screen::Decide { decision: Some(decision) } if decision.residence_later));
    fs::remove_file(filler).unwrap();
    counter.accept();
    counter.leave();
    drop(counter);
    let store = Store::open(store_config(&disk.0, &to), Timestamp::now()).unwrap();
    assert!(store.start_up().sound());
    assert_eq!(store.deliveries().unwrap().len(), 1);
    assert!(store.verify().intact());
}

#[test]
fn the_ballast_lets_sessions_leave_a_full_disk_and_comes_back() {
    let Some(disk) = SmallDisk::mount(12) else { return };
    let elsewhere = tempfile::tempdir().unwrap();
    let backend = embedded(elsewhere.path());
    let to = Destination::of(&backend);
    let now = Timestamp::now();
    let config = || {
        let mut config = store_config(&disk.0, &to);
        (config.ballast, config.min_free) = (2 << 20, 1 << 20);
        config
    };
    let ballast = disk.0.join("store/ballast");
    let counter = Counter::open_with(
        config(),
        &Destination { url: "http://127.0.0.1:9".into(), ..to.clone() },
        now,
        Arc::new(NoWindow),
    );
    counter.to_decision();
    counter.accept();
    counter.leave();
    drop(counter);
    assert_eq!(fs::metadata(&ballast).unwrap().len(), 2 << 20);

    let mut store = Store::open(config(), now).unwrap();
    let filler = disk.fill();
    let id = session::SessionId::from_time(now, [7; 10]);
    assert_eq!(store.begin(id, now), Err(kiosk::StoreError::Full), "no session begins");
    let later = now.checked_add(jiff::SignedDuration::from_hours(1)).unwrap();
    let outgoing = store.next_due(later).unwrap().expect("the session waits");
    let receipt = client(&store, &to).deliver(&outgoing).unwrap();
    store.confirmed(outgoing.id, &receipt, later).unwrap();
    assert!(!ballast.exists(), "its room was used");
    assert!(store.verify().intact());
    drop(store);

    fs::remove_file(filler).unwrap();
    let mut store = Store::open(config(), later).unwrap();
    assert_eq!(fs::metadata(&ballast).unwrap().len(), 2 << 20, "made again when there is room");
    store.begin(id, later).unwrap();
    assert!(store.verify().intact());
}
