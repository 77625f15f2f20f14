//! BER-TLV (ISO/IEC 7816-4, 5.2.2; X.690) under a budget. The only TLV reader of the product: card files, secure messaging,
//! CMS and X.509 all go through it, and every value it hands out is a slice of the original bytes.
//!
//! ```
//! use apdu::tlv::{Reader, Tag};
//! # fn main() -> Result<(), apdu::tlv::TlvError> {
//! let mut file = Reader::ber(&[0x60, 0x03, 0x5C, 0x01, 0x61]);
//! let com = file.expect(Tag(0x60))?;
//! file.finish()?;
//! let mut inside = file.enter(&com)?;
//! assert_eq!(inside.expect(Tag(0x5C))?.value, [0x61]);
//! # Ok(()) }
//! ```

use std::cell::Cell;
use std::rc::Rc;

/// How deep templates may nest (security.md §9).
pub const MAX_DEPTH: u8 = 16;
/// How many data objects one structure may hold, those visited while searching an end-of-contents included.
pub const MAX_NODES: u32 = 4096;

/// A tag as its bytes are written: `30`, `5F2E`, `7F49`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub u32);

impl Tag {
    pub const BOOLEAN: Self = Self(0x01);
    pub const INTEGER: Self = Self(0x02);
    pub const BIT_STRING: Self = Self(0x03);
    pub const OCTET_STRING: Self = Self(0x04);
    pub const NULL: Self = Self(0x05);
    pub const OBJECT_IDENTIFIER: Self = Self(0x06);
    pub const SEQUENCE: Self = Self(0x30);
    pub const SET: Self = Self(0x31);

    /// Whether the value is itself made of data objects (bit 6 of the first byte).
    #[must_use]
    pub fn is_constructed(self) -> bool {
        let [a, b, c, d] = self.0.to_be_bytes();
        let first = [a, b, c, d].into_iter().find(|byte| *byte != 0).unwrap_or(0);
        first & 0x20 != 0
    }
}

impl std::fmt::Debug for Tag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02X}", self.0)
    }
}

impl std::fmt::Display for Tag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02X}", self.0)
    }
}

/// One data object inside the bytes it was read from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    pub tag: Tag,
    /// The contents, without an end-of-contents.
    pub value: &'a [u8],
    /// Header, contents and, for the indefinite form, end-of-contents: what hashes and signatures are computed over.
    pub whole: &'a [u8],
    pub indefinite: bool,
}

/// Shows tag and length only: values may be personal data.
impl std::fmt::Debug for Tlv<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tlv({}, {} bytes)", self.tag, self.value.len())
    }
}

/// Why bytes are not the data objects a reader wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TlvError {
    #[error("a data object ends before its header does")]
    Truncated,
    #[error("a length points past the end")]
    LengthBeyondEnd,
    #[error("an indefinite length stands where none may, or lacks its end-of-contents")]
    Indefinite,
    #[error("templates nest deeper than {MAX_DEPTH}")]
    DepthExceeded,
    #[error("more data objects than the budget allows")]
    TooManyNodes,
    #[error("a tag is longer than four bytes")]
    TagTooLong,
    #[error("a tag or length is not in its shortest form")]
    NotCanonical,
    #[error("data object {found} stands where {expected} must")]
    UnexpectedTag { expected: Tag, found: Tag },
    #[error("bytes follow the last data object")]
    TrailingBytes,
    #[error("a data object is missing")]
    Empty,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rules {
    Ber,
    Der,
}

/// Reads data objects one after another. Readers made by [`Reader::enter`] share one budget of nodes.
pub struct Reader<'a> {
    rest: &'a [u8],
    rules: Rules,
    depth: u8,
    nodes: Rc<Cell<u32>>,
}

impl<'a> Reader<'a> {
    /// Lenient: any length form, indefinite included.
    #[must_use]
    pub fn ber(bytes: &'a [u8]) -> Self {
        Self::with_nodes(bytes, Rules::Ber, MAX_NODES)
    }

    /// Strict: definite lengths and tags in their shortest form.
    #[must_use]
    pub fn der(bytes: &'a [u8]) -> Self {
        Self::with_nodes(bytes, Rules::Der, MAX_NODES)
    }

