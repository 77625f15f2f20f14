//! DG2: the encoded face (Doc 9303-10, 4.7.2), as ISO/IEC 19794-5 or ISO/IEC 39794-5.

use apdu::tlv::{Reader, Tag, TlvError};

use crate::portrait::{ImageError, ImageFormat, checked_header};

/// Tag of DG2.
pub const TAG: Tag = Tag(0x75);
const GROUP_TEMPLATE: Tag = Tag(0x7F61);
const INFORMATION_TEMPLATE: Tag = Tag(0x7F60);
const COUNT: Tag = Tag(0x02);
const HEADER_TEMPLATE: Tag = Tag(0xA1);
/// Biometric data in the form of ISO/IEC 19794-5.
const DATA_BLOCK: Tag = Tag(0x5F2E);
/// Biometric data as data objects: ISO/IEC 39794-5.
const DATA_TEMPLATE: Tag = Tag(0x7F2E);

/// The face as the issuer stored it: still compressed, its header read.
#[derive(Clone, PartialEq, Eq)]
pub struct FaceImage {
    /// From the image's own first bytes; the declared type is wrong in the field.
    pub format: ImageFormat,
    /// The image file.
    pub bytes: Vec<u8>,
    /// From the image's own header.
    pub width: u32,
    /// From the image's own header.
    pub height: u32,
}

impl std::fmt::Debug for FaceImage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FaceImage({:?}, {} bytes)", self.format, self.bytes.len())
    }
}

/// Why DG2 gives no face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Dg2Error {
    /// The file is malformed.
    #[error("DG2 is malformed: {0}")]
    Tlv(#[from] TlvError),
    /// A facial record must hold exactly one face.
    #[error("DG2 holds {found} faces instead of one")]
    FaceCount {
        /// Faces found.
        found: u32,
    },
    /// The facial record is malformed.
    #[error("the facial record is malformed")]
    Record,
    /// The image is none, or beyond the limits.
    #[error(transparent)]
    Image(#[from] ImageError),
}

/// Reads the file.
///
/// # Errors
/// See [`Dg2Error`].
pub fn parse(file: &[u8]) -> Result<FaceImage, Dg2Error> {
    let mut reader = Reader::ber(file);
    let content = reader.expect(TAG)?;
    let mut content = reader.enter(&content)?;
    let group = content.expect(GROUP_TEMPLATE)?;
    let mut group = content.enter(&group)?;
    let declared = group
        .expect(COUNT)?
        .value
        .iter()
        .fold(0_u32, |sum, byte| sum.saturating_mul(256).saturating_add(u32::from(*byte)));
    let mut faces = Vec::new();
    let mut found = 0;
    while !group.is_empty() {
        let information = group.expect(INFORMATION_TEMPLATE)?;
        let mut information = group.enter(&information)?;
        information.optional(HEADER_TEMPLATE)?;
        let data = information.next()?;
        found += match data.tag {
            DATA_BLOCK => facial_record(data.value, &mut faces)?,
            DATA_TEMPLATE => face_image_data_block(information.enter(&data)?, &mut faces)?,
            found => return Err(TlvError::UnexpectedTag { expected: DATA_BLOCK, found }.into()),
        };
    }
    match faces.as_slice() {
        [image] if declared == 1 && found == 1 => face(image),
        _ => Err(Dg2Error::FaceCount { found: found.max(declared) }),
    }
}

/// Reads a facial record of ISO/IEC 19794-5:2005 on its own, as older files of test data hold it.
///
/// # Errors
/// See [`Dg2Error`].
pub fn parse_facial_record(record: &[u8]) -> Result<FaceImage, Dg2Error> {
    let mut faces = Vec::new();
    let found = facial_record(record, &mut faces)?;
    match faces.as_slice() {
        [image] if found == 1 => face(image),
        _ => Err(Dg2Error::FaceCount { found }),
    }
}

fn face(image: &[u8]) -> Result<FaceImage, Dg2Error> {
    let header = checked_header(image)?;
    Ok(FaceImage { format: header.format, bytes: image.to_vec(), width: header.width, height: header.height })
}

/// ISO/IEC 19794-5:2005, 5: header of 14 bytes, then for each face 20 bytes, 8 for each feature point, 12 about the image,
/// the image. Returns how many faces the header declares; collects at most two, since more than one is refused.
fn facial_record<'a>(record: &'a [u8], faces: &mut Vec<&'a [u8]>) -> Result<u32, Dg2Error> {
    let mut rest = record.strip_prefix(b"FAC\0").ok_or(Dg2Error::Record)?;
    let _version = take(&mut rest, 4)?;
    let _length = take(&mut rest, 4)?;
    let declared = number(take(&mut rest, 2)?);
    for _ in 0..declared.min(2) {
        let block_length = number(take(&mut rest, 4)?);
        let body =
            usize::try_from(block_length).ok().and_then(|length| length.checked_sub(4)).ok_or(Dg2Error::Record)?;
        let mut block = take(&mut rest, body)?;
        let points = number(take(&mut block, 2)?);
        let _facial_information = take(&mut block, 14)?;
        let _feature_points = take(&mut block, points as usize * 8)?;
        let _image_information = take(&mut block, 12)?;
        faces.push(block);
    }
    Ok(declared)
}

/// ISO/IEC 39794-5:2019: the 2D image of each representation block, by the tags of its ASN.1 module.
fn face_image_data_block<'a>(mut template: Reader<'a>, faces: &mut Vec<&'a [u8]>) -> Result<u32, Dg2Error> {
    let block = template.expect(Tag(0xA1))?;
    let mut block = template.enter(&block)?;
    let data = block.expect(Tag(0x65))?;
    let mut data = block.enter(&data)?;
    data.expect(Tag(0xA0))?;
    let representations = data.expect(Tag(0xA1))?;
    let mut representations = data.enter(&representations)?;
    let mut found = 0;
    while !representations.is_empty() {
        let representation = representations.expect(Tag::SEQUENCE)?;
        let mut reader = representations.enter(&representation)?;
        reader.expect(Tag(0x80))?;
        for tag in [Tag(0xA1), Tag(0xA0), Tag(0xA0)] {
            let inner = reader.expect(tag)?;
            reader = reader.enter(&inner)?;
        }
        faces.push(reader.expect(Tag(0x80))?.value);
        found += 1;
    }
    Ok(found)
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8], Dg2Error> {
    let (taken, left) = rest.split_at_checked(count).ok_or(Dg2Error::Record)?;
    *rest = left;
    Ok(taken)
}

/// Big-endian number of at most four bytes.
fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum, byte| (sum << 8) | u32::from(*byte))
}
