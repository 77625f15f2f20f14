//! Data objects of the files, parsed into what a person reads. Values are borrowed from the file: signatures are over them.

use apdu::tlv::{Reader, Tag, TlvError};

use super::card_number::CardNumber;
use super::card_type::Generation;
use super::date::CardDate;
use super::files::ResidenceFile;
use super::text::CardText;

/// A data object by its tag, printed with its meaning.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Element(pub u32);

impl Element {
    fn name(self) -> &'static str {
        match self.0 {
            0xC0 => "common data",
            0xC1 => "card type",
            0xC2 => "card number",
            0xC5 => "expiry date",
            0xC6 => "birth date",
            0xC7 => "sex",
            0xC8 => "nationality",
            0xC9 => "status of residence",
            0xCA => "permission kind",
            0xCB => "permission date",
            0xCC => "work restriction",
            0xCD => "end of stay",
            0xCE => "period of stay",
            0xD0 => "front or name image",
            0xD1 => "face photo",
            0xD2 => "address entry date",
            0xD3 => "municipality code",
            0xD4 => "address",
            0xD5 | 0xD6 | 0xD7 | 0xD8 | 0xD9 | 0xDE => "notes on the back",
            0xDA | 0xDC => "signature",
            0xDB | 0xDD => "certificate",
            0xDFD1 => "address image",
            _ => "unknown",
        }
    }
}

impl std::fmt::Display for Element {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02X} ({})", self.0, self.name())
    }
}

impl std::fmt::Debug for Element {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Element({:02X})", self.0)
    }
}

/// Why a file is not what its layout says. Names the field, never its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ElementError {
    /// The data object is missing, cut off or another.
    #[error("{} lacks {element}: {source}", file.name())]
    Object {
        /// Where it should be.
        file: ResidenceFile,
        /// Which one.
        element: Element,
        /// What stands there instead.
        source: TlvError,
    },
    /// Bytes other than padding follow the last data object.
    #[error("{} has bytes after its last data object", file.name())]
    Trailing {
        /// Where.
        file: ResidenceFile,
    },
    /// A value has another length than its field.
    #[error("{element} has {length} bytes")]
    Length {
        /// The field.
        element: Element,
        /// What it has.
        length: usize,
    },
    /// A value is no date.
    #[error("{element} is no date")]
    Date {
        /// The field.
        element: Element,
    },
    /// A value is no text in any encoding a card uses.
    #[error("{element} is no text")]
    Text {
        /// The field.
        element: Element,
    },
    /// A value is none its field may have.
    #[error("{element} has a value that is not known")]
    Value {
        /// The field.
        element: Element,
    },
}

/// Reads exactly these data objects, in this order; NUL or FF may fill the rest of the file.
pub(super) fn objects<const N: usize>(
    file: ResidenceFile,
    bytes: &[u8],
    tags: [Tag; N],
) -> Result<[&[u8]; N], ElementError> {
    let mut reader = Reader::ber(bytes);
    let mut values = [&[][..]; N];
    for (value, tag) in values.iter_mut().zip(tags) {
        let object = reader.expect(tag);
        *value = object.map_err(|source| ElementError::Object { file, element: Element(tag.0), source })?.value;
    }
    if reader.rest().iter().any(|byte| !matches!(byte, 0 | 0xFF)) {
        return Err(ElementError::Trailing { file });
    }
    Ok(values)
}

fn date(element: u32, value: &[u8]) -> Result<Option<CardDate>, ElementError> {
    let element = Element(element);
    if value.len() != 8 {
        return Err(ElementError::Length { element, length: value.len() });
    }
    CardDate::parse_optional(value).map_err(|()| ElementError::Date { element })
}

/// Printable ASCII without padding; codes of tables that are not known here are shown as they are.
fn code(element: u32, value: &[u8]) -> Result<String, ElementError> {
    let trimmed: Vec<u8> = value.iter().copied().filter(|byte| !matches!(byte, 0 | b' ')).collect();
    match String::from_utf8(trimmed) {
        Ok(text) if text.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(text),
        _ => Err(ElementError::Text { element: Element(element) }),
    }
}

