//! One answer for every way to a verdict: `document`, `level`, `codes`, `checks`, `fields` and what it cost.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Map, Value, json};
use trust::{ChipVerdict, Level};

use crate::output::{Answer, Outcome};

/// What the reading cost; zero where nothing was read from a card.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cost {
    pub apdus: u64,
    pub bytes_sent: u64,
    pub bytes_received: u64,
}

/// Makes the answer. Red is a negative verdict; amber is not: it names what could not be checked.
pub fn answer(verdict: &ChipVerdict, cost: Cost, took: Duration) -> Answer {
    let level = verdict.level();
    let outcome = match level {
        Level::Green | Level::Amber => Outcome::Verified,
        Level::Red => Outcome::Negative,
    };
    Answer { outcome, json: to_json(verdict, cost, took), text: to_text(verdict, cost, took) }
}

fn to_json(verdict: &ChipVerdict, cost: Cost, took: Duration) -> Value {
    let checks: Map<String, Value> = verdict
        .checks
        .iter()
        .map(|line| (line.name.to_string(), json!({ "state": line.state.name(), "detail": line.detail })))
        .collect();
    json!({
        "document": verdict.document.name(),
        "level": verdict.level().name(),
        "codes": verdict.codes(),
        "checks": checks,
        "verdict": {
            "read": verdict.read,
            "data_signature": verdict.data_signature,
            "chain": verdict.chain,
            "chip_genuine": verdict.chip_genuine,
            "print_match": verdict.print_match,
            "validity": verdict.validity,
            "forbidden_data": verdict.forbidden_data,
            "trust_bundle": verdict.trust_bundle,
            "algorithm": verdict.algorithm,
        },
        "fields": fields(verdict),
        "apdus": cost.apdus,
        "bytes_sent": cost.bytes_sent,
        "bytes_received": cost.bytes_received,
        "ms": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
    })
}

/// The white list, without what is absent; sex is not part of an answer.
fn fields(verdict: &ChipVerdict) -> Value {
    let f = &verdict.fields;
    let rows = [
        ("name", &f.name),
        ("address", &f.address),
        ("surname", &f.surname),
        ("given_names", &f.given_names),
        ("birth_date", &f.birth_date),
        ("nationality", &f.nationality),
        ("issuing_state", &f.issuing_state),
        ("document_number", &f.document_number),
        ("expiry_date", &f.expiry_date),
    ];
    let mut map: Map<String, Value> =
        rows.into_iter().filter_map(|(name, value)| value.as_ref().map(|v| (name.to_owned(), json!(v)))).collect();
    if let Some(licence) = &f.licence {
        let rows = [
            ("kana", &licence.kana),
            ("alias", &licence.alias),
            ("issue_date", &licence.issue_date),
            ("issuer", &licence.issuer),
        ];
        map.extend(rows.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value.as_ref()?)))));
        if !licence.changes.is_empty() {
            map.insert("changes".to_owned(), json!(licence.changes));
        }
    }
    if f.has_portrait {
        map.insert("portrait".to_owned(), json!(true));
    }
    if let Some(residence) = &f.residence {
        map.insert("residence".to_owned(), json!(residence));
    }
    Value::Object(map)
}

fn to_text(verdict: &ChipVerdict, cost: Cost, took: Duration) -> String {
    let mut out = String::new();
    let codes = verdict.codes();
    let _ = writeln!(out, "{}  {}", verdict.level().name().to_uppercase(), codes.join(", "));
    for line in &verdict.checks {
        let _ = writeln!(out, "  {:<24} {:<13} {}", line.name, line.state.name(), line.detail);
    }
    let _ = writeln!(
        out,
        "{} APDUs, {} bytes sent, {} received, {} ms",
        cost.apdus,
        cost.bytes_sent,
        cost.bytes_received,
        took.as_millis()
    );
    out
}
