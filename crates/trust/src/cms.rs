//! CMS SignedData (RFC 5652) as passports and master lists carry it: BER outside, original bytes for every digest.

use std::borrow::Cow;

use apdu::tlv::{Reader, Tlv};
use chip_crypto::hash::{self, HashAlgorithm};
use jiff::Timestamp;

use crate::algorithm::{self, AlgorithmError, SignatureAlgorithm};
use crate::asn1::{self, Asn1Error};
use crate::certificate::{Certificate, CertificateError, VerifyError};
use crate::name::Name;
use crate::oid;

/// How many certificates one SignedData may carry.
pub const MAX_CERTIFICATES: usize = 8;

/// Why bytes are not a SignedData.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CmsError {
    #[error("the content is not SignedData")]
    NotSignedData,
    #[error("a certificate inside cannot be read: {0}")]
    Certificate(#[from] CertificateError),
    #[error(transparent)]
    Malformed(#[from] Asn1Error),
}

impl From<apdu::tlv::TlvError> for CmsError {
    fn from(error: apdu::tlv::TlvError) -> Self {
        Self::Malformed(error.into())
    }
}

impl CmsError {
    pub(crate) fn is_limit(&self) -> bool {
        match self {
            Self::NotSignedData => false,
            Self::Certificate(CertificateError::TooLarge(_)) => true,
            Self::Certificate(CertificateError::Malformed(error)) | Self::Malformed(error) => error.is_limit(),
        }
    }
}

/// SignedData inside its bytes.
pub struct SignedData<'a> {
    /// Content octets of the OBJECT IDENTIFIER.
    pub content_type: &'a [u8],
    /// The octets the digest is over; put together when BER sent them in pieces.
    pub content: Cow<'a, [u8]>,
    pub certificates: Vec<Certificate>,
    pub signers: Vec<SignerInfo<'a>>,
}

/// How a SignerInfo names its certificate.
pub enum SignerId<'a> {
    IssuerAndSerial { issuer: Name, serial: &'a [u8] },
    SubjectKeyId(&'a [u8]),
}

/// One signer.
pub struct SignerInfo<'a> {
    pub id: SignerId<'a>,
    pub digest: Result<HashAlgorithm, AlgorithmError>,
    /// The `[0]` element with its header.
    pub signed_attributes: Option<Tlv<'a>>,
    pub algorithm: Result<SignatureAlgorithm, AlgorithmError>,
    pub signature: Cow<'a, [u8]>,
}

/// The attributes this product looks at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SignedAttributes {
    /// Content octets of the OBJECT IDENTIFIER.
    pub content_type: Option<Vec<u8>>,
    pub message_digest: Option<Vec<u8>>,
    pub signing_time: Option<Timestamp>,
}

impl<'a> SignedData<'a> {
    /// Reads a ContentInfo; bytes after it are left alone.
    ///
    /// # Errors
    /// What is wrong with the structure. Says nothing about signatures.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, CmsError> {
        let mut info = asn1::open(bytes, asn1::SEQUENCE)?;
        if !oid::is(info.expect(asn1::OID)?.value, oid::SIGNED_DATA) {
            return Err(CmsError::NotSignedData);
        }
        let content = info.expect(asn1::context(0))?;
        let mut fields = asn1::inside(&asn1::inside(&content).expect(asn1::SEQUENCE)?);
        fields.expect(asn1::INTEGER)?;
        fields.expect(asn1::SET)?;
        let mut encapsulated = asn1::inside(&fields.expect(asn1::SEQUENCE)?);
        let content_type = encapsulated.expect(asn1::OID)?.value;
        let content = match asn1::optional(&mut encapsulated, asn1::context(0))? {
            Some(field) => asn1::octet_string(&asn1::inside(&field).next()?)?,
            None => Cow::Borrowed(&[][..]),
        };
        let mut certificates = Vec::new();
        if let Some(set) = asn1::optional(&mut fields, asn1::context(0))? {
            let mut members = asn1::inside(&set);
            while let Some(member) = asn1::next(&mut members)? {
                if certificates.len() == MAX_CERTIFICATES {
                    return Err(Asn1Error::Budget("number of certificates").into());
                }
                // Other choices of CertificateChoices are obsolete or attribute certificates: nothing to verify with.
                if member.tag == asn1::SEQUENCE {
                    certificates.push(Certificate::from_tlv(&member)?);
                }
            }
        }
        asn1::optional(&mut fields, asn1::context(1))?;
        let mut signers = Vec::new();
        let mut infos = asn1::inside(&fields.expect(asn1::SET)?);
        while let Some(info) = asn1::next(&mut infos)? {
            if signers.len() == MAX_CERTIFICATES {
                return Err(Asn1Error::Budget("number of signers").into());
            }
            signers.push(SignerInfo::parse(&info)?);
        }
        Ok(Self { content_type, content, certificates, signers })
    }
}

