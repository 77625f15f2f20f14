//! `card serve`: a simulated card in the virtual PC/SC reader.

use std::path::Path;

use serde_json::json;
use simulator::vpcd::{self, ServeOptions, Served, Stop, VpcdError};
use simulator::{ProfileError, TestCard};

use crate::cli::CardCommand;
use crate::output::{Answer, CommandError, Outcome};

pub fn run(command: &CardCommand) -> Result<Answer, CommandError> {
    let CardCommand::Serve { profile, vpcd } = command;
    let found = find(profile)?;
    let (name, mut card) = (found.name().to_owned(), found.place().map_err(failed)?);
    let options = ServeOptions { address: vpcd.clone(), ..ServeOptions::default() };
    eprintln!("kioskctl: serving the test card {name:?} to {vpcd}; stop with Ctrl-C");
    let stop = Stop::new();
    let served = vpcd::serve(&mut *card, &options, &stop).map_err(|error| match error {
        VpcdError::Address(_) => CommandError::Usage(format!("--vpcd {vpcd}: {error}")),
        VpcdError::Unreachable(_) => CommandError::incomplete("READER_MISSING", format!("{vpcd}: {error}")),
    })?;
    let ended = match served {
        Served::Stopped => "stopped",
        Served::Lifted => "lifted",
    };
    Ok(Answer {
        outcome: Outcome::Verified,
        json: json!({ "ended": ended, "commands": stop.commands() }),
        text: format!("{ended} after {} commands", stop.commands()),
    })
}

/// A built-in card, a JSON file, or a folder of raw files.
pub fn find(text: &str) -> Result<TestCard, CommandError> {
    if !TestCard::built_in().any(|name| name == text) && !Path::new(text).exists() {
        let names: Vec<_> = TestCard::built_in().collect();
        return Err(CommandError::Usage(format!(
            "{text}: neither a file nor one of the built-in cards {}",
            names.join(", ")
        )));
    }
    TestCard::find(text).map_err(failed)
}

fn failed(error: ProfileError) -> CommandError {
    CommandError::incomplete("PROFILE_INVALID", error.to_string())
}
