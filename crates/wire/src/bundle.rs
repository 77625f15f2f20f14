//! EKS1, the sealed and signed bundle of one accepted session (security specification §4).

use chip_crypto::device_key::{DeviceKey, DeviceKeyError, DevicePublicKey, SIGNATURE_LEN};
use chip_crypto::hpke;
use chip_crypto::random::SecureRandom;
use zeroize::Zeroizing;

use crate::cbor::{self, CborError};
use crate::layout::{Fields, Short, put_lp, put_lp32, sha256, short_id};
use crate::{
    KeyClass, Manifest, OpenKey, RecordContext, RecordError, RecordHeader, SealKey, Secret, open_record, seal_record,
};

const MAGIC: &[u8; 4] = b"EKS1";
const VERSION: u8 = 1;
/// Octets before `enc`; together with "eks1.seal" the HPKE info.
pub const BUNDLE_HEADER_LEN: usize = 75;
/// Octets of a sealed DEK.
pub const SEALED_DEK_LEN: usize = 32 + hpke::TAG_LEN;
/// Largest manifest record taken.
pub const MAX_MANIFEST_LEN: usize = 256 << 10;

/// The clear part of a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BundleHeader {
    /// Which seal key of the backend.
    pub recipient_key_id: [u8; 16],
    /// Which device sealed it ([`device_id`]).
    pub device_id: [u8; 16],
    /// The session.
    pub session_id: [u8; 16],
    /// When it was accepted, Unix milliseconds.
    pub accepted_ms: u64,
    /// Sequence number of the journal entry of the acceptance.
    pub journal_seq: u64,
}

/// A parsed bundle with the bytes it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The clear part.
    pub header: BundleHeader,
    enc: [u8; hpke::ENC_LEN],
    sealed_dek: [u8; SEALED_DEK_LEN],
    manifest: Vec<u8>,
    signature: [u8; SIGNATURE_LEN],
    raw: Vec<u8>,
}

/// Why a bundle is not made or not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Cut short, or a length points past the end.
    #[error("bundle is cut short")]
    Truncated,
    /// Not an EKS1 bundle.
    #[error("not an EKS1 bundle")]
    Magic,
    /// Version or cipher suite this version does not know.
    #[error("unknown bundle version or suite")]
    Suite,
    /// Manifest over its budget.
    #[error("manifest of {0} octets is over the budget")]
    ManifestTooLong(usize),
    /// Signature field not 64 octets.
    #[error("signature field has {0} octets")]
    SignatureLength(usize),
    /// Octets after the signature.
    #[error("octets after the signature")]
    TrailingBytes,
    /// The device key is not the one the header names.
    #[error("header names another device")]
    OtherDevice,
    /// The signature does not verify.
    #[error("bundle signature does not verify")]
    Signature,
    /// Sealed to another key.
    #[error("sealed to another recipient key")]
    OtherRecipient,
    /// The DEK does not open.
    #[error("sealed key: {0}")]
    Hpke(#[from] hpke::HpkeError),
    /// The manifest record does not open.
    #[error("manifest record: {0}")]
    Record(#[from] RecordError),
    /// The manifest does not decode.
    #[error("manifest: {0}")]
    Manifest(#[from] CborError),
    /// No randomness for sealing.
    #[error("no randomness")]
    Random,
}

impl From<Short> for BundleError {
    fn from(_: Short) -> Self {
        Self::Truncated
    }
}

/// The identifier a bundle header carries for a device: labelled hash of its public key.
pub fn device_id(key: &DevicePublicKey) -> [u8; 16] {
    short_id(b"eks1.dev", &key.to_bytes())
}

impl BundleHeader {
    /// Encodes everything before `enc`.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(BUNDLE_HEADER_LEN);
        out.extend_from_slice(MAGIC);
        out.push(VERSION);
        for id in [hpke::KEM_ID, hpke::KDF_ID, hpke::AEAD_ID] {
            out.extend_from_slice(&id.to_be_bytes());
        }
        out.extend_from_slice(&self.recipient_key_id);
        out.extend_from_slice(&self.device_id);
        out.extend_from_slice(&self.session_id);
        out.extend_from_slice(&self.accepted_ms.to_be_bytes());
        out.extend_from_slice(&self.journal_seq.to_be_bytes());
        out
    }

    fn parse(fields: &mut Fields<'_>) -> Result<Self, BundleError> {
        if fields.take(4)? != MAGIC {
            return Err(BundleError::Magic);
        }
        if fields.u8()? != VERSION
            || fields.u16()? != hpke::KEM_ID
            || fields.u16()? != hpke::KDF_ID
            || fields.u16()? != hpke::AEAD_ID
        {
            return Err(BundleError::Suite);
        }
        Ok(Self {
            recipient_key_id: fields.array()?,
            device_id: fields.array()?,
            session_id: fields.array()?,
            accepted_ms: fields.u64()?,
            journal_seq: fields.u64()?,
        })
    }

    fn seal_info(&self) -> Vec<u8> {
        [b"eks1.seal".as_slice(), &self.encode()].concat()
    }

    /// Where the manifest record stands; the journal sequence serves as its version.
    fn manifest_context(&self) -> RecordContext<'static> {
        RecordContext {
            table: "bundle",
            column: "manifest",
            session_id: self.session_id,
            row_key: self.session_id,
            row_version: self.journal_seq,
        }
    }
}

