//! The judgement of a My Number card: evidence, issuers and a moment in, a verdict out. Total: it never fails and never panics.

use chip::my_number::redaction::holds_individual_number;
use chip::my_number::surface::CardFace;
use chip::my_number::text::Attributes;
use chip::my_number::{MyNumberEvidence, MyNumberFile, OpenedBy};
use jiff::{Timestamp, civil};

use super::cards::{self, Part, Proof};
use super::comparison::{Comparison, compare};
use super::issuers::MyNumberTrust;
use super::jpki::{self, Judged, Purpose};
use super::status::StatusAnswer;
use crate::certificate::Certificate;
use crate::checks::Report;
use crate::fields::day;
use crate::finding::Finding;
use crate::oid;
use crate::verdict::{
    Chain, CheckState, ChipGenuine, ChipProof, ChipVerdict, DataSignature, DocumentKind, ForbiddenData, HolderFields,
    PrintMatch, ReadVerdict, Validity,
};

/// Names of the check lines, in the order they are shown. Stable.
pub const CHECK_NAMES: [&str; 19] = [
    "access",
    "text_issuer",
    "text_signature",
    "text_chip_key",
    "face_issuer",
    "face_signature",
    "face_chip_key",
    "user_chain",
    "user_purpose",
    "user_validity",
    "user_status",
    "user_challenge",
    "signature_chain",
    "signature_purpose",
    "signature_validity",
    "signature_status",
    "signature_challenge",
    "same_person",
    "validity",
];

/// Judges what a card said, from the raw files and transcripts alone, without an answer on revocation.
#[must_use]
pub fn judge(evidence: &MyNumberEvidence, trust: &MyNumberTrust, at: Timestamp) -> ChipVerdict {
    judge_with_status(evidence, trust, None, at)
}

/// Judges with what an accredited verifier answered about the signature certificate, or about the user certificate when no other was
/// read.
#[must_use]
pub fn judge_with_status(
    evidence: &MyNumberEvidence,
    trust: &MyNumberTrust,
    status: Option<&StatusAnswer>,
    at: Timestamp,
) -> ChipVerdict {
    let mut report = Report::default();
    access(evidence, &mut report);
    let text = cards::attributes(evidence, trust, &mut report);
    let face = cards::face(evidence, trust, &mut report);
    let has_signature = evidence.files.contains_key(&MyNumberFile::SignatureCertificate);
    let user_status = status.filter(|_| !has_signature);
    let user = jpki::judge(Purpose::User, evidence, trust, user_status, at, &mut report);
    let signature = jpki::judge(Purpose::Signature, evidence, trust, status, at, &mut report);
    let parts: Vec<Part> = text.iter().map(|(part, _)| *part).chain(face.iter().map(|(part, _)| *part)).collect();
    let attributes = text.and_then(|(_, attributes)| attributes);
    let face = face.and_then(|(_, face)| face);
    same_person(attributes.as_ref(), face.as_ref(), signature.as_ref(), &mut report);
    let validity = validity(face.as_ref(), at, &mut report);
    let forbidden = forbidden(attributes.as_ref(), &mut report);
    let fields = match forbidden {
        ForbiddenData::NoneSeen => holder(attributes.as_ref(), face.as_ref()),
        ForbiddenData::Discarded { .. } => HolderFields::default(),
    };
    let jpki: Vec<&Judged> = user.iter().chain(&signature).collect();
    let algorithm = (!parts.is_empty() || !jpki.is_empty()).then(|| "RSA-2048/SHA-256".to_owned());
    let (chain, data_signature, chip_genuine) = (chain(&parts, &jpki), data_signature(&parts), genuine(&parts, &jpki));
    let (findings, checks) = report.finish_in(&CHECK_NAMES);
    ChipVerdict {
        document: DocumentKind::MyNumberCard,
        read: read(evidence),
        data_signature,
        chain,
        chip_genuine,
        print_match: PrintMatch::NotChecked,
        validity,
        forbidden_data: forbidden,
        trust_bundle: trust.describe(),
        algorithm,
        findings,
        checks,
        fields,
    }
}

