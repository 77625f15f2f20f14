//! Check digits (Doc 9303-3, 4.9) and what commonly goes wrong when they are read by eye or camera.

/// Why a text is no machine readable zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MrzError {
    /// Neither TD1 (90), TD2 (72) nor TD3 (88).
    #[error("{characters} characters make no machine readable zone")]
    Length {
        /// Characters found, line ends aside.
        characters: usize,
    },
    /// Only A–Z, 0–9 and `<` occur in a zone.
    #[error("the character at position {position} does not occur in a machine readable zone")]
    Character {
        /// Position from 0, line ends aside.
        position: usize,
    },
    /// A check digit does not belong to its field.
    #[error("the check digit of {field} is wrong")]
    CheckDigit {
        /// The field.
        field: MrzField,
        /// The one look-alike character whose exchange makes the digit right.
        confusion: Option<Confusion>,
    },
    /// A date is no YYMMDD, unknown parts written `<<`.
    #[error("{field} is no date")]
    Date {
        /// The field.
        field: MrzField,
    },
    /// A document number is empty.
    #[error("the document number is empty")]
    DocumentNumber,
}

/// A field with a check digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MrzField {
    /// Document number.
    DocumentNumber,
    /// Date of birth.
    BirthDate,
    /// Date of expiry.
    ExpiryDate,
    /// Personal number or other optional data (TD3).
    OptionalData,
    /// The composite over all of them.
    Composite,
}

impl std::fmt::Display for MrzField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::DocumentNumber => "the document number",
            Self::BirthDate => "the date of birth",
            Self::ExpiryDate => "the date of expiry",
            Self::OptionalData => "the optional data",
            Self::Composite => "the whole zone",
        })
    }
}

/// Two characters that look alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confusion {
    /// Position within the field, from 0.
    pub position: usize,
    /// The character as entered.
    pub read: char,
    /// The character it may be.
    pub meant: char,
}

const LOOK_ALIKE: [(u8, u8); 9] = [
    (b'O', b'0'),
    (b'I', b'1'),
    (b'B', b'8'),
    (b'S', b'5'),
    (b'Z', b'2'),
    (b'G', b'6'),
    (b'D', b'0'),
    (b'Q', b'0'),
    (b'L', b'1'),
];

/// Computes the check digit: weights 7, 3, 1, modulo 10.
#[must_use]
pub fn check_digit(field: &str) -> char {
    char::from(b'0' + sum(field.as_bytes()))
}

pub(super) fn sum(field: &[u8]) -> u8 {
    let total: u32 = field.iter().zip([7, 3, 1].into_iter().cycle()).map(|(byte, weight)| value(*byte) * weight).sum();
    (total % 10) as u8
}

/// Checks a field against its digit. `filler_allowed`: an empty optional field may have `<` for its digit.
pub(super) fn check(field: MrzField, text: &str, digit: u8, filler_allowed: bool) -> Result<(), MrzError> {
    let bytes = text.as_bytes();
    let empty = bytes.iter().all(|byte| *byte == b'<');
    if digit == b'0' + sum(bytes) || (filler_allowed && empty && digit == b'<') {
        return Ok(());
    }
    Err(MrzError::CheckDigit { field, confusion: confusion(field, bytes, digit) })
}

/// Looks for the one exchange of look-alikes that makes the digit right; none when several would.
fn confusion(field: MrzField, bytes: &[u8], digit: u8) -> Option<Confusion> {
    let numeric = matches!(field, MrzField::BirthDate | MrzField::ExpiryDate);
    let mut candidates = bytes.iter().enumerate().flat_map(|(position, &read)| {
        LOOK_ALIKE.into_iter().filter_map(move |(letter, figure)| {
            let meant = if read == letter {
                figure
            } else if read == figure && !numeric {
                letter
            } else {
                return None;
            };
            let mut changed = bytes.to_vec();
            *changed.get_mut(position)? = meant;
            (b'0' + sum(&changed) == digit).then_some(Confusion {
                position,
                read: char::from(read),
                meant: char::from(meant),
            })
        })
    });
    let first = candidates.next()?;
    candidates.next().is_none().then_some(first)
}

fn value(byte: u8) -> u32 {
    match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        b'A'..=b'Z' => u32::from(byte - b'A') + 10,
        _ => 0,
    }
}
