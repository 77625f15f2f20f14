//! What a reader says it carries (PC/SC part 10, 2.2 and 2.6.14).

use kiosk::ReaderKind;

use crate::kind::kind_of;

const GET_FEATURE_REQUEST: u32 = 3400;
const FEATURE_GET_TLV_PROPERTIES: u8 = 0x12;
/// dwMaxAPDUDataSize, four bytes, least significant first; 256 and less mean short APDUs alone.
const MAX_APDU_DATA_SIZE: u8 = 0x0A;
/// The virtual reader sends lengths as two bytes; two of an answer are its status word.
const VIRTUAL: u32 = 0xFFFD;

/// Greatest Ne the reader carries; `None` when it takes short APDUs alone, or does not say: then longer ones are not tried, because a
/// reader that cannot carry them may lose the card over it.
pub(crate) fn extended_length(reader: &str, card: &pcsc::Card) -> Option<u32> {
    if kind_of(reader, None) == ReaderKind::Virtual {
        return Some(VIRTUAL);
    }
    let mut buffer = [0; 264];
    let features = card.control(pcsc::ctl_code(GET_FEATURE_REQUEST.into()), &[], &mut buffer).ok()?;
    let code: [u8; 4] = property(features, FEATURE_GET_TLV_PROPERTIES)?.try_into().ok()?;
    let mut buffer = [0; 264];
    let properties = card.control(u32::from_be_bytes(code).into(), &[], &mut buffer).ok()?;
    data_size(properties)
}

fn data_size(properties: &[u8]) -> Option<u32> {
    let size: [u8; 4] = property(properties, MAX_APDU_DATA_SIZE)?.try_into().ok()?;
    Some(u32::from_le_bytes(size)).filter(|size| *size > 256).map(|size| size.min(0x1_0000))
}

/// The value of a tag in a row of one-byte tag, one-byte length, value.
fn property(mut row: &[u8], tag: u8) -> Option<&[u8]> {
    while let [found, length, rest @ ..] = row {
        let (value, after) = rest.split_at_checked(usize::from(*length))?;
        if *found == tag {
            return Some(value);
        }
        row = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_found_among_other_properties() {
        let properties = [0x01, 0x02, 0x10, 0x00, 0x0A, 0x04, 0x00, 0x00, 0x01, 0x00, 0x0B, 0x02, 0x50, 0x04];
        assert_eq!(data_size(&properties), Some(0x1_0000));
    }

    #[test]
    fn a_reader_of_short_commands_and_a_row_cut_short_carry_nothing_longer() {
        assert_eq!(data_size(&[0x0A, 0x04, 0x00, 0x01, 0x00, 0x00]), None);
        assert_eq!(data_size(&[0x0A, 0x04, 0x00, 0x00]), None);
        assert_eq!(data_size(&[]), None);
    }
}
