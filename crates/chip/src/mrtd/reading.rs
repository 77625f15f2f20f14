use std::collections::BTreeMap;

use apdu::{
    Card, ChannelFault, CommandApdu, Learned, PartialFile, ReadFileError, ReadPlan, StatusWord, TransportError,
    read_file, resume_file, select_application, transmit_whole,
};
use chip_crypto::random::SecureRandom;

use super::access_key::AccessKey;
use super::bac::{self, BacError, BacRandom};
use super::counting::Counting;
use super::evidence::{
    AccessEvidence, AccessProtocol, ActiveTranscript, ChipAuthTranscript, MrtdEvidence, MrtdFile, PaceFailure,
};
use super::inspect::{AccessError, InspectError, InspectPlan, Progress};
use super::kept::Kept;
use super::pace::{self, PaceError};
use super::pace_cam::PaceCamTranscript;
use super::secure_messaging::SecureMessaging;
use super::secured::Secured;
use super::security_info::{PaceInfo, SecurityInfos};
use super::{AID, active_authentication, atr_info, card_access, chip_authentication, com, dg14, pace_choice, sod};

/// How often access is gained anew after the card gave up a channel.
const MAX_REOPENINGS: u32 = 3;
/// What secure messaging adds to a response, rounded up.
const PROTECTION_OVERHEAD: u32 = 64;

/// A reading in progress: the open channel and the evidence so far.
pub(super) struct Reading<'a, C: Card> {
    channel: Secured<Counting<C>>,
    access: Access<'a>,
    protocol: Protocol,
    read_plan: ReadPlan,
    learned: Learned,
    reopenings: u32,
    /// The file that is being read.
    partial: Option<(MrtdFile, PartialFile)>,
    evidence: AccessEvidence,
    files: BTreeMap<MrtdFile, Vec<u8>>,
    absent: BTreeMap<MrtdFile, StatusWord>,
    mapping: Option<PaceCamTranscript>,
    active: Option<ActiveTranscript>,
    active_refused: Option<StatusWord>,
    chip: Option<ChipAuthTranscript>,
    on: &'a mut dyn FnMut(Progress),
}

struct Access<'a> {
    key: &'a AccessKey,
    plan: &'a InspectPlan,
    rng: &'a mut dyn SecureRandom,
}

/// The way in that worked, for going in again.
#[derive(Clone, Copy)]
enum Protocol {
    Bac,
    Pace { info: PaceInfo, name_parameters: bool },
}

