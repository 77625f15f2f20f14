//! Raw camera formats to RGB.

/// How a raw picture is laid out, without padding between rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PixelFormat {
    /// 4:2:2, Y0 U Y1 V.
    Yuyv,
    /// 4:2:0, a plane of Y, then one of U and V interleaved.
    Nv12,
    Gray,
    Rgb,
    Bgr,
}

/// Converts to RGB; `None` when there are too few bytes for the size. Bytes beyond it are ignored.
pub(crate) fn to_rgb(format: PixelFormat, bytes: &[u8], width: u32, height: u32) -> Option<Vec<u8>> {
    let (width, height) = (width as usize, height as usize);
    let count = width.checked_mul(height)?;
    if count == 0 || count > MAX_PIXELS {
        return None;
    }
    match format {
        PixelFormat::Rgb => bytes.get(..count * 3).map(<[u8]>::to_vec),
        PixelFormat::Bgr => {
            let mut rgb = bytes.get(..count * 3)?.to_vec();
            for pixel in rgb.chunks_exact_mut(3) {
                pixel.swap(0, 2);
            }
            Some(rgb)
        }
        PixelFormat::Gray => {
            let mut rgb = vec![0; count * 3];
            for (pixel, luma) in rgb.chunks_exact_mut(3).zip(bytes.get(..count)?) {
                pixel.fill(*luma);
            }
            Some(rgb)
        }
        PixelFormat::Yuyv => {
            if !width.is_multiple_of(2) {
                return None;
            }
            let mut rgb = vec![0; count * 3];
            for (out, pair) in rgb.chunks_exact_mut(6).zip(bytes.get(..count * 2)?.chunks_exact(4)) {
                let chroma = Chroma::new(pair[1], pair[3]);
                chroma.paint(pair[0], &mut out[..3]);
                chroma.paint(pair[2], &mut out[3..]);
            }
            Some(rgb)
        }
        PixelFormat::Nv12 => {
            let chroma_stride = width.next_multiple_of(2);
            let luma = bytes.get(..count)?;
            let chroma = bytes.get(count..count + chroma_stride * height.div_ceil(2))?;
            let mut rgb = vec![0; count * 3];
            for (row, (out, line)) in rgb.chunks_exact_mut(width * 3).zip(luma.chunks_exact(width)).enumerate() {
                let chroma = &chroma[row / 2 * chroma_stride..][..chroma_stride];
                for ((out, line), pair) in out.chunks_mut(6).zip(line.chunks(2)).zip(chroma.chunks_exact(2)) {
                    let chroma = Chroma::new(pair[0], pair[1]);
                    for (out, luma) in out.chunks_exact_mut(3).zip(line) {
                        chroma.paint(*luma, out);
                    }
                }
            }
            Some(rgb)
        }
    }
}

/// What two pixels share: ITU-R BT.601, limited range, in 8.8 fixed point.
struct Chroma {
    red: i32,
    green: i32,
    blue: i32,
}

impl Chroma {
    fn new(u: u8, v: u8) -> Self {
        let (u, v) = (i32::from(u) - 128, i32::from(v) - 128);
        Self { red: 409 * v + 128, green: 128 - 100 * u - 208 * v, blue: 516 * u + 128 }
    }

    fn paint(&self, luma: u8, out: &mut [u8]) {
        let luma = (i32::from(luma) - 16) * 298;
        out[0] = narrow((luma + self.red) >> 8);
        out[1] = narrow((luma + self.green) >> 8);
        out[2] = narrow((luma + self.blue) >> 8);
    }
}

fn narrow(value: i32) -> u8 {
    if value < 0 {
        0
    } else if value > 255 {
        255
    } else {
        value as u8
    }
}

const MAX_PIXELS: usize = 4_096 * 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_colour_comes_out_of_every_layout() {
        // Red in BT.601 limited range: Y 81, U 90, V 240.
        let near_red = |rgb: &[u8]| rgb.chunks_exact(3).all(|p| p[0] > 245 && p[1] < 10 && p[2] < 10);
        assert!(near_red(&to_rgb(PixelFormat::Yuyv, &[81, 90, 81, 240], 2, 1).unwrap()));
        assert!(near_red(&to_rgb(PixelFormat::Nv12, &[81, 81, 81, 81, 90, 240], 2, 2).unwrap()));
        assert!(near_red(&to_rgb(PixelFormat::Nv12, &[81, 81, 81, 90, 240, 90, 240], 3, 1).unwrap()));
        assert!(near_red(&to_rgb(PixelFormat::Bgr, &[0, 0, 255], 1, 1).unwrap()));
        assert!(near_red(&to_rgb(PixelFormat::Rgb, &[255, 0, 0], 1, 1).unwrap()));
        assert_eq!(to_rgb(PixelFormat::Gray, &[9, 8], 2, 1).unwrap(), [9, 9, 9, 8, 8, 8]);
    }

    #[test]
    fn too_few_bytes_are_no_picture() {
        for format in [PixelFormat::Yuyv, PixelFormat::Nv12, PixelFormat::Gray, PixelFormat::Rgb, PixelFormat::Bgr] {
            assert_eq!(to_rgb(format, &[0; 15], 4, 4), None, "{format:?}");
            assert_eq!(to_rgb(format, &[0; 15], 0, 4), None, "{format:?}");
            assert_eq!(to_rgb(format, &[0; 15], u32::MAX, u32::MAX), None, "{format:?}");
        }
        assert_eq!(to_rgb(PixelFormat::Yuyv, &[0; 64], 3, 1), None, "an odd width has no whole pair");
    }
}