fn access(evidence: &MyNumberEvidence, report: &mut Report) {
    match evidence.opened_by {
        OpenedBy::NumberB => report.passed("access", "照合番号B"),
        OpenedBy::TextPin => report.passed("access", "券面事項入力補助用暗証番号"),
        OpenedBy::Nothing => report.not_checked("access", "certificates only"),
    }
}

fn read(evidence: &MyNumberEvidence) -> ReadVerdict {
    let missing: Vec<String> = evidence.absent.keys().map(|file| file.name().to_owned()).collect();
    match (evidence.files.is_empty(), missing.is_empty()) {
        (true, _) => ReadVerdict::Failed { code: "FILE_MISSING".to_owned() },
        (false, true) => ReadVerdict::Ok,
        (false, false) => ReadVerdict::Partial { missing },
    }
}

/// The worst of the parts decides; without any, nothing was there to be signed.
fn data_signature(parts: &[Part]) -> DataSignature {
    let severity = |signature: &DataSignature| match signature {
        DataSignature::Invalid => 3,
        DataSignature::NotPresent => 2,
        DataSignature::NotChecked { .. } => 1,
        DataSignature::Valid => 0,
    };
    parts.iter().map(|part| part.signature).max_by_key(severity).unwrap_or(DataSignature::NotPresent)
}

/// The worst of all chains decides.
fn chain(parts: &[Part], jpki: &[&Judged]) -> Chain {
    let of_parts = parts.iter().map(|part| if part.certified { Chain::Trusted } else { Chain::UntrustedIssuer });
    let severity = |chain: &Chain| match chain {
        Chain::Revoked => 5,
        Chain::ExpiredAtRead => 4,
        Chain::UntrustedIssuer => 3,
        Chain::RevocationUnknown { .. } => 2,
        Chain::Trusted => 1,
        Chain::NotChecked => 0,
    };
    of_parts.chain(jpki.iter().map(|judged| judged.chain)).max_by_key(severity).unwrap_or(Chain::NotChecked)
}

/// A failure anywhere wins; otherwise every application that was read must have proven its key.
fn genuine(parts: &[Part], jpki: &[&Judged]) -> ChipGenuine {
    let of_jpki = jpki.iter().map(|judged| match judged.proven {
        Some(true) => Proof::Proven,
        Some(false) => Proof::Failed,
        None => Proof::NotChecked,
    });
    let proofs: Vec<Proof> = parts.iter().map(|part| part.proof).chain(of_jpki).collect();
    let has = |wanted| proofs.contains(&wanted);
    if has(Proof::Failed) {
        ChipGenuine::Failed
    } else if parts.iter().any(|part| part.proof != Proof::Proven) || !has(Proof::Proven) {
        ChipGenuine::NotChecked
    } else if parts.iter().any(|part| !part.certified) {
        ChipGenuine::NotBound { method: ChipProof::KeySignature }
    } else {
        ChipGenuine::Proven { method: ChipProof::KeySignature }
    }
}

/// Whether text, face and certificate speak of one person: a card in between could have answered with another card's application.
fn same_person(
    text: Option<&Attributes<'_>>,
    face: Option<&CardFace<'_>>,
    signature: Option<&Judged>,
    report: &mut Report,
) {
    const NAME: &str = "same_person";
    let Some(text) = text else {
        report.not_checked(NAME, "no text to compare with");
        return;
    };
    let mut compared = false;
    if let Some(face) = face {
        if text.birth != face.birth || text.sex != face.sex {
            report.failed(NAME, Finding::MnApplicationsDiffer, "text and face have different birth dates or sexes");
            return;
        }
        compared = true;
    }
    if let Some(judged) = signature {
        match against_certificate(text, &judged.certificate) {
            Ok(Comparison::Same) => compared = true,
            Ok(Comparison::SameButSubstitutes) => {
                report
                    .not_checked(NAME, "the certificate has substitute characters: compare with the face of the card");
                return;
            }
            Ok(Comparison::Differs) | Err(_) => {
                report.failed(NAME, Finding::MnAttrCertMismatch, "text and signature certificate differ");
                return;
            }
        }
    }
    if compared {
        report.passed(NAME, "what was read speaks of one person");
    } else {
        report.line(NAME, CheckState::NotSupported, "only one source was read");
    }
}

