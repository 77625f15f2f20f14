//! The chip's pictures as people see them.

use chip::ChipEvidence;
use chip::mrtd::{MrtdFile, dg2};
use chip::my_number::{MyNumberFile, surface};
use chip::portrait::Pixels;
use chip::residence::{Generation, ResidenceEvidence, ResidenceFile, face_images, front_image, photo, scanned_address};
use chip::{portrait, tiff};
use session::{ChipPictures, HolderField};

const QUALITY: u8 = 90;

/// Portrait and items that are images, decoded and encoded again: no byte of a chip's own image reaches a page. What cannot be
/// decoded within the limits is left out; the verdict says why.
pub(crate) fn of(evidence: &ChipEvidence) -> ChipPictures {
    let (portrait, items) = match evidence {
        ChipEvidence::Mrtd(mrtd) => {
            let face = mrtd.files.get(&MrtdFile::Dg2).and_then(|file| dg2::parse(file).ok());
            (face.and_then(|face| portrait::decode(&face).ok()), Vec::new())
        }
        ChipEvidence::Licence(licence) => (decoded(licence.photo.as_deref()), Vec::new()),
        // Name and address stand in the text as well.
        ChipEvidence::MyNumber(card) => {
            let face = card.files.get(&MyNumberFile::CardFace).and_then(|file| surface::parse(file).ok());
            (face.and_then(|face| decoded(Some(face.photo))), Vec::new())
        }
        ChipEvidence::Residence(card) => residence(card),
    };
    ChipPictures {
        portrait: portrait.as_ref().and_then(jpeg),
        items: items.iter().filter_map(|(field, pixels)| Some((*field, jpeg(pixels)?))).collect(),
    }
}

fn residence(card: &ResidenceEvidence) -> (Option<Pixels>, Vec<(HolderField, Pixels)>) {
    let file = |file: ResidenceFile| card.files.get(&file).map(Vec::as_slice);
    let (face, scans) = match card.card_type.generation() {
        Generation::First => (
            file(ResidenceFile::Df1Ef02).and_then(|file| photo(file).ok()),
            vec![(HolderField::Front, file(ResidenceFile::Df1Ef01).and_then(|file| front_image(file).ok()))],
        ),
        Generation::Second => {
            let both = file(ResidenceFile::Df1Ef03).and_then(|file| face_images(file).ok());
            let address = file(ResidenceFile::Df1Ef04).and_then(|file| scanned_address(file).ok());
            (
                both.map(|images| images.photo),
                vec![(HolderField::Name, both.map(|images| images.name)), (HolderField::Address, address)],
            )
        }
    };
    let scans = scans.into_iter().filter_map(|(field, image)| Some((field, tiff::decode(image?).ok()?)));
    (decoded(face), scans.collect())
}

fn decoded(image: Option<&[u8]>) -> Option<Pixels> {
    portrait::decode_bytes(image?).ok()
}

fn jpeg(pixels: &Pixels) -> Option<Vec<u8>> {
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
        .encode(&pixels.rgb, pixels.width, pixels.height, image::ExtendedColorType::Rgb8)
        .ok()?;
    Some(jpeg)
}
