//! EKU1, the body of `PUT /v1/sessions/{sid}/full` and of an exported bundle file: device key, bundle and its blobs.
//!
//! `"EKU1" | device_key[65] | LP32(bundle) | count u16 | count × LP32(EKB1 blob)`. It adds no authentication of its own: the header
//! of the bundle names the device key by hash, and the manifest names every blob by hash.

use chip_crypto::device_key::{DevicePublicKey, PUBLIC_LEN};

use crate::layout::{Fields, Short, put_lp32};

const MAGIC: &[u8; 4] = b"EKU1";
/// Largest body the full upload takes.
pub const MAX_FULL_UPLOAD: usize = 1 << 20;
/// Most blobs of one session.
pub const MAX_BLOBS: usize = 64;

/// A bundle with its blobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The key the bundle's signature verifies with.
    pub device: DevicePublicKey,
    /// The EKS1 bundle.
    pub bundle: Vec<u8>,
    /// The EKB1 blobs in the order of the manifest.
    pub blobs: Vec<Vec<u8>>,
}

/// Why an upload does not parse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UploadError {
    /// Cut short, or a length points past the end.
    #[error("upload is cut short")]
    Truncated,
    /// Not an EKU1 body.
    #[error("not an EKU1 body")]
    Magic,
    /// The device key is not a point.
    #[error("device key is not a P-256 point")]
    DeviceKey,
    /// More blobs than a session may have.
    #[error("{0} blobs are over the budget")]
    TooManyBlobs(usize),
    /// Octets after the last blob.
    #[error("octets after the last blob")]
    TrailingBytes,
}

impl From<Short> for UploadError {
    fn from(_: Short) -> Self {
        Self::Truncated
    }
}

impl Upload {
    /// Encodes the body.
    pub fn encode(&self) -> Vec<u8> {
        let mut out =
            Vec::with_capacity(self.bundle.len() + self.blobs.iter().map(|blob| blob.len() + 4).sum::<usize>() + 128);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&self.device.to_bytes());
        put_lp32(&mut out, &self.bundle);
        out.extend_from_slice(&u16::try_from(self.blobs.len()).unwrap_or(u16::MAX).to_be_bytes());
        for blob in &self.blobs {
            put_lp32(&mut out, blob);
        }
        out
    }

    /// Parses a body; nothing is verified.
    pub fn parse(bytes: &[u8]) -> Result<Self, UploadError> {
        let mut fields = Fields(bytes);
        if fields.take(4)? != MAGIC {
            return Err(UploadError::Magic);
        }
        let device = DevicePublicKey::from_bytes(&fields.array::<PUBLIC_LEN>()?).map_err(|_| UploadError::DeviceKey)?;
        let bundle = fields.lp32()?.to_vec();
        let count = usize::from(fields.u16()?);
        if count > MAX_BLOBS {
            return Err(UploadError::TooManyBlobs(count));
        }
        let mut blobs = Vec::new();
        for _ in 0..count {
            blobs.push(fields.lp32()?.to_vec());
        }
        if fields.0.is_empty() { Ok(Self { device, bundle, blobs }) } else { Err(UploadError::TrailingBytes) }
    }
}
