/// The portrait of every synthetic holder: a drawing marked TEST / 見本, JPEG 2000, 420 × 525.
pub const PORTRAIT_JP2: &[u8] = include_bytes!("../assets/portrait.jp2");

pub(crate) const PORTRAIT_WIDTH: u16 = 420;
pub(crate) const PORTRAIT_HEIGHT: u16 = 525;
