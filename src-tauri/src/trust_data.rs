//! Reads issuer certificates and revocation lists from files.

use std::path::{Path, PathBuf};

use trust::{ImportError, TrustStore};

use crate::config::files_below;

/// The largest published list has about 1 MiB.
const MAX_FILE: u64 = 16 << 20;

/// Why trust data was not taken.
#[derive(Debug, thiserror::Error)]
pub enum TrustDataError {
    #[error("trust data {path} cannot be read")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("trust data {path} is too large")]
    TooLarge { path: PathBuf },
    #[error("trust data {path} is refused")]
    Refused { path: PathBuf, source: ImportError },
}

/// Adds every file of `paths` to `store`, all or nothing.
///
/// # Errors
/// The first file that is not trust data.
pub fn add_files(mut store: TrustStore, paths: &[PathBuf]) -> Result<TrustStore, TrustDataError> {
    for path in paths {
        let files = files_below(path).map_err(|source| TrustDataError::Unreadable { path: path.clone(), source })?;
        for file in files {
            let import = trust::import(&read(&file)?)
                .map_err(|source| TrustDataError::Refused { path: file.clone(), source })?;
            store.add(import);
        }
    }
    Ok(store)
}

fn read(path: &Path) -> Result<Vec<u8>, TrustDataError> {
    let unreadable = |source| TrustDataError::Unreadable { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(unreadable)?.len() > MAX_FILE {
        return Err(TrustDataError::TooLarge { path: path.to_owned() });
    }
    std::fs::read(path).map_err(unreadable)
}
