//! The order of a reading, in one place.

use apdu::{Card, ReadFileError, ReadPlan, TransportError};
use chip_crypto::random::{RandomError, SecureRandom};

use super::access_key::AccessKey;
use super::bac::BacError;
use super::counting::Counting;
use super::evidence::{MrtdEvidence, MrtdFile};
use super::kept::Kept;
use super::pace::PaceError;
use super::reading::Reading;

/// How to read.
#[derive(Clone, Copy, Debug, Default)]
pub struct InspectPlan {
    /// What the reader can carry. `extended` says what the reader takes; the chip is asked for its own limit.
    pub read: ReadPlan,
    /// Whether the answer to reset says that the chip takes extended length fields; where it says nothing, EF.ATR/INFO is asked.
    pub chip_extended: Option<bool>,
    /// Whether EF.COM is left unread. It is unsigned and decides nothing, but that it contradicts the SOD is worth knowing.
    pub without_com: bool,
    /// Whether a failed PACE may be followed by BAC. The evidence then records the downgrade.
    pub allow_bac_after_pace_failure: bool,
}

impl InspectPlan {
    /// The plan for one card in one reader: the greatest Ne the reader carries, and the answer to reset.
    #[must_use]
    pub fn for_card(mut self, reader: Option<u32>, atr: &[u8]) -> Self {
        self.read.extended = reader;
        self.chip_extended = apdu::atr::extended_length(atr);
        self
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
        file: MrtdFile,
        /// Bytes read.
        bytes: usize,
        /// Bytes it has.
        of: usize,
    },
    /// Chip and Active Authentication.
    ProvingChip,
    /// Everything is read.
    Done,
}

/// Why access was not gained, in terms of the key and of policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// The key is of another document, or misread.
    #[error("the access key does not open this chip")]
    WrongKey,
    /// BAC takes the machine readable zone, not a card access number.
    #[error("this chip opens only with its machine readable zone")]
    MrzNeeded,
    /// Every advertised variant of PACE is one this terminal does not run, and falling back to BAC is not allowed.
    #[error("the chip offers only variants of PACE that are not supported")]
    PaceNotSupported,
}

/// Why a reading ended without evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InspectError {
    /// The key or policy kept the chip closed.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// BAC failed, though not over the key.
    #[error(transparent)]
    Bac(BacError),
    /// PACE is advertised and failed, though not over the key; BAC was not tried.
    #[error(transparent)]
    Pace(PaceError),
    /// The chip has no eMRTD application.
    #[error("the chip is no electronic travel document")]
    NotMrtd,
    /// A file could not be read.
    #[error("{} could not be read: {source}", file.name())]
    ReadFile {
        /// The file.
        file: MrtdFile,
        /// Why.
        source: ReadFileError,
    },
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// No response: the card or reader went away, or secure messaging broke.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

/// Reads a travel document: access, SOD, DG1, EF.COM, DG14, DG15, Chip Authentication, Active Authentication, DG2.
///
/// The card is consumed; it should be reset afterwards, since it knows the session keys. Files the chip does not have are
/// evidence, not errors, and so is a chip that cannot prove itself. After a channel the card gave up, access is gained again
/// and reading resumes where it stopped.
///
/// # Errors
/// See [`InspectError`].
pub fn inspect<C: Card>(
    card: C,
    key: &AccessKey,
    plan: &InspectPlan,
    rng: &mut dyn SecureRandom,
    on: &mut dyn FnMut(Progress),
) -> Result<MrtdEvidence, InspectError> {
    inspect_resuming(card, key, plan, rng, on, &mut Kept::default(), &mut |_| {})
}

/// Reads as [`inspect`] does and takes up what a reading of the same document brought before its card went away. What this one brings
/// before an error is kept in turn. `on_sod` gets EF.SOD as soon as it is read, so that it can be verified while the rest arrives.
///
/// # Errors
/// See [`InspectError`].
pub fn inspect_resuming<C: Card>(
    card: C,
    key: &AccessKey,
    plan: &InspectPlan,
    rng: &mut dyn SecureRandom,
    on: &mut dyn FnMut(Progress),
    kept: &mut Kept,
    on_sod: &mut dyn FnMut(&[u8]),
) -> Result<MrtdEvidence, InspectError> {
    on(Progress::Opening);
    let mut reading = Reading::open(Counting::new(card), key, plan, rng, on, kept)?;
    match read_all(&mut reading, plan, kept, on_sod) {
        Ok(()) => {
            *kept = Kept::knowing(Some(reading.learned()));
            Ok(reading.finish())
        }
        Err(error) => {
            reading.keep(kept);
            Err(error)
        }
    }
}

fn read_all<C: Card>(
    reading: &mut Reading<'_, C>,
    plan: &InspectPlan,
    kept: &mut Kept,
    on_sod: &mut dyn FnMut(&[u8]),
) -> Result<(), InspectError> {
    // DG1 and SOD first, so that checks can start; DG2, by far the largest, last.
    reading.read(MrtdFile::Sod)?;
    if let Some(sod) = reading.file(MrtdFile::Sod) {
        on_sod(sod);
    }
    reading.take_up(kept);
    reading.read(MrtdFile::Dg1)?;
    if !plan.without_com {
        reading.read(MrtdFile::Com)?;
    }
    if reading.may_have(14) {
        reading.read(MrtdFile::Dg14)?;
    }
    // There are chips with a key nothing lists: it proves nothing, and that it is there is said.
    reading.read(MrtdFile::Dg15)?;
    reading.authenticate_chip()?;
    reading.authenticate_actively()?;
    reading.read(MrtdFile::Dg2)
}
