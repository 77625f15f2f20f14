//! Passive authentication of EF.SOD (Doc 9303-11, 5.1; Doc 9303-12, 8).

use apdu::tlv::{Reader, Tag, TlvError};
use chip_crypto::hash::HashAlgorithm;
use chip_crypto::signature::{PublicKey, SignatureError};
use jiff::Timestamp;

use crate::algorithm::AlgorithmError;
use crate::asn1;
use crate::certificate::{Certificate, VerifyError};
use crate::chain::{self, Anchored, ChainEnd};
use crate::checks::Report;
use crate::cms::{self, SignedAttributes, SignedData, SignerInfo};
use crate::finding::Finding;
use crate::lds::{LdsError, LdsSecurityObject};
use crate::oid;
use crate::public_key::KeyError;
use crate::revocation::{self, Question, Revocation};
use crate::store::{Anchor, TrustStore};
use crate::verdict::{Chain, CheckState, DataSignature, NotChecked};

const MAX_SOD: usize = 256 * 1024;
const EF_SOD: Tag = Tag(0x77);
/// RSA moduli below this are too small (Doc 9303-12, 4.4; RSA-1024 was never allowed for signers).
const MIN_RSA_BITS: usize = 2048;
/// Fields below this are too small (Doc 9303-12, 4.4).
const MIN_EC_BYTES: usize = 28;

/// What EF.SOD is worth.
#[derive(Debug)]
pub(crate) struct Passive {
    pub data_signature: DataSignature,
    pub chain: Chain,
    /// Only from content whose digest was signed.
    pub lds: Option<LdsSecurityObject>,
    pub signer: Option<Certificate>,
    /// When what is known of its authority was dated, if one is known.
    pub anchored: Option<Option<Timestamp>>,
    pub algorithm: Option<String>,
}

impl Passive {
    pub fn nothing(data_signature: DataSignature) -> Self {
        Self { data_signature, chain: Chain::NotChecked, lds: None, signer: None, anchored: None, algorithm: None }
    }
}

/// Authenticates EF.SOD alone.
pub(crate) fn authenticate(sod: &[u8], store: &TrustStore, at: Timestamp, report: &mut Report) -> Passive {
    if sod.len() > MAX_SOD {
        report.failed("sod_signature", Finding::FileLimit, "EF.SOD exceeds the budget");
        return Passive::nothing(DataSignature::Invalid);
    }
    let signed = match unwrap(sod).map_err(Into::into).and_then(SignedData::parse) {
        Ok(signed) => signed,
        Err(error) => {
            let finding = if error.is_limit() { Finding::TlvLimit } else { Finding::TlvInvalid };
            report.failed("sod_signature", finding, error.to_string());
            return Passive::nothing(DataSignature::Invalid);
        }
    };
    let [signer] = signed.signers.as_slice() else {
        report.failed("sod_signature", Finding::SodSignerCount, format!("EF.SOD has {} signers", signed.signers.len()));
        return Passive::nothing(DataSignature::Invalid);
    };
    let is_data = oid::is(signed.content_type, oid::DATA);
    if !is_data && !oid::is(signed.content_type, oid::LDS_SECURITY_OBJECT) {
        report.failed("sod_signature", Finding::SodContentType, "the content is not the list of data groups");
        return Passive::nothing(DataSignature::Invalid);
    }
    if signer.signed_attributes.is_none() && !is_data {
        report.failed("sod_signature", Finding::SodAttrsMissing, "the signed attributes are missing");
        return Passive::nothing(DataSignature::Invalid);
    }
    let candidates = match signer.candidates(signed.certificates.iter()) {
        none if none.is_empty() => signer.candidates(store.certificates()),
        found => found,
    };
    let Some(first) = candidates.first().copied() else {
        report.failed("sod_signature", Finding::DscMissing, "the signer's certificate is missing");
        return Passive::nothing(DataSignature::NotChecked { reason: NotChecked::Signer });
    };
    let (certificate, outcome) = verify(signer, &candidates, first, &signed);
    let mut passive = Passive::nothing(signature_line(&outcome, certificate, signer, report));
    let attributes = check_attributes(signer, &signed, outcome.is_ok(), report);
    check_canonical(signer, &signed, certificate, report);
    if let Some(attributes) = &attributes {
        passive.lds = read_list(&signed.content, report);
        let hashes = [signer.digest.as_ref().ok().copied(), passive.lds.as_ref().map(|lds| lds.hash)];
        passive.algorithm = Some(describe(certificate, signer));
        check_strength(certificate, signer, hashes, report);
        check_dates(certificate, attributes.signing_time, at, report);
    } else {
        report.not_checked("dsc_validity", "the signed attributes are not authentic");
    }
    check_signer(certificate, report);
    if outcome.is_ok() && (attributes.is_none() || passive.lds.is_none() || report.has(Finding::DerNotCanonical)) {
        passive.data_signature = DataSignature::Invalid;
    }
    let signed_at = attributes.and_then(|attributes| attributes.signing_time);
    let (chain, anchor) = trust(certificate, &signed.certificates, store, signed_at, at, report);
    (passive.chain, passive.anchored) = (chain, anchor.map(|anchor| anchor.dated));
    passive.signer = Some(certificate.clone());
    passive
}

