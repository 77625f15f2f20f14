//! From any picture to the one JPEG that leaves this crate.

use std::sync::OnceLock;

use image::{ImageBuffer, ImageFormat, Rgb, imageops};

use crate::jpeg::{self, JpegFault};
use crate::pixels::{PixelFormat, to_rgb};

/// Pictures we encode are at most this wide.
pub(crate) const MAX_WIDTH: u32 = 960;
const QUALITY: u8 = 85;

/// Decoded pixels.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    pub width: u32,
    pub height: u32,
    pub rgb: Vec<u8>,
}

/// What a source produced.
pub(crate) enum Raw {
    Jpeg(Vec<u8>),
    Pixels { format: PixelFormat, width: u32, height: u32, bytes: Vec<u8> },
    Picture(Picture),
}

/// A checked JPEG.
pub(crate) struct Encoded {
    pub width: u32,
    pub height: u32,
    pub jpeg: Vec<u8>,
}

/// Why a source's bytes are no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PictureError {
    #[error("not a whole JPEG: {0}")]
    Jpeg(#[from] JpegFault),
    #[error("the size or the number of bytes does not fit the format")]
    Pixels,
    #[error("the pixels cannot be encoded")]
    Encoding,
}

/// Checks a JPEG and passes it through, or encodes pixels.
pub(crate) fn prepare(raw: Raw) -> Result<Encoded, PictureError> {
    match raw {
        Raw::Jpeg(bytes) => pass(bytes),
        Raw::Pixels { format, width, height, bytes } => {
            let rgb = to_rgb(format, &bytes, width, height).ok_or(PictureError::Pixels)?;
            encode(&Picture { width, height, rgb })
        }
        Raw::Picture(picture) => encode(&picture),
    }
}

/// Encodes pixels, scaled down to [`MAX_WIDTH`].
pub(crate) fn encode(picture: &Picture) -> Result<Encoded, PictureError> {
    if picture.width > MAX_WIDTH {
        let height = (u64::from(picture.height) * u64::from(MAX_WIDTH) / u64::from(picture.width)).max(1) as u32;
        let full: ImageBuffer<Rgb<u8>, _> =
            ImageBuffer::from_raw(picture.width, picture.height, picture.rgb.as_slice()).ok_or(PictureError::Pixels)?;
        let small = imageops::thumbnail(&full, MAX_WIDTH, height);
        return encode(&Picture { width: MAX_WIDTH, height, rgb: small.into_raw() });
    }
    let side = |length: u32| u16::try_from(length).ok().filter(|length| *length > 0).ok_or(PictureError::Pixels);
    let (width, height) = (side(picture.width)?, side(picture.height)?);
    if picture.rgb.len() != usize::from(width) * usize::from(height) * 3 {
        return Err(PictureError::Pixels);
    }
    let mut jpeg = Vec::with_capacity(picture.rgb.len() / 8);
    jpeg_encoder::Encoder::new(&mut jpeg, QUALITY)
        .encode(&picture.rgb, width, height, jpeg_encoder::ColorType::Rgb)
        .map_err(|_| PictureError::Encoding)?;
    Ok(Encoded { width: picture.width, height: picture.height, jpeg })
}

/// Decodes a whole JPEG.
pub(crate) fn decode(bytes: &[u8]) -> Result<Picture, PictureError> {
    jpeg::inspect(bytes)?;
    let decoded =
        image::load_from_memory_with_format(bytes, ImageFormat::Jpeg).map_err(|_| PictureError::Pixels)?.into_rgb8();
    Ok(Picture { width: decoded.width(), height: decoded.height(), rgb: decoded.into_raw() })
}

/// The camera's own bytes through EOI; when they lack Huffman tables, with the usual ones put in, since not every later reader
/// of a stored photo assumes them.
fn pass(mut bytes: Vec<u8>) -> Result<Encoded, PictureError> {
    let shape = jpeg::inspect(&bytes)?;
    bytes.truncate(shape.length);
    if !shape.has_tables {
        bytes.splice(2..2, usual_tables().iter().copied());
    }
    Ok(Encoded { width: shape.width, height: shape.height, jpeg: bytes })
}

