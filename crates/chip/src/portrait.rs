//! Decoding the face on a chip: JPEG, JP2 and raw JPEG 2000 codestreams, the header checked before anything is allocated.

mod jpeg2000;

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::ImageDecoder as _;
use serde::{Deserialize, Serialize};

use crate::mrtd::dg2::FaceImage;

/// Greatest width and height (security.md §9).
pub const MAX_SIDE: u32 = 4096;
/// Greatest size of the decoded samples in memory (security.md §9).
const MAX_DECODED: u64 = 64 * 1024 * 1024;
/// The JPEG 2000 decoder holds samples as 32-bit floats.
const BYTES_PER_SAMPLE: u64 = 4;

/// How a face is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImageFormat {
    /// JPEG (ISO/IEC 10918-1).
    Jpeg,
    /// JPEG 2000 in its file format.
    Jp2,
    /// JPEG 2000 codestream alone.
    J2k,
}

/// A decoded image, three bytes a pixel.
#[derive(Clone, PartialEq, Eq)]
pub struct Pixels {
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Red, green, blue, row by row.
    pub rgb: Vec<u8>,
}

impl std::fmt::Debug for Pixels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pixels({} x {})", self.width, self.height)
    }
}

/// Why bytes are no image that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// The bytes are neither JPEG nor JPEG 2000.
    #[error("the image is neither JPEG nor JPEG 2000")]
    Format,
    /// The header is cut off or contradicts itself.
    #[error("the image header is malformed")]
    Header,
    /// The image would be larger than the limits.
    #[error("the image has {width} x {height} pixels, more than is decoded")]
    Limit {
        /// Declared width.
        width: u32,
        /// Declared height.
        height: u32,
    },
    /// The compressed data cannot be decoded.
    #[error("the image cannot be decoded")]
    Data,
}

/// What an image says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageHeader {
    /// From the first bytes.
    pub format: ImageFormat,
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Colour components.
    pub components: u16,
}

/// Decodes a face.
///
/// # Errors
/// See [`ImageError`].
pub fn decode(image: &FaceImage) -> Result<Pixels, ImageError> {
    decode_bytes(&image.bytes)
}

/// Decodes an image by its first bytes.
///
/// # Errors
/// See [`ImageError`].
pub fn decode_bytes(bytes: &[u8]) -> Result<Pixels, ImageError> {
    let header = checked_header(bytes)?;
    // Both decoders are written by others for files of good will; a panic in them is a bad image, not a dead kiosk.
    let decoded = catch_unwind(AssertUnwindSafe(|| match header.format {
        ImageFormat::Jpeg => decode_jpeg(bytes, &header),
        ImageFormat::Jp2 => decode_jpeg2000(jpeg2000::file_parts(bytes)?.0, &header),
        ImageFormat::J2k => decode_jpeg2000(bytes, &header),
    }));
    decoded.unwrap_or(Err(ImageError::Data))
}

/// Reads format and size, and refuses what would not be decoded; allocates nothing.
///
/// # Errors
/// `Format`, `Header` or `Limit`.
pub fn check_header(bytes: &[u8]) -> Result<ImageHeader, ImageError> {
    let header = image_header(bytes)?;
    check_limits(&header)?;
    Ok(header)
}

/// Reads format and size from the first bytes, allocating nothing.
///
/// # Errors
/// `Format` or `Header`.
pub fn image_header(bytes: &[u8]) -> Result<ImageHeader, ImageError> {
    const JP2_SIGNATURE: &[u8] = &[0, 0, 0, 0x0C, b'j', b'P', b' ', b' '];
    const CODESTREAM: &[u8] = &[0xFF, 0x4F, 0xFF, 0x51];
    if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
        jpeg_header(bytes)
    } else if bytes.starts_with(CODESTREAM) {
        jpeg2000::header(bytes, ImageFormat::J2k)
    } else if bytes.starts_with(JP2_SIGNATURE) {
        // The image header box can lie about the codestream, which is what gets decoded: trust the latter alone.
        jpeg2000::header(jpeg2000::file_parts(bytes)?.1, ImageFormat::Jp2)
    } else {
        Err(ImageError::Format)
    }
}

