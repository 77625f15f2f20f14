//! CSCA master lists (Doc 9303-12, 9): the bare list, and the list signed by a state.

use apdu::tlv::Reader;
use chip_crypto::hash::HashAlgorithm;
use jiff::Timestamp;

use crate::asn1::{self, Asn1Error};
use crate::certificate::{Certificate, VerifyError};
use crate::cms::{self, SignedData, SignerInfo};
use crate::import::ImportError;
use crate::{TrustStore, oid};

/// How many certificates one list may have.
const MAX_LISTED: u32 = 16_384;

/// Who vouches for the signer of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListAnchor {
    /// A CSCA that was known before.
    Known([u8; 32]),
    /// A CSCA in the list itself: the list is whole, and trusted as far as the operator who brought it.
    InList([u8; 32]),
    /// A CSCA that came along with the signature, outside the list; no more than `InList` in trust.
    Attached([u8; 32]),
}

/// The signature of a list, verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListSignature {
    pub signer_subject: String,
    pub signer_sha256: [u8; 32],
    pub country: Option<String>,
    pub signing_time: Option<Timestamp>,
    pub anchor: ListAnchor,
}

/// Reads a `CscaMasterList`.
pub(crate) fn parse_bare(content: &[u8]) -> Result<Vec<Certificate>, ImportError> {
    let mut fields = asn1::open(content, asn1::SEQUENCE)?;
    if asn1::small(fields.expect(asn1::INTEGER)?.value)? != 0 {
        return Err(Asn1Error::Malformed("CscaMasterList").into());
    }
    let set = fields.expect(asn1::SET)?;
    let mut members = Reader::ber_with_nodes(set.value, MAX_LISTED);
    let mut certificates = Vec::new();
    while let Some(member) = asn1::next(&mut members)? {
        let read = Certificate::from_tlv(&member);
        certificates.push(read.map_err(|source| ImportError::Certificate { index: certificates.len(), source })?);
    }
    if certificates.is_empty() {
        return Err(ImportError::NothingInside);
    }
    Ok(certificates)
}

/// Reads a signed list and verifies its signature and its signer's certificate.
pub(crate) fn parse_signed(bytes: &[u8], known: &TrustStore) -> Result<(Vec<Certificate>, ListSignature), ImportError> {
    let signed = SignedData::parse(bytes)?;
    if !oid::is(signed.content_type, oid::CSCA_MASTER_LIST) {
        return Err(ImportError::NotAMasterList);
    }
    let certificates = parse_bare(&signed.content)?;
    let [signer] = signed.signers.as_slice() else { return Err(ImportError::ListSignerCount(signed.signers.len())) };
    let certificate = verify(&signed, signer)?;
    let signing_time = check_attributes(&signed, signer)?;
    if signing_time.is_some_and(|at| !certificate.is_valid_at(at)) {
        return Err(ImportError::ListSignerNotValidAtSigning);
    }
    let anchor = anchor(certificate, &certificates, &signed.certificates, known)?;
    let signature = ListSignature {
        signer_subject: certificate.subject().to_string(),
        signer_sha256: certificate.sha256(),
        country: certificate.country(),
        signing_time,
        anchor,
    };
    Ok((certificates, signature))
}

fn verify<'s>(signed: &'s SignedData<'_>, signer: &SignerInfo<'_>) -> Result<&'s Certificate, ImportError> {
    let mut refused = ImportError::ListSignerMissing;
    for certificate in signer.candidates(signed.certificates.iter()) {
        match signer.verify(certificate, &signed.content) {
            Ok(()) => return Ok(certificate),
            Err(error) => refused = ImportError::ListSignature(error),
        }
    }
    Err(refused)
}

fn check_attributes(signed: &SignedData<'_>, signer: &SignerInfo<'_>) -> Result<Option<Timestamp>, ImportError> {
    if signer.signed_attributes.is_none() {
        return Err(ImportError::ListDigest);
    }
    let attributes = signer.attributes()?;
    let digest = signer.digest.clone().map_err(|error| ImportError::ListSignature(VerifyError::Algorithm(error)))?;
    let digest_holds =
        attributes.message_digest.is_some_and(|expected| cms::digest_matches(digest, &signed.content, &expected));
    if !digest_holds || attributes.content_type.as_deref() != Some(signed.content_type) || digest == HashAlgorithm::Sha1
    {
        return Err(ImportError::ListDigest);
    }
    Ok(attributes.signing_time)
}

/// Finds who issued the signer: a known CSCA first, then one in the list, then one sent along.
fn anchor(
    signer: &Certificate,
    listed: &[Certificate],
    attached: &[Certificate],
    known: &TrustStore,
) -> Result<ListAnchor, ImportError> {
    let issues = |issuer: &&Certificate| {
        issuer.subject().matches(signer.issuer()) && issuer.may_issue() && signer.verify_issued_by(issuer).is_ok()
    };
    if let Some(issuer) = known.certificates().find(issues) {
        return Ok(ListAnchor::Known(issuer.sha256()));
    }
    if let Some(issuer) = listed.iter().find(issues) {
        return Ok(ListAnchor::InList(issuer.sha256()));
    }
    attached
        .iter()
        .find(issues)
        .map(|issuer| ListAnchor::Attached(issuer.sha256()))
        .ok_or(ImportError::ListSignerUnknown)
}
