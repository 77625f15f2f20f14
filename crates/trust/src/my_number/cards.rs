//! What the issuer of the card signed: the face and the text, and the keys by which the card proves itself.

use chip::my_number::cv_certificate::{self, CvCertificate};
use chip::my_number::surface::{self, CardFace};
use chip::my_number::text::{self, Attributes};
use chip::my_number::{CardKey, FieldError, FieldProblem, KeyProof, MyNumberEvidence, MyNumberFile, ap_key};
use chip_crypto::hash::{HashAlgorithm, digest};
use chip_crypto::signature::{PublicKey, SignatureScheme, open_sha256_list, verify};

use super::issuers::MyNumberTrust;
use crate::checks::Report;
use crate::data_groups::tlv_finding;
use crate::finding::Finding;
use crate::verdict::{DataSignature, NotChecked};

/// What the judgement of one application left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    /// Whether the signatures over what was read are right.
    pub(super) signature: DataSignature,
    /// A trusted key certified the signer.
    pub(super) certified: bool,
    pub(super) proof: Proof,
}

/// Whether the card proved the key of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    Proven,
    Failed,
    Refused,
    NotChecked,
}

const RSA_SHA256: SignatureScheme = SignatureScheme::RsaPkcs1(HashAlgorithm::Sha256);

/// Judges the face, if it was read. The parsed face is returned for the fields.
pub(super) fn face<'e>(
    evidence: &'e MyNumberEvidence,
    trust: &MyNumberTrust,
    report: &mut Report,
) -> Option<(Part, Option<CardFace<'e>>)> {
    let file = evidence.files.get(&MyNumberFile::CardFace)?;
    let face = match surface::parse(file) {
        Ok(face) => face,
        Err(error) => {
            report.failed("face_signature", field_finding(error), error.to_string());
            let signature = DataSignature::Invalid;
            return Some((Part { signature, certified: false, proof: Proof::NotChecked }, None));
        }
    };
    let (signer, certified) = signer(evidence, trust, MyNumberFile::SurfaceCertificate, "face_issuer", report);
    let signature = match &signer {
        Some(signer) => face_signature(&face, signer, report),
        None => {
            report.not_checked("face_signature", "the key of the signer is not there");
            DataSignature::NotChecked { reason: NotChecked::Signer }
        }
    };
    let signed = signature == DataSignature::Valid;
    let key = ap_key::parse_key(face.key, "DF24 key").map_err(|error| error.to_string());
    let proof = proof(evidence, CardKey::Surface, key, signed, "face_chip_key", report);
    Some((Part { signature, certified, proof }, Some(face)))
}

fn face_signature(face: &CardFace<'_>, signer: &PublicKey, report: &mut Report) -> DataSignature {
    const NAME: &str = "face_signature";
    let digests = match open_sha256_list(signer, 3, face.signature) {
        Ok(digests) => digests,
        Err(error) => {
            report.failed(NAME, Finding::MnFaceSigInvalid, error.to_string());
            return DataSignature::Invalid;
        }
    };
    let parts = ["birth date, sex and key", "name and address", "photo"];
    let findings = [Finding::MnAttrSigInvalid, Finding::MnAttrSigInvalid, Finding::MnFaceSigInvalid];
    let mut wrong = Vec::new();
    for (((signed, found), part), finding) in face.signed_parts().iter().zip(&digests).zip(parts).zip(findings) {
        if digest(HashAlgorithm::Sha256, signed) != found {
            report.find(finding);
            wrong.push((part, finding));
        }
    }
    match wrong.first() {
        None => report.passed(NAME, "birth date, sex, name, address and photo are as signed"),
        Some((_, finding)) => {
            let names: Vec<&str> = wrong.iter().map(|(part, _)| *part).collect();
            report.failed(NAME, *finding, format!("not as signed: {}", names.join("; ")));
        }
    }
    if wrong.is_empty() { DataSignature::Valid } else { DataSignature::Invalid }
}

/// Judges the text, if it was read. The parsed text is returned for the fields.
pub(super) fn attributes<'e>(
    evidence: &'e MyNumberEvidence,
    trust: &MyNumberTrust,
    report: &mut Report,
) -> Option<(Part, Option<Attributes<'e>>)> {
    let file = evidence.files.get(&MyNumberFile::Attributes)?;
    let (signer, certified) = signer(evidence, trust, MyNumberFile::TextCertificate, "text_issuer", report);
    let attributes = match text::parse(file) {
        Ok(attributes) => attributes,
        Err(error) => {
            report.failed("text_signature", field_finding(error), error.to_string());
            let signature = DataSignature::Invalid;
            return Some((Part { signature, certified, proof: Proof::NotChecked }, None));
        }
    };
    let signature = text_signature(evidence, &attributes, signer.as_ref(), report);
    let key = text_key(evidence, signer.as_ref());
    let bound = key.is_ok();
    let proof = match key {
        // A card without EF 0007, or one that keeps it closed, has no key to prove.
        Err(None) => {
            report.not_checked("text_chip_key", "the key of the text application was not read");
            Proof::NotChecked
        }
        Err(Some(reason)) => proof(evidence, CardKey::Text, Err(reason), false, "text_chip_key", report),
        Ok(key) => proof(evidence, CardKey::Text, Ok(key), bound, "text_chip_key", report),
    };
    Some((Part { signature, certified, proof }, Some(attributes)))
}

