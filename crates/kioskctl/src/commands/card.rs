//! `card serve`: a simulated card in the virtual PC/SC reader.

use std::path::Path;

use serde_json::json;
use simulator::vpcd::{self, ServeOptions, Served, Stop, VpcdError};
use simulator::{Profile, ProfileError, licence, my_number, residence};

use crate::cli::CardCommand;
use crate::output::{Answer, CommandError, Outcome};

pub fn run(command: &CardCommand) -> Result<Answer, CommandError> {
    let CardCommand::Serve { profile, vpcd } = command;
    let (name, mut card) = if let Some(persona) = licence::find(profile).map_err(failed)? {
        (persona.name.clone(), licence::place(&persona).map_err(failed)?)
    } else if let Some((contents, faults)) = my_number::find(profile).map_err(failed)? {
        (contents.name.clone(), my_number::place(contents, faults))
    } else if let Some(profile) = residence::find(profile).map_err(failed)? {
        (profile.name.clone(), profile.place().map_err(failed)?)
    } else {
        let profile = find(profile)?;
        let card = simulator::place(&profile).map_err(failed)?;
        (profile.name, card)
    };
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

/// A built-in profile, a JSON file, or a folder of raw files.
pub fn find(text: &str) -> Result<Profile, CommandError> {
    if !simulator::BUILT_IN.contains(&text) && !Path::new(text).exists() {
        return Err(CommandError::Usage(format!(
            "{text}: neither a file nor one of the built-in profiles {}",
            simulator::BUILT_IN.join(", ")
        )));
    }
    Profile::find(text).map_err(failed)
}

fn failed(error: ProfileError) -> CommandError {
    CommandError::incomplete("PROFILE_INVALID", error.to_string())
}
