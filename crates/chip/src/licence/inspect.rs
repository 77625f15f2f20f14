//! The order of a reading, in one place.

use std::collections::BTreeMap;

use apdu::{
    Card, CommandApdu, ReadFileError, ReadPlan, StatusWord, TransportError, read_to_end, select_application,
    transmit_whole,
};
use zeroize::Zeroizing;

use super::common::{CommonData, PinSetting};
use super::evidence::{self, LicenceEvidence};
use super::face::Face;
use super::layout::{DF1, DF2, LicenceFile, LicenceLayout, PIN1, PIN2, SignedInput};
use super::{Changes, FieldError, changes, face, gaiji, photo};
use crate::mrtd::Counting;
use crate::pin::{self, LastTryConsent, LicencePin1, LicencePin2, Pin, PinError, PinPath, Tries};

/// How to read.
#[derive(Clone, Copy, Debug)]
pub struct LicencePlan {
    /// What the reader can carry.
    pub read: ReadPlan,
    /// Whether the domicile may be read to be hashed, which the signature needs. A bank may turn it off.
    pub hash_domicile: bool,
    /// The hypotheses on the card's layout.
    pub layout: LicenceLayout,
}

impl Default for LicencePlan {
    fn default() -> Self {
        // Files of a licence have at most 2005 bytes; one of an unknown version may have grown.
        let read = ReadPlan { short_limit: 256, max_file: 16 * 1024, ..ReadPlan::default() };
        Self { read, hash_domicile: true, layout: LicenceLayout::default() }
    }
}

/// What the holder entered. Without PIN 2 there is neither photo nor signature to verify.
#[derive(Default)]
pub struct LicencePins {
    /// 暗証番号1; needed when the card says that PINs are set.
    pub pin1: Option<Pin<LicencePin1>>,
    /// 暗証番号2.
    pub pin2: Option<Pin<LicencePin2>>,
    /// Consent to the last try of PIN 1.
    pub consent1: Option<LastTryConsent<LicencePin1>>,
    /// Consent to the last try of PIN 2.
    pub consent2: Option<LastTryConsent<LicencePin2>>,
}

/// Which of the two secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secret {
    /// 暗証番号1.
    Pin1,
    /// 暗証番号2.
    Pin2,
}

/// How far a reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// What needs no PIN is read, and PINs are sent.
    Opening,
    /// A file is being read.
    Reading(LicenceFile),
    /// Everything is read.
    Done,
}

/// Why a reading ended without evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InspectError {
    /// The card has not the files of a licence.
    #[error("the card is no driver's licence")]
    NotLicence,
    /// The card does not say whether PINs are set: nothing was sent.
    #[error("the card does not say whether PINs are set")]
    PinSettingUnknown,
    /// PINs are set and none was entered.
    #[error("PIN 1 is needed")]
    PinNeeded,
    /// A PIN was not accepted.
    #[error("{secret:?}: {source}")]
    Pin {
        /// Which.
        secret: Secret,
        /// Why.
        source: PinError,
    },
    /// A file could not be read.
    #[error("{} could not be read: {source}", file.name())]
    ReadFile {
        /// The file.
        file: LicenceFile,
        /// Why.
        source: ReadFileError,
    },
    /// A file was read and is none of a licence.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// No response.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

/// Reads how many tries are left for both PINs, before anybody is asked for one. Costs none.
///
/// # Errors
/// See [`InspectError`].
pub fn read_pin_tries<C: Card>(mut card: C) -> Result<[Tries; 2], InspectError> {
    select_master_file(&mut card)?;
    let read = |card: &mut C, secret, qualifier| {
        pin::read_tries(card, &path(qualifier)).map_err(|source| InspectError::Pin { secret, source })
    };
    Ok([read(&mut card, Secret::Pin1, PIN1)?, read(&mut card, Secret::Pin2, PIN2)?])
}

/// Reads a licence: common data and PIN setting; PIN 1 and 2; the face, its changes, the signature; the photo.
///
/// The card is consumed; it should be reset afterwards, since its files stay open until then.
///
/// # Errors
/// See [`InspectError`]. A file that is not on the card is evidence, not an error, but for the face.
pub fn inspect<C: Card>(
    card: C,
    pins: LicencePins,
    plan: &LicencePlan,
    on: &mut dyn FnMut(Progress),
) -> Result<LicenceEvidence, InspectError> {
    on(Progress::Opening);
    let mut reading = Reading { card: Counting::new(card), plan, sizes_known: false, absent: BTreeMap::new(), on };
    select_master_file(&mut reading.card)?;
    let common = reading.free(LicenceFile::Common)?;
    reading.sizes_known = CommonData::parse(&common).is_ok_and(|common| common.is_known_version());
    let pin_setting = reading.free(LicenceFile::PinSetting)?;
    let both = reading.present(PinSetting::parse(&pin_setting), pins)?;

    reading.select(&DF1)?;
    let face_file = reading
        .read(LicenceFile::Face)?
        .ok_or(InspectError::ReadFile { file: LicenceFile::Face, source: ReadFileError::NotFound })?;
    let face = face::parse(&face_file)?;
    let changes = match reading.read(LicenceFile::Changes)? {
        Some(file) => changes::parse(&file)?,
        None => BTreeMap::new(),
    };
    let gaiji = reading.gaiji(Face(&face), Changes(&changes))?;
    let signature = reading.read(LicenceFile::Signature)?.map(|file| file.to_vec());
    let domicile =
        if both && plan.hash_domicile && signature.is_some() { reading.read(LicenceFile::Domicile)? } else { None };

    let (mut photo, mut signed) = (None, BTreeMap::new());
    if both {
        reading.select(&DF2)?;
        if let Some(file) = reading.read(LicenceFile::Photo)? {
            photo = photo::parse(&file)?;
            if let Some(domicile) = &domicile {
                signed = SignedInput::ALL.map(|form| (form, form.digest(&face_file, domicile, &file))).into();
            }
        }
    }
    drop(domicile);
    (reading.on)(Progress::Done);
    Ok(LicenceEvidence {
        common: common.to_vec(),
        pin_setting: pin_setting.to_vec(),
        face,
        changes,
        gaiji,
        photo,
        signature,
        signed,
        absent: reading.absent,
        counters: reading.card.counters(),
    })
}