impl Bundle {
    /// Seals the DEK to `recipient`, encrypts the manifest and signs. `recipient_key_id` and `device_id` of `header` are overwritten.
    pub fn seal(
        mut header: BundleHeader,
        recipient: &SealKey,
        device: &DeviceKey,
        dek: &Secret<32>,
        manifest: &Manifest,
        random: &mut dyn SecureRandom,
    ) -> Result<Self, BundleError> {
        header.recipient_key_id = recipient.id();
        header.device_id = device_id(&device.public());
        let mut ikm = Zeroizing::new([0; 32]);
        let mut nonce = [0; 12];
        random.fill(ikm.as_mut_slice()).and_then(|()| random.fill(&mut nonce)).map_err(|_| BundleError::Random)?;
        let sealed = hpke::seal(recipient.recipient(), &header.seal_info(), &[], dek.expose(), ikm)?;
        let sealed_dek = sealed.ciphertext.try_into().map_err(|_| BundleError::Hpke(hpke::HpkeError::Encapsulate))?;
        let record_header = RecordHeader { class: KeyClass::Dek, key_no: 0, nonce };
        let manifest = seal_record(dek, &record_header, &header.manifest_context(), cbor::encode(manifest))?;
        if manifest.len() > MAX_MANIFEST_LEN {
            return Err(BundleError::ManifestTooLong(manifest.len()));
        }
        let mut bundle =
            Self { header, enc: sealed.enc, sealed_dek, manifest, signature: [0; SIGNATURE_LEN], raw: Vec::new() };
        let mut raw = bundle.encode_unsigned();
        bundle.signature = device.sign(&signed_message(&raw)).map_err(|_: DeviceKeyError| BundleError::Random)?;
        put_lp(&mut raw, &bundle.signature);
        bundle.raw = raw;
        Ok(bundle)
    }

    /// Parses a bundle; nothing is verified yet.
    pub fn parse(bytes: &[u8]) -> Result<Self, BundleError> {
        let mut fields = Fields(bytes);
        let header = BundleHeader::parse(&mut fields)?;
        let (enc, sealed_dek) = (fields.array()?, fields.array()?);
        let manifest = fields.lp32()?;
        if manifest.len() > MAX_MANIFEST_LEN {
            return Err(BundleError::ManifestTooLong(manifest.len()));
        }
        let signature = fields.lp()?;
        let signature = signature.try_into().map_err(|_| BundleError::SignatureLength(signature.len()))?;
        if !fields.0.is_empty() {
            return Err(BundleError::TrailingBytes);
        }
        Ok(Self { header, enc, sealed_dek, manifest: manifest.to_vec(), signature, raw: bytes.to_vec() })
    }

    /// The encoded bundle.
    pub fn to_bytes(&self) -> &[u8] {
        &self.raw
    }

    /// SHA-256 of the encoded bundle: its identity everywhere.
    pub fn sha256(&self) -> [u8; 32] {
        sha256(&[&self.raw])
    }

    /// Verifies that `device` is the device the header names and signed these bytes.
    pub fn verify_signature(&self, device: &DevicePublicKey) -> Result<(), BundleError> {
        if device_id(device) != self.header.device_id {
            return Err(BundleError::OtherDevice);
        }
        device.verify(&signed_message(&self.encode_unsigned()), &self.signature).map_err(|_| BundleError::Signature)
    }

    /// Opens the DEK and the manifest. The caller verifies the signature first.
    pub fn open(&self, key: &OpenKey) -> Result<(Secret<32>, Manifest), BundleError> {
        if key.seal_key().id() != self.header.recipient_key_id {
            return Err(BundleError::OtherRecipient);
        }
        let dek = hpke::open(key.recipient(), &self.enc, &self.header.seal_info(), &[], &self.sealed_dek)?;
        let dek = Secret::from_slice(&dek).ok_or(BundleError::Hpke(hpke::HpkeError::Open))?;
        let plain = open_record(&dek, KeyClass::Dek, 0, &self.header.manifest_context(), &self.manifest)?;
        Ok((dek, cbor::decode_padded(&plain)?))
    }

    fn encode_unsigned(&self) -> Vec<u8> {
        let mut out = self.header.encode();
        out.extend_from_slice(&self.enc);
        out.extend_from_slice(&self.sealed_dek);
        put_lp32(&mut out, &self.manifest);
        out
    }
}

fn signed_message(unsigned: &[u8]) -> Vec<u8> {
    [b"eks1.sig".as_slice(), unsigned].concat()
}
