//! Writing JIS X 0208 as two bytes a character.

use encoding_rs::EUC_JP;

/// A character that JIS X 0208 does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("U+{0:04X} is not in JIS X 0208")]
pub struct JisError(u32);

/// Encodes a text; the private characters U+E000 to U+E006 and U+E009 stand for external ones.
///
/// # Errors
/// [`JisError`].
pub fn jis(text: &str) -> Result<Vec<u8>, JisError> {
    let mut out = Vec::with_capacity(text.len());
    for character in text.chars() {
        let code = u32::from(character);
        match code {
            0xE000..=0xE006 => out.extend([0xFF, 0xF1 + (code - 0xE000) as u8]),
            0xE009 => out.extend([0xFF, 0xFA]),
            _ => {
                let mut buffer = [0; 4];
                let (bytes, _, failed) = EUC_JP.encode(character.encode_utf8(&mut buffer));
                match *bytes {
                    [high @ 0xA1..=0xFE, low @ 0xA1..=0xFE] if !failed => out.extend([high & 0x7F, low & 0x7F]),
                    _ => return Err(JisError(code)),
                }
            }
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_seven_bit_pairs() {
        assert_eq!(jis("見本　\u{E000}\u{E009}"), Ok(b"\x38\x2B\x4B\x5C\x21\x21\xFF\xF1\xFF\xFA".to_vec()));
        assert_eq!(jis("A"), Err(JisError(0x41)));
        assert_eq!(jis("ｱ"), Err(JisError(0xFF71)));
    }
}
