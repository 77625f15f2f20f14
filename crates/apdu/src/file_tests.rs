use super::*;
use crate::StatusWord;

/// A card with one file and the oddities met in the field.
struct OddCard {
    file: Vec<u8>,
    selected: bool,
    commands: Vec<CommandApdu>,
    odd: Oddity,
}

#[derive(Clone, Copy, PartialEq)]
enum Oddity {
    None,
    NoShortIds,
    EmptyWithEndOfFile,
    Limit { ne: u32, status: u16 },
    NoExtended,
    ExactLength,
    OnlySelectWithInformation,
    ZeroBytes,
    Loop61,
    Loop6C,
    TooMuch,
    OneByteAtATime,
    WarnsAtEnd,
}

impl OddCard {
    fn new(size: usize, odd: Oddity) -> Self {
        let content: Vec<u8> = (0..size).map(|index| (index % 251) as u8).collect();
        Self { file: tlv::encode(Tag(0x75), &content), selected: false, commands: Vec::new(), odd }
    }

    fn read(&mut self, offset: usize, ne: u32) -> ResponseApdu {
        let refuse = |status| ResponseApdu::new([], StatusWord(status));
        let rest = self.file.get(offset..).unwrap_or_default();
        match self.odd {
            Oddity::Limit { ne: limit, status } if ne > limit => return refuse(status),
            Oddity::NoExtended if ne > 256 => return refuse(0x6700),
            Oddity::EmptyWithEndOfFile if ne as usize > rest.len() => return refuse(0x6282),
            Oddity::ExactLength if ne as usize > rest.len() && rest.len() < 256 => {
                return refuse(0x6C00 | rest.len() as u16);
            }
            Oddity::ZeroBytes if offset > 0 => return refuse(0x9000),
            Oddity::Loop61 => return refuse(0x6100),
            Oddity::Loop6C => return refuse(0x6C10),
            Oddity::TooMuch => return ResponseApdu::new(vec![0x75; ne as usize + 1], StatusWord::OK),
            _ if rest.is_empty() => return refuse(0x6B00),
            _ => {}
        }
        let ne = if self.odd == Oddity::OneByteAtATime { 1 } else { ne as usize };
        let ends = ne > rest.len() && self.odd == Oddity::WarnsAtEnd;
        let status = if ends { StatusWord::END_OF_FILE } else { StatusWord::OK };
        ResponseApdu::new(&rest[..ne.min(rest.len())], status)
    }
}

impl Card for OddCard {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        self.commands.push(command.clone());
        let refuse = |status| Ok(ResponseApdu::new([], StatusWord(status)));
        let ne = command.ne.unwrap_or(0);
        match command.ins {
            SELECT if self.odd == Oddity::OnlySelectWithInformation && command.p2 != 0x04 => refuse(0x6A86),
            SELECT if command.data == [0x01, 0x02] => {
                self.selected = true;
                refuse(0x9000)
            }
            READ_BINARY if command.p1 & 0x80 != 0 => {
                if matches!(self.odd, Oddity::NoShortIds | Oddity::OnlySelectWithInformation) || command.p1 != 0x82 {
                    return refuse(0x6A82);
                }
                let response = self.read(usize::from(command.p2), ne);
                self.selected = !response.data.is_empty();
                Ok(response)
            }
            READ_BINARY if self.selected => {
                Ok(self.read(usize::from(u16::from_be_bytes([command.p1, command.p2])), ne))
            }
            READ_BINARY_BER if self.selected => {
                let offset = tlv::find(&command.data, Tag(0x54)).unwrap().unwrap();
                let offset = offset.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte));
                let inner = self.read(offset, ne - 4);
                Ok(ResponseApdu::new(tlv::encode(Tag(0x53), &inner.data), inner.status))
            }
            0xC0 => refuse(0x6100),
            _ => refuse(0x6A82),
        }
    }
}

const DG2: FileRef = FileRef { id: FileId(0x0102), short_id: Some(ShortFileId(2)) };

fn plain() -> ReadPlan {
    ReadPlan { short_limit: 256, max_file: 1 << 20, ..ReadPlan::default() }
}

fn read(card: &mut OddCard, plan: &ReadPlan) -> Result<Vec<u8>, ReadFileError> {
    read_file(card, DG2, plan, &mut |_, _| {})
}

