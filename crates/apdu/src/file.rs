//! Selecting and reading elementary files (ISO/IEC 7816-4, 7.2 and 11.2), whatever the card's limits are.

use crate::tlv::{self, Reader, Tag, TlvError};
use crate::transmit::transmit_learning;
use crate::{Card, CommandApdu, ResponseApdu, StatusWord, TransportError, transmit_whole};

const SELECT: u8 = 0xA4;
const READ_BINARY: u8 = 0xB0;
const READ_BINARY_BER: u8 = 0xB1;
/// Greatest offset P1-P2 of READ BINARY B0 can say.
const MAX_PLAIN_OFFSET: usize = 0x7FFF;
/// Sizes tried from above until the card takes one; cards with 192-byte and smaller buffers exist. Few, since each costs a command
/// and may cost the channel.
const SMALLER: [u32; 4] = [192, 128, 64, 16];
/// What fits, protected, into the buffer of 2,048 bytes that many chips with extended length have.
const SMALLER_EXTENDED: u32 = 1984;
/// Tag and length, and never more than a file has.
const HEAD: u32 = 16;
/// Commands one file may cost: a card that sends byte by byte is not worth waiting for.
const MAX_COMMANDS: usize = 16 * 1024;

/// File identifier of two bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct FileId(pub u16);

/// Short EF identifier, 1..=30.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ShortFileId(pub u8);

/// How a file can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileRef {
    pub id: FileId,
    pub short_id: Option<ShortFileId>,
}

/// How to read: what reader and channel can carry, and what is too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadPlan {
    /// Greatest Ne of a short command: 256 in plain, 231 under 3DES and 223 under AES secure messaging.
    pub short_limit: u32,
    /// Greatest Ne when both card and reader are known to do extended length fields.
    pub extended: Option<u32>,
    /// Greatest size of a file, from its header and in fact.
    pub max_file: usize,
    /// Whether to address files by short identifier first.
    pub short_ids: bool,
    /// Whether the file usually fits into one short response: on a card that refuses to read past the end, its size is asked first.
    pub usually_short: bool,
}

impl Default for ReadPlan {
    fn default() -> Self {
        Self { short_limit: 223, extended: None, max_file: 512 * 1024, short_ids: true, usually_short: false }
    }
}

/// What the reading of earlier files taught about this card and reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Learned {
    /// Ne that worked last, or will be tried next.
    ne: u32,
    short_limit: u32,
    short_ids: bool,
    /// The form of SELECT that worked, counted as `select_file` tries them.
    select_form: usize,
    /// The card gives nothing of a read that goes past the end of a file.
    strict_end: bool,
}

impl Learned {
    #[must_use]
    pub fn new(plan: &ReadPlan) -> Self {
        let ne = plan.extended.unwrap_or(plan.short_limit).clamp(1, 0x1_0000);
        Self { ne, short_limit: plan.short_limit, short_ids: plan.short_ids, select_form: 0, strict_end: false }
    }

    /// Goes on under another channel with another limit, keeping what is known.
    pub fn limit(&mut self, short_limit: u32) {
        self.short_limit = short_limit;
        if self.ne <= 256 {
            self.ne = self.ne.min(short_limit);
        }
    }

    /// Takes the size last tried for refused, by a channel that was given up over it when `channel_lost`. Says whether a smaller one
    /// is left to try.
    pub fn shrink(&mut self, channel_lost: bool) -> bool {
        let smaller = if self.ne > SMALLER_EXTENDED && !channel_lost {
            Some(SMALLER_EXTENDED)
        } else if self.ne > self.short_limit {
            Some(self.short_limit)
        } else {
            SMALLER.into_iter().find(|size| *size < self.ne)
        };
        if let Some(smaller) = smaller {
            self.ne = smaller;
        }
        smaller.is_some()
    }

    /// Keeps what another reading of the same card taught: the form of SELECT, how files end, and a size below the usual.
    #[must_use]
    pub fn after(self, other: &Self) -> Self {
        let ne = if other.ne < other.short_limit { self.ne.min(other.ne) } else { self.ne };
        Self { ne, select_form: other.select_form, strict_end: other.strict_end, ..self }
    }

