/// A day of the Gregorian calendar as a card states it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CardDate {
    /// Four digits.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to the last of the month.
    pub day: u8,
}

impl CardDate {
    /// Reads eight digits, `YYYYMMDD`.
    #[must_use]
    pub fn parse(digits: &[u8]) -> Option<Self> {
        let [y3, y2, y1, y0, m1, m0, d1, d0] = digits else { return None };
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let two = |high: &u8, low: &u8| (high - b'0') * 10 + (low - b'0');
        let year = u16::from(two(y3, y2)) * 100 + u16::from(two(y1, y0));
        let (month, day) = (two(m1, m0), two(d1, d0));
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let last = match month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => 31,
        };
        let possible = year >= 1800 && (1..=12).contains(&month) && (1..=last).contains(&day);
        possible.then_some(Self { year, month, day })
    }

    /// As [`CardDate::parse`], taking zeros, spaces and NUL for no date.
    ///
    /// # Errors
    /// Anything else that is no day.
    pub(super) fn parse_optional(digits: &[u8]) -> Result<Option<Self>, ()> {
        if digits.iter().all(|byte| matches!(byte, b'0' | b' ' | 0)) {
            return Ok(None);
        }
        Self::parse(digits).map(Some).ok_or(())
    }
}

/// ISO 8601.
impl std::fmt::Display for CardDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl std::fmt::Debug for CardDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CardDate(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_calendar_and_no_others() {
        assert_eq!(CardDate::parse(b"20240229").unwrap().to_string(), "2024-02-29");
        for wrong in [&b"20230229"[..], b"20241301", b"20240100", b"2024010a", b"202401", b"00000000"] {
            assert_eq!(CardDate::parse(wrong), None);
        }
        assert_eq!(CardDate::parse_optional(b"00000000"), Ok(None));
        assert_eq!(CardDate::parse_optional(&[0; 8]), Ok(None));
        assert_eq!(CardDate::parse_optional(b"20231399"), Err(()));
    }
}
