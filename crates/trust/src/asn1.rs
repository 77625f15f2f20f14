//! Small readers for the ASN.1 types certificates and CMS are made of, over the product's one TLV reader.

use apdu::tlv::{Reader, Tag, Tlv, TlvError};
use jiff::{Timestamp, civil, tz::TimeZone};

pub(crate) const BOOLEAN: Tag = Tag(0x01);
pub(crate) const INTEGER: Tag = Tag(0x02);
pub(crate) const BIT_STRING: Tag = Tag(0x03);
pub(crate) const OCTET_STRING: Tag = Tag(0x04);
const OCTET_STRING_CONSTRUCTED: Tag = Tag(0x24);
pub(crate) const OID: Tag = Tag(0x06);
pub(crate) const ENUMERATED: Tag = Tag(0x0A);
pub(crate) const UTF8_STRING: Tag = Tag(0x0C);
pub(crate) const SEQUENCE: Tag = Tag(0x30);
pub(crate) const SET: Tag = Tag(0x31);
const UTC_TIME: Tag = Tag(0x17);
const GENERALIZED_TIME: Tag = Tag(0x18);

/// `[n]` constructed.
pub(crate) const fn context(n: u32) -> Tag {
    Tag(0xA0 + n)
}

/// `[n]` primitive.
pub(crate) const fn context_primitive(n: u32) -> Tag {
    Tag(0x80 + n)
}

/// Why a structure could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Asn1Error {
    /// Tags or lengths are wrong.
    #[error(transparent)]
    Tlv(#[from] TlvError),
    /// A value of one type does not have its form.
    #[error("{0} is malformed")]
    Malformed(&'static str),
    /// More of something than the budget allows.
    #[error("{0} exceeds the budget")]
    Budget(&'static str),
}

impl Asn1Error {
    /// Tells a structure that is too deep or too large from one that is wrong.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        match self {
            Self::Budget(_) | Self::Tlv(TlvError::DepthExceeded | TlvError::TooManyNodes) => true,
            Self::Malformed(_)
            | Self::Tlv(
                TlvError::Truncated
                | TlvError::LengthBeyondEnd
                | TlvError::Indefinite
                | TlvError::TagTooLong
                | TlvError::NotCanonical
                | TlvError::UnexpectedTag { .. }
                | TlvError::TrailingBytes
                | TlvError::Empty,
            ) => false,
        }
    }
}

/// Reads the one element `bytes` starts with and gives a reader of its content. Issuers append bytes; they are left alone.
pub(crate) fn open(bytes: &[u8], tag: Tag) -> Result<Reader<'_>, Asn1Error> {
    Ok(inside(&Reader::ber(bytes).expect(tag)?))
}

/// Gives a reader with a fresh budget for the content of an element: a list of 600 certificates has 600 small budgets, not one.
pub(crate) fn inside<'a>(element: &Tlv<'a>) -> Reader<'a> {
    Reader::ber(element.value)
}

/// The element the reader is at, if it has this tag.
pub(crate) fn optional<'a>(reader: &mut Reader<'a>, tag: Tag) -> Result<Option<Tlv<'a>>, Asn1Error> {
    if reader.is_empty() { Ok(None) } else { Ok(reader.optional(tag)?) }
}

/// The next element, if there is one.
pub(crate) fn next<'a>(reader: &mut Reader<'a>) -> Result<Option<Tlv<'a>>, Asn1Error> {
    if reader.is_empty() { Ok(None) } else { Ok(Some(reader.next()?)) }
}

/// The magnitude of an INTEGER without leading zeros; negative numbers are kept as their bytes (issuers encode serial numbers so).
pub(crate) fn unsigned(value: &[u8]) -> &[u8] {
    let zeros = value.iter().take_while(|b| **b == 0).count();
    value.get(zeros..).unwrap_or_default()
}

/// A small non-negative INTEGER.
pub(crate) fn small(value: &[u8]) -> Result<u32, Asn1Error> {
    let bytes = unsigned(value);
    if value.is_empty() || bytes.len() > 4 || value.first().is_some_and(|b| b & 0x80 != 0) {
        return Err(Asn1Error::Malformed("INTEGER"));
    }
    Ok(bytes.iter().fold(0, |n, b| (n << 8) | u32::from(*b)))
}

