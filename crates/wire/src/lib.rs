//! Formats that leave the machine.
//!
//! What it is: the encrypted record `EKR1`, the encrypted blob `EKB1`, the sealed and signed bundle `EKS1`, the upload `EKU1`, the signed
//! receipt and the types of the `/v1` API: what the kiosk writes and the backend reads, byte for byte the same on both sides. What it is
//! not: a store, a client or a server; nothing here has a clock, a file, a socket or its own randomness.
//!
//! ```text
//!   Accepted ─▶ items ─▶ EKB1 blobs ─┐
//!        └────▶ Manifest ─▶ EKR1 ────┴▶ EKS1 (DEK sealed to the backend, signed by the device) ─▶ EKU1 ─▶ Receipt
//! ```
//!
//! ```
//! use wire::{KeyClass, RecordContext, RecordHeader, Secret, cbor, open_record, seal_record};
//!
//! let key = Secret::<32>::from_bytes([7; 32]);
//! let place = RecordContext { table: "session", column: "note", session_id: [1; 16], row_key: [2; 16], row_version: 1 };
//! let header = RecordHeader { class: KeyClass::Dek, key_no: 0, nonce: [3; 12] };
//! let record = seal_record(&key, &header, &place, cbor::encode(&42_u8))?;
//! assert!(open_record(&key, KeyClass::Dek, 0, &place, &record).is_ok());
//! let moved = RecordContext { column: "other", ..place };
//! assert!(open_record(&key, KeyClass::Dek, 0, &moved, &record).is_err());
//! # Ok::<(), wire::RecordError>(())
//! ```
#![warn(missing_docs)]

pub mod api;
pub mod audit;
mod blob;
mod bundle;
pub mod cbor;
mod facts;
mod layout;
mod manifest;
mod receipt;
mod record;
mod seal;
mod secret;
mod upload;

pub use blob::{BLOB_HEADER_LEN, BlobError, BlobHeader, CHUNK_LEN, MAX_BLOB_LEN, SealedBlob, open_blob, seal_blob};
pub use bundle::{BUNDLE_HEADER_LEN, Bundle, BundleError, BundleHeader, MAX_MANIFEST_LEN, SEALED_DEK_LEN, device_id};
pub use chip_crypto::device_key::DevicePublicKey;
pub use facts::{FactsError, SessionFacts, session_facts};
pub use layout::sha256;
pub use manifest::{ClockTrust, MANIFEST_SCHEMA, Manifest, ManifestCheck, ManifestItem};
pub use receipt::{Receipt, ReceiptError, ReceiptVerifyKey};
pub use record::{KeyClass, RecordContext, RecordError, RecordHeader, open_record, record_aad, seal_record};
pub use seal::{OpenKey, SealKey};
pub use secret::Secret;
pub use upload::{MAX_BLOBS, MAX_FULL_UPLOAD, Upload, UploadError};
