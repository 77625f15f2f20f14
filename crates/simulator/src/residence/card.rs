//! The chip: files, access rules, commands.

use std::collections::BTreeMap;

use apdu::{Card, CommandApdu, ResponseApdu, StatusWord, TransportError};
use chip_crypto::block::SymmetricCipher;
use chip_crypto::hash::HashAlgorithm;
use chip_crypto::oaep;
use chip_crypto::random::SecureRandom;
use chip_crypto::signature::{RsaSigningKey, SigningKey};

use super::messaging::{Session, mutual};
use super::profile::ResidenceProfile;
use crate::{Fault, ProfileError, SimulatedCard};

/// Which directory is selected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Directory {
    #[default]
    Master,
    Df1,
    Df2,
    Df3,
    /// Another application of a My Number card, or its issuer's: nothing of ours.
    Foreign,
}

#[derive(Default)]
struct State {
    directory: Directory,
    current: Option<u8>,
    challenge: Option<[u8; 8]>,
    session: Option<Session>,
    verified: bool,
}

/// A simulated residence card.
pub struct ResidenceCard {
    atr: Vec<u8>,
    first: bool,
    combined: bool,
    number: String,
    files: BTreeMap<(Directory, u8), Vec<u8>>,
    applications: Vec<Vec<u8>>,
    transport: Option<RsaSigningKey>,
    extended: bool,
    max_read: usize,
    random: Box<dyn SecureRandom + Send>,
    state: State,
}

const NO_DATA: [u8; 0] = [];

fn status(status: u16) -> ResponseApdu {
    ResponseApdu::new(NO_DATA, StatusWord(status))
}

impl ResidenceCard {
    /// Makes the chip of a profile.
    ///
    /// # Errors
    /// Contents that cannot be read or keys that cannot be used.
    pub fn new(profile: &ResidenceProfile, random: Box<dyn SecureRandom + Send>) -> Result<Self, ProfileError> {
        let mut files = BTreeMap::new();
        for (place, content) in &profile.files {
            files.insert(parse_place(place)?, content.bytes(&profile.base)?);
        }
        for fault in &profile.faults {
            if let Fault::ChangedByte { file, offset, xor } = fault
                && let Some(byte) = files.get_mut(&parse_place(file)?).and_then(|file| file.get_mut(*offset))
            {
                *byte ^= xor;
            }
        }
        let transport = match &profile.transport {
            Some(content) => match SigningKey::from_pkcs8(&content.bytes(&profile.base)?) {
                Ok(SigningKey::Rsa(key)) => Some(key),
                Ok(SigningKey::Ec(_)) | Err(_) => return Err(ProfileError::Key("the transport key")),
            },
            None => None,
        };
        let hexadecimal = |text: &String| hex::decode(text).map_err(|_| ProfileError::Text("a hex field"));
        let combined = matches!(profile.card_type.as_str(), "07" | "08");
        let mut card = Self {
            atr: match &profile.atr {
                Some(text) => hexadecimal(text)?,
                None => CONTACTLESS_ATR.to_vec(),
            },
            first: profile.card_type.len() == 1,
            combined,
            number: profile.card_number.clone(),
            files,
            applications: profile.applications.iter().map(hexadecimal).collect::<Result<_, _>>()?,
            transport,
            extended: profile.extended,
            max_read: profile.max_read.unwrap_or(usize::MAX),
            random,
            state: State::default(),
        };
        card.reset();
        Ok(card)
    }

    fn select(&mut self, command: &CommandApdu) -> ResponseApdu {
        match command.p1 {
            0x00 if !self.combined && matches!(command.data.as_slice(), [] | [0x3F, 0x00]) => {
                self.enter(Directory::Master)
            }
            // A My Number card has no master file to select.
            0x00 if self.combined => status(if command.data.is_empty() { 0x6A86 } else { 0x6A82 }),
            0x00 => status(0x6A82),
            0x04 => self.select_application(&command.data),
            _ => status(0x6A86),
        }
    }

    fn select_application(&mut self, aid: &[u8]) -> ResponseApdu {
        if self.applications.iter().any(|known| known == aid) {
            // Another application clears what was verified.
            self.state = State { directory: Directory::Foreign, ..State::default() };
            return status(0x9000);
        }
        let [0xD3, 0x92, 0xF0, 0x00, 0x4F, number, zeros @ ..] = aid else { return status(0x6A82) };
        if zeros != [0; 10] {
            return status(0x6A82);
        }
        match number {
            0x01 if self.combined => self.enter(Directory::Master),
            0x02 => self.enter(Directory::Df1),
            0x03 => self.enter(Directory::Df2),
            0x04 => self.enter(Directory::Df3),
            _ => status(0x6A82),
        }
    }

    fn enter(&mut self, directory: Directory) -> ResponseApdu {
        self.state.directory = directory;
        self.state.current = None;
        status(0x9000)
    }

    /// GET CHALLENGE.
    fn get_challenge(&mut self, command: &CommandApdu) -> ResponseApdu {
        let mut challenge = [0; 8];
        if command.ne != Some(8) || self.combined || self.random.fill(&mut challenge).is_err() {
            return status(0x6700);
        }
        self.state.challenge = Some(challenge);
        ResponseApdu::new(challenge, StatusWord::OK)
    }

