//! `trust diff`: what an update would change, before it is imported.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;
use trust::TrustDiff;

use crate::output::{Answer, CommandError, Outcome};
use crate::trust_args;

pub fn run(old: &Path, new: &Path) -> Result<Answer, CommandError> {
    let changes = trust::diff(&trust_args::load_path(old)?, &trust_args::load_path(new)?);
    Ok(Answer {
        outcome: Outcome::Verified,
        json: json!({
            "added": changes.added(),
            "removed": changes.removed(),
            "unchanged": changes.unchanged,
            "countries": changes.countries,
        }),
        text: to_text(&changes),
    })
}

fn to_text(changes: &TrustDiff) -> String {
    let mut out = String::new();
    for (country, change) in &changes.countries {
        for (sign, list) in [('+', &change.added), ('-', &change.removed)] {
            for c in list {
                let short = c.sha256.get(..12).unwrap_or(&c.sha256);
                let _ = writeln!(out, "{sign} {country} {short}  {:<16} to {}  {}", c.key, c.not_after, c.subject);
            }
        }
        for name in &change.rekeyed {
            let _ = writeln!(out, "  {country} new key under a known name: {name}");
        }
    }
    let _ = writeln!(out, "{} added, {} removed, {} unchanged", changes.added(), changes.removed(), changes.unchanged);
    out
}
