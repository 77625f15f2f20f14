use chip_crypto::device_key::{DeviceKey, DeviceKeyError, DevicePublicKey, PUBLIC_LEN, SIGNATURE_LEN};
use minicbor::{Decode, Encode};

use crate::cbor::{self, CborError};
use crate::layout::short_id;

/// The backend's word that a session is committed: deterministic CBOR followed by ECDSA P-256 (r ‖ s) over "eks1.rcp" ‖ CBOR.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Receipt {
    /// The session.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub session_id: [u8; 16],
    /// SHA-256 of the committed bundle.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub bundle_sha256: [u8; 32],
    /// Place in the backend's order.
    #[n(2)]
    pub server_seq: u64,
    /// When it was committed, Unix milliseconds.
    #[n(3)]
    pub committed_ms: u64,
    /// Head of the backend's receipt chain after this one.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub journal_head: [u8; 32],
    /// Which receipt key signed.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub key_id: [u8; 16],
}

/// Why a receipt is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Shorter than a signature.
    #[error("receipt is cut short")]
    Truncated,
    /// Signed with another key.
    #[error("receipt names another key")]
    OtherKey,
    /// The signature does not verify.
    #[error("receipt signature does not verify")]
    Signature,
    /// The body does not decode.
    #[error("receipt body: {0}")]
    Body(#[from] CborError),
    /// For another session.
    #[error("receipt is for another session")]
    OtherSession,
    /// For another bundle.
    #[error("receipt is for another bundle")]
    OtherBundle,
}

/// The key that verifies receipts, pinned at enrolment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiptVerifyKey(DevicePublicKey);

impl ReceiptVerifyKey {
    /// Takes a public key.
    pub fn new(key: DevicePublicKey) -> Self {
        Self(key)
    }

    /// Parses an uncompressed P-256 point.
    pub fn from_bytes(point: &[u8]) -> Result<Self, DeviceKeyError> {
        DevicePublicKey::from_bytes(point).map(Self)
    }

    /// The uncompressed point.
    pub fn to_bytes(self) -> [u8; PUBLIC_LEN] {
        self.0.to_bytes()
    }

    /// `key_id` of its receipts.
    pub fn id(&self) -> [u8; 16] {
        short_id(b"eks1.rky", &self.0.to_bytes())
    }
}

impl Receipt {
    /// Signs; `key_id` is overwritten with the key's own.
    pub fn sign(mut self, key: &DeviceKey) -> Result<Vec<u8>, DeviceKeyError> {
        self.key_id = ReceiptVerifyKey::new(key.public()).id();
        let mut out = cbor::encode(&self);
        let signature = key.sign(&signed_message(&out))?;
        out.extend_from_slice(&signature);
        Ok(out)
    }

    /// Parses and verifies a receipt for exactly this session and bundle (invariant I2).
    pub fn verify(
        bytes: &[u8],
        key: &ReceiptVerifyKey,
        session_id: &[u8; 16],
        bundle_sha256: &[u8; 32],
    ) -> Result<Self, ReceiptError> {
        let receipt = Self::verify_signature(bytes, key)?;
        if receipt.session_id != *session_id {
            return Err(ReceiptError::OtherSession);
        }
        if receipt.bundle_sha256 != *bundle_sha256 {
            return Err(ReceiptError::OtherBundle);
        }
        Ok(receipt)
    }

    /// Parses and verifies the signature alone.
    pub fn verify_signature(bytes: &[u8], key: &ReceiptVerifyKey) -> Result<Self, ReceiptError> {
        let (body, signature) = bytes.split_last_chunk::<SIGNATURE_LEN>().ok_or(ReceiptError::Truncated)?;
        key.0.verify(&signed_message(body), signature).map_err(|_| ReceiptError::Signature)?;
        let receipt: Self = cbor::decode(body)?;
        if receipt.key_id == key.id() { Ok(receipt) } else { Err(ReceiptError::OtherKey) }
    }
}

fn signed_message(body: &[u8]) -> Vec<u8> {
    [b"eks1.rcp".as_slice(), body].concat()
}
