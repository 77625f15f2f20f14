//! An e-passport chip (Doc 9303-10 and 9303-11) from the chip's side.

mod active_authentication;
mod bac;
mod chip_authentication;
mod files;
mod group;
mod pace;
mod password;
mod private_key;
mod secure_messaging;

use apdu::{Card, CommandApdu, ResponseApdu, StatusWord, TransportError};
use chip_crypto::curve::PrivateScalar;
use chip_crypto::random::SecureRandom;

use crate::profile::{Access, PaceVariant, Profile, ProfileError, Quirks};
use crate::{Excess, Fault, SimulatedCard};
use files::{FileSystem, Location};

pub(crate) use chip_authentication::protocol_oid as chip_oid;
pub use group::Group;
pub(crate) use group::GroupKey;
pub(crate) use pace::protocol_oid as pace_oid;
use private_key::ChipPrivateKey;
pub(crate) use private_key::curve_oid;
use secure_messaging::{SecureMessaging, UnprotectError};

/// What the card has been told so far; lost at every reset.
#[derive(Default)]
struct State {
    location: Location,
    current: Option<u16>,
    granted: bool,
    channel: Option<SecureMessaging>,
    bac_challenge: Option<[u8; 8]>,
    pace: pace::Progress,
    chip: Option<chip_authentication::Chosen>,
    /// What GET RESPONSE still fetches, and the status word that ends it.
    held: Option<ResponseApdu>,
}

/// A simulated e-passport.
pub struct PassportCard {
    atr: Vec<u8>,
    access: Access,
    mrz_information: Option<String>,
    files: FileSystem,
    active: Option<active_authentication::ActivePrivateKey>,
    chip: Vec<ChipPrivateKey>,
    mapping_key: Option<PrivateScalar>,
    quirks: Quirks,
    random: Box<dyn SecureRandom + Send>,
    state: State,
}

/// What a command inside the chip ends with: data and status, and a channel that starts with the next command.
struct Answer {
    response: ResponseApdu,
    next_channel: Option<SecureMessaging>,
}

impl Answer {
    fn data(data: impl Into<Vec<u8>>) -> Self {
        Self { response: ResponseApdu::new(data, StatusWord::OK), next_channel: None }
    }

    fn status(status: u16) -> Self {
        Self { response: ResponseApdu::new([], StatusWord(status)), next_channel: None }
    }
}

const EMRTD_AID: [u8; 7] = [0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01];

impl PassportCard {
    /// Makes the chip of a profile.
    ///
    /// # Errors
    /// Contents that cannot be read or keys that cannot be used.
    pub fn new(profile: &Profile, random: Box<dyn SecureRandom + Send>) -> Result<Self, ProfileError> {
        let mut files = FileSystem::load(profile)?;
        for fault in &profile.faults {
            if let Fault::ChangedByte { file, offset, xor } = fault {
                files.change(crate::profile::file_id(file)?, *offset, *xor);
            }
        }
        let mapping_key = match &profile.mapping_key {
            Some(key) => Some(
                private_key::ec_private_key(&key.bytes(&profile.base)?)
                    .ok_or(ProfileError::Key("chip authentication mapping"))?,
            ),
            None => None,
        };
        for variant in &profile.access.pace {
            pace::check(variant, mapping_key.as_ref())?;
        }
        let mrz_information = password::mrz_information(profile)?;
        if mrz_information.is_none() && profile.access.bac {
            return Err(ProfileError::NoMrz);
        }
        let active = match &profile.active {
            Some(key) => Some(active_authentication::ActivePrivateKey::load(key, &profile.base)?),
            None => None,
        };
        let chip = profile.chip.iter().map(|key| ChipPrivateKey::load(key, &profile.base)).collect::<Result<_, _>>()?;
        Ok(Self {
            atr: profile.quirks.atr.clone().unwrap_or_else(|| contactless_atr(profile.quirks.extended)),
            access: profile.access.clone(),
            mrz_information,
            files,
            active,
            chip,
            mapping_key,
            quirks: profile.quirks.clone(),
            random,
            state: start(&profile.quirks),
        })
    }

    fn dispatch(&mut self, command: &CommandApdu) -> Answer {
        let protected = self.state.channel.is_some();
        match (command.ins, protected) {
            (0xA4, _) => self.select(command),
            (0xB0 | 0xB1, _) => self.read_binary(command),
            (0x84, false) => self.get_challenge(command),
            (0x82, false) => self.external_authenticate(command),
            (0x22, _) => self.manage_security_environment(command),
            (0x86, true) => self.chip_general_authenticate(command),
            (0x86, false) => self.pace_general_authenticate(command),
            (0x88, _) => self.internal_authenticate(command),
            (_, _) => Answer::status(0x6D00),
        }
    }

    /// MANAGE SECURITY ENVIRONMENT names PACE by P1P2 C1A4, Chip Authentication by 41A4 or 41A6.
    fn manage_security_environment(&mut self, command: &CommandApdu) -> Answer {
        match (command.p1, command.p2, self.state.channel.is_some()) {
            (0xC1, 0xA4, false) => self.pace_set_template(command),
            (0x41, 0xA4, true) => self.chip_set_template(command),
            (0x41, 0xA6, true) => self.chip_set_key_agreement(command),
            (0xC1, 0xA4, true) | (0x41, 0xA4 | 0xA6, false) => Answer::status(0x6982),
            (_, _, _) => Answer::status(0x6A86),
        }
    }

    /// Whether application files may be read.
    fn may_read(&self) -> bool {
        self.access.open || self.state.granted
    }

