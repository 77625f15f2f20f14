//! The LDSSecurityObject: the signed list of data-group hashes (Doc 9303-10, 4.6.2.3).

use std::collections::BTreeMap;

use chip_crypto::hash::HashAlgorithm;

use crate::algorithm::{self, AlgorithmError};
use crate::asn1::{self, Asn1Error};

/// The list of hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LdsSecurityObject {
    /// 0, or 1 with version information.
    pub version: u32,
    pub hash: HashAlgorithm,
    /// By data-group number.
    pub hashes: BTreeMap<u8, Vec<u8>>,
    /// From version 1 on, e.g. `0108`.
    pub lds_version: Option<String>,
    pub unicode_version: Option<String>,
}

/// Why there is no usable list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LdsError {
    #[error("the version is {0}")]
    Version(u32),
    #[error("data group {0} is listed twice")]
    DuplicateDataGroup(u8),
    #[error("data group {0} does not exist")]
    DataGroupNumber(u32),
    #[error(transparent)]
    Algorithm(#[from] AlgorithmError),
    #[error(transparent)]
    Malformed(#[from] Asn1Error),
}

impl From<apdu::tlv::TlvError> for LdsError {
    fn from(error: apdu::tlv::TlvError) -> Self {
        Self::Malformed(error.into())
    }
}

impl LdsSecurityObject {
    /// Reads the object.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(content: &[u8]) -> Result<Self, LdsError> {
        let mut fields = asn1::open(content, asn1::SEQUENCE)?;
        let version = asn1::small(fields.expect(asn1::INTEGER)?.value)?;
        if version > 1 {
            return Err(LdsError::Version(version));
        }
        let hash = algorithm::digest_algorithm(&fields.expect(asn1::SEQUENCE)?)?;
        let mut hashes = BTreeMap::new();
        let mut list = asn1::inside(&fields.expect(asn1::SEQUENCE)?);
        while let Some(entry) = asn1::next(&mut list)? {
            let mut parts = asn1::inside(&entry);
            let number = asn1::small(parts.expect(asn1::INTEGER)?.value)?;
            let dg =
                u8::try_from(number).ok().filter(|n| (1..=16).contains(n)).ok_or(LdsError::DataGroupNumber(number))?;
            if hashes.insert(dg, parts.expect(asn1::OCTET_STRING)?.value.to_vec()).is_some() {
                return Err(LdsError::DuplicateDataGroup(dg));
            }
        }
        let mut object = Self { version, hash, hashes, lds_version: None, unicode_version: None };
        if let Some(info) = asn1::optional(&mut fields, asn1::SEQUENCE)? {
            let mut parts = asn1::inside(&info);
            let text = |value: &[u8]| String::from_utf8(value.to_vec()).map_err(|_| Asn1Error::Malformed("version"));
            object.lds_version = Some(text(parts.next()?.value)?);
            object.unicode_version = Some(text(parts.next()?.value)?);
        }
        Ok(object)
    }
}
