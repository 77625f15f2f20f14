use kiosk::ReaderKind;

/// Decides which face of a reader this is: by the ATR of the card in it where there is one, else by what the name says of the
/// reader's capability. The order of names decides nothing: the two faces of a dual reader come in either order.
#[must_use]
pub fn kind_of(reader: &str, atr: Option<&[u8]>) -> ReaderKind {
    let name = reader.to_lowercase();
    if VIRTUAL.iter().any(|word| name.contains(word)) {
        return ReaderKind::Virtual;
    }
    if let Some(atr) = atr
        && !atr.is_empty()
    {
        return if is_contactless_atr(atr) { ReaderKind::Contactless } else { ReaderKind::Contact };
    }
    let said = |words: &[&str]| {
        name.split(|c: char| !c.is_alphanumeric())
            .any(|part| words.contains(&part) || words.iter().any(|w| w.len() > 4 && part.contains(w)))
    };
    if said(CONTACTLESS) { ReaderKind::Contactless } else { ReaderKind::Contact }
}

/// PC/SC part 3, 3.1.3.2.3: the ATR a reader makes up for a contactless card is 3B 8n 80 01, then n historical bytes and TCK.
fn is_contactless_atr(atr: &[u8]) -> bool {
    let [0x3B, t0, 0x80, 0x01, rest @ ..] = atr else {
        return false;
    };
    t0 & 0xF0 == 0x80 && rest.len() == usize::from(t0 & 0x0F) + 1
}

const VIRTUAL: &[&str] = &["virtual", "vpcd"];
const CONTACTLESS: &[&str] = &["picc", "contactless", "nfc", "rfid", "felica", "pasori", "cl", "5422cl", "5427"];

#[cfg(test)]
mod tests {
    use super::*;

    const MADE_UP_BY_READER: &[u8] = &[0x3B, 0x84, 0x80, 0x01, 0x80, 0x82, 0x90, 0x00, 0x97];
    const MADE_BY_CARD: &[u8] = &[0x3B, 0xE0, 0x00, 0xFF, 0x81, 0x31, 0xFE, 0x45, 0x14];

    #[test]
    fn the_atr_decides_whatever_the_name_says() {
        assert_eq!(kind_of("OMNIKEY 5422CL 01 00", Some(MADE_BY_CARD)), ReaderKind::Contact);
        assert_eq!(kind_of("Some Reader 00 00", Some(MADE_UP_BY_READER)), ReaderKind::Contactless);
    }

    #[test]
    fn without_a_card_the_capability_in_the_name_decides() {
        assert_eq!(kind_of("ACS ACR1252 1S CL Reader PICC 0", None), ReaderKind::Contactless);
        assert_eq!(kind_of("SONY FeliCa RC-S300/P 0", None), ReaderKind::Contactless);
        assert_eq!(kind_of("HID OMNIKEY 5422 [OMNIKEY 5422CL Smartcard Reader] 00 00", None), ReaderKind::Contactless);
        assert_eq!(kind_of("Gemalto PC Twin Reader 00 00", None), ReaderKind::Contact);
        assert_eq!(kind_of("Clever Reader 00 00", Some(&[])), ReaderKind::Contact);
    }

    #[test]
    fn a_virtual_reader_is_virtual_whatever_its_card_claims() {
        assert_eq!(kind_of("Virtual PCD 00 00", Some(MADE_UP_BY_READER)), ReaderKind::Virtual);
    }

    #[test]
    fn a_contactless_atr_has_the_length_it_declares() {
        assert!(!is_contactless_atr(&MADE_UP_BY_READER[..8]));
        assert!(!is_contactless_atr(&[0x3B, 0x84, 0x80]));
        assert!(!is_contactless_atr(&[]));
    }
}
