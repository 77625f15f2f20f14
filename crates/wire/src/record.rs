//! EKR1, an encrypted record (security specification §4): a value bound to its table, column, session, row and version.

use chip_crypto::aead;
use zeroize::Zeroizing;

use crate::Secret;
use crate::layout::{Fields, Short, put_lp};

const MAGIC: &[u8; 4] = b"EKR1";
const ALG_AES_256_GCM: u8 = 0x02;
const HEADER_LEN: usize = 22;

/// Which key of the hierarchy a record is encrypted with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum KeyClass {
    /// `wrap_key`, derived from the KEK.
    Wrap = 1,
    /// Epoch key E_n.
    Epoch = 2,
    /// DEK_s of one session.
    Dek = 3,
}

/// What the associated data binds.
#[derive(Clone, Copy, Debug)]
pub struct RecordContext<'a> {
    /// Table the record stands in.
    pub table: &'a str,
    /// Column the record stands in.
    pub column: &'a str,
    /// Session the row belongs to; zero for rows of no session.
    pub session_id: [u8; 16],
    /// Key of the row.
    pub row_key: [u8; 16],
    /// Version of the row.
    pub row_version: u64,
}

/// The first 22 octets of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordHeader {
    /// Key class.
    pub class: KeyClass,
    /// Number of the key in its class.
    pub key_no: u32,
    /// Random nonce.
    pub nonce: [u8; 12],
}

/// Why a record does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Too short for header and tag.
    #[error("record is cut short")]
    Truncated,
    /// Not an EKR1 record.
    #[error("not an EKR1 record")]
    Magic,
    /// Algorithm identifier other than AES-256-GCM.
    #[error("unknown record algorithm {0:#04x}")]
    Algorithm(u8),
    /// Key class outside 1 to 3.
    #[error("unknown key class {0}")]
    KeyClass(u8),
    /// The record names another key than the one at hand.
    #[error("record was made with another key")]
    OtherKey,
    /// Changed, moved to another place, or made with another key.
    #[error("record does not authenticate")]
    Tampered,
    /// Longer than one GCM message.
    #[error("record too long")]
    TooLong,
}

impl From<Short> for RecordError {
    fn from(_: Short) -> Self {
        Self::Truncated
    }
}

impl RecordHeader {
    /// Parses the header of a record.
    pub fn parse(record: &[u8]) -> Result<Self, RecordError> {
        let mut fields = Fields(record);
        if fields.take(4)? != MAGIC {
            return Err(RecordError::Magic);
        }
        let algorithm = fields.u8()?;
        if algorithm != ALG_AES_256_GCM {
            return Err(RecordError::Algorithm(algorithm));
        }
        let class = match fields.u8()? {
            1 => KeyClass::Wrap,
            2 => KeyClass::Epoch,
            3 => KeyClass::Dek,
            other => return Err(RecordError::KeyClass(other)),
        };
        let header = Self { class, key_no: fields.u32()?, nonce: fields.array()? };
        if fields.0.len() < aead::TAG_LEN { Err(RecordError::Truncated) } else { Ok(header) }
    }

    /// Encodes the header.
    pub fn encode(&self) -> [u8; HEADER_LEN] {
        let mut out = [0; HEADER_LEN];
        out[..4].copy_from_slice(MAGIC);
        out[4] = ALG_AES_256_GCM;
        out[5] = self.class as u8;
        out[6..10].copy_from_slice(&self.key_no.to_be_bytes());
        out[10..].copy_from_slice(&self.nonce);
        out
    }
}

/// The associated data of a record: LP("eks1.rec") ‖ LP(table) ‖ LP(column) ‖ session ‖ row key ‖ row version ‖ header.
pub fn record_aad(context: &RecordContext<'_>, header: &RecordHeader) -> Vec<u8> {
    let mut aad = Vec::with_capacity(96);
    put_lp(&mut aad, b"eks1.rec");
    put_lp(&mut aad, context.table.as_bytes());
    put_lp(&mut aad, context.column.as_bytes());
    aad.extend_from_slice(&context.session_id);
    aad.extend_from_slice(&context.row_key);
    aad.extend_from_slice(&context.row_version.to_be_bytes());
    aad.extend_from_slice(&header.encode());
    aad
}

/// Encrypts `cbor`, padded to 256-octet steps; `header.nonce` is fresh randomness.
pub fn seal_record(
    key: &Secret<32>,
    header: &RecordHeader,
    context: &RecordContext<'_>,
    cbor: Vec<u8>,
) -> Result<Vec<u8>, RecordError> {
    let plaintext = Zeroizing::new(crate::cbor::pad(cbor));
    let sealed = aead::seal(key.expose(), &header.nonce, &record_aad(context, header), &plaintext)
        .map_err(|_| RecordError::TooLong)?;
    Ok([header.encode().as_slice(), &sealed].concat())
}

/// Decrypts a record made with key `(class, key_no)`; the plaintext still carries its padding.
pub fn open_record(
    key: &Secret<32>,
    class: KeyClass,
    key_no: u32,
    context: &RecordContext<'_>,
    record: &[u8],
) -> Result<Zeroizing<Vec<u8>>, RecordError> {
    let header = RecordHeader::parse(record)?;
    if header.class != class || header.key_no != key_no {
        return Err(RecordError::OtherKey);
    }
    let sealed = record.get(HEADER_LEN..).ok_or(RecordError::Truncated)?;
    aead::open(key.expose(), &header.nonce, &record_aad(context, &header), sealed).map_err(|_| RecordError::Tampered)
}
