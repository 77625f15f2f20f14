//! The list of checks and the findings, as they are gathered during one judgement.

use crate::finding::Finding;
use crate::verdict::{CheckLine, CheckState};

/// Names of the check lines, in the order they are shown. Stable.
pub const CHECK_NAMES: [&str; 14] = [
    "access",
    "com",
    "sod_signature",
    "sod_digest",
    "chain",
    "dsc_validity",
    "revocation",
    "dg_hashes",
    "country",
    "mrz",
    "active_authentication",
    "chip_authentication",
    "card_access",
    "validity",
];

/// Gathers what a judgement finds.
#[derive(Debug, Default)]
pub(crate) struct Report {
    findings: Vec<Finding>,
    lines: Vec<CheckLine>,
}

impl Report {
    pub fn find(&mut self, finding: Finding) {
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    pub fn line(&mut self, name: &'static str, state: CheckState, detail: impl Into<String>) {
        self.lines.retain(|line| line.name != name);
        self.lines.push(CheckLine { name: name.into(), state, detail: detail.into() });
    }

    pub fn passed(&mut self, name: &'static str, detail: impl Into<String>) {
        self.line(name, CheckState::Passed, detail);
    }

    pub fn not_checked(&mut self, name: &'static str, detail: impl Into<String>) {
        self.line(name, CheckState::NotChecked, detail);
    }

    /// A check that failed, with what it found.
    pub fn failed(&mut self, name: &'static str, finding: Finding, detail: impl Into<String>) {
        self.find(finding);
        self.line(name, CheckState::Failed, detail);
    }

    /// Adds what another report gathered, as if it had been gathered here and now.
    pub fn extend(&mut self, other: Self) {
        for finding in other.findings {
            self.find(finding);
        }
        for line in other.lines {
            self.lines.retain(|known| known.name != line.name);
            self.lines.push(line);
        }
    }

    pub fn has(&self, finding: Finding) -> bool {
        self.findings.contains(&finding)
    }

    /// The findings, deciding one first, and all lines in their order.
    pub fn finish(self) -> (Vec<Finding>, Vec<CheckLine>) {
        self.finish_in(&CHECK_NAMES)
    }

    /// The findings, deciding one first, and the lines of these names in this order.
    pub fn finish_in(mut self, names: &[&'static str]) -> (Vec<Finding>, Vec<CheckLine>) {
        Finding::sort(&mut self.findings);
        let mut lines = Vec::with_capacity(names.len());
        for name in names {
            let at = self.lines.iter().position(|line| line.name == *name);
            lines.push(at.map_or_else(
                || CheckLine { name: (*name).into(), state: CheckState::NotChecked, detail: String::new() },
                |at| self.lines.swap_remove(at),
            ));
        }
        (self.findings, lines)
    }
}
