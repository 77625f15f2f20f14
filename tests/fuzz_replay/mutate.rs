//! Seeded mutations with an eye for length fields.

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same on every machine.
pub struct Dice(pub u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Below `end`; 0 for nothing to choose from.
    pub fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { (self.roll() % end as u64) as usize }
    }
}

/// One input made of another, `other` being spliced in now and then. Never much longer than both.
pub fn mutate(dice: &mut Dice, input: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=dice.below(3) {
        let at = dice.below(bytes.len());
        match dice.below(8) {
            // One bit; one byte.
            0 => edit(&mut bytes, at, |byte| byte ^ (1 << (at % 8))),
            1 => {
                let byte = [0x00, 0x01, 0x7F, 0x80, 0x81, 0x84, 0xFE, 0xFF][dice.below(8)];
                edit(&mut bytes, at, |_| byte);
            }
            // Cut off, or cut out.
            2 => bytes.truncate(at),
            3 => {
                let end = (at + 1 + dice.below(32)).min(bytes.len());
                bytes.drain(at.min(end)..end);
            }
            // A piece again.
            4 => {
                let end = (at + 1 + dice.below(64)).min(bytes.len());
                let piece = bytes.get(at..end).unwrap_or_default().to_vec();
                bytes.splice(at..at, piece);
            }
            // What may be the length field of a data object, a block or a box: off by a little, huge, indefinite.
            5 => {
                let change = dice.below(5);
                edit(&mut bytes, at, |byte| [byte.wrapping_add(1), byte.wrapping_sub(1), 0x80, 0x82, 0x84][change]);
            }
            6 => {
                let field = [[0xFF; 4], [0, 0, 0, 0], [0x7F, 0xFF, 0xFF, 0xFF], [0, 0, 0xFF, 0xFF]][dice.below(4)];
                for (offset, byte) in field.into_iter().enumerate() {
                    edit(&mut bytes, at + offset, |_| byte);
                }
            }
            // The beginning of one and the end of another.
            _ => {
                bytes.truncate(at);
                bytes.extend_from_slice(other.get(dice.below(other.len())..).unwrap_or_default());
            }
        }
    }
    bytes
}

fn edit(bytes: &mut [u8], at: usize, change: impl FnOnce(u8) -> u8) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte = change(*byte);
    }
}
