//! The table of the whole matrix, and what differs in it.

use std::fmt::Write as _;

use crate::case::{Case, Cell, Ways};

/// The table as Markdown.
pub fn render(rows: &[(Case, Ways)]) -> String {
    let mut out = String::from("| id | what | expected | core | kioskctl | backend |\n|---|---|---|---|---|---|\n");
    for (case, ways) in rows {
        let [core, kioskctl, backend] = [&ways.core, &ways.kioskctl, &ways.backend].map(text);
        let _ = writeln!(
            out,
            "| {} | {} | {} | {core} | {kioskctl} | {backend} |",
            case.id,
            case.what,
            case.expected.code()
        );
    }
    out
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Code(code) => code.clone(),
        Cell::NoEvidence => "no evidence".to_owned(),
        Cell::NotApplicable(why) => format!("– ({why})"),
        Cell::NotRun(why) => format!("NOT RUN: {why}"),
    }
}

/// Every cell that is not what the row asks for.
pub fn differences(rows: &[(Case, Ways)], pcsc: bool) -> Vec<String> {
    let mut found = Vec::new();
    for (case, ways) in rows {
        for (way, cell) in [("core", &ways.core), ("kioskctl", &ways.kioskctl), ("backend", &ways.backend)] {
            let fits = match cell {
                Cell::Code(code) => code == case.expected.code(),
                Cell::NoEvidence => way == "backend" && !case.expected.gives_evidence(),
                Cell::NotApplicable(_) => true,
                Cell::NotRun(_) => way == "kioskctl" && !pcsc,
            };
            if !fits {
                found.push(format!(
                    "{} {}: expected {}, {way}: {}",
                    case.id,
                    case.what,
                    case.expected.code(),
                    text(cell)
                ));
            }
        }
    }
    found
}
