//! What an answer to reset says about the card (ISO/IEC 7816-3, 8.2; ISO/IEC 7816-4, 12.1.1).

/// Whether the card states that it takes extended Lc and Le fields: bit 7 of the third software function in the card capabilities
/// (ISO/IEC 7816-4, 12.1.1.9). `None` when the historical bytes say nothing, as those of a card of type B.
#[must_use]
pub fn extended_length(atr: &[u8]) -> Option<bool> {
    let capabilities = capabilities(historical_bytes(atr)?)?;
    Some(capabilities.get(2)? & 0x40 != 0)
}

/// The characters after the interface characters.
fn historical_bytes(atr: &[u8]) -> Option<&[u8]> {
    let [0x3B | 0x3F, format, rest @ ..] = atr else { return None };
    let mut rest = rest;
    let count = usize::from(format & 0x0F);
    let mut present = format >> 4;
    loop {
        // TA, TB and TC stand before TD, which says what follows it.
        let before = (present & 0b0111).count_ones() as usize;
        rest = rest.get(before..)?;
        if present & 0b1000 == 0 {
            return rest.get(..count);
        }
        let (next, after) = rest.split_first()?;
        present = next >> 4;
        rest = after;
    }
}

/// COMPACT-TLV object `7x`.
fn capabilities(historical: &[u8]) -> Option<&[u8]> {
    let (category, rest) = historical.split_first()?;
    let mut rest = match category {
        // Three status bytes end what begins with 00.
        0x00 => rest.get(..rest.len().checked_sub(3)?)?,
        0x80 => rest,
        _ => return None,
    };
    while let Some((head, after)) = rest.split_first() {
        let (value, next) = after.split_at_checked(usize::from(head & 0x0F))?;
        if head >> 4 == 7 {
            return Some(value);
        }
        rest = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::extended_length;

    #[test]
    fn the_third_software_function_decides() {
        let atr = |third| [0x3B, 0x85, 0x80, 0x01, 0x80, 0x73, 0x84, 0x21, third, 0x00];
        assert_eq!(extended_length(&atr(0xC0)), Some(true));
        assert_eq!(extended_length(&atr(0x80)), Some(false));
    }

    #[test]
    fn other_objects_and_interface_characters_are_passed_over() {
        // TA1, TC1 and TD1; category 00 with an issuer object before the capabilities and three status bytes after.
        let atr = [0x3B, 0xDB, 0x96, 0x00, 0x80, 0x00, 0x00, 0x31, 0xC0, 0x73, 0x00, 0x00, 0x40, 0x07, 0x90, 0x00];
        assert_eq!(extended_length(&atr), None, "one byte short");
        let atr = [0x3B, 0xDA, 0x96, 0x00, 0x80, 0x00, 0x00, 0x31, 0xC0, 0x73, 0x00, 0x00, 0x40, 0x07, 0x90, 0x00];
        assert_eq!(extended_length(&atr), Some(true));
    }

    #[test]
    fn silence_and_nonsense_say_nothing() {
        for atr in [&[][..], &[0x3B], &[0x3B, 0x8F, 0x80, 0x01], &[0x3B, 0x80], &[0x3B, 0x02, 0x80, 0x7F], &[0x00; 8]] {
            assert_eq!(extended_length(atr), None, "{atr:02X?}");
        }
    }
}