#[test]
fn reads_whatever_the_card_dislikes() {
    let oddities = [
        Oddity::None,
        Oddity::NoShortIds,
        Oddity::EmptyWithEndOfFile,
        Oddity::Limit { ne: 192, status: 0x6700 },
        Oddity::Limit { ne: 255, status: 0x6B00 },
        Oddity::Limit { ne: 100, status: 0x6700 },
        Oddity::Limit { ne: 231, status: 0x6282 },
        Oddity::NoExtended,
        Oddity::ExactLength,
        Oddity::OnlySelectWithInformation,
        Oddity::OneByteAtATime,
        Oddity::WarnsAtEnd,
    ];
    for (index, odd) in oddities.into_iter().enumerate() {
        for size in [14, 20, 157, 158, 300, 5000] {
            for extended in [None, Some(4096)] {
                let mut card = OddCard::new(size, odd);
                let file = read(&mut card, &ReadPlan { extended, ..plain() });
                assert_eq!(file.as_ref(), Ok(&card.file), "oddity {index}, {size} bytes, {extended:?}");
            }
        }
    }
}

#[test]
fn wastes_no_commands() {
    let mut card = OddCard::new(17_000, Oddity::None);
    read(&mut card, &ReadPlan { short_limit: 223, ..plain() }).unwrap();
    assert_eq!(card.commands.len(), 1 + (17_004_usize - 160).div_ceil(223));
    let mut card = OddCard::new(17_000, Oddity::None);
    read(&mut card, &ReadPlan { extended: Some(0x1_0000), ..plain() }).unwrap();
    assert_eq!(card.commands.len(), 1);
    let mut card = OddCard::new(2000, Oddity::Limit { ne: 192, status: 0x6700 });
    read(&mut card, &plain()).unwrap();
    assert!(card.commands.len() <= 2 + (2004_usize - 160).div_ceil(192) + 2);
}

#[test]
fn offsets_beyond_32767_are_read_with_odd_ins() {
    let mut card = OddCard::new(80_000, Oddity::None);
    assert_eq!(read(&mut card, &plain()), Ok(card.file.clone()));
    assert!(card.commands.iter().any(|command| command.ins == READ_BINARY_BER));
}

#[test]
fn what_an_earlier_file_taught_is_kept() {
    let mut card = OddCard::new(1000, Oddity::NoShortIds);
    let mut learned = Learned::new(&plain());
    for expected in [2, 1] {
        card.commands.clear();
        resume_file(&mut card, DG2, &plain(), &mut learned, &mut PartialFile::default(), &mut |_, _| {}).unwrap();
        let openings = card.commands.iter().filter(|command| command.ins == SELECT || command.p1 & 0x80 != 0).count();
        assert_eq!(openings, expected);
    }
    let absent = FileRef { id: FileId(0x010F), short_id: Some(ShortFileId(15)) };
    let mut card = OddCard::new(10, Oddity::None);
    let mut learned = Learned::new(&plain());
    let result = resume_file(&mut card, absent, &plain(), &mut learned, &mut PartialFile::default(), &mut |_, _| {});
    assert_eq!((result, learned.short_ids), (Err(ReadFileError::NotFound), true));
}

#[test]
fn hostile_cards_end() {
    let error = |odd| read(&mut OddCard::new(400, odd), &plain()).err();
    assert_eq!(error(Oddity::ZeroBytes), Some(ReadFileError::NoProgress));
    assert_eq!(error(Oddity::Loop61), Some(ReadFileError::Loop));
    assert_eq!(error(Oddity::Loop6C), Some(ReadFileError::Loop));
    assert_eq!(error(Oddity::TooMuch), Some(ReadFileError::Oversize));
    let mut card = OddCard::new(10, Oddity::None);
    card.file = vec![0x75, 0x84, 0xFF, 0xFF, 0xFF, 0xFF];
    let declared = 0xFFFF_FFFF_usize + 6;
    assert_eq!(read(&mut card, &plain()), Err(ReadFileError::FileLimit { declared }));
    card.file = vec![0x75, 0x82, 0x01, 0x00, 0xAA];
    assert_eq!(read(&mut card, &plain()), Err(ReadFileError::NoProgress));
    card.file = [0x30, 0x80].repeat(500);
    assert_eq!(read(&mut card, &plain()), Err(ReadFileError::Tlv(TlvError::DepthExceeded)));
}