/// Reads format and size and checks them against the limits, allocating nothing.
///
/// # Errors
/// `Format`, `Header` or `Limit`.
pub fn checked_header(bytes: &[u8]) -> Result<ImageHeader, ImageError> {
    let header = image_header(bytes)?;
    check_limits(&header)?;
    Ok(header)
}

fn check_limits(header: &ImageHeader) -> Result<(), ImageError> {
    let ImageHeader { width, height, components, .. } = *header;
    let decoded = u64::from(width) * u64::from(height) * u64::from(components) * BYTES_PER_SAMPLE;
    let sides = (1..=MAX_SIDE).contains(&width) && (1..=MAX_SIDE).contains(&height);
    if sides && (1..=4).contains(&components) && decoded <= MAX_DECODED {
        Ok(())
    } else {
        Err(ImageError::Limit { width, height })
    }
}

/// Walks the markers to the frame header (ISO/IEC 10918-1, B.2.2).
fn jpeg_header(bytes: &[u8]) -> Result<ImageHeader, ImageError> {
    let mut rest = bytes.get(2..).unwrap_or_default();
    loop {
        let [0xFF, marker, after @ ..] = rest else { return Err(ImageError::Header) };
        match marker {
            0xFF => rest = rest.get(1..).unwrap_or_default(),
            0x01 | 0xD0..=0xD7 => rest = after,
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                let [_, _, _precision, h1, h0, w1, w0, components, ..] = after else { return Err(ImageError::Header) };
                return Ok(ImageHeader {
                    format: ImageFormat::Jpeg,
                    width: u32::from(u16::from_be_bytes([*w1, *w0])),
                    height: u32::from(u16::from_be_bytes([*h1, *h0])),
                    components: u16::from(*components),
                });
            }
            0xD9 | 0xDA => return Err(ImageError::Header),
            _ => {
                let [l1, l0, ..] = after else { return Err(ImageError::Header) };
                let length = usize::from(u16::from_be_bytes([*l1, *l0]));
                rest = after.get(length.max(2)..).ok_or(ImageError::Header)?;
            }
        }
    }
}

fn decode_jpeg(bytes: &[u8], header: &ImageHeader) -> Result<Pixels, ImageError> {
    let decoder = image::codecs::jpeg::JpegDecoder::new(Cursor::new(bytes)).map_err(|_| ImageError::Data)?;
    let (width, height) = decoder.dimensions();
    check_within(header, width, height)?;
    let decoded = image::DynamicImage::from_decoder(decoder).map_err(|_| ImageError::Data)?;
    Ok(Pixels { width, height, rgb: decoded.into_rgb8().into_raw() })
}

/// What is decoded must be no larger than what was checked, whatever else the file holds. Subsampled components make it smaller.
fn check_within(header: &ImageHeader, width: u32, height: u32) -> Result<(), ImageError> {
    if width <= header.width && height <= header.height { Ok(()) } else { Err(ImageError::Header) }
}

fn decode_jpeg2000(bytes: &[u8], header: &ImageHeader) -> Result<Pixels, ImageError> {
    let settings =
        hayro_jpeg2000::DecodeSettings { resolve_palette_indices: false, ..hayro_jpeg2000::DecodeSettings::default() };
    let image = hayro_jpeg2000::Image::new(bytes, &settings).map_err(|_| ImageError::Data)?;
    let (width, height) = (image.width(), image.height());
    check_within(header, width, height)?;
    let mut context = hayro_jpeg2000::DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(|_| ImageError::Data)?;
    let components = decoded.components().len();
    let samples = decoded.data_u8();
    let pixels = width as usize * height as usize;
    if components == 0 || samples.len() != pixels * components {
        return Err(ImageError::Data);
    }
    let mut rgb = Vec::with_capacity(pixels * 3);
    for pixel in samples.chunks_exact(components) {
        match pixel {
            [grey] | [grey, _] => rgb.extend_from_slice(&[*grey; 3]),
            [red, green, blue, ..] => rgb.extend_from_slice(&[*red, *green, *blue]),
            [] => {}
        }
    }
    Ok(Pixels { width, height, rgb })
}
