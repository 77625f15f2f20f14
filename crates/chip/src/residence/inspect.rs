//! The order of a reading, in one place.

use std::collections::BTreeMap;

use apdu::{Card, ReadFileError, StatusWord, TransportError};
use chip_crypto::random::{RandomError, SecureRandom};

use super::AID_COMBINED;
use super::assumptions::Assumptions;
use super::authentication::{AuthenticationError, AuthenticationRandom, authenticate};
use super::card_number::CardNumber;
use super::card_type::{CardType, Generation};
use super::combined::{SessionKeyError, TransportKey, set_session_key};
use super::elements::ElementError;
use super::evidence::ResidenceEvidence;
use super::files::{self, FileSpec, ResidenceFile, layout};
use super::messaging::Messaging;
use super::reading::{self, Reach};
use crate::mrtd::Counting;

/// How to read.
#[derive(Clone, Debug)]
pub struct InspectPlan {
    /// Whether the reader takes extended length fields; where it or the card does not, reading goes on in small parts.
    pub extended: bool,
    /// For combined cards.
    pub transport_key: Option<TransportKey>,
    /// What is not known for certain.
    pub assumptions: Assumptions,
}

impl Default for InspectPlan {
    fn default() -> Self {
        Self { extended: true, transport_key: None, assumptions: Assumptions::default() }
    }
}

/// How far a reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Gaining access.
    Opening,
    /// Reading a file.
    Reading {
        /// The file.
        file: ResidenceFile,
        /// Files read so far.
        done: usize,
        /// Files there are.
        of: usize,
    },
    /// Everything is read.
    Done,
}

/// Why a reading ended without evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InspectError {
    /// The card has none of the files that tell its type.
    #[error("the card is no residence card")]
    NotResidenceCard,
    /// The type is not known, or the file malformed.
    #[error("the card's type cannot be read: {0}")]
    Type(ElementError),
    /// The card did not open.
    #[error(transparent)]
    Authentication(AuthenticationError),
    /// The combined card took no session key.
    #[error(transparent)]
    SessionKey(SessionKeyError),
    /// A file could not be read.
    #[error("{} could not be read: {source}", file.name())]
    ReadFile {
        /// The file.
        file: ResidenceFile,
        /// Why.
        source: ReadFileError,
    },
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// No response: the card or reader went away.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

/// Reads a residence card: type, access, DF1, DF2, DF3. The type chooses the protocol, since a wrong protocol and a wrong number
/// are answered alike.
///
/// Files the card does not have are evidence, not errors. The card should be reset afterwards, since it knows the session key.
///
/// # Errors
/// See [`InspectError`].
pub fn inspect<C: Card>(
    card: C,
    number: &CardNumber,
    plan: &InspectPlan,
    rng: &mut dyn SecureRandom,
    on: &mut dyn FnMut(Progress),
) -> Result<ResidenceEvidence, InspectError> {
    on(Progress::Opening);
    let mut card = Counting::new(card);
    let mut reach = Reach { extended: plan.extended };
    let mut read = Files::default();
    let card_type = card_type(&mut card, &mut read, &mut reach)?;
    let mut messaging = open(&mut card, card_type, number, plan, rng)?;

    let specs = layout(card_type);
    let mut directory = None;
    for (done, spec) in specs.iter().enumerate() {
        on(Progress::Reading { file: spec.file, done, of: specs.len() });
        if let Some(aid) = spec.file.directory().filter(|aid| directory != Some(*aid)) {
            match reading::select_directory(&mut card, aid) {
                Ok(()) => directory = Some(aid),
                Err(ReadFileError::NotFound) => {
                    read.absent.insert(spec.file, StatusWord::FILE_NOT_FOUND);
                    continue;
                }
                Err(source) => return Err(failed(spec.file, source)),
            }
        }
        read.take(&mut card, spec, Some(&mut messaging), &mut reach)?;
    }
    on(Progress::Done);
    Ok(ResidenceEvidence {
        card_type,
        card_number: number.clone(),
        files: read.files,
        absent: read.absent,
        counters: card.counters(),
    })
}

#[derive(Default)]
struct Files {
    files: BTreeMap<ResidenceFile, Vec<u8>>,
    absent: BTreeMap<ResidenceFile, StatusWord>,
}