impl<'a, C: Card> Reading<'a, C> {
    pub(super) fn open(
        mut card: Counting<C>,
        key: &'a AccessKey,
        plan: &'a InspectPlan,
        rng: &'a mut dyn SecureRandom,
        on: &'a mut dyn FnMut(Progress),
        kept: &Kept,
    ) -> Result<Self, InspectError> {
        let mut access = Access { key, plan, rng };
        let (mut files, mut absent) = (BTreeMap::new(), BTreeMap::new());
        let extended = extended_limit(&mut card, plan)?;
        let mut learned = Learned::new(&plan.read);
        let mut found = CardAccess::look_for(&mut card, &mut learned)?;
        if found.may_be_elsewhere(key) {
            select_master_file(&mut card)?;
            found = CardAccess::look_for(&mut card, &mut learned)?;
        }
        let mut gained = access.gain(&mut card, &found.infos);
        // A chip that refuses BAC and has shown no EF.CardAccess started elsewhere than in its master file.
        if matches!(gained, Err(InspectError::Bac(_))) && found.file.is_err() {
            select_master_file(&mut card)?;
            found = CardAccess::look_for(&mut card, &mut learned)?;
            if found.infos.offers_pace() {
                gained = access.gain(&mut card, &found.infos);
            }
        }
        let Gained { messaging, mapping, protocol, pace_failure } = gained?;
        let CardAccess { file, infos } = found;
        match file {
            Ok(bytes) => drop(files.insert(MrtdFile::CardAccess, bytes)),
            Err(status) => drop(absent.insert(MrtdFile::CardAccess, status)),
        }
        let mut channel = Secured::new(card, messaging);
        if mapping.is_some() {
            read_card_security(&mut channel, &plan.read, extended, &mut files, &mut absent)?;
        }
        let reopen = channel.is_poisoned();
        if !reopen {
            protocol.select_if_needed(&mut channel)?;
        }
        let read_plan = ReadPlan { short_limit: channel.short_limit(), extended, ..plan.read };
        let evidence = AccessEvidence {
            protocol: protocol.evidence(),
            pace_advertised: infos.offers_pace(),
            pace_failure,
            mrz_key: match key {
                AccessKey::Mrz(key) => Some(key.clone()),
                AccessKey::Can(_) => None,
            },
        };
        let mut learned = Learned::new(&read_plan).after(&learned);
        if let Some(before) = &kept.learned {
            learned = learned.knowing(before);
        }
        let (active, active_refused, chip) = (None, None, None);
        let mut reading = Self {
            channel,
            access,
            protocol,
            read_plan,
            learned,
            reopenings: 0,
            partial: None,
            evidence,
            files,
            absent,
            mapping,
            active,
            active_refused,
            chip,
            on,
        };
        if reopen {
            reading.reopen(ChannelFault::Poisoned)?;
        }
        Ok(reading)
    }

    /// Reads one file into the evidence, gaining access again where the card gives up the channel.
    pub(super) fn read(&mut self, file: MrtdFile) -> Result<(), InspectError> {
        if self.files.contains_key(&file) || self.absent.contains_key(&file) {
            return Ok(());
        }
        let begun = self.partial.take().filter(|(begun, _)| *begun == file);
        let mut partial = begun.map(|(_, partial)| partial).unwrap_or_default();
        let read = self.go_on_reading(file, &mut partial);
        if read.is_err() {
            self.partial = Some((file, partial));
        }
        read
    }

    /// What an earlier reading brought, when the same EF.SOD lies there. Files it does not bind are as old as it is.
    pub(super) fn take_up(&mut self, kept: &mut Kept) {
        let Kept { files, absent, partial, learned } = std::mem::take(kept);
        kept.learned = learned;
        let same = |file: MrtdFile| files.get(&file).is_some_and(|before| self.files.get(&file) == Some(before));
        if !same(MrtdFile::Sod) {
            return;
        }
        let access = |file: &MrtdFile| matches!(file, MrtdFile::CardAccess | MrtdFile::CardSecurity);
        self.files.extend(files.into_iter().filter(|(file, _)| !access(file)));
        self.absent.extend(absent.into_iter().filter(|(file, _)| !access(file)));
        self.partial = partial.map(|(file, mut partial)| {
            partial.forget_selection();
            (file, partial)
        });
    }

    /// Keeps what was read, for a reading that comes after.
    pub(super) fn keep(self, kept: &mut Kept) {
        // Without EF.SOD of this card nothing of it can be told to be the same later; what was kept before stays.
        if self.files.contains_key(&MrtdFile::Sod) {
            let learned = Some(self.learned);
            *kept = Kept { files: self.files, absent: self.absent, partial: self.partial, learned };
        }
    }

