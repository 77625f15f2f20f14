//! Trust data in files: single lists and certificates, and the folder with the signed bundle of a device.
//!
//! ```text
//! <folder>/bundle.ekt     in force        <folder>/previous.ekt   before it, for sessions judged with it
//! <folder>/key.pub        whose signature counts: an uncompressed P-256 point, 65 bytes, pinned at the first import
//! <folder>/version        the highest version seen; nothing older is taken
//! ```

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use chip_crypto::device_key::{DeviceKey, DeviceKeyError, DevicePublicKey};
use jiff::Timestamp;
use trust::{BundleError, ImportError, TrustBundle, TrustStore};

/// The largest file taken; the largest published list has about 1 MiB.
pub const MAX_FILE: u64 = trust::MAX_BUNDLE as u64;

const BUNDLE: &str = "bundle.ekt";
const PREVIOUS: &str = "previous.ekt";
const KEY: &str = "key.pub";
const VERSION: &str = "version";

/// Why trust data were not taken.
#[derive(Debug, thiserror::Error)]
pub enum TrustFileError {
    #[error("{path}: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("{path}: {length} bytes are more than trust data may have")]
    TooLarge { path: PathBuf, length: u64 },
    #[error("{path}: {source}")]
    Refused { path: PathBuf, source: ImportError },
    #[error("trust bundle {path}: {source}")]
    Bundle { path: PathBuf, source: BundleError },
    #[error("the bundle's key in {path} is no uncompressed P-256 point")]
    PinnedKey { path: PathBuf },
    #[error("bundles in {path} are signed by another key")]
    OtherKey { path: PathBuf },
    #[error(transparent)]
    Signing(#[from] DeviceKeyError),
}

impl TrustFileError {
    /// Gives the code name of the catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "FILE_LIMIT",
            Self::Refused { source, .. } => source.code(),
            Self::Bundle { source, .. } => source.code(),
            Self::PinnedKey { .. } | Self::OtherKey { .. } | Self::Signing(_) => "TRUST_LIST_INVALID",
            Self::File { .. } => "FILE_UNREADABLE",
        }
    }
}

/// Reads a file of trust data within the budget, and when it came: undated data grow old from then on.
///
/// # Errors
/// The file cannot be read or is too large.
pub fn read(path: &Path) -> Result<(Vec<u8>, Option<Timestamp>), TrustFileError> {
    let failed = |source| TrustFileError::File { path: path.to_owned(), source };
    let about = fs::metadata(path).map_err(failed)?;
    if about.len() > MAX_FILE {
        return Err(TrustFileError::TooLarge { path: path.to_owned(), length: about.len() });
    }
    let arrived = about.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
    Ok((fs::read(path).map_err(failed)?, arrived))
}

/// Adds one file to a store.
///
/// # Errors
/// The file cannot be read, or is no trust data.
pub fn add_file(store: &mut TrustStore, path: &Path) -> Result<usize, TrustFileError> {
    let (bytes, arrived) = read(path)?;
    let import = trust::import(&bytes).map_err(|source| TrustFileError::Refused { path: path.to_owned(), source })?;
    Ok(store.add(match arrived {
        Some(at) => import.arrived_at(at),
        None => import,
    }))
}

/// The folder of a device's trust bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleFolder(PathBuf);

impl BundleFolder {
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// Gives the folder when `path` is one with a bundle, or is that bundle itself.
    #[must_use]
    pub fn at(path: &Path) -> Option<Self> {
        if path.file_name().is_some_and(|name| name == BUNDLE) {
            return path.parent().map(Self::new);
        }
        path.join(BUNDLE).is_file().then(|| Self::new(path))
    }

    /// Opens the bundle in force, if there is one.
    ///
    /// # Errors
    /// It is not the key's, or older than one that was in force before.
    pub fn open(&self) -> Result<Option<TrustBundle>, TrustFileError> {
        let path = self.0.join(BUNDLE);
        if !path.exists() {
            return Ok(None);
        }
        let (bytes, _) = read(&path)?;
        let key = self.pinned()?.ok_or_else(|| TrustFileError::PinnedKey { path: self.0.join(KEY) })?;
        TrustBundle::open(&bytes, &key, self.floor()?)
            .map(Some)
            .map_err(|source| TrustFileError::Bundle { path, source })
    }

    /// Makes the next bundle of new files and puts it in force. Whatever fails before the last rename leaves the old one there.
    ///
    /// # Errors
    /// A refused file, a key that is not the pinned one, or a file that cannot be written.
    pub fn install(&self, files: &[Vec<u8>], key: &DeviceKey, now: Timestamp) -> Result<TrustBundle, TrustFileError> {
        if self.pinned()?.is_some_and(|pinned| pinned != key.public()) {
            return Err(TrustFileError::OtherKey { path: self.0.clone() });
        }
        let path = self.0.join(BUNDLE);
        let refused = |source| TrustFileError::Bundle { path: path.clone(), source };
        let current = self.open()?;
        let next = TrustBundle::next(current.as_ref(), files, now).map_err(refused)?;
        let signed = next.sign(key)?;
        // What will be read at the next start is read before it is put in force.
        TrustBundle::open(&signed, &key.public(), self.floor()?).map_err(refused)?;
        fs::create_dir_all(&self.0).map_err(|source| TrustFileError::File { path: self.0.clone(), source })?;
        self.write(KEY, &key.public().to_bytes())?;
        if current.is_some() {
            self.write(PREVIOUS, &read(&path)?.0)?;
        }
        self.write(BUNDLE, &signed)?;
        self.write(VERSION, next.version().to_string().as_bytes())?;
        Ok(next)
    }

    fn pinned(&self) -> Result<Option<DevicePublicKey>, TrustFileError> {
        let path = self.0.join(KEY);
        match fs::read(&path) {
            Ok(bytes) => DevicePublicKey::from_bytes(&bytes).map(Some).map_err(|_| TrustFileError::PinnedKey { path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(TrustFileError::File { path, source }),
        }
    }

    /// The highest version seen; a counter that cannot be read is no reason to forget it.
    fn floor(&self) -> Result<u64, TrustFileError> {
        let path = self.0.join(VERSION);
        match fs::read_to_string(&path) {
            Ok(text) => text
                .trim()
                .parse()
                .map_err(|_| TrustFileError::File { path, source: io::ErrorKind::InvalidData.into() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(source) => Err(TrustFileError::File { path, source }),
        }
    }

    /// Writes beside, syncs, renames over, syncs the folder.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), TrustFileError> {
        let path = self.0.join(name);
        replace(&path, bytes).map_err(|source| TrustFileError::File { path, source })
    }
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&beside, path)?;
    // A folder cannot be opened as a file on Windows; NTFS journals the rename itself.
    if cfg!(unix)
        && let Some(folder) = path.parent()
    {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
