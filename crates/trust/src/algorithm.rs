//! AlgorithmIdentifiers: digests and signatures, with the parameters of RSA-PSS.

use apdu::tlv::Tlv;
use chip_crypto::hash::HashAlgorithm;
use chip_crypto::signature::SignatureScheme;

use crate::asn1::{self, Asn1Error};
use crate::oid;

/// Why an algorithm cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AlgorithmError {
    /// MD5 and older: no signature with them is ever verified.
    #[error("the digest algorithm is forbidden")]
    Forbidden,
    /// Nothing this product knows.
    #[error("the algorithm is unknown")]
    Unknown,
    /// The bytes cannot be read.
    #[error(transparent)]
    Malformed(#[from] Asn1Error),
}

/// The parameters of RSASSA-PSS (RFC 4055, 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PssParameters {
    pub hash: HashAlgorithm,
    pub mgf: HashAlgorithm,
    pub salt_len: usize,
}

/// How a signature was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    RsaPkcs1(HashAlgorithm),
    RsaPss(PssParameters),
    Ecdsa(HashAlgorithm),
    /// The key's algorithm instead of the signature's, as AU, NZ and US write it; the digest stands elsewhere.
    RsaEncryption,
}

impl SignatureAlgorithm {
    /// Gives the digest the signature is over, if the algorithm names it.
    #[must_use]
    pub fn hash(&self) -> Option<HashAlgorithm> {
        match self {
            Self::RsaPkcs1(hash) | Self::Ecdsa(hash) => Some(*hash),
            Self::RsaPss(pss) => Some(pss.hash),
            Self::RsaEncryption => None,
        }
    }

    /// Completes the algorithm with the digest named elsewhere.
    pub(crate) fn scheme(&self, digest: HashAlgorithm) -> SignatureScheme {
        match *self {
            Self::RsaPkcs1(hash) => SignatureScheme::RsaPkcs1(hash),
            Self::RsaPss(pss) => SignatureScheme::RsaPss { hash: pss.hash, mgf: pss.mgf, salt_len: pss.salt_len },
            Self::Ecdsa(hash) => SignatureScheme::Ecdsa(hash),
            Self::RsaEncryption => SignatureScheme::RsaPkcs1(digest),
        }
    }
}

impl std::fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RsaPkcs1(hash) => write!(f, "RSA-PKCS1 {}", hash_name(*hash)),
            Self::RsaPss(pss) => {
                let mgf = hash_name(pss.mgf).to_lowercase();
                write!(f, "RSA-PSS {} mgf={mgf} salt={}", hash_name(pss.hash), pss.salt_len)
            }
            Self::Ecdsa(hash) => write!(f, "ECDSA {}", hash_name(*hash)),
            Self::RsaEncryption => f.write_str("RSA-PKCS1"),
        }
    }
}

/// Gives the usual name without a hyphen, e.g. `SHA256`.
pub(crate) fn hash_name(hash: HashAlgorithm) -> &'static str {
    match hash {
        HashAlgorithm::Sha1 => "SHA1",
        HashAlgorithm::Sha224 => "SHA224",
        HashAlgorithm::Sha256 => "SHA256",
        HashAlgorithm::Sha384 => "SHA384",
        HashAlgorithm::Sha512 => "SHA512",
    }
}

/// Reads a digest AlgorithmIdentifier. Parameters (NULL or none) mean nothing here.
pub(crate) fn digest_algorithm(identifier: &Tlv<'_>) -> Result<HashAlgorithm, AlgorithmError> {
    let mut fields = asn1::inside(identifier);
    hash_by_oid(fields.expect(asn1::OID).map_err(Asn1Error::from)?.value)
}

fn hash_by_oid(content: &[u8]) -> Result<HashAlgorithm, AlgorithmError> {
    if oid::is(content, oid::MD5) {
        return Err(AlgorithmError::Forbidden);
    }
    [
        (oid::SHA1, HashAlgorithm::Sha1),
        (oid::SHA224, HashAlgorithm::Sha224),
        (oid::SHA256, HashAlgorithm::Sha256),
        (oid::SHA384, HashAlgorithm::Sha384),
        (oid::SHA512, HashAlgorithm::Sha512),
    ]
    .into_iter()
    .find(|(known, _)| oid::is(content, *known))
    .map(|(_, hash)| hash)
    .ok_or(AlgorithmError::Unknown)
}

