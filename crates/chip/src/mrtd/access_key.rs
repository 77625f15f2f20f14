use chip_crypto::hash::{HashAlgorithm, digest};
use zeroize::{Zeroize, Zeroizing};

use super::mrz::zone_characters;
use super::mrz_check::{MrzError, MrzField, check, sum};

/// What opens the chip.
pub enum AccessKey {
    /// Document number, date of birth and date of expiry: BAC and PACE.
    Mrz(MrzKey),
    /// Card access number: PACE only.
    Can(Can),
}

impl std::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Mrz(_) => "AccessKey::Mrz(..)",
            Self::Can(_) => "AccessKey::Can(..)",
        })
    }
}

impl AccessKey {
    /// The shared secret π as PACE derives its key from (Doc 9303-11, 9.7.3).
    pub(super) fn pace_password(&self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Mrz(key) => key.hash(),
            Self::Can(can) => Zeroizing::new(can.0.as_bytes().to_vec()),
        }
    }

    /// Reference of the password in MSE:Set AT (Doc 9303-11, 4.4.4.1).
    pub(super) fn pace_reference(&self) -> u8 {
        match self {
            Self::Mrz(_) => 0x01,
            Self::Can(_) => 0x02,
        }
    }
}

/// The MRZ information: document number, date of birth and date of expiry with their check digits. Wiped when dropped.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MrzKey(Zeroizing<String>);

impl From<MrzKey> for String {
    fn from(key: MrzKey) -> Self {
        (*key.0).clone()
    }
}

impl TryFrom<String> for MrzKey {
    type Error = MrzError;

    fn try_from(information: String) -> Result<Self, MrzError> {
        let given = Self(Zeroizing::new(information));
        let [number, birth, expiry] = given.fields();
        let again = Self::from_checked(number, birth, expiry);
        if given.0.is_ascii() && again == given { Ok(again) } else { Err(MrzError::DocumentNumber) }
    }
}

impl std::fmt::Debug for MrzKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MrzKey(..)")
    }
}

impl MrzKey {
    /// Takes the three fields as printed; dates as YYMMDD.
    ///
    /// # Errors
    /// A field that can stand in no machine readable zone.
    pub fn new(document_number: &str, birth: &str, expiry: &str) -> Result<Self, MrzError> {
        let number = zone_characters(document_number)?;
        let number = number.trim_end_matches('<');
        if number.is_empty() || number.len() > 22 {
            return Err(MrzError::DocumentNumber);
        }
        require_date(MrzField::BirthDate, birth)?;
        require_date(MrzField::ExpiryDate, expiry)?;
        Ok(Self::from_checked(number, birth, expiry))
    }

    /// Takes the second line of a passport (44 characters) or of a TD2 card (36) and checks the digits of the three fields.
    ///
    /// # Errors
    /// Wrong length, wrong character, wrong check digit.
    pub fn from_second_line(line: &str) -> Result<Self, MrzError> {
        let line = Zeroizing::new(zone_characters(line)?);
        if line.len() != 44 && line.len() != 36 {
            return Err(MrzError::Length { characters: line.len() });
        }
        let field = |from: usize, to: usize| line.get(from..to).unwrap_or_default();
        let digit = |at: usize| line.as_bytes().get(at).copied().unwrap_or(b'<');
        check(MrzField::DocumentNumber, field(0, 9), digit(9), false)?;
        check(MrzField::BirthDate, field(13, 19), digit(19), false)?;
        check(MrzField::ExpiryDate, field(21, 27), digit(27), false)?;
        Self::new(field(0, 9), field(13, 19), field(21, 27))
    }

    /// Document number, date of birth and date of expiry, without check digits and fillers.
    #[must_use]
    pub fn fields(&self) -> [&str; 3] {
        let end = self.0.len();
        let part = |from: usize, to: usize| {
            let range = end.checked_sub(from).zip(end.checked_sub(to));
            range.and_then(|(from, to)| self.0.get(from..to)).unwrap_or_default()
        };
        // Two dates of six characters stand behind the number, each of the three with its digit.
        let number = end.checked_sub(15).and_then(|end| self.0.get(..end)).unwrap_or_default();
        [number.trim_end_matches('<'), part(14, 8), part(7, 1)]
    }

    pub(super) fn from_checked(document_number: &str, birth: &str, expiry: &str) -> Self {
        let mut information = Zeroizing::new(String::with_capacity(64));
        let number = Zeroizing::new(format!("{document_number:<<9}"));
        for field in [number.as_str(), birth, expiry] {
            information.push_str(field);
            information.push(char::from(b'0' + sum(field.as_bytes())));
        }
        Self(information)
    }

    /// SHA-1 of the MRZ information: all 20 bytes for PACE, the first 16 are K_seed of BAC (Doc 9303-11, 9.7.2).
    pub(super) fn hash(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(digest(HashAlgorithm::Sha1, &[self.0.as_bytes()]))
    }
}

fn require_date(field: MrzField, text: &str) -> Result<(), MrzError> {
    let number = |from: usize, to: usize| match text.get(from..to)? {
        "<<" => Some(0),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse::<u8>().ok(),
        _ => None,
    };
    let plausible = text.len() == 6
        && number(0, 2).is_some()
        && number(2, 4).is_some_and(|month| month <= 12)
        && number(4, 6).is_some_and(|day| day <= 31);
    if plausible { Ok(()) } else { Err(MrzError::Date { field }) }
}

/// Card access number, printed on the card (Doc 9303-11, 4.4.1). Wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Can(String);

/// A card access number consists of six digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a card access number consists of six digits")]
pub struct CanError;

impl Can {
    /// Takes six digits.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> Result<Self, CanError> {
        let valid = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
        if valid { Ok(Self(text.to_owned())) } else { Err(CanError) }
    }
}

impl Drop for Can {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for Can {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Can(..)")
    }
}
