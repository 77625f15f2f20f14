//! The curve side of ECDSA (BSI TR-03111 §4.2.1); encodings and hashes are the business of `signature`.

use super::named::on_curve;
use super::{CurveError, NamedCurve, Point, PrivateScalar};

/// The integer at field length, if it is in 1..n.
pub(crate) fn integer_modulo_order(curve: NamedCurve, integer: &[u8]) -> Option<Vec<u8>> {
    on_curve!(curve, check_scalar(integer)).ok()?;
    let digits = &integer[integer.len().saturating_sub(curve.field_len())..];
    let mut bytes = vec![0; curve.field_len() - digits.len()];
    bytes.extend_from_slice(digits);
    Some(bytes)
}

/// Verifies (r, s), of which the leftmost bits of `hash` are signed.
pub(crate) fn verify_ecdsa(point: &Point, hash: &[u8], r: &[u8], s: &[u8]) -> Result<bool, CurveError> {
    on_curve!(point.curve(), ecdsa_verify(point.as_uncompressed(), hash, r, s))
}

/// Makes (r, s) with a nonce derived from key, hash and `extra` (RFC 6979 §3.6).
pub(crate) fn sign_ecdsa(private: &PrivateScalar, hash: &[u8], extra: &[u8]) -> Result<(Vec<u8>, Vec<u8>), CurveError> {
    on_curve!(private.curve(), ecdsa_sign(private.octets(), hash, extra))
}