fn text(element: u32, value: &[u8], generation: Generation) -> Result<CardText, ElementError> {
    let decoded = CardText::decode(value, generation == Generation::First);
    decoded.ok_or(ElementError::Text { element: Element(element) })
}

/// DF1/EF01 of the first generation: D0, the front of the card as TIFF.
///
/// # Errors
/// See [`ElementError`]; likewise below.
pub fn front_image(file: &[u8]) -> Result<&[u8], ElementError> {
    let [image] = objects(ResidenceFile::Df1Ef01, file, [Tag(0xD0)])?;
    Ok(image)
}

/// DF1/EF02 of the first generation: D1, the face as JPEG 2000; empty on cards of children under 16.
///
/// # Errors
/// See [`ElementError`].
pub fn photo(file: &[u8]) -> Result<&[u8], ElementError> {
    let [image] = objects(ResidenceFile::Df1Ef02, file, [Tag(0xD1)])?;
    Ok(image)
}

/// DF1/EF01 of the second generation: C2, the card number.
///
/// # Errors
/// See [`ElementError`].
pub fn card_number(file: &[u8]) -> Result<CardNumber, ElementError> {
    let [number] = objects(ResidenceFile::Df1Ef01, file, [Tag(0xC2)])?;
    let wrong = ElementError::Value { element: Element(0xC2) };
    CardNumber::parse(std::str::from_utf8(number).map_err(|_| wrong)?).map_err(|_| wrong)
}

/// The latest address on the back (first generation, DF2/EF01). Nobody signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The day it was entered.
    pub entered: Option<CardDate>,
    /// Six digits; empty when there is none.
    pub municipality: String,
    /// As entered.
    pub text: CardText,
}

/// DF2/EF01 of the first generation: D2, D3, D4.
///
/// # Errors
/// See [`ElementError`].
pub fn address(file: &[u8]) -> Result<Address, ElementError> {
    let [entered, municipality, address] = objects(ResidenceFile::Df2Ef01, file, [Tag(0xD2), Tag(0xD3), Tag(0xD4)])?;
    Ok(Address {
        entered: date(0xD2, entered)?,
        municipality: code(0xD3, municipality)?,
        text: text(0xD4, address, Generation::First)?,
    })
}

/// Which permission to work a note on the back is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// 資格外活動許可(包括), D5.
    Blanket,
    /// 資格外活動許可(個別), D6.
    Individual,
}

impl Permission {
    /// DF2/EF02 and EF03 of the first generation.
    ///
    /// # Errors
    /// See [`ElementError`].
    pub fn read(self, file: &[u8]) -> Result<CardText, ElementError> {
        let (place, tag) = match self {
            Self::Blanket => (ResidenceFile::Df2Ef02, 0xD5),
            Self::Individual => (ResidenceFile::Df2Ef03, 0xD6),
        };
        let [note] = objects(place, file, [Tag(tag)])?;
        text(tag, note, Generation::First)
    }
}

/// Whether an extension or change of the stay has been applied for: DF2/EF04 with D7 (first generation), DF2/EF02 with D8
/// (second; that this is its meaning is inferred from its place and size).
///
/// # Errors
/// See [`ElementError`].
pub fn renewal_pending(file: &[u8], generation: Generation) -> Result<bool, ElementError> {
    let (place, tag) = match generation {
        Generation::First => (ResidenceFile::Df2Ef04, 0xD7),
        Generation::Second => (ResidenceFile::Df2Ef02, 0xD8),
    };
    let [flag] = objects(place, file, [Tag(tag)])?;
    match flag {
        b"0" => Ok(false),
        b"1" => Ok(true),
        _ => Err(ElementError::Value { element: Element(tag) }),
    }
}

