//! Points and private scalars that are valid once they exist.

use super::named::on_curve;
use super::{CurveError, NamedCurve};
use crate::random::SecureRandom;
use zeroize::Zeroizing;

/// A finite point on a named curve.
#[derive(Clone, PartialEq, Eq)]
pub struct Point {
    curve: NamedCurve,
    uncompressed: Vec<u8>,
}

impl Point {
    /// Reads `04 ‖ x ‖ y` and checks the curve equation.
    ///
    /// # Errors
    /// [`CurveError::PointEncoding`] for any other form or length, [`CurveError::PointNotOnCurve`].
    pub fn from_uncompressed(curve: NamedCurve, octets: &[u8]) -> Result<Self, CurveError> {
        if octets.first() != Some(&4) {
            return Err(CurveError::PointEncoding);
        }
        Self::from_sec1(curve, octets)
    }

    /// Reads a SEC 1 octet string, uncompressed or compressed, and checks the curve equation.
    ///
    /// # Errors
    /// [`CurveError::PointEncoding`] or [`CurveError::PointNotOnCurve`].
    pub fn from_sec1(curve: NamedCurve, octets: &[u8]) -> Result<Self, CurveError> {
        Ok(Self { curve, uncompressed: on_curve!(curve, decode_point(octets))? })
    }

    /// Only for octets which the arithmetic of the same curve has returned.
    pub(super) fn computed(curve: NamedCurve, uncompressed: Vec<u8>) -> Self {
        Self { curve, uncompressed }
    }

    /// The curve the point is on.
    pub const fn curve(&self) -> NamedCurve {
        self.curve
    }

    /// `04 ‖ x ‖ y` at full field length.
    pub fn to_uncompressed(&self) -> Vec<u8> {
        self.uncompressed.clone()
    }

    /// Borrows `04 ‖ x ‖ y`.
    pub fn as_uncompressed(&self) -> &[u8] {
        &self.uncompressed
    }

    /// The x coordinate at full field length, leading zeros kept.
    pub fn x(&self) -> &[u8] {
        &self.uncompressed[1..=self.curve.field_len()]
    }

    /// The y coordinate at full field length, leading zeros kept.
    pub fn y(&self) -> &[u8] {
        &self.uncompressed[1 + self.curve.field_len()..]
    }
}

impl std::fmt::Debug for Point {
    /// A chip's public key identifies its holder's document, so only the curve is shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Point({}, ..)", self.curve.name())
    }
}

/// A private key on a named curve: an integer in 1..n, wiped when dropped.
#[derive(Clone)]
pub struct PrivateScalar {
    curve: NamedCurve,
    octets: Zeroizing<Vec<u8>>,
}

impl PrivateScalar {
    /// Candidates drawn before the generator is called broken; each is refused with probability below one half.
    const GENERATE_ATTEMPTS: usize = 128;

    /// Draws a uniformly distributed key (FIPS 186-5 A.2.2, testing candidates).
    ///
    /// # Errors
    /// [`CurveError::Random`] when the source fails, [`CurveError::ScalarOutOfRange`] when it repeats the impossible.
    pub fn generate(curve: NamedCurve, random: &mut dyn SecureRandom) -> Result<Self, CurveError> {
        let bits = curve.order_bits() as usize;
        let mut octets = Zeroizing::new(vec![0; bits.div_ceil(8)]);
        for _ in 0..Self::GENERATE_ATTEMPTS {
            random.fill(&mut octets)?;
            octets[0] &= 0xFF >> (octets.len() * 8 - bits);
            if let Ok(scalar) = Self::from_bytes(curve, &octets) {
                return Ok(scalar);
            }
        }
        Err(CurveError::ScalarOutOfRange)
    }

    /// Takes a big-endian integer.
    ///
    /// # Errors
    /// [`CurveError::ScalarOutOfRange`] outside 1..n.
    pub fn from_bytes(curve: NamedCurve, octets: &[u8]) -> Result<Self, CurveError> {
        on_curve!(curve, check_scalar(octets))?;
        Ok(Self { curve, octets: Zeroizing::new(octets.to_vec()) })
    }

    /// The curve the key is for.
    pub const fn curve(&self) -> NamedCurve {
        self.curve
    }

    /// The integer at full field length.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let len = self.curve.field_len();
        let mut bytes = Zeroizing::new(vec![0; len]);
        let digits = &self.octets[self.octets.len().saturating_sub(len)..];
        bytes[len - digits.len()..].copy_from_slice(digits);
        bytes
    }

    /// The public key for the curve's own generator.
    pub fn public(&self) -> Point {
        match on_curve!(self.curve, multiply(None, &self.octets)) {
            Ok(uncompressed) => Point::computed(self.curve, uncompressed),
            // A scalar in 1..n times a generator of order n is finite; `from_bytes` is the only constructor.
            Err(_) => unreachable!("a scalar between 1 and n has a public key"),
        }
    }

    /// This key divided by another, modulo the order: the chip authentication data of PACE (Doc 9303-11 §4.4.3.5.1).
    ///
    /// # Errors
    /// [`CurveError::CurveMismatch`].
    pub fn divided_by(&self, divisor: &Self) -> Result<Self, CurveError> {
        if self.curve != divisor.curve {
            return Err(CurveError::CurveMismatch);
        }
        let octets = on_curve!(self.curve, divide(&self.octets, &divisor.octets))?;
        Ok(Self { curve: self.curve, octets })
    }

    pub(crate) fn octets(&self) -> &[u8] {
        &self.octets
    }
}

impl std::fmt::Debug for PrivateScalar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PrivateScalar({}, ..)", self.curve.name())
    }
}