    fn go_on_reading(&mut self, file: MrtdFile, partial: &mut PartialFile) -> Result<(), InspectError> {
        let usually_short = match file {
            MrtdFile::Com | MrtdFile::Dg1 => true,
            // An RSA key of the usual length; an EC key comes with DG14 and its curve in full.
            MrtdFile::Dg15 => !self.files.contains_key(&MrtdFile::Dg14),
            MrtdFile::Sod | MrtdFile::Dg2 | MrtdFile::Dg14 | MrtdFile::CardAccess | MrtdFile::CardSecurity => false,
        };
        let plan = ReadPlan { max_file: file.max_size(), usually_short, ..self.read_plan };
        let mut glitched = false;
        loop {
            let on = &mut *self.on;
            let mut progress = |bytes, of| on(Progress::Reading { file, bytes, of });
            match resume_file(&mut self.channel, file.reference(), &plan, &mut self.learned, partial, &mut progress) {
                Ok(bytes) => {
                    self.files.insert(file, bytes);
                    return Ok(());
                }
                Err(ReadFileError::NotFound) => {
                    self.absent.insert(file, StatusWord::FILE_NOT_FOUND);
                    return Ok(());
                }
                Err(ReadFileError::Refused(status)) => {
                    self.absent.insert(file, status);
                    return Ok(());
                }
                Err(ReadFileError::Transport(TransportError::Channel(ChannelFault::RefusedByCard(status)))) => {
                    self.reopen(ChannelFault::RefusedByCard(status))?;
                    partial.forget_selection();
                    if status == 0x6F00 && !std::mem::replace(&mut glitched, true) {
                        continue;
                    }
                    // What killed the channel is not tried again: a short identifier, or a size.
                    let missing = matches!(status, 0x6A81..=0x6A83 | 0x6A88);
                    let another_way =
                        if missing { self.learned.without_short_ids() } else { self.learned.shrink(true) };
                    if !another_way {
                        self.absent.insert(file, StatusWord(status));
                        return Ok(());
                    }
                }
                Err(ReadFileError::Transport(error)) => return Err(error.into()),
                Err(source) => return Err(InspectError::ReadFile { file, source }),
            }
        }
    }

    /// Whether SOD or EF.COM lists a data group, or one of them cannot be told.
    pub(super) fn may_have(&self, number: u8) -> bool {
        let of_sod = self.files.get(&MrtdFile::Sod).and_then(|file| sod::data_groups(file));
        let of_com = match self.files.get(&MrtdFile::Com) {
            Some(file) => com::parse(file).ok().map(|com| com.data_groups),
            None => Some(Vec::new()),
        };
        let (Some(of_sod), Some(of_com)) = (of_sod, of_com) else { return true };
        of_sod.contains(&number) || of_com.contains(&number)
    }

    /// Chip Authentication, when DG14 offers it and chip authentication mapping has not done its work (Doc 9303-11, 6).
    pub(super) fn authenticate_chip(&mut self) -> Result<(), InspectError> {
        if self.mapping.is_some() && self.files.contains_key(&MrtdFile::CardSecurity) {
            return Ok(());
        }
        // A malformed DG14 is judged from its bytes; here it offers nothing.
        let Some(Ok(infos)) = self.files.get(&MrtdFile::Dg14).map(|file| dg14::parse(file)) else {
            return Ok(());
        };
        (self.on)(Progress::ProvingChip);
        self.chip = chip_authentication::run(&mut self.channel, &infos, self.access.rng)?;
        self.learned.limit(self.channel.short_limit());
        self.reopen_if_lost()
    }

    /// Active Authentication, when there is a DG15.
    pub(super) fn authenticate_actively(&mut self) -> Result<(), InspectError> {
        let Some(dg15) = self.files.get(&MrtdFile::Dg15) else {
            return Ok(());
        };
        (self.on)(Progress::ProvingChip);
        let mut challenge = [0; 8];
        self.access.rng.fill(&mut challenge)?;
        let short_limit = self.channel.short_limit();
        match active_authentication::run(&mut self.channel, dg15, challenge, short_limit) {
            Ok(Ok(transcript)) => self.active = Some(transcript),
            Ok(Err(status)) => self.active_refused = Some(status),
            Err(TransportError::Channel(ChannelFault::RefusedByCard(status))) => {
                self.active_refused = Some(StatusWord(status))
            }
            Err(error) => return Err(error.into()),
        }
        self.reopen_if_lost()
    }

