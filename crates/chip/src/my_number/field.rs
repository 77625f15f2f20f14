//! Reading the templates of the card, with failures that name the field.

use apdu::tlv::{Reader, Tag, Tlv, TlvError};

/// What is wrong with which field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct FieldError {
    /// The field, in the words of the specification.
    pub field: &'static str,
    /// What is wrong.
    pub problem: FieldProblem,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FieldProblem {
    /// It is no data object.
    #[error(transparent)]
    Tlv(#[from] TlvError),
    /// It is not there.
    #[error("missing")]
    Missing,
    /// It is there more than once: which one counts would be a guess.
    #[error("present more than once")]
    Repeated,
    /// It has an impossible length.
    #[error("has {found} bytes")]
    Length {
        /// Its length.
        found: usize,
    },
    /// It is no UTF-8 text, or has control characters.
    #[error("is no text")]
    Text,
    /// It is no date of the form YYYYMMDD.
    #[error("is no date")]
    Date,
    /// It is no RSA key that can be used.
    #[error("is no usable key")]
    Key,
}

impl FieldProblem {
    pub(super) const fn of(self, field: &'static str) -> FieldError {
        FieldError { field, problem: self }
    }
}

/// The objects of one template.
pub(super) struct Template<'a> {
    value: &'a [u8],
    objects: Vec<Tlv<'a>>,
}

impl<'a> Template<'a> {
    /// Opens the template a file consists of; bytes after it are the card's filling.
    pub(super) fn open(file: &'a [u8], tag: Tag, name: &'static str) -> Result<Self, FieldError> {
        let in_file = |error: TlvError| FieldProblem::Tlv(error).of(name);
        let mut reader = Reader::ber(file);
        let template = reader.expect(tag).map_err(in_file)?;
        let mut inside = reader.enter(&template).map_err(in_file)?;
        Self::read(template.value, &mut inside).map_err(in_file)
    }

    /// Takes objects that stand in a row.
    pub(super) fn of_row(row: &'a [u8], name: &'static str) -> Result<Self, FieldError> {
        Self::read(row, &mut Reader::ber(row)).map_err(|error| FieldProblem::Tlv(error).of(name))
    }

    fn read(value: &'a [u8], reader: &mut Reader<'a>) -> Result<Self, TlvError> {
        let mut objects = Vec::new();
        while !reader.is_empty() {
            objects.push(reader.next()?);
        }
        Ok(Self { value, objects })
    }

    /// The one object with this tag.
    pub(super) fn object(&self, tag: u32, field: &'static str) -> Result<Tlv<'a>, FieldError> {
        self.optional(tag, field)?.ok_or(FieldProblem::Missing.of(field))
    }

    /// The object with this tag, if there is one.
    pub(super) fn optional(&self, tag: u32, field: &'static str) -> Result<Option<Tlv<'a>>, FieldError> {
        let mut found = self.objects.iter().filter(|object| object.tag == Tag(tag));
        match (found.next(), found.next()) {
            (first, None) => Ok(first.copied()),
            (_, Some(_)) => Err(FieldProblem::Repeated.of(field)),
        }
    }

    /// The value of the one object with this tag, which has this length.
    pub(super) fn exactly<const N: usize>(&self, tag: u32, field: &'static str) -> Result<[u8; N], FieldError> {
        let value = self.object(tag, field)?.value;
        value.try_into().map_err(|_| FieldProblem::Length { found: value.len() }.of(field))
    }

    /// The bytes the objects stand in.
    pub(super) fn value(&self) -> &'a [u8] {
        self.value
    }

    pub(super) fn objects(&self) -> &[Tlv<'a>] {
        &self.objects
    }
}

/// Printable UTF-8 within a length.
pub(super) fn text<'a>(value: &'a [u8], max: usize, field: &'static str) -> Result<&'a str, FieldError> {
    if value.is_empty() || value.len() > max {
        return Err(FieldProblem::Length { found: value.len() }.of(field));
    }
    let text = std::str::from_utf8(value).map_err(|_| FieldProblem::Text.of(field))?;
    if text.chars().any(char::is_control) { Err(FieldProblem::Text.of(field)) } else { Ok(text) }
}

/// YYYYMMDD in digits. Whether such a day exists is the verdict's to say.
pub(super) fn date(value: &[u8], field: &'static str) -> Result<[u8; 8], FieldError> {
    let digits: [u8; 8] = value.try_into().map_err(|_| FieldProblem::Length { found: value.len() }.of(field))?;
    if digits.iter().all(u8::is_ascii_digit) { Ok(digits) } else { Err(FieldProblem::Date.of(field)) }
}
