//! Whether the files are those of the card's type, and can be read. The type itself is outside every signature.

use apdu::tlv::TlvError;
use chip::portrait::ImageError;
use chip::residence::{
    CardType, ElementError, Generation, Permission, Presence, ResidenceEvidence, ResidenceFile, address, back_notes,
    card_number, face_images, front_image, items, layout, photo, renewal_pending, scanned_address, signature_objects,
};
use chip::{portrait, tiff};

use crate::checks::Report;
use crate::data_groups::tlv_finding;
use crate::finding::Finding;
use crate::verdict::CheckState;

/// Compares the files with the layout of the type. Gives the names of files that may be missing and are.
pub(super) fn check(evidence: &ResidenceEvidence, report: &mut Report) -> Vec<String> {
    let stated = evidence.files.get(&ResidenceFile::MfEf02).map(|file| CardType::parse(file));
    if stated != Some(Ok(evidence.card_type)) {
        report.failed("layout", Finding::RcLayoutMismatch, "the type that was read is another");
        return Vec::new();
    }
    let mut missing = Vec::new();
    let mut wrong = Vec::new();
    for spec in layout(evidence.card_type) {
        let there = evidence.files.contains_key(&spec.file);
        match spec.presence {
            Presence::Required if !there => wrong.push(format!("{} is missing", spec.file.name())),
            Presence::Forbidden if there => wrong.push(format!("{} is there", spec.file.name())),
            Presence::Expected if !there => missing.push(spec.file.name().to_owned()),
            Presence::Required | Presence::Forbidden | Presence::Expected => {}
        }
    }
    if let Some(detail) = item_count(evidence) {
        wrong.push(detail);
    }
    if wrong.is_empty() {
        report.passed("layout", format!("type {}", evidence.card_type.code()));
    } else {
        report.failed("layout", Finding::RcLayoutMismatch, wrong.join("; "));
    }
    missing
}

/// The kinds of document differ in the number of their text items.
fn item_count(evidence: &ResidenceEvidence) -> Option<String> {
    if evidence.card_type.generation() == Generation::First {
        return None;
    }
    let found = items(evidence.files.get(&ResidenceFile::Df1Ef02)?).ok()?.order.len();
    let wanted = if evidence.card_type.is_special_permanent() { 6 } else { 10 };
    (found != wanted).then(|| format!("{found} text items, type {} has {wanted}", evidence.card_type.code()))
}

/// Every file must be readable: a field that is not says which.
pub(super) fn check_fields(evidence: &ResidenceEvidence, report: &mut Report) {
    let generation = evidence.card_type.generation();
    let mut faults = Vec::new();
    for (file, bytes) in &evidence.files {
        if let Err(error) = parse(*file, generation, bytes) {
            faults.push(error);
        }
    }
    match faults.as_slice() {
        [] => report.passed("fields", "every field can be read"),
        faults => {
            for fault in faults {
                report.find(finding_of(fault));
            }
            let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
            report.line("fields", CheckState::Failed, said.join("; "));
        }
    }
}

fn parse(file: ResidenceFile, generation: Generation, bytes: &[u8]) -> Result<(), ElementError> {
    match (file, generation) {
        (ResidenceFile::MfEf01, _) => Ok(()),
        (ResidenceFile::MfEf02, _) => CardType::parse(bytes).map(drop),
        (ResidenceFile::Df1Ef01, Generation::First) => front_image(bytes).map(drop),
        (ResidenceFile::Df1Ef02, Generation::First) => photo(bytes).map(drop),
        (ResidenceFile::Df1Ef01, Generation::Second) => card_number(bytes).map(drop),
        (ResidenceFile::Df1Ef02, Generation::Second) => items(bytes).map(drop),
        (ResidenceFile::Df1Ef03, _) => face_images(bytes).map(drop),
        (ResidenceFile::Df1Ef04, _) => scanned_address(bytes).map(drop),
        (ResidenceFile::Df2Ef01, Generation::First) => address(bytes).map(drop),
        (ResidenceFile::Df2Ef01, Generation::Second) => back_notes(bytes).map(drop),
        (ResidenceFile::Df2Ef02, Generation::First) => Permission::Blanket.read(bytes).map(drop),
        (ResidenceFile::Df2Ef03, Generation::First) => Permission::Individual.read(bytes).map(drop),
        // D9 and DE of the second generation: what is in them is not known, they are kept as they are.
        (ResidenceFile::Df2Ef03, Generation::Second) => Ok(()),
        (ResidenceFile::Df2Ef02 | ResidenceFile::Df2Ef04, _) => renewal_pending(bytes, generation).map(drop),
        (ResidenceFile::Df3Ef01, _) => signature_objects(bytes, generation).map(drop),
    }
}