    pub(super) fn file(&self, file: MrtdFile) -> Option<&[u8]> {
        self.files.get(&file).map(Vec::as_slice)
    }

    pub(super) fn learned(&self) -> Learned {
        self.learned
    }

    pub(super) fn finish(self) -> MrtdEvidence {
        (self.on)(Progress::Done);
        MrtdEvidence {
            access: self.evidence,
            files: self.files,
            absent: self.absent,
            active: self.active,
            active_refused: self.active_refused,
            chip: self.chip,
            mapping: self.mapping,
            counters: self.channel.inner().counters(),
        }
    }

    fn reopen_if_lost(&mut self) -> Result<(), InspectError> {
        if self.channel.is_poisoned() { self.reopen(ChannelFault::Poisoned) } else { Ok(()) }
    }

    /// Gains access again by the protocol that worked before, never by another.
    fn reopen(&mut self, fault: ChannelFault) -> Result<(), InspectError> {
        if self.reopenings == MAX_REOPENINGS {
            return Err(TransportError::Channel(fault).into());
        }
        self.reopenings += 1;
        let card = self.channel.inner_mut();
        let messaging = match self.protocol {
            Protocol::Bac => self.access.bac(card)?,
            Protocol::Pace { info, name_parameters } => {
                select_master_file(card)?;
                self.access.pace(card, &info, name_parameters).map_err(access_error)?.messaging
            }
        };
        self.channel.rekey(messaging);
        self.learned.limit(self.channel.short_limit());
        self.protocol.select_if_needed(&mut self.channel)
    }
}

/// The open channel and how it came about.
struct Gained {
    messaging: SecureMessaging,
    mapping: Option<PaceCamTranscript>,
    protocol: Protocol,
    pace_failure: Option<PaceFailure>,
}

impl Gained {
    fn by_bac(messaging: SecureMessaging, pace_failure: Option<PaceFailure>) -> Self {
        Self { messaging, mapping: None, protocol: Protocol::Bac, pace_failure }
    }
}

impl Access<'_> {
    /// PACE when it is offered; BAC when it is not, or when policy lets a failed PACE pass.
    fn gain<C: Card>(&mut self, card: &mut C, infos: &SecurityInfos) -> Result<Gained, InspectError> {
        if !infos.offers_pace() {
            return Ok(Gained::by_bac(self.bac(card)?, None));
        }
        let failure = match pace_choice::strongest(&infos.pace) {
            None => (none_runs(infos), PaceFailure::Unsupported),
            Some(info) => {
                let name_parameters = infos.pace.iter().filter(|other| other.oid() == info.oid()).count() > 1;
                match self.pace(card, &info, name_parameters) {
                    Ok(pace::Agreed { messaging, mapping }) => {
                        let protocol = Protocol::Pace { info, name_parameters };
                        return Ok(Gained { messaging, mapping, protocol, pace_failure: None });
                    }
                    Err(error) => {
                        let Some(failure) = pace_failure(&error) else {
                            return Err(access_error(error));
                        };
                        (access_error(error), failure)
                    }
                }
            }
        };
        if !self.plan.allow_bac_after_pace_failure {
            return Err(failure.0);
        }
        Ok(Gained::by_bac(self.bac(card)?, Some(failure.1)))
    }

    fn pace<C: Card>(
        &mut self,
        card: &mut C,
        info: &PaceInfo,
        name_parameters: bool,
    ) -> Result<pace::Agreed, PaceError> {
        pace::negotiate(card, info, self.key, name_parameters, self.rng)
    }

    fn bac<C: Card>(&mut self, card: &mut C) -> Result<SecureMessaging, InspectError> {
        let AccessKey::Mrz(key) = self.key else {
            return Err(AccessError::MrzNeeded.into());
        };
        select_mrtd(card)?;
        let random = BacRandom::draw(self.rng)?;
        bac::negotiate(card, key, &random).map_err(|error| match error {
            BacError::WrongKey(_) => AccessError::WrongKey.into(),
            BacError::Transport(error) => error.into(),
            BacError::Refused(_)
            | BacError::Malformed
            | BacError::MacInvalid
            | BacError::ChallengeMismatch
            | BacError::Cipher(_)
            | BacError::Random(_) => InspectError::Bac(error),
        })
    }
}

