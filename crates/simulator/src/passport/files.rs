//! The card's files: SELECT and READ BINARY (ISO/IEC 7816-4, 11.2 and 11.3; Doc 9303-10, 3.6).

use std::collections::BTreeMap;

use apdu::tlv::{Reader, Tag};
use apdu::{CommandApdu, ResponseApdu, StatusWord};

use super::{Answer, EMRTD_AID, PassportCard};
use crate::der;
use crate::profile::{Content, Excess, FileEnd, Profile, ProfileError, SelectForm, file_id};

/// Which directory is selected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Location {
    #[default]
    Master,
    Application,
    /// Neither: where chips with several applications may start.
    Elsewhere,
}

#[derive(Default)]
pub(super) struct FileSystem {
    master: BTreeMap<u16, Vec<u8>>,
    application: BTreeMap<u16, Vec<u8>>,
    nothing: BTreeMap<u16, Vec<u8>>,
}

impl FileSystem {
    pub(super) fn load(profile: &Profile) -> Result<Self, ProfileError> {
        let read = |files: &BTreeMap<String, Content>| {
            files
                .iter()
                .map(|(id, content)| Ok((file_id(id)?, content.bytes(&profile.base)?)))
                .collect::<Result<_, ProfileError>>()
        };
        Ok(Self { master: read(&profile.master_files)?, application: read(&profile.files)?, nothing: BTreeMap::new() })
    }

    pub(super) fn change(&mut self, id: u16, offset: usize, xor: u8) {
        if let Some(byte) = self.application.get_mut(&id).and_then(|file| file.get_mut(offset)) {
            *byte ^= xor;
        }
    }

    fn directory(&self, location: Location) -> &BTreeMap<u16, Vec<u8>> {
        match location {
            Location::Master => &self.master,
            Location::Application => &self.application,
            Location::Elsewhere => &self.nothing,
        }
    }
}

impl PassportCard {
    pub(super) fn select(&mut self, command: &CommandApdu) -> Answer {
        let understood = match self.quirks.select {
            SelectForm::Any => true,
            SelectForm::WithInformation => command.p2 & 0x0C != 0x0C,
            SelectForm::ByAnyId => command.p1 != 0x02,
        };
        match command.p1 {
            _ if !understood => Answer::status(0x6A86),
            0x00 | 0x02 => self.select_file(&command.data),
            0x04 => self.select_application(&command.data),
            _ => Answer::status(0x6A86),
        }
    }

    fn select_application(&mut self, aid: &[u8]) -> Answer {
        if aid != EMRTD_AID {
            return Answer::status(0x6A82);
        }
        self.state.location = Location::Application;
        self.state.current = None;
        Answer::status(0x9000)
    }

    fn select_file(&mut self, id: &[u8]) -> Answer {
        let id = match id {
            [] => MASTER_FILE,
            [high, low] => u16::from_be_bytes([*high, *low]),
            _ => return Answer::status(0x6A80),
        };
        if id == MASTER_FILE {
            self.state.location = Location::Master;
            self.state.current = None;
            return Answer::status(0x9000);
        }
        match self.permit(id) {
            Ok(()) => {
                self.state.current = Some(id);
                Answer::status(0x9000)
            }
            Err(status) => Answer::status(status),
        }
    }

    /// Access rules (Doc 9303-10, 3.11.2): the master file's files are free, the application's need BAC or PACE, and the
    /// biometric data groups 3 and 4 need a terminal authentication this card never grants.
    fn permit(&self, id: u16) -> Result<(), u16> {
        if self.state.location == Location::Elsewhere {
            return Err(self.nowhere());
        }
        if self.state.location == Location::Application {
            if !self.may_read() {
                return Err(0x6982);
            }
            if matches!(id, 0x0103 | 0x0104) && self.files.application.contains_key(&id) {
                return Err(0x6982);
            }
        }
        if self.files.directory(self.state.location).contains_key(&id) { Ok(()) } else { Err(0x6A82) }
    }

    fn nowhere(&self) -> u16 {
        self.quirks.elsewhere.map_or(0x6A82, |status| status.0)
    }