impl<'a> SignerInfo<'a> {
    fn parse(info: &Tlv<'a>) -> Result<Self, CmsError> {
        let mut fields = asn1::inside(info);
        fields.expect(asn1::INTEGER)?;
        let id = fields.next()?;
        let id = if id.tag == asn1::SEQUENCE {
            let mut parts = asn1::inside(&id);
            let issuer = Name::parse(parts.expect(asn1::SEQUENCE)?.value)?;
            SignerId::IssuerAndSerial { issuer, serial: parts.expect(asn1::INTEGER)?.value }
        } else if id.tag == asn1::context_primitive(0) {
            SignerId::SubjectKeyId(id.value)
        } else {
            return Err(Asn1Error::Malformed("SignerIdentifier").into());
        };
        let digest = algorithm::digest_algorithm(&fields.expect(asn1::SEQUENCE)?);
        let signed_attributes = asn1::optional(&mut fields, asn1::context(0))?;
        let algorithm = algorithm::signature_algorithm(&fields.expect(asn1::SEQUENCE)?);
        let signature = asn1::octet_string(&fields.next()?)?;
        Ok(Self { id, digest, signed_attributes, algorithm, signature })
    }

    /// Reads the signed attributes.
    ///
    /// # Errors
    /// What is wrong with them. Call only after [`SignerInfo::verify`]: before, they are anybody's bytes.
    pub fn attributes(&self) -> Result<SignedAttributes, Asn1Error> {
        let mut found = SignedAttributes::default();
        let Some(attributes) = &self.signed_attributes else { return Ok(found) };
        let mut list = asn1::inside(attributes);
        while let Some(attribute) = asn1::next(&mut list)? {
            let mut fields = asn1::inside(&attribute);
            let kind = fields.expect(asn1::OID)?.value;
            let mut values = asn1::inside(&fields.expect(asn1::SET)?);
            if oid::is(kind, oid::CONTENT_TYPE) {
                let value = values.expect(asn1::OID)?.value.to_vec();
                once(&mut found.content_type, value, &values)?;
            } else if oid::is(kind, oid::MESSAGE_DIGEST) {
                let value = values.expect(asn1::OCTET_STRING)?.value.to_vec();
                once(&mut found.message_digest, value, &values)?;
            } else if oid::is(kind, oid::SIGNING_TIME) {
                let value = asn1::time(&values.next()?)?;
                once(&mut found.signing_time, value, &values)?;
            }
        }
        Ok(found)
    }

    /// Verifies that `certificate`'s key made the signature, over the signed attributes or, without them, over the content.
    ///
    /// # Errors
    /// Why it is not so. The digest of the content is a separate check ([`digest_matches`]).
    pub fn verify(&self, certificate: &Certificate, content: &[u8]) -> Result<(), VerifyError> {
        let algorithm = self.algorithm.clone().map_err(VerifyError::Algorithm)?;
        let digest = self.digest.clone().map_err(VerifyError::Algorithm)?;
        match &self.signed_attributes {
            // RFC 5652, 5.4: the signature is over the attributes as a SET OF, not as the [0] they are sent as.
            Some(attributes) => {
                let message = apdu::tlv::encode(asn1::SET, attributes.value);
                certificate.verify_signature(algorithm, digest, &message, &self.signature)
            }
            None => certificate.verify_signature(algorithm, digest, content, &self.signature),
        }
    }

    /// Finds the certificates the signer may mean: by the identifier, else by serial number alone.
    pub fn candidates<'c>(&self, certificates: impl Iterator<Item = &'c Certificate> + Clone) -> Vec<&'c Certificate> {
        let exact: Vec<_> = certificates
            .clone()
            .filter(|certificate| match &self.id {
                SignerId::IssuerAndSerial { issuer, serial } => certificate.is_named_by(issuer, serial),
                SignerId::SubjectKeyId(id) => certificate.extensions().subject_key_id.as_deref() == Some(id),
            })
            .collect();
        if !exact.is_empty() {
            return exact;
        }
        match &self.id {
            SignerId::IssuerAndSerial { serial, .. } => {
                certificates.filter(|certificate| certificate.serial() == asn1::unsigned(serial)).collect()
            }
            SignerId::SubjectKeyId(_) => Vec::new(),
        }
    }
}

/// Keeps the one value of an attribute (RFC 5652, 11: each of them has exactly one and stands once).
fn once<T>(slot: &mut Option<T>, value: T, rest: &Reader<'_>) -> Result<(), Asn1Error> {
    if slot.is_some() || !rest.is_empty() {
        return Err(Asn1Error::Malformed("signed attribute"));
    }
    *slot = Some(value);
    Ok(())
}

/// Whether a digest is that of the content.
pub(crate) fn digest_matches(digest: HashAlgorithm, content: &[u8], expected: &[u8]) -> bool {
    hash::digest(digest, &[content]) == expected
}
