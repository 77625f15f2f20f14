//! Whether bytes are one whole JPEG (ITU-T T.81, annex B), without decoding them.

/// Greatest JPEG taken from a camera or a file.
pub const MAX_BYTES: usize = 16 << 20;
/// Greatest width and height.
pub const MAX_SIDE: u32 = 4_096;

/// What a walk over the markers found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JpegShape {
    pub width: u32,
    pub height: u32,
    /// Bytes from SOI through EOI; some cameras pad after that.
    pub length: usize,
    /// Whether Huffman tables are in it; some cameras leave out the usual ones.
    pub has_tables: bool,
}

/// Why bytes are not a JPEG.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JpegFault {
    #[error("the bytes do not begin with FFD8")]
    NotJpeg,
    #[error("the picture ends before its end marker")]
    Truncated,
    #[error("a marker stands where none may")]
    Malformed,
    #[error("the picture has {width} x {height} pixels")]
    Dimensions { width: u32, height: u32 },
    #[error("the picture has {length} bytes")]
    TooLarge { length: usize },
}

/// Walks the markers of the JPEG at the start of `bytes`.
///
/// # Errors
/// What keeps it from being one whole picture.
pub fn inspect(bytes: &[u8]) -> Result<JpegShape, JpegFault> {
    if !bytes.starts_with(&[0xFF, 0xD8]) {
        return Err(JpegFault::NotJpeg);
    }
    let mut at = 2;
    let mut size = None;
    let mut has_tables = false;
    let mut scanned = false;
    loop {
        let marker = next_marker(bytes, &mut at)?;
        if at > MAX_BYTES {
            return Err(JpegFault::TooLarge { length: at });
        }
        match marker {
            0xD9 => {
                let (Some((width, height)), true) = (size, scanned) else {
                    return Err(JpegFault::Malformed);
                };
                return Ok(JpegShape { width, height, length: at, has_tables });
            }
            0x01 | 0xD0..=0xD7 => {}
            0x00 | 0xD8 => return Err(JpegFault::Malformed),
            _ => {
                let segment = segment(bytes, &mut at)?;
                match marker {
                    0xC4 => has_tables = true,
                    0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => size = Some(dimensions(segment)?),
                    0xDA => {
                        scanned = true;
                        skip_scan(bytes, &mut at)?;
                    }
                    _ => {}
                }
            }
        }
    }
}

fn next_marker(bytes: &[u8], at: &mut usize) -> Result<u8, JpegFault> {
    match bytes.get(*at) {
        Some(0xFF) => {}
        Some(_) => return Err(JpegFault::Malformed),
        None => return Err(JpegFault::Truncated),
    }
    // Any number of FF may fill up before a marker (B.1.1.2).
    while bytes.get(*at) == Some(&0xFF) {
        *at += 1;
    }
    let marker = *bytes.get(*at).ok_or(JpegFault::Truncated)?;
    *at += 1;
    Ok(marker)
}

fn segment<'a>(bytes: &'a [u8], at: &mut usize) -> Result<&'a [u8], JpegFault> {
    let rest = bytes.get(*at..).unwrap_or_default();
    let (length, _) = rest.split_first_chunk::<2>().ok_or(JpegFault::Truncated)?;
    let length = usize::from(u16::from_be_bytes(*length));
    if length < 2 {
        return Err(JpegFault::Malformed);
    }
    let segment = rest.get(2..length).ok_or(JpegFault::Truncated)?;
    *at += length;
    Ok(segment)
}

fn dimensions(frame_header: &[u8]) -> Result<(u32, u32), JpegFault> {
    let &[_, h1, h0, w1, w0, ..] = frame_header else {
        return Err(JpegFault::Malformed);
    };
    let (width, height) = (u32::from(u16::from_be_bytes([w1, w0])), u32::from(u16::from_be_bytes([h1, h0])));
    if width == 0 || height == 0 || width > MAX_SIDE || height > MAX_SIDE {
        return Err(JpegFault::Dimensions { width, height });
    }
    Ok((width, height))
}

/// Moves to the marker that ends the entropy-coded data; stuffed FF00 and restart markers belong to the data (B.1.1.5).
fn skip_scan(bytes: &[u8], at: &mut usize) -> Result<(), JpegFault> {
    loop {
        let rest = bytes.get(*at..).unwrap_or_default();
        let step = rest.iter().position(|byte| *byte == 0xFF).ok_or(JpegFault::Truncated)?;
        *at += step;
        match bytes.get(*at + 1) {
            None => return Err(JpegFault::Truncated),
            Some(0x00 | 0xD0..=0xD7) => *at += 2,
            Some(0xFF) => *at += 1,
            Some(_) => return Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::{Picture, encode};

    fn sample() -> Vec<u8> {
        let rgb = (0..64 * 48 * 3).map(|i| (i * 7 % 251) as u8).collect();
        encode(&Picture { width: 64, height: 48, rgb }).unwrap().jpeg
    }

    #[test]
    fn a_whole_picture_has_its_dimensions_and_length() {
        let whole = sample();
        let shape = JpegShape { width: 64, height: 48, length: whole.len(), has_tables: true };
        assert_eq!(inspect(&whole), Ok(shape));
        let padded = [whole.as_slice(), &[0; 100]].concat();
        assert_eq!(inspect(&padded), Ok(shape));
    }

    #[test]
    fn a_picture_cut_anywhere_is_truncated() {
        let whole = sample();
        for length in 2..whole.len() {
            assert_eq!(inspect(&whole[..length]), Err(JpegFault::Truncated), "cut to {length}");
        }
    }

    #[test]
    fn other_bytes_are_not_jpeg() {
        assert_eq!(inspect(&[]), Err(JpegFault::NotJpeg));
        assert_eq!(inspect(b"\x89PNG\r\n\x1a\n"), Err(JpegFault::NotJpeg));
        assert_eq!(inspect(&[0x80; 640 * 480 * 2]), Err(JpegFault::NotJpeg));
    }

    #[test]
    fn declared_dimensions_are_checked_before_anything_is_decoded() {
        let mut huge = sample();
        let frame_header = huge.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
        huge[frame_header + 5..frame_header + 9].fill(0xFF);
        assert_eq!(inspect(&huge), Err(JpegFault::Dimensions { width: 65_535, height: 65_535 }));
    }

    #[test]
    fn no_single_changed_byte_makes_it_panic() {
        let whole = sample();
        for index in 0..whole.len() {
            for value in [0x00, 0x7F, 0xD8, 0xD9, 0xDA, 0xFF] {
                let mut changed = whole.clone();
                changed[index] = value;
                let _ = inspect(&changed);
            }
        }
    }
}
