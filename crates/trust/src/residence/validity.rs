//! Whether the card and the stay are in date, and the special period after the stay ended.

use chip::residence::{Items, ResidenceEvidence};
use jiff::{Span, Timestamp, civil};

use super::fields::extension_applied;
use super::judge::Declared;
use crate::checks::Report;
use crate::fields::day;
use crate::finding::Finding;
use crate::verdict::Validity;

/// Calendar months a stay goes on after its end while an application for its extension is pending (product.md §4).
const SPECIAL_PERIOD_MONTHS: i64 = 2;

pub(super) fn check(
    evidence: &ResidenceEvidence,
    items: Option<&Items>,
    declared: &Declared,
    at: Timestamp,
    report: &mut Report,
) -> Validity {
    let on_chip = items.and_then(|items| {
        let dates = [items.expiry, items.end_of_stay].into_iter().flatten();
        dates.filter_map(|date| date.to_string().parse::<civil::Date>().ok()).min()
    });
    let (ends, source) = match (on_chip, declared.expiry) {
        (Some(date), _) => (date, "on the chip"),
        (None, Some(date)) => (date, "typed from the card"),
        (None, None) => {
            report.not_checked("validity", "the expiry date is in the image alone and was not typed");
            return Validity::Unknown;
        }
    };
    let today = day(at);
    if today <= ends {
        report.passed("validity", format!("until {ends}, {source}"));
        return Validity::InDate;
    }
    let applied = match (extension_applied(evidence), declared.extension_applied) {
        (Some(true), _) => Some("an extension is noted on the back of the chip (not signed)"),
        (_, true) => Some("staff saw the note of an extension on the back"),
        (Some(false) | None, false) => None,
    };
    let until = ends.checked_add(Span::new().months(SPECIAL_PERIOD_MONTHS)).unwrap_or(ends);
    match applied {
        Some(note) if today <= until && !evidence.card_type.is_special_permanent() => {
            report.passed("validity", format!("ended {ends}, {source}; special period until {until}: {note}"));
            Validity::SpecialPeriod { until: until.to_string(), evidence: note.to_owned() }
        }
        Some(_) | None => {
            report.failed("validity", Finding::DocumentExpired, format!("ended {ends}, {source}"));
            Validity::Expired { since: ends.to_string() }
        }
    }
}
