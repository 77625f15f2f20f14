//! Reads who is believed: issuer certificates and revocation lists of passports from files or the device's trust bundle, and the
//! issuers of Japanese cards from files the operator pinned.

use std::path::{Path, PathBuf};

use kiosk::trust_files::{self, BundleFolder, TrustFileError};
use trust::{BundleError, IssuerError, IssuerKind, Issuers, TrustStore};

use crate::config::{Config, files_below};

/// Why trust data was not taken.
#[derive(Debug, thiserror::Error)]
pub enum TrustDataError {
    #[error("trust data {path} cannot be read")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    File(#[from] TrustFileError),
    #[error("the trust bundle in {path} is refused")]
    Bundle { path: PathBuf, source: BundleError },
    #[error("{0:?} is no kind of issuer")]
    Kind(String),
    #[error("{path} is refused")]
    Issuer { path: PathBuf, source: IssuerError },
}

/// Adds everything the configuration names to `issuers`, all or nothing. A folder with a trust bundle stands for the bundle, which
/// brings its own rules; what else there is comes on top.
///
/// # Errors
/// The first file that is not what it is said to be.
pub fn add_files(mut issuers: Issuers, config: &Config) -> Result<Issuers, TrustDataError> {
    issuers.passports = add_lists(issuers.passports, &config.trust)?;
    for pinned in &config.issuers {
        let kind = IssuerKind::from_name(&pinned.kind).ok_or_else(|| TrustDataError::Kind(pinned.kind.clone()))?;
        let (file, _) = trust_files::read(&pinned.path)?;
        issuers
            .add_pinned(kind, &file, &pinned.sha256)
            .map_err(|source| TrustDataError::Issuer { path: pinned.path.clone(), source })?;
    }
    Ok(issuers)
}

fn add_lists(store: TrustStore, paths: &[PathBuf]) -> Result<TrustStore, TrustDataError> {
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
