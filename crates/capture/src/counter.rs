//! A number drawn into a picture so that it survives JPEG: forty cells of black or white along the bottom.

use crate::encode::{Picture, decode};

const CELLS: usize = 40;
const BITS: u32 = 24;
/// Four cells on each side that no picture has by chance together with a right checksum.
const HEAD: u64 = 0b1010;
const TAIL: u64 = 0b0101;

/// Reads the counter from a JPEG; `None` when there is none.
#[must_use]
pub fn read_jpeg(bytes: &[u8]) -> Option<u32> {
    read(&decode(bytes).ok()?)
}

/// The counter's value for a picture's place in time.
pub(crate) fn value(index: u64) -> u32 {
    (index % (1 << BITS)) as u32
}

/// Height of the strip of cells.
pub(crate) fn strip(picture_width: u32) -> u32 {
    picture_width / CELLS as u32
}

pub(crate) fn draw(picture: &mut Picture, value: u32) {
    let side = strip(picture.width) as usize;
    let (width, height) = (picture.width as usize, picture.height as usize);
    let pattern = pattern(value);
    for row in height.saturating_sub(side)..height {
        for cell in 0..CELLS {
            let shade = if pattern >> (CELLS - 1 - cell) & 1 == 1 { 255 } else { 0 };
            let start = (row * width + cell * side) * 3;
            picture.rgb[start..start + side * 3].fill(shade);
        }
    }
}

pub(crate) fn read(picture: &Picture) -> Option<u32> {
    let side = strip(picture.width) as usize;
    let (width, height) = (picture.width as usize, picture.height as usize);
    if side < 4 || height < side {
        return None;
    }
    let middle = side / 4..side - side / 4;
    let mut found = 0u64;
    for cell in 0..CELLS {
        let (mut sum, mut count) = (0u64, 0u64);
        for row in middle.clone() {
            for column in middle.clone() {
                let start = ((height - side + row) * width + cell * side + column) * 3;
                sum += picture.rgb.get(start..start + 3)?.iter().map(|value| u64::from(*value)).sum::<u64>();
                count += 3;
            }
        }
        found = found << 1 | u64::from(sum / count >= 128);
    }
    let value = (found >> 12 & ((1 << BITS) - 1)) as u32;
    (found == pattern(value)).then_some(value)
}

fn pattern(value: u32) -> u64 {
    let value = value & ((1 << BITS) - 1);
    HEAD << 36 | u64::from(value) << 12 | u64::from(checksum(value)) << 4 | TAIL
}

/// CRC-8 with the polynomial x^8 + x^2 + x + 1.
fn checksum(value: u32) -> u8 {
    let [_, bytes @ ..] = value.to_be_bytes();
    bytes.into_iter().fold(0xFF, |crc: u8, byte| {
        (0..8).fold(crc ^ byte, |crc, _| if crc & 0x80 == 0 { crc << 1 } else { crc << 1 ^ 0x07 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::encode;

    #[test]
    fn every_counter_is_readable_after_jpeg() {
        for (width, height) in [(320, 240), (640, 480), (960, 540)] {
            for value in [0, 1, 29, 30, 0x00AA_AAAA, 0x0055_5555, 0x00FF_FFFF] {
                let rgb = (0..width * height * 3).map(|i| (i * 31 % 255) as u8).collect();
                let mut picture = Picture { width, height, rgb };
                draw(&mut picture, value);
                assert_eq!(read_jpeg(&encode(&picture).unwrap().jpeg), Some(value), "{width}x{height} {value}");
            }
        }
    }

    #[test]
    fn a_picture_without_counter_has_none() {
        for shade in [0, 127, 255] {
            assert_eq!(read(&Picture { width: 640, height: 480, rgb: vec![shade; 640 * 480 * 3] }), None);
        }
        assert_eq!(read(&Picture { width: 8, height: 8, rgb: vec![0; 192] }), None);
        assert_eq!(read_jpeg(b"no jpeg"), None);
    }
}
