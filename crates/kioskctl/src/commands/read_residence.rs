//! `read residence`: a residence card through PC/SC, judged on this machine.

use std::io::{BufRead as _, Read as _};
use std::path::Path;
use std::time::Instant;

use apdu::TransportError;
use chip::portrait::Pixels;
use chip::residence::{
    CardNumber, Generation, InspectError, InspectPlan, Progress, ResidenceEvidence, ResidenceFile, TransportKey,
    face_images, front_image, inspect, photo, scanned_address,
};
use chip::{portrait, tiff};
use chip_crypto::random::SystemRandom;
use kiosk::{Readers, trust_files};
use session::Failure;
use trust::residence::{Declared, Mode, ResidenceTrust, judge_with};

use super::read::{named, pcsc};
use crate::cli::ReadResidence;
use crate::output::{Answer, CommandError};
use crate::trust_args;
use crate::verdict_answer::{self, Cost};

pub fn run(arguments: &ReadResidence) -> Result<Answer, CommandError> {
    let number = card_number(arguments)?;
    let trust = trust_args::load_residence(&arguments.judging.trust, believed(arguments)?)?;
    let plan = InspectPlan { transport_key: transport_key(arguments)?, ..InspectPlan::default() };
    let readers = pcsc();
    let reader = named(&readers, &arguments.reader)?;
    let mut card = readers.connect_card(&reader).map_err(|error| super::readers::failed(&error))?;
    let started = Instant::now();
    let read = inspect(&mut card, &number, &plan, &mut SystemRandom::new(), &mut report);
    card.disconnect(true);
    let evidence = read.map_err(failed)?;
    let at = arguments.judging.at.unwrap_or_else(jiff::Timestamp::now);
    let counters = evidence.counters;
    let cost =
        Cost { apdus: counters.apdus.into(), bytes_sent: counters.bytes_sent, bytes_received: counters.bytes_received };
    if let Some(folder) = &arguments.save {
        save(folder, &evidence)?;
    }
    let declared =
        Declared { expiry: arguments.expiry, extension_applied: arguments.extension_applied, ..Declared::default() };
    let verdict = judge_with(&evidence, &trust, &declared, at);
    Ok(verdict_answer::answer(&verdict, cost, started.elapsed()))
}

fn card_number(arguments: &ReadResidence) -> Result<CardNumber, CommandError> {
    let mut line = zeroize::Zeroizing::new(String::new());
    let text = match &arguments.card_number {
        Some(text) => text,
        None => {
            // Far more than any card number.
            let read = std::io::stdin().lock().take(256).read_line(&mut line);
            read.map_err(|e| CommandError::file(Path::new("-"), &e))?;
            &*line
        }
    };
    CardNumber::parse(text).map_err(|error| CommandError::Usage(error.to_string()))
}

fn believed(arguments: &ReadResidence) -> Result<ResidenceTrust, CommandError> {
    #[cfg(feature = "simulator")]
    let mode = if arguments.test_authorities { Mode::Test } else { Mode::Production };
    #[cfg(not(feature = "simulator"))]
    let mode = Mode::Production;
    arguments.pins.iter().try_fold(ResidenceTrust::new(mode), |trust, pin| Ok(trust.with_pin(fingerprint(pin)?)))
}

/// Sixty-four hexadecimal digits; colons, as other tools print them, are left out.
fn fingerprint(text: &str) -> Result<[u8; 32], CommandError> {
    let wrong = || CommandError::Usage(format!("--pin wants the 64 hexadecimal digits of a SHA-256, not {text:?}"));
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b':').collect();
    if digits.len() != 64 {
        return Err(wrong());
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        let pair = std::str::from_utf8(pair).map_err(|_| wrong())?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
    }
    Ok(bytes)
}

fn transport_key(arguments: &ReadResidence) -> Result<Option<TransportKey>, CommandError> {
    let Some(path) = &arguments.transport_key else { return Ok(None) };
    let (file, _) = trust_files::read(path).map_err(trust_args::failed)?;
    let key = TransportKey::import(&file)
        .map_err(|error| CommandError::incomplete("TRUST_LIST_INVALID", format!("{}: {error}", path.display())))?;
    if !key.is_production {
        eprintln!("kioskctl: {}: not the agency's production key, as far as it is known", path.display());
    }
    Ok(Some(key))
}

fn report(progress: Progress) {
    tracing::debug!(?progress, "reading");
}

fn failed(error: InspectError) -> CommandError {
    let code = Failure::from(error).code;
    let removed = matches!(error, InspectError::Transport(TransportError::CardRemoved));
    let hint = if removed { "; put the card back and read again" } else { "" };
    CommandError::incomplete(code.name(), format!("{error}{hint}"))
}

fn save(folder: &Path, evidence: &ResidenceEvidence) -> Result<(), CommandError> {
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).map_err(|e| CommandError::file(&path, &e))
    };
    std::fs::create_dir_all(folder).map_err(|e| CommandError::file(folder, &e))?;
    for (file, bytes) in &evidence.files {
        write(&format!("{}.bin", file.name().to_lowercase().replace('/', "-")), bytes)?;
    }
    for (name, pixels) in images(evidence) {
        write(&format!("{name}.ppm"), &ppm(&pixels))?;
    }
    Ok(())
}

/// The images that can be decoded.
fn images(evidence: &ResidenceEvidence) -> Vec<(&'static str, Pixels)> {
    let file = |file: ResidenceFile| evidence.files.get(&file).map(Vec::as_slice);
    let (scan, face, address) = match evidence.card_type.generation() {
        Generation::First => (
            ("front", file(ResidenceFile::Df1Ef01).and_then(|file| front_image(file).ok())),
            file(ResidenceFile::Df1Ef02).and_then(|file| photo(file).ok()),
            None,
        ),
        Generation::Second => {
            let both = file(ResidenceFile::Df1Ef03).and_then(|file| face_images(file).ok());
            (
                ("name", both.map(|images| images.name)),
                both.map(|images| images.photo),
                file(ResidenceFile::Df1Ef04).and_then(|file| scanned_address(file).ok()),
            )
        }
    };
    let scans = [scan, ("address", address)];
    let scans = scans.into_iter().filter_map(|(name, image)| Some((name, tiff::decode(image?).ok()?)));
    let face = face.and_then(|face| Some(("face", portrait::decode_bytes(face).ok()?)));
    scans.chain(face).collect()
}

/// Portable pixmap: every image viewer opens it, and no library is needed to write it.
fn ppm(pixels: &Pixels) -> Vec<u8> {
    let mut out = format!("P6\n{} {}\n255\n", pixels.width, pixels.height).into_bytes();
    out.extend_from_slice(&pixels.rgb);
    out
}