/// The ContentInfo inside the file's own tag (Doc 9303-10, 4.6.2); what pads the file after it is left alone.
fn unwrap(sod: &[u8]) -> Result<&[u8], TlvError> {
    Ok(Reader::ber(sod).expect(EF_SOD)?.value)
}

/// Tries the certificates the signer may mean; the first that verifies is the one.
pub(crate) fn verify<'c>(
    signer: &SignerInfo<'_>,
    candidates: &[&'c Certificate],
    first: &'c Certificate,
    signed: &SignedData<'_>,
) -> (&'c Certificate, Result<(), VerifyError>) {
    let mut last = (first, Err(VerifyError::Signature(SignatureError::Invalid)));
    for certificate in candidates {
        let outcome = signer.verify(certificate, &signed.content);
        let done = outcome.is_ok();
        last = (certificate, outcome);
        if done {
            break;
        }
    }
    last
}

pub(crate) fn signature_line(
    outcome: &Result<(), VerifyError>,
    certificate: &Certificate,
    signer: &SignerInfo<'_>,
    report: &mut Report,
) -> DataSignature {
    let Err(error) = outcome else {
        report.passed("sod_signature", describe(certificate, signer));
        return DataSignature::Valid;
    };
    let finding = finding_of(error);
    if finding == Finding::SigEncoding {
        report.find(Finding::SodSigInvalid);
    }
    report.failed("sod_signature", finding, error.to_string());
    if matches!(finding, Finding::AlgForbidden | Finding::KeyTooSmall) {
        report.not_checked("sod_signature", error.to_string());
        return DataSignature::NotChecked { reason: NotChecked::Algorithm };
    }
    DataSignature::Invalid
}

/// The one finding for a signature of EF.SOD that is not accepted.
pub(crate) fn finding_of(error: &VerifyError) -> Finding {
    match error {
        VerifyError::Key(KeyError::ExplicitParameters | KeyError::UnknownCurve) => Finding::EcParamInvalid,
        VerifyError::Key(KeyError::Point) => Finding::EcPointInvalid,
        VerifyError::Key(KeyError::UnknownAlgorithm) => Finding::AlgForbidden,
        VerifyError::Key(KeyError::Malformed(_)) => Finding::TlvInvalid,
        VerifyError::Algorithm(AlgorithmError::Forbidden | AlgorithmError::Unknown) => Finding::AlgForbidden,
        VerifyError::Algorithm(AlgorithmError::Malformed(_)) => Finding::TlvInvalid,
        VerifyError::Parameters => Finding::AlgParamMismatch,
        VerifyError::Key(KeyError::Rsa(error)) | VerifyError::Signature(error) => match error {
            SignatureError::Invalid => Finding::SodSigInvalid,
            SignatureError::Encoding => Finding::SigEncoding,
            SignatureError::KeyTooSmall(_) => Finding::KeyTooSmall,
            SignatureError::PointInvalid(_) => Finding::EcPointInvalid,
            SignatureError::KeyMismatch => Finding::AlgParamMismatch,
            SignatureError::KeyTooLarge(_) | SignatureError::RsaKeyMalformed | SignatureError::Unsupported => {
                Finding::AlgForbidden
            }
        },
    }
}

