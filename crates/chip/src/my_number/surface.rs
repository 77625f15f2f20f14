//! The face of the card (surface EF 0002): images of name and address, photo, and their signature.

use apdu::tlv::{Tag, encode};

use super::field::{FieldError, FieldProblem, Template, date};

const FACE: Tag = Tag(0xFF20);
const EXPIRY: u32 = 0xDF29;

/// The face as the card states it. DF2A, the image of the security code, is never taken.
pub struct CardFace<'a> {
    /// DF22, YYYYMMDD.
    pub birth: [u8; 8],
    /// DF23, one character.
    pub sex: u8,
    /// DF24: objects 90 and 91 of the key of this application on this card.
    pub key: &'a [u8],
    /// DF25: the name as an image (PNG).
    pub name_image: &'a [u8],
    /// DF26: the address as an image (PNG).
    pub address_image: &'a [u8],
    /// DF27: the photo (JPEG 2000, grey).
    pub photo: &'a [u8],
    /// DF28.
    pub signature: &'a [u8],
    /// DF29, YYYYMMDD. No signature covers it.
    pub expiry: Option<[u8; 8]>,
    signed: [Vec<&'a [u8]>; 3],
}

impl<'a> CardFace<'a> {
    /// What the three signed digests are over, objects with their headers: birth date, sex and key; name and address; photo.
    #[must_use]
    pub fn signed_parts(&self) -> &[Vec<&'a [u8]>; 3] {
        &self.signed
    }
}

/// Reads the face.
///
/// # Errors
/// The field and what is wrong with it.
pub fn parse(file: &[u8]) -> Result<CardFace<'_>, FieldError> {
    let face = Template::open(file, FACE, "FF20")?;
    let birth = face.object(0xDF22, "DF22 birth date")?;
    let sex = face.object(0xDF23, "DF23 sex")?;
    let key = face.object(0xDF24, "DF24 key")?;
    let name = face.object(0xDF25, "DF25 name")?;
    let address = face.object(0xDF26, "DF26 address")?;
    let photo = face.object(0xDF27, "DF27 photo")?;
    let expiry = face.optional(EXPIRY, "DF29 expiry")?;
    let [sex_code] = face.exactly(0xDF23, "DF23 sex")?;
    Ok(CardFace {
        birth: date(birth.value, "DF22 birth date")?,
        sex: sex_code,
        key: key.value,
        name_image: name.value,
        address_image: address.value,
        photo: photo.value,
        signature: face.object(0xDF28, "DF28 signature")?.value,
        expiry: expiry.map(|expiry| date(expiry.value, "DF29 expiry")).transpose()?,
        signed: [vec![birth.whole, sex.whole, key.whole], vec![name.whole, address.whole], vec![photo.whole]],
    })
}

/// The face as evidence: the signed objects, their signature and the expiry, each as the card sent it. The table of offsets, the
/// image of the security code and whatever else the card adds are left out; no signature covers them.
///
/// # Errors
/// A file that is no face at all; wrong fields in it stay as they are, for the verdict to name.
pub(super) fn without_security_code(file: &[u8]) -> Result<Vec<u8>, FieldError> {
    let face = Template::open(file, FACE, "FF20")?;
    let kept: Vec<u8> = face
        .objects()
        .iter()
        .filter(|object| (0xDF22..=EXPIRY).contains(&object.tag.0))
        .flat_map(|object| object.whole.iter().copied())
        .collect();
    if kept.is_empty() {
        return Err(FieldProblem::Missing.of("FF20"));
    }
    Ok(encode(FACE, &kept))
}
