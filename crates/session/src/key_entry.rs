//! Typed keys, parsed at the edge. What was typed is erased whether it could be parsed or not.

use std::sync::Arc;

use chip::licence::LicencePins;
use chip::mrtd::{AccessKey, Can, Mrz, MrzKey};
use chip::pin::{LastTryConsent, Pin, PinKind};
use chip::residence::CardNumber;
use jiff::civil::{Date, date};
use zeroize::Zeroizing;

use crate::chip_key::{ChipKey, PrintedNumberB};

/// Longest thing a person can type here: two lines of 44 characters with some spaces.
const MAX_TYPED: usize = 128;

/// A key from line 2 of a passport's machine readable zone, alone or below line 1.
pub(crate) fn from_mrz(text: String) -> Option<ChipKey> {
    let text = Zeroizing::new(text);
    let compact = Zeroizing::new(compact(&text)?);
    if let Ok(key) = MrzKey::from_second_line(&compact) {
        return Some(passport(AccessKey::Mrz(key)));
    }
    Mrz::parse(&compact).ok().map(|mrz| passport(AccessKey::Mrz(mrz.key())))
}

/// A key from the three fields.
pub(crate) fn from_fields(document_number: String, birth: String, expiry: String) -> Option<ChipKey> {
    let (number, birth, expiry) = (Zeroizing::new(document_number), Zeroizing::new(birth), Zeroizing::new(expiry));
    let number = Zeroizing::new(compact(&number)?);
    let key = MrzKey::new(number.trim_end_matches('<'), birth.trim(), expiry.trim()).ok()?;
    Some(passport(AccessKey::Mrz(key)))
}

/// A key from the card access number.
pub(crate) fn from_can(can: String) -> Option<ChipKey> {
    let can = Zeroizing::new(can);
    Can::parse(can.trim()).ok().map(|can| passport(AccessKey::Can(can)))
}

fn passport(key: AccessKey) -> ChipKey {
    ChipKey::Passport(Arc::new(key))
}

/// A residence card's number, as printed at the top right.
pub(crate) fn from_card_number(number: String) -> Option<ChipKey> {
    let number = Zeroizing::new(number);
    let number = Zeroizing::new(compact(&number)?);
    CardNumber::parse(&number).ok().map(|number| ChipKey::Residence(Arc::new(number)))
}

/// 照合番号B of its three printed parts: birth date, year of expiry, security code. The date is taken as it is printed with the year of
/// the era (YYMMDD), or with the year of the common era (YYYYMMDD), which foreign residents know theirs by.
pub(crate) fn from_number_b(birth: String, expiry_year: String, security_code: String) -> Option<ChipKey> {
    let (birth, expiry_year, code) =
        (Zeroizing::new(birth), Zeroizing::new(expiry_year), Zeroizing::new(security_code));
    let birth = birth.trim();
    let birth = if birth.len() == 8 { in_era(birth)? } else { Zeroizing::new(birth.to_owned()) };
    // Never moved while it grows: nothing is left behind.
    let mut digits = Zeroizing::new(String::with_capacity(14));
    for (part, length) in [(birth.as_str(), 6), (expiry_year.trim(), 4), (code.trim(), 4)] {
        if part.len() != length {
            return None;
        }
        digits.push_str(part);
    }
    PrintedNumberB::parse(digits).ok().map(|number| ChipKey::NumberB(Arc::new(number)))
}

/// First days of 令和, 平成, 昭和, 大正 and 明治 in the common era.
const ERAS: [Date; 5] = [date(2019, 5, 1), date(1989, 1, 8), date(1926, 12, 25), date(1912, 7, 30), date(1868, 1, 25)];

/// YYYYMMDD as YYMMDD with the year of its era.
fn in_era(digits: &str) -> Option<Zeroizing<String>> {
    let number = |range: std::ops::Range<usize>| digits.get(range)?.parse::<i16>().ok();
    let (month, day) = (i8::try_from(number(4..6)?).ok()?, i8::try_from(number(6..8)?).ok()?);
    let day = Date::new(number(0..4)?, month, day).ok()?;
    let era = ERAS.into_iter().find(|first| day >= *first)?;
    Some(Zeroizing::new(format!("{:02}{:02}{:02}", day.year() - era.year() + 1, day.month(), day.day())))
}

