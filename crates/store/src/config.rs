use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use chip_crypto::random::SecureRandom;
use jiff::Timestamp;
use wire::{ReceiptVerifyKey, SealKey};

use crate::keys::KeyProvider;

/// Free space below which no session begins: 512 MiB and three sessions of 2 MiB.
pub const MIN_FREE: u64 = (512 + 3 * 2) << 20;
/// Size of the ballast file, whose room lets state changes and purges run on a full disk.
pub const BALLAST: u64 = 64 << 20;

/// What a store is opened with.
pub struct StoreConfig {
    /// Folder of database, slots and head file; made when missing.
    pub dir: PathBuf,
    /// Where the KEK and the device key come from.
    pub keys: Box<dyn KeyProvider>,
    /// The backend's seal key.
    pub seal_key: SealKey,
    /// The backend's receipt key.
    pub receipt_key: ReceiptVerifyKey,
    /// SHA-256 of the app build, for manifests.
    pub app_build: [u8; 32],
    /// Version of the policy in force, for manifests.
    pub policy_version: u64,
    /// Free space below which no session begins; [`MIN_FREE`] in production.
    pub min_free: u64,
    /// Octets of ballast; [`BALLAST`] in production, 0 for none.
    pub ballast: u64,
    /// The newest time known otherwise: of the build, of the newest certificate or revocation list. The clock cannot be before it.
    pub clock_floor: Timestamp,
    /// How free space is measured.
    pub free_space: fn(&Path) -> io::Result<u64>,
    /// Source of keys, nonces and salts.
    pub random: Box<dyn SecureRandom + Send>,
}

impl StoreConfig {
    /// The production settings for a folder, its keys and its backend.
    pub fn new(
        dir: PathBuf,
        keys: Box<dyn KeyProvider>,
        seal_key: SealKey,
        receipt_key: ReceiptVerifyKey,
        random: Box<dyn SecureRandom + Send>,
    ) -> Self {
        let free_space: fn(&Path) -> io::Result<u64> = |path| fs4::available_space(path);
        Self {
            dir,
            keys,
            seal_key,
            receipt_key,
            app_build: [0; 32],
            policy_version: 1,
            min_free: MIN_FREE,
            ballast: BALLAST,
            clock_floor: Timestamp::UNIX_EPOCH,
            free_space,
            random,
        }
    }
}

impl fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreConfig")
            .field("seal_key", &self.seal_key)
            .field("min_free", &self.min_free)
            .finish_non_exhaustive()
    }
}
