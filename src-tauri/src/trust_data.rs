//! Reads issuer certificates and revocation lists from files, or the device's trust bundle from its folder.

use std::path::{Path, PathBuf};

use kiosk::trust_files::{self, BundleFolder, TrustFileError};
use trust::{BundleError, TrustStore};

use crate::config::files_below;

/// Why trust data was not taken.
#[derive(Debug, thiserror::Error)]
pub enum TrustDataError {
    #[error("trust data {path} cannot be read")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    File(#[from] TrustFileError),
    #[error("the trust bundle in {path} is refused")]
    Bundle { path: PathBuf, source: BundleError },
}

/// Adds every file of `paths` to `store`, all or nothing. A folder with a trust bundle stands for the bundle, which brings its
/// own rules; what else there is comes on top.
///
/// # Errors
/// The first file that is not trust data.
pub fn add_files(store: TrustStore, paths: &[PathBuf]) -> Result<TrustStore, TrustDataError> {
    let mut store = match paths.iter().find_map(|path| BundleFolder::at(path).map(|folder| (path, folder))) {
        Some((path, folder)) => with_bundle(store, path, &folder)?,
        None => store,
    };
    for path in paths.iter().filter(|path| BundleFolder::at(path).is_none()) {
        let files = files_below(path).map_err(|source| TrustDataError::Unreadable { path: path.clone(), source })?;
        for file in files {
            trust_files::add_file(&mut store, &file)?;
        }
    }
    Ok(store)
}

fn with_bundle(store: TrustStore, path: &Path, folder: &BundleFolder) -> Result<TrustStore, TrustDataError> {
    let Some(bundle) = folder.open()? else { return Ok(store) };
    let mut whole = bundle.store().map_err(|source| TrustDataError::Bundle { path: path.to_owned(), source })?;
    whole.extend(store);
    Ok(whole)
}
