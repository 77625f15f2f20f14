//! The agency's signature over a card, and who made it.

use chip::residence::{Generation, Items, ResidenceEvidence, ResidenceFile, SignatureObjects, signature_objects};
use chip_crypto::curve::NamedCurve;
use chip_crypto::hash::HashAlgorithm;
use chip_crypto::signature::{PublicKey, SignatureScheme, verify};
use jiff::{Timestamp, civil};

use super::authorities::{Admission, ResidenceTrust, SignedInput};
use super::layout::Images;
use crate::certificate::Certificate;
use crate::checks::Report;
use crate::fields::day;
use crate::finding::Finding;
use crate::verdict::{Chain, DataSignature};

/// Lengths the values are padded to with NUL (在留カード等仕様書, through an implementation that cites it).
const FRONT_IMAGE: usize = 7000;
const FACE: usize = 3000;
const NAME_IMAGE: usize = 2500;
const ITEMS: usize = 53;

/// The first day a card of a generation can have been signed: 9 July 2012 and 14 June 2026.
const fn first_day(generation: Generation) -> civil::Date {
    match generation {
        Generation::First => civil::date(2012, 7, 9),
        Generation::Second => civil::date(2026, 6, 14),
    }
}

/// What the signature is worth.
pub(super) struct Signed {
    pub data_signature: DataSignature,
    pub chain: Chain,
    pub algorithm: Option<String>,
}

impl Signed {
    fn nothing(data_signature: DataSignature) -> Self {
        Self { data_signature, chain: Chain::NotChecked, algorithm: None }
    }
}

pub(super) fn check(
    evidence: &ResidenceEvidence,
    images: &Images<'_>,
    items: Option<&Items>,
    trust: &ResidenceTrust,
    at: Timestamp,
    report: &mut Report,
) -> Signed {
    let generation = evidence.card_type.generation();
    let Some(file) = evidence.files.get(&ResidenceFile::Df3Ef01) else {
        report.not_checked("signature", "the card has no signature");
        return Signed::nothing(DataSignature::NotPresent);
    };
    let objects = match signature_objects(file, generation) {
        Ok(objects) => objects,
        Err(error) => {
            report.failed("signature", Finding::RcSigInvalid, error.to_string());
            return Signed::nothing(DataSignature::Invalid);
        }
    };
    let signer = match Certificate::parse(objects.certificate) {
        Ok(signer) => signer,
        Err(error) => {
            report.failed("signature", Finding::RcSigInvalid, error.to_string());
            return Signed::nothing(DataSignature::Invalid);
        }
    };
    let algorithm = Some(format!("{}/SHA-256", signer.key_name()));
    let data_signature = match check_value(generation, &objects, &signer, images, items, trust.signed_input()) {
        Ok(detail) => {
            report.passed("signature", format!("{} {detail}", signer.key_name()));
            DataSignature::Valid
        }
        Err(detail) => {
            report.failed("signature", Finding::RcSigInvalid, detail);
            DataSignature::Invalid
        }
    };
    let chain = check_chain(&signer, trust, report);
    let chain = check_dates(&signer, generation, items, at, chain, report);
    Signed { data_signature, chain, algorithm }
}

