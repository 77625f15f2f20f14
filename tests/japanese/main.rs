//! The negative matrix of the security specification for Japanese cards (rows L, M and R) and valid controls beside it: the same card
//! read by the kiosk's core in this process, by `kioskctl` at a real PC/SC service, and judged again by the backend from the sealed
//! evidence. Rows that need an answer of a service, or hands between two commands, stand in the tests of each document.
#![cfg(target_os = "linux")]

mod backend_way;
mod command_line;
mod core_way;
mod cost;
mod rows;

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use backend_way::Server;
use command_line::Desk;
use rows::{Row, rows};

/// What one way said: the deciding code, `-` for none, and the level where there is a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub code: String,
    pub level: Option<String>,
}

impl Said {
    pub fn of(codes: &[String], level: &str) -> Self {
        Self { code: codes.first().cloned().unwrap_or_else(|| "-".to_owned()), level: Some(level.to_owned()) }
    }

    pub fn refused(code: &str) -> Self {
        Self { code: code.to_owned(), level: None }
    }
}

#[allow(clippy::print_stdout, reason = "the table is the answer")]
#[test]
fn every_row_has_its_code_in_every_way() {
    let begun = Instant::now();
    let rows = rows();
    let controls = rows.iter().filter(|row| row.expected.code == "-").count();
    assert!(controls >= 20, "{controls} valid cards");
    let desk = Desk::open();
    let mut server = Server::start();
    let mut table = String::from("| id | what | expected | core | kioskctl | backend |\n|---|---|---|---|---|---|\n");
    let mut differences = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let (core, read) = core_way::run(row);
        let backend = read.map(|(evidence, verdict)| server.judge(number, row, &evidence, &verdict));
        let command = desk.read(row);
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {} | {} |",
            row.id,
            row.what,
            text(Some(&row.expected)),
            text(Some(&core)),
            text(Some(&command)),
            text(backend.as_ref())
        );
        for (way, said) in [("core", Some(&core)), ("kioskctl", Some(&command)), ("backend", backend.as_ref())] {
            if said.is_some_and(|said| *said != row.expected) {
                differences.push(format!("{} {}, {way}: {}", row.id, row.what, text(said)));
            }
        }
        if row.expected.level.is_some() && backend.is_none() {
            differences.push(format!("{} {}: no evidence for the backend", row.id, row.what));
        }
    }
    println!("{table}\n{} rows, {controls} of them valid cards, {:.0?}", rows.len(), begun.elapsed());
    let artifacts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../artifacts");
    std::fs::create_dir_all(&artifacts).expect("a folder");
    std::fs::write(artifacts.join("negative-matrix-japanese.md"), &table).expect("a file");
    assert!(differences.is_empty(), "{} differences\n{}", differences.len(), differences.join("\n"));
}

fn text(said: Option<&Said>) -> String {
    match said {
        None => "no evidence".to_owned(),
        Some(Said { code, level: None }) => code.clone(),
        Some(Said { code, level: Some(level) }) => format!("{code} ({level})"),
    }
}

/// A row's number as bytes, for identifiers.
pub fn tag(number: usize) -> u8 {
    u8::try_from(number).expect("fewer than 256 rows")
}

pub type Rows = Vec<Row>;