fn finding_of(error: &ElementError) -> Finding {
    match error {
        ElementError::Object { source, .. } => tlv_finding(*source),
        ElementError::Date { .. } => Finding::DateInvalid,
        ElementError::Trailing { .. } => tlv_finding(TlvError::TrailingBytes),
        ElementError::Length { .. } | ElementError::Text { .. } | ElementError::Value { .. } => Finding::TlvInvalid,
    }
}

/// The images of a card, as they are signed.
#[derive(Clone, Copy, Default)]
pub(super) struct Images<'a> {
    /// Front (first generation), name (second).
    pub scan: Option<&'a [u8]>,
    pub face: Option<&'a [u8]>,
    /// Second generation; nobody signed it.
    pub address: Option<&'a [u8]>,
}

impl<'a> Images<'a> {
    pub fn of(evidence: &'a ResidenceEvidence) -> Self {
        let file = |file: ResidenceFile| evidence.files.get(&file).map(Vec::as_slice);
        match evidence.card_type.generation() {
            Generation::First => Self {
                scan: file(ResidenceFile::Df1Ef01).and_then(|file| front_image(file).ok()),
                face: file(ResidenceFile::Df1Ef02).and_then(|file| photo(file).ok()),
                address: None,
            },
            Generation::Second => {
                let both = file(ResidenceFile::Df1Ef03).and_then(|file| face_images(file).ok());
                Self {
                    scan: both.map(|images| images.name),
                    face: both.map(|images| images.photo),
                    address: file(ResidenceFile::Df1Ef04).and_then(|file| scanned_address(file).ok()),
                }
            }
        }
    }

    /// Whether there is a face: children's cards have none, or padding in its place.
    pub fn has_face(&self) -> bool {
        self.face.is_some_and(|face| face.iter().any(|byte| *byte != 0))
    }

    /// Reads the headers of the images, which is cheap; decoding is the screen's.
    pub fn check(&self, report: &mut Report) {
        let mut said = Vec::new();
        for (name, image) in [("front or name", self.scan), ("address", self.address)] {
            let Some(image) = image.filter(|image| image.iter().any(|byte| *byte != 0)) else { continue };
            match tiff::header(image) {
                Ok((width, height)) => said.push(format!("{name} {width} x {height}")),
                Err(error) => return fail(report, name, error),
            }
        }
        if self.has_face() {
            match self.face.map(portrait::check_header) {
                Some(Ok(header)) => said.push(format!("face {} x {}", header.width, header.height)),
                Some(Err(error)) => return fail(report, "face", error),
                None => {}
            }
        } else if self.face.is_some() {
            said.push("no face: a child's card".to_owned());
        }
        if said.is_empty() {
            report.not_checked("images", "no image was read");
        } else {
            report.passed("images", said.join(", "));
        }
    }
}

fn fail(report: &mut Report, name: &str, error: ImageError) {
    let finding = match error {
        ImageError::Limit { .. } => Finding::ImageLimit,
        ImageError::Format | ImageError::Header | ImageError::Data => Finding::ImageInvalid,
    };
    report.failed("images", finding, format!("{name}: {error}"));
}
