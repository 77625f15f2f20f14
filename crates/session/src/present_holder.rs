//! What a chip says about its holder, line by line (product.md §6, §7): the white list, in the order it is shown.

use trust::licence::LicenceFields;
use trust::residence::{Coded, ResidenceFields};

use crate::choice::{DocumentChoice, HolderField};
use crate::masking;
use crate::state::Judged;
use crate::view::HolderLine;

/// The lines of a document; what it does not state has none. Sex is never shown.
pub(crate) fn holder_lines(judged: &Judged, staff: bool) -> Vec<HolderLine> {
    let (document, fields) = (judged.chosen.document, &judged.verdict.fields);
    let mut lines = Lines { lines: Vec::new(), changes: fields.licence.as_ref() };
    lines.add(HolderField::Surname, fields.surname.as_ref());
    lines.add(HolderField::GivenNames, fields.given_names.as_ref());
    lines.add(HolderField::Name, fields.name.as_ref());
    if let Some(licence) = &fields.licence {
        lines.add(HolderField::Kana, licence.kana.as_ref());
        lines.add(HolderField::Alias, licence.alias.as_ref());
    }
    lines.add(HolderField::Birth, fields.birth_date.as_ref());
    lines.add(HolderField::Nationality, fields.nationality.as_ref());
    if document == DocumentChoice::Passport {
        lines.add(HolderField::IssuingState, fields.issuing_state.as_ref());
    }
    lines.add(HolderField::Address, fields.address.as_ref());
    if let Some(residence) = &fields.residence {
        lines.residence(residence);
    }
    let number = fields.document_number.as_deref().map(|number| masking::on_screen(document, number));
    lines.add(HolderField::DocumentNumber, number.as_ref());
    if let Some(licence) = &fields.licence {
        lines.add(HolderField::IssueDate, licence.issue_date.as_ref());
    }
    // The face of a My Number card states its expiry outside every signature; what staff read from a card nobody signed either.
    let printed = judged.printed_expiry.map(|expiry| expiry.to_string());
    let unsigned = document == DocumentChoice::MyNumberCard || printed.is_some();
    lines.put(HolderField::Expiry, fields.expiry_date.as_ref().or(printed.as_ref()), unsigned);
    if let Some(licence) = fields.licence.as_ref().filter(|_| staff) {
        lines.add(HolderField::Issuer, licence.issuer.as_ref());
    }
    lines.lines
}

struct Lines<'a> {
    lines: Vec<HolderLine>,
    changes: Option<&'a LicenceFields>,
}

impl Lines<'_> {
    fn add(&mut self, field: HolderField, value: Option<&String>) {
        self.put(field, value, false);
    }

    fn put(&mut self, field: HolderField, value: Option<&String>, unsigned: bool) {
        let Some(value) = value.filter(|value| !value.is_empty()).cloned() else { return };
        let changes = self.changes.map(|licence| licence.changes.as_slice()).unwrap_or_default();
        let changed_on = changes.iter().rfind(|change| change.field == field.id()).map(|change| change.date.clone());
        self.lines.push(HolderLine { field, value, changed_on, unsigned });
    }

    fn residence(&mut self, residence: &ResidenceFields) {
        // The back of the card is signed by nobody.
        self.put(HolderField::Address, residence.unsigned.address.as_ref(), true);
        for (field, coded) in [
            (HolderField::StatusOfResidence, &residence.status_of_residence),
            (HolderField::PeriodOfStay, &residence.period_of_stay),
            (HolderField::WorkRestriction, &residence.work_restriction),
            (HolderField::Permission, &residence.permission),
        ] {
            self.add(field, coded.as_ref().map(meaning).as_ref());
        }
        self.add(HolderField::EndOfStay, residence.end_of_stay.as_ref());
    }
}

/// A code without a table stands as it is.
fn meaning(coded: &Coded) -> String {
    coded.meaning.clone().unwrap_or_else(|| coded.code.clone())
}
