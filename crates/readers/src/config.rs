use std::time::Duration;

use crate::{TRANSMIT_LIMIT, TraceRing};

/// Which readers exist for the kiosk, and whether its commands are traced.
#[derive(Clone)]
pub struct ReadersConfig {
    /// Readers whose name contains one of these, whatever the letter case, do not exist for the kiosk.
    pub ignore: Vec<String>,
    /// Where the redacted trace of every connection goes; `None` for no trace.
    pub trace: Option<TraceRing>,
    /// How long a card has for one answer before it is mute.
    pub answer_within: Duration,
}

impl ReadersConfig {
    /// Production: no virtual readers at all.
    #[must_use]
    pub fn production() -> Self {
        Self::ignoring(&["Windows Hello", "Virtual", "vpcd"])
    }

    /// QA and the command line: the virtual reader of the test card is a reader like any other.
    #[must_use]
    pub fn with_virtual_pcd() -> Self {
        Self::ignoring(&["Windows Hello", "Microsoft Virtual"])
    }

    fn ignoring(names: &[&str]) -> Self {
        let ignore = names.iter().map(|name| (*name).to_owned()).collect();
        Self { ignore, trace: None, answer_within: TRANSMIT_LIMIT }
    }

    #[must_use]
    pub fn traced(mut self, ring: TraceRing) -> Self {
        self.trace = Some(ring);
        self
    }

    pub(crate) fn ignores(&self, reader: &str) -> bool {
        let reader = reader.to_lowercase();
        self.ignore.iter().any(|pattern| !pattern.is_empty() && reader.contains(&pattern.to_lowercase()))
    }
}

impl Default for ReadersConfig {
    fn default() -> Self {
        Self::production()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_ignores_readers_that_hold_no_card_of_a_customer() {
        let config = ReadersConfig::production();
        assert!(config.ignores("Windows Hello for Business 1"));
        assert!(config.ignores("Virtual PCD 00 00"));
        assert!(config.ignores("Microsoft Virtual Smart Card 0"));
        assert!(!config.ignores("SONY FeliCa RC-S300/P 0"));
        assert!(!config.ignores("HID Global OMNIKEY 5422 Smartcard Reader [OMNIKEY 5422CL Smartcard Reader] 01 00"));
    }

    #[test]
    fn qa_allows_the_virtual_pcd_and_nothing_else_virtual() {
        let config = ReadersConfig::with_virtual_pcd();
        assert!(!config.ignores("Virtual PCD 00 00"));
        assert!(config.ignores("windows hello 1"));
    }

    #[test]
    fn an_empty_pattern_ignores_nothing() {
        let config = ReadersConfig::ignoring(&[""]);
        assert!(!config.ignores("any"));
    }
}
