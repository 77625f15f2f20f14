//! Signing, for the simulated chip and for tests. No key that protects a person is ever held here.

use super::{PublicKey, RsaPublicKey, SignatureScheme, ecdsa, pkcs8, rsa::with_digest};
use crate::curve::{CurveError, NamedCurve, PrivateScalar, sign_ecdsa};
use crate::hash::digest;
use crate::random::{RandomError, SecureRandom};
use rsa::rand_core::{TryCryptoRng, TryRng};
use rsa::traits::PublicKeyParts as _;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss};
use zeroize::Zeroizing;

/// Why nothing was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SigningError {
    /// The octets are no private key of a known kind.
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
#[derive(Clone, Debug)]
pub enum SigningKey {
    /// A scalar on a named curve.
    Ec(PrivateScalar),
    /// RSA.
    Rsa(RsaSigningKey),
}

/// An RSA private key with two primes.
#[derive(Clone)]
pub struct RsaSigningKey {
    pub(crate) private: Box<rsa::PrivateKey>,
    public: RsaPublicKey,
}

impl SigningKey {
    /// Draws an EC key.
    ///
    /// # Errors
    /// [`SigningError::Curve`] when the source of randomness fails.
    pub fn generate_ec(curve: NamedCurve, random: &mut dyn SecureRandom) -> Result<Self, SigningError> {
        Ok(Self::Ec(PrivateScalar::generate(curve, random)?))
    }

    /// Draws an RSA key with exponent 65537. Takes seconds.
    ///
    /// # Errors
    /// [`SigningError::KeyMalformed`] for an impossible length, or when the source of randomness fails.
    pub fn generate_rsa(bits: usize, random: &mut dyn SecureRandom) -> Result<Self, SigningError> {
        let key = rsa::PrivateKey::new(&mut Rng(random), bits).map_err(|_| SigningError::KeyMalformed)?;
        RsaSigningKey::new(key).map(Self::Rsa)
    }

    /// Reads PKCS#8 (RFC 5958): RSA, or EC with named or explicit parameters.
    ///
    /// # Errors
    /// [`SigningError::KeyMalformed`] or [`SigningError::Curve`].
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, SigningError> {
        pkcs8::read(der)
    }

    /// Takes a scalar.
    pub const fn from_scalar(scalar: PrivateScalar) -> Self {
        Self::Ec(scalar)
    }

    /// The public key.
    pub fn public(&self) -> PublicKey {
        match self {
            Self::Ec(scalar) => PublicKey::Ec(scalar.public()),
            Self::Rsa(key) => PublicKey::Rsa(key.public.clone()),
        }
    }

    /// Signs `message`. ECDSA nonces follow RFC 6979 with 32 random bytes mixed in, so neither a repeated random
    /// sequence nor a repeated message alone repeats a nonce for different messages.
    ///
    /// # Errors
    /// See [`SigningError`].
    pub fn sign(
        &self,
        scheme: &SignatureScheme,
        message: &[u8],
        random: &mut dyn SecureRandom,
    ) -> Result<Vec<u8>, SigningError> {
        let hash = scheme.hash();
        let hashed = digest(hash, &[message]);
        match (self, *scheme) {
            (Self::Ec(scalar), SignatureScheme::Ecdsa(_)) => {
                let (r, s) = sign_hash(scalar, &hashed, random)?;
                ecdsa::to_der(&r, &s).map_err(|_| SigningError::KeyMalformed)
            }
            (Self::Ec(scalar), SignatureScheme::EcdsaPlain(_)) => {
                let (r, s) = sign_hash(scalar, &hashed, random)?;
                Ok([r, s].concat())
            }
            (Self::Rsa(key), SignatureScheme::RsaPkcs1(_)) => {
                let padding = with_digest!(hash, D => Pkcs1v15Sign::new::<D>());
                key.private.sign_with_rng(&mut Rng(random), padding, &hashed).map_err(|_| SigningError::MessageTooLong)
            }
            (Self::Rsa(_), SignatureScheme::RsaPss { mgf, .. }) if mgf != hash => Err(SigningError::Unsupported),
            (Self::Rsa(key), SignatureScheme::RsaPss { salt_len, .. }) => with_digest!(hash, D => {
                key.private.sign_with_rng(&mut Rng(random), Pss::<D>::new_with_salt(salt_len), &hashed)
            })
            .map_err(|_| SigningError::MessageTooLong),
            (Self::Ec(_), SignatureScheme::RsaPkcs1(_) | SignatureScheme::RsaPss { .. })
            | (Self::Rsa(_), SignatureScheme::Ecdsa(_) | SignatureScheme::EcdsaPlain(_)) => {
                Err(SigningError::KeyMismatch)
            }
        }
    }

    /// Raises a number below the RSA modulus to the private exponent, without any formatting; the result has the
    /// length of the modulus.
    ///
    /// # Errors
    /// [`SigningError::KeyMismatch`] for an EC key, [`SigningError::MessageTooLong`].
    pub fn rsa_private(&self, number: &[u8], random: &mut dyn SecureRandom) -> Result<Vec<u8>, SigningError> {
        let Self::Rsa(RsaSigningKey { private, public }) = self else {
            return Err(SigningError::KeyMismatch);
        };
        let number =
            BoxedUint::from_be_slice(number, private.n_bits_precision()).map_err(|_| SigningError::MessageTooLong)?;
        let power = rsa::hazmat::rsa_decrypt_and_check(&**private, Some(&mut Rng(random)), &number)
            .map_err(|_| SigningError::MessageTooLong)?;
        let octets = power.to_be_bytes_trimmed_vartime();
        let mut fixed = vec![0; public.modulus().len() - octets.len()];
        fixed.extend_from_slice(&octets);
        Ok(fixed)
    }
}

impl RsaSigningKey {
    pub(super) fn new(private: rsa::PrivateKey) -> Result<Self, SigningError> {
        let public = RsaPublicKey::new(&private.n().to_be_bytes(), &private.e().to_be_bytes())
            .map_err(|_| SigningError::KeyMalformed)?;
        Ok(Self { private: Box::new(private), public })
    }
}

impl std::fmt::Debug for RsaSigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RsaSigningKey({} bits, ..)", self.public.bits())
    }
}

fn sign_hash(
    scalar: &PrivateScalar,
    hash: &[u8],
    random: &mut dyn SecureRandom,
) -> Result<(Vec<u8>, Vec<u8>), SigningError> {
    let mut extra = Zeroizing::new([0; 32]);
    random.fill(&mut *extra)?;
    Ok(sign_ecdsa(scalar, hash, &*extra)?)
}

/// Our source of randomness where RustCrypto asks for its own kind.
pub(crate) struct Rng<'a>(pub(crate) &'a mut dyn SecureRandom);

impl TryRng for Rng<'_> {
    type Error = RandomError;

    fn try_next_u32(&mut self) -> Result<u32, RandomError> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, RandomError> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        self.0.fill(bytes)
    }
}

impl TryCryptoRng for Rng<'_> {}