    /// Keeps what a whole reading of a card of the same kind in the same reader taught: that extended length or short identifiers are
    /// refused, too.
    #[must_use]
    pub fn knowing(self, other: &Self) -> Self {
        let ne = self.ne.min(if other.ne <= 256 { other.ne.min(self.short_limit) } else { other.ne });
        let short_ids = self.short_ids && other.short_ids;
        Self { ne, short_ids, select_form: other.select_form, strict_end: other.strict_end, ..self }
    }

    /// Takes short file identifiers for refused. Says whether they were still in use.
    pub fn without_short_ids(&mut self) -> bool {
        std::mem::replace(&mut self.short_ids, false)
    }
}

/// A file as far as it was read: what a reading resumes from after the channel was lost.
#[derive(Clone, Default)]
pub struct PartialFile {
    bytes: Vec<u8>,
    selected: bool,
    short_id_refused: bool,
}

impl PartialFile {
    /// Has the next attempt select the file again, since the card forgot it.
    pub fn forget_selection(&mut self) {
        self.selected = false;
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

impl std::fmt::Debug for PartialFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PartialFile({} bytes)", self.bytes.len())
    }
}

/// Why a file could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadFileError {
    #[error("the card has no such file")]
    NotFound,
    #[error("the card refuses with {0}")]
    Refused(StatusWord),
    #[error("the card kept answering 61xx or 6Cxx")]
    Loop,
    #[error("the response is longer than requested")]
    Oversize,
    #[error("the card sends nothing more before the end of the file")]
    NoProgress,
    #[error("the file declares {declared} bytes, more than the budget")]
    FileLimit { declared: usize },
    #[error("the file is no data object: {0}")]
    Tlv(#[from] TlvError),
    #[error(transparent)]
    Transport(TransportError),
}

impl From<TransportError> for ReadFileError {
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other failure is the transport's own")]
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::ResponseLoop => Self::Loop,
            TransportError::Oversize { .. } => Self::Oversize,
            other => Self::Transport(other),
        }
    }
}

/// Selects an application by its identifier; returns the file control information, if any came.
///
/// # Errors
/// `NotFound` or the refusing status word.
pub fn select_application<C: Card>(card: &mut C, aid: &[u8]) -> Result<Vec<u8>, ReadFileError> {
    let quiet = CommandApdu::new(0, SELECT, 0x04, 0x0C).with_data(aid);
    let with_information = CommandApdu::new(0, SELECT, 0x04, 0x00).with_data(aid).with_ne(256);
    select(card, &[quiet, with_information])?.1.ok_or(ReadFileError::NotFound)
}

/// Reads a whole file: by short identifier, else by SELECT; its size comes from its own header.
///
/// `on` hears how many bytes are read of how many.
///
/// # Errors
/// See [`ReadFileError`].
pub fn read_file<C: Card>(
    card: &mut C,
    file: FileRef,
    plan: &ReadPlan,
    on: &mut dyn FnMut(usize, usize),
) -> Result<Vec<u8>, ReadFileError> {
    resume_file(card, file, plan, &mut Learned::new(plan), &mut PartialFile::default(), on)
}