/// Checks content type and digest against the attributes (RFC 5652, 5.4 and 11). `None` when the content is not the signed one.
pub(crate) fn check_attributes(
    signer: &SignerInfo<'_>,
    signed: &SignedData<'_>,
    authentic: bool,
    report: &mut Report,
) -> Option<SignedAttributes> {
    if signer.signed_attributes.is_none() {
        report.passed("sod_digest", "the signature is over the content itself");
        return authentic.then(SignedAttributes::default);
    }
    let attributes = match signer.attributes() {
        Ok(attributes) => attributes,
        Err(error) if authentic => {
            report.failed("sod_digest", Finding::TlvInvalid, error.to_string());
            return None;
        }
        // Bytes nobody signed need not be readable; the signature's own finding stands.
        Err(_) => {
            report.not_checked("sod_digest", "the signed attributes are not authentic");
            return None;
        }
    };
    let digest = match (&signer.digest, &attributes.message_digest) {
        (Ok(digest), Some(expected)) => cms::digest_matches(*digest, &signed.content, expected),
        (Err(_), _) => {
            report.find(Finding::AlgForbidden);
            report.not_checked("sod_digest", "the digest algorithm is not allowed");
            return None;
        }
        (Ok(_), None) => {
            report.failed("sod_digest", Finding::SodAttrsMissing, "the digest is missing");
            return None;
        }
    };
    if !digest {
        report.failed("sod_digest", Finding::SodDigestMismatch, "the content is not the signed one");
        return None;
    }
    report.passed("sod_digest", "the content is the signed one");
    if attributes.content_type.as_deref() != Some(signed.content_type) {
        report.failed("sod_digest", Finding::SodContentType, "the signed content type is another");
        return None;
    }
    Some(attributes)
}

/// Signed parts must be DER: a second way to write one value is a second meaning for somebody.
pub(crate) fn check_canonical(
    signer: &SignerInfo<'_>,
    signed: &SignedData<'_>,
    certificate: &Certificate,
    report: &mut Report,
) {
    let not_canonical =
        |bytes: &[u8]| matches!(asn1::check_canonical(bytes), Err(TlvError::NotCanonical | TlvError::Indefinite));
    let attributes = signer.signed_attributes.as_ref();
    if attributes.is_some_and(|set| set.indefinite || not_canonical(set.value))
        || not_canonical(&signed.content)
        || not_canonical(certificate.tbs())
    {
        report.failed("sod_signature", Finding::DerNotCanonical, "a signed part is not DER");
    }
}

fn read_list(content: &[u8], report: &mut Report) -> Option<LdsSecurityObject> {
    let error = match LdsSecurityObject::parse(content) {
        Ok(list) => return Some(list),
        Err(error) => error,
    };
    let finding = match &error {
        LdsError::DuplicateDataGroup(_) => Finding::SodDuplicateDg,
        LdsError::Algorithm(AlgorithmError::Forbidden | AlgorithmError::Unknown) => Finding::AlgForbidden,
        LdsError::Malformed(error) | LdsError::Algorithm(AlgorithmError::Malformed(error)) if error.is_limit() => {
            Finding::TlvLimit
        }
        LdsError::Version(_)
        | LdsError::DataGroupNumber(_)
        | LdsError::Malformed(_)
        | LdsError::Algorithm(AlgorithmError::Malformed(_)) => Finding::TlvInvalid,
    };
    report.failed("dg_hashes", finding, error.to_string());
    None
}

/// Digests and keys that are no longer allowed are verified and reported; they keep a document from green.
pub(crate) fn check_strength(
    certificate: &Certificate,
    signer: &SignerInfo<'_>,
    hashes: [Option<HashAlgorithm>; 2],
    report: &mut Report,
) {
    let signature = signer.algorithm.as_ref().ok().and_then(|algorithm| algorithm.hash());
    let issuer = certificate.algorithm().ok().and_then(|algorithm| algorithm.hash());
    if hashes.into_iter().chain([signature, issuer]).flatten().any(|hash| hash == HashAlgorithm::Sha1) {
        report.find(Finding::AlgForbidden);
    }
    if is_too_small(certificate) {
        report.find(Finding::KeyTooSmall);
    }
}

fn is_too_small(certificate: &Certificate) -> bool {
    certificate.key().is_ok_and(|subject| match &subject.key {
        PublicKey::Rsa(key) => key.bits() < MIN_RSA_BITS,
        PublicKey::Ec(point) => point.curve().field_len() < MIN_EC_BYTES,
    })
}

