//! The negative matrix of the security specification for passports and transports, and valid controls beside it: one generator, and
//! the same code from the kiosk's core, from `kioskctl` at a real PC/SC service, and from the backend.
#![cfg(target_os = "linux")]

mod case;
mod controls;
mod core;
mod made;
mod passport;
mod pcsc;
mod server;
#[path = "../../crates/trust/tests/support/mod.rs"]
mod support;
mod table;
mod transport;

use std::path::Path;
use std::time::Instant;

use case::{Case, Cell, Expected, Run, Ways};
use pcsc::Desk;
use server::Servers;
use trust::Level;

#[allow(clippy::print_stdout, reason = "the table is the answer")]
#[test]
fn every_row_has_its_code_in_every_way() {
    let begun = Instant::now();
    let mut cases = passport::cases();
    cases.extend(transport::cases());
    cases.extend(controls::cases());
    let controls = cases.iter().filter(|case| matches!(case.expected, Expected::Accepted { .. })).count();
    assert!(controls >= 40, "{controls} valid documents");
    let mut desk = Desk::open();
    // The core and the backend need no reader: they run beside the command line.
    let (inside, outside) = std::thread::scope(|scope| {
        let inside = scope.spawn(|| {
            let mut servers = Servers::default();
            cases.iter().enumerate().map(|(at, case)| run_inside(at, case, &mut servers)).collect::<Vec<_>>()
        });
        let outside: Vec<Cell> = cases.iter().map(|case| run_outside(case, desk.as_mut())).collect();
        (inside.join().expect("the core and the backend"), outside)
    });
    let pcsc = desk.is_some();
    drop(desk);
    let rows: Vec<(Case, Ways)> = cases
        .into_iter()
        .zip(inside)
        .zip(outside)
        .map(|((case, (core, backend)), kioskctl)| (case, Ways { core, kioskctl, backend }))
        .collect();
    let table = table::render(&rows);
    println!("{table}\n{} rows, {controls} of them valid documents, {:.0?}", rows.len(), begun.elapsed());
    let artifacts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../artifacts");
    std::fs::create_dir_all(&artifacts).expect("a folder");
    std::fs::write(artifacts.join("negative-matrix.md"), &table).expect("a file");
    let differences = table::differences(&rows, pcsc);
    assert!(differences.is_empty(), "{} differences\n{}", differences.len(), differences.join("\n"));
}

fn run_inside(at: usize, case: &Case, servers: &mut Servers) -> (Cell, Cell) {
    let made = match &case.run {
        Run::Card(made) => made,
        Run::Own { core, .. } => return (core(), Cell::NoEvidence),
    };
    let (evidence, verdict) = match core::run(made) {
        Ok(read) => read,
        Err(code) => return (Cell::Code(code), Cell::NoEvidence),
    };
    let code = core::deciding(&verdict.codes());
    let level = match &case.expected {
        Expected::Accepted { amber: None } => verdict.level() == Level::Green,
        Expected::Accepted { amber: Some(_) } => verdict.level() == Level::Amber,
        Expected::Judged(_) | Expected::Refused(_) => verdict.level() != Level::Green,
    };
    let core = match (level, case.also) {
        (false, _) => Cell::Code(format!("{code} at level {}: {:?}", verdict.level().name(), verdict.codes())),
        (true, Some(also)) if !also(&verdict) => Cell::Code(format!("{code}, but {:?}", verdict.chip_genuine)),
        (true, _) => Cell::Code(code),
    };
    let number = u8::try_from(at).expect("fewer than 256 cases");
    (core, servers.run(number, made, &evidence, &verdict))
}

fn run_outside(case: &Case, desk: Option<&mut Desk>) -> Cell {
    let Some(desk) = desk else {
        return Cell::NotRun("pcscd or vpcd is not installed".to_owned());
    };
    match &case.run {
        Run::Card(made) => desk.read(made),
        Run::Own { kioskctl, .. } => kioskctl(desk),
    }
}
