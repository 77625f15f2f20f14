//! Elliptic curves of Doc 9303: eleven named curves behind one enum, ECDH, and the generic mapping of PACE.
//!
//! A [`Point`] is on its curve and finite, a [`PrivateScalar`] is in 1..n: both are checked when they are made.

mod arithmetic;
mod brainpool_p192r1;
mod brainpool_p224r1;
mod brainpool_p320r1;
mod brainpool_p512r1;
mod ecdsa;
mod explicit;
mod integrated;
mod key_agreement;
mod named;
mod point;
mod secp192r1;
mod secp224r1;
mod weierstrass;

pub(crate) use ecdsa::{integer_modulo_order, sign_ecdsa, verify_ecdsa};
pub use explicit::ExplicitParameters;
pub use integrated::map_integrated;
pub(crate) use integrated::pseudo_random as integrated_random;
pub use key_agreement::{Generator, diffie_hellman, map_generic, shared_point};
pub use named::{DomainParameters, NamedCurve};
pub use point::{Point, PrivateScalar};

use crate::random::RandomError;

/// An operation on a curve is impossible with the values given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CurveError {
    /// The octet string is no SEC 1 point encoding of the curve's length.
    #[error("the octet string does not encode a point of the curve")]
    PointEncoding,
    /// The coordinates do not satisfy the curve equation.
    #[error("the point is not on the curve")]
    PointNotOnCurve,
    /// The result is the point at infinity.
    #[error("the point is the point at infinity")]
    PointAtInfinity,
    /// The integer is not in 1..n.
    #[error("the scalar is not between 1 and the order of the curve")]
    ScalarOutOfRange,
    /// Key and point, or nonce and point, belong to different curves.
    #[error("the values belong to different curves")]
    CurveMismatch,
    /// The standardized domain parameter identifier names no curve of the table in Doc 9303-11 §9.5.1.
    #[error("standardized domain parameters {0} are no elliptic curve known here")]
    UnknownParameterId(u8),
    /// The explicit parameters equal no named curve in all of p, a, b, G, n and h.
    #[error("the explicit parameters are those of no named curve")]
    UnknownParameters,
    /// A nonce of the integrated mapping has the wrong length for the cipher.
    #[error("a nonce has the wrong length for the cipher")]
    NonceLength,
    /// The integrated mapping has no value for this curve or number.
    #[error("the integrated mapping is not defined here")]
    MappingUndefined,
    /// No randomness for a private key.
    #[error(transparent)]
    Random(#[from] RandomError),
}
