//! `read licence`: a driver's licence, or with `--my-number` the licence on a My Number card.

use std::io::Read as _;
use std::path::Path;
use std::time::Instant;

use apdu::ReadPlan;
use chip::licence::my_number::{self, MyNumberLicencePlan};
use chip::licence::{LicencePins, LicencePlan, inspect};
use chip::mrtd::Counters;
use chip::pin::{Pin, PinFormatError, PinKind};
use kiosk::Readers as _;
use serde::Serialize;
use session::Failure;
use zeroize::Zeroizing;

use crate::cli::ReadLicence;
use crate::output::{Answer, CommandError};
use crate::trust_args;
use crate::verdict_answer::{self, Cost};

pub fn run(arguments: &ReadLicence) -> Result<Answer, CommandError> {
    let trust = trust_args::load_licence(&arguments.judging.trust)?;
    let secrets = Secrets::read(usize::from(arguments.pin1_stdin) + usize::from(arguments.pin2_stdin))?;
    let readers = super::read::pcsc();
    let reader = super::read::named(&readers, &arguments.reader)?;
    // Parsed before the card is touched: a mistyped PIN costs nothing.
    let (pins, my_number_pin) = if arguments.my_number {
        (LicencePins::default(), secrets.pin(0)?)
    } else {
        (LicencePins { pin1: secrets.pin(0)?, pin2: secrets.pin(1)?, ..LicencePins::default() }, None)
    };
    let mut card = readers.connect_card(&reader).map_err(|error| super::readers::failed(&error))?;
    let usual = LicencePlan::default();
    let plan = LicencePlan { read: ReadPlan { extended: card.extended_length(), ..usual.read }, ..usual };
    let started = Instant::now();
    let at = arguments.judging.at.unwrap_or_else(jiff::Timestamp::now);
    if arguments.my_number {
        let read = my_number::inspect(&mut card, my_number_pin, None, &MyNumberLicencePlan::default());
        card.disconnect(true);
        let evidence = read.map_err(|error| failed(error.into(), &error))?;
        save(arguments.save.as_deref(), &evidence, evidence.photo.as_deref())?;
        let verdict = trust::licence::judge_my_number(&evidence, &trust, at);
        return Ok(verdict_answer::answer(&verdict, cost(evidence.counters), started.elapsed()));
    }
    let read = inspect(&mut card, pins, &plan, &mut |progress| {
        tracing::debug!(?progress, "reading");
    });
    card.disconnect(true);
    let evidence = read.map_err(|error| failed(error.into(), &error))?;
    save(arguments.save.as_deref(), &evidence, evidence.photo.as_deref())?;
    let verdict = trust::licence::judge(&evidence, &trust, at);
    Ok(verdict_answer::answer(&verdict, cost(evidence.counters), started.elapsed()))
}

/// Lines of standard input, one a secret, in the order of the flags.
struct Secrets {
    text: Zeroizing<String>,
    count: usize,
}

impl Secrets {
    fn read(count: usize) -> Result<Self, CommandError> {
        /// Far more than any secrets.
        const LIMIT: u64 = 256;
        // Never moved while it grows: nothing is left behind.
        let mut text = Zeroizing::new(String::with_capacity(LIMIT as usize));
        if count > 0 {
            let read = std::io::stdin().lock().take(LIMIT).read_to_string(&mut text);
            read.map_err(|e| CommandError::file(Path::new("-"), &e))?;
            if text.lines().count() < count {
                return Err(CommandError::Usage(format!("standard input has fewer than {count} lines")));
            }
        }
        Ok(Self { text, count })
    }

    fn pin<K: PinKind>(&self, line: usize) -> Result<Option<Pin<K>>, CommandError> {
        let Some(text) = self.text.lines().take(self.count).nth(line) else { return Ok(None) };
        Pin::parse(text).map(Some).map_err(|error: PinFormatError| {
            CommandError::incomplete(Failure::from(error).code.name(), format!("{}: {error}", K::NAME))
        })
    }
}

fn cost(counters: Counters) -> Cost {
    Cost { apdus: counters.apdus.into(), bytes_sent: counters.bytes_sent, bytes_received: counters.bytes_received }
}

/// A card that answers and refuses could not be read; the tries left stand in the code.
fn failed(failure: Failure, error: &dyn std::error::Error) -> CommandError {
    CommandError::incomplete(failure.to_string(), error.to_string())
}

/// The evidence as it can be judged again, and the photo beside it.
fn save(folder: Option<&Path>, evidence: &impl Serialize, photo: Option<&[u8]>) -> Result<(), CommandError> {
    let Some(folder) = folder else { return Ok(()) };
    std::fs::create_dir_all(folder).map_err(|e| CommandError::file(folder, &e))?;
    let json = serde_json::to_vec_pretty(evidence)
        .map_err(|error| CommandError::incomplete("FILE_UNREADABLE", error.to_string()))?;
    let files = [("licence.json", Some(json.as_slice())), ("photo.jp2", photo)];
    for (name, bytes) in files.into_iter().filter_map(|(name, bytes)| Some((name, bytes?))) {
        let path = folder.join(name);
        std::fs::write(&path, bytes).map_err(|e| CommandError::file(&path, &e))?;
    }
    Ok(())
}
