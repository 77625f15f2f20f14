//! Gives the core its ports and starts it.

use std::path::Path;
use std::sync::Arc;

use capture::NokhwaCameras;
use chip_crypto::device_key::DevicePublicKey;
use chip_crypto::random::SystemRandom;
use jiff::Timestamp;
use kiosk::{Cameras, Kiosk, KioskConfig, KioskHandle, Ports, Readers, SystemClock};
use readers::{PcscReaders, ReadersConfig};
use store::{Store, StoreConfig};
use sync::{HttpBackend, HttpBackendConfig};
use trust::Issuers;
use wire::{ReceiptVerifyKey, SealKey};

#[cfg(not(feature = "simulator"))]
use crate::config::BackendConfig;
use crate::config::{Config, ConfigError};
use crate::counter::VirtualCards;
use crate::trust_data::{self, TrustDataError};
use crate::ui::Windows;

/// Why nothing was started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("not configured")]
    Config(#[from] ConfigError),
    #[error("refused to start while {0} is set")]
    Suspicious(&'static str),
    #[error("no trust data")]
    Trust(#[from] TrustDataError),
    #[error("the backend's {0} key is not a point of P-256 in hexadecimal")]
    BackendKey(&'static str),
    #[error("a root certificate of the backend cannot be read")]
    BackendRoot(#[source] std::io::Error),
    #[error("no delivery")]
    Delivery(#[from] sync::ClientError),
    #[error("no store")]
    Store(#[from] store::Error),
    #[error("no core")]
    Kiosk(#[from] kiosk::StartError),
    #[error("no window")]
    Window(#[from] tauri::Error),
    #[cfg(feature = "simulator")]
    #[error("a test card cannot be made")]
    Profile(#[from] simulator::ProfileError),
    #[cfg(feature = "simulator")]
    #[error("no test issuers")]
    TestIssuers(#[from] crate::qa::TestIssuerError),
    #[cfg(feature = "simulator")]
    #[error("the embedded backend does not start")]
    Backend(#[from] backend::BackendError),
}

/// The running core and what must live as long as it.
pub struct Started {
    pub kiosk: KioskHandle,
    pub cards: Option<Box<dyn VirtualCards>>,
    pub keep: Keep,
}

/// Dropped after the core has ended.
#[derive(Default)]
pub struct Keep {
    #[cfg(feature = "simulator")]
    _backend: Option<backend::EmbeddedBackend>,
}

struct Destination {
    url: String,
    seal_key: SealKey,
    receipt_key: ReceiptVerifyKey,
    roots: Vec<Vec<u8>>,
}

struct Devices {
    readers: Arc<dyn Readers>,
    cameras: Arc<dyn Cameras>,
    cards: Option<Box<dyn VirtualCards>>,
}

/// QA: test issuer, virtual or PC/SC reader, drawn camera, and a backend in this process.
///
/// # Errors
/// Whatever part does not start.
#[cfg(feature = "simulator")]
pub fn start(config: &Config, windows: Arc<Windows>) -> Result<Started, StartError> {
    use crate::config::ReaderChoice;
    use crate::qa::{VirtualDesk, test_issuers};

    let trust = trust_data::add_files(test_issuers()?, config)?;
    let mut backend_config = backend::BackendConfig::loopback(config.data_dir.join("backend"), trust.clone());
    backend_config.enrolment = backend::Enrolment::FirstUse;
    let embedded = backend::Backend::spawn_embedded(backend_config)?;
    tracing::info!(url = embedded.base_url(), "embedded backend");
    let destination = Destination {
        url: config.deliver_to.clone().unwrap_or_else(|| embedded.base_url()),
        seal_key: embedded.seal_key.clone(),
        receipt_key: embedded.receipt_key,
        roots: Vec::new(),
    };
    let cameras: Arc<dyn Cameras> = match std::env::var_os("MADOGUCHI_CAMERA") {
        Some(choice) if choice == "webcam" => Arc::new(NokhwaCameras::new()),
        _ => Arc::new(capture::SyntheticCameras::default()),
    };
    let devices = match config.reader {
        ReaderChoice::Virtual => {
            let (readers, desk) = VirtualDesk::open(&config.profiles)?;
            Devices { readers, cameras, cards: Some(Box::new(desk)) }
        }
        ReaderChoice::Pcsc => {
            Devices { readers: Arc::new(PcscReaders::new(ReadersConfig::with_virtual_pcd())), cameras, cards: None }
        }
    };
    let keys = store::FileDev::new(&config.data_dir.join("keys"));
    let mut started = connect(config, windows, trust, &destination, devices, Box::new(keys))?;
    started.keep = Keep { _backend: Some(embedded) };
    Ok(started)
}

/// Production: PC/SC, webcam, the configured backend, and keys of the machine.
///
/// # Errors
/// Whatever is not configured or does not start.
#[cfg(not(feature = "simulator"))]
pub fn start(config: &Config, windows: Arc<Windows>) -> Result<Started, StartError> {
    let backend = config.backend.as_ref().ok_or(ConfigError::NotConfigured)?;
    let destination = destination(backend)?;
    let trust = trust_data::add_files(Issuers::nobody(), config)?;
    let devices = Devices {
        readers: Arc::new(PcscReaders::new(ReadersConfig::production())),
        cameras: Arc::new(NokhwaCameras::new()),
        cards: None,
    };
    let keys = store::UnavailableKeys(machine_keys());
    connect(config, windows, trust, &destination, devices, Box::new(keys))
}

#[cfg(not(feature = "simulator"))]
fn destination(config: &BackendConfig) -> Result<Destination, StartError> {
    let roots: Result<Vec<_>, _> = config.roots.iter().map(std::fs::read).collect();
    Ok(Destination {
        url: config.url.clone(),
        seal_key: point(&config.seal_key)
            .and_then(|bytes| SealKey::from_bytes(&bytes).ok())
            .ok_or(StartError::BackendKey("seal"))?,
        receipt_key: point(&config.receipt_key)
            .and_then(|bytes| ReceiptVerifyKey::from_bytes(&bytes).ok())
            .ok_or(StartError::BackendKey("receipt"))?,
        roots: roots.map_err(StartError::BackendRoot)?,
    })
}

#[cfg(not(feature = "simulator"))]
fn point(text: &str) -> Option<Vec<u8>> {
    hex::decode(text).ok()
}

#[cfg(not(feature = "simulator"))]
fn machine_keys() -> store::KeyProviderKind {
    if cfg!(windows) { store::KeyProviderKind::OsKeystore } else { store::KeyProviderKind::TpmSealed }
}

fn connect(
    config: &Config,
    windows: Arc<Windows>,
    trust: Issuers,
    destination: &Destination,
    devices: Devices,
    keys: Box<dyn store::KeyProvider>,
) -> Result<Started, StartError> {
    let store = open_store(&config.data_dir.join("store"), keys, destination)?;
    let backend = HttpBackend::new(http(destination, store.device_public()))?;
    let ports = Ports {
        readers: devices.readers,
        cameras: devices.cameras,
        store: Box::new(store),
        backend: Arc::new(backend),
        ui: windows,
        clock: Arc::new(SystemClock),
        entropy: Box::new(SystemRandom::new()),
    };
    let kiosk = Kiosk::start(ports, KioskConfig::new(trust))?;
    Ok(Started { kiosk, cards: devices.cards, keep: Keep::default() })
}

fn open_store(dir: &Path, keys: Box<dyn store::KeyProvider>, destination: &Destination) -> Result<Store, store::Error> {
    let random = Box::new(SystemRandom::new());
    let config = StoreConfig::new(dir.to_owned(), keys, destination.seal_key.clone(), destination.receipt_key, random);
    Store::open(config, Timestamp::now())
}

fn http(destination: &Destination, device: DevicePublicKey) -> HttpBackendConfig {
    let mut config = HttpBackendConfig::new(destination.url.clone(), destination.receipt_key, device);
    config.private_roots.clone_from(&destination.roots);
    config
}
