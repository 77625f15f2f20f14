//! The group operations, written once for every curve; points and scalars cross as octet strings.

use super::{CurveError, DomainParameters};
use ecdsa::EcdsaCurve;
use elliptic_curve::bigint::BitOps;
use elliptic_curve::ff::{Field, PrimeField};
use elliptic_curve::sec1::{FromSec1Point, Sec1Point, ToSec1Point};
use elliptic_curve::subtle::{ConditionallySelectable as _, ConstantTimeEq as _};
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

pub(super) fn prime_bits<C: Weierstrass>() -> u32 {
    C::FieldElement::NUM_BITS
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

/// `dividend / divisor` modulo n.
pub(super) fn divide<C: Weierstrass>(dividend: &[u8], divisor: &[u8]) -> Result<Zeroizing<Vec<u8>>, CurveError> {
    let (dividend, divisor) = (scalar::<C>(dividend)?, scalar::<C>(divisor)?);
    let inverse = Option::<Scalar<C>>::from(Field::invert(&**divisor)).ok_or(CurveError::ScalarOutOfRange)?;
    Ok(Zeroizing::new((**dividend * inverse).to_repr().to_vec()))
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

/// The point encoding f_G of the integrated mapping (Doc 9303-11 §4.4.3.3.2 and appendix B.2), for primes
/// p ≡ 3 (mod 4) and cofactor 1. The octets are an integer, taken modulo p.
pub(super) fn encode_integrated<C: Weierstrass>(integer: &[u8]) -> Result<Vec<u8>, CurveError> {
    let square_root_exponent = square_root_exponent(&modulus_of::<C::FieldElement>())?;
    let one = C::FieldElement::ONE;
    let (a, b) = (C::EQUATION_A, C::EQUATION_B);
    let invert = |value: C::FieldElement| value.invert().into_option().ok_or(CurveError::MappingUndefined);

    let byte = C::FieldElement::from(256u64);
    let t = integer.iter().fold(C::FieldElement::ZERO, |t, &digit| t * byte + C::FieldElement::from(u64::from(digit)));
    let alpha = -t.square();
    let x2 = -b * invert(a)? * (one + invert(alpha + alpha.square())?);
    let x3 = alpha * x2;
    let h2 = x2.square() * x2 + a * x2 + b;
    // Of h2 if that is a square, otherwise −(root · t³) is one of h3 = −t⁶ h2.
    let root = h2.pow_vartime(&square_root_exponent);
    let is_square = root.square().ct_eq(&h2);
    let x = C::FieldElement::conditional_select(&x3, &x2, is_square);
    let y = C::FieldElement::conditional_select(&(-root * t.square() * t), &root, is_square);
    let octets = [&[4], x.to_repr().as_slice(), y.to_repr().as_slice()].concat();
    decode_point::<C>(&octets)
}

/// (p + 1) / 4 in limbs, the lowest first.
fn square_root_exponent(p: &[u8]) -> Result<Vec<u64>, CurveError> {
    if p.last().is_none_or(|last| last & 3 != 3) {
        return Err(CurveError::MappingUndefined);
    }
    let mut limbs: Vec<u64> =
        p.rchunks(8).map(|limb| limb.iter().fold(0, |value, &byte| (value << 8) | u64::from(byte))).collect();
    for index in 0..limbs.len() {
        let above = limbs.get(index + 1).map_or(0, |limb| limb << 62);
        limbs[index] = (limbs[index] >> 2) | above;
    }
    // p = 4k + 3, so (p + 1) / 4 is k + 1.
    for limb in &mut limbs {
        let (sum, carry) = limb.overflowing_add(1);
        *limb = sum;
        if !carry {
            break;
        }
    }
    Ok(limbs)
}

/// Whether `(r, s)`, both in 1..n, is an ECDSA signature of the hash by `point`.
pub(super) fn ecdsa_verify<C: Weierstrass>(point: &[u8], hash: &[u8], r: &[u8], s: &[u8]) -> Result<bool, CurveError> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::{HashAlgorithm, digest};

    /// RFC 6979 appendix A.2.5 (P-256), message "sample" with SHA-512.
    #[test]
    fn deterministic_signatures_match_rfc_6979() {
        let hash = digest(HashAlgorithm::Sha512, &[b"sample"]);
        let key = hex::decode("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721").unwrap();
        let (r, s) = ecdsa_sign::<p256::NistP256>(&key, &hash, &[]).unwrap();
        assert_eq!(hex::encode_upper(r), "8496A60B5E9B47C825488827E0495B0E3FA109EC4568FD3F8D1097678EB97F00");
        assert_eq!(hex::encode_upper(s), "2362AB1ADBE2B8ADF9CB9EDAB740EA6049C028114F2460F96554F61FAE3302FE");
    }

    #[test]
    fn the_square_root_exponent_carries_over_limbs() {
        // p = 2^66 − 1 (no prime, but 3 modulo 4): (p + 1) / 4 = 2^64.
        let p = [&[3], [0xFF; 8].as_slice()].concat();
        assert_eq!(square_root_exponent(&p), Ok(vec![0, 1]));
        assert_eq!(square_root_exponent(&[5]), Err(CurveError::MappingUndefined));
    }
}