    pub(super) fn read_binary(&mut self, command: &CommandApdu) -> Answer {
        if self.state.location == Location::Elsewhere {
            return Answer::status(self.nowhere());
        }
        let Some(ne) = command.ne else {
            return Answer::status(0x6700);
        };
        let wanted = match command.ins {
            0xB0 => self.offset_of_even(command),
            _ => self.offset_of_odd(command),
        };
        let (id, offset) = match wanted {
            Ok(found) => found,
            Err(status) => return Answer::status(status),
        };
        if let Err(status) = self.permit(id) {
            return Answer::status(status);
        }
        self.state.current = Some(id);
        let Some(file) = self.files.directory(self.state.location).get(&id) else {
            return Answer::status(0x6A82);
        };
        if self.quirks.even_ne && ne > 256 && ne % 2 == 1 {
            return Answer::status(0x6700);
        }
        match self.excess(command) {
            Some(Excess::WrongLength) => return Answer::status(0x6700),
            Some(Excess::CorrectLength) => return Answer::status(0x6C00 | (self.quirks.max_read & 0xFF) as u16),
            Some(Excess::Shorten | Excess::DropChannel) | None => {}
        }
        let Some(rest) = file.get(offset..).filter(|rest| !rest.is_empty()) else {
            return Answer::status(0x6B00);
        };
        let ne = ne as usize;
        match self.quirks.file_end {
            FileEnd::Refuse if ne > rest.len() => return Answer::status(0x6B00),
            FileEnd::Empty if ne > rest.len() => return Answer::status(0x6282),
            FileEnd::Refuse | FileEnd::Empty | FileEnd::Warning | FileEnd::Ok => {}
        }
        let odd = command.ins & 1 == 1;
        let room = self.room(command, odd).min(ne).min(self.quirks.max_read as usize);
        let data = rest.get(..room.min(rest.len())).unwrap_or(rest);
        // A short file is the only reason for 6282: an answer cut by the chip's own limits ends with 9000.
        let at_end = ne > rest.len() && data.len() == rest.len() && self.quirks.file_end == FileEnd::Warning;
        let status = if at_end { StatusWord::END_OF_FILE } else { StatusWord::OK };
        let data = if odd { der::tlv(0x53, data) } else { data.to_vec() };
        Answer { response: ResponseApdu::new(data, status), next_channel: None }
    }

    /// Whether a READ BINARY asks for more than the chip gives at once, and what it does then.
    pub(super) fn excess(&self, command: &CommandApdu) -> Option<Excess> {
        let reads = matches!(command.ins, 0xB0 | 0xB1);
        let unlimited = self.quirks.excess == Excess::Shorten;
        (reads && !unlimited && command.ne.is_some_and(|ne| ne > self.quirks.max_read)).then_some(self.quirks.excess)
    }

    /// Bytes of file content that fit into the response, given its form and protection.
    fn room(&self, command: &CommandApdu, odd: bool) -> usize {
        let whole = if command.extended || command.ne.is_some_and(|ne| ne > 256) { 65_536 } else { 256 };
        let body = match &self.state.channel {
            Some(channel) => channel.plain_room(whole),
            None => whole,
        };
        let header = if odd { if body > 259 { 4 } else { 3 } } else { 0 };
        body.saturating_sub(header)
    }

    /// INS B0 (ISO/IEC 7816-4, 11.3.3): P1 bit 8 set is a short identifier with an offset of one byte, else an offset of 15 bits.
    fn offset_of_even(&self, command: &CommandApdu) -> Result<(u16, usize), u16> {
        if command.p1 & 0x80 == 0 {
            let id = self.state.current.ok_or(0x6986_u16)?;
            return Ok((id, usize::from(u16::from_be_bytes([command.p1, command.p2]))));
        }
        if command.p1 & 0x60 != 0 {
            return Err(0x6A86);
        }
        Ok((self.by_short_id(command.p1 & 0x1F)?, usize::from(command.p2)))
    }

    /// INS B1: P1P2 is a file identifier, or a short one in the last five bits, or zero for the current file; the data field
    /// holds the offset in DO'54'.
    fn offset_of_odd(&self, command: &CommandApdu) -> Result<(u16, usize), u16> {
        let name = u16::from_be_bytes([command.p1, command.p2]);
        let id = match name {
            0 => self.state.current.ok_or(0x6986_u16)?,
            1..=30 => self.by_short_id(name as u8)?,
            _ => name,
        };
        let mut reader = Reader::ber(&command.data);
        let offset = reader.expect(Tag(0x54)).map_err(|_| 0x6A80_u16)?.value;
        if offset.is_empty() || offset.len() > 4 {
            return Err(0x6A80);
        }
        Ok((id, offset.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte))))
    }

    /// Short identifiers (Doc 9303-10, table 38): data groups by number; COM 1E, SOD 1D; CardAccess 1C, ATR/INFO 01, DIR 1E.
    fn by_short_id(&self, short: u8) -> Result<u16, u16> {
        if !self.quirks.short_ids {
            return Err(0x6A82);
        }
        match (self.state.location, short) {
            (Location::Application, 1..=16) => Ok(0x0100 | u16::from(short)),
            (Location::Application, 0x1D | 0x1E) => Ok(0x0100 | u16::from(short)),
            (Location::Master, 0x01) => Ok(0x2F01),
            (Location::Master, 0x1E) => Ok(0x2F00),
            (Location::Master, 0x1C | 0x1D) => Ok(0x0100 | u16::from(short)),
            (Location::Master | Location::Application | Location::Elsewhere, _) => Err(0x6A82),
        }
    }
}

const MASTER_FILE: u16 = 0x3F00;
