//! What a JPEG 2000 image says about itself, read before anything of it is decoded (ISO/IEC 15444-1). The decoder sets up memory
//! for tiles, precincts, code-blocks and layers by these numbers alone, so a few bytes could ask for gigabytes.

use super::{ImageError, ImageFormat, ImageHeader, MAX_SIDE};

/// Tiles of one image.
const MAX_TILES: u64 = 1024;
/// Precincts, and code-blocks times layers, of one tile: some hundred bytes each in the decoder.
const MAX_PARTS: u64 = 1 << 18;
/// The same of a whole image: time, not memory.
const MAX_ALL_PARTS: u64 = 1 << 21;

/// A JP2 file up to the end of its first codestream, and that codestream (I.4 and I.5.4). What follows is no part of the picture;
/// a second codestream would be decoded in place of the one that was checked.
pub(super) fn file_parts(file: &[u8]) -> Result<(&[u8], &[u8]), ImageError> {
    let mut rest = file;
    loop {
        let (kind, contents, after) = next_box(rest)?;
        match kind {
            b"jp2c" => return Ok((file.get(..file.len() - after.len()).unwrap_or(file), contents)),
            // Palettes multiply components by whatever a mapping says; no face is coded so (ISO/IEC 19794-5, 8.3).
            b"jp2h" if has_palette(contents) => return Err(ImageError::Data),
            _ => rest = after,
        }
    }
}

fn has_palette(header: &[u8]) -> bool {
    let mut rest = header;
    while let Ok((kind, _, after)) = next_box(rest) {
        if kind == b"pclr" {
            return true;
        }
        rest = after;
    }
    false
}

/// Type, contents, and what follows.
type Jp2Box<'a> = (&'a [u8; 4], &'a [u8], &'a [u8]);

/// The first box.
fn next_box(bytes: &[u8]) -> Result<Jp2Box<'_>, ImageError> {
    let (length, rest) = bytes.split_first_chunk::<4>().ok_or(ImageError::Header)?;
    let (kind, contents) = rest.split_first_chunk::<4>().ok_or(ImageError::Header)?;
    let (length, contents) = match u32::from_be_bytes(*length) {
        0 => return Ok((kind, contents, &[])),
        1 => {
            let (length, contents) = contents.split_first_chunk::<8>().ok_or(ImageError::Header)?;
            (u64::from_be_bytes(*length).checked_sub(16), contents)
        }
        length => (u64::from(length).checked_sub(8), contents),
    };
    let length = length.and_then(|length| usize::try_from(length).ok()).ok_or(ImageError::Header)?;
    // A codestream may be cut off: the decoder shows what there is.
    let length = if kind == b"jp2c" { length.min(contents.len()) } else { length };
    let (contents, after) = contents.split_at_checked(length).ok_or(ImageError::Header)?;
    Ok((kind, contents, after))
}

/// Size and components from the SIZ marker segment, which comes first (A.5.1), and whether the decoder's tables stay small.
pub(super) fn header(codestream: &[u8], format: ImageFormat) -> Result<ImageHeader, ImageError> {
    let number = |at: usize| {
        let field = codestream.get(at..)?.first_chunk::<4>()?;
        Some(u32::from_be_bytes(*field))
    };
    let (Some(x), Some(y), Some(x0), Some(y0)) = (number(8), number(12), number(16), number(20)) else {
        return Err(ImageError::Header);
    };
    let (Some(tile_width), Some(tile_height)) = (number(24), number(28)) else { return Err(ImageError::Header) };
    let components = codestream.get(40..).and_then(|field| field.first_chunk::<2>()).ok_or(ImageError::Header)?;
    let components = u16::from_be_bytes(*components);
    let width = x.checked_sub(x0).ok_or(ImageError::Header)?;
    let height = y.checked_sub(y0).ok_or(ImageError::Header)?;
    // The reference grid, not the difference alone, sizes the decoder's tables; tiny tiles multiply them.
    let tiles = u64::from(x.div_ceil(tile_width.max(1))) * u64::from(y.div_ceil(tile_height.max(1)));
    let limit = ImageError::Limit { width, height };
    if x > MAX_SIDE || y > MAX_SIDE || tiles > MAX_TILES {
        return Err(limit);
    }
    let worst = Markers { rest: codestream.get(2..).unwrap_or_default(), tile_end: None }.worst_coding()?;
    let parts = worst.parts(tile_width.min(x), tile_height.min(y)) * u64::from(components);
    if parts > MAX_PARTS || parts * tiles > MAX_ALL_PARTS {
        return Err(limit);
    }
    Ok(ImageHeader { format, width, height, components })
}

/// The finest division any COD or COC marker segment asks for (A.6.1 and A.6.2); each field by itself, for a tile's can add to the
/// main header's.
#[derive(Clone, Copy)]
struct Coding {
    layers: u64,
    levels: u32,
    /// Exponents of width and height.
    block: [u32; 2],
    precinct: [u32; 2],
}

impl Coding {
    const COARSEST: Self = Self { layers: 1, levels: 0, block: [10; 2], precinct: [15; 2] };

