//! `verify passport`: files alone, no card.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::cli::VerifyCommand;
use crate::output::{Answer, CommandError};
use crate::trust_args;
use crate::verdict_answer::{self, Cost};

/// Budget of one file of a chip: DG2 may have 1 MiB.
const MAX_CHIP_FILE: u64 = 1024 * 1024;

pub fn run(command: &VerifyCommand) -> Result<Answer, CommandError> {
    let VerifyCommand::Passport { sod, data_groups, judging } = command;
    let trust = trust_args::load(&judging.trust)?;
    let sod = chip_file(sod)?;
    let mut files = BTreeMap::new();
    for argument in data_groups {
        let (number, path) = numbered(argument)?;
        if files.insert(number, chip_file(&path)?).is_some() {
            return Err(CommandError::Usage(format!("--dg {number} is given twice")));
        }
    }
    let at = judging.at.unwrap_or_else(jiff::Timestamp::now);
    let started = Instant::now();
    let verdict = trust::judge_files(&sod, &files, &trust, at);
    Ok(verdict_answer::answer(&verdict, Cost::default(), started.elapsed()))
}

fn numbered(argument: &str) -> Result<(u8, PathBuf), CommandError> {
    let usage = || CommandError::Usage(format!("--dg wants N=FILE with N from 1 to 16, not {argument:?}"));
    let (number, path) = argument.split_once('=').ok_or_else(usage)?;
    let number: u8 = number.parse().map_err(|_| usage())?;
    if !(1..=16).contains(&number) {
        return Err(usage());
    }
    Ok((number, PathBuf::from(path)))
}

fn chip_file(path: &Path) -> Result<Vec<u8>, CommandError> {
    let length = std::fs::metadata(path).map_err(|e| CommandError::file(path, &e))?.len();
    if length > MAX_CHIP_FILE {
        return Err(CommandError::incomplete(
            "FILE_LIMIT",
            format!("{}: {length} bytes is more than a chip file may have", path.display()),
        ));
    }
    std::fs::read(path).map_err(|e| CommandError::file(path, &e))
}
