//! The backend's keys in files of its folder. A bank keeps them in an HSM behind the same two types.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use chip_crypto::device_key::DeviceKey;
use chip_crypto::random::SystemRandom;
use wire::OpenKey;

use crate::ledger::BackendError;

/// Reads or makes the key that opens bundles.
pub(crate) fn open_key(dir: &Path) -> Result<OpenKey, BackendError> {
    let bytes = read_or_make(&dir.join("open.key"), || {
        OpenKey::make(&mut SystemRandom::new()).map(|key| key.to_bytes().to_vec()).map_err(|_| BackendError::Key)
    })?;
    OpenKey::from_bytes(&bytes).map_err(|_| BackendError::Key)
}

/// Reads or makes the key that signs receipts.
pub(crate) fn receipt_key(dir: &Path) -> Result<DeviceKey, BackendError> {
    let bytes = read_or_make(&dir.join("receipt.p8"), || {
        DeviceKey::generate_pkcs8().map(|document| document.to_vec()).map_err(|_| BackendError::Key)
    })?;
    DeviceKey::from_pkcs8(&bytes).map_err(|_| BackendError::Key)
}

fn read_or_make(path: &Path, make: impl FnOnce() -> Result<Vec<u8>, BackendError>) -> Result<Vec<u8>, BackendError> {
    match fs::read(path) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let bytes = make()?;
            let beside = path.with_extension("new");
            let mut options = fs::OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&beside)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&beside, path)?;
            Ok(bytes)
        }
        Err(error) => Err(error.into()),
    }
}