/// Like [`read_file`], going on from what an earlier attempt got and using what earlier files taught.
///
/// # Errors
/// See [`ReadFileError`]; `partial` keeps what was read.
pub fn resume_file<C: Card>(
    card: &mut C,
    file: FileRef,
    plan: &ReadPlan,
    learned: &mut Learned,
    partial: &mut PartialFile,
    on: &mut dyn FnMut(usize, usize),
) -> Result<Vec<u8>, ReadFileError> {
    let mut refused_past_end = false;
    let mut glitches = 0;
    for _ in 0..MAX_COMMANDS {
        let size = declared_size(&partial.bytes, plan)?;
        if let Some(size) = size {
            on(partial.bytes.len().min(size), size);
            if partial.bytes.len() >= size {
                let mut bytes = std::mem::take(&mut partial.bytes);
                bytes.truncate(size);
                return Ok(bytes);
            }
        }
        let position = position(card, file, learned, partial)?;
        let left = size.map_or(usize::MAX, |size| size - partial.bytes.len());
        let most = match size {
            // Enough for tag and length of any file.
            None if refused_past_end || (learned.strict_end && plan.usually_short) => HEAD,
            None | Some(_) => learned.ne,
        };
        let ne = most.min(u32::try_from(left).unwrap_or(u32::MAX));
        // Some chips take no odd Ne in an extended command; a byte past the end of the file does no harm.
        let ne = match ne {
            ..=256 => ne,
            _ if ne < learned.ne => ne + (ne & 1),
            _ => ne & !1,
        };
        let (response, corrected) = read_at(card, position, ne)?;
        match judge(&response, ne) {
            Answer::Data => {
                partial.selected = true;
                partial.bytes.extend_from_slice(&response.data);
                if partial.bytes.len() > plan.max_file {
                    return Err(ReadFileError::FileLimit { declared: partial.bytes.len() });
                }
                // What the card gave instead is its limit, unless the file ended there.
                if let Some(limit) = corrected
                    && declared_size(&partial.bytes, plan)?.is_some_and(|size| partial.bytes.len() < size)
                {
                    learned.ne = limit;
                }
            }
            Answer::End if size.is_none() && tlv::announced_size(&partial.bytes)? == Some(None) => {
                // Indefinite length at the top: the file ends where its end-of-contents stands.
                let mut reader = Reader::ber(&partial.bytes);
                return Ok(reader.next()?.whole.to_vec());
            }
            // Asked once more, it may have passed; if it has not, it was the card's way to refuse the size.
            Answer::TooMuch if response.status.0 == 0x6F00 && glitches == 0 => glitches += 1,
            // Past the end of a file of unknown size, which is no limit of the card's buffers.
            Answer::TooMuch if size.is_none() && ne > HEAD && matches!(response.status.0, 0x6282 | 0x6B00) => {
                refused_past_end = true;
                learned.strict_end = true;
            }
            Answer::TooMuch => {
                learned.ne = ne;
                if !learned.shrink(false) {
                    return Err(ReadFileError::Refused(response.status));
                }
            }
            Answer::NotHere if matches!(position, Position::Short(_)) => partial.short_id_refused = true,
            Answer::NotHere => return Err(ReadFileError::NotFound),
            Answer::End => return Err(ReadFileError::NoProgress),
            Answer::Refused => return Err(ReadFileError::Refused(response.status)),
        }
    }
    Err(ReadFileError::NoProgress)
}

#[derive(Clone, Copy)]
enum Position {
    Short(ShortFileId),
    Offset(usize),
}

/// Makes the file current, unless reading it by short identifier will.
fn position<C: Card>(
    card: &mut C,
    file: FileRef,
    learned: &mut Learned,
    partial: &mut PartialFile,
) -> Result<Position, ReadFileError> {
    if partial.selected {
        return Ok(Position::Offset(partial.bytes.len()));
    }
    if let Some(short_id) = file.short_id
        && learned.short_ids
        && !partial.short_id_refused
        && partial.bytes.is_empty()
    {
        return Ok(Position::Short(short_id));
    }
    let (form, there) = select_file_from(card, file.id, learned.select_form)?;
    learned.select_form = form;
    if !there {
        return Err(ReadFileError::NotFound);
    }
    partial.selected = true;
    if partial.short_id_refused {
        // The file is there after all: this card does not read by short identifier.
        learned.short_ids = false;
    }
    Ok(Position::Offset(partial.bytes.len()))
}

/// Makes an elementary file current.
pub(crate) fn select_file<C: Card>(card: &mut C, id: FileId) -> Result<(), ReadFileError> {
    match select_file_from(card, id, 0)? {
        (_, true) => Ok(()),
        (_, false) => Err(ReadFileError::NotFound),
    }
}

/// The same, beginning with the form of that number; returns the one that was understood, and whether the file is there.
fn select_file_from<C: Card>(card: &mut C, id: FileId, first: usize) -> Result<(usize, bool), ReadFileError> {
    let id = id.0.to_be_bytes();
    let quiet = CommandApdu::new(0, SELECT, 0x02, 0x0C).with_data(id);
    let with_information = CommandApdu::new(0, SELECT, 0x02, 0x04).with_data(id).with_ne(256);
    let by_any_id = CommandApdu::new(0, SELECT, 0x00, 0x0C).with_data(id);
    let forms = [quiet, with_information, by_any_id];
    let (form, found) = select(card, forms.get(first..).unwrap_or(&forms))?;
    Ok((first + form, found.is_some()))
}