/// The text items of the second generation's face (DF1/EF02), in the order of the file.
#[derive(Clone, PartialEq, Eq)]
pub struct Items {
    /// C5.
    pub expiry: Option<CardDate>,
    /// C6. Parts that are not known are zeros on the card and `XX` here.
    pub birth: String,
    /// C7: 1, 2 or 3. Not shown.
    pub sex: String,
    /// C8: three letters or digits of a table that is not known here.
    pub nationality: String,
    /// C9: a code of a table that is not known here.
    pub status: Option<String>,
    /// CE: `YYMM`, `DDD` or `0000`.
    pub period_of_stay: Option<String>,
    /// CA: a code.
    pub permission: Option<String>,
    /// CB.
    pub permission_date: Option<CardDate>,
    /// CC: 1, 2, 4 or 9.
    pub work_restriction: Option<String>,
    /// CD.
    pub end_of_stay: Option<CardDate>,
    /// Tags in the order of the file.
    pub order: Vec<u32>,
    /// The values one after another: what the signature begins with.
    pub values: Vec<u8>,
}

impl std::fmt::Debug for Items {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Items({} objects)", self.order.len())
    }
}

/// Tags and lengths of the items.
const ITEMS: [(u32, usize); 10] =
    [(0xC5, 8), (0xC6, 8), (0xC7, 1), (0xC8, 3), (0xC9, 10), (0xCE, 4), (0xCA, 2), (0xCB, 8), (0xCC, 1), (0xCD, 8)];

/// DF1/EF02 of the second generation. The certificate of a special permanent resident has fewer items, and sources do not say
/// which: C5 to C8 must be there, any other known one may be.
///
/// # Errors
/// See [`ElementError`].
pub fn items(file: &[u8]) -> Result<Items, ElementError> {
    let place = ResidenceFile::Df1Ef02;
    let mut reader = Reader::ber(file);
    let mut found: Vec<(u32, &[u8])> = Vec::new();
    while reader.rest().iter().any(|byte| !matches!(byte, 0 | 0xFF)) {
        let at = reader.peek_tag().unwrap_or(Tag(0));
        let element = Element(at.0);
        let object = reader.next().map_err(|source| ElementError::Object { file: place, element, source })?;
        let Some((_, length)) = ITEMS.iter().find(|(tag, _)| *tag == object.tag.0) else {
            return Err(ElementError::Value { element });
        };
        if object.value.len() != *length {
            return Err(ElementError::Length { element, length: object.value.len() });
        }
        if found.iter().any(|(tag, _)| *tag == object.tag.0) {
            return Err(ElementError::Value { element });
        }
        found.push((object.tag.0, object.value));
    }
    let get = |tag: u32| found.iter().find(|(known, _)| *known == tag).map(|(_, value)| *value);
    let must =
        |tag: u32| get(tag).ok_or(ElementError::Object { file: place, element: Element(tag), source: TlvError::Empty });
    let may_date = |tag: u32| get(tag).map_or(Ok(None), |value| date(tag, value));
    let may_code = |tag: u32| get(tag).map(|value| code(tag, value)).transpose();
    Ok(Items {
        expiry: date(0xC5, must(0xC5)?)?,
        birth: birth_date(must(0xC6)?)?,
        sex: code(0xC7, must(0xC7)?)?,
        nationality: code(0xC8, must(0xC8)?)?,
        status: may_code(0xC9)?,
        period_of_stay: may_code(0xCE)?,
        permission: may_code(0xCA)?,
        permission_date: may_date(0xCB)?,
        work_restriction: may_code(0xCC)?,
        end_of_stay: may_date(0xCD)?,
        order: found.iter().map(|(tag, _)| *tag).collect(),
        values: found.iter().flat_map(|(_, value)| value.iter().copied()).collect(),
    })
}

fn birth_date(value: &[u8]) -> Result<String, ElementError> {
    let element = Element(0xC6);
    if let Some(date) = CardDate::parse(value) {
        return Ok(date.to_string());
    }
    let digits = std::str::from_utf8(value).map_err(|_| ElementError::Date { element })?;
    let (year, month, day) = (digits.get(..4), digits.get(4..6), digits.get(6..8));
    let (Some(year), Some(month), Some(day)) = (year, month, day) else { return Err(ElementError::Date { element }) };
    let is_year = year.bytes().all(|byte| byte.is_ascii_digit()) && year != "0000";
    let is_month = month == "00" || CardDate::parse(format!("{year}{month}01").as_bytes()).is_some();
    if !is_year || !is_month || day != "00" {
        return Err(ElementError::Date { element });
    }
    Ok(format!("{year}-{}-XX", if month == "00" { "XX" } else { month }))
}

