//! Public keys that are usable once they exist.

use super::SignatureError;
use crate::curve::{NamedCurve, Point};

/// A public key of a certificate or of a chip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// RSA.
    Rsa(RsaPublicKey),
    /// A point on a named curve.
    Ec(Point),
}

impl PublicKey {
    /// Takes modulus and exponent as big-endian integers.
    ///
    /// # Errors
    /// [`SignatureError::KeyTooSmall`] below 1024 bits, [`SignatureError::KeyTooLarge`],
    /// [`SignatureError::RsaKeyMalformed`].
    pub fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, SignatureError> {
        RsaPublicKey::new(modulus, exponent).map(Self::Rsa)
    }

    /// Takes a point, which is valid by its type.
    pub const fn ec(point: Point) -> Self {
        Self::Ec(point)
    }

    /// Takes a SEC 1 octet string, compressed or not.
    ///
    /// # Errors
    /// [`SignatureError::PointInvalid`].
    pub fn ec_from_sec1(curve: NamedCurve, octets: &[u8]) -> Result<Self, SignatureError> {
        Ok(Self::Ec(Point::from_sec1(curve, octets)?))
    }

    /// Kind and size for reports and policy, for example `RSA-4096` or `secp384r1`.
    pub fn kind(&self) -> String {
        match self {
            Self::Rsa(key) => format!("RSA-{}", key.bits()),
            Self::Ec(point) => point.curve().name().to_owned(),
        }
    }
}

/// An RSA public key with a modulus of 1024 to 8192 bits.
#[derive(Clone, PartialEq, Eq)]
pub struct RsaPublicKey {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
    bits: usize,
}

impl RsaPublicKey {
    /// Shortest modulus that is computed with. Policy asks for more.
    pub const MIN_BITS: usize = 1024;
    /// Longest modulus that is computed with; bounds the work a hostile certificate can cause.
    pub const MAX_BITS: usize = 8192;
    /// Length in bits of the largest exponent, as in `ring`.
    const MAX_EXPONENT_BITS: usize = 33;

    /// Takes modulus and exponent as big-endian integers.
    ///
    /// # Errors
    /// [`SignatureError::KeyTooSmall`], [`SignatureError::KeyTooLarge`] or [`SignatureError::RsaKeyMalformed`].
    pub fn new(modulus: &[u8], exponent: &[u8]) -> Result<Self, SignatureError> {
        let (modulus, exponent) = (significant(modulus), significant(exponent));
        let bits = bit_len(modulus);
        if bits < Self::MIN_BITS {
            return Err(SignatureError::KeyTooSmall(bits));
        }
        if bits > Self::MAX_BITS {
            return Err(SignatureError::KeyTooLarge(bits));
        }
        let both_odd = [modulus, exponent].iter().all(|integer| integer.last().is_some_and(|byte| byte & 1 == 1));
        if !both_odd || exponent == [1] || bit_len(exponent) > Self::MAX_EXPONENT_BITS {
            return Err(SignatureError::RsaKeyMalformed);
        }
        Ok(Self { modulus: modulus.to_vec(), exponent: exponent.to_vec(), bits })
    }

    /// The modulus without leading zeros.
    pub fn modulus(&self) -> &[u8] {
        &self.modulus
    }

    /// The public exponent without leading zeros.
    pub fn exponent(&self) -> &[u8] {
        &self.exponent
    }

    /// Length of the modulus in bits.
    pub const fn bits(&self) -> usize {
        self.bits
    }
}

impl std::fmt::Debug for RsaPublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RsaPublicKey({} bits, ..)", self.bits)
    }
}

fn significant(integer: &[u8]) -> &[u8] {
    let zeros = integer.iter().take_while(|&&byte| byte == 0).count();
    &integer[zeros..]
}

fn bit_len(significant: &[u8]) -> usize {
    significant.first().map_or(0, |first| significant.len() * 8 - first.leading_zeros() as usize)
}