impl Protocol {
    fn evidence(&self) -> AccessProtocol {
        match self {
            Self::Bac => AccessProtocol::Bac,
            Self::Pace { info, .. } => AccessProtocol::Pace {
                mapping: info.mapping,
                parameter_id: info.parameter_id.unwrap_or_default(),
                cipher: info.cipher,
            },
        }
    }

    /// Doc 9303-11, 4.2: the application is selected before BAC in plain, after PACE under secure messaging.
    fn select_if_needed<C: Card>(&self, channel: &mut Secured<C>) -> Result<(), InspectError> {
        match self {
            Self::Bac => Ok(()),
            Self::Pace { .. } => select_mrtd(channel),
        }
    }
}

fn access_error(error: PaceError) -> InspectError {
    match error {
        PaceError::WrongKey(_) => AccessError::WrongKey.into(),
        PaceError::Transport(error) => error.into(),
        PaceError::Refused { .. }
        | PaceError::MappingNotSupported
        | PaceError::Malformed { .. }
        | PaceError::NonceLength
        | PaceError::Curve(_)
        | PaceError::Modp(_)
        | PaceError::Random(_)
        | PaceError::KeyReflected
        | PaceError::TokenInvalid
        | PaceError::Cipher(_) => InspectError::Pace(error),
    }
}

/// What a failed PACE is called in evidence; `None` where BAC would be no downgrade but pointless.
fn pace_failure(error: &PaceError) -> Option<PaceFailure> {
    match error {
        PaceError::WrongKey(_) | PaceError::Transport(_) => None,
        PaceError::Refused { status, .. } => Some(PaceFailure::Refused(*status)),
        PaceError::MappingNotSupported => Some(PaceFailure::Unsupported),
        PaceError::Malformed { .. }
        | PaceError::NonceLength
        | PaceError::Curve(_)
        | PaceError::Modp(_)
        | PaceError::Random(_)
        | PaceError::KeyReflected
        | PaceError::TokenInvalid
        | PaceError::Cipher(_) => Some(PaceFailure::ProtocolViolated),
    }
}

/// Why no variant on offer is run: its parameters are unknown, or the variant itself is.
fn none_runs(infos: &SecurityInfos) -> InspectError {
    match infos.pace.iter().find_map(|info| info.group().err()) {
        Some(error) => InspectError::Pace(error.into()),
        None => AccessError::PaceNotSupported.into(),
    }
}

/// EF.CardSecurity stands under the master file, which is current until the application is selected. Its absence, or a channel
/// given up over it, is evidence and no error.
fn read_card_security<C: Card>(
    channel: &mut Secured<C>,
    plan: &ReadPlan,
    extended: Option<u32>,
    files: &mut BTreeMap<MrtdFile, Vec<u8>>,
    absent: &mut BTreeMap<MrtdFile, StatusWord>,
) -> Result<(), InspectError> {
    const FILE: MrtdFile = MrtdFile::CardSecurity;
    let plan = ReadPlan { short_limit: channel.short_limit(), extended, max_file: FILE.max_size(), ..*plan };
    match read_file(channel, FILE.reference(), &plan, &mut |_, _| {}) {
        Ok(bytes) => drop(files.insert(FILE, bytes)),
        Err(ReadFileError::NotFound) => drop(absent.insert(FILE, StatusWord::FILE_NOT_FOUND)),
        Err(ReadFileError::Refused(status)) => drop(absent.insert(FILE, status)),
        Err(ReadFileError::Transport(TransportError::Channel(ChannelFault::RefusedByCard(status)))) => {
            absent.insert(FILE, StatusWord(status));
        }
        Err(ReadFileError::Transport(error)) => return Err(error.into()),
        Err(source) => return Err(InspectError::ReadFile { file: FILE, source }),
    }
    Ok(())
}

