//! Big-endian layouts with length prefixes (LP u16, LP32 u32) and the SHA-256 every format uses.

use chip_crypto::hash::{HashAlgorithm, digest};

/// The bytes end inside a field, or a length field points past the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Short;

/// Reads fields from the front; never allocates from a length field.
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl<'a> Fields<'a> {
    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], Short> {
        let (front, rest) = self.0.split_at_checked(len).ok_or(Short)?;
        self.0 = rest;
        Ok(front)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Short> {
        let (front, rest) = self.0.split_first_chunk::<N>().ok_or(Short)?;
        self.0 = rest;
        Ok(*front)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Short> {
        self.array::<1>().map(|[octet]| octet)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Short> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Short> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Short> {
        self.array().map(u64::from_be_bytes)
    }

    /// LP(x): u16 length ‖ x.
    pub(crate) fn lp(&mut self) -> Result<&'a [u8], Short> {
        let len = self.u16()?;
        self.take(usize::from(len))
    }

    /// LP32(x): u32 length ‖ x.
    pub(crate) fn lp32(&mut self) -> Result<&'a [u8], Short> {
        let len = self.u32()?;
        self.take(usize::try_from(len).map_err(|_| Short)?)
    }
}

/// Appends LP(x). Callers pass names and signatures far below 64 KiB; a longer one is cut, which no reader accepts.
pub(crate) fn put_lp(out: &mut Vec<u8>, value: &[u8]) {
    let len = u16::try_from(value.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&len.to_be_bytes());
    out.extend(value.iter().take(usize::from(len)));
}

/// Appends LP32(x).
pub(crate) fn put_lp32(out: &mut Vec<u8>, value: &[u8]) {
    let len = u32::try_from(value.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(value);
}

/// SHA-256 over the concatenation of `parts`.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut out = [0; 32];
    for (to, from) in out.iter_mut().zip(digest(HashAlgorithm::Sha256, parts)) {
        *to = from;
    }
    out
}

/// The first 16 octets of a labelled SHA-256: key and device identifiers.
pub(crate) fn short_id(label: &[u8], value: &[u8]) -> [u8; 16] {
    let mut out = [0; 16];
    for (to, from) in out.iter_mut().zip(sha256(&[label, value])) {
        *to = from;
    }
    out
}