/// The images of the second generation's face.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FaceImages<'a> {
    /// D0: the name as TIFF.
    pub name: &'a [u8],
    /// D1: the face as JPEG 2000; empty or padding on cards of children under one year.
    pub photo: &'a [u8],
}

impl std::fmt::Debug for FaceImages<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FaceImages({} and {} bytes)", self.name.len(), self.photo.len())
    }
}

/// DF1/EF03 of the second generation.
///
/// # Errors
/// See [`ElementError`].
pub fn face_images(file: &[u8]) -> Result<FaceImages<'_>, ElementError> {
    let [name, photo] = objects(ResidenceFile::Df1Ef03, file, [Tag(0xD0), Tag(0xD1)])?;
    Ok(FaceImages { name, photo })
}

/// DF1/EF04 of the second generation: DFD1, the address as TIFF. Nobody signed it.
///
/// # Errors
/// See [`ElementError`].
pub fn scanned_address(file: &[u8]) -> Result<&[u8], ElementError> {
    // The second byte of the tag announces a third by ISO/IEC 7816-4, 5.2.2.1, and there is none: read as D1 after DF.
    let Some(rest) = file.strip_prefix(&[0xDF]) else {
        let source = TlvError::UnexpectedTag {
            expected: Tag(0xDFD1),
            found: Tag(u32::from(file.first().copied().unwrap_or(0))),
        };
        return Err(ElementError::Object { file: ResidenceFile::Df1Ef04, element: Element(0xDFD1), source });
    };
    let [image] = objects(ResidenceFile::Df1Ef04, rest, [Tag(0xD1)])?;
    Ok(image)
}

/// Notes on the back of the second generation. What D5, D7 and D9 mean is not known here: codes are kept as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackNotes {
    /// D5: 0, 1 or 2.
    pub blanket: String,
    /// D6.
    pub blanket_date: Option<CardDate>,
    /// D7.
    pub blanket_detail: String,
}

/// DF2/EF01 of the second generation.
///
/// # Errors
/// See [`ElementError`].
pub fn back_notes(file: &[u8]) -> Result<BackNotes, ElementError> {
    let [kind, day, detail] = objects(ResidenceFile::Df2Ef01, file, [Tag(0xD5), Tag(0xD6), Tag(0xD7)])?;
    Ok(BackNotes {
        blanket: code(0xD5, kind)?,
        blanket_date: date(0xD6, day)?,
        blanket_detail: text(0xD7, detail, Generation::Second)?.text,
    })
}

/// DF3/EF01: the issuer's signature and the certificate of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureObjects<'a> {
    /// RSA-2048, 256 bytes; or r ‖ s on P-384, 96 bytes.
    pub signature: &'a [u8],
    /// X.509, cut to its outer SEQUENCE: cards pad it with NUL.
    pub certificate: &'a [u8],
}

/// DF3/EF01: DA and DB (first generation), DC and DD (second).
///
/// # Errors
/// See [`ElementError`].
pub fn signature_objects(file: &[u8], generation: Generation) -> Result<SignatureObjects<'_>, ElementError> {
    let tags = match generation {
        Generation::First => [Tag(0xDA), Tag(0xDB)],
        Generation::Second => [Tag(0xDC), Tag(0xDD)],
    };
    let [signature, padded] = objects(ResidenceFile::Df3Ef01, file, tags)?;
    let [_, Tag(certificate)] = tags;
    let element = Element(certificate);
    let outer = Reader::ber(padded).expect(Tag::SEQUENCE);
    let certificate = outer.map_err(|source| ElementError::Object { file: ResidenceFile::Df3Ef01, element, source })?;
    Ok(SignatureObjects { signature, certificate: certificate.whole })
}
