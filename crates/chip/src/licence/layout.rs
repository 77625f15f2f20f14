//! Everything about licences that was learnt from others and may turn out otherwise on a card: identifiers, sizes, and the
//! layouts nobody published. Marks as in japanese-cards.md: [A] agreed by two sources, [B] one source, [C] a hypothesis.

use apdu::{FileId, FileRef, ShortFileId};
use chip_crypto::hash::{HashAlgorithm, digest};
use serde::{Deserialize, Serialize};

/// DF1: the items of the card's face. [A]
pub(super) const DF1: [u8; 16] = *b"\xA0\0\0\x02\x31\x01\0\0\0\0\0\0\0\0\0\0";
/// DF2: the photo. [A]
pub(super) const DF2: [u8; 16] = *b"\xA0\0\0\x02\x31\x02\0\0\0\0\0\0\0\0\0\0";
/// P2 of VERIFY under the master file: short identifiers 1 and 2 hold the PINs. [A]
pub(super) const PIN1: u8 = 0x81;
pub(super) const PIN2: u8 = 0x82;

/// The files a reading may touch. DF1/EF06 (changes of the domicile) is never read and has no name here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LicenceFile {
    /// MF/EF01 共通データ要素.
    Common,
    /// MF/EF02 暗証番号設定.
    PinSetting,
    /// DF1/EF01 記載事項（本籍除く）.
    Face,
    /// DF1/EF02 記載事項（本籍）: hashed, never kept.
    Domicile,
    /// DF1/EF03 外字 1 and 2.
    Gaiji,
    /// DF1/EF04 記載事項変更等（本籍除く）.
    Changes,
    /// DF1/EF05 外字 3 to 7.
    ChangeGaiji,
    /// DF1/EF07 電子署名.
    Signature,
    /// DF2/EF01 写真.
    Photo,
}

impl LicenceFile {
    /// Name as the specification numbers it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Common => "MF/EF01",
            Self::PinSetting => "MF/EF02",
            Self::Face => "DF1/EF01",
            Self::Domicile => "DF1/EF02",
            Self::Gaiji => "DF1/EF03",
            Self::Changes => "DF1/EF04",
            Self::ChangeGaiji => "DF1/EF05",
            Self::Signature => "DF1/EF07",
            Self::Photo => "DF2/EF01",
        }
    }

    /// Identifier; a short one where the file has one. [A]
    pub(super) const fn reference(self) -> FileRef {
        let (id, short) = match self {
            Self::Common => (0x2F01, None),
            Self::PinSetting => (0x000A, None),
            Self::Face | Self::Photo => (0x0001, Some(ShortFileId(1))),
            Self::Domicile => (0x0002, Some(ShortFileId(2))),
            Self::Gaiji => (0x0003, Some(ShortFileId(3))),
            Self::Changes => (0x0004, Some(ShortFileId(4))),
            Self::ChangeGaiji => (0x0005, Some(ShortFileId(5))),
            Self::Signature => (0x0007, Some(ShortFileId(7))),
        };
        FileRef { id: FileId(id), short_id: short }
    }

    /// Size in bytes in the versions that are known. [A]
    pub(super) const fn size(self) -> usize {
        match self {
            Self::Common => 17,
            Self::PinSetting => 3,
            Self::Face => 880,
            Self::Domicile => 82,
            Self::Gaiji => 264,
            Self::Changes => 640,
            Self::ChangeGaiji => 663,
            Self::Signature => 578,
            Self::Photo => 2005,
        }
    }
}

/// Versions of the specification whose layout is the one here: 007 (2018), 008 (2019), 010 (2024) [A], 009 [C]. Others are read
/// all the same, and the verdict says so.
pub(super) const KNOWN_VERSIONS: [&str; 4] = ["007", "008", "009", "010"];

/// The hypotheses, together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LicenceLayout {
    /// How an external character is drawn.
    pub gaiji: GaijiLayout,
    /// How an entry of the change file is divided.
    pub change: ChangeLayout,
}

/// 外字: some bytes that tell the number of dots, then one bit a dot, rows from above, the first dot in the highest bit. [C]: by
/// arithmetic alone, 264 = 2 × (tag, `81 81`, 1 + 128 bytes) and 128 bytes are 32 × 32 dots. One source says MMR instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GaijiLayout {
    /// Bytes before the dots.
    pub header: usize,
    /// Dots a row, a multiple of eight.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl Default for GaijiLayout {
    fn default() -> Self {
        Self { header: 1, width: 32, height: 32 }
    }
}

/// An entry of DF1/EF04: edition marker, date, text, commission. The order is [B]; that the date is seven two-byte digits is [C].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeLayout {
    /// Bytes of the edition marker.
    pub edition: usize,
    /// Bytes of the date.
    pub date: usize,
    /// Bytes of the commission's name at the end.
    pub commission: usize,
}

impl Default for ChangeLayout {
    fn default() -> Self {
        Self { edition: 1, date: 14, commission: 10 }
    }
}

/// What the signature in DF1/EF07 is over: DF1/EF01, DF1/EF02 and DF2/EF01 in this order [B]. In which form is not known [C], so
/// a reading keeps the digest of each and a verdict can be computed again when it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SignedInput {
    /// The files from their first byte to their last, filler included.
    #[default]
    WholeFiles,
    /// The files without the filler after their last field.
    WithoutFiller,
    /// The values of the fields one after another, without tags and lengths.
    ValuesOnly,
}

impl SignedInput {
    /// Every form that is computed.
    pub const ALL: [Self; 3] = [Self::WholeFiles, Self::WithoutFiller, Self::ValuesOnly];

    /// SHA-256 over the three files: the one place that knows what is signed.
    pub(super) fn digest(self, face: &[u8], domicile: &[u8], photo: &[u8]) -> [u8; 32] {
        let files = [(face, false), (domicile, false), (photo, true)];
        let mut parts: Vec<&[u8]> = Vec::new();
        for (file, is_photo) in files {
            let fields = if is_photo { super::photo::fields(file) } else { super::field::lenient(file) };
            match self {
                Self::WholeFiles => parts.push(file),
                Self::WithoutFiller => {
                    parts.push(file.get(..fields.iter().map(|f| f.whole.len()).sum()).unwrap_or_default());
                }
                Self::ValuesOnly => parts.extend(fields.iter().map(|f| f.value)),
            }
        }
        let mut out = [0; 32];
        out.copy_from_slice(&digest(HashAlgorithm::Sha256, &parts));
        out
    }
}
