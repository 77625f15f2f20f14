//! Masked forms of numbers (product.md §7).

use crate::choice::DocumentChoice;

/// A document number for a screen: `TR1234567` → `TR****567`, `123456789012` → `********9012`, `AB12345678CD` → `AB******78CD`.
pub(crate) fn on_screen(document: DocumentChoice, number: &str) -> String {
    let (head, tail) = shown(document);
    masked(number, head, tail)
}

/// A document number for print: its end behind a fixed number of stars, so that its length does not show.
pub(crate) fn on_print(document: DocumentChoice, number: &str) -> String {
    let (_, tail) = shown(document);
    let tail = if number.chars().count() > tail + 2 { tail } else { 0 };
    let tail: Vec<char> = number.chars().rev().take(tail).collect();
    format!("*****{}", tail.iter().rev().collect::<String>())
}

/// How many characters at the head and at the tail may be seen.
fn shown(document: DocumentChoice) -> (usize, usize) {
    match document {
        DocumentChoice::DriverLicence => (0, 4),
        DocumentChoice::ResidenceCard
        | DocumentChoice::SpecialPermanentResident
        | DocumentChoice::CombinedCard
        | DocumentChoice::MyNumberCard => (2, 4),
        DocumentChoice::Passport | DocumentChoice::Other => (2, 3),
    }
}

/// Keeps `head` and `tail` characters when at least as many are hidden between them; otherwise hides everything.
fn masked(number: &str, head: usize, tail: usize) -> String {
    let count = number.chars().count();
    let hide_all = count < head + tail + 3;
    number
        .chars()
        .enumerate()
        .map(|(i, c)| if !hide_all && (i < head || i >= count - tail) { c } else { '*' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_as_the_table_says() {
        assert_eq!(on_screen(DocumentChoice::Passport, "TR1234567"), "TR****567");
        assert_eq!(on_print(DocumentChoice::Passport, "TR1234567"), "*****567");
        assert_eq!(on_screen(DocumentChoice::DriverLicence, "123456789012"), "********9012");
        assert_eq!(on_print(DocumentChoice::DriverLicence, "123456789012"), "*****9012");
        assert_eq!(on_screen(DocumentChoice::ResidenceCard, "AB12345678CD"), "AB******78CD");
        assert_eq!(on_print(DocumentChoice::ResidenceCard, "AB12345678CD"), "*****78CD");
    }

    #[test]
    fn a_short_number_is_hidden_whole() {
        assert_eq!(on_screen(DocumentChoice::Passport, "A1234"), "*****");
        assert_eq!(on_print(DocumentChoice::Passport, "A1234"), "*****");
        assert_eq!(on_screen(DocumentChoice::Passport, ""), "");
    }
}