/// Verifies the value; says over what, or why not.
fn check_value(
    generation: Generation,
    objects: &SignatureObjects<'_>,
    signer: &Certificate,
    images: &Images<'_>,
    items: Option<&Items>,
    assumed: SignedInput,
) -> Result<&'static str, String> {
    let key = &signer.key().map_err(|error| format!("the signer's key cannot be used: {error}"))?.key;
    let (Some(scan), Some(face)) = (images.scan, images.face) else {
        return Err("an image the signature is over was not read".to_owned());
    };
    match (generation, key) {
        (Generation::First, PublicKey::Rsa(rsa)) if rsa.bits() >= 2048 => {
            let scheme = SignatureScheme::RsaPkcs1(HashAlgorithm::Sha256);
            let padded = [pad(scan, FRONT_IMAGE), pad(face, FACE)].concat();
            let stored = [scan, face].concat();
            let inputs: &[(&Vec<u8>, &'static str)] = match assumed {
                SignedInput::Padded => &[(&padded, "over padded images")],
                SignedInput::AsStored => &[(&stored, "over images as stored")],
                SignedInput::Either => &[(&padded, "over padded images"), (&stored, "over images as stored")],
            };
            let good = inputs.iter().find(|(message, _)| verify(key, &scheme, message, objects.signature).is_ok());
            good.map(|(_, detail)| *detail).ok_or_else(|| "the signature is not over these images".to_owned())
        }
        (Generation::Second, PublicKey::Ec(point)) if point.curve() == NamedCurve::Secp384r1 => {
            let items = items.ok_or("the text items the signature is over were not read")?;
            let message = [pad(&items.values, ITEMS), pad(face, FACE), pad(scan, NAME_IMAGE)].concat();
            // r ‖ s on real cards, although the document speaks of an ASN.1 form.
            let scheme = SignatureScheme::EcdsaPlain(HashAlgorithm::Sha256);
            verify(key, &scheme, &message, objects.signature)
                .map(|()| "over text items, face and name image")
                .map_err(|error| error.to_string())
        }
        (Generation::First, _) => Err("the signer's key is no RSA key of 2048 bits".to_owned()),
        (Generation::Second, _) => Err("the signer's key is not on P-384".to_owned()),
    }
}

fn pad(value: &[u8], length: usize) -> Vec<u8> {
    let mut padded = value.to_vec();
    padded.resize(length.max(value.len()), 0);
    padded
}

/// From the card's signer to an authority that is believed; there is nothing in between.
fn check_chain(signer: &Certificate, trust: &ResidenceTrust, report: &mut Report) -> Chain {
    if trust.is_empty() {
        report.find(Finding::TrustStoreEmpty);
        report.not_checked("chain", "no authority of residence cards is imported");
        return Chain::NotChecked;
    }
    let issued = trust.issuers_of(signer).find(|(authority, _)| signer.verify_issued_by(authority).is_ok());
    let Some((authority, admission)) = issued else {
        report.failed("chain", Finding::RcSignerUnknown, "no imported authority issued the card's signer");
        return Chain::UntrustedIssuer;
    };
    let said = match admission {
        Admission::Known(name) => (*name).to_owned(),
        Admission::Pinned => format!("{} (pinned by the operator)", authority.subject()),
        Admission::TestMode => format!("{} (test mode)", authority.subject()),
    };
    report.passed("chain", said);
    if !authority.is_valid_at(signer.not_before()) {
        let detail = "the authority was not valid when it issued the card's signer";
        report.failed("chain", Finding::RcSignerNotValidAtSigning, detail);
        return Chain::ExpiredAtRead;
    }
    if signer.extensions().key_usage.is_some_and(|usage| !usage.digital_signature) {
        report.failed("chain", Finding::DscKeyUsage, "the signer's key is not for signing");
    }
    if signer.extensions().unknown_critical {
        report.failed("chain", Finding::CertCriticalExt, "the signer has an unknown critical extension");
    }
    Chain::Trusted
}

/// A card does not say when it was signed. What it says bounds the time: not before its generation began, its holder was born or
/// its permission was given, and not after this moment. A signer that was valid at no time in between cannot have signed it.
fn check_dates(
    signer: &Certificate,
    generation: Generation,
    items: Option<&Items>,
    at: Timestamp,
    chain: Chain,
    report: &mut Report,
) -> Chain {
    let stated = |date: Option<chip::residence::CardDate>| {
        let date = date?;
        civil::Date::new(i16::try_from(date.year).ok()?, date.month.cast_signed(), date.day.cast_signed()).ok()
    };
    let earliest = [
        Some(first_day(generation)),
        items.and_then(|items| stated(items.permission_date)),
        items.and_then(|items| items.birth.parse().ok()),
    ]
    .into_iter()
    .flatten()
    .max()
    .unwrap_or(first_day(generation));
    let (from, to) = (day(signer.not_before()), day(signer.not_after()));
    let detail = format!("signed between {earliest} and {}; signer valid {from} to {to}", day(at));
    if from <= day(at) && to >= earliest {
        report.passed("signer_validity", detail);
        return chain;
    }
    report.failed("signer_validity", Finding::RcSignerNotValidAtSigning, detail);
    if chain == Chain::Trusted { Chain::ExpiredAtRead } else { chain }
}
