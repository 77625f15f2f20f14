//! Private keys in PKCS#8 (RFC 5958), including EC keys whose parameters are explicit.

use super::{RsaSigningKey, SigningError, SigningKey};
use crate::curve::{ExplicitParameters, NamedCurve, PrivateScalar};
use rsa::pkcs8::der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef, UintRef};
use rsa::pkcs8::der::{self, Decode as _, Reader, SliceReader};
use rsa::pkcs8::{DecodePrivateKey as _, PrivateKeyInfoRef};

const ID_EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ID_PRIME_FIELD: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.1.1");

pub(super) fn read(der: &[u8]) -> Result<SigningKey, SigningError> {
    let info = PrivateKeyInfoRef::try_from(der).map_err(|_| SigningError::KeyMalformed)?;
    if info.algorithm.oid != ID_EC_PUBLIC_KEY {
        let key = rsa::PrivateKey::from_pkcs8_der(der).map_err(|_| SigningError::KeyMalformed)?;
        return RsaSigningKey::new(key).map(SigningKey::Rsa);
    }
    let parameters = info.algorithm.parameters.ok_or(SigningError::KeyMalformed)?;
    let curve = match parameters.decode_as::<ObjectIdentifier>() {
        Ok(oid) => NamedCurve::from_oid(&oid.to_string()).ok_or(SigningError::KeyMalformed)?,
        Err(_) => explicit_curve(parameters)?,
    };
    let scalar = ec_private_key(info.private_key.as_bytes()).map_err(|_| SigningError::KeyMalformed)?;
    Ok(SigningKey::Ec(PrivateScalar::from_bytes(curve, scalar)?))
}

/// `ECPrivateKey` (RFC 5915 §3); its optional fields repeat what PKCS#8 says.
fn ec_private_key(der: &[u8]) -> der::Result<&[u8]> {
    let mut reader = SliceReader::new(der)?;
    let scalar = reader.sequence(|reader| {
        u8::decode(reader)?;
        let scalar = <&OctetStringRef>::decode(reader)?;
        skip_rest(reader)?;
        Ok::<_, der::Error>(scalar.as_bytes())
    })?;
    reader.finish()?;
    Ok(scalar)
}

/// `SpecifiedECDomain` over a prime field (RFC 3279 §2.3.5).
fn explicit_curve(parameters: AnyRef<'_>) -> Result<NamedCurve, SigningError> {
    let explicit = parameters.sequence(|reader| {
        u8::decode(reader)?;
        let p = reader.sequence(|field| {
            let kind = ObjectIdentifier::decode(field)?;
            if kind != ID_PRIME_FIELD {
                return Err(der::ErrorKind::OidUnknown { oid: kind }.into());
            }
            UintRef::decode(field)
        })?;
        let (a, b) = reader.sequence(|coefficients| {
            let pair = (<&OctetStringRef>::decode(coefficients)?, <&OctetStringRef>::decode(coefficients)?);
            skip_rest(coefficients)?;
            Ok::<_, der::Error>(pair)
        })?;
        let generator = <&OctetStringRef>::decode(reader)?;
        let n = UintRef::decode(reader)?;
        let h = if reader.is_finished() { None } else { Some(UintRef::decode(reader)?.as_bytes()) };
        skip_rest(reader)?;
        Ok::<_, der::Error>(ExplicitParameters {
            p: p.as_bytes(),
            a: a.as_bytes(),
            b: b.as_bytes(),
            generator: generator.as_bytes(),
            n: n.as_bytes(),
            h,
        })
    });
    Ok(NamedCurve::from_explicit(&explicit.map_err(|_| SigningError::KeyMalformed)?)?)
}

fn skip_rest<'a>(reader: &mut impl Reader<'a>) -> der::Result<()> {
    while !reader.is_finished() {
        AnyRef::decode(reader)?;
    }
    Ok(())
}
