//! What a reading of a licence keeps.

use std::collections::{BTreeMap, BTreeSet};

use apdu::StatusWord;
use serde::{Deserialize, Serialize};

use super::changes::Changes;
use super::face::{Face, FaceItem};
use super::gaiji::{GaijiError, GaijiPicture};
use super::layout::{GaijiLayout, LicenceFile, LicenceLayout, SignedInput};
use crate::mrtd::Counters;

/// Everything kept of one licence. The items are the card's own bytes, but of the white list alone: the whole DF1/EF01 would carry
/// conditions and classes. The signature covers the whole, so its digest was made while reading; that the items are those of
/// the digest rests on the device that read.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenceEvidence {
    /// MF/EF01.
    pub common: Vec<u8>,
    /// MF/EF02.
    pub pin_setting: Vec<u8>,
    /// Items of DF1/EF01.
    pub face: BTreeMap<FaceItem, Vec<u8>>,
    /// Entries of DF1/EF04 by tag.
    pub changes: BTreeMap<u8, Vec<u8>>,
    /// External characters by number: those that items and changes refer to.
    pub gaiji: BTreeMap<u8, Vec<u8>>,
    /// The photo, JPEG 2000.
    pub photo: Option<Vec<u8>>,
    /// DF1/EF07.
    pub signature: Option<Vec<u8>>,
    /// SHA-256 of what the signature may be over; empty when the domicile or the photo was not read.
    pub signed: BTreeMap<SignedInput, [u8; 32]>,
    /// Files the card did not give, with what it answered instead.
    pub absent: BTreeMap<LicenceFile, StatusWord>,
    /// What the reading cost.
    pub counters: Counters,
}

impl LicenceEvidence {
    /// The items of the face.
    #[must_use]
    pub fn items(&self) -> Face<'_> {
        Face(&self.face)
    }

    /// The changes made after issue.
    #[must_use]
    pub fn entries(&self) -> Changes<'_> {
        Changes(&self.changes)
    }

    /// Draws an external character of a text.
    ///
    /// # Errors
    /// See [`GaijiError`].
    pub fn draw_gaiji(&self, number: u8, layout: &GaijiLayout) -> Result<GaijiPicture, GaijiError> {
        GaijiPicture::draw(number, self.gaiji.get(&number).ok_or(GaijiError::Missing(number))?, layout)
    }

    /// Numbers of the external characters its texts refer to.
    #[must_use]
    pub fn gaiji_used(&self, layout: &LicenceLayout) -> BTreeSet<u8> {
        used(self.items(), self.entries(), layout)
    }
}

pub(super) fn used(face: Face<'_>, changes: Changes<'_>, layout: &LicenceLayout) -> BTreeSet<u8> {
    const TEXTS: [FaceItem; 6] = [
        FaceItem::Name,
        FaceItem::Kana,
        FaceItem::Alias,
        FaceItem::UnifiedKana,
        FaceItem::Address,
        FaceItem::Commission,
    ];
    let texts = TEXTS.into_iter().filter_map(|item| face.text(item).ok().flatten());
    texts.flat_map(|text| text.gaiji().collect::<Vec<_>>()).chain(changes.gaiji(&layout.change)).collect()
}

/// Shows names and sizes only.
impl std::fmt::Debug for LicenceEvidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LicenceEvidence")
            .field("items", &self.face.len())
            .field("changes", &self.changes.len())
            .field("gaiji", &self.gaiji.len())
            .field("photo", &self.photo.as_ref().map(Vec::len))
            .field("signature", &self.signature.as_ref().map(Vec::len))
            .field("absent", &self.absent)
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}
