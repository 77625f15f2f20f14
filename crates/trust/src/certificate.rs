//! X.509 certificates (RFC 5280, Doc 9303-12), read leniently where issuers are odd. Signatures are always verified over the
//! original bytes.

use std::ops::Range;

use apdu::tlv::{Reader, Tlv};
use chip_crypto::hash::{self, HashAlgorithm};
use chip_crypto::signature::{self, SignatureError};
use jiff::Timestamp;

use crate::algorithm::{self, AlgorithmError, SignatureAlgorithm};
use crate::asn1::{self, Asn1Error};
use crate::extension::Extensions;
use crate::name::Name;
use crate::oid;
use crate::public_key::{self, KeyError, SubjectKey};

/// The largest certificate read.
pub const MAX_CERTIFICATE: usize = 16 * 1024;

/// Why a certificate cannot be read at all. A key or algorithm this product cannot use does not make it unreadable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    #[error("the certificate has {0} bytes")]
    TooLarge(usize),
    #[error(transparent)]
    Malformed(#[from] Asn1Error),
}

impl From<apdu::tlv::TlvError> for CertificateError {
    fn from(error: apdu::tlv::TlvError) -> Self {
        Self::Malformed(error.into())
    }
}

/// Why a signature under a certificate's key is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    #[error("the public key cannot be used: {0}")]
    Key(KeyError),
    #[error("the signature algorithm cannot be used: {0}")]
    Algorithm(AlgorithmError),
    /// The parameters of the key and of the signature differ (RFC 4055, 3.3).
    #[error("the parameters of the key and of the signature differ")]
    Parameters,
    #[error(transparent)]
    Signature(SignatureError),
}

/// One certificate.
#[derive(Clone)]
pub struct Certificate {
    der: Box<[u8]>,
    tbs: Range<usize>,
    signature: Range<usize>,
    serial: Box<[u8]>,
    issuer: Name,
    subject: Name,
    not_before: Timestamp,
    not_after: Timestamp,
    key: Result<SubjectKey, KeyError>,
    algorithm: Result<SignatureAlgorithm, AlgorithmError>,
    algorithms_agree: bool,
    extensions: Extensions,
    sha256: [u8; 32],
}

impl Certificate {
    /// Reads one certificate; bytes after it are left alone.
    ///
    /// # Errors
    /// What is wrong with the bytes, or that there are too many.
    pub fn parse(der: &[u8]) -> Result<Self, CertificateError> {
        Self::from_tlv(&Reader::ber(der).expect(asn1::SEQUENCE)?)
    }

    pub(crate) fn from_tlv(certificate: &Tlv<'_>) -> Result<Self, CertificateError> {
        let der = certificate.whole;
        if der.len() > MAX_CERTIFICATE {
            return Err(CertificateError::TooLarge(der.len()));
        }
        let mut outer = asn1::inside(certificate);
        let tbs = outer.expect(asn1::SEQUENCE)?;
        let outer_algorithm = outer.expect(asn1::SEQUENCE)?;
        let signature = asn1::bit_string(outer.expect(asn1::BIT_STRING)?.value)?;

        let mut fields = asn1::inside(&tbs);
        asn1::optional(&mut fields, asn1::context(0))?;
        let serial = fields.expect(asn1::INTEGER)?.value;
        let inner_algorithm = fields.expect(asn1::SEQUENCE)?;
        let issuer = Name::parse(fields.expect(asn1::SEQUENCE)?.value)?;
        let mut validity = asn1::inside(&fields.expect(asn1::SEQUENCE)?);
        let not_before = asn1::time(&validity.next()?)?;
        let not_after = asn1::time(&validity.next()?)?;
        let subject = Name::parse(fields.expect(asn1::SEQUENCE)?.value)?;
        let key = public_key::parse(&fields.expect(asn1::SEQUENCE)?);
        asn1::optional(&mut fields, asn1::context_primitive(1))?;
        asn1::optional(&mut fields, asn1::context_primitive(2))?;
        let extensions = match asn1::optional(&mut fields, asn1::context(3))? {
            Some(field) => Extensions::parse(asn1::inside(&field).expect(asn1::SEQUENCE)?.value)?,
            None => Extensions::default(),
        };
        let place = |part| asn1::range_in(der, part).ok_or(Asn1Error::Malformed("certificate"));
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(&hash::digest(HashAlgorithm::Sha256, &[der]));
        Ok(Self {
            tbs: place(tbs.whole)?,
            signature: place(signature)?,
            serial: asn1::unsigned(serial).into(),
            issuer,
            subject,
            not_before,
            not_after,
            key,
            algorithm: algorithm::signature_algorithm(&outer_algorithm),
            algorithms_agree: algorithm::agree(&inner_algorithm, &outer_algorithm),
            extensions,
            sha256,
            der: der.into(),
        })
    }

    /// Gives the original bytes.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Gives the original bytes the signature is over.
    #[must_use]
    pub fn tbs(&self) -> &[u8] {
        self.der.get(self.tbs.clone()).unwrap_or_default()
    }

