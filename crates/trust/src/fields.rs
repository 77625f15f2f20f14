//! What the verdict says about the holder, from DG1 and by the white list alone.

use chip::mrtd::MrzFields;
use jiff::{Timestamp, civil, tz};

use crate::verdict::{HolderFields, Validity};

/// The branches are in Japan: its day decides when a document expires.
const JAPAN: tz::Offset = tz::Offset::constant(9);

/// The day of a moment where the branches are.
#[must_use]
pub fn day(at: Timestamp) -> civil::Date {
    JAPAN.to_datetime(at).date()
}

/// Takes the fields of the white list.
pub(crate) fn holder(mrz: &MrzFields, has_portrait: bool, at: Timestamp) -> HolderFields {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    HolderFields {
        document_code: some(&mrz.document_code),
        surname: some(&mrz.surname),
        given_names: some(&mrz.given_names),
        birth_date: some(&birth_date(&mrz.birth, at)),
        sex: (mrz.sex != '<').then(|| mrz.sex.to_string()),
        nationality: some(&mrz.nationality),
        issuing_state: some(&mrz.issuing_state),
        document_number: some(&mrz.document_number),
        expiry_date: expiry_date(&mrz.expiry).map(|date| date.to_string()),
        has_portrait,
        ..HolderFields::default()
    }
}

/// Nobody is born in the future: two digits beyond this year are of the last century.
fn birth_date(yymmdd: &str, at: Timestamp) -> String {
    let (Some(yy), Some(mm), Some(dd)) = (yymmdd.get(..2), yymmdd.get(2..4), yymmdd.get(4..6)) else {
        return String::new();
    };
    let century = match yy.parse::<i16>() {
        Ok(year) => {
            let today = day(at);
            let this = civil::Date::new(2000 + year, mm.parse().unwrap_or(1), dd.parse().unwrap_or(1));
            if this.map_or(2000 + year > today.year(), |birth| birth > today) { "19" } else { "20" }
        }
        Err(_) => "<<",
    };
    format!("{century}{yy}-{mm}-{dd}").replace('<', "X")
}

/// Documents are valid for ten years or so: their expiry is of this century.
fn expiry_date(yymmdd: &str) -> Option<civil::Date> {
    let two = |range: std::ops::Range<usize>| yymmdd.get(range).and_then(|s| s.parse::<i8>().ok());
    civil::Date::new(2000 + i16::from(two(0..2)?), two(2..4)?, two(4..6)?).ok()
}

/// Compares the expiry date with the day of the verdict; the last day still counts.
pub(crate) fn validity(mrz: &MrzFields, at: Timestamp) -> Validity {
    match expiry_date(&mrz.expiry) {
        Some(expiry) if day(at) > expiry => Validity::Expired { since: expiry.to_string() },
        Some(_) => Validity::InDate,
        None => Validity::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn puts_birth_dates_into_the_past() {
        let at: Timestamp = "2026-05-01T00:00:00Z".parse().unwrap();
        assert_eq!(birth_date("740812", at), "1974-08-12");
        assert_eq!(birth_date("260430", at), "2026-04-30");
        assert_eq!(birth_date("260601", at), "1926-06-01");
        assert_eq!(birth_date("74<<<<", at), "1974-XX-XX");
    }

    #[test]
    fn the_last_day_counts_where_the_branch_is() {
        let mrz = |expiry: &str| MrzFields {
            document_code: String::new(),
            issuing_state: String::new(),
            surname: String::new(),
            given_names: String::new(),
            document_number: String::new(),
            nationality: String::new(),
            birth: String::new(),
            sex: '<',
            expiry: expiry.to_owned(),
            optional_data: String::new(),
        };
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(validity(&mrz("260501"), at("2026-05-01T14:59:59Z")), Validity::InDate);
        assert_eq!(
            validity(&mrz("260501"), at("2026-05-01T15:00:00Z")),
            Validity::Expired { since: "2026-05-01".into() }
        );
        assert_eq!(validity(&mrz("26<<<<"), at("2026-05-01T15:00:00Z")), Validity::Unknown);
    }
}
