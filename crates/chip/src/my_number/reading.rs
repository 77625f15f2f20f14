//! Selecting and reading as this card has it: short commands, 15-bit offsets, no selection by short identifier.

use apdu::tlv::{Tag, TlvError, announced_size};
use apdu::{Card, CommandApdu, FileId, ReadFileError, StatusWord, TransportError, transmit_whole};

use super::layout::{Application, MyNumberFile};

const SELECT: u8 = 0xA4;
const READ_BINARY: u8 = 0xB0;
/// Most that a short READ BINARY asks for.
const MOST: usize = 256;
/// Sizes for readers and cards that refuse the greatest one.
const SMALLER: [usize; 3] = [223, 128, 64];
/// Offsets are written in fifteen bits.
const MAX_OFFSET: usize = 0x7FFF;
/// Bytes that may stand before the template: two were reported on cards of 2023 [C].
const MAX_LEAD: usize = 16;

/// Selects an application. Whatever was verified in another one is forgotten by the card.
pub(super) fn select_application<C: Card>(
    card: &mut C,
    application: Application,
) -> Result<StatusWord, TransportError> {
    Ok(transmit_whole(card, &application_command(application))?.status)
}

pub(super) fn application_command(application: Application) -> CommandApdu {
    CommandApdu::new(0x00, SELECT, 0x04, 0x0C).with_data(application.aid())
}

/// Selects a file of the selected application.
pub(super) fn select_file<C: Card>(card: &mut C, id: FileId) -> Result<StatusWord, TransportError> {
    Ok(transmit_whole(card, &file_command(id))?.status)
}

pub(super) fn file_command(id: FileId) -> CommandApdu {
    CommandApdu::new(0x00, SELECT, 0x02, 0x0C).with_data(id.0.to_be_bytes())
}

/// Reads one file of the selected application: the template it holds, without what stands before and behind.
pub(super) fn read<C: Card>(
    card: &mut C,
    file: MyNumberFile,
    on: &mut dyn FnMut(usize, usize),
) -> Result<Vec<u8>, ReadFileError> {
    match select_file(card, file.id())? {
        status if status.is_ok() => {}
        StatusWord::FILE_NOT_FOUND => return Err(ReadFileError::NotFound),
        status => return Err(ReadFileError::Refused(status)),
    }
    let mut bytes: Vec<u8> = Vec::new();
    let mut most = MOST;
    loop {
        let span = span(&bytes, file)?;
        if let Some(span) = &span {
            on(bytes.len().min(span.end), span.end);
            if let Some(content) = bytes.get(span.clone()) {
                return Ok(content.to_vec());
            }
        }
        let wanted = span.map_or(most, |span| span.end.saturating_sub(bytes.len()).min(most));
        let [p1, p2] = match u16::try_from(bytes.len()) {
            Ok(offset) if bytes.len() <= MAX_OFFSET => offset.to_be_bytes(),
            _ => return Err(ReadFileError::FileLimit { declared: bytes.len() }),
        };
        let command = CommandApdu::new(0x00, READ_BINARY, p1, p2).with_ne(u32::try_from(wanted).unwrap_or(1));
        let response = transmit_whole(card, &command)?;
        match response.status.0 {
            0x9000 | 0x6282 if !response.data.is_empty() => bytes.extend_from_slice(&response.data),
            // An offset past the end is answered with 6B00: the file is shorter than its own header says.
            0x9000 | 0x6282 | 0x6B00 => return Err(ReadFileError::NoProgress),
            0x6700 => {
                let smaller = SMALLER.into_iter().find(|size| *size < wanted);
                most = smaller.ok_or(ReadFileError::Refused(response.status))?;
            }
            _ => return Err(ReadFileError::Refused(response.status)),
        }
    }
}

/// Where the file's template lies in it, once its header is read.
fn span(head: &[u8], file: MyNumberFile) -> Result<Option<std::ops::Range<usize>>, ReadFileError> {
    if head.is_empty() {
        return Ok(None);
    }
    let tag = file.tag();
    let Some(start) = start(head, tag) else {
        let found = apdu::tlv::Reader::ber(head).peek_tag().unwrap_or(Tag(0));
        return Err(TlvError::UnexpectedTag { expected: tag, found }.into());
    };
    let Some(announced) = announced_size(head.get(start..).unwrap_or_default())? else {
        return Ok(None);
    };
    let size = announced.ok_or(TlvError::Indefinite)?;
    if size > file.max_size() {
        return Err(ReadFileError::FileLimit { declared: size });
    }
    Ok(Some(start..start.saturating_add(size)))
}

/// Where the tag stands: a tag of one byte at the start only, since any filling could look like it.
fn start(head: &[u8], tag: Tag) -> Option<usize> {
    let Ok(short) = u8::try_from(tag.0) else {
        let [_, _, high, low] = tag.0.to_be_bytes();
        return head.windows(2).take(MAX_LEAD + 1).position(|pair| pair == [high, low]);
    };
    (head.first() == Some(&short)).then_some(0)
}