/// EF.CardAccess, or the chip's refusal, and what it offers.
struct CardAccess {
    file: Result<Vec<u8>, StatusWord>,
    infos: SecurityInfos,
}

impl CardAccess {
    /// The file stands under the master file, which is current after a reset. It is selected by its identifier: the one answer that
    /// says for certain, in one command, that a chip has none.
    fn look_for<C: Card>(card: &mut C, learned: &mut Learned) -> Result<Self, InspectError> {
        const FILE: MrtdFile = MrtdFile::CardAccess;
        let plan = ReadPlan { short_limit: 256, max_file: FILE.max_size(), short_ids: false, ..ReadPlan::default() };
        *learned = Learned::new(&plan).after(learned);
        let mut partial = PartialFile::default();
        let refused = match resume_file(card, FILE.reference(), &plan, learned, &mut partial, &mut |_, _| {}) {
            Ok(bytes) => {
                let infos = card_access::parse(&bytes)
                    .map_err(|error| InspectError::ReadFile { file: FILE, source: ReadFileError::Tlv(error) })?;
                return Ok(Self { file: Ok(bytes), infos });
            }
            Err(ReadFileError::NotFound) => StatusWord::FILE_NOT_FOUND,
            Err(ReadFileError::Refused(status)) => status,
            Err(ReadFileError::Transport(error)) => return Err(error.into()),
            Err(source) => return Err(InspectError::ReadFile { file: FILE, source }),
        };
        Ok(Self { file: Err(refused), infos: SecurityInfos::default() })
    }

    /// Cards that start elsewhere refuse in other words than "not found". And a chip without the file opens by BAC, which a card
    /// access number cannot do.
    fn may_be_elsewhere(&self, key: &AccessKey) -> bool {
        match self.file {
            Ok(_) => false,
            Err(status) => status != StatusWord::FILE_NOT_FOUND || matches!(key, AccessKey::Can(_)),
        }
    }
}

fn select_master_file<C: Card>(card: &mut C) -> Result<(), TransportError> {
    // Cards without a master file to select refuse, and mean the same.
    transmit_whole(card, &CommandApdu::new(0x00, 0xA4, 0x00, 0x0C).with_data([0x3F, 0x00])).map(drop)
}

fn select_mrtd<C: Card>(card: &mut C) -> Result<(), InspectError> {
    match select_application(card, &AID) {
        Ok(_) => Ok(()),
        Err(ReadFileError::Transport(error)) => Err(error.into()),
        Err(ReadFileError::NotFound | ReadFileError::Refused(_)) => Err(InspectError::NotMrtd),
        Err(ReadFileError::Loop) => Err(TransportError::ResponseLoop.into()),
        Err(ReadFileError::Oversize) => Err(TransportError::Oversize { length: 0 }.into()),
        Err(ReadFileError::NoProgress | ReadFileError::FileLimit { .. } | ReadFileError::Tlv(_)) => {
            Err(InspectError::NotMrtd)
        }
    }
}

/// What reader and chip both take in one extended response. The chip is asked for its limit only when the reader carries extended
/// length and the answer to reset has not said it already.
fn extended_limit<C: Card>(card: &mut C, plan: &InspectPlan) -> Result<Option<u32>, TransportError> {
    let Some(reader) = plan.read.extended else {
        return Ok(None);
    };
    let chip = match plan.chip_extended {
        Some(true) => Some(reader),
        Some(false) => None,
        None => atr_info::greatest_response(card)?,
    };
    Ok(chip.map(|chip| chip.min(reader).saturating_sub(PROTECTION_OVERHEAD)).filter(|limit| *limit > 256))
}