/// The four-digit PIN of a My Number card. The last try is used only with the consent of both.
pub(crate) fn from_text_pin(pin: String, last_try: bool) -> Option<ChipKey> {
    let pin = Pin::parse(&Zeroizing::new(pin)).ok()?;
    Some(ChipKey::TextPin(pin, last_try.then(LastTryConsent::given_by_customer_and_staff)))
}

/// Both PINs of a licence; empty ones where the holder set none, which the card itself must confirm.
pub(crate) fn from_licence_pins(pin1: String, pin2: String, last_try: bool) -> Option<ChipKey> {
    // Both are held to be erased before either is looked at.
    let (pin1, pin2) = (Zeroizing::new(pin1), Zeroizing::new(pin2));
    let (pin1, pin2) = (optional(&pin1)?, optional(&pin2)?);
    if pin1.is_none() && pin2.is_some() {
        return None;
    }
    Some(ChipKey::Licence(Box::new(LicencePins {
        pin1,
        pin2,
        consent1: last_try.then(LastTryConsent::given_by_customer_and_staff),
        consent2: last_try.then(LastTryConsent::given_by_customer_and_staff),
    })))
}

fn optional<K: PinKind>(entry: &str) -> Option<Option<Pin<K>>> {
    if entry.is_empty() { Some(None) } else { Pin::parse(entry).ok().map(Some) }
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
    fn takes_the_keys_of_japanese_cards() {
        assert!(from_card_number("ab12345678cd".into()).is_some());
        assert!(from_card_number("AB1234567CD".into()).is_none());
        assert!(from_number_b("550217".into(), "2035".into(), "2285".into()).is_some());
        assert!(from_number_b("19550217".into(), "35".into(), "2285".into()).is_none());
        assert!(from_number_b("19800217".into(), "2035".into(), "2285".into()).is_some());
        assert!(from_number_b("19800231".into(), "2035".into(), "2285".into()).is_none());
        assert!(from_number_b("123456".into(), "7890".into(), "12".into()).is_none());
        assert!(from_text_pin("1234".into(), false).is_some());
        assert!(from_text_pin("12345".into(), false).is_none());
        assert!(from_licence_pins("1234".into(), "5678".into(), false).is_some());
        assert!(from_licence_pins("1234".into(), String::new(), false).is_some());
        assert!(from_licence_pins(String::new(), String::new(), false).is_some());
        assert!(from_licence_pins(String::new(), "5678".into(), false).is_none());
    }

    #[test]
    fn a_birth_date_of_the_common_era_gets_the_year_of_its_era() {
        let era = |digits: &str| in_era(digits).map(|text| text.to_string());
        assert_eq!(era("19800217").as_deref(), Some("550217"));
        assert_eq!(era("19890107").as_deref(), Some("640107"));
        assert_eq!(era("19890108").as_deref(), Some("010108"));
        assert_eq!(era("20190430").as_deref(), Some("310430"));
        assert_eq!(era("20190501").as_deref(), Some("010501"));
        assert_eq!(era("19261224").as_deref(), Some("151224"));
        assert_eq!(era("20231301"), None);
        assert_eq!(era("17000101"), None);
        assert_eq!(era("1980021x"), None);
    }

    #[test]
    fn what_is_printed_is_used_again_and_a_secret_never() {
        assert!(from_mrz(LINE_2.to_owned()).unwrap().again().is_some());
        assert!(from_card_number("AB12345678CD".into()).unwrap().again().is_some());
        assert!(from_number_b("550217".into(), "2035".into(), "2285".into()).unwrap().again().is_some());
        assert!(from_text_pin("1234".into(), false).unwrap().again().is_none());
        assert!(from_licence_pins("1234".into(), "5678".into(), true).unwrap().again().is_none());
    }

    #[test]
    fn takes_the_fields() {
        assert!(from_fields("L898902C3".into(), "740812".into(), "120415".into()).is_some());
        assert!(from_fields("L898902C3".into(), "740812".into(), "1204".into()).is_none());
    }
}
