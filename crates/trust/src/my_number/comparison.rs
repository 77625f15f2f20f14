//! The text of the card against the signature certificate: the same person, written by two systems.

/// How two writings of one item compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Same,
    /// Different only where the certificate says that it could not write the character.
    SameButSubstitutes,
    Differs,
}

/// Compares a text of the card with the one of the certificate. `substitutes` is a `0` or `1` for every character of the
/// certificate's text, `1` where another one stands in [C: the form was not read in a specification]; in any other form it says
/// nothing, and the texts must be the same.
pub(super) fn compare(card: &str, certificate: &str, substitutes: Option<&str>) -> Comparison {
    let (card, written) = (folded(card), folded(certificate));
    if card == written {
        return Comparison::Same;
    }
    let flags: Vec<bool> = substitutes.unwrap_or_default().chars().map(|flag| flag == '1').collect();
    if card.len() != written.len() || flags.len() != written.len() {
        return Comparison::Differs;
    }
    let excused = card.iter().zip(&written).zip(flags).all(|((one, other), flag)| flag || one == other);
    if excused { Comparison::SameButSubstitutes } else { Comparison::Differs }
}

/// Characters as they are compared: all spaces alike, and without the selectors of a glyph's variant.
fn folded(text: &str) -> Vec<char> {
    text.trim()
        .chars()
        .filter(|character| !matches!(character, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}'))
        .map(|character| if character.is_whitespace() { ' ' } else { character })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_and_variants_are_no_difference() {
        assert_eq!(compare("見本　花子", "見本 花子", None), Comparison::Same);
        assert_eq!(compare("葛\u{E0100}城", "葛城", None), Comparison::Same);
        assert_eq!(compare("見本　花子", "見本　太郎", None), Comparison::Differs);
    }

    #[test]
    fn only_marked_characters_may_differ() {
        assert_eq!(compare("髙橋　花", "高橋　花", Some("1000")), Comparison::SameButSubstitutes);
        assert_eq!(compare("髙橋　花", "高橋　花", Some("0000")), Comparison::Differs);
        assert_eq!(compare("髙橋　花", "高橋　花", Some("1")), Comparison::Differs);
        assert_eq!(compare("髙橋　花", "高橋　花子", Some("10001")), Comparison::Differs);
    }
}