/// The whole bytes of a BIT STRING.
pub(crate) fn bit_string(value: &[u8]) -> Result<&[u8], Asn1Error> {
    match value.split_first() {
        Some((0, bytes)) => Ok(bytes),
        _ => Err(Asn1Error::Malformed("BIT STRING")),
    }
}

/// The first 16 flags of a BIT STRING of named bits, bit 0 in the highest place.
pub(crate) fn named_bits(value: &[u8]) -> Result<u16, Asn1Error> {
    let (unused, bytes) = value.split_first().ok_or(Asn1Error::Malformed("BIT STRING"))?;
    if *unused > 7 {
        return Err(Asn1Error::Malformed("BIT STRING"));
    }
    let at = |i: usize| u16::from(bytes.get(i).copied().unwrap_or(0));
    Ok((at(0) << 8) | at(1))
}

/// The content of an OCTET STRING, put together when BER sent it in pieces (X.690, 8.7.3).
pub(crate) fn octet_string<'a>(element: &Tlv<'a>) -> Result<std::borrow::Cow<'a, [u8]>, Asn1Error> {
    if element.tag == OCTET_STRING {
        return Ok(element.value.into());
    }
    if element.tag != OCTET_STRING_CONSTRUCTED {
        return Err(Asn1Error::Malformed("OCTET STRING"));
    }
    let mut whole = Vec::new();
    let mut pieces = inside(element);
    while let Some(piece) = next(&mut pieces)? {
        // Pieces of pieces are legal BER and never seen; one level is what the real documents need.
        if piece.tag != OCTET_STRING {
            return Err(Asn1Error::Malformed("OCTET STRING"));
        }
        whole.extend_from_slice(piece.value);
    }
    Ok(whole.into())
}

/// A UTCTime or GeneralizedTime (RFC 5280, 4.1.2.5), also without seconds as older issuers wrote it.
pub(crate) fn time(element: &Tlv<'_>) -> Result<Timestamp, Asn1Error> {
    let wrong = || Asn1Error::Malformed("time");
    let text = std::str::from_utf8(element.value).map_err(|_| wrong())?;
    let digits = text.strip_suffix('Z').ok_or_else(wrong)?;
    let digits = digits.split_once('.').map_or(digits, |(whole, _)| whole);
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    let (year, rest) = if element.tag == UTC_TIME {
        let (yy, rest) = digits.split_at_checked(2).ok_or_else(wrong)?;
        let yy: i16 = yy.parse().map_err(|_| wrong())?;
        (if yy < 50 { 2000 + yy } else { 1900 + yy }, rest)
    } else if element.tag == GENERALIZED_TIME {
        let (year, rest) = digits.split_at_checked(4).ok_or_else(wrong)?;
        (year.parse().map_err(|_| wrong())?, rest)
    } else {
        return Err(wrong());
    };
    if rest.len() != 10 && rest.len() != 8 {
        return Err(wrong());
    }
    let two = |at: usize| -> Result<i8, Asn1Error> {
        if at == 8 && rest.len() == 8 {
            return Ok(0);
        }
        rest.get(at..at + 2).and_then(|s| s.parse().ok()).ok_or_else(wrong)
    };
    let date = civil::DateTime::new(year, two(0)?, two(2)?, two(4)?, two(6)?, two(8)?, 0).map_err(|_| wrong())?;
    TimeZone::UTC.to_timestamp(date).map_err(|_| wrong())
}

/// Whether an element is DER down to its leaves as far as lengths go: definite and minimal.
///
/// # Errors
/// The first fault, [`TlvError::NotCanonical`] and [`TlvError::Indefinite`] among them.
pub(crate) fn check_canonical(bytes: &[u8]) -> Result<(), TlvError> {
    fn walk(reader: &mut Reader<'_>) -> Result<(), TlvError> {
        while !reader.is_empty() {
            let element = reader.next()?;
            if element.tag.is_constructed() && !element.value.is_empty() {
                walk(&mut reader.enter(&element)?)?;
            }
        }
        Ok(())
    }
    walk(&mut Reader::der(bytes))
}

/// Where a part of a buffer lies in it.
pub(crate) fn range_in(whole: &[u8], part: &[u8]) -> Option<std::ops::Range<usize>> {
    let start = (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
    let end = start.checked_add(part.len())?;
    (end <= whole.len()).then_some(start..end)
}

pub(crate) fn is_time(tag: Tag) -> bool {
    tag == UTC_TIME || tag == GENERALIZED_TIME
}
