//! Imports: whatever form issuer certificates arrive in, whole or not at all.

use jiff::Timestamp;

use crate::asn1::{self, Asn1Error};
use crate::certificate::{Certificate, CertificateError, VerifyError};
use crate::cms::CmsError;
use crate::crl::RevocationList;
use crate::ldif;
use crate::master_list::{self, ListSignature};
use crate::store::TrustStore;

/// The largest file imported.
pub const MAX_IMPORT: usize = 64 * 1024 * 1024;

/// Why nothing of a file was imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    #[error("the file has {0} bytes")]
    TooLarge(usize),
    #[error("the file is no list, certificate or revocation list in a form known here")]
    Unrecognised,
    #[error("the file holds no certificate and no list")]
    NothingInside,
    #[error("the base64 is malformed")]
    Base64,
    #[error("certificate {index} cannot be read: {source}")]
    Certificate { index: usize, source: CertificateError },
    #[error("the certificate's own signature is wrong")]
    SelfSignature,
    #[error("the revocation list cannot be read: {0}")]
    RevocationList(Asn1Error),
    #[error("the signed content is not a master list")]
    NotAMasterList,
    #[error("the list has {0} signers")]
    ListSignerCount(usize),
    #[error("the certificate of the list's signer is missing")]
    ListSignerMissing,
    #[error("no known authority issued the list's signer")]
    ListSignerUnknown,
    #[error("the list's signer was not valid when it signed")]
    ListSignerNotValidAtSigning,
    #[error("the list's signature is wrong: {0}")]
    ListSignature(VerifyError),
    #[error("the list's digest is not the signed one")]
    ListDigest,
    #[error("an older list of the same signer's country was offered")]
    Rollback,
    #[error(transparent)]
    Cms(#[from] CmsError),
    #[error(transparent)]
    Malformed(#[from] Asn1Error),
}

impl From<apdu::tlv::TlvError> for ImportError {
    fn from(error: apdu::tlv::TlvError) -> Self {
        Self::Malformed(error.into())
    }
}

impl ImportError {
    /// Gives the code name of the catalogue.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Rollback => "TRUST_LIST_ROLLBACK",
            Self::TooLarge(_) => "FILE_LIMIT",
            Self::Unrecognised
            | Self::NothingInside
            | Self::Base64
            | Self::Certificate { .. }
            | Self::SelfSignature
            | Self::RevocationList(_)
            | Self::NotAMasterList
            | Self::ListSignerCount(_)
            | Self::ListSignerMissing
            | Self::ListSignerUnknown
            | Self::ListSignerNotValidAtSigning
            | Self::ListSignature(_)
            | Self::ListDigest
            | Self::Cms(_)
            | Self::Malformed(_) => "TRUST_LIST_INVALID",
        }
    }
}

/// The form a file had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportKind {
    /// `.ml`: a master list signed by a state.
    MasterList,
    /// A `CscaMasterList` without a signature.
    BareMasterList,
    Ldif,
    Certificates,
    RevocationList,
}

/// What one file holds, all of it read and, where it is signed, verified.
#[derive(Debug, Clone)]
pub struct TrustImport {
    pub kind: ImportKind,
    pub certificates: Vec<Certificate>,
    pub revocation_lists: Vec<RevocationList>,
    /// One for each signed list inside.
    pub lists: Vec<ListSignature>,
    /// When the file came to this machine; dates what no signed list dates.
    pub arrived: Option<Timestamp>,
}

impl TrustImport {
    fn new(kind: ImportKind) -> Self {
        Self { kind, certificates: Vec::new(), revocation_lists: Vec::new(), lists: Vec::new(), arrived: None }
    }

    /// States when the file came to this machine, so that data nobody dated grow old too.
    #[must_use]
    pub fn arrived_at(mut self, at: Timestamp) -> Self {
        self.arrived = Some(at);
        self
    }

    /// Gives the moment of the newest signed list inside, else that of arrival.
    #[must_use]
    pub fn dated(&self) -> Option<Timestamp> {
        self.lists.iter().filter_map(|list| list.signing_time).max().or(self.arrived)
    }
}

/// Reads a master list (signed or bare), LDIF, PEM or DER certificates, or a revocation list; the content decides.
///
/// # Errors
/// Why nothing was imported.
pub fn import(bytes: &[u8]) -> Result<TrustImport, ImportError> {
    import_with(bytes, &TrustStore::empty())
}

/// Reads as [`import`] does, preferring a known CSCA to vouch for the signer of a list.
///
/// # Errors
/// Why nothing was imported.
pub fn import_with(bytes: &[u8], known: &TrustStore) -> Result<TrustImport, ImportError> {
    if bytes.len() > MAX_IMPORT {
        return Err(ImportError::TooLarge(bytes.len()));
    }
    if bytes.first() == Some(&0x30) {
        return import_der(bytes, known);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| ImportError::Unrecognised)?;
    if text.contains("-----BEGIN ") {
        return import_pem(text, known);
    }
    if ldif::is_ldif(text) {
        return import_ldif(text, known);
    }
    Err(ImportError::Unrecognised)
}