/// The certificate lacks an item it must have.
struct ItemMissing;

fn against_certificate(text: &Attributes<'_>, certificate: &Certificate) -> Result<Comparison, ItemMissing> {
    let item = |kind| {
        let mut names = certificate.extensions().other_names.iter().filter(|(found, _)| oid::is(found, kind));
        names.next().map(|(_, value)| value.as_str())
    };
    let name = item(oid::JPKI_NAME).ok_or(ItemMissing)?;
    let address = item(oid::JPKI_ADDRESS).ok_or(ItemMissing)?;
    let birth = item(oid::JPKI_BIRTH_DATE).ok_or(ItemMissing)?;
    let sex = item(oid::JPKI_SEX).ok_or(ItemMissing)?;
    // The birth date stands behind a digit for its era.
    let birth_agrees = birth.as_bytes().ends_with(&text.birth);
    if !birth_agrees || sex.as_bytes() != [text.sex] {
        return Ok(Comparison::Differs);
    }
    let both = [
        compare(text.name, name, item(oid::JPKI_NAME_SUBSTITUTES)),
        compare(text.address, address, item(oid::JPKI_ADDRESS_SUBSTITUTES)),
    ];
    let worst = [Comparison::Differs, Comparison::SameButSubstitutes].into_iter().find(|one| both.contains(one));
    Ok(worst.unwrap_or(Comparison::Same))
}

/// The expiry stands on the face alone and no signature covers it.
fn validity(face: Option<&CardFace<'_>>, at: Timestamp, report: &mut Report) -> Validity {
    let Some(expiry) = face.and_then(|face| face.expiry).and_then(civil_date) else {
        report.not_checked("validity", "no expiry date was read: see the one printed on the card");
        return Validity::Unknown;
    };
    if day(at) > expiry {
        report.failed("validity", Finding::DocumentExpired, format!("expired {expiry}, a date that is not signed"));
        return Validity::Expired { since: expiry.to_string() };
    }
    report.passed("validity", "not expired, by a date that is not signed");
    Validity::InDate
}

/// Twelve digits of an Individual Number in the text: nothing of it goes on.
fn forbidden(text: Option<&Attributes<'_>>, report: &mut Report) -> ForbiddenData {
    let found =
        text.is_some_and(|text| [text.name, text.address].iter().any(|item| holds_individual_number(item.as_bytes())));
    if !found {
        return ForbiddenData::NoneSeen;
    }
    report.find(Finding::MyNumberRedaction);
    ForbiddenData::Discarded { kind: "individual_number".to_owned() }
}

fn holder(text: Option<&Attributes<'_>>, face: Option<&CardFace<'_>>) -> HolderFields {
    let birth = text.map(|text| text.birth).or(face.map(|face| face.birth));
    let sex = text.map(|text| text.sex).or(face.map(|face| face.sex));
    HolderFields {
        name: text.map(|text| text.name.to_owned()),
        address: text.map(|text| text.address.to_owned()),
        birth_date: birth.and_then(civil_date).map(|date| date.to_string()),
        sex: sex.map(|sex| char::from(sex).to_string()),
        expiry_date: face.and_then(|face| face.expiry).and_then(civil_date).map(|date| date.to_string()),
        has_portrait: face.is_some_and(|face| !face.photo.is_empty()),
        ..HolderFields::default()
    }
}

/// YYYYMMDD as a day, if there is such a day.
fn civil_date(digits: [u8; 8]) -> Option<civil::Date> {
    let number = |from: usize, to: usize| std::str::from_utf8(digits.get(from..to)?).ok()?.parse::<i16>().ok();
    let small = |from, to| i8::try_from(number(from, to)?).ok();
    civil::Date::new(number(0, 4)?, small(4, 6)?, small(6, 8)?).ok()
}