    /// Lenient, with another node budget: lists of certificates hold more objects than any card file.
    #[must_use]
    pub fn ber_with_nodes(bytes: &'a [u8], nodes: u32) -> Self {
        Self::with_nodes(bytes, Rules::Ber, nodes)
    }

    fn with_nodes(rest: &'a [u8], rules: Rules, nodes: u32) -> Self {
        Self { rest, rules, depth: 0, nodes: Rc::new(Cell::new(nodes)) }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The bytes not read yet.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next object's tag without reading it; `None` at the end or when no whole tag is left.
    #[must_use]
    pub fn peek_tag(&self) -> Option<Tag> {
        parse_tag(self.rest, self.rules).ok().map(|(tag, _)| tag)
    }

    /// Reads the next object.
    ///
    /// # Errors
    /// `Empty` at the end; otherwise what is wrong with the bytes.
    #[expect(clippy::should_implement_trait, reason = "an Iterator would go on after an error")]
    pub fn next(&mut self) -> Result<Tlv<'a>, TlvError> {
        if self.rest.is_empty() {
            return Err(TlvError::Empty);
        }
        let tlv = self.parse(self.rest, self.depth)?;
        self.rest = self.rest.get(tlv.whole.len()..).ok_or(TlvError::LengthBeyondEnd)?;
        Ok(tlv)
    }

    /// Reads the next object, which must have this tag.
    ///
    /// # Errors
    /// `UnexpectedTag` leaves the reader where it was.
    pub fn expect(&mut self, expected: Tag) -> Result<Tlv<'a>, TlvError> {
        if self.rest.is_empty() {
            return Err(TlvError::Empty);
        }
        let (found, _) = parse_tag(self.rest, self.rules)?;
        if found != expected {
            return Err(TlvError::UnexpectedTag { expected, found });
        }
        self.next()
    }

    /// Reads the next object if it has this tag.
    ///
    /// # Errors
    /// What is wrong with the bytes; an absent object is no error.
    pub fn optional(&mut self, tag: Tag) -> Result<Option<Tlv<'a>>, TlvError> {
        if self.rest.is_empty() || parse_tag(self.rest, self.rules)?.0 != tag {
            return Ok(None);
        }
        self.next().map(Some)
    }

    /// Opens an object's contents under the same budget, one level deeper.
    ///
    /// # Errors
    /// `DepthExceeded`.
    pub fn enter(&self, tlv: &Tlv<'a>) -> Result<Reader<'a>, TlvError> {
        let depth = self.depth + 1;
        if depth > MAX_DEPTH {
            return Err(TlvError::DepthExceeded);
        }
        Ok(Reader { rest: tlv.value, rules: self.rules, depth, nodes: Rc::clone(&self.nodes) })
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// `TrailingBytes` when objects or bytes are left.
    pub fn finish(&self) -> Result<(), TlvError> {
        if self.rest.is_empty() { Ok(()) } else { Err(TlvError::TrailingBytes) }
    }

    fn parse(&self, bytes: &'a [u8], depth: u8) -> Result<Tlv<'a>, TlvError> {
        let left = self.nodes.get().checked_sub(1).ok_or(TlvError::TooManyNodes)?;
        self.nodes.set(left);
        let (tag, after_tag) = parse_tag(bytes, self.rules)?;
        match parse_length(after_tag, self.rules)? {
            (Some(length), contents) => {
                let value = contents.get(..length).ok_or(TlvError::LengthBeyondEnd)?;
                let header = bytes.len() - contents.len();
                let whole = bytes.get(..header + length).ok_or(TlvError::LengthBeyondEnd)?;
                Ok(Tlv { tag, value, whole, indefinite: false })
            }
            (None, contents) => {
                if self.rules == Rules::Der {
                    return Err(TlvError::NotCanonical);
                }
                if !tag.is_constructed() {
                    return Err(TlvError::Indefinite);
                }
                let length = self.contents_length(contents, depth)?;
                let value = contents.get(..length).ok_or(TlvError::LengthBeyondEnd)?;
                let header = bytes.len() - contents.len();
                let whole = bytes.get(..header + length + 2).ok_or(TlvError::LengthBeyondEnd)?;
                Ok(Tlv { tag, value, whole, indefinite: true })
            }
        }
    }

    /// Length of the contents up to their end-of-contents (X.690, 8.1.5).
    fn contents_length(&self, contents: &'a [u8], depth: u8) -> Result<usize, TlvError> {
        let depth = depth + 1;
        if depth > MAX_DEPTH {
            return Err(TlvError::DepthExceeded);
        }
        let mut rest = contents;
        loop {
            if rest.starts_with(&[0, 0]) {
                return Ok(contents.len() - rest.len());
            }
            if rest.is_empty() {
                return Err(TlvError::Indefinite);
            }
            let child = self.parse(rest, depth)?;
            rest = rest.get(child.whole.len()..).ok_or(TlvError::LengthBeyondEnd)?;
        }
    }
}

/// Finds the first object with this tag at the top level.
///
/// # Errors
/// What is wrong with the bytes before it.
pub fn find(bytes: &[u8], tag: Tag) -> Result<Option<&[u8]>, TlvError> {
    let mut reader = Reader::ber(bytes);
    while !reader.is_empty() {
        let tlv = reader.next()?;
        if tlv.tag == tag {
            return Ok(Some(tlv.value));
        }
    }
    Ok(None)
}

/// Encodes one object with the shortest definite length.
#[must_use]
pub fn encode(tag: Tag, value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len() + 8);
    push_significant(&mut out, u64::from(tag.0));
    let length = value.len() as u64;
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let bytes = 8 - length.leading_zeros() as u8 / 8;
        out.push(0x80 | bytes);
        push_significant(&mut out, length);
    }
    out.extend_from_slice(value);
    out
}

