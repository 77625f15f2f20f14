//! Signatures of certificates, security objects and chips.
//!
//! Verification answers `Ok(())` or says why not; whether a hash or a key length is acceptable is the caller's policy.

pub mod iso9796_2;

mod digest_list;
mod ecdsa;
mod key;
mod pkcs8;
pub(crate) mod rsa;
pub(crate) mod sign;
mod verify;

pub use digest_list::open_sha256_list;
pub use key::{PublicKey, RsaPublicKey};
pub use sign::{RsaSigningKey, SigningError, SigningKey};
pub use verify::{verify, verify_rsa_pkcs1_digest};

use crate::curve::CurveError;
use crate::hash::HashAlgorithm;

/// How a message was signed, as its algorithm identifier says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignatureScheme {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2).
    RsaPkcs1(HashAlgorithm),
    /// RSASSA-PSS (RFC 8017 §8.1).
    RsaPss {
        /// Hash of the message.
        hash: HashAlgorithm,
        /// Hash inside the mask generation function MGF1.
        mgf: HashAlgorithm,
        /// Length of the salt in bytes, exactly.
        salt_len: usize,
    },
    /// ECDSA with the signature as DER `ECDSA-Sig-Value` (RFC 3279 §2.2.3).
    Ecdsa(HashAlgorithm),
    /// ECDSA with the signature as plain `r ‖ s` (BSI TR-03111 §5.2.1), as Active Authentication returns it.
    EcdsaPlain(HashAlgorithm),
}

impl SignatureScheme {
    /// The hash of the message.
    pub const fn hash(self) -> HashAlgorithm {
        match self {
            Self::RsaPkcs1(hash) | Self::RsaPss { hash, .. } | Self::Ecdsa(hash) | Self::EcdsaPlain(hash) => hash,
        }
    }
}

/// Why a signature or a key is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The signature does not belong to this message and key.
    #[error("the signature does not belong to this message and key")]
    Invalid,
    /// The signature is malformed: wrong length, bad DER, r or s outside 1..n.
    #[error("the signature is malformed")]
    Encoding,
    /// The RSA modulus is shorter than 1024 bits.
    #[error("the RSA modulus has only {0} bits")]
    KeyTooSmall(usize),
    /// The RSA modulus is longer than is ever computed with.
    #[error("the RSA modulus has {0} bits")]
    KeyTooLarge(usize),
    /// The RSA public key is no odd modulus with an odd exponent from 3 to 2³³.
    #[error("the RSA public key is malformed")]
    RsaKeyMalformed,
    /// The public point is malformed, not on its curve or at infinity.
    #[error("the public point is unusable")]
    PointInvalid(#[source] CurveError),
    /// The scheme is for another kind of key.
    #[error("the signature scheme is for another kind of key")]
    KeyMismatch,
    /// The combination of parameters is not computed here.
    #[error("the signature scheme is not supported")]
    Unsupported,
}

impl From<CurveError> for SignatureError {
    fn from(error: CurveError) -> Self {
        Self::PointInvalid(error)
    }
}
