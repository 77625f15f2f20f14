//! The judgement of licences (japanese-cards.md §1.6, security.md §8 rows L).
//!
//! The signer's certificate is not on the card and not published: without one that was imported the verdict says that a signature
//! is there and was not verified, and is never green.

mod fields;
mod my_number;

pub use fields::{FieldChange, LicenceFields};
pub use my_number::judge_my_number;

use chip::licence::{
    CommonData, FaceItem, FieldError, FieldFault, LicenceEvidence, LicenceLayout, SignatureFile, SignedInput,
};
use chip::portrait::ImageError;
use chip_crypto::hash::HashAlgorithm;
use chip_crypto::signature::{self, PublicKey};
use jiff::Timestamp;

use crate::certificate::Certificate;
use crate::checks::Report;
use crate::fields as days;
use crate::finding::Finding;
use crate::store::TrustStore;
use crate::verdict::{
    Chain, ChipGenuine, ChipVerdict, DataSignature, DocumentKind, ForbiddenData, HolderFields, NotChecked, PrintMatch,
    ReadVerdict, Validity,
};

/// Names of the check lines of a licence, in the order they are shown. Stable.
pub const CHECK_NAMES: [&str; 8] =
    ["layout", "signature", "signer", "signer_validity", "items", "gaiji", "photo", "validity"];

/// What licences are judged with.
#[derive(Debug, Clone, Default)]
pub struct LicenceTrust {
    /// Certificates of signers, as the police give them under contract. Each is trusted by being here.
    pub signers: TrustStore,
    /// What the signature is taken to be over, until it is published.
    pub signed: SignedInput,
    /// The hypotheses on the card's layout.
    pub layout: LicenceLayout,
}

/// Judges what a licence said, from the evidence alone. Total: it never fails and never panics.
#[must_use]
pub fn judge(evidence: &LicenceEvidence, trust: &LicenceTrust, at: Timestamp) -> ChipVerdict {
    let mut report = Report::default();
    let fields = fields::read(evidence, &trust.layout, &mut report);
    check_layout(evidence, &fields, &mut report);
    check_gaiji(evidence, trust, &mut report);
    check_photo(evidence.photo.as_deref(), &mut report);
    let validity = validity(fields.expiry_date.as_deref(), at, &mut report);
    let signed = authenticate(evidence, trust, &mut report);
    let (findings, checks) = report.finish_in(&CHECK_NAMES);
    ChipVerdict {
        document: DocumentKind::DriverLicence,
        read: read(evidence),
        data_signature: signed.data,
        chain: signed.chain,
        // The chip has no key of its own: a copy of its files cannot be told from it.
        chip_genuine: ChipGenuine::NotSupported,
        print_match: PrintMatch::NotChecked,
        validity,
        forbidden_data: ForbiddenData::NoneSeen,
        trust_bundle: trust.signers.describe(at, None),
        algorithm: signed.algorithm,
        findings,
        checks,
        fields,
    }
}

fn read(evidence: &LicenceEvidence) -> ReadVerdict {
    let mut missing: Vec<String> = evidence.absent.keys().map(|file| file.name().to_owned()).collect();
    if evidence.photo.is_none() && missing.iter().all(|name| name != chip::licence::LicenceFile::Photo.name()) {
        missing.push(chip::licence::LicenceFile::Photo.name().to_owned());
    }
    if missing.is_empty() { ReadVerdict::Ok } else { ReadVerdict::Partial { missing } }
}

/// The common data are unsigned and read before any PIN: they must fit the items.
fn check_layout(evidence: &LicenceEvidence, fields: &HolderFields, report: &mut Report) {
    let common = match CommonData::parse(&evidence.common) {
        Ok(common) => common,
        Err(error) => return report.failed("layout", finding_of(&error), error.to_string()),
    };
    let version = &common.version;
    let issued = fields.licence.as_ref().and_then(|l| l.issue_date.clone());
    let fits = |date: Option<&String>, claimed: String| date.is_none_or(|date| *date == claimed);
    if !common.is_known_version() {
        report.failed("layout", Finding::DlLayoutMismatch, format!("version {version:?} is not known"));
    } else if !fits(issued.as_ref(), common.issued.to_string())
        || !fits(fields.expiry_date.as_ref(), common.expires.to_string())
    {
        report.failed("layout", Finding::DlLayoutMismatch, "the common data have other dates than the items");
    } else {
        report.passed("layout", format!("version {version}"));
    }
}

/// Every external character a kept text refers to can be drawn.
fn check_gaiji(evidence: &LicenceEvidence, trust: &LicenceTrust, report: &mut Report) {
    let used = evidence.gaiji_used(&trust.layout);
    let bad = used.iter().find_map(|number| evidence.draw_gaiji(*number, &trust.layout.gaiji).err());
    match bad {
        Some(error) => report.failed("gaiji", Finding::DlGaijiInvalid, error.to_string()),
        None if used.is_empty() => report.passed("gaiji", "none is used"),
        None => report.passed("gaiji", format!("{} drawn", used.len())),
    }
}

