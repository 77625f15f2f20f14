//! SubjectPublicKeyInfo: RSA, RSA for PSS only, and elliptic curves by name or by explicit parameters.

use apdu::tlv::Tlv;
use chip_crypto::curve::{ExplicitParameters, NamedCurve};
use chip_crypto::signature::{PublicKey, SignatureError};

use crate::algorithm::{self, AlgorithmError, PssParameters};
use crate::asn1::{self, Asn1Error};
use crate::oid;

/// How a certificate tells its curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CurveNotation {
    Named,
    /// All numbers of the curve, each compared with those of a known curve.
    Explicit,
}

/// The public key of a certificate and what the certificate says about its use.
#[derive(Debug, Clone)]
pub struct SubjectKey {
    pub key: PublicKey,
    /// For keys on a curve.
    pub notation: Option<CurveNotation>,
    /// For RSA keys that may only make PSS signatures of this form (RFC 4055, 3.3).
    pub pss: Option<PssParameters>,
}

/// Why a public key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("the key algorithm is unknown")]
    UnknownAlgorithm,
    #[error("the curve is unknown")]
    UnknownCurve,
    /// p, a, b, G, n or the cofactor is not that of a known curve.
    #[error("the explicit curve parameters are those of no known curve")]
    ExplicitParameters,
    #[error("the public point is not on its curve")]
    Point,
    #[error("the RSA key is unusable: {0}")]
    Rsa(SignatureError),
    #[error(transparent)]
    Malformed(#[from] Asn1Error),
}

impl From<apdu::tlv::TlvError> for KeyError {
    fn from(error: apdu::tlv::TlvError) -> Self {
        Self::Malformed(error.into())
    }
}

impl From<AlgorithmError> for KeyError {
    fn from(error: AlgorithmError) -> Self {
        match error {
            AlgorithmError::Forbidden | AlgorithmError::Unknown => Self::UnknownAlgorithm,
            AlgorithmError::Malformed(error) => Self::Malformed(error),
        }
    }
}

/// Reads a SubjectPublicKeyInfo.
pub(crate) fn parse(info: &Tlv<'_>) -> Result<SubjectKey, KeyError> {
    let mut fields = asn1::inside(info);
    let identifier = fields.expect(asn1::SEQUENCE)?;
    let bits = asn1::bit_string(fields.expect(asn1::BIT_STRING)?.value)?;
    let mut identifier = asn1::inside(&identifier);
    let kind = identifier.expect(asn1::OID)?.value;
    let parameters = asn1::next(&mut identifier)?;
    if oid::is(kind, oid::EC_PUBLIC_KEY) {
        let (curve, notation) = curve(parameters.ok_or(KeyError::UnknownCurve)?)?;
        let key = PublicKey::ec_from_sec1(curve, bits).map_err(|_| KeyError::Point)?;
        return Ok(SubjectKey { key, notation: Some(notation), pss: None });
    }
    let pss = if oid::is(kind, oid::RSASSA_PSS) {
        // Without parameters the key may be used with any PSS parameters.
        parameters.filter(|p| p.tag == asn1::SEQUENCE).map(|p| algorithm::pss_parameters(Some(&p))).transpose()?
    } else if oid::is(kind, oid::RSA_ENCRYPTION) {
        None
    } else {
        return Err(KeyError::UnknownAlgorithm);
    };
    let mut numbers = asn1::open(bits, asn1::SEQUENCE)?;
    let n = asn1::unsigned(numbers.expect(asn1::INTEGER)?.value);
    let e = asn1::unsigned(numbers.expect(asn1::INTEGER)?.value);
    Ok(SubjectKey { key: PublicKey::rsa(n, e).map_err(KeyError::Rsa)?, notation: None, pss })
}

/// EcpkParameters (RFC 3279, 2.3.5).
fn curve(parameters: Tlv<'_>) -> Result<(NamedCurve, CurveNotation), KeyError> {
    if parameters.tag == asn1::OID {
        let name = const_oid::ObjectIdentifier::from_bytes(parameters.value).map_err(|_| KeyError::UnknownCurve)?;
        let curve = NamedCurve::from_oid(&name.to_string()).ok_or(KeyError::UnknownCurve)?;
        return Ok((curve, CurveNotation::Named));
    }
    if parameters.tag != asn1::SEQUENCE {
        return Err(KeyError::UnknownCurve);
    }
    let mut fields = asn1::inside(&parameters);
    fields.expect(asn1::INTEGER)?;
    let field = fields.expect(asn1::SEQUENCE)?;
    let coefficients = fields.expect(asn1::SEQUENCE)?;
    let generator = fields.expect(asn1::OCTET_STRING)?.value;
    let n = fields.expect(asn1::INTEGER)?.value;
    let h = asn1::optional(&mut fields, asn1::INTEGER)?.map(|h| h.value);
    let mut field = asn1::inside(&field);
    if !oid::is(field.expect(asn1::OID)?.value, oid::PRIME_FIELD) {
        return Err(KeyError::UnknownCurve);
    }
    let p = field.expect(asn1::INTEGER)?.value;
    let mut coefficients = asn1::inside(&coefficients);
    let a = coefficients.expect(asn1::OCTET_STRING)?.value;
    let b = coefficients.expect(asn1::OCTET_STRING)?.value;
    let explicit = ExplicitParameters { p, a, b, generator, n, h };
    // Whatever differs, the answer is the same: this is no curve we know.
    let curve = NamedCurve::from_explicit(&explicit).map_err(|_| KeyError::ExplicitParameters)?;
    Ok((curve, CurveNotation::Explicit))
}
