use serde::{Deserialize, Serialize};

use super::access_key::MrzKey;
use super::mrz_check::{MrzError, MrzField, check};

/// A machine readable zone whose check digits are right (Doc 9303-4 to 9303-7).
#[derive(Clone, PartialEq, Eq)]
pub struct Mrz {
    format: MrzFormat,
    fields: MrzFields,
}

/// Size and purpose of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MrzFormat {
    /// Card, 3 × 30.
    Td1,
    /// Larger card, 2 × 36.
    Td2,
    /// Passport, 2 × 44.
    Td3,
    /// Visa, 2 × 44.
    MrvA,
    /// Visa, 2 × 36.
    MrvB,
}

/// The fields as printed, filler characters aside.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MrzFields {
    /// `P`, `I`, `V` and a second character.
    pub document_code: String,
    /// Issuing state or organization, one to three letters (`D` is Germany).
    pub issuing_state: String,
    /// Primary identifier.
    pub surname: String,
    /// Secondary identifiers, blank-separated.
    pub given_names: String,
    /// Document number, the part beyond nine characters included.
    pub document_number: String,
    /// Nationality.
    pub nationality: String,
    /// Date of birth, YYMMDD; unknown parts `<<`.
    pub birth: String,
    /// `M`, `F` or `<`.
    pub sex: char,
    /// Date of expiry, YYMMDD.
    pub expiry: String,
    /// Optional data, of both lines for TD1.
    pub optional_data: String,
}

impl std::fmt::Debug for MrzFields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MrzFields(..)")
    }
}

impl std::fmt::Debug for Mrz {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mrz({:?}, ..)", self.format)
    }
}

impl Mrz {
    /// Reads a zone in one piece or in lines; blanks and line ends are ignored.
    ///
    /// # Errors
    /// Wrong length, wrong character, wrong check digit.
    pub fn parse(text: &str) -> Result<Self, MrzError> {
        let zone = zone_characters(text)?;
        let visa = zone.starts_with('V');
        match (zone.len(), visa) {
            (90, _) => td1(&zone),
            (72, false) => two_lines(&zone, 36, MrzFormat::Td2),
            (72, true) => two_lines(&zone, 36, MrzFormat::MrvB),
            (88, false) => two_lines(&zone, 44, MrzFormat::Td3),
            (88, true) => two_lines(&zone, 44, MrzFormat::MrvA),
            (characters, _) => Err(MrzError::Length { characters }),
        }
    }

    /// The fields.
    #[must_use]
    pub fn fields(&self) -> &MrzFields {
        &self.fields
    }

    /// The size of document.
    #[must_use]
    pub fn format(&self) -> MrzFormat {
        self.format
    }

    /// The access key this zone opens the chip with.
    #[must_use]
    pub fn key(&self) -> MrzKey {
        MrzKey::from_checked(&self.fields.document_number, &self.fields.birth, &self.fields.expiry)
    }
}

/// Blanks and line ends away, every other character one of the zone's.
pub(super) fn zone_characters(text: &str) -> Result<String, MrzError> {
    let zone: String = text.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    let odd = zone.chars().position(|character| !matches!(character, 'A'..='Z' | '0'..='9' | '<'));
    odd.map_or(Ok(zone), |position| Err(MrzError::Character { position }))
}

/// Every zone consists of ASCII characters; a range outside it is empty.
fn part(zone: &str, from: usize, to: usize) -> &str {
    zone.get(from..to).unwrap_or_default()
}

fn digit(zone: &str, at: usize) -> u8 {
    zone.as_bytes().get(at).copied().unwrap_or(b'<')
}

fn trimmed(field: &str) -> String {
    field.trim_matches('<').replace('<', " ")
}

fn names(field: &str) -> (String, String) {
    let (surname, given) = field.split_once("<<").unwrap_or((field, ""));
    let given: Vec<&str> = given.split('<').filter(|name| !name.is_empty()).collect();
    (trimmed(surname), given.join(" "))
}

