//! Finding an Individual Number (個人番号) where none may be: twelve digits whose last one checks the others.

/// Digits of an Individual Number.
const DIGITS: usize = 12;

/// Whether the bytes hold an Individual Number: exactly twelve digits in a row, in ASCII or full-width UTF-8, with a right check
/// digit. Hyphens and spaces between groups of digits do not hide it.
#[must_use]
pub fn holds_individual_number(bytes: &[u8]) -> bool {
    let mut run = Vec::with_capacity(DIGITS);
    let mut rest = bytes;
    while let Some((symbol, length)) = symbol(rest) {
        rest = rest.get(length..).unwrap_or_default();
        match symbol {
            Symbol::Digit(digit) => run.push(digit),
            Symbol::Separator => {}
            Symbol::Other => {
                if is_individual_number(&run) {
                    return true;
                }
                run.clear();
            }
        }
    }
    is_individual_number(&run)
}

enum Symbol {
    Digit(u8),
    Separator,
    Other,
}

/// The first symbol and its length in bytes.
fn symbol(bytes: &[u8]) -> Option<(Symbol, usize)> {
    Some(match bytes {
        [] => return None,
        [digit @ b'0'..=b'9', ..] => (Symbol::Digit(digit - b'0'), 1),
        // U+FF10 to U+FF19
        [0xEF, 0xBC, digit @ 0x90..=0x99, ..] => (Symbol::Digit(digit - 0x90), 3),
        [b'-' | b' ', ..] => (Symbol::Separator, 1),
        // the ideographic space and the hyphens of addresses: U+3000, U+2010, U+2212, U+FF0D
        [0xE3, 0x80, 0x80, ..] | [0xE2, 0x80, 0x90, ..] | [0xE2, 0x88, 0x92, ..] | [0xEF, 0xBC, 0x8D, ..] => {
            (Symbol::Separator, 3)
        }
        [_, ..] => (Symbol::Other, 1),
    })
}

/// Ordinance on the Individual Number (平成26年総務省令第85号), article 5: the check digit is 11 − (Σ Pₙ·Qₙ mod 11), 0 where the
/// remainder is 0 or 1, with Qₙ = n + 1 for n from 1 to 6 and n − 5 for n from 7 to 11, counted from the right.
fn is_individual_number(run: &[u8]) -> bool {
    let Some((check, digits)) = run.split_last().filter(|_| run.len() == DIGITS) else {
        return false;
    };
    let weighted = digits.iter().rev().zip((2..=7).chain(2..=6)).map(|(digit, weight)| u32::from(*digit) * weight);
    let expected = match weighted.sum::<u32>() % 11 {
        0 | 1 => 0,
        remainder => 11 - remainder,
    };
    u32::from(*check) == expected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_numbers_however_they_are_written() {
        // 123456789018 and 000000000000 have right check digits; 123456789012 has not.
        for text in ["123456789018", "a 1234-5678-9018.", "１２３４５６７８９０１８", "1234　5678　9018"]
        {
            assert!(holds_individual_number(text.as_bytes()), "{text}");
        }
        for text in ["", "123456789012", "0123456789018", "12345678901", "東京都１２－７－２０２"] {
            assert!(!holds_individual_number(text.as_bytes()), "{text}");
        }
    }
}
