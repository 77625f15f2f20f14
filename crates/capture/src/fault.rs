use std::str::FromStr;
use std::time::Duration;

/// One thing that goes wrong with a played camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No pictures for this long.
    Stall(Duration),
    /// The camera is gone for good.
    Disconnect,
    Dark,
    OverExposed,
    Blur,
    /// The JPEG ends in the middle.
    Truncated,
    /// What comes is announced as JPEG and is something else.
    WrongFormat,
}

/// Which faults happen at which pictures, counted from 0.
///
/// The text form has one fault per line or semicolon: `dark 10..20; truncated 15; stall 30 2500ms; disconnect 60`. A range ends
/// before its second number; without one the fault strikes one picture.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FaultScript {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    fault: Fault,
    from: u64,
    to: u64,
}

/// Why a text is no fault script.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultScriptError {
    #[error("line {line}: there is no fault `{word}`")]
    UnknownFault { line: usize, word: String },
    #[error("line {line}: the picture numbers are missing or wrong")]
    Range { line: usize },
    #[error("line {line}: a stall needs its length in ms")]
    Duration { line: usize },
    #[error("line {line}: too many words")]
    TrailingWords { line: usize },
}

impl FaultScript {
    /// No faults.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a fault for the pictures from `from` to before `to`.
    #[must_use]
    pub fn with(mut self, fault: Fault, from: u64, to: u64) -> Self {
        self.entries.push(Entry { fault, from, to });
        self
    }

    /// What happens between the picture `before` and the picture `index`, which may be further on: a stall or a disconnection
    /// strikes even when its own picture is skipped.
    pub(crate) fn at(&self, before: Option<u64>, index: u64) -> impl Iterator<Item = Fault> + '_ {
        self.entries
            .iter()
            .filter(move |entry| match entry.fault {
                Fault::Stall(_) | Fault::Disconnect => {
                    entry.from <= index && before.is_none_or(|before| before < entry.from)
                }
                Fault::Dark | Fault::OverExposed | Fault::Blur | Fault::Truncated | Fault::WrongFormat => {
                    (entry.from..entry.to).contains(&index)
                }
            })
            .map(|entry| entry.fault)
    }
}

impl FromStr for FaultScript {
    type Err = FaultScriptError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut script = Self::none();
        for (index, line) in text.split(['\n', ';']).enumerate() {
            let line_number = index + 1;
            let mut words = line.split_whitespace();
            let Some(word) = words.next() else { continue };
            if word.starts_with('#') {
                continue;
            }
            let (from, to) = words.next().and_then(parse_range).ok_or(FaultScriptError::Range { line: line_number })?;
            let fault = match word {
                "stall" => {
                    let length = words.next().and_then(|word| word.strip_suffix("ms")?.parse().ok());
                    Fault::Stall(Duration::from_millis(length.ok_or(FaultScriptError::Duration { line: line_number })?))
                }
                "disconnect" => Fault::Disconnect,
                "dark" => Fault::Dark,
                "over-exposed" => Fault::OverExposed,
                "blur" => Fault::Blur,
                "truncated" => Fault::Truncated,
                "wrong-format" => Fault::WrongFormat,
                _ => return Err(FaultScriptError::UnknownFault { line: line_number, word: word.to_owned() }),
            };
            if words.next().is_some() {
                return Err(FaultScriptError::TrailingWords { line: line_number });
            }
            script = script.with(fault, from, to);
        }
        Ok(script)
    }
}

fn parse_range(word: &str) -> Option<(u64, u64)> {
    match word.split_once("..") {
        Some((from, to)) => {
            let (from, to) = (from.parse().ok()?, if to.is_empty() { u64::MAX } else { to.parse().ok()? });
            (from < to).then_some((from, to))
        }
        None => {
            let at: u64 = word.parse().ok()?;
            Some((at, at.checked_add(1)?))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_fault() {
        let script: FaultScript = "dark 10..20; over-exposed 3\nblur 4..; truncated 15\n# a note\nwrong-format 16; stall 30 2500ms; disconnect 60"
            .parse()
            .unwrap();
        let at = |index: u64| script.at(index.checked_sub(1), index).collect::<Vec<_>>();
        assert_eq!(at(2), []);
        assert_eq!(at(3), [Fault::OverExposed]);
        assert_eq!(at(15), [Fault::Dark, Fault::Blur, Fault::Truncated]);
        assert_eq!(at(20), [Fault::Blur]);
        assert_eq!(at(30), [Fault::Blur, Fault::Stall(Duration::from_millis(2_500))]);
        assert_eq!(at(31), [Fault::Blur]);
    }

    #[test]
    fn a_skipped_picture_does_not_skip_a_disconnection() {
        let script: FaultScript = "disconnect 60".parse().unwrap();
        assert_eq!(script.at(Some(58), 63).collect::<Vec<_>>(), [Fault::Disconnect]);
        assert_eq!(script.at(Some(63), 64).count(), 0);
    }

    #[test]
    fn names_the_line_that_is_wrong() {
        let error = |text: &str| text.parse::<FaultScript>().unwrap_err();
        assert_eq!(error("dark 1\nfog 2"), FaultScriptError::UnknownFault { line: 2, word: "fog".into() });
        assert_eq!(error("dark"), FaultScriptError::Range { line: 1 });
        assert_eq!(error("dark 5..5"), FaultScriptError::Range { line: 1 });
        assert_eq!(error("dark 18446744073709551615"), FaultScriptError::Range { line: 1 });
        assert_eq!(error("stall 3"), FaultScriptError::Duration { line: 1 });
        assert_eq!(error("stall 3 2s"), FaultScriptError::Duration { line: 1 });
        assert_eq!(error("disconnect 3 4"), FaultScriptError::TrailingWords { line: 1 });
    }
}