struct Reading<'a, C> {
    card: Counting<C>,
    plan: &'a LicencePlan,
    /// The version is one whose sizes are known.
    sizes_known: bool,
    absent: BTreeMap<LicenceFile, StatusWord>,
    on: &'a mut dyn FnMut(Progress),
}

impl<C: Card> Reading<'_, C> {
    /// Sends the PINs the setting asks for. Says whether both are accepted.
    fn present(&mut self, setting: Option<PinSetting>, pins: LicencePins) -> Result<bool, InspectError> {
        let LicencePins { pin1, pin2, consent1, consent2 } = pins;
        let (pin1, pin2) = match setting {
            None => return Err(InspectError::PinSettingUnknown),
            Some(PinSetting::Set) => (pin1.ok_or(InspectError::PinNeeded)?, pin2),
            // What was entered belongs to no PIN of this card.
            Some(PinSetting::NotSet) => (Pin::unset(), Some(Pin::unset())),
        };
        pin::verify(&mut self.card, &path(PIN1), pin1, consent1)
            .map_err(|source| InspectError::Pin { secret: Secret::Pin1, source })?;
        let Some(pin2) = pin2 else { return Ok(false) };
        pin::verify(&mut self.card, &path(PIN2), pin2, consent2)
            .map_err(|source| InspectError::Pin { secret: Secret::Pin2, source })?;
        Ok(true)
    }

    /// A file every licence gives without PIN.
    fn free(&mut self, file: LicenceFile) -> Result<Zeroizing<Vec<u8>>, InspectError> {
        match read_to_end(&mut self.card, file.reference(), Some(file.size()), &self.plan.read) {
            Ok(bytes) => Ok(bytes),
            Err(ReadFileError::NotFound | ReadFileError::Refused(_)) => Err(InspectError::NotLicence),
            Err(source) => Err(failed(file, source)),
        }
    }

    /// A file, or nothing when the card does not give it.
    fn read(&mut self, file: LicenceFile) -> Result<Option<Zeroizing<Vec<u8>>>, InspectError> {
        (self.on)(Progress::Reading(file));
        let size = self.sizes_known.then_some(file.size());
        let status = match read_to_end(&mut self.card, file.reference(), size, &self.plan.read) {
            Ok(bytes) => return Ok(Some(bytes)),
            Err(ReadFileError::NotFound) => StatusWord::FILE_NOT_FOUND,
            Err(ReadFileError::Refused(status)) => status,
            Err(source) => return Err(failed(file, source)),
        };
        self.absent.insert(file, status);
        Ok(None)
    }

    /// The external characters that are referred to, from the files that hold them; a file nobody refers to is not read.
    fn gaiji(&mut self, face: Face<'_>, changes: Changes<'_>) -> Result<BTreeMap<u8, Vec<u8>>, InspectError> {
        let used = evidence::used(face, changes, &self.plan.layout);
        let mut found = BTreeMap::new();
        for (file, numbers) in [(LicenceFile::Gaiji, 1..=2), (LicenceFile::ChangeGaiji, 3..=7)] {
            if used.range(numbers).next().is_some()
                && let Some(bytes) = self.read(file)?
            {
                // A file that cannot be divided holds no character: the verdict says which are missing.
                found.extend(gaiji::parse(file, &bytes).unwrap_or_default());
            }
        }
        found.retain(|number, _| used.contains(number));
        Ok(found)
    }

    fn select(&mut self, aid: &[u8]) -> Result<(), InspectError> {
        match select_application(&mut self.card, aid) {
            Ok(_) => Ok(()),
            Err(ReadFileError::NotFound | ReadFileError::Refused(_)) => Err(InspectError::NotLicence),
            Err(source) => Err(failed(LicenceFile::Face, source)),
        }
    }
}

fn failed(file: LicenceFile, source: ReadFileError) -> InspectError {
    if let ReadFileError::Transport(error) = source { error.into() } else { InspectError::ReadFile { file, source } }
}

/// The PINs lie under the master file, which the reading has just been in.
fn path(qualifier: u8) -> PinPath {
    PinPath { select: Vec::new(), reselect: vec![master_file()], qualifier }
}

fn master_file() -> CommandApdu {
    CommandApdu::new(0x00, 0xA4, 0x00, 0x00)
}

fn select_master_file<C: Card>(card: &mut C) -> Result<(), InspectError> {
    let status = transmit_whole(card, &master_file())?.status;
    if status.is_ok() || status.sw1() == 0x62 { Ok(()) } else { Err(InspectError::NotLicence) }
}
