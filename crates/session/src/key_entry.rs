//! Typed keys, parsed at the edge. What was typed is erased whether it could be parsed or not.

use chip::mrtd::{AccessKey, Can, Mrz, MrzKey};
use zeroize::Zeroizing;

/// Longest thing a person can type here: two lines of 44 characters with some spaces.
const MAX_TYPED: usize = 128;

/// A key from line 2 of a passport's machine readable zone, alone or below line 1.
pub(crate) fn from_mrz(text: String) -> Option<AccessKey> {
    let text = Zeroizing::new(text);
    let compact = Zeroizing::new(compact(&text)?);
    if let Ok(key) = MrzKey::from_second_line(&compact) {
        return Some(AccessKey::Mrz(key));
    }
    Mrz::parse(&compact).ok().map(|mrz| AccessKey::Mrz(mrz.key()))
}

/// A key from the three fields.
pub(crate) fn from_fields(document_number: String, birth: String, expiry: String) -> Option<AccessKey> {
    let (number, birth, expiry) = (Zeroizing::new(document_number), Zeroizing::new(birth), Zeroizing::new(expiry));
    let number = Zeroizing::new(compact(&number)?);
    let key = MrzKey::new(number.trim_end_matches('<'), birth.trim(), expiry.trim()).ok()?;
    Some(AccessKey::Mrz(key))
}

/// A key from the card access number.
pub(crate) fn from_can(can: String) -> Option<AccessKey> {
    let can = Zeroizing::new(can);
    Can::parse(can.trim()).ok().map(AccessKey::Can)
}

/// Upper case without white space; `None` when it is too long to be one.
fn compact(text: &str) -> Option<String> {
    (text.len() <= MAX_TYPED)
        .then(|| text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE_2: &str = "L898902C36UTO7408122F1204159ZE184226B<<<<<10";

    #[test]
    fn takes_the_second_line_of_the_specimen() {
        assert!(from_mrz(LINE_2.to_owned()).is_some());
        assert!(from_mrz(LINE_2.to_lowercase()).is_some());
        assert!(from_mrz(format!("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n{LINE_2}")).is_some());
    }

    #[test]
    fn refuses_a_wrong_digit_and_nonsense() {
        assert!(from_mrz(LINE_2.replacen('3', "4", 1)).is_none());
        for text in ["", "L898902C3", "日本国旅券日本国旅券日本国旅券日本国旅券", &"<".repeat(44), &"A".repeat(5000)]
        {
            let _ = from_mrz(text.to_owned());
        }
        assert!(from_mrz("日".repeat(42)).is_none());
    }

    #[test]
    fn takes_the_fields() {
        assert!(from_fields("L898902C3".into(), "740812".into(), "120415".into()).is_some());
        assert!(from_fields("L898902C3".into(), "740812".into(), "1204".into()).is_none());
    }
}
