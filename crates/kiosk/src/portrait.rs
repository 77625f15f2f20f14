//! The chip's portrait as staff see it.

use chip::ChipEvidence;
use chip::mrtd::{MrtdFile, dg2};

const QUALITY: u8 = 90;

/// The portrait as JPEG, decoded and encoded again: no byte of the chip's own image reaches a page. `None` when there is none
/// that can be decoded within the limits; the verdict says why.
pub(crate) fn jpeg(evidence: &ChipEvidence) -> Option<Vec<u8>> {
    let ChipEvidence::Mrtd(mrtd) = evidence;
    let face = dg2::parse(mrtd.files.get(&MrtdFile::Dg2)?).ok()?;
    let pixels = chip::portrait::decode(&face).ok()?;
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
        .encode(&pixels.rgb, pixels.width, pixels.height, image::ExtendedColorType::Rgb8)
        .ok()?;
    Some(jpeg)
}
