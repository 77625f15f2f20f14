//! EKB1, an encrypted blob in chunks of 64 KiB (security specification §4).
//!
//! The blob key is derived from the session's DEK with the header as context, so the header is authenticated by every chunk.
//! A chunk's nonce is its number and whether it is the last: chunks can be neither reordered, dropped nor appended.

use chip_crypto::{aead, hkdf};
use zeroize::Zeroizing;

use crate::Secret;
use crate::layout::{Fields, Short};

const MAGIC: &[u8; 4] = b"EKB1";
const ALG_AES_256_GCM: u8 = 0x02;
const CHUNK_LOG2: u8 = 16;
/// Octets of the header.
pub const BLOB_HEADER_LEN: usize = 64;
/// Octets of plaintext in every chunk but the last.
pub const CHUNK_LEN: usize = 1 << CHUNK_LOG2;
/// Largest plaintext taken (session read budget, security specification §9).
pub const MAX_BLOB_LEN: u64 = 4 << 20;

/// The 64-octet header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobHeader {
    /// What the blob holds (`ItemKind`).
    pub kind: u8,
    /// Identity of the blob.
    pub blob_id: [u8; 16],
    /// Random for every write.
    pub salt: [u8; 32],
    /// Octets of plaintext.
    pub plain_len: u64,
}

/// Why a blob does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlobError {
    /// Too short for its header.
    #[error("blob is cut short")]
    Truncated,
    /// Not an EKB1 blob.
    #[error("not an EKB1 blob")]
    Magic,
    /// Algorithm, chunk size or reserved octet this version does not know.
    #[error("unknown blob parameters")]
    Parameters,
    /// Longer than the budget.
    #[error("blob of {0} octets is over the budget")]
    TooLong(u64),
    /// Number or length of chunks does not fit the header.
    #[error("blob has chunks of the wrong number or length")]
    Layout,
    /// Chunk changed, moved, or of another session.
    #[error("blob chunk {0} does not authenticate")]
    Tampered(u64),
}

impl From<Short> for BlobError {
    fn from(_: Short) -> Self {
        Self::Truncated
    }
}

impl BlobHeader {
    /// Parses the first 64 octets of a blob.
    pub fn parse(bytes: &[u8]) -> Result<Self, BlobError> {
        let mut fields = Fields(bytes);
        if fields.take(4)? != MAGIC {
            return Err(BlobError::Magic);
        }
        let algorithm = fields.u8()?;
        let kind = fields.u8()?;
        if algorithm != ALG_AES_256_GCM || fields.u8()? != CHUNK_LOG2 || fields.u8()? != 0 {
            return Err(BlobError::Parameters);
        }
        let header = Self { kind, blob_id: fields.array()?, salt: fields.array()?, plain_len: fields.u64()? };
        if header.plain_len > MAX_BLOB_LEN { Err(BlobError::TooLong(header.plain_len)) } else { Ok(header) }
    }

    /// Encodes the header.
    pub fn encode(&self) -> [u8; BLOB_HEADER_LEN] {
        let mut out = [0; BLOB_HEADER_LEN];
        out[..4].copy_from_slice(MAGIC);
        out[4..8].copy_from_slice(&[ALG_AES_256_GCM, self.kind, CHUNK_LOG2, 0]);
        out[8..24].copy_from_slice(&self.blob_id);
        out[24..56].copy_from_slice(&self.salt);
        out[56..].copy_from_slice(&self.plain_len.to_be_bytes());
        out
    }

    /// Number of chunks; an empty blob has one.
    pub fn chunks(&self) -> u64 {
        self.plain_len.div_ceil(CHUNK_LEN as u64).max(1)
    }

    /// Octets of all chunks with their tags, without the header.
    pub fn sealed_len(&self) -> u64 {
        self.plain_len.saturating_add(self.chunks().saturating_mul(aead::TAG_LEN as u64))
    }

    fn key(&self, dek: &Secret<32>, session_id: &[u8; 16]) -> Result<Zeroizing<[u8; 32]>, BlobError> {
        hkdf::derive_sha256(dek.expose(), &self.salt, &[b"eks1.blob", session_id, &self.encode()])
            .map_err(|_| BlobError::Parameters)
    }
}

/// A sealed blob: header and chunks, one database row each.
pub struct SealedBlob {
    /// The header.
    pub header: BlobHeader,
    /// Each chunk's ciphertext ‖ tag, in order.
    pub chunks: Vec<Vec<u8>>,
}

impl SealedBlob {
    /// The blob as one byte string: header ‖ chunks.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = self.header.encode().to_vec();
        for chunk in &self.chunks {
            out.extend_from_slice(chunk);
        }
        out
    }
}

fn nonce(number: u64, last: bool) -> [u8; 12] {
    let mut out = [0; 12];
    out[3..11].copy_from_slice(&number.to_be_bytes());
    out[11] = u8::from(last);
    out
}

/// Encrypts `plain` under the session's DEK; `blob_id` and `salt` are fresh randomness.
pub fn seal_blob(
    dek: &Secret<32>,
    session_id: &[u8; 16],
    kind: u8,
    blob_id: [u8; 16],
    salt: [u8; 32],
    plain: &[u8],
) -> Result<SealedBlob, BlobError> {
    let plain_len = plain.len() as u64;
    if plain_len > MAX_BLOB_LEN {
        return Err(BlobError::TooLong(plain_len));
    }
    let header = BlobHeader { kind, blob_id, salt, plain_len };
    let key = header.key(dek, session_id)?;
    let count = header.chunks();
    let mut chunks = Vec::new();
    let mut rest = plain;
    for number in 0..count {
        let (chunk, after) = rest.split_at(rest.len().min(CHUNK_LEN));
        let sealed = aead::seal(&key, &nonce(number, number + 1 == count), &[], chunk)
            .map_err(|_| BlobError::TooLong(plain_len))?;
        chunks.push(sealed);
        rest = after;
    }
    Ok(SealedBlob { header, chunks })
}

/// Decrypts a whole blob (header ‖ chunks).
pub fn open_blob(dek: &Secret<32>, session_id: &[u8; 16], blob: &[u8]) -> Result<Zeroizing<Vec<u8>>, BlobError> {
    let header = BlobHeader::parse(blob)?;
    let sealed = blob.get(BLOB_HEADER_LEN..).ok_or(BlobError::Truncated)?;
    if sealed.len() as u64 != header.sealed_len() {
        return Err(BlobError::Layout);
    }
    let key = header.key(dek, session_id)?;
    let count = header.chunks();
    // The length was checked against the bytes at hand, so this allocates no more than was received.
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
    for (number, chunk) in (0..count).zip(sealed.chunks(CHUNK_LEN + aead::TAG_LEN)) {
        let opened = aead::open(&key, &nonce(number, number + 1 == count), &[], chunk)
            .map_err(|_| BlobError::Tampered(number))?;
        plain.extend_from_slice(&opened);
    }
    if plain.len() as u64 == header.plain_len { Ok(plain) } else { Err(BlobError::Layout) }
}