    fn mutual_authenticate(&mut self, command: &CommandApdu) -> ResponseApdu {
        let Some(challenge) = self.state.challenge.take() else { return status(0x6985) };
        if command.data.len() != 40 {
            return status(0x6700);
        }
        let mut k_icc = [0; 16];
        if self.random.fill(&mut k_icc).is_err() {
            return status(0x6F00);
        }
        let cipher = if self.first { SymmetricCipher::TripleDes } else { SymmetricCipher::Aes128 };
        match mutual(cipher, &self.number, challenge, &k_icc, &command.data) {
            Some((answer, session)) => {
                self.state.session = Some(session);
                ResponseApdu::new(answer, StatusWord::OK)
            }
            None => status(0x6300),
        }
    }

    /// SET SESSION KEY of the combined card.
    fn set_session_key(&mut self, command: &CommandApdu) -> ResponseApdu {
        let Some(transport) = self.transport.as_ref().filter(|_| self.state.directory != Directory::Foreign) else {
            return status(0x6D00);
        };
        match oaep::decrypt(transport, HashAlgorithm::Sha256, &command.data, &mut self.random) {
            Ok(key) if key.len() == 16 => {
                self.state.session = Some(Session::imported(key));
                status(0x9000)
            }
            Ok(_) | Err(_) => status(0x6A80),
        }
    }

    fn verify(&mut self, command: &CommandApdu) -> ResponseApdu {
        if command.p2 != 0x86 {
            return status(0x6A86);
        }
        let Some(session) = &mut self.state.session else { return status(0x6982) };
        let number = session.verified_number(&command.data);
        self.state.verified = number.is_some_and(|number| *number == self.number.as_bytes());
        status(if self.state.verified { 0x9000 } else { 0x6300 })
    }

    fn read_binary(&mut self, command: &CommandApdu, protected: bool) -> ResponseApdu {
        let directory = self.state.directory;
        let (short_id, offset) = if command.p1 & 0x80 != 0 {
            (command.p1 & 0x1F, usize::from(command.p2))
        } else {
            let Some(current) = self.state.current else { return status(0x6986) };
            (current, usize::from(u16::from_be_bytes([command.p1, command.p2])))
        };
        let Some(file) = self.files.get(&(directory, short_id)) else { return status(0x6A82) };
        if directory != Directory::Master && !self.state.verified {
            return status(0x6982);
        }
        if protected != self.is_encrypted(directory, short_id) {
            // Plain where encryption is the rule: 6982. Encrypted where it is not: not supported.
            return status(if protected { 0x6882 } else { 0x6982 });
        }
        self.state.current = Some(short_id);
        let whole = if command.extended { 65_536 } else { 256 };
        let Some(rest) = file.get(offset..).filter(|rest| !rest.is_empty()) else { return status(0x6B00) };
        if !protected {
            let asked = command.ne.map_or(0, |ne| ne as usize);
            let take = asked.min(self.max_read).min(rest.len());
            return ResponseApdu::new(rest.get(..take).unwrap_or(rest), StatusWord::OK);
        }
        let (Some(asked), Some(session)) = (Session::asked(command), &mut self.state.session) else {
            return status(0x6988);
        };
        let take = asked.min(self.max_read).min(session.room(whole)).min(rest.len());
        match session.protect(rest.get(..take).unwrap_or(rest)) {
            Some(data) => ResponseApdu::new(data, StatusWord::OK),
            None => status(0x6F00),
        }
    }

    /// DF1, but for the card number of the second generation.
    fn is_encrypted(&self, directory: Directory, short_id: u8) -> bool {
        directory == Directory::Df1 && (self.first || short_id != 0x01)
    }
}

impl Card for ResidenceCard {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        if command.extended && !self.extended && command.ins == 0xB0 {
            return Ok(status(0x6700));
        }
        Ok(match (command.cla, command.ins) {
            (0x00, 0xA4) => self.select(command),
            (0x00, 0xB0) => self.read_binary(command, false),
            (0x08, 0xB0) => self.read_binary(command, true),
            (0x00, 0x84) => self.get_challenge(command),
            (0x00, 0x82) => self.mutual_authenticate(command),
            (0x80, 0xAE) => self.set_session_key(command),
            (0x08, 0x20) => self.verify(command),
            (0x00 | 0x08 | 0x80, _) => status(0x6D00),
            (_, _) => status(0x6E00),
        })
    }
}

impl SimulatedCard for ResidenceCard {
    fn atr(&self) -> &[u8] {
        &self.atr
    }

    fn reset(&mut self) {
        // After a reset a My Number card stands in its issuer's domain.
        let directory = if self.combined { Directory::Foreign } else { Directory::Master };
        self.state = State { directory, ..State::default() };
    }

    fn place(&mut self) {
        self.reset();
    }
}

impl std::fmt::Debug for ResidenceCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ResidenceCard({} files)", self.files.len())
    }
}

/// `DF1/05`: directory and short identifier.
fn parse_place(text: &str) -> Result<(Directory, u8), ProfileError> {
    let wrong = || ProfileError::FileId(text.to_owned());
    let (directory, short_id) = text.split_once('/').ok_or_else(wrong)?;
    let directory = match directory {
        "MF" => Directory::Master,
        "DF1" => Directory::Df1,
        "DF2" => Directory::Df2,
        "DF3" => Directory::Df3,
        _ => return Err(wrong()),
    };
    Ok((directory, u8::from_str_radix(short_id, 16).map_err(|_| wrong())?))
}

/// A type-B card as readers report it (PC/SC part 3, 3.1.3.2.3.2): application data, protocol information, TCK.
const CONTACTLESS_ATR: &[u8] = &[0x3B, 0x88, 0x80, 0x01, 0x00, 0x00, 0x00, 0x00, 0x33, 0x81, 0x81, 0x00, 0x3A];
