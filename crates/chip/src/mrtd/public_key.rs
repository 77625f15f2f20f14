//! `SubjectPublicKeyInfo` (RFC 5280, 4.1.2.7) as chips and certificates carry it: RSA, and EC on a named curve or with
//! explicit parameters (RFC 3279, 2.3.5).

use apdu::tlv::{Reader, Tag, TlvError};
use chip_crypto::curve::{CurveError, ExplicitParameters, NamedCurve, Point};
use chip_crypto::modp::{DhParameters, DhPublic, ModpError, ModpGroup};
use chip_crypto::signature::{PublicKey, SignatureError};

/// rsaEncryption, 1.2.840.113549.1.1.1.
const RSA_ENCRYPTION: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
/// id-RSASSA-PSS, 1.2.840.113549.1.1.10.
const RSASSA_PSS: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A];
/// id-ecPublicKey, 1.2.840.10045.2.1.
const EC_PUBLIC_KEY: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
/// dhKeyAgreement, 1.2.840.113549.1.3.1 (PKCS #3).
const DH_KEY_AGREEMENT: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x03, 0x01];
/// dhpublicnumber, 1.2.840.10046.2.1 (RFC 3279, 2.3.3).
const DH_PUBLIC_NUMBER: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3E, 0x02, 0x01];
/// prime-field, 1.2.840.10045.1.1.
const PRIME_FIELD: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x01, 0x01];
/// standardizedDomainParameters, 0.4.0.127.0.7.1.2 (Doc 9303-11, 9.5.1).
const STANDARDIZED: &[u8] = &[0x04, 0x00, 0x7F, 0x00, 0x07, 0x01, 0x02];

