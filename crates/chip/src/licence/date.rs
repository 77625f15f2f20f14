//! Dates: in Japanese eras as characters, and by the Common Era in BCD (§1.5).

use serde::{Deserialize, Serialize};

/// A day that exists.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CivilDate {
    year: u16,
    month: u8,
    day: u8,
}

/// The characters are no date, or one that never was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no date that exists")]
pub struct DateError;

/// How far an era's years may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runs {
    /// To the era's last day: dates of what has happened.
    ToItsEnd,
    /// Past it: an expiry written down before the next era was known (平成35年 on licences of 2018).
    Past,
}

impl CivilDate {
    pub(super) fn new(year: u16, month: u8, day: u8) -> Result<Self, DateError> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            _ => return Err(DateError),
        };
        if (1..=days).contains(&day) { Ok(Self { year, month, day }) } else { Err(DateError) }
    }

    /// Reads `GYYMMDD`: the era's digit, its year, month and day.
    pub(super) fn parse_era(text: &[u8], runs: Runs) -> Result<Self, DateError> {
        let [era, digits @ ..] = text else { return Err(DateError) };
        let digits: &[u8; 6] = digits.try_into().map_err(|_| DateError)?;
        let [year, month, day] = numbers(digits)?;
        let era = ERAS.iter().find(|e| e.digit == *era).ok_or(DateError)?;
        let date = Self::new(era.zero + u16::from(year), month, day)?;
        let (first, last) = (Self::from(era.first), Self::from(era.last));
        let reach = match runs {
            Runs::ToItsEnd => last,
            Runs::Past => Self { year: last.year.saturating_add(YEARS_PAST), ..last },
        };
        if year >= 1 && (first..=reach).contains(&date) { Ok(date) } else { Err(DateError) }
    }

    /// Reads `YYYYMMDD` in BCD.
    pub(super) fn parse_bcd(bytes: [u8; 4]) -> Result<Self, DateError> {
        let [century, year, month, day] = bytes.map(|byte| {
            let (tens, ones) = (byte >> 4, byte & 0x0F);
            (tens < 10 && ones < 10).then_some(tens * 10 + ones)
        });
        let (Some(century), Some(year), Some(month), Some(day)) = (century, year, month, day) else {
            return Err(DateError);
        };
        Self::new(u16::from(century) * 100 + u16::from(year), month, day)
    }
}

/// `YYYY-MM-DD`.
impl std::fmt::Display for CivilDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// A date may be somebody's birthday.
impl std::fmt::Debug for CivilDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CivilDate(..)")
    }
}

impl From<(u16, u8, u8)> for CivilDate {
    fn from((year, month, day): (u16, u8, u8)) -> Self {
        Self { year, month, day }
    }
}

fn numbers(digits: &[u8; 6]) -> Result<[u8; 3], DateError> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err(DateError);
    }
    let [a, b, c, d, e, f] = digits.map(|digit| digit - b'0');
    Ok([a * 10 + b, c * 10 + d, e * 10 + f])
}

struct Era {
    digit: u8,
    /// The year before its first.
    zero: u16,
    first: (u16, u8, u8),
    last: (u16, u8, u8),
}

/// 明治, 大正, 昭和, 平成, 令和. The first day of an era was the last of the one before until 1926.
const ERAS: [Era; 5] = [
    Era { digit: b'1', zero: 1867, first: (1868, 1, 1), last: (1912, 7, 30) },
    Era { digit: b'2', zero: 1911, first: (1912, 7, 30), last: (1926, 12, 25) },
    Era { digit: b'3', zero: 1925, first: (1926, 12, 25), last: (1989, 1, 7) },
    Era { digit: b'4', zero: 1988, first: (1989, 1, 8), last: (2019, 4, 30) },
    Era { digit: b'5', zero: 2018, first: (2019, 5, 1), last: (2117, 12, 31) },
];

/// A licence is valid for five years and some months at most.
const YEARS_PAST: u16 = 6;

#[cfg(test)]
mod tests {
    use super::*;

    fn era(text: &str) -> Option<String> {
        CivilDate::parse_era(text.as_bytes(), Runs::ToItsEnd).ok().map(|date| date.to_string())
    }

    #[test]
    fn eras_become_years() {
        assert_eq!(era("1450729").as_deref(), Some("1912-07-29"));
        assert_eq!(era("2010730").as_deref(), Some("1912-07-30"));
        assert_eq!(era("3550601").as_deref(), Some("1980-06-01"));
        assert_eq!(era("3640107").as_deref(), Some("1989-01-07"));
        assert_eq!(era("4010108").as_deref(), Some("1989-01-08"));
        assert_eq!(era("5060229").as_deref(), Some("2024-02-29"));
    }

    #[test]
    fn days_that_never_were_are_refused() {
        for text in [
            "4990601",
            "3640108",
            "4010107",
            "5050229",
            "5051301",
            "5050431",
            "0010101",
            "6010101",
            "5000101",
            "505010",
            "50501010",
            "505０１０１",
        ] {
            assert_eq!(era(text), None, "{text}");
        }
    }

    #[test]
    fn an_expiry_may_be_in_an_era_that_ended() {
        let expiry = |text: &str| CivilDate::parse_era(text.as_bytes(), Runs::Past).ok().map(|date| date.to_string());
        assert_eq!(expiry("4350601").as_deref(), Some("2023-06-01"));
        assert_eq!(expiry("4990601"), None);
    }

    #[test]
    fn bcd_dates() {
        let bcd = |bytes| CivilDate::parse_bcd(bytes).ok().map(|date| date.to_string());
        assert_eq!(bcd([0x20, 0x28, 0x06, 0x01]).as_deref(), Some("2028-06-01"));
        assert_eq!(bcd([0x20, 0x28, 0x06, 0x1A]), None);
        assert_eq!(bcd([0x20, 0x28, 0x02, 0x30]), None);
    }
}