pub(super) fn check_photo(photo: Option<&[u8]>, report: &mut Report) {
    let Some(photo) = photo else { return report.not_checked("photo", "no photo was read") };
    match chip::portrait::check_header(photo) {
        Ok(header) => report.passed("photo", format!("{} x {}", header.width, header.height)),
        Err(error @ ImageError::Limit { .. }) => report.failed("photo", Finding::ImageLimit, error.to_string()),
        Err(error @ (ImageError::Format | ImageError::Header | ImageError::Data)) => {
            report.failed("photo", Finding::ImageInvalid, error.to_string());
        }
    }
}

/// The last day still counts, where the branch is.
pub(super) fn validity(expires: Option<&str>, at: Timestamp, report: &mut Report) -> Validity {
    let expires: Option<jiff::civil::Date> = expires.and_then(|date| date.parse().ok());
    match expires {
        Some(expires) if days::day(at) > expires => {
            report.failed("validity", Finding::DocumentExpired, format!("expired {expires}"));
            Validity::Expired { since: expires.to_string() }
        }
        Some(_) => {
            report.passed("validity", "not expired");
            Validity::InDate
        }
        None => {
            report.not_checked("validity", "the expiry date is not known");
            Validity::Unknown
        }
    }
}

struct Signed {
    data: DataSignature,
    chain: Chain,
    algorithm: Option<String>,
}

impl Signed {
    fn not(data: DataSignature, chain: Chain) -> Self {
        Self { data, chain, algorithm: None }
    }
}

fn authenticate(evidence: &LicenceEvidence, trust: &LicenceTrust, report: &mut Report) -> Signed {
    for name in ["signature", "signer", "signer_validity"] {
        report.not_checked(name, "");
    }
    let Some(file) = &evidence.signature else {
        report.not_checked("signature", "DF1/EF07 was not read");
        return Signed::not(DataSignature::NotPresent, Chain::NotChecked);
    };
    let file = match SignatureFile::parse(file) {
        Ok(file) => file,
        Err(error) => {
            report.failed("signature", finding_of(&error), error.to_string());
            return Signed::not(DataSignature::NotPresent, Chain::NotChecked);
        }
    };
    let Some(signer) = signer(&file, &trust.signers) else {
        report.failed("signer", Finding::DlSignerUnknown, "no certificate has the key the card names");
        report.not_checked("signature", "a signature is present and cannot be verified here");
        return Signed::not(DataSignature::NotChecked { reason: NotChecked::Signer }, Chain::UntrustedIssuer);
    };
    report.passed("signer", signer.subject().to_string());
    let chain = check_signer_dates(evidence, signer, report);
    let algorithm = Some(format!("{}/SHA-256", signer.key_name()));
    let Some(digest) = evidence.signed.get(&trust.signed) else {
        report.not_checked("signature", "domicile or photo was not read, and the signature is over both");
        return Signed { data: DataSignature::NotChecked { reason: NotChecked::Input }, chain, algorithm };
    };
    // RSA-2048, RSASSA-PKCS1-v1_5, SHA-256 (§1.6).
    let data = match signer.key() {
        Ok(key) => {
            if let PublicKey::Rsa(rsa) = &key.key
                && rsa.bits() < MIN_BITS
            {
                report.find(Finding::KeyTooSmall);
            }
            match signature::verify_rsa_pkcs1_digest(&key.key, HashAlgorithm::Sha256, digest, file.value) {
                Ok(()) => {
                    report.passed("signature", "covers items, domicile and photo");
                    DataSignature::Valid
                }
                Err(error) => {
                    report.failed("signature", Finding::DlSigInvalid, error.to_string());
                    DataSignature::Invalid
                }
            }
        }
        Err(error) => {
            report.not_checked("signature", error.to_string());
            report.find(Finding::AlgForbidden);
            DataSignature::NotChecked { reason: NotChecked::Algorithm }
        }
    };
    Signed { data, chain, algorithm }
}

const MIN_BITS: usize = 2048;

/// The certificate with the subject key identifier the card names.
fn signer<'t>(file: &SignatureFile<'_>, store: &'t TrustStore) -> Option<&'t Certificate> {
    let wanted = file.key_id?;
    store.certificates().find(|certificate| certificate.extensions().subject_key_id.as_deref() == Some(wanted))
}

/// A licence is signed on the day it is issued.
fn check_signer_dates(evidence: &LicenceEvidence, signer: &Certificate, report: &mut Report) -> Chain {
    let issued = evidence.items().date(FaceItem::Issued).ok().and_then(|date| date.to_string().parse().ok());
    let Some(issued): Option<jiff::civil::Date> = issued else {
        report.not_checked("signer_validity", "the day of issue is not known");
        return Chain::NotChecked;
    };
    let (first, last) = (days::day(signer.not_before()), days::day(signer.not_after()));
    if (first..=last).contains(&issued) {
        report.passed("signer_validity", "valid on the day of issue");
        Chain::Trusted
    } else {
        report.failed(
            "signer_validity",
            Finding::DlSignerNotValidAtSigning,
            format!("valid from {first} to {last}, the licence was issued on another day"),
        );
        Chain::ExpiredAtRead
    }
}

/// What a field that cannot be read is called.
pub(super) fn finding_of(error: &FieldError) -> Finding {
    match error.fault {
        FieldFault::Truncated | FieldFault::Length | FieldFault::Repeated => Finding::TlvInvalid,
        FieldFault::Missing | FieldFault::Text => Finding::DlLayoutMismatch,
        FieldFault::Date => Finding::DateInvalid,
    }
}
