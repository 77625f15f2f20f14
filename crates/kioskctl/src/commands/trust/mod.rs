//! Trust data: what is in it, what changes with it, and the bundle a device judges by.

mod diff;
mod import;
mod inspect;

use crate::cli::TrustCommand;
use crate::output::{Answer, CommandError};

pub fn run(command: &TrustCommand) -> Result<Answer, CommandError> {
    match command {
        TrustCommand::Inspect { paths } => inspect::run(paths),
        TrustCommand::Import { paths, data_dir, key } => import::run(paths, data_dir, key.as_deref()),
        TrustCommand::Diff { old, new } => diff::run(old, new),
    }
}