impl Files {
    fn take<C: Card>(
        &mut self,
        card: &mut C,
        spec: &FileSpec,
        messaging: Option<&mut Messaging>,
        reach: &mut Reach,
    ) -> Result<(), InspectError> {
        match reading::read(card, spec, messaging, reach) {
            Ok(bytes) => {
                self.files.insert(spec.file, bytes);
            }
            Err(ReadFileError::NotFound) => {
                self.absent.insert(spec.file, StatusWord::FILE_NOT_FOUND);
            }
            Err(source) => return Err(failed(spec.file, source)),
        }
        Ok(())
    }
}

/// MF/EF02 and MF/EF01; on the chip of a My Number card they lie in 在留AP (that they do is inferred).
fn card_type<C: Card>(card: &mut C, read: &mut Files, reach: &mut Reach) -> Result<CardType, InspectError> {
    // A My Number card has no master file to select (6A86, 6A82).
    let mut file = reading::select_master(card).and_then(|()| reading::read(card, &files::CARD_TYPE, None, reach));
    if not_there(&file) {
        match reading::select_directory(card, &AID_COMBINED) {
            Ok(()) => {
                // My Number cards take short lengths only.
                reach.extended = false;
                file = reading::read(card, &files::CARD_TYPE, None, reach);
            }
            Err(ReadFileError::NotFound | ReadFileError::Refused(_)) => return Err(InspectError::NotResidenceCard),
            Err(source) => return Err(failed(ResidenceFile::MfEf02, source)),
        }
    }
    if not_there(&file) {
        return Err(InspectError::NotResidenceCard);
    }
    let file = file.map_err(|source| failed(ResidenceFile::MfEf02, source))?;
    let card_type = CardType::parse(&file).map_err(InspectError::Type)?;
    read.files.insert(ResidenceFile::MfEf02, file);
    read.take(card, &files::COMMON_DATA, None, reach)?;
    Ok(card_type)
}

fn not_there(file: &Result<Vec<u8>, ReadFileError>) -> bool {
    matches!(file, Err(ReadFileError::NotFound | ReadFileError::Refused(_)))
}

fn open<C: Card>(
    card: &mut C,
    card_type: CardType,
    number: &CardNumber,
    plan: &InspectPlan,
    rng: &mut dyn SecureRandom,
) -> Result<Messaging, InspectError> {
    if card_type.is_combined() {
        let mut messaging = set_session_key(card, plan.transport_key.as_ref(), &plan.assumptions, rng).map_err(
            |error| match error {
                SessionKeyError::Transport(error) => InspectError::Transport(error),
                SessionKeyError::Random(error) => InspectError::Random(error),
                SessionKeyError::NoTransportKey
                | SessionKeyError::NotAKey
                | SessionKeyError::Encrypt
                | SessionKeyError::Refused(_) => InspectError::SessionKey(error),
            },
        )?;
        super::authentication::verify(card, &mut messaging, number).map_err(opening)?;
        return Ok(messaging);
    }
    let random = AuthenticationRandom::draw(rng)?;
    let generation: Generation = card_type.generation();
    authenticate(card, generation, number, &random).map_err(opening)
}

fn opening(error: AuthenticationError) -> InspectError {
    match error {
        AuthenticationError::Transport(error) => InspectError::Transport(error),
        AuthenticationError::WrongNumber(_)
        | AuthenticationError::Refused(_)
        | AuthenticationError::Malformed
        | AuthenticationError::MacInvalid
        | AuthenticationError::ChallengeMismatch
        | AuthenticationError::Cipher(_)
        | AuthenticationError::Channel(_) => InspectError::Authentication(error),
    }
}

fn failed(file: ResidenceFile, source: ReadFileError) -> InspectError {
    match source {
        ReadFileError::Transport(error) => InspectError::Transport(error),
        ReadFileError::NotFound
        | ReadFileError::Refused(_)
        | ReadFileError::Loop
        | ReadFileError::Oversize
        | ReadFileError::NoProgress
        | ReadFileError::FileLimit { .. }
        | ReadFileError::Tlv(_) => InspectError::ReadFile { file, source },
    }
}
