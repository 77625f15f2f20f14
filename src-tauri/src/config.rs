//! Where things are and which devices are used: a JSON file, and in QA also variables.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// What this process runs with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Store, and in QA its keys and the embedded backend.
    pub data_dir: PathBuf,
    /// Files and folders of issuer certificates and revocation lists.
    pub trust: Vec<PathBuf>,
    /// Issuers of Japanese cards.
    pub issuers: Vec<PinnedIssuer>,
    pub reader: ReaderChoice,
    /// The bank's backend. Absent in QA, where one runs in this process.
    pub backend: Option<BackendConfig>,
    /// Another way to the backend in this process (QA): something between that a tester can take down.
    pub deliver_to: Option<String>,
    /// Which windows open.
    pub windows: Vec<WindowChoice>,
    /// More cards for the virtual reader (QA): profile files, and folders of raw files.
    pub profiles: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReaderChoice {
    /// In this process, with cards placed by command (QA).
    Virtual,
    Pcsc,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowChoice {
    Customer,
    Teller,
}

/// A file that makes somebody believed, vouched for by its fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedIssuer {
    /// `csca`, `licence`, `jpki`, `cv` or `residence`.
    pub kind: String,
    pub path: PathBuf,
    /// SHA-256 of the file in hexadecimal, as its issuer published it.
    pub sha256: String,
}

/// Where sessions are delivered, with pinned keys.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackendConfig {
    /// `https://host[:port]`.
    pub url: String,
    /// The seal key: an uncompressed P-256 point in hexadecimal.
    pub seal_key: String,
    /// The receipt key, alike.
    pub receipt_key: String,
    /// PEM files of the bank's own certificate authority.
    #[serde(default)]
    pub roots: Vec<PathBuf>,
}

/// Why there is no usable configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("no configuration: MADOGUCHI_CONFIG names no file")]
    NotConfigured,
    #[error("the configuration {path} cannot be read")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("the configuration {path} is not valid")]
    Invalid { path: PathBuf, source: serde_json::Error },
    #[error("no folder for data: set MADOGUCHI_DATA_DIR")]
    NoDataFolder,
    #[error("MADOGUCHI_READER is neither virtual nor pcsc")]
    ReaderUnknown,
    #[error("MADOGUCHI_BACKEND_URL is not text")]
    BackendUrl,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    data_dir: Option<PathBuf>,
    #[serde(default)]
    trust: Vec<PathBuf>,
    #[serde(default)]
    issuers: Vec<PinnedIssuer>,
    backend: BackendConfig,
    windows: Vec<WindowChoice>,
}

impl Config {
    /// Production: everything from the file that `MADOGUCHI_CONFIG` names, nothing guessed.
    ///
    /// # Errors
    /// No file, or one that is not valid.
    pub fn production(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, ConfigError> {
        let path = variable("MADOGUCHI_CONFIG").map(PathBuf::from).ok_or(ConfigError::NotConfigured)?;
        let text = std::fs::read(&path).map_err(|source| ConfigError::Unreadable { path: path.clone(), source })?;
        let file: File = serde_json::from_slice(&text).map_err(|source| ConfigError::Invalid { path, source })?;
        Ok(Self {
            data_dir: file.data_dir.map_or_else(default_data_dir, Ok)?,
            trust: file.trust,
            issuers: file.issuers,
            reader: ReaderChoice::Pcsc,
            backend: Some(file.backend),
            deliver_to: None,
            windows: file.windows,
            profiles: Vec::new(),
        })
    }

    /// QA: usable without any file; variables change folder, reader, trust data, cards and the way to the backend.
    ///
    /// # Errors
    /// A variable that means nothing, or no folder for data.
    pub fn qa(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, ConfigError> {
        let reader = match variable("MADOGUCHI_READER") {
            None => ReaderChoice::Virtual,
            Some(name) if name == "virtual" => ReaderChoice::Virtual,
            Some(name) if name == "pcsc" => ReaderChoice::Pcsc,
            Some(_) => return Err(ConfigError::ReaderUnknown),
        };
        let paths = |name: &str| variable(name).map(|list| std::env::split_paths(&list).collect()).unwrap_or_default();
        Ok(Self {
            data_dir: variable("MADOGUCHI_DATA_DIR")
                .map_or_else(|| default_data_dir().map(|dir| dir.join("qa")), |dir| Ok(dir.into()))?,
            trust: paths("MADOGUCHI_TRUST"),
            issuers: Vec::new(),
            reader,
            backend: None,
            deliver_to: variable("MADOGUCHI_BACKEND_URL")
                .map(|url| url.into_string().map_err(|_| ConfigError::BackendUrl))
                .transpose()?,
            windows: Vec::new(),
            profiles: paths("MADOGUCHI_PROFILES"),
        })
    }
}

fn default_data_dir() -> Result<PathBuf, ConfigError> {
    dirs::data_local_dir().map(|dir| dir.join("madoguchi")).ok_or(ConfigError::NoDataFolder)
}

/// Every file a path stands for: itself, or all files below a folder, sorted.
///
/// # Errors
/// A folder that cannot be read.
pub fn files_below(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path)? {
        found.extend(files_below(&entry?.path())?);
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_is_never_guessed() {
        assert!(matches!(Config::production(|_| None), Err(ConfigError::NotConfigured)));
    }

    #[test]
    fn qa_runs_without_a_file_and_takes_its_variables() {
        let config = Config::qa(|name| match name {
            "MADOGUCHI_DATA_DIR" => Some("/tmp/x".into()),
            "MADOGUCHI_READER" => Some("pcsc".into()),
            "MADOGUCHI_TRUST" => std::env::join_paths(["/a", "/b"]).ok(),
            _ => None,
        })
        .expect("a configuration");
        assert_eq!(config.reader, ReaderChoice::Pcsc);
        assert_eq!(config.data_dir, PathBuf::from("/tmp/x"));
        assert_eq!(config.trust, [PathBuf::from("/a"), PathBuf::from("/b")]);
        assert!(matches!(Config::qa(|_| Some("nonsense".into())), Err(ConfigError::ReaderUnknown)));
    }
}