    /// Gives the signature value.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        self.der.get(self.signature.clone()).unwrap_or_default()
    }

    /// Gives the serial number without leading zeros.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }

    #[must_use]
    pub fn issuer(&self) -> &Name {
        &self.issuer
    }

    #[must_use]
    pub fn subject(&self) -> &Name {
        &self.subject
    }

    /// Gives the country of the subject, else that of the issuer.
    #[must_use]
    pub fn country(&self) -> Option<String> {
        self.subject.country().or_else(|| self.issuer.country())
    }

    #[must_use]
    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// Tells whether a moment is within the dates, both ends included.
    #[must_use]
    pub fn is_valid_at(&self, at: Timestamp) -> bool {
        self.not_before <= at && at <= self.not_after
    }

    /// Gives the public key.
    ///
    /// # Errors
    /// Why the key cannot be used.
    pub fn key(&self) -> Result<&SubjectKey, &KeyError> {
        self.key.as_ref()
    }

    /// Gives the algorithm of the signature.
    ///
    /// # Errors
    /// Why the algorithm cannot be used.
    pub fn algorithm(&self) -> Result<&SignatureAlgorithm, &AlgorithmError> {
        self.algorithm.as_ref()
    }

    /// Tells whether the signed and the unsigned statement of the signature algorithm are the same (RFC 5280, 4.1.1.2).
    #[must_use]
    pub fn algorithms_agree(&self) -> bool {
        self.algorithms_agree
    }

    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// Gives the SHA-256 of the original bytes.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    /// Tells whether subject and issuer are one.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.subject.matches(&self.issuer)
    }

    /// Tells whether the certificate may issue others: CA by its basic constraints, and not kept from it by its key usage.
    #[must_use]
    pub fn may_issue(&self) -> bool {
        let ca = self.extensions.is_ca.unwrap_or(!self.extensions.present && self.is_self_issued());
        ca && self.extensions.key_usage.is_none_or(|usage| usage.key_cert_sign)
    }

    /// Verifies that `issuer`'s key made this certificate's signature.
    ///
    /// # Errors
    /// Why it is not so. Says nothing about dates, constraints or whether the issuer is trusted.
    pub fn verify_issued_by(&self, issuer: &Self) -> Result<(), VerifyError> {
        let algorithm = self.algorithm.as_ref().map_err(|e| VerifyError::Algorithm(e.clone()))?;
        issuer.verify_signature(*algorithm, HashAlgorithm::Sha256, self.tbs(), self.signature())
    }

    /// Verifies a signature made with this certificate's key.
    ///
    /// # Errors
    /// Why it is not accepted.
    pub fn verify_signature(
        &self,
        algorithm: SignatureAlgorithm,
        digest: HashAlgorithm,
        message: &[u8],
        value: &[u8],
    ) -> Result<(), VerifyError> {
        let subject = self.key.as_ref().map_err(|e| VerifyError::Key(e.clone()))?;
        if let Some(demanded) = subject.pss {
            match algorithm {
                SignatureAlgorithm::RsaPss(used)
                    if used.hash == demanded.hash && used.mgf == demanded.mgf && used.salt_len >= demanded.salt_len => {
                }
                SignatureAlgorithm::RsaPss(_)
                | SignatureAlgorithm::RsaPkcs1(_)
                | SignatureAlgorithm::Ecdsa(_)
                | SignatureAlgorithm::RsaEncryption => return Err(VerifyError::Parameters),
            }
        }
        signature::verify(&subject.key, &algorithm.scheme(digest), message, value).map_err(VerifyError::Signature)
    }

    /// Names the key, e.g. `RSA-4096` or `brainpoolP384r1`.
    #[must_use]
    pub fn key_name(&self) -> String {
        match &self.key {
            Ok(subject) => subject.key.kind(),
            Err(_) => "unknown".to_owned(),
        }
    }

    pub(crate) fn is_named_by(&self, issuer: &Name, serial: &[u8]) -> bool {
        self.serial() == asn1::unsigned(serial) && self.issuer.matches(issuer)
    }
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Certificate({}, {} to {})", self.subject, self.not_before, self.not_after)
    }
}

/// Whether an extension's identifier is one a chain for e-passports may mark critical (Doc 9303-12, 7.1).
pub(crate) fn is_known_extension(content: &[u8]) -> bool {
    [
        oid::SUBJECT_KEY_ID,
        oid::KEY_USAGE,
        oid::PRIVATE_KEY_USAGE_PERIOD,
        oid::SUBJECT_ALT_NAME,
        oid::ISSUER_ALT_NAME,
        oid::BASIC_CONSTRAINTS,
        oid::CRL_DISTRIBUTION_POINTS,
        oid::CERTIFICATE_POLICIES,
        oid::AUTHORITY_KEY_ID,
        oid::EXTENDED_KEY_USAGE,
        oid::DOCUMENT_TYPE_LIST,
        oid::NAME_CHANGE,
    ]
    .into_iter()
    .any(|known| oid::is(content, known))
}
