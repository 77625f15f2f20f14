//! Scanned black-and-white images of residence cards: TIFF with CCITT G4 (MMR), the header checked before anything is allocated.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult, Limits};

use crate::portrait::{ImageError, MAX_SIDE, Pixels};

/// Pixels of one image: G4 makes a page of nothing from a few bytes. A front side scanned at 600 dpi has 2.5 million.
const MAX_PIXELS: u64 = 16 * 1024 * 1024;

/// Width and height of the first image, if it is one that is decoded.
///
/// # Errors
/// `Format` for other files and for images of more than one bit a pixel, `Limit`, `Header`.
pub fn header(bytes: &[u8]) -> Result<(u32, u32), ImageError> {
    guarded(bytes, |bytes| open(bytes).map(|(_, size)| size))
}

/// Decodes the first image of a file.
///
/// # Errors
/// As [`header`] before anything is decoded; `Data` for damaged content.
pub fn decode(bytes: &[u8]) -> Result<Pixels, ImageError> {
    guarded(bytes, |bytes| {
        let (mut decoder, (width, height)) = open(bytes)?;
        let DecodingResult::U8(rows) = decoder.read_image().map_err(|_| ImageError::Data)? else {
            return Err(ImageError::Data);
        };
        expand(&rows, width, height)
    })
}

/// The decoder is written by others for files of good will; a panic in it is a bad image, not a dead kiosk.
fn guarded<T>(bytes: &[u8], work: impl FnOnce(&[u8]) -> Result<T, ImageError>) -> Result<T, ImageError> {
    if !bytes.starts_with(b"II*\0") && !bytes.starts_with(b"MM\0*") {
        return Err(ImageError::Format);
    }
    catch_unwind(AssertUnwindSafe(|| work(bytes))).unwrap_or(Err(ImageError::Data))
}

/// The decoder takes no limits before it has read the first directory, so that is looked at here: every value in it must lie within
/// the file (TIFF 6.0, section 2), or a few bytes could ask for megabytes.
fn check_directory(bytes: &[u8]) -> Result<(), ImageError> {
    let little = bytes.starts_with(b"II");
    let number = |at: usize, length: usize| {
        let digits = bytes.get(at..at.checked_add(length)?)?;
        let step = |value: usize, digit: &u8| value << 8 | usize::from(*digit);
        Some(if little { digits.iter().rev().fold(0, step) } else { digits.iter().fold(0, step) })
    };
    let within = || {
        let directory = number(4, 4)?;
        let entries = number(directory, 2)?;
        (0..entries).try_for_each(|entry| {
            let at = directory.checked_add(2)?.checked_add(entry.checked_mul(12)?)?;
            let size = match number(at.checked_add(2)?, 2)? {
                1 | 2 | 6 | 7 => 1,
                3 | 8 => 2,
                4 | 9 | 11 | 13 => 4,
                _ => 8,
            };
            let length = number(at.checked_add(4)?, 4)?.checked_mul(size)?;
            (length <= bytes.len()).then_some(())
        })
    };
    within().ok_or(ImageError::Header)
}

type Opened<'a> = (Decoder<Cursor<&'a [u8]>>, (u32, u32));

fn open(bytes: &[u8]) -> Result<Opened<'_>, ImageError> {
    check_directory(bytes)?;
    let mut limits = Limits::default();
    limits.decoding_buffer_size = 4 * 1024 * 1024;
    limits.intermediate_buffer_size = 4 * 1024 * 1024;
    limits.ifd_value_size = 64 * 1024;
    let mut decoder = Decoder::new(Cursor::new(bytes)).map_err(|_| ImageError::Header)?.with_limits(limits);
    let (width, height) = decoder.dimensions().map_err(|_| ImageError::Header)?;
    let sides = (1..=MAX_SIDE).contains(&width) && (1..=MAX_SIDE).contains(&height);
    if !sides || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(ImageError::Limit { width, height });
    }
    if decoder.colortype().map_err(|_| ImageError::Header)? != ColorType::Gray(1) {
        return Err(ImageError::Format);
    }
    Ok((decoder, (width, height)))
}

/// Eight pixels a byte, rows on byte boundaries. The library has inverted what says "white is zero": a set bit is white.
fn expand(rows: &[u8], width: u32, height: u32) -> Result<Pixels, ImageError> {
    let (columns, lines) = (width as usize, height as usize);
    let stride = columns.div_ceil(8);
    if rows.len() != stride * lines {
        return Err(ImageError::Data);
    }
    let mut rgb = Vec::with_capacity(columns * lines * 3);
    for row in rows.chunks_exact(stride) {
        let bits = row.iter().flat_map(|byte| (0..8).map(move |at| byte & (0x80 >> at) != 0));
        for white in bits.take(columns) {
            rgb.extend_from_slice(&[if white { 0xFF } else { 0 }; 3]);
        }
    }
    Ok(Pixels { width, height, rgb })
}
