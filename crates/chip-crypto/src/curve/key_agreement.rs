//! ECDH (Doc 9303-11 §9.6, BSI TR-03111 §4.3.1) and the generic mapping of PACE (Doc 9303-11 §4.4.3.3.1).

use super::named::on_curve;
use super::{CurveError, NamedCurve, Point, PrivateScalar};
use zeroize::Zeroizing;

/// Agrees on the x coordinate, at full field length with its leading zeros.
///
/// The result does not depend on the generator the public keys were made with, so it serves ephemeral PACE
/// generators too.
///
/// # Errors
/// [`CurveError::CurveMismatch`], or [`CurveError::PointAtInfinity`].
pub fn diffie_hellman(private: &PrivateScalar, public: &Point) -> Result<Zeroizing<Vec<u8>>, CurveError> {
    let shared = Zeroizing::new(multiply(private, public)?);
    Ok(Zeroizing::new(shared[1..=private.curve().field_len()].to_vec()))
}

/// Agrees on a point, the `H` of the generic mapping.
///
/// # Errors
/// [`CurveError::CurveMismatch`], or [`CurveError::PointAtInfinity`].
pub fn shared_point(private: &PrivateScalar, public: &Point) -> Result<Point, CurveError> {
    Ok(Point::computed(private.curve(), multiply(private, public)?))
}

/// Maps the nonce to the ephemeral generator `Ĝ = s·G + H` (Doc 9303-11 §4.4.3.3.1).
///
/// # Errors
/// [`CurveError::CurveMismatch`], or [`CurveError::PointAtInfinity`].
pub fn map_generic(curve: NamedCurve, nonce: &[u8], shared: &Point) -> Result<Generator, CurveError> {
    if shared.curve() != curve {
        return Err(CurveError::CurveMismatch);
    }
    let mapped = on_curve!(curve, map_generic(nonce, shared.as_uncompressed()))?;
    Ok(Generator(Point::computed(curve, mapped)))
}

/// A base point other than the curve's own, made for one PACE run.
#[derive(Clone, PartialEq, Eq)]
pub struct Generator(Point);

impl Generator {
    /// Takes a point as base point, for mappings computed elsewhere.
    pub fn from_point(point: Point) -> Self {
        Self(point)
    }

    /// The base point itself.
    pub fn point(&self) -> &Point {
        &self.0
    }

    /// The public key of `private` for this base point.
    ///
    /// # Errors
    /// [`CurveError::CurveMismatch`].
    pub fn public(&self, private: &PrivateScalar) -> Result<Point, CurveError> {
        shared_point(private, &self.0)
    }
}

impl std::fmt::Debug for Generator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Generator({}, ..)", self.0.curve().name())
    }
}

fn multiply(private: &PrivateScalar, public: &Point) -> Result<Vec<u8>, CurveError> {
    if private.curve() != public.curve() {
        return Err(CurveError::CurveMismatch);
    }
    on_curve!(private.curve(), multiply(Some(public.as_uncompressed()), private.octets()))
}
