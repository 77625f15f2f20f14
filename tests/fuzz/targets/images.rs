//! Faces, decoded by libraries written for files of good will.

use chip::portrait::{MAX_SIDE, checked_header, decode_bytes};

/// Tables of precincts, code-blocks and layers.
const TABLES: usize = 48 << 20;

/// What is decoded has the size the header says and no more than the limits.
pub fn decode(input: &[u8]) {
    let header = checked_header(input);
    match decode_bytes(input) {
        Ok(pixels) => {
            assert!(header.is_ok(), "decoded without its header being checked");
            assert!((1..=MAX_SIDE).contains(&pixels.width) && (1..=MAX_SIDE).contains(&pixels.height));
            assert_eq!(pixels.rgb.len() as u64, u64::from(pixels.width) * u64::from(pixels.height) * 3);
        }
        Err(error) => assert!(header.is_ok() || header == Err(error)),
    }
}

/// security.md §9: besides the parser's own share, the decoded samples, for which the header was checked. The decoders hold them
/// three times on their way (coefficients, samples, pixels), and JPEG 2000 has tables of parts besides.
pub fn memory(input: &[u8]) -> usize {
    let samples = checked_header(input).map_or(0, |header| {
        header.width as usize * header.height as usize * usize::from(header.components) * size_of::<f32>()
    });
    super::parser_memory(input) + 3 * samples + TABLES
}
