use std::net::SocketAddr;
use std::path::PathBuf;

use jiff::Timestamp;
use trust::Issuers;

/// Which devices may deliver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enrolment {
    /// Only devices enrolled before.
    Enrolled,
    /// A device enrols itself with its first upload: QA alone.
    FirstUse,
}

/// How a backend is started.
#[derive(Clone, Debug)]
pub struct BackendConfig {
    /// Folder of database and keys; made when missing.
    pub dir: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Issuer certificates of the backend's own.
    pub trust: Issuers,
    /// Which devices may deliver.
    pub enrolment: Enrolment,
    /// The time of day.
    pub clock: fn() -> Timestamp,
}

impl BackendConfig {
    /// A backend on a free port of loopback that takes enrolled devices.
    pub fn loopback(dir: PathBuf, trust: impl Into<Issuers>) -> Self {
        Self {
            dir,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            trust: trust.into(),
            enrolment: Enrolment::Enrolled,
            clock: Timestamp::now,
        }
    }
}
