//! The row of fields of a licence's file: one byte of tag, whatever its bits would mean in BER, then the length (§1.5).

use serde::{Deserialize, Serialize};

use super::layout::LicenceFile;

/// One field.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Field<'a> {
    pub tag: u8,
    pub value: &'a [u8],
    /// With tag and length.
    pub whole: &'a [u8],
}

/// A field that cannot be read, by name and never by content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{}, field {tag:02X}: {fault}", file.name())]
pub struct FieldError {
    /// The file.
    pub file: LicenceFile,
    /// Its tag; zero for the file as a whole.
    pub tag: u8,
    /// What is wrong.
    pub fault: FieldFault,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum FieldFault {
    /// The file ends inside it.
    #[error("cut off")]
    Truncated,
    /// A length in a form that does not exist, or a value of a length the field cannot have.
    #[error("a length it cannot have")]
    Length,
    /// The field stands there twice.
    #[error("repeated")]
    Repeated,
    /// The field is not there.
    #[error("missing")]
    Missing,
    /// Bytes that are no text in the field's code.
    #[error("no text")]
    Text,
    /// A date that does not exist.
    #[error("no date")]
    Date,
}

/// Divides a file into fields. The filler FF, or nothing, ends it.
pub(super) fn parse(file: LicenceFile, bytes: &[u8]) -> Result<Vec<Field<'_>>, FieldError> {
    let mut fields: Vec<Field<'_>> = Vec::new();
    for field in walk(bytes) {
        let field = field.map_err(|(tag, fault)| FieldError { file, tag, fault })?;
        if fields.iter().any(|earlier| earlier.tag == field.tag) {
            return Err(FieldError { file, tag: field.tag, fault: FieldFault::Repeated });
        }
        fields.push(field);
    }
    Ok(fields)
}

/// The fields before the first that cannot be read: what a digest is over when its file is broken, too.
pub(super) fn lenient(bytes: &[u8]) -> Vec<Field<'_>> {
    walk(bytes).map_while(Result::ok).collect()
}

fn walk(bytes: &[u8]) -> impl Iterator<Item = Result<Field<'_>, (u8, FieldFault)>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (&tag, after) = rest.split_first().filter(|(tag, _)| **tag != FILLER)?;
        let field = length(after).and_then(|(length, body)| {
            let (value, next) = body.split_at_checked(length).ok_or(FieldFault::Truncated)?;
            let whole = rest.get(..rest.len() - next.len()).unwrap_or_default();
            Ok((Field { tag, value, whole }, next))
        });
        match field {
            Ok((field, next)) => {
                rest = next;
                Some(Ok(field))
            }
            Err(fault) => {
                rest = &[];
                Some(Err((tag, fault)))
            }
        }
    })
}

/// The length of a value and what follows: one byte below 80, else `81` or `82` and so many bytes.
fn length(bytes: &[u8]) -> Result<(usize, &[u8]), FieldFault> {
    match bytes {
        [short @ ..=0x7F, rest @ ..] => Ok((usize::from(*short), rest)),
        [0x81, length, rest @ ..] => Ok((usize::from(*length), rest)),
        [0x82, high, low, rest @ ..] => Ok((usize::from(u16::from_be_bytes([*high, *low])), rest)),
        [] | [0x81 | 0x82, ..] => Err(FieldFault::Truncated),
        [_, ..] => Err(FieldFault::Length),
    }
}

const FILLER: u8 = 0xFF;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_that_would_be_longer_in_ber_are_one_byte() {
        let bytes = [0x1F, 1, b'a', 0x5F, 0, 0x7F, 2, 1, 2, 0xBF, 0x81, 1, 9, 0xFF, 0xFF];
        let fields = parse(LicenceFile::Changes, &bytes).unwrap();
        let found: Vec<_> = fields.iter().map(|f| (f.tag, f.value.len())).collect();
        assert_eq!(found, [(0x1F, 1), (0x5F, 0), (0x7F, 2), (0xBF, 1)]);
    }

    #[test]
    fn a_broken_field_is_named() {
        let broken = |bytes: &[u8]| parse(LicenceFile::Face, bytes).err().map(|e| (e.tag, e.fault));
        assert_eq!(broken(&[0x12, 3, 1, 2]), Some((0x12, FieldFault::Truncated)));
        assert_eq!(broken(&[0x12]), Some((0x12, FieldFault::Truncated)));
        assert_eq!(broken(&[0x12, 0x80]), Some((0x12, FieldFault::Length)));
        assert_eq!(broken(&[0x12, 0x82, 1]), Some((0x12, FieldFault::Truncated)));
        assert_eq!(broken(&[0x12, 0, 0x12, 0]), Some((0x12, FieldFault::Repeated)));
        assert_eq!(broken(&[0xFF, 0x12]), None);
    }
}