fn import_der(bytes: &[u8], known: &TrustStore) -> Result<TrustImport, ImportError> {
    let mut fields = asn1::open(bytes, asn1::SEQUENCE)?;
    match fields.peek_tag() {
        Some(asn1::OID) => {
            let (certificates, signature) = master_list::parse_signed(bytes, known)?;
            Ok(TrustImport { certificates, lists: vec![signature], ..TrustImport::new(ImportKind::MasterList) })
        }
        Some(asn1::INTEGER) => {
            let certificates = master_list::parse_bare(bytes)?;
            check_self_signed(&certificates)?;
            Ok(TrustImport { certificates, ..TrustImport::new(ImportKind::BareMasterList) })
        }
        Some(asn1::SEQUENCE) => {
            if is_revocation_list(&fields.next()?)? {
                return Ok(TrustImport {
                    revocation_lists: vec![RevocationList::parse(bytes).map_err(ImportError::RevocationList)?],
                    ..TrustImport::new(ImportKind::RevocationList)
                });
            }
            let certificates = vec![one_certificate(bytes, 0)?];
            Ok(TrustImport { certificates, ..TrustImport::new(ImportKind::Certificates) })
        }
        Some(_) | None => Err(ImportError::Unrecognised),
    }
}

/// Tells a TBSCertList from a TBSCertificate: the list has a time where the certificate has its validity.
fn is_revocation_list(tbs: &apdu::tlv::Tlv<'_>) -> Result<bool, ImportError> {
    let mut fields = asn1::inside(tbs);
    asn1::optional(&mut fields, asn1::context(0))?;
    asn1::optional(&mut fields, asn1::INTEGER)?;
    fields.expect(asn1::SEQUENCE)?;
    fields.expect(asn1::SEQUENCE)?;
    Ok(fields.peek_tag().is_some_and(asn1::is_time))
}

fn one_certificate(der: &[u8], index: usize) -> Result<Certificate, ImportError> {
    let certificate = Certificate::parse(der).map_err(|source| ImportError::Certificate { index, source })?;
    check_self_signed(std::slice::from_ref(&certificate))?;
    Ok(certificate)
}

/// Nobody signed an unsigned list or a single file, so what can be checked is checked: a self-signed certificate's own signature.
fn check_self_signed(certificates: &[Certificate]) -> Result<(), ImportError> {
    for certificate in certificates {
        let ids = certificate.extensions();
        let own = ids.authority_key_id.is_none() || ids.authority_key_id == ids.subject_key_id;
        if !certificate.is_self_issued() || !own {
            continue;
        }
        match certificate.verify_issued_by(certificate) {
            // Re-keyed authorities keep their name and may omit the identifiers: another key of theirs may have signed.
            Ok(()) | Err(VerifyError::Key(_) | VerifyError::Algorithm(_)) => {}
            Err(VerifyError::Parameters | VerifyError::Signature(_)) if ids.authority_key_id.is_none() => {}
            Err(VerifyError::Parameters | VerifyError::Signature(_)) => return Err(ImportError::SelfSignature),
        }
    }
    Ok(())
}

fn import_pem(text: &str, known: &TrustStore) -> Result<TrustImport, ImportError> {
    let mut whole = TrustImport::new(ImportKind::Certificates);
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("-----BEGIN ") {
        let (label, after) = after.split_once("-----").ok_or(ImportError::Base64)?;
        let (body, after) = after.split_once("-----END ").ok_or(ImportError::Base64)?;
        rest = after;
        let der = ldif::decode(body)?;
        match label {
            "CERTIFICATE" | "TRUSTED CERTIFICATE" | "X509 CERTIFICATE" => {
                whole.certificates.push(one_certificate(&der, whole.certificates.len())?);
            }
            "X509 CRL" => {
                whole.revocation_lists.push(RevocationList::parse(&der).map_err(ImportError::RevocationList)?)
            }
            "CMS" | "PKCS7" => merge(&mut whole, import_der(&der, known)?),
            // Keys and parameters that lie beside certificates are nobody's trust.
            _ => {}
        }
    }
    finish(whole)
}

fn import_ldif(text: &str, known: &TrustStore) -> Result<TrustImport, ImportError> {
    let mut whole = TrustImport::new(ImportKind::Ldif);
    for (kind, value) in ldif::values(text)? {
        match kind {
            ldif::Kind::MasterList => merge(&mut whole, import_der(&value, known)?),
            ldif::Kind::Certificate => whole.certificates.push(one_certificate(&value, whole.certificates.len())?),
            ldif::Kind::RevocationList => {
                whole.revocation_lists.push(RevocationList::parse(&value).map_err(ImportError::RevocationList)?);
            }
        }
    }
    finish(whole)
}

fn merge(whole: &mut TrustImport, part: TrustImport) {
    whole.certificates.extend(part.certificates);
    whole.revocation_lists.extend(part.revocation_lists);
    whole.lists.extend(part.lists);
}

fn finish(whole: TrustImport) -> Result<TrustImport, ImportError> {
    if whole.certificates.is_empty() && whole.revocation_lists.is_empty() {
        Err(ImportError::NothingInside)
    } else {
        Ok(whole)
    }
}
