//! One file a command.

mod bundle;
mod camera;
#[cfg(feature = "simulator")]
mod card;
mod doctor;
mod read;
mod read_auto;
mod read_licence;
mod read_mynumber;
mod read_residence;
mod readers;
#[cfg(feature = "simulator")]
mod session;
mod store;
mod trust;
mod verify;

use crate::cli::{Cli, Command};
use crate::output::{Answer, CommandError};

/// Runs the command the arguments name.
pub fn run(cli: &Cli) -> Result<Answer, CommandError> {
    match &cli.command {
        Command::Readers => readers::list(),
        Command::Trust(command) => trust::run(command),
        Command::Read(command) => read::run(command),
        Command::Verify(command) => verify::run(command),
        Command::Camera(command) => camera::run(command),
        #[cfg(feature = "simulator")]
        Command::Card(command) => card::run(command),
        #[cfg(feature = "simulator")]
        Command::Session(command) => session::run(command),
        Command::Store(command) => store::run(command),
        Command::Bundle(command) => bundle::run(command),
        Command::Doctor => doctor::run(),
    }
}