    /// GET RESPONSE (ISO/IEC 7816-4, 11.5.1).
    fn get_response(&mut self, command: &CommandApdu) -> ResponseApdu {
        let Some(mut held) = self.state.held.take() else { return ResponseApdu::new([], StatusWord(0x6985)) };
        let rest = held.data.split_off(held.data.len().min(command.ne.unwrap_or(256) as usize));
        if rest.is_empty() {
            return held;
        }
        let status = announce(rest.len()).status;
        let part = ResponseApdu::new(std::mem::take(&mut held.data), status);
        self.state.held = Some(ResponseApdu::new(rest, held.status));
        part
    }

    fn drop_channel(&mut self) {
        self.state.channel = None;
        self.state.granted = false;
        self.state.chip = None;
    }

    fn answer_protected(&mut self, command: &CommandApdu) -> ResponseApdu {
        let Some(channel) = &mut self.state.channel else {
            return ResponseApdu::new([], StatusWord(0x6988));
        };
        let plain = match channel.unprotect(command) {
            Ok(plain) => plain,
            Err(error) => {
                // Doc 9303-11, 9.8.1: a secure-messaging error ends the session and is answered without protection.
                self.drop_channel();
                let status = match error {
                    UnprotectError::Missing => 0x6987,
                    UnprotectError::Incorrect => 0x6988,
                };
                return ResponseApdu::new([], StatusWord(status));
            }
        };
        if self.excess(&plain) == Some(Excess::DropChannel) {
            self.drop_channel();
            return ResponseApdu::new([], StatusWord::WRONG_PARAMETERS);
        }
        if self.quirks.drops_at_short_id && plain.ins == 0xB0 && plain.p1 & 0x80 != 0 {
            self.drop_channel();
            return ResponseApdu::new([], StatusWord::FILE_NOT_FOUND);
        }
        let answer = self.dispatch(&plain);
        let Some(channel) = &mut self.state.channel else {
            return ResponseApdu::new([], StatusWord(0x6988));
        };
        let response = channel.protect(&plain, &answer.response);
        if let Some(next) = answer.next_channel {
            self.state.channel = Some(next);
        }
        response
    }

    fn answer_plain(&mut self, command: &CommandApdu) -> ResponseApdu {
        if self.state.channel.is_some() {
            // Doc 9303-11, 9.8.1: a plain command ends the session; it is then served like any other.
            self.drop_channel();
        }
        if self.excess(command) == Some(Excess::DropChannel) {
            return ResponseApdu::new([], StatusWord::WRONG_PARAMETERS);
        }
        let answer = self.dispatch(command);
        if let Some(next) = answer.next_channel {
            self.state.channel = Some(next);
            self.state.granted = true;
        }
        answer.response
    }
}

impl Card for PassportCard {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        let extended = command.extended || command.data.len() > 255 || command.ne.is_some_and(|ne| ne > 256);
        if extended && !self.quirks.extended {
            return Ok(ResponseApdu::new([], StatusWord::WRONG_LENGTH));
        }
        if command.ins == GET_RESPONSE {
            return Ok(self.get_response(command));
        }
        self.state.held = None;
        let response = match command.cla & !CHAINING {
            SECURE => self.answer_protected(command),
            PLAIN => self.answer_plain(command),
            _ => ResponseApdu::new([], StatusWord(0x6E00)),
        };
        if !self.quirks.chains_responses || response.data.is_empty() {
            return Ok(response);
        }
        let announced = announce(response.data.len());
        self.state.held = Some(response);
        Ok(announced)
    }
}

/// `61xx`: so many bytes wait; `6100` for 256 and more (ISO/IEC 7816-4, 5.3.4).
fn announce(waiting: usize) -> ResponseApdu {
    ResponseApdu::new([], StatusWord(0x6100 | u16::try_from(waiting).ok().filter(|count| *count < 256).unwrap_or(0)))
}

impl SimulatedCard for PassportCard {
    fn atr(&self) -> &[u8] {
        &self.atr
    }

    fn reset(&mut self) {
        self.state = start(&self.quirks);
    }

    fn place(&mut self) {
        self.reset();
    }
}

impl PassportCard {
    /// The PACE variants on offer.
    fn pace_variants(&self) -> &[PaceVariant] {
        &self.access.pace
    }
}

impl std::fmt::Debug for PassportCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PassportCard({:?}, {:?})", self.access, self.quirks)
    }
}

/// What a card knows after a reset.
fn start(quirks: &Quirks) -> State {
    let location = if quirks.elsewhere.is_some() { Location::Elsewhere } else { Location::Master };
    State { location, ..State::default() }
}

/// ATR of a contactless card as readers report it (PC/SC part 3, 3.1.3.2.3.1): `3B 8n 80 01`, historical bytes, TCK.
/// The third byte of the card capabilities says whether extended length fields are understood (ISO/IEC 7816-4, 12.1.1.9).
fn contactless_atr(extended: bool) -> Vec<u8> {
    let historical = [0x80, 0x73, 0x84, 0x21, if extended { 0xC0 } else { 0x80 }];
    let mut atr = vec![0x3B, 0x80 | historical.len() as u8, 0x80, 0x01];
    atr.extend_from_slice(&historical);
    let check = atr.iter().skip(1).fold(0, |sum, byte| sum ^ byte);
    atr.push(check);
    atr
}

/// The class byte without secure messaging, and with (ISO/IEC 7816-4, 5.4.1); bit 5 is command chaining.
const PLAIN: u8 = 0x00;
const SECURE: u8 = 0x0C;
const CHAINING: u8 = 0x10;
const GET_RESPONSE: u8 = 0xC0;
