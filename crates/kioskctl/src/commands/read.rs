//! `read passport`: a card through PC/SC, judged on this machine.

use std::io::Read as _;
use std::path::Path;
use std::time::{Duration, Instant};

use apdu::TransportError;
use chip::mrtd::{AccessKey, Can, InspectError, InspectPlan, MrtdEvidence, Mrz, MrzKey, Progress, inspect};
use chip_crypto::random::SystemRandom;
use kiosk::{Readers, ReadersError};
use readers::{PcscReaders, ReadersConfig};
use session::Failure;

use crate::cli::{KeyArgs, ReadCommand, ReadPassport};
use crate::output::{Answer, CommandError};
use crate::trust_args;
use crate::verdict_answer::{self, Cost};

pub fn run(command: &ReadCommand) -> Result<Answer, CommandError> {
    match command {
        ReadCommand::Passport(arguments) => passport(arguments),
        ReadCommand::Licence(arguments) => super::read_licence::run(arguments),
        ReadCommand::MyNumber(arguments) => super::read_mynumber::run(arguments),
        ReadCommand::Residence(arguments) => super::read_residence::run(arguments),
        ReadCommand::Auto { reader } => super::read_auto::run(reader),
    }
}

/// The machine's readers, virtual ones included: an operator names the reader.
pub fn pcsc() -> PcscReaders {
    PcscReaders::new(ReadersConfig::with_virtual_pcd())
}

fn passport(arguments: &ReadPassport) -> Result<Answer, CommandError> {
    let key = access_key(&arguments.key)?;
    let trust = trust_args::load(&arguments.judging.trust)?;
    let answer_within = Duration::from_secs(arguments.card_timeout);
    let readers = PcscReaders::new(ReadersConfig { answer_within, ..ReadersConfig::with_virtual_pcd() });
    let reader = named(&readers, &arguments.reader)?;
    let mut card = readers.connect_card(&reader).map_err(|error| super::readers::failed(&error))?;
    let started = Instant::now();
    let plan = InspectPlan::default().for_card(card.extended_length(), card.atr());
    let read = inspect(&mut card, &key, &plan, &mut SystemRandom::new(), &mut report);
    card.disconnect(true);
    let evidence = read.map_err(failed)?;
    let at = arguments.judging.at.unwrap_or_else(jiff::Timestamp::now);
    let counters = evidence.counters;
    let cost =
        Cost { apdus: counters.apdus.into(), bytes_sent: counters.bytes_sent, bytes_received: counters.bytes_received };
    if let Some(folder) = &arguments.save {
        save(folder, &evidence)?;
    }
    let verdict = trust::judge_mrtd(&evidence, &trust, at);
    Ok(verdict_answer::answer(&verdict, cost, started.elapsed()))
}

pub(super) fn named(readers: &PcscReaders, text: &str) -> Result<String, CommandError> {
    let list = readers.list().map_err(|error| super::readers::failed(&error))?;
    let wanted = text.to_lowercase();
    // An exact name wins over a part of a name; among parts, the one with a card.
    let exact = list.iter().find(|r| r.name == text);
    let mut parts: Vec<_> = list.iter().filter(|r| r.name.to_lowercase().contains(&wanted)).collect();
    parts.sort_by_key(|r| !r.card_present);
    match exact.or(parts.first().copied()) {
        Some(reader) => Ok(reader.name.clone()),
        // A reader that is named in full and not allowed says so, rather than not to exist.
        None if readers.open(text).err() == Some(ReadersError::ReaderNotAllowed) => {
            Err(super::readers::failed(&ReadersError::ReaderNotAllowed))
        }
        None => {
            let names: Vec<_> = list.iter().map(|r| r.name.as_str()).collect();
            Err(CommandError::incomplete(
                "READER_MISSING",
                format!("no reader is called {text:?}; there are: [{}]", names.join(", ")),
            ))
        }
    }
}

fn access_key(arguments: &KeyArgs) -> Result<AccessKey, CommandError> {
    if let (Some(number), Some(birth), Some(expiry)) = (&arguments.document_number, &arguments.birth, &arguments.expiry)
    {
        let key = MrzKey::new(number, birth, expiry).map_err(|e| CommandError::Usage(format!("the key: {e}")))?;
        return Ok(AccessKey::Mrz(key));
    }
    if let Some(path) = &arguments.mrz_file {
        let text = secret(path)?;
        let mrz = Mrz::parse(&text)
            .map(|mrz| mrz.key())
            .or_else(|error| MrzKey::from_second_line(text.trim()).map_err(|_| error));
        return Ok(AccessKey::Mrz(mrz.map_err(|e| CommandError::Usage(format!("the machine readable zone: {e}")))?));
    }
    if let Some(can) = &arguments.can {
        let text = if can == "-" { secret(Path::new("-"))? } else { can.clone() };
        let can = Can::parse(text.trim()).map_err(|e| CommandError::Usage(format!("the card access number: {e}")))?;
        return Ok(AccessKey::Can(can));
    }
    Err(CommandError::Usage(
        "a key is needed: --document-number with --birth and --expiry, --mrz-file, or --can".to_owned(),
    ))
}

fn secret(path: &Path) -> Result<String, CommandError> {
    /// Far more than any machine readable zone.
    const LIMIT: u64 = 4096;
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(LIMIT).read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(LIMIT).read_to_string(&mut text))
    };
    read.map_err(|e| CommandError::file(path, &e))?;
    Ok(text)
}

fn report(progress: Progress) {
    tracing::debug!(?progress, "reading");
}

/// A document that answers and refuses is a negative verdict about the access, everything else could not be completed.
fn failed(error: InspectError) -> CommandError {
    let code = Failure::from(error).code;
    let removed = matches!(error, InspectError::Transport(TransportError::CardRemoved));
    let hint = if removed { "; put the document back and read again" } else { "" };
    CommandError::incomplete(code.name(), format!("{error}{hint}"))
}

fn save(folder: &Path, evidence: &MrtdEvidence) -> Result<(), CommandError> {
    std::fs::create_dir_all(folder).map_err(|e| CommandError::file(folder, &e))?;
    for (file, bytes) in &evidence.files {
        let path = folder.join(format!("{}.bin", file.name().replace('.', "_")));
        std::fs::write(&path, bytes).map_err(|e| CommandError::file(&path, &e))?;
    }
    Ok(())
}
