//! The QA camera's picture: a face that nobody can take for a photo of a person.

use crate::counter;
use crate::encode::Picture;

type Colour = [u8; 3];

const PAPER: Colour = [236, 232, 220];
const HATCH: Colour = [206, 214, 224];
const INK: Colour = [40, 44, 52];
const SKIN: Colour = [255, 214, 140];
const HAIR: Colour = [92, 72, 160];
const SHIRT: Colour = [60, 150, 140];
const WHITE: Colour = [255, 255, 255];
const MOUTH: Colour = [200, 70, 80];

/// Draws the picture for one place in time: the head sways, the eyes blink, the counter counts.
pub(crate) fn draw(width: u32, height: u32, index: u64) -> Picture {
    let mut canvas =
        Canvas { picture: Picture { width, height, rgb: Vec::with_capacity((width * height * 3) as usize) } };
    canvas.paper(index);
    let unit = f64::from(height) / 480.0;
    let seconds = index as f64 / 30.0;
    let centre = f64::from(width) / 2.0 + 36.0 * unit * (seconds * 1.3).sin();
    let level = 225.0 * unit + 8.0 * unit * (seconds * 2.1).sin();
    let at = |x: f64, y: f64| (centre + x * unit, level + y * unit);
    let size = |x: f64, y: f64| (x * unit, y * unit);

    canvas.ellipse((f64::from(width) / 2.0, 500.0 * unit), size(210.0, 130.0), INK);
    canvas.ellipse((f64::from(width) / 2.0, 504.0 * unit), size(204.0, 124.0), SHIRT);
    canvas.ellipse(at(0.0, -22.0), size(132.0, 156.0), INK);
    canvas.ellipse(at(0.0, -22.0), size(127.0, 151.0), HAIR);
    canvas.ellipse(at(0.0, 8.0), size(112.0, 140.0), INK);
    canvas.ellipse(at(0.0, 8.0), size(107.0, 135.0), SKIN);
    let blink = index % 90 < 5;
    for side in [-1.0, 1.0] {
        let open = if blink { 2.0 } else { 16.0 };
        canvas.ellipse(at(side * 42.0, -18.0), size(24.0, open + 3.0), INK);
        if !blink {
            canvas.ellipse(at(side * 42.0, -18.0), size(21.0, open), WHITE);
            canvas.ellipse(at(side * 42.0 + 6.0 * (seconds * 1.3).cos(), -18.0), size(8.0, 10.0), INK);
        }
        canvas.ellipse(at(side * 42.0, -50.0), size(26.0, 5.0), INK);
    }
    canvas.ellipse(at(0.0, 26.0), size(8.0, 14.0), INK);
    canvas.ellipse(at(0.0, 78.0), size(40.0, 16.0), INK);
    canvas.ellipse(at(0.0, 76.0), size(35.0, 11.0), MOUTH);

    let scale = (3.0 * unit).round().max(1.0) as i64;
    canvas.text("QA DRAWING", 8 * scale / 2, 8 * scale / 2, scale);
    counter::draw(&mut canvas.picture, counter::value(index));
    canvas.picture
}

struct Canvas {
    picture: Picture,
}

impl Canvas {
    /// A light ground with slanted bars that move, so that two pictures always differ.
    fn paper(&mut self, index: u64) {
        let width = self.picture.width as usize;
        let bar = (width / 20).max(4);
        let period = bar * 2;
        let line: Vec<u8> = (0..width + period).flat_map(|x| if x % period < bar { HATCH } else { PAPER }).collect();
        for row in 0..self.picture.height as usize {
            let shift = (row + index as usize * 2) % period;
            self.picture.rgb.extend_from_slice(&line[shift * 3..(shift + width) * 3]);
        }
    }

    fn ellipse(&mut self, (cx, cy): (f64, f64), (rx, ry): (f64, f64), colour: Colour) {
        let line = colour.repeat((rx * 2.0) as usize + 2);
        for row in (cy - ry).ceil() as i64..=(cy + ry).floor() as i64 {
            let part = (row as f64 - cy) / ry;
            let half = rx * (1.0 - part * part).max(0.0).sqrt();
            self.span(row, (cx - half).round() as i64, (cx + half).round() as i64, &line);
        }
    }

    /// Copies as much of `line` as fits between two columns of a row.
    fn span(&mut self, row: i64, from: i64, to: i64, line: &[u8]) {
        let (width, height) = (i64::from(self.picture.width), i64::from(self.picture.height));
        let (from, to) = (from.clamp(0, width), to.clamp(0, width));
        if !(0..height).contains(&row) || from >= to {
            return;
        }
        let start = ((row * width + from) * 3) as usize;
        let length = (((to - from) * 3) as usize).min(line.len());
        self.picture.rgb[start..start + length].copy_from_slice(&line[..length]);
    }

    fn text(&mut self, text: &str, left: i64, top: i64, scale: i64) {
        let dot = INK.repeat(scale as usize);
        for (place, letter) in text.chars().enumerate() {
            for (line, bits) in glyph(letter).into_iter().enumerate() {
                for column in 0..5 {
                    if bits >> (4 - column) & 1 == 1 {
                        let x = left + (place as i64 * 6 + column) * scale;
                        for row in 0..scale {
                            self.span(top + line as i64 * scale + row, x, x + scale, &dot);
                        }
                    }
                }
            }
        }
    }
}

/// Five by seven dots.
fn glyph(letter: char) -> [u8; 7] {
    match letter {
        'A' => [0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001],
        'D' => [0b11110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b11110],
        'G' => [0b01110, 0b10001, 0b10000, 0b10111, 0b10001, 0b10001, 0b01110],
        'I' => [0b01110, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
        'N' => [0b10001, 0b11001, 0b10101, 0b10101, 0b10011, 0b10001, 0b10001],
        'Q' => [0b01110, 0b10001, 0b10001, 0b10001, 0b10101, 0b10010, 0b01101],
        'R' => [0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001],
        'W' => [0b10001, 0b10001, 0b10001, 0b10101, 0b10101, 0b11011, 0b10001],
        _ => [0; 7],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_pictures_differ_and_are_whole() {
        for (width, height) in [(640, 480), (320, 180), (161, 97)] {
            let (a, b) = (draw(width, height, 7), draw(width, height, 8));
            assert_eq!(a.rgb.len(), (width * height * 3) as usize);
            assert!(a != b);
        }
    }
}