/// Reads a signature AlgorithmIdentifier. ECDSA with NULL parameters occurs and is harmless.
pub(crate) fn signature_algorithm(identifier: &Tlv<'_>) -> Result<SignatureAlgorithm, AlgorithmError> {
    use HashAlgorithm::{Sha1, Sha224, Sha256, Sha384, Sha512};
    let mut fields = asn1::inside(identifier);
    let content = fields.expect(asn1::OID).map_err(Asn1Error::from)?.value;
    if oid::is(content, oid::MD5_RSA) {
        return Err(AlgorithmError::Forbidden);
    }
    if oid::is(content, oid::RSASSA_PSS) {
        let parameters = asn1::optional(&mut fields, asn1::SEQUENCE)?;
        return Ok(SignatureAlgorithm::RsaPss(pss_parameters(parameters.as_ref())?));
    }
    [
        (oid::RSA_ENCRYPTION, SignatureAlgorithm::RsaEncryption),
        (oid::SHA1_RSA, SignatureAlgorithm::RsaPkcs1(Sha1)),
        (oid::SHA1_RSA_OIW, SignatureAlgorithm::RsaPkcs1(Sha1)),
        (oid::SHA224_RSA, SignatureAlgorithm::RsaPkcs1(Sha224)),
        (oid::SHA256_RSA, SignatureAlgorithm::RsaPkcs1(Sha256)),
        (oid::SHA384_RSA, SignatureAlgorithm::RsaPkcs1(Sha384)),
        (oid::SHA512_RSA, SignatureAlgorithm::RsaPkcs1(Sha512)),
        (oid::ECDSA_SHA1, SignatureAlgorithm::Ecdsa(Sha1)),
        (oid::ECDSA_SHA224, SignatureAlgorithm::Ecdsa(Sha224)),
        (oid::ECDSA_SHA256, SignatureAlgorithm::Ecdsa(Sha256)),
        (oid::ECDSA_SHA384, SignatureAlgorithm::Ecdsa(Sha384)),
        (oid::ECDSA_SHA512, SignatureAlgorithm::Ecdsa(Sha512)),
    ]
    .into_iter()
    .find(|(known, _)| oid::is(content, *known))
    .map(|(_, algorithm)| algorithm)
    .ok_or(AlgorithmError::Unknown)
}

/// Reads RSASSA-PSS-params; what is absent has its default (RFC 4055, 3.1): SHA-1, MGF1 with SHA-1, 20 bytes of salt.
pub(crate) fn pss_parameters(parameters: Option<&Tlv<'_>>) -> Result<PssParameters, AlgorithmError> {
    let mut pss = PssParameters { hash: HashAlgorithm::Sha1, mgf: HashAlgorithm::Sha1, salt_len: 20 };
    let Some(parameters) = parameters else { return Ok(pss) };
    let mut fields = asn1::inside(parameters);
    if let Some(field) = asn1::optional(&mut fields, asn1::context(0))? {
        let identifier = asn1::inside(&field).expect(asn1::SEQUENCE).map_err(Asn1Error::from)?;
        pss.hash = digest_algorithm(&identifier)?;
    }
    if let Some(field) = asn1::optional(&mut fields, asn1::context(1))? {
        let identifier = asn1::inside(&field).expect(asn1::SEQUENCE).map_err(Asn1Error::from)?;
        let mut mgf = asn1::inside(&identifier);
        if !oid::is(mgf.expect(asn1::OID).map_err(Asn1Error::from)?.value, oid::MGF1) {
            return Err(AlgorithmError::Unknown);
        }
        pss.mgf = digest_algorithm(&mgf.expect(asn1::SEQUENCE).map_err(Asn1Error::from)?)?;
    }
    if let Some(field) = asn1::optional(&mut fields, asn1::context(2))? {
        let salt = asn1::small(asn1::inside(&field).expect(asn1::INTEGER).map_err(Asn1Error::from)?.value)?;
        pss.salt_len = usize::try_from(salt).ok().filter(|n| *n <= 1024).ok_or(AlgorithmError::Unknown)?;
    }
    if let Some(field) = asn1::optional(&mut fields, asn1::context(3))?
        && asn1::small(asn1::inside(&field).expect(asn1::INTEGER).map_err(Asn1Error::from)?.value)? != 1
    {
        return Err(AlgorithmError::Unknown);
    }
    Ok(pss)
}

/// Whether two AlgorithmIdentifiers say the same; absent and NULL parameters are one.
pub(crate) fn agree(one: &Tlv<'_>, other: &Tlv<'_>) -> bool {
    match (signature_algorithm(one), signature_algorithm(other)) {
        (Ok(one), Ok(other)) => one == other,
        (Err(_), _) | (_, Err(_)) => one.value == other.value,
    }
}