/// Tries forms of SELECT until the card understands one; returns its number and what the card answered, `None` when there is no such
/// file.
fn select<C: Card>(card: &mut C, forms: &[CommandApdu]) -> Result<(usize, Option<Vec<u8>>), ReadFileError> {
    let mut refusal = ReadFileError::NotFound;
    for (number, form) in forms.iter().enumerate() {
        let response = transmit_whole(card, form)?;
        match response.status.0 {
            0x9000 => return Ok((number, Some(response.data))),
            0x6A82 | 0x6A88 => return Ok((number, None)),
            // Wrong length, wrong P1-P2, function not supported: another form may do.
            0x6700 | 0x6B00 | 0x6A80 | 0x6A81 | 0x6A86 | 0x6A87 => refusal = ReadFileError::Refused(response.status),
            _ if response.status.sw1() == 0x62 => return Ok((number, Some(response.data))),
            _ => return Err(ReadFileError::Refused(response.status)),
        }
    }
    Err(refusal)
}

fn read_at<C: Card>(card: &mut C, position: Position, ne: u32) -> Result<(ResponseApdu, Option<u32>), ReadFileError> {
    let offset = match position {
        Position::Short(id) => {
            return Ok(transmit_learning(
                card,
                &CommandApdu::new(0, READ_BINARY, 0x80 | (id.0 & 0x1F), 0).with_ne(ne),
            )?);
        }
        Position::Offset(offset) => offset,
    };
    if offset <= MAX_PLAIN_OFFSET {
        let [p1, p2] = (offset as u16).to_be_bytes();
        return Ok(transmit_learning(card, &CommandApdu::new(0, READ_BINARY, p1, p2).with_ne(ne))?);
    }
    // ISO/IEC 7816-4, 11.2.3: offset in DO'54', data in DO'53', whose header counts into Ne.
    let offset = u32::try_from(offset).unwrap_or(u32::MAX).to_be_bytes();
    let digits = offset.iter().position(|byte| *byte != 0).unwrap_or(3);
    let data = tlv::encode(Tag(0x54), offset.get(digits..).unwrap_or_default());
    let command =
        CommandApdu::new(0, READ_BINARY_BER, 0, 0).with_data(data).with_ne(ne.saturating_add(4).min(0x1_0000));
    let response = transmit_whole(card, &command)?;
    if response.data.is_empty() {
        return Ok((response, None));
    }
    let mut reader = Reader::ber(&response.data);
    let data = reader.expect(Tag(0x53))?.value.to_vec();
    Ok((ResponseApdu::new(data, response.status), None))
}

enum Answer {
    Data,
    End,
    NotHere,
    TooMuch,
    Refused,
}

/// What a READ BINARY's answer means, by the status words met in the field.
fn judge(response: &ResponseApdu, ne: u32) -> Answer {
    let empty = response.data.is_empty();
    match response.status.0 {
        0x9000 | 0x6282 if !empty => Answer::Data,
        0x9000 => Answer::End,
        // End of file before Ne bytes: nothing came although the file goes on, so less must be asked for.
        0x6282 | 0x6B00 if ne > 16 => Answer::TooMuch,
        0x6282 | 0x6B00 => Answer::End,
        0x6700 | 0x6F00 => Answer::TooMuch,
        0x6A81..=0x6A83 => Answer::NotHere,
        _ => Answer::Refused,
    }
}

/// Size of the file from its own header, once enough of it is read.
fn declared_size(head: &[u8], plan: &ReadPlan) -> Result<Option<usize>, ReadFileError> {
    let Some(Some(declared)) = tlv::announced_size(head)? else {
        return Ok(None);
    };
    if declared > plan.max_file {
        return Err(ReadFileError::FileLimit { declared });
    }
    Ok(Some(declared))
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
