use serde::{Deserialize, Serialize};

/// How text was decoded. Sources disagree on the first generation: one says UTF-8, another a JIS family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextEncoding {
    /// Strict UTF-8.
    Utf8,
    /// Windows-31J, where UTF-8 was not possible.
    ShiftJis,
}

/// Text of a card without its padding.
#[derive(Clone, PartialEq, Eq)]
pub struct CardText {
    /// The characters.
    pub text: String,
    /// How they were found.
    pub encoding: TextEncoding,
}

impl std::fmt::Debug for CardText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CardText({:?}, ..)", self.encoding)
    }
}

impl CardText {
    /// Decodes: NUL padding off, then UTF-8; where `or_shift_jis`, Shift_JIS after it. `None` when neither fits.
    pub(super) fn decode(raw: &[u8], or_shift_jis: bool) -> Option<Self> {
        let end = raw.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let bytes = raw.get(..end).unwrap_or_default();
        let (text, encoding) = match std::str::from_utf8(bytes) {
            Ok(text) => (text.to_owned(), TextEncoding::Utf8),
            Err(_) if or_shift_jis => {
                let text = encoding_rs::SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes)?;
                (text.into_owned(), TextEncoding::ShiftJis)
            }
            Err(_) => return None,
        };
        // Control characters have no place in an address; a screen or printer may obey them.
        if text.chars().any(|character| character.is_control() && !matches!(character, '\n' | '\r' | '\t')) {
            return None;
        }
        Some(Self { text: text.trim().to_owned(), encoding })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf8_comes_before_shift_jis_and_padding_goes() {
        let utf8 = CardText::decode("東京都\0\0\0".as_bytes(), true).unwrap();
        assert_eq!((utf8.text.as_str(), utf8.encoding), ("東京都", TextEncoding::Utf8));
        let sjis = CardText::decode(&[0x93, 0x8C, 0x8B, 0x9E, 0x93, 0x73, 0, 0], true).unwrap();
        assert_eq!((sjis.text.as_str(), sjis.encoding), ("東京都", TextEncoding::ShiftJis));
        assert_eq!(CardText::decode(&[0x93, 0x8C, 0x8B, 0x9E], false), None);
        assert_eq!(CardText::decode(&[0x81, 0xFF], true), None);
        assert_eq!(CardText::decode(b"a\x1b[2J", true), None);
        assert_eq!(CardText::decode(&[0; 20], true).unwrap().text, "");
    }
}
