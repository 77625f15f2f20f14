//! The group operations, written once for every curve; points and scalars cross as octet strings.

use super::{CurveError, DomainParameters};
use ecdsa::EcdsaCurve;
use elliptic_curve::bigint::BitOps;
use elliptic_curve::ff::{Field, PrimeField};
use elliptic_curve::sec1::{FromSec1Point, Sec1Point, ToSec1Point};
use elliptic_curve::{FieldBytes, NonZeroScalar, Scalar};
use primeorder::{AffinePoint, PrimeCurveParams, ProjectivePoint};
use zeroize::Zeroizing;

/// A curve with everything ECDH and ECDSA need.
pub(super) trait Weierstrass: PrimeCurveParams + EcdsaCurve {}

impl<C: PrimeCurveParams + EcdsaCurve> Weierstrass for C {}

pub(super) fn parameters<C: Weierstrass>() -> DomainParameters {
    DomainParameters {
        p: modulus_of::<C::FieldElement>(),
        a: C::EQUATION_A.to_repr().to_vec(),
        b: C::EQUATION_B.to_repr().to_vec(),
        gx: C::GENERATOR.0.to_repr().to_vec(),
        gy: C::GENERATOR.1.to_repr().to_vec(),
        n: modulus_of::<Scalar<C>>(),
        h: 1,
    }
}

/// The modulus is odd, so it is the even number −1 with the last bit set.
fn modulus_of<F: PrimeField>() -> Vec<u8> {
    let mut bytes = (-F::ONE).to_repr().as_ref().to_vec();
    if let Some(last) = bytes.last_mut() {
        *last |= 1;
    }
    bytes
}

pub(super) fn order_bits<C: Weierstrass>() -> u32 {
    C::ORDER.bit_width()
}

/// Checks that the octet string is a finite point of the curve and returns it uncompressed.
pub(super) fn decode_point<C: Weierstrass>(octets: &[u8]) -> Result<Vec<u8>, CurveError> {
    Ok(encode::<C>(&affine::<C>(octets)?))
}

/// Checks that the octet string is an integer in 1..n.
pub(super) fn check_scalar<C: Weierstrass>(octets: &[u8]) -> Result<(), CurveError> {
    scalar::<C>(octets).map(|_| ())
}

/// `[scalar] base`, where the base is the standard generator unless given.
pub(super) fn multiply<C: Weierstrass>(base: Option<&[u8]>, factor: &[u8]) -> Result<Vec<u8>, CurveError> {
    let factor = scalar::<C>(factor)?;
    let product = match base {
        Some(base) => ProjectivePoint::<C>::from(affine::<C>(base)?) * &**factor,
        None => ProjectivePoint::<C>::GENERATOR * &**factor,
    };
    finite::<C>(product)
}

/// `[nonce] G + shared` (Doc 9303-11 §4.4.3.3.1, generic mapping), the nonce read as an integer modulo n.
pub(super) fn map_generic<C: Weierstrass>(nonce: &[u8], shared: &[u8]) -> Result<Vec<u8>, CurveError> {
    let byte = Scalar::<C>::from(256u64);
    let mut integer = Scalar::<C>::ZERO;
    for &digit in nonce {
        integer = integer * byte + Scalar::<C>::from(u64::from(digit));
    }
    finite::<C>(ProjectivePoint::<C>::GENERATOR * &integer + &ProjectivePoint::<C>::from(affine::<C>(shared)?))
}

/// Whether `(r, s)`, both in 1..n, is an ECDSA signature of the hash by `point`.
pub(super) fn ecdsa_verify<C: Weierstrass>(
    point: &[u8],
    hash: &[u8],
    r: &[u8],
    s: &[u8],
) -> Result<bool, CurveError> {
    let signature = ecdsa::Signature::<C>::from_scalars(field_bytes::<C>(r)?, field_bytes::<C>(s)?)
        .map_err(|_| CurveError::ScalarOutOfRange)?;
    let point = ProjectivePoint::<C>::from(affine::<C>(point)?);
    Ok(ecdsa::hazmat::verify_prehashed::<C>(&point, hash, &signature).is_ok())
}

/// ECDSA with the nonce of RFC 6979 (HMAC-SHA-512), `extra` being its additional data; returns `(r, s)`.
pub(super) fn ecdsa_sign<C: Weierstrass>(
    private: &[u8],
    hash: &[u8],
    extra: &[u8],
) -> Result<(Vec<u8>, Vec<u8>), CurveError> {
    let private = scalar::<C>(private)?;
    let (signature, _) = ecdsa::hazmat::sign_prehashed_rfc6979::<C, sha2::Sha512>(&private, hash, extra);
    let (r, s) = signature.split_bytes();
    Ok((r.to_vec(), s.to_vec()))
}

fn affine<C: Weierstrass>(octets: &[u8]) -> Result<AffinePoint<C>, CurveError> {
    // SEC 1 §2.3.4: only compressed and uncompressed forms name a finite point.
    if !matches!(octets.first(), Some(2..=4)) {
        return Err(CurveError::PointEncoding);
    }
    let point = Sec1Point::<C>::from_bytes(octets).map_err(|_| CurveError::PointEncoding)?;
    AffinePoint::<C>::from_sec1_point(&point).into_option().ok_or(CurveError::PointNotOnCurve)
}

fn finite<C: Weierstrass>(point: ProjectivePoint<C>) -> Result<Vec<u8>, CurveError> {
    let point = point.to_affine();
    if bool::from(point.is_identity()) {
        return Err(CurveError::PointAtInfinity);
    }
    Ok(encode::<C>(&point))
}

fn encode<C: Weierstrass>(point: &AffinePoint<C>) -> Vec<u8> {
    point.to_sec1_point(false).as_bytes().to_vec()
}

fn scalar<C: Weierstrass>(octets: &[u8]) -> Result<Zeroizing<NonZeroScalar<C>>, CurveError> {
    let octets = Zeroizing::new(field_bytes::<C>(octets)?);
    NonZeroScalar::<C>::from_repr(*octets).into_option().map(Zeroizing::new).ok_or(CurveError::ScalarOutOfRange)
}

/// Brings an integer to the length of a field element; leading zeros beyond it may go, digits may not.
fn field_bytes<C: Weierstrass>(octets: &[u8]) -> Result<FieldBytes<C>, CurveError> {
    let mut bytes = FieldBytes::<C>::default();
    let surplus = octets.len().saturating_sub(bytes.len());
    let (zeros, digits) = octets.split_at(surplus);
    if zeros.iter().any(|&zero| zero != 0) {
        return Err(CurveError::ScalarOutOfRange);
    }
    let start = bytes.len() - digits.len();
    bytes[start..].copy_from_slice(digits);
    Ok(bytes)
}
