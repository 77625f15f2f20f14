//! ECDSA verification and the two encodings of its signatures.

use super::SignatureError;
use crate::curve::{self, NamedCurve, Point};
use crate::hash::{HashAlgorithm, digest};
use ring::signature as by_ring;
use rsa::pkcs8::der::asn1::{AnyRef, UintRef};
use rsa::pkcs8::der::{self, Decode as _, Encode as _, Reader as _, SliceReader, Tag};

/// The pair (r, s), big-endian, not yet compared with the order of any curve.
pub(super) struct Signature<'a> {
    r: &'a [u8],
    s: &'a [u8],
}

impl<'a> Signature<'a> {
    /// Reads DER `ECDSA-Sig-Value` (RFC 3279 §2.2.3); nothing but two non-negative integers may be in it.
    pub(super) fn from_der(signature: &'a [u8]) -> Result<Self, SignatureError> {
        let read = || -> der::Result<Self> {
            let mut reader = SliceReader::new(signature)?;
            let (r, s) =
                reader.sequence(|reader| Ok::<_, der::Error>((UintRef::decode(reader)?, UintRef::decode(reader)?)))?;
            reader.finish()?;
            Ok(Self { r: r.as_bytes(), s: s.as_bytes() })
        };
        read().map_err(|_| SignatureError::Encoding)
    }

    /// Halves `r ‖ s` (BSI TR-03111 §5.2.1).
    pub(super) fn from_plain(signature: &'a [u8]) -> Result<Self, SignatureError> {
        if !signature.len().is_multiple_of(2) {
            return Err(SignatureError::Encoding);
        }
        let (r, s) = signature.split_at(signature.len() / 2);
        Ok(Self { r, s })
    }
}

/// Writes DER `ECDSA-Sig-Value`.
pub(super) fn to_der(r: &[u8], s: &[u8]) -> der::Result<Vec<u8>> {
    let mut pair = UintRef::new(r)?.to_der()?;
    pair.extend(UintRef::new(s)?.to_der()?);
    AnyRef::new(Tag::Sequence, &pair)?.to_der()
}

pub(super) fn verify(
    point: &Point,
    hash: HashAlgorithm,
    message: &[u8],
    signature: &Signature<'_>,
) -> Result<(), SignatureError> {
    let curve = point.curve();
    // r and s outside 1..n are malformed, whoever verifies the rest.
    let r = curve::integer_modulo_order(curve, signature.r).ok_or(SignatureError::Encoding)?;
    let s = curve::integer_modulo_order(curve, signature.s).ok_or(SignatureError::Encoding)?;
    if let Some(algorithm) = ring_algorithm(curve, hash) {
        let der = to_der(&r, &s).map_err(|_| SignatureError::Encoding)?;
        return by_ring::UnparsedPublicKey::new(algorithm, point.as_uncompressed())
            .verify(message, &der)
            .map_err(|ring::error::Unspecified| SignatureError::Invalid);
    }
    if curve::verify_ecdsa(point, &digest(hash, &[message]), &r, &s)? { Ok(()) } else { Err(SignatureError::Invalid) }
}

fn ring_algorithm(curve: NamedCurve, hash: HashAlgorithm) -> Option<&'static by_ring::EcdsaVerificationAlgorithm> {
    match (curve, hash) {
        (NamedCurve::Secp256r1, HashAlgorithm::Sha256) => Some(&by_ring::ECDSA_P256_SHA256_ASN1),
        (NamedCurve::Secp256r1, HashAlgorithm::Sha384) => Some(&by_ring::ECDSA_P256_SHA384_ASN1),
        (NamedCurve::Secp384r1, HashAlgorithm::Sha256) => Some(&by_ring::ECDSA_P384_SHA256_ASN1),
        (NamedCurve::Secp384r1, HashAlgorithm::Sha384) => Some(&by_ring::ECDSA_P384_SHA384_ASN1),
        _ => None,
    }
}
