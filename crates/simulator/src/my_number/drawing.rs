//! Text as the card has it: one-line pictures. Every character becomes a pattern of its own; nobody has to read them.

use std::io::Cursor;

use image::{GrayImage, ImageFormat, Luma};

const SIZE: u32 = 12;

/// Draws a line of text as PNG, twelve by twelve pixels a character.
pub(super) fn line(text: &str) -> Vec<u8> {
    let characters: Vec<char> = text.chars().collect();
    let width = SIZE * u32::try_from(characters.len().max(1)).unwrap_or(1);
    let picture = GrayImage::from_fn(width, SIZE, |x, y| {
        let character = characters.get((x / SIZE) as usize).copied().unwrap_or(' ');
        let (column, row) = (x % SIZE / 3, y / 3);
        let dark = !character.is_whitespace() && u32::from(character) >> (row * 4 + column) & 1 == 1;
        Luma([if dark { 0 } else { 255 }])
    });
    let mut out = Cursor::new(Vec::new());
    // Writing to memory does not fail; a picture that did would be an empty one.
    let _ = picture.write_to(&mut out, ImageFormat::Png);
    out.into_inner()
}
