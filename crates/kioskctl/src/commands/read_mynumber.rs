//! `read mynumber`: a My Number card through PC/SC, judged on this machine.

use std::io::Read as _;
use std::path::Path;
use std::time::Instant;

use apdu::TransportError;
use chip::my_number::{InspectError, Lane, MyNumberEvidence, NumberB, Progress, Request, inspect};
use chip::pin::{Pin, PinFormatError};
use chip_crypto::random::SystemRandom;
use kiosk::Readers;
use session::Failure;
use trust::my_number::{Hierarchy, judge};
use zeroize::Zeroizing;

use super::read::{named, pcsc};
use crate::cli::ReadMyNumber;
use crate::output::{Answer, CommandError};
use crate::trust_args;
use crate::verdict_answer::{self, Cost};

pub fn run(arguments: &ReadMyNumber) -> Result<Answer, CommandError> {
    let input = trust_args::load_my_number(&arguments.judging.trust, hierarchy(arguments))?;
    // A certificate is read only where it is going to be judged.
    let request = Request { user_certificate: input.jpki, ..secrets(arguments)? };
    let readers = pcsc();
    let reader = named(&readers, &arguments.reader)?;
    let mut card = readers.connect_card(&reader).map_err(|error| super::readers::failed(&error))?;
    let started = Instant::now();
    let read = inspect(&mut card, request, &mut SystemRandom::new(), &mut report);
    card.disconnect(true);
    let evidence = read.map_err(failed)?;
    if let Some(folder) = &arguments.save {
        save(folder, &evidence)?;
    }
    let counters = evidence.counters;
    let cost =
        Cost { apdus: counters.apdus.into(), bytes_sent: counters.bytes_sent, bytes_received: counters.bytes_received };
    let at = arguments.judging.at.unwrap_or_else(jiff::Timestamp::now);
    Ok(verdict_answer::answer(&judge(&evidence, &input.trust, at), cost, started.elapsed()))
}

#[cfg(feature = "simulator")]
fn hierarchy(arguments: &ReadMyNumber) -> Hierarchy {
    if arguments.test_hierarchy { Hierarchy::Test } else { Hierarchy::Production }
}

#[cfg(not(feature = "simulator"))]
fn hierarchy(_arguments: &ReadMyNumber) -> Hierarchy {
    Hierarchy::Production
}

/// The secrets, one a line in the order of the options.
fn secrets(arguments: &ReadMyNumber) -> Result<Request, CommandError> {
    /// Far more than two secrets.
    const LIMIT: u64 = 256;
    let mut text = Zeroizing::new(String::with_capacity(256));
    std::io::stdin()
        .lock()
        .take(LIMIT)
        .read_to_string(&mut text)
        .map_err(|error| CommandError::file(Path::new("standard input"), &error))?;
    let mut lines = text.lines();
    let mut next = |what: &str| lines.next().ok_or_else(|| CommandError::Usage(format!("standard input lacks {what}")));
    let wrong = |what: &'static str| {
        move |error: PinFormatError| CommandError::Usage(format!("{what}: {error}; nothing was sent to the card"))
    };
    let lane = if arguments.number_b_stdin {
        Lane::NumberB(NumberB::parse(next("照合番号B")?).map_err(wrong("照合番号B"))?)
    } else {
        Lane::TextPin(Pin::parse(next("the PIN")?).map_err(wrong("the PIN"))?)
    };
    let signature_password = if arguments.sign_password_stdin {
        Some(Pin::parse(next("the password")?).map_err(wrong("the password"))?)
    } else {
        None
    };
    Ok(Request { lane: Some(lane), signature_password, ..Request::default() })
}

fn report(progress: Progress) {
    tracing::debug!(?progress, "reading");
}

fn failed(error: InspectError) -> CommandError {
    let code = Failure::from(error);
    let removed = matches!(error, InspectError::Transport(TransportError::CardRemoved));
    let hint = if removed { "; put the card back and read again" } else { "" };
    CommandError::incomplete(code.code.name(), format!("{error}{hint}"))
}

fn save(folder: &Path, evidence: &MyNumberEvidence) -> Result<(), CommandError> {
    std::fs::create_dir_all(folder).map_err(|e| CommandError::file(folder, &e))?;
    for (file, bytes) in &evidence.files {
        let path = folder.join(format!("{}.bin", file.name().replace(' ', "_")));
        std::fs::write(&path, bytes).map_err(|e| CommandError::file(&path, &e))?;
    }
    Ok(())
}
