//! The way into each document: a key in, evidence or a failure out.

use apdu::{Card, ReadPlan};
use chip::ChipEvidence;
use chip::licence::LicencePlan;
use chip::mrtd::{InspectPlan, Kept};
use chip::my_number::{Lane, Request};
use chip::{licence, mrtd, my_number, residence};
use chip_crypto::random::SecureRandom;
use session::{ChipKey, Failure, ReadProgress};

/// Files of a licence that are read at most.
const LICENCE_FILES: usize = 9;
/// Files of a My Number card that are read at most.
const MY_NUMBER_FILES: usize = 6;

/// What goes on beside the reading of a passport.
pub struct Beside<'a> {
    /// What an earlier reading brought before the card was lifted.
    pub kept: &'a mut Kept,
    /// Gets EF.SOD as soon as it is read.
    pub on_sod: &'a mut dyn FnMut(&[u8]),
}

/// Opens and reads the document a key belongs to. A secret in the key is sent at most once. What was read of a passport before it was
/// lifted is not read again.
///
/// # Errors
/// What ended the reading, in the words of the catalogue.
pub fn inspect(
    card: &mut dyn Card,
    key: ChipKey,
    plan: &InspectPlan,
    random: &mut dyn SecureRandom,
    on: &mut dyn FnMut(ReadProgress),
    beside: &mut Beside<'_>,
) -> Result<ChipEvidence, Failure> {
    match key {
        ChipKey::Passport(key) => {
            let mut on = |progress| on(of_mrtd(progress));
            let Beside { kept, on_sod } = beside;
            let evidence = mrtd::inspect_resuming(card, &key, plan, random, &mut on, kept, *on_sod)?;
            Ok(ChipEvidence::Mrtd(evidence))
        }
        ChipKey::Residence(number) => {
            let extended = plan.read.extended.is_none_or(|ne| ne > 256);
            let plan = residence::InspectPlan { extended, ..residence::InspectPlan::default() };
            let evidence =
                residence::inspect(card, &number, &plan, random, &mut |progress| on(of_residence(progress)))?;
            Ok(ChipEvidence::Residence(evidence))
        }
        ChipKey::NumberB(number) => my_number(card, Lane::NumberB(number.to_send()?), None, random, on),
        ChipKey::TextPin(pin, consent) => my_number(card, Lane::TextPin(pin), consent, random, on),
        ChipKey::Licence(pins) => {
            let mut done = 0;
            let mut report = |progress| {
                if let licence::Progress::Reading(file) = progress {
                    on(ReadProgress::File { file: file.name().to_owned(), done, of: LICENCE_FILES });
                    done += 1;
                } else {
                    on(edge(progress == licence::Progress::Done));
                }
            };
            let usual = LicencePlan::default();
            let plan = LicencePlan { read: ReadPlan { extended: plan.read.extended, ..usual.read }, ..usual };
            let evidence = licence::inspect(card, *pins, &plan, &mut report)?;
            Ok(ChipEvidence::Licence(evidence))
        }
    }
}

fn my_number(
    card: &mut dyn Card,
    lane: Lane,
    consent: Option<chip::pin::LastTryConsent<chip::pin::TextPin>>,
    random: &mut dyn SecureRandom,
    on: &mut dyn FnMut(ReadProgress),
) -> Result<ChipEvidence, Failure> {
    let consent = my_number::Consent { text_pin: consent, ..my_number::Consent::default() };
    let request = Request { lane: Some(lane), consent, ..Request::default() };
    let (mut done, mut last) = (0, None);
    let mut report = |progress| match progress {
        my_number::Progress::Opening(_) | my_number::Progress::Proving(_) => {}
        my_number::Progress::Reading { file, .. } => {
            if last.replace(file) != Some(file) {
                on(ReadProgress::File { file: file.name().to_owned(), done, of: MY_NUMBER_FILES });
                done += 1;
            }
        }
        my_number::Progress::Done => on(edge(true)),
    };
    Ok(ChipEvidence::MyNumber(my_number::inspect(card, request, random, &mut report)?))
}

fn of_mrtd(progress: mrtd::Progress) -> ReadProgress {
    match progress {
        mrtd::Progress::Opening => ReadProgress::Opening,
        mrtd::Progress::Reading { file, bytes, of } => {
            ReadProgress::Reading { file: file.name().to_owned(), bytes, of }
        }
        mrtd::Progress::ProvingChip => ReadProgress::ProvingChip,
        mrtd::Progress::Done => ReadProgress::Done,
    }
}

fn of_residence(progress: residence::Progress) -> ReadProgress {
    match progress {
        residence::Progress::Reading { file, done, of } => {
            ReadProgress::File { file: file.name().to_owned(), done, of }
        }
        residence::Progress::Opening => edge(false),
        residence::Progress::Done => edge(true),
    }
}

fn edge(done: bool) -> ReadProgress {
    if done { ReadProgress::Done } else { ReadProgress::Opening }
}
