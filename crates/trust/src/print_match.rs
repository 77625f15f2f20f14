//! The data page against the chip: what was typed or read from paper must be what DG1 says.

use chip::mrtd::{MrzFields, MrzKey};

use crate::finding::Finding;
use crate::verdict::{ChipVerdict, HolderFields, PrintMatch};

impl ChipVerdict {
    /// Compares the key the chip was opened with (number, YYMMDD of birth and expiry) with DG1. A chip that opens with one
    /// document's key and shows another's data is not the chip of that document.
    pub fn compare_access_key(&mut self, document_number: &str, birth: &str, expiry: &str) {
        let number = document_number.trim_end_matches('<');
        let differs = [
            ("document_number", &self.fields.document_number, number.to_owned()),
            ("birth_date", &self.fields.birth_date.as_deref().map(short), birth.replace('<', "X")),
            ("expiry_date", &self.fields.expiry_date.as_deref().map(short), expiry.to_owned()),
        ];
        let fields = differing(&differs);
        self.note_print(fields, Finding::AccessKeyMrzMismatch);
    }

    /// Compares the key that opened the chip with that of DG1, both as derived from a machine readable zone.
    pub(crate) fn compare_keys(&mut self, opened_with: &MrzKey, dg1: &MrzKey) {
        let names = ["document_number", "birth_date", "expiry_date"];
        let pairs = opened_with.fields().into_iter().zip(dg1.fields());
        let differing = names.into_iter().zip(pairs).filter(|(_, (printed, chip))| printed != chip);
        self.note_print(differing.map(|(name, _)| name.to_owned()).collect(), Finding::AccessKeyMrzMismatch);
    }

    /// Compares a printed MRZ with DG1, field by field.
    pub fn compare_print(&mut self, printed: &MrzFields) {
        let HolderFields {
            surname,
            given_names,
            birth_date,
            nationality,
            issuing_state,
            document_number,
            expiry_date,
            ..
        } = &self.fields;
        let differs = [
            ("surname", surname, printed.surname.clone()),
            ("given_names", given_names, printed.given_names.clone()),
            ("birth_date", &birth_date.as_deref().map(short), printed.birth.replace('<', "X")),
            ("nationality", nationality, printed.nationality.clone()),
            ("issuing_state", issuing_state, printed.issuing_state.clone()),
            ("document_number", document_number, printed.document_number.clone()),
            ("expiry_date", &expiry_date.as_deref().map(short), printed.expiry.clone()),
        ];
        let fields = differing(&differs);
        self.note_print(fields, Finding::MrzDg1Mismatch);
    }

    fn note_print(&mut self, fields: Vec<String>, finding: Finding) {
        // Without DG1 there is nothing to compare with, and the verdict says so elsewhere.
        if self.fields.document_number.is_none() {
            return;
        }
        if fields.is_empty() {
            if self.print_match == PrintMatch::NotChecked {
                self.print_match = PrintMatch::Match;
            }
            return;
        }
        self.print_match = PrintMatch::Differs { fields };
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
            Finding::sort(&mut self.findings);
        }
    }
}

fn differing(pairs: &[(&str, &Option<String>, String)]) -> Vec<String> {
    pairs
        .iter()
        .filter(|(_, chip, printed)| chip.as_deref().unwrap_or_default() != printed)
        .map(|(name, _, _)| (*name).to_owned())
        .collect()
}

/// `YYYY-MM-DD` as the MRZ writes it.
fn short(date: &str) -> String {
    date.get(2..).unwrap_or_default().replace('-', "")
}
