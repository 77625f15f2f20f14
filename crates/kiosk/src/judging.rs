//! From evidence to what staff see: the verdict and the portrait.

use std::sync::Arc;

use chip::ChipEvidence;
use chip::mrtd::{MrtdFile, dg2};
use jiff::Timestamp;
use session::JudgedChip;
use trust::TrustStore;

use crate::config::ChipDoor;

const QUALITY: u8 = 90;

pub(crate) fn judge(door: ChipDoor, evidence: &Arc<ChipEvidence>, trust: &TrustStore, at: Timestamp) -> JudgedChip {
    JudgedChip { verdict: (door.judge)(evidence, trust, at), portrait: portrait_jpeg(evidence) }
}

/// The portrait as JPEG, decoded and encoded again: no byte of the chip's own image reaches a page. `None` when there is none
/// that can be decoded within the limits; the verdict says why.
#[must_use]
pub fn portrait_jpeg(evidence: &ChipEvidence) -> Option<Vec<u8>> {
    let ChipEvidence::Mrtd(mrtd) = evidence;
    let face = dg2::parse(mrtd.files.get(&MrtdFile::Dg2)?).ok()?;
    let pixels = chip::portrait::decode(&face).ok()?;
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
        .encode(&pixels.rgb, pixels.width, pixels.height, image::ExtendedColorType::Rgb8)
        .ok()?;
    Some(jpeg)
}