/// The DHT segments of ITU-T T.81, annex K, as our own encoder writes them.
fn usual_tables() -> &'static [u8] {
    static TABLES: OnceLock<Vec<u8>> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut tables = Vec::new();
        let Ok(sample) = encode(&Picture { width: 8, height: 8, rgb: vec![0; 192] }) else {
            return tables;
        };
        let mut rest = sample.jpeg.get(2..).unwrap_or_default();
        while let [0xFF, marker, high, low, ..] = rest {
            let length = 2 + usize::from(u16::from_be_bytes([*high, *low]));
            if *marker == 0xC4 {
                tables.extend_from_slice(rest.get(..length).unwrap_or_default());
            }
            if *marker == 0xDA {
                break;
            }
            rest = rest.get(length..).unwrap_or_default();
        }
        tables
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gradient(width: u32, height: u32) -> Picture {
        let rgb = (0..height)
            .flat_map(|y| (0..width).flat_map(move |x| [(x * 255 / width) as u8, (y * 255 / height) as u8, 80]))
            .collect();
        Picture { width, height, rgb }
    }

    #[test]
    fn a_cameras_own_jpeg_passes_unchanged_but_for_padding() {
        let own = encode(&gradient(320, 240)).unwrap().jpeg;
        let padded = [own.as_slice(), &[0; 64]].concat();
        let passed = prepare(Raw::Jpeg(padded)).unwrap();
        assert_eq!((passed.width, passed.height), (320, 240));
        assert!(passed.jpeg == own);
    }

    #[test]
    fn wide_pictures_are_scaled_down_in_proportion() {
        let encoded = encode(&gradient(1_920, 1_080)).unwrap();
        assert_eq!((encoded.width, encoded.height), (960, 540));
        let decoded = decode(&encoded.jpeg).unwrap();
        assert_eq!((decoded.width, decoded.height), (960, 540));
    }

    #[test]
    fn missing_huffman_tables_are_put_in() {
        let own = encode(&gradient(64, 64)).unwrap().jpeg;
        let tables = usual_tables();
        assert!(tables.len() > 400, "{} bytes", tables.len());
        let mut bare = own.clone();
        let mut at = 2;
        while bare[at + 1] != 0xDA {
            let length = 2 + usize::from(u16::from_be_bytes([bare[at + 2], bare[at + 3]]));
            if bare[at + 1] == 0xC4 {
                bare.drain(at..at + length);
            } else {
                at += length;
            }
        }
        assert!(!jpeg::inspect(&bare).unwrap().has_tables);
        let repaired = prepare(Raw::Jpeg(bare)).unwrap().jpeg;
        assert!(decode(&repaired).unwrap().rgb == decode(&own).unwrap().rgb);
    }

    #[test]
    fn half_a_jpeg_is_a_typed_error_and_no_frame() {
        let mut half = encode(&gradient(320, 240)).unwrap().jpeg;
        half.truncate(half.len() / 2);
        assert_eq!(prepare(Raw::Jpeg(half)).err(), Some(PictureError::Jpeg(JpegFault::Truncated)));
    }

    #[test]
    fn pixels_that_do_not_fill_their_size_are_refused() {
        assert_eq!(encode(&Picture { width: 8, height: 8, rgb: vec![0; 191] }).err(), Some(PictureError::Pixels));
        assert_eq!(encode(&Picture { width: 0, height: 8, rgb: vec![] }).err(), Some(PictureError::Pixels));
        let short = Raw::Pixels { format: PixelFormat::Yuyv, width: 640, height: 480, bytes: vec![0; 640 * 480] };
        assert_eq!(prepare(short).err(), Some(PictureError::Pixels));
    }
}
