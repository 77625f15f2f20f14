//! `readers`: what PC/SC knows.

use std::fmt::Write as _;

use kiosk::{ReaderKind, Readers, ReadersError};
use serde_json::json;

use crate::output::{Answer, CommandError, Outcome};

pub fn list() -> Result<Answer, CommandError> {
    let list = super::read::pcsc().list().map_err(|error| failed(&error))?;
    let rows: Vec<_> = list
        .iter()
        .map(|r| {
            let kind = match r.kind {
                ReaderKind::Contact => "contact",
                ReaderKind::Contactless => "contactless",
                ReaderKind::Virtual => "virtual",
            };
            json!({ "name": r.name, "kind": kind, "card_present": r.card_present,
                    "atr": r.atr.as_ref().map(|a| a.iter().map(|b| format!("{b:02X}")).collect::<String>()) })
        })
        .collect();
    let mut text = String::new();
    for row in &list {
        let _ = writeln!(text, "{}  {}", if row.card_present { "[card]" } else { "[    ]" }, row.name);
    }
    if list.is_empty() {
        text.push_str("no reader: plug one in, or start the smart-card service");
    }
    Ok(Answer { outcome: Outcome::Verified, json: json!({ "readers": rows }), text })
}

pub fn failed(error: &ReadersError) -> CommandError {
    let code = session::Failure::from(error.clone()).code;
    CommandError::incomplete(code.name(), error.to_string())
}