/// Document number, and the optional data left when the number continues there (Doc 9303-5, 4.2.2, note j).
fn document_number(number: &str, digit: u8, optional: &str) -> Result<(String, String), MrzError> {
    let continued = optional.split('<').next().unwrap_or_default();
    if digit == b'<'
        && let Some(last) = continued.len().checked_sub(1)
        && let Some((rest, check_digit)) = continued.split_at_checked(last)
    {
        let whole = format!("{number}{rest}");
        check(MrzField::DocumentNumber, &whole, check_digit.bytes().next().unwrap_or(b'<'), false)?;
        return Ok((whole.trim_end_matches('<').to_owned(), trimmed(part(optional, continued.len(), optional.len()))));
    }
    check(MrzField::DocumentNumber, number, digit, false)?;
    Ok((number.trim_end_matches('<').to_owned(), trimmed(optional)))
}

fn td1(zone: &str) -> Result<Mrz, MrzError> {
    let (document_number, optional) = document_number(part(zone, 5, 14), digit(zone, 14), part(zone, 15, 30))?;
    let (birth, expiry) = (part(zone, 30, 36), part(zone, 38, 44));
    check(MrzField::BirthDate, birth, digit(zone, 36), false)?;
    check(MrzField::ExpiryDate, expiry, digit(zone, 44), false)?;
    let composite = [part(zone, 5, 30), part(zone, 30, 37), part(zone, 38, 45), part(zone, 48, 59)].concat();
    check(MrzField::Composite, &composite, digit(zone, 59), false)?;
    let (surname, given_names) = names(part(zone, 60, 90));
    let second = trimmed(part(zone, 48, 59));
    let optional_data = if second.is_empty() { optional } else { format!("{optional} {second}").trim().to_owned() };
    let fields = MrzFields {
        document_code: trimmed(part(zone, 0, 2)),
        issuing_state: trimmed(part(zone, 2, 5)),
        surname,
        given_names,
        document_number,
        nationality: trimmed(part(zone, 45, 48)),
        birth: birth.to_owned(),
        sex: char::from(digit(zone, 37)),
        expiry: expiry.to_owned(),
        optional_data,
    };
    Ok(Mrz { format: MrzFormat::Td1, fields })
}

/// TD2, TD3 and both visas share the order of their second line.
fn two_lines(zone: &str, width: usize, format: MrzFormat) -> Result<Mrz, MrzError> {
    let (first, second) = zone.split_at_checked(width).unwrap_or((zone, ""));
    let optional_end = match format {
        MrzFormat::Td3 => 42,
        MrzFormat::Td2 => 35,
        MrzFormat::Td1 | MrzFormat::MrvA | MrzFormat::MrvB => width,
    };
    let optional = part(second, 28, optional_end);
    let number = part(second, 0, 9);
    let (document_number, optional_data) = if format == MrzFormat::Td2 {
        document_number(number, digit(second, 9), optional)?
    } else {
        check(MrzField::DocumentNumber, number, digit(second, 9), false)?;
        (number.trim_end_matches('<').to_owned(), trimmed(optional))
    };
    let (birth, expiry) = (part(second, 13, 19), part(second, 21, 27));
    check(MrzField::BirthDate, birth, digit(second, 19), false)?;
    check(MrzField::ExpiryDate, expiry, digit(second, 27), false)?;
    if format == MrzFormat::Td3 {
        check(MrzField::OptionalData, optional, digit(second, 42), true)?;
    }
    if matches!(format, MrzFormat::Td2 | MrzFormat::Td3) {
        let composite = [part(second, 0, 10), part(second, 13, 20), part(second, 21, width - 1)].concat();
        check(MrzField::Composite, &composite, digit(second, width - 1), false)?;
    }
    let (surname, given_names) = names(part(first, 5, width));
    let fields = MrzFields {
        document_code: trimmed(part(first, 0, 2)),
        issuing_state: trimmed(part(first, 2, 5)),
        surname,
        given_names,
        document_number,
        nationality: trimmed(part(second, 10, 13)),
        birth: birth.to_owned(),
        sex: char::from(digit(second, 20)),
        expiry: expiry.to_owned(),
        optional_data,
    };
    Ok(Mrz { format, fields })
}