/// Size of the whole object that starts with these bytes: `None` while the header is incomplete, `Some(None)` for the
/// indefinite form.
///
/// # Errors
/// A tag or length field too long to be believed.
pub fn announced_size(head: &[u8]) -> Result<Option<Option<usize>>, TlvError> {
    let (_, after_tag) = match parse_tag(head, Rules::Ber) {
        Ok(found) => found,
        Err(TlvError::Truncated) => return Ok(None),
        Err(error) => return Err(error),
    };
    match parse_length(after_tag, Rules::Ber) {
        Ok((Some(length), contents)) => {
            let header = head.len() - contents.len();
            Ok(Some(Some(length.checked_add(header).ok_or(TlvError::LengthBeyondEnd)?)))
        }
        Ok((None, _)) => Ok(Some(None)),
        Err(TlvError::Truncated) => Ok(None),
        Err(error) => Err(error),
    }
}

fn push_significant(out: &mut Vec<u8>, number: u64) {
    let bytes = number.to_be_bytes();
    let zeros = bytes.iter().take(7).take_while(|byte| **byte == 0).count();
    out.extend(bytes.iter().skip(zeros));
}

fn parse_tag(bytes: &[u8], rules: Rules) -> Result<(Tag, &[u8]), TlvError> {
    let (&first, mut rest) = bytes.split_first().ok_or(TlvError::Truncated)?;
    let mut tag = u32::from(first);
    if first & 0x1F != 0x1F {
        return Ok((Tag(tag), rest));
    }
    for index in 0..3 {
        let (&byte, after) = rest.split_first().ok_or(TlvError::Truncated)?;
        rest = after;
        if rules == Rules::Der && index == 0 && (byte == 0x80 || byte < 0x1F) {
            return Err(TlvError::NotCanonical);
        }
        tag = (tag << 8) | u32::from(byte);
        if byte & 0x80 == 0 {
            return Ok((Tag(tag), rest));
        }
    }
    Err(TlvError::TagTooLong)
}

