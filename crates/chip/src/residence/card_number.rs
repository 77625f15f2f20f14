use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// 在留カード等の番号: two letters, eight digits, two letters. It opens the chip, so it is wiped when dropped.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CardNumber(Zeroizing<String>);

/// A card number consists of two letters, eight digits and two letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a card number consists of two letters, eight digits and two letters")]
pub struct CardNumberError;

impl CardNumber {
    /// Takes the number as printed; small letters are taken as capital ones, spaces around it left out.
    ///
    /// # Errors
    /// Anything that is no card number.
    pub fn parse(text: &str) -> Result<Self, CardNumberError> {
        let number = Zeroizing::new(text.trim().to_ascii_uppercase());
        let fits = number.len() == 12
            && number.bytes().enumerate().all(|(at, byte)| match at {
                2..=9 => byte.is_ascii_digit(),
                _ => byte.is_ascii_uppercase(),
            });
        if fits { Ok(Self(number)) } else { Err(CardNumberError) }
    }

    /// The twelve characters: to compare, to store sealed, never to log.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CardNumber {
    type Error = CardNumberError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&Zeroizing::new(text))
    }
}

impl From<CardNumber> for String {
    fn from(number: CardNumber) -> Self {
        (*number.0).clone()
    }
}

impl std::fmt::Debug for CardNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CardNumber(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_printed_form_is_a_card_number() {
        assert_eq!(CardNumber::parse(" ab12345678cd\n").unwrap().expose(), "AB12345678CD");
        for wrong in ["", "AB1234567CD", "AB12345678C1", "1212345678CD", "AB123456780CD", "AB1234567８CD"] {
            assert_eq!(CardNumber::parse(wrong), Err(CardNumberError), "{wrong}");
        }
    }

    #[test]
    fn it_is_not_printed() {
        let number = CardNumber::parse("AB12345678CD").unwrap();
        assert_eq!(format!("{number:?}"), "CardNumber(..)");
    }
}
