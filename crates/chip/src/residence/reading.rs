//! SELECT and READ BINARY as these cards take them: one command a file where reader and card do extended lengths.

use apdu::tlv;
use apdu::{Card, CommandApdu, ReadFileError, ResponseApdu, StatusWord, TransportError, transmit_whole};

use super::files::FileSpec;
use super::messaging::Messaging;

/// No file of these cards has more than 7 kB; more is not read.
const MAX_FILE: usize = 16 * 1024;
/// Greatest offset P1-P2 can say.
const MAX_OFFSET: usize = 0x7FFF;

/// What reader and card were found to take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    pub(super) extended: bool,
}

/// Selects the master file, implicitly or by its identifier: both forms are in use.
pub(super) fn select_master<C: Card>(card: &mut C) -> Result<(), ReadFileError> {
    let implicit = CommandApdu::new(0x00, 0xA4, 0x00, 0x00);
    let by_identifier = implicit.clone().with_data([0x3F, 0x00]);
    let mut refusal = StatusWord::FILE_NOT_FOUND;
    for form in [implicit, by_identifier] {
        let response = transmit_whole(card, &form)?;
        if response.status.is_ok() {
            return Ok(());
        }
        refusal = response.status;
    }
    Err(ReadFileError::Refused(refusal))
}

/// Selects a directory by its identifier: `00A4040C10…`.
pub(super) fn select_directory<C: Card>(card: &mut C, aid: &[u8]) -> Result<(), ReadFileError> {
    let response = transmit_whole(card, &CommandApdu::new(0x00, 0xA4, 0x04, 0x0C).with_data(aid))?;
    match response.status.0 {
        0x9000 => Ok(()),
        0x6A82 | 0x6A88 => Err(ReadFileError::NotFound),
        _ => Err(ReadFileError::Refused(response.status)),
    }
}

/// Reads one file of the selected directory.
pub(super) fn read<C: Card>(
    card: &mut C,
    spec: &FileSpec,
    messaging: Option<&mut Messaging>,
    reach: &mut Reach,
) -> Result<Vec<u8>, ReadFileError> {
    let mut channel = messaging.filter(|_| spec.encrypted);
    let mut bytes = Vec::new();
    loop {
        let ne = chunk(spec, channel.as_deref(), *reach);
        let (p1, p2) = position(spec, bytes.len())?;
        let command = match channel.as_deref() {
            Some(messaging) => {
                // 0000 in DO'96' asks for the whole file.
                messaging.read_command(p1, p2, if ne > 256 { 0 } else { ne }, ne > 256)
            }
            None => CommandApdu::new(0x00, 0xB0, p1, p2).with_ne(ne),
        };
        let response = transmit_whole(card, &command);
        let response = match response {
            // A reader whose buffer is too small for extended lengths may fail instead of answering.
            Err(TransportError::CommandNotEncodable | TransportError::Pcsc(_)) if ne > 256 => {
                reach.extended = false;
                continue;
            }
            other => other?,
        };
        match part(&response, channel.as_deref_mut(), bytes.is_empty())? {
            Part::Data(more) => {
                bytes.extend_from_slice(&more);
                if bytes.len() > MAX_FILE {
                    return Err(ReadFileError::FileLimit { declared: bytes.len() });
                }
                if is_whole(&bytes, spec)? {
                    return Ok(bytes);
                }
            }
            // The file ended, though not its last object: what is there is evidence all the same.
            Part::End => return Ok(bytes),
            Part::TooMuch if ne > 256 => reach.extended = false,
            Part::TooMuch => return Err(ReadFileError::Refused(response.status)),
        }
    }
}

/// Bytes to ask for at once.
fn chunk(spec: &FileSpec, channel: Option<&Messaging>, reach: Reach) -> u32 {
    match channel {
        // Short commands would do for small files too; the specification's examples are extended throughout.
        Some(_) if reach.extended => 0x1_0000,
        Some(messaging) => messaging.short_limit(),
        None if spec.size > 256 && reach.extended => 0x1_0000,
        None => 256,
    }
}

/// The first READ BINARY makes the file current by its short identifier; later ones give the offset.
fn position(spec: &FileSpec, offset: usize) -> Result<(u8, u8), ReadFileError> {
    if offset == 0 {
        return Ok((0x80 | spec.short_id.0, 0));
    }
    if offset > MAX_OFFSET {
        return Err(ReadFileError::FileLimit { declared: offset });
    }
    let [p1, p2] = (offset as u16).to_be_bytes();
    Ok((p1, p2))
}

enum Part {
    Data(Vec<u8>),
    End,
    TooMuch,
}

fn part(response: &ResponseApdu, channel: Option<&mut Messaging>, first: bool) -> Result<Part, ReadFileError> {
    match response.status.0 {
        0x9000 | 0x6282 if !response.data.is_empty() => Ok(Part::Data(match channel {
            Some(messaging) => messaging.open(response).map_err(TransportError::Channel)?,
            None => response.data.clone(),
        })),
        0x9000 | 0x6282 if first => Err(ReadFileError::NoProgress),
        // A card that says "success" and sends nothing would be asked for ever.
        0x9000 => Err(ReadFileError::NoProgress),
        0x6282 | 0x6B00 if !first => Ok(Part::End),
        0x6700 => Ok(Part::TooMuch),
        0x6A82 | 0x6A83 => Err(ReadFileError::NotFound),
        0x6882 | 0x6987 | 0x6988 => {
            Err(TransportError::Channel(apdu::ChannelFault::RefusedByCard(response.status.0)).into())
        }
        _ => Err(ReadFileError::Refused(response.status)),
    }
}

/// Whether every data object of the file is there.
fn is_whole(bytes: &[u8], spec: &FileSpec) -> Result<bool, ReadFileError> {
    if bytes.len() >= spec.size {
        return Ok(true);
    }
    let mut rest = bytes;
    for _ in 0..spec.objects {
        // The address image has the tag DFD1, which is none by ISO/IEC 7816-4: D1 after DF.
        let odd = rest.starts_with(&[0xDF, 0xD1]);
        let size = match tlv::announced_size(rest.get(usize::from(odd)..).unwrap_or_default()) {
            Ok(Some(Some(size))) => size.saturating_add(usize::from(odd)),
            Ok(None) => return Ok(false),
            // No data object: the parser will say so.
            Ok(Some(None)) | Err(_) => return Ok(true),
        };
        if size > MAX_FILE {
            return Err(ReadFileError::FileLimit { declared: size });
        }
        match rest.get(size..) {
            Some(after) => rest = after,
            None => return Ok(false),
        }
    }
    Ok(true)
}
