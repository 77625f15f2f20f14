//! DF2/EF01 写真: `5F40` and a monochrome JPEG 2000, at most 2000 bytes. Its size in pixels is nowhere stated.

use super::field::{Field, FieldError, FieldFault};
use super::layout::LicenceFile;

/// Greatest length of the image. [A]
const MAX_PHOTO: usize = 2000;

/// The image's bytes; `None` for a card without a photo.
pub(super) fn parse(bytes: &[u8]) -> Result<Option<Vec<u8>>, FieldError> {
    let error = |fault| FieldError { file: LicenceFile::Photo, tag: 0x5F, fault };
    if bytes.iter().all(|byte| *byte == 0xFF) {
        return Ok(None);
    }
    let photo = field(bytes).ok_or(error(FieldFault::Truncated))?.value;
    if photo.len() > MAX_PHOTO {
        return Err(error(FieldFault::Length));
    }
    Ok(Some(photo.to_vec()).filter(|photo| !photo.is_empty()))
}

/// The one field of the file, for the digest.
pub(super) fn fields(bytes: &[u8]) -> Vec<Field<'_>> {
    field(bytes).into_iter().collect()
}

fn field(bytes: &[u8]) -> Option<Field<'_>> {
    let (header, rest, length) = match bytes {
        [0x5F, 0x40, 0x82, high, low, rest @ ..] => (5, rest, usize::from(u16::from_be_bytes([*high, *low]))),
        [0x5F, 0x40, 0x81, length, rest @ ..] => (4, rest, usize::from(*length)),
        [0x5F, 0x40, length @ ..=0x7F, rest @ ..] => (3, rest, usize::from(*length)),
        _ => return None,
    };
    let (value, _) = rest.split_at_checked(length)?;
    Some(Field { tag: 0x5F, value, whole: bytes.get(..header + length)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_form_is_read() {
        assert_eq!(parse(&[0x5F, 0x40, 0x82, 0, 2, 7, 8, 0xFF]), Ok(Some(vec![7, 8])));
        assert_eq!(parse(&[0x5F, 0x40, 0x81, 1, 7]), Ok(Some(vec![7])));
        assert_eq!(parse(&[0x5F, 0x40, 0x00, 0xFF]), Ok(None));
        assert_eq!(parse(&[0xFF; 8]), Ok(None));
    }

    #[test]
    fn a_photo_that_is_cut_off_or_too_long_is_refused() {
        let fault = |bytes: &[u8]| parse(bytes).err().map(|error| error.fault);
        assert_eq!(fault(&[0x5F, 0x40, 0x82, 0, 3, 7, 8]), Some(FieldFault::Truncated));
        let long = [&[0x5F, 0x40, 0x82, 0x07, 0xD1][..], &[0; 2001]].concat();
        assert_eq!(fault(&long), Some(FieldFault::Length));
    }
}
