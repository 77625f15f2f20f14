//! Black-and-white images as these cards hold them: drawn here, coded as CCITT G4 (MMR) in TIFF.

use fax::encoder::Encoder;
use fax::{Color, VecWriter};

use super::font::glyph;

/// A black-and-white drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    height: usize,
    black: Vec<bool>,
}

impl Picture {
    /// A white sheet.
    #[must_use]
    pub fn new(width: u16, height: u16) -> Self {
        let (width, height) = (usize::from(width), usize::from(height));
        Self { width, height, black: vec![false; width * height] }
    }

    /// Draws a frame and lines of text from the top left corner; what does not fit is cut off.
    #[must_use]
    pub fn with_text(mut self, lines: &[&str], scale: usize) -> Self {
        for x in 0..self.width {
            self.dot(x, 0);
            self.dot(x, self.height.saturating_sub(1));
        }
        for y in 0..self.height {
            self.dot(0, y);
            self.dot(self.width.saturating_sub(1), y);
        }
        for (row, line) in lines.iter().enumerate() {
            for (column, character) in line.chars().enumerate() {
                self.letter(character, (2 + column * 6) * scale, (2 + row * 10) * scale, scale);
            }
        }
        self
    }

    fn letter(&mut self, character: char, left: usize, top: usize, scale: usize) {
        for (y, bits) in glyph(character).into_iter().enumerate() {
            for x in (0..5).filter(|x| bits & (0x10 >> x) != 0) {
                for (dx, dy) in (0..scale).flat_map(|dx| (0..scale).map(move |dy| (dx, dy))) {
                    self.dot(left + x * scale + dx, top + y * scale + dy);
                }
            }
        }
    }

    fn dot(&mut self, x: usize, y: usize) {
        if x < self.width
            && let Some(pixel) = self.black.get_mut(y * self.width + x)
        {
            *pixel = true;
        }
    }

    /// Whether a pixel is black.
    #[must_use]
    pub fn is_black(&self, x: usize, y: usize) -> bool {
        x < self.width && self.black.get(y * self.width + x) == Some(&true)
    }
}

/// Codes a drawing as TIFF with one strip of G4.
#[must_use]
pub fn tiff(picture: &Picture) -> Vec<u8> {
    let (width, height) = (picture.width as u32, picture.height as u32);
    let mut encoder = Encoder::new(VecWriter::new());
    for row in picture.black.chunks(picture.width.max(1)) {
        let pixels = row.iter().map(|black| if *black { Color::Black } else { Color::White });
        let Ok(()) = encoder.encode_line(pixels, width);
    }
    let Ok(writer) = encoder.finish();
    fax::tiff::wrap(&writer.finish(), width, height)
}