/// Why a `SubjectPublicKeyInfo` gives no usable key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeyError {
    /// The structure is malformed.
    #[error("the public key is malformed: {0}")]
    Tlv(#[from] TlvError),
    /// The key is for an algorithm that is not computed here.
    #[error("the public key is for an unsupported algorithm")]
    Algorithm,
    /// The parameters are those of no known curve.
    #[error("the domain parameters are unusable")]
    Parameters(#[source] CurveError),
    /// The point is malformed or not on its curve.
    #[error("the public point is invalid")]
    Point(#[source] CurveError),
    /// The Diffie-Hellman group or key is unusable.
    #[error(transparent)]
    Dh(#[from] ModpError),
    /// The RSA key is out of range.
    #[error(transparent)]
    Rsa(SignatureError),
}

/// How the curve of an EC key is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterForm {
    /// By object identifier or standardized number.
    Named,
    /// By its numbers, all compared with the named curve's.
    Explicit,
}

/// Reads a whole `SubjectPublicKeyInfo`.
///
/// # Errors
/// See [`PublicKeyError`].
pub fn parse_subject_public_key_info(bytes: &[u8]) -> Result<PublicKey, PublicKeyError> {
    parse_with_form(bytes).map(|(key, _)| key)
}

/// Reads a whole `SubjectPublicKeyInfo`; says for EC keys how the curve was given.
///
/// # Errors
/// See [`PublicKeyError`].
pub fn parse_with_form(bytes: &[u8]) -> Result<(PublicKey, Option<ParameterForm>), PublicKeyError> {
    let mut reader = Reader::ber(bytes);
    let info = reader.expect(Tag::SEQUENCE)?;
    let mut info = reader.enter(&info)?;
    let algorithm = info.expect(Tag::SEQUENCE)?;
    let key = bit_string(info.expect(Tag::BIT_STRING)?.value)?;
    let mut algorithm = info.enter(&algorithm)?;
    let oid = algorithm.expect(Tag::OBJECT_IDENTIFIER)?.value;
    if oid == RSA_ENCRYPTION || oid == RSASSA_PSS {
        let mut reader = Reader::ber(key);
        let pair = reader.expect(Tag::SEQUENCE)?;
        let mut pair = reader.enter(&pair)?;
        let modulus = pair.expect(Tag::INTEGER)?.value;
        let exponent = pair.expect(Tag::INTEGER)?.value;
        return Ok((PublicKey::rsa(modulus, exponent).map_err(PublicKeyError::Rsa)?, None));
    }
    let (curve, form) = if oid == EC_PUBLIC_KEY {
        parse_ec_parameters(algorithm.rest())?
    } else if oid == STANDARDIZED {
        let id = algorithm.expect(Tag::INTEGER)?.value;
        let &[id] = id else { return Err(PublicKeyError::Algorithm) };
        (NamedCurve::from_standardized_id(id).map_err(PublicKeyError::Parameters)?, ParameterForm::Named)
    } else {
        return Err(PublicKeyError::Algorithm);
    };
    let point = Point::from_sec1(curve, key).map_err(PublicKeyError::Point)?;
    Ok((PublicKey::ec(point), Some(form)))
}

/// A public key for key agreement.
#[derive(Clone, Debug)]
pub enum AgreementKey {
    /// A point on a curve.
    Ec(Point),
    /// A number in a group.
    Dh(DhPublic),
}

/// Reads the `SubjectPublicKeyInfo` of a key for key agreement: EC or Diffie-Hellman.
///
/// # Errors
/// See [`PublicKeyError`].
pub fn parse_agreement_key(bytes: &[u8]) -> Result<AgreementKey, PublicKeyError> {
    let mut reader = Reader::ber(bytes);
    let info = reader.expect(Tag::SEQUENCE)?;
    let mut info = reader.enter(&info)?;
    let algorithm = info.expect(Tag::SEQUENCE)?;
    let key = bit_string(info.expect(Tag::BIT_STRING)?.value)?;
    let mut algorithm = info.enter(&algorithm)?;
    let oid = algorithm.expect(Tag::OBJECT_IDENTIFIER)?.value;
    let parameters = if oid == DH_KEY_AGREEMENT || oid == DH_PUBLIC_NUMBER {
        let parameters = algorithm.expect(Tag::SEQUENCE)?;
        let mut parameters = algorithm.enter(&parameters)?;
        let prime = parameters.expect(Tag::INTEGER)?.value;
        let generator = parameters.expect(Tag::INTEGER)?.value;
        // PKCS #3 goes on with the length of private keys, RFC 3279 with the order of the subgroup.
        let third = parameters.optional(Tag::INTEGER)?.map(|third| third.value);
        let length = if oid == DH_KEY_AGREEMENT { third.map(number) } else { third.map(bit_length) };
        DhParameters::new(prime, generator, length)?
    } else if oid == STANDARDIZED && matches!(algorithm.peek_tag(), Some(Tag::INTEGER)) {
        match algorithm.expect(Tag::INTEGER)?.value {
            [id @ 0..=2] => DhParameters::from(ModpGroup::from_standardized_id(*id)?),
            _ => return ec_only(bytes),
        }
    } else {
        return ec_only(bytes);
    };
    // RFC 3279, 2.3.3: the key is an INTEGER; the other form is that of PACE.
    let mut reader = Reader::ber(key);
    let number = match reader.optional(Tag::INTEGER)? {
        Some(integer) if reader.is_empty() => integer.value,
        Some(_) | None => key,
    };
    Ok(AgreementKey::Dh(DhPublic::from_bytes(&parameters, number)?))
}

fn ec_only(bytes: &[u8]) -> Result<AgreementKey, PublicKeyError> {
    match parse_subject_public_key_info(bytes)? {
        PublicKey::Ec(point) => Ok(AgreementKey::Ec(point)),
        PublicKey::Rsa(_) => Err(PublicKeyError::Algorithm),
    }
}

fn number(integer: &[u8]) -> u32 {
    integer.iter().fold(0_u32, |sum, byte| sum.saturating_mul(256).saturating_add(u32::from(*byte)))
}

fn bit_length(integer: &[u8]) -> u32 {
    let zeros = integer.iter().take_while(|byte| **byte == 0).count();
    let first = integer.get(zeros).map_or(8, |first| first.leading_zeros());
    u32::try_from(integer.len() - zeros).unwrap_or(u32::MAX).saturating_mul(8).saturating_sub(first)
}

/// Reads the parameters of id-ecPublicKey: an object identifier or `ECParameters`.
///
/// # Errors
/// See [`PublicKeyError`].
pub fn parse_ec_parameters(bytes: &[u8]) -> Result<(NamedCurve, ParameterForm), PublicKeyError> {
    let mut reader = Reader::ber(bytes);
    if let Some(oid) = reader.optional(Tag::OBJECT_IDENTIFIER)? {
        let curve = NamedCurve::ALL.into_iter().find(|curve| dotted(oid.value).as_deref() == Some(curve.oid()));
        return Ok((curve.ok_or(PublicKeyError::Parameters(CurveError::UnknownParameters))?, ParameterForm::Named));
    }
    let parameters = reader.expect(Tag::SEQUENCE)?;
    let mut parameters = reader.enter(&parameters)?;
    parameters.expect(Tag::INTEGER)?;
    let field = parameters.expect(Tag::SEQUENCE)?;
    let mut field = parameters.enter(&field)?;
    if field.expect(Tag::OBJECT_IDENTIFIER)?.value != PRIME_FIELD {
        return Err(PublicKeyError::Parameters(CurveError::UnknownParameters));
    }
    let p = field.expect(Tag::INTEGER)?.value;
    let coefficients = parameters.expect(Tag::SEQUENCE)?;
    let mut coefficients = parameters.enter(&coefficients)?;
    let a = coefficients.expect(Tag::OCTET_STRING)?.value;
    let b = coefficients.expect(Tag::OCTET_STRING)?.value;
    let generator = parameters.expect(Tag::OCTET_STRING)?.value;
    let n = parameters.expect(Tag::INTEGER)?.value;
    let h = parameters.optional(Tag::INTEGER)?.map(|h| h.value);
    let explicit = ExplicitParameters { p, a, b, generator, n, h };
    let curve = NamedCurve::from_explicit(&explicit).map_err(PublicKeyError::Parameters)?;
    Ok((curve, ParameterForm::Explicit))
}

/// The octets of a BIT STRING of whole octets.
fn bit_string(value: &[u8]) -> Result<&[u8], TlvError> {
    match value.split_first() {
        Some((0, octets)) => Ok(octets),
        Some(_) => Err(TlvError::NotCanonical),
        None => Err(TlvError::Truncated),
    }
}

/// Dotted notation of an object identifier; `None` when its encoding is broken.
#[must_use]
pub fn dotted(oid: &[u8]) -> Option<String> {
    let mut arcs = Vec::new();
    let mut arc = 0_u64;
    for byte in oid {
        arc = arc.checked_mul(128)? | u64::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            arcs.push(std::mem::take(&mut arc));
        }
    }
    if oid.last()? & 0x80 != 0 {
        return None;
    }
    let (first, rest) = arcs.split_first()?;
    let root = (first / 40).min(2);
    let mut text = format!("{root}.{}", first - 40 * root);
    for arc in rest {
        text.push('.');
        text.push_str(&arc.to_string());
    }
    Some(text)
}