    fn finer(self, other: Self) -> Self {
        let min = |one: [u32; 2], two: [u32; 2]| [one[0].min(two[0]), one[1].min(two[1])];
        Self {
            layers: self.layers.max(other.layers),
            levels: self.levels.max(other.levels),
            block: min(self.block, other.block),
            precinct: min(self.precinct, other.precinct),
        }
    }

    /// At most this many precincts and layers of code-blocks in one component of a tile (B.6 and B.7).
    fn parts(self, width: u32, height: u32) -> u64 {
        let along = |side: u32, exponent: u32| (u64::from(side) >> exponent) + 2;
        let mut parts = 0;
        for resolution in 0..=self.levels {
            let shift = (self.levels - resolution).min(31);
            let [width, height] = [width, height].map(|side| side.div_ceil(1 << shift));
            let bands = if resolution == 0 { 1 } else { 3 };
            let [x, y] =
                self.precinct.map(|exponent| if resolution == 0 { exponent } else { exponent.saturating_sub(1) });
            let [block_x, block_y] = [self.block[0].min(x), self.block[1].min(y)];
            let precincts = along(width, x) * along(height, y);
            parts += bands * (precincts + self.layers * along(width, block_x) * along(height, block_y));
        }
        parts
    }
}

/// Walks the marker segments of the main header and of the tile-part headers (A.2 to A.4).
struct Markers<'a> {
    rest: &'a [u8],
    /// What follows the tile-part whose header is being read.
    tile_end: Option<&'a [u8]>,
}

impl Markers<'_> {
    fn worst_coding(mut self) -> Result<Coding, ImageError> {
        let mut worst = Coding::COARSEST;
        // Nothing is decoded past the point where markers end.
        while let [0xFF, marker, after @ ..] = self.rest {
            match marker {
                // Markers without a segment; and the end of the codestream.
                0x30..=0x3F => {
                    self.rest = after;
                    continue;
                }
                0xD9 => break,
                // Start of data: what follows is compressed, up to the end of the tile-part.
                0x93 => {
                    self.rest = self.tile_end.take().ok_or(ImageError::Header)?;
                    continue;
                }
                _ => {}
            }
            let Some((length, contents)) = after.split_first_chunk::<2>() else { break };
            let length = usize::from(u16::from_be_bytes(*length)).checked_sub(2).ok_or(ImageError::Header)?;
            let Some((segment, after)) = contents.split_at_checked(length) else { break };
            match marker {
                0x90 => {
                    let [_, _, p3, p2, p1, p0, _, _] = segment else { return Err(ImageError::Header) };
                    let whole = u32::from_be_bytes([*p3, *p2, *p1, *p0]) as usize;
                    // 0 is the last tile-part; else the length counts from the marker on.
                    let end = if whole == 0 { self.rest.len() } else { whole.min(self.rest.len()) };
                    let end = if whole == 0 || whole >= 12 { end } else { return Err(ImageError::Header) };
                    self.tile_end = Some(self.rest.get(end..).unwrap_or_default());
                }
                0x52 => {
                    let [style, _, l1, l0, _, parameters @ ..] = segment else { return Err(ImageError::Header) };
                    let layers = u64::from(u16::from_be_bytes([*l1, *l0]));
                    worst = worst.finer(Coding { layers, ..coding(*style, parameters)? });
                }
                // Fewer than 257 components: one byte says which.
                0x53 => {
                    let [_, style, parameters @ ..] = segment else { return Err(ImageError::Header) };
                    worst = worst.finer(coding(*style, parameters)?);
                }
                // The decoder takes these to have the length their first byte says: any other would hide what follows.
                0x5C if segment.first().is_some_and(|style| style & 0x1F == 1) && segment.len() != 3 => {
                    return Err(ImageError::Header);
                }
                0x5D if segment.get(1).is_some_and(|style| style & 0x1F == 1) && segment.len() != 4 => {
                    return Err(ImageError::Header);
                }
                0x5E if segment.len() != 3 => return Err(ImageError::Header),
                _ => {}
            }
            self.rest = after;
        }
        Ok(worst)
    }
}

/// Levels, code-block size and, where the style says so, a precinct size for each resolution (table A.15 and A.21); of exactly the
/// length they say, lest the decoder finds another marker where this one ends.
fn coding(style: u8, parameters: &[u8]) -> Result<Coding, ImageError> {
    let [levels, block_x, block_y, _, _, precincts @ ..] = parameters else { return Err(ImageError::Header) };
    let expected = if style & 1 == 1 { usize::from(*levels) + 1 } else { 0 };
    if *levels > 32 || precincts.len() != expected {
        return Err(ImageError::Header);
    }
    let least = |exponent: fn(u8) -> u8| precincts.iter().map(|size| u32::from(exponent(*size))).min().unwrap_or(15);
    Ok(Coding {
        layers: 1,
        levels: u32::from(*levels),
        block: [u32::from(block_x & 0x0F) + 2, u32::from(block_y & 0x0F) + 2],
        precinct: [least(|size| size & 0x0F), least(|size| size >> 4)],
    })
}
