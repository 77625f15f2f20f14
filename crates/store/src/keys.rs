use chip_crypto::device_key::{DeviceKey, DeviceKeyError};
use chip_crypto::hkdf;
use wire::Secret;

/// Where the key-encryption key and the device key come from.
pub trait KeyProvider: Send {
    /// The 32-octet KEK; made on first use.
    fn kek(&self) -> Result<Secret<32>, KeyError>;

    /// The device's signing key; made on first use.
    fn device_key(&self) -> Result<DeviceKey, KeyError>;
}

/// The kinds of key provider a configuration may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyProviderKind {
    /// Sealed by the TPM.
    TpmSealed,
    /// The operating system's key store.
    OsKeystore,
    /// A key-management service.
    RemoteKms,
    /// Files beside the database: development and QA alone.
    FileDev,
}

/// Why keys are not available.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// This build has no such provider.
    #[error("key provider {0:?} is not available in this build")]
    NotAvailable(KeyProviderKind),
    /// A key file cannot be read or written.
    #[error("key file")]
    File(#[from] std::io::Error),
    /// A key file does not hold a key.
    #[error("key file has {0} octets")]
    FileLength(usize),
    /// The device key does not parse or cannot be made.
    #[error("device key")]
    Device(#[from] DeviceKeyError),
    /// No randomness.
    #[error("no randomness")]
    Random(#[from] chip_crypto::random::RandomError),
    /// A key could not be derived.
    #[error("key derivation")]
    Derive(#[from] hkdf::HkdfLength),
}

/// A provider this build does not have: every use answers [`KeyError::NotAvailable`].
#[derive(Clone, Copy, Debug)]
pub struct UnavailableKeys(pub KeyProviderKind);

impl KeyProvider for UnavailableKeys {
    fn kek(&self) -> Result<Secret<32>, KeyError> {
        Err(KeyError::NotAvailable(self.0))
    }

    fn device_key(&self) -> Result<DeviceKey, KeyError> {
        Err(KeyError::NotAvailable(self.0))
    }
}

/// The keys derived from the KEK.
pub(crate) struct Keys {
    /// Wraps epoch keys and journal payloads.
    pub(crate) wrap: Secret<32>,
    /// Authenticates journal and rows.
    pub(crate) journal: Secret<32>,
}

impl Keys {
    pub(crate) fn derive(kek: &Secret<32>) -> Result<Self, KeyError> {
        let derive = |label: &[u8]| hkdf::derive_sha256::<32>(kek.expose(), &[], &[label]).map(Secret::from);
        Ok(Self { wrap: derive(b"eks1.wrap")?, journal: derive(b"eks1.jrn")? })
    }
}

#[cfg(any(debug_assertions, feature = "file-key"))]
pub use file_dev::FileDev;

#[cfg(any(debug_assertions, feature = "file-key"))]
mod file_dev {
    use std::path::{Path, PathBuf};

    use chip_crypto::device_key::DeviceKey;
    use chip_crypto::random::SystemRandom;
    use wire::Secret;

    use super::{KeyError, KeyProvider};
    use crate::files;

    /// Keys in files: development and QA alone. A release build has it only with feature `file-key`.
    #[derive(Clone, Debug)]
    pub struct FileDev(PathBuf);

    impl FileDev {
        /// Keeps `kek.bin` and `device.p8` in `dir`, readable by the owner alone.
        pub fn new(dir: &Path) -> Self {
            Self(dir.to_owned())
        }

        fn read_or_make(
            &self,
            name: &str,
            make: impl FnOnce() -> Result<Vec<u8>, KeyError>,
        ) -> Result<Vec<u8>, KeyError> {
            let path = self.0.join(name);
            match std::fs::read(&path) {
                Ok(bytes) => Ok(bytes),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    let bytes = make()?;
                    std::fs::create_dir_all(&self.0)?;
                    files::write_durably(&path, &bytes)?;
                    Ok(bytes)
                }
                Err(error) => Err(error.into()),
            }
        }
    }

    impl KeyProvider for FileDev {
        fn kek(&self) -> Result<Secret<32>, KeyError> {
            let bytes =
                self.read_or_make("kek.bin", || Ok(Secret::<32>::make(&mut SystemRandom::new())?.expose().to_vec()))?;
            Secret::from_slice(&bytes).ok_or(KeyError::FileLength(bytes.len()))
        }

        fn device_key(&self) -> Result<DeviceKey, KeyError> {
            let bytes = self.read_or_make("device.p8", || Ok(DeviceKey::generate_pkcs8()?.to_vec()))?;
            Ok(DeviceKey::from_pkcs8(&bytes)?)
        }
    }
}
