//! JIS X 0208 text with external characters (§1.5).

use encoding_rs::EUC_JP;

/// A text of a licence, character by character.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct LicenceText(Vec<Character>);

/// One character of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Character {
    /// A character of JIS X 0208.
    Plain(char),
    /// 外字 1 to 7: drawn on the card, in no code.
    Gaiji(u8),
    /// 欠字: a character that could not be put on the card.
    Missing,
}

/// The text ends in half a character or has one that is in no row of JIS X 0208.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no text of JIS X 0208")]
pub struct TextError;

impl LicenceText {
    /// Reads pairs of seven-bit codes without escapes.
    ///
    /// # Errors
    /// [`TextError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, TextError> {
        let (pairs, rest) = bytes.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(TextError);
        }
        pairs.iter().map(|pair| character(*pair)).collect::<Result<_, _>>().map(Self)
    }

    /// The characters.
    #[must_use]
    pub fn characters(&self) -> &[Character] {
        &self.0
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Numbers of the external characters it refers to.
    pub fn gaiji(&self) -> impl Iterator<Item = u8> + '_ {
        self.0.iter().filter_map(|character| match character {
            Character::Gaiji(number) => Some(*number),
            Character::Plain(_) | Character::Missing => None,
        })
    }
}

/// External characters stay visible as 【※n】, missing ones as 【※欠】: never replaced silently.
impl std::fmt::Display for LicenceText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for character in &self.0 {
            match character {
                Character::Plain(character) => write!(f, "{character}")?,
                Character::Gaiji(number) => write!(f, "【※{number}】")?,
                Character::Missing => f.write_str("【※欠】")?,
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for LicenceText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LicenceText({} characters)", self.0.len())
    }
}

impl std::fmt::Debug for Character {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Plain(_) => f.write_str("Plain(..)"),
            Self::Gaiji(number) => write!(f, "Gaiji({number})"),
            Self::Missing => f.write_str("Missing"),
        }
    }
}

fn character(pair: [u8; 2]) -> Result<Character, TextError> {
    match pair {
        [0xFF, 0xFA] => Ok(Character::Missing),
        [0xFF, low @ 0xF1..=0xF7] => Ok(Character::Gaiji(low & 0x0F)),
        [0x21..=0x7E, 0x21..=0x7E] => {
            // JIS X 0208 is the first set of EUC-JP with both high bits set.
            let [high, low] = pair.map(|byte| byte | 0x80);
            let decoded =
                EUC_JP.decode_without_bom_handling_and_without_replacement(&[high, low]).ok_or(TextError)?.into_owned();
            let mut characters = decoded.chars();
            match (characters.next(), characters.next()) {
                (Some(character), None) => Ok(Character::Plain(character)),
                _ => Err(TextError),
            }
        }
        _ => Err(TextError),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_text_and_keeps_external_characters() {
        let text = LicenceText::parse(b"\x38\x2B\x4B\x5C\x21\x21\xFF\xF1\x42\x40\xFF\xFA\xFF\xF7").unwrap();
        assert_eq!(text.to_string(), "見本　【※1】太【※欠】【※7】");
        assert_eq!(text.gaiji().collect::<Vec<_>>(), [1, 7]);
        assert_eq!(format!("{text:?}"), "LicenceText(7 characters)");
    }

    #[test]
    fn refuses_halves_and_what_is_in_no_row() {
        for bytes in [&b"\x38"[..], b"\xFF\xF8", b"\xFF\xFF", b"\x20\x21", b"\x7E\x7E", b"\xB8\xAB"] {
            assert_eq!(LicenceText::parse(bytes), Err(TextError), "{bytes:02X?}");
        }
    }
}
