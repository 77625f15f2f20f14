//! The folder of a trust bundle: whatever is refused leaves the bundle in force as it was.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::{Path, PathBuf};

use chip_crypto::device_key::DeviceKey;
use jiff::Timestamp;
use kiosk::trust_files::{BundleFolder, TrustFileError, add_file};
use trust::TrustStore;

fn data(path: &str) -> Option<Vec<u8>> {
    let root = std::env::var_os("MADOGUCHI_TEST_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    match std::fs::read(root.join("emrtd").join(path)) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            eprintln!("test data absent: NOT VERIFIED ({path}: {error})");
            None
        }
    }
}

fn key() -> DeviceKey {
    DeviceKey::from_pkcs8(&DeviceKey::generate_pkcs8().unwrap()).unwrap()
}

struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("trust-folder-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn a_refused_import_leaves_the_old_bundle_in_force() {
    let Some(good) = data("masterlist/ID/2020-10_CSCA.cer") else { return };
    let Some(more) = data("masterlist/ID/2016-01_CSCA.cer") else { return };
    let scratch = Scratch::new("refused");
    let folder = BundleFolder::new(&scratch.0);
    let key = key();
    let now = Timestamp::from_second(1_780_000_000).unwrap();
    assert_eq!(folder.open().unwrap(), None);
    assert_eq!(folder.install(std::slice::from_ref(&good), &key, now).unwrap().version(), 1);
    let before = files(&scratch.0);
    let mut forged = more.clone();
    *forged.last_mut().unwrap() ^= 1;
    let refused = folder.install(&[more.clone(), forged], &key, now).unwrap_err();
    assert_eq!(refused.code(), "TRUST_LIST_INVALID");
    assert!(matches!(
        folder.install(std::slice::from_ref(&more), &self::key(), now),
        Err(TrustFileError::OtherKey { .. })
    ));
    assert_eq!(files(&scratch.0), before);
    let old = std::fs::read(scratch.0.join("bundle.ekt")).unwrap();
    assert_eq!(folder.install(&[more], &key, now).unwrap().store().unwrap().len(), 2);
    assert_eq!(std::fs::read(scratch.0.join("previous.ekt")).unwrap(), old);
    assert_eq!(BundleFolder::at(&scratch.0).unwrap().open().unwrap().unwrap().version(), 2);
    // The file of before, put back by hand.
    std::fs::write(scratch.0.join("bundle.ekt"), &old).unwrap();
    assert_eq!(folder.open().unwrap_err().code(), "TRUST_LIST_ROLLBACK");
    let mut changed = old;
    changed[100] ^= 1;
    std::fs::write(scratch.0.join("bundle.ekt"), &changed).unwrap();
    assert_eq!(folder.open().unwrap_err().code(), "TRUST_LIST_INVALID");
}

#[test]
fn single_files_are_dated_by_the_file_system() {
    let Some(good) = data("masterlist/ID/2020-10_CSCA.cer") else { return };
    let scratch = Scratch::new("dated");
    std::fs::create_dir_all(&scratch.0).unwrap();
    let path = scratch.0.join("csca.cer");
    std::fs::write(&path, good).unwrap();
    let mut store = TrustStore::empty();
    assert_eq!(add_file(&mut store, &path).unwrap(), 1);
    let missing = add_file(&mut store, &scratch.0.join("none")).unwrap_err();
    assert_eq!(missing.code(), "FILE_UNREADABLE");
}