/// Length field (X.690, 8.1.3); `None` is the indefinite form.
fn parse_length(bytes: &[u8], rules: Rules) -> Result<(Option<usize>, &[u8]), TlvError> {
    let (&first, rest) = bytes.split_first().ok_or(TlvError::Truncated)?;
    if first < 0x80 {
        return Ok((Some(usize::from(first)), rest));
    }
    if first == 0x80 {
        return Ok((None, rest));
    }
    let count = usize::from(first & 0x7F);
    if count > 4 {
        return Err(TlvError::LengthBeyondEnd);
    }
    let (field, rest) = rest.split_at_checked(count).ok_or(TlvError::Truncated)?;
    let length = field.iter().fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte));
    if rules == Rules::Der && (length < 0x80 || field.first() == Some(&0)) {
        return Err(TlvError::NotCanonical);
    }
    usize::try_from(length).map(|length| (Some(length), rest)).map_err(|_| TlvError::LengthBeyondEnd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_card_file() {
        let mut reader = Reader::ber(&[0x60, 0x06, 0x5F, 0x01, 0x01, 0x31, 0x5C, 0x00]);
        let com = reader.expect(Tag(0x60)).unwrap();
        let mut inside = reader.enter(&com).unwrap();
        assert_eq!(inside.expect(Tag(0x5F01)).unwrap().value, [0x31]);
        assert_eq!(inside.optional(Tag(0x5D)).unwrap(), None);
        assert_eq!(inside.next().unwrap().value, []);
        inside.finish().unwrap();
        assert_eq!(inside.next(), Err(TlvError::Empty));
    }

    #[test]
    fn indefinite_length_keeps_the_original_bytes() {
        let bytes = [0x30, 0x80, 0x24, 0x80, 0x04, 0x01, 0xAA, 0x00, 0x00, 0x00, 0x00, 0x05, 0x00];
        let mut reader = Reader::ber(&bytes);
        let outer = reader.next().unwrap();
        assert!(outer.indefinite);
        assert_eq!(outer.whole, &bytes[..11]);
        assert_eq!(outer.value, &bytes[2..9]);
        assert_eq!(reader.next().unwrap().tag, Tag::NULL);
        assert_eq!(Reader::der(&bytes).next(), Err(TlvError::NotCanonical));
        assert_eq!(Reader::ber(&bytes[..9]).next(), Err(TlvError::Indefinite));
        assert_eq!(Reader::ber(&[0x04, 0x80, 0x00, 0x00]).next(), Err(TlvError::Indefinite));
    }

    #[test]
    fn strict_mode_refuses_longer_forms() {
        for bytes in [
            &[0x04, 0x81, 0x01, 0xAA][..],
            &[0x04, 0x82, 0x00, 0x01, 0xAA],
            &[0x5F, 0x01, 0x00],
            &[0x5F, 0x80, 0x7F, 0x00],
        ] {
            assert!(Reader::ber(bytes).next().is_ok());
            assert_eq!(Reader::der(bytes).next(), Err(TlvError::NotCanonical));
        }
    }

    #[test]
    fn budgets_hold() {
        let deep = [0x30, 0x80].repeat(5000);
        assert_eq!(Reader::ber(&deep).next(), Err(TlvError::DepthExceeded));
        let wide = [0x05, 0x00].repeat(5000);
        let mut reader = Reader::ber(&wide);
        let end = std::iter::from_fn(|| Some(reader.next())).find_map(Result::err);
        assert_eq!(end, Some(TlvError::TooManyNodes));
        let mut tlv = encode(Tag(0x30), &[]);
        for _ in 0..40 {
            tlv = encode(Tag(0x30), &tlv);
        }
        let mut reader = Reader::ber(&tlv);
        let mut depth = 0;
        let error = loop {
            let inner = reader.next().unwrap();
            match reader.enter(&inner) {
                Ok(deeper) => reader = deeper,
                Err(error) => break error,
            }
            depth += 1;
        };
        assert_eq!((error, depth), (TlvError::DepthExceeded, 16));
    }

    #[test]
    fn lengths_past_the_end_and_long_tags_are_refused() {
        assert_eq!(Reader::ber(&[0x04, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]).next(), Err(TlvError::LengthBeyondEnd));
        assert_eq!(Reader::ber(&[0x04, 0x85, 0, 0, 0, 0, 0]).next(), Err(TlvError::LengthBeyondEnd));
        assert_eq!(Reader::ber(&[0x1F, 0x81, 0x81, 0x81, 0x01, 0x00]).next(), Err(TlvError::TagTooLong));
        assert_eq!(Reader::ber(&[0x04]).next(), Err(TlvError::Truncated));
        assert_eq!(announced_size(&[0x75, 0x82, 0x3A]).unwrap(), None);
        assert_eq!(announced_size(&[0x75, 0x82, 0x3A, 0xE7]).unwrap(), Some(Some(0x3AE7 + 4)));
    }

    #[test]
    fn encode_writes_what_the_strict_reader_reads() {
        for length in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let value = vec![7; length];
            let bytes = encode(Tag(0x7F49), &value);
            let mut reader = Reader::der(&bytes);
            assert_eq!(reader.expect(Tag(0x7F49)).unwrap().value, value);
            reader.finish().unwrap();
        }
    }
}