/// DF33 signs the digests, DF32 is the digest of the text. The file with the Individual Number, whose digest is DF31, is not needed.
fn text_signature(
    evidence: &MyNumberEvidence,
    attributes: &Attributes<'_>,
    signer: Option<&PublicKey>,
    report: &mut Report,
) -> DataSignature {
    const NAME: &str = "text_signature";
    let digests = match evidence.files.get(&MyNumberFile::AttributeDigests).map(|file| text::parse_digests(file)) {
        Some(Ok(digests)) => digests,
        Some(Err(error)) => {
            report.failed(NAME, field_finding(error), error.to_string());
            return DataSignature::Invalid;
        }
        None => {
            report.find(Finding::FileMissing);
            report.not_checked(NAME, "the signed digests were not read");
            return DataSignature::NotPresent;
        }
    };
    let Some(signer) = signer else {
        report.not_checked(NAME, "the key of the signer is not there");
        return DataSignature::NotChecked { reason: NotChecked::Signer };
    };
    if let Err(error) = verify(signer, &RSA_SHA256, &digests.signed.concat(), digests.signature) {
        report.failed(NAME, Finding::MnAttrSigInvalid, error.to_string());
        return DataSignature::Invalid;
    }
    if digest(HashAlgorithm::Sha256, &[attributes.signed]) != digests.attributes {
        report.failed(NAME, Finding::MnAttrSigInvalid, "name, address, birth date or sex are not as signed");
        return DataSignature::Invalid;
    }
    report.passed(NAME, "name, address, birth date and sex are as signed");
    DataSignature::Valid
}

/// The key of the text application, when the signer of the text signed it.
fn text_key(evidence: &MyNumberEvidence, signer: Option<&PublicKey>) -> Result<PublicKey, Option<String>> {
    let file = evidence.files.get(&MyNumberFile::TextKey).ok_or(None)?;
    let found = ap_key::parse_text_key(file).map_err(|error| Some(error.to_string()))?;
    let signer = signer.ok_or_else(|| Some("the key of the signer is not there".to_owned()))?;
    verify(signer, &RSA_SHA256, found.signed, found.signature).map_err(|error| Some(error.to_string()))?;
    Ok(found.key)
}

/// The certified key of the signer, whether or not its issuer is trusted, and whether it is.
fn signer(
    evidence: &MyNumberEvidence,
    trust: &MyNumberTrust,
    file: MyNumberFile,
    line: &'static str,
    report: &mut Report,
) -> (Option<PublicKey>, bool) {
    let Some(bytes) = evidence.files.get(&file) else {
        report.find(Finding::FileMissing);
        report.not_checked(line, "the certificate of the signer was not read");
        return (None, false);
    };
    let certificate: CvCertificate<'_> = match cv_certificate::parse(bytes) {
        Ok(certificate) => certificate,
        Err(error) => {
            report.failed(line, field_finding(error), error.to_string());
            return (None, false);
        }
    };
    let name = String::from_utf8_lossy(certificate.issuer.name()).into_owned();
    let mut known = trust.cv_keys(&certificate.issuer).peekable();
    if known.peek().is_none() {
        let finding = if trust.knows_cv_issuers() { Finding::MnIssuerUnknown } else { Finding::TrustStoreEmpty };
        report.failed(line, finding, format!("no key of the issuer {name:?} is known"));
        return (Some(certificate.key), false);
    }
    let certified = known.any(|key| verify(key, &RSA_SHA256, certificate.body, certificate.signature).is_ok());
    if certified {
        report.passed(line, format!("certified by {name:?}"));
    } else {
        report.failed(line, Finding::MnIssuerSigInvalid, format!("{name:?} did not make this certificate"));
    }
    (Some(certificate.key), certified)
}

/// Whether the card proved a key that signed data name.
fn proof(
    evidence: &MyNumberEvidence,
    which: CardKey,
    key: Result<PublicKey, String>,
    bound: bool,
    line: &'static str,
    report: &mut Report,
) -> Proof {
    let transcript = match evidence.proofs.get(&which) {
        None => {
            report.not_checked(line, "not attempted");
            return Proof::NotChecked;
        }
        Some(KeyProof::Refused(status)) => {
            // Read on one project's cards only [B]; a genuine card that refuses would otherwise look like a copy.
            report.failed(line, Finding::MnChipProofRefused, format!("the card refused with {status}"));
            return Proof::Refused;
        }
        Some(KeyProof::Signed(transcript)) => transcript,
    };
    let verified = key.and_then(|key| transcript.verify(&key).map_err(|error| error.to_string()));
    match verified {
        Err(reason) => {
            report.failed(line, Finding::MnChipProofFailed, reason);
            Proof::Failed
        }
        Ok(()) if bound => {
            report.passed(line, "proven with the key the issuer signed");
            Proof::Proven
        }
        Ok(()) => {
            report.not_checked(line, "proven, but with a key that is not signed");
            Proof::NotChecked
        }
    }
}

fn field_finding(error: FieldError) -> Finding {
    match error.problem {
        FieldProblem::Tlv(error) => tlv_finding(error),
        FieldProblem::Missing
        | FieldProblem::Repeated
        | FieldProblem::Length { .. }
        | FieldProblem::Text
        | FieldProblem::Date
        | FieldProblem::Key => Finding::TlvInvalid,
    }
}