/// The signer must have been valid when it signed. Without a signing time no moment before `at` is ruled out but those before
/// the certificate began.
pub(crate) fn check_dates(
    certificate: &Certificate,
    signing_time: Option<Timestamp>,
    at: Timestamp,
    report: &mut Report,
) {
    let (valid, detail) = match signing_time {
        Some(time) => (certificate.is_valid_at(time), format!("signed {time}")),
        None => (certificate.not_before() <= at, "the signing time is not stated".to_owned()),
    };
    let detail = format!("{detail}; signer valid {} to {}", certificate.not_before(), certificate.not_after());
    if valid {
        report.passed("dsc_validity", detail);
    } else {
        report.failed("dsc_validity", Finding::DscNotValidAtSigning, detail);
    }
}

/// What the signer's certificate must and must not say (Doc 9303-12, 7.1.1).
pub(crate) fn check_signer(certificate: &Certificate, report: &mut Report) {
    // Doc 9303-12, table 6: the extension is mandatory; every issued document seen so far has it.
    if !certificate.extensions().key_usage.is_some_and(|usage| usage.digital_signature) {
        report.failed("dsc_validity", Finding::DscKeyUsage, "the signer's key is not for signing");
    }
    if certificate.extensions().unknown_critical {
        report.failed("dsc_validity", Finding::CertCriticalExt, "the signer has an unknown critical extension");
    }
    if !certificate.algorithms_agree() {
        report.failed("dsc_validity", Finding::AlgParamMismatch, "the signer states two signature algorithms");
    }
}

pub(crate) fn trust<'s>(
    certificate: &Certificate,
    sent_along: &[Certificate],
    store: &'s TrustStore,
    signed_at: Option<Timestamp>,
    at: Timestamp,
    report: &mut Report,
) -> (Chain, Option<&'s Anchor>) {
    let Anchored { anchor, valid_at_issue, may_issue, unknown_critical } =
        match chain::build(certificate, sent_along, store) {
            ChainEnd::Anchored(anchored) => anchored,
            ChainEnd::Broken(finding) => {
                let detail = format!("issuer {}", certificate.issuer());
                report.failed("chain", finding, detail);
                if matches!(finding, Finding::TrustStoreEmpty) {
                    report.line("chain", CheckState::NotChecked, "no issuer certificates are imported");
                    return (Chain::NotChecked, None);
                }
                return (Chain::UntrustedIssuer, None);
            }
        };
    let authority = &anchor.certificate;
    report.passed("chain", format!("{} ({})", authority.subject(), authority.key_name()));
    if is_too_small(authority) {
        report.find(Finding::KeyTooSmall);
    }
    if authority.country() != certificate.country() {
        report.find(Finding::CountryMismatch);
    }
    let question = Question { signer: certificate, authority, signed_at, at };
    let revocation = revocation::check(&question, store, report);
    if unknown_critical {
        report.failed(
            "chain",
            Finding::CertCriticalExt,
            "a certificate of the chain has an unknown critical extension",
        );
    }
    if !may_issue {
        report.failed("chain", Finding::ChainConstraint, "a certificate of the chain may not issue");
        return (Chain::UntrustedIssuer, None);
    }
    if !valid_at_issue {
        report.failed("chain", Finding::CscaNotValidAtIssue, "the authority was not valid when it issued the signer");
        return (Chain::ExpiredAtRead, Some(anchor));
    }
    let chain = match revocation {
        Revocation::Revoked => Chain::Revoked,
        Revocation::Unknown { age_days } => Chain::RevocationUnknown { age_days },
        Revocation::Good | Revocation::NoList if report.has(Finding::DscNotValidAtSigning) => Chain::ExpiredAtRead,
        Revocation::Good | Revocation::NoList => Chain::Trusted,
    };
    (chain, Some(anchor))
}

/// e.g. `secp384r1/SHA-384`.
fn describe(certificate: &Certificate, signer: &SignerInfo<'_>) -> String {
    let hash =
        signer.algorithm.as_ref().ok().and_then(|algorithm| algorithm.hash()).or(signer.digest.as_ref().ok().copied());
    format!("{}/{}", certificate.key_name(), hash.map_or("?", HashAlgorithm::name))
}
