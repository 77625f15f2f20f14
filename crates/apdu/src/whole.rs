//! Reading files that do not tell their own size: a row of fields with a filler after them, as Japanese cards have.

use zeroize::Zeroizing;

use crate::file::{FileId, FileRef, ReadFileError, ReadPlan, select_file};
use crate::{Card, CommandApdu, StatusWord, transmit_whole};

const READ_BINARY: u8 = 0xB0;
/// Greatest offset P1-P2 can say.
const MAX_OFFSET: usize = 0x7FFF;

/// Reads an elementary file from its beginning to its end, and wipes what it passed on the way.
///
/// With `plan.extended` the whole file is asked for at once; a card or reader that refuses gets short reads. With
/// `plan.short_ids` the file is named by its short identifier in the first READ BINARY, else selected. A file of the `size`
/// that is known beforehand ends there; any other ends where the card says so.
///
/// # Errors
/// See [`ReadFileError`].
pub fn read_to_end<C: Card>(
    card: &mut C,
    file: FileRef,
    size: Option<usize>,
    plan: &ReadPlan,
) -> Result<Zeroizing<Vec<u8>>, ReadFileError> {
    let short_id = file.short_id.filter(|_| plan.short_ids);
    if short_id.is_none() {
        select_file(card, file.id)?;
    }
    let first = short_id.map_or(0, |id| 0x80 | (id.0 & 0x1F));
    if plan.extended.is_some() {
        // Ne of 65,536: all there is (ISO/IEC 7816-4, 5.2).
        let all = CommandApdu::new(0, READ_BINARY, first, 0).with_ne(0x1_0000);
        match read(card, &all, plan)? {
            Read::Bytes(bytes) | Read::Last(bytes) => return Ok(bytes),
            Read::End => return Err(ReadFileError::NoProgress),
            Read::TooMuch(_) => {}
        }
    }
    in_parts(card, first, size, plan)
}

fn in_parts<C: Card>(
    card: &mut C,
    first: u8,
    size: Option<usize>,
    plan: &ReadPlan,
) -> Result<Zeroizing<Vec<u8>>, ReadFileError> {
    let limit = plan.short_limit.clamp(1, 256) as usize;
    // One allocation: nothing is left behind in a smaller one.
    let mut whole = Zeroizing::new(Vec::with_capacity(size.unwrap_or(plan.max_file).min(plan.max_file)));
    let mut chunk = limit;
    while size.is_none_or(|size| whole.len() < size) {
        let ne = size.map_or(chunk, |size| chunk.min(size - whole.len()));
        let offset = whole.len();
        if offset > MAX_OFFSET {
            return Err(ReadFileError::FileLimit { declared: offset });
        }
        let [high, low] = if offset == 0 { [first, 0] } else { (offset as u16).to_be_bytes() };
        let command = CommandApdu::new(0, READ_BINARY, high, low).with_ne(ne as u32);
        let (bytes, last) = match read(card, &command, plan)? {
            // Fewer than were asked for: the file ends here, unless it is known not to.
            Read::Bytes(bytes) => {
                let last = bytes.len() < ne && size.is_none();
                (bytes, last)
            }
            Read::Last(bytes) => (bytes, true),
            Read::End => break,
            Read::TooMuch(status) => {
                chunk = SMALLER.into_iter().find(|s| *s < ne).ok_or(ReadFileError::Refused(status))?;
                continue;
            }
        };
        if whole.len() + bytes.len() > plan.max_file {
            return Err(ReadFileError::FileLimit { declared: whole.len() + bytes.len() });
        }
        whole.extend_from_slice(&bytes);
        if last {
            break;
        }
    }
    if whole.is_empty() { Err(ReadFileError::NoProgress) } else { Ok(whole) }
}

/// Sizes tried from above until the card takes one.
const SMALLER: [usize; 4] = [192, 128, 64, 16];

enum Read {
    Bytes(Zeroizing<Vec<u8>>),
    /// The bytes before the end of the file.
    Last(Zeroizing<Vec<u8>>),
    End,
    TooMuch(StatusWord),
}

fn read<C: Card>(card: &mut C, command: &CommandApdu, plan: &ReadPlan) -> Result<Read, ReadFileError> {
    let response = transmit_whole(card, command)?;
    let bytes = Zeroizing::new(response.data);
    if bytes.len() > plan.max_file {
        return Err(ReadFileError::FileLimit { declared: bytes.len() });
    }
    match response.status.0 {
        0x9000 if bytes.is_empty() => Err(ReadFileError::NoProgress),
        0x9000 => Ok(Read::Bytes(bytes)),
        0x6282 if !bytes.is_empty() => Ok(Read::Last(bytes)),
        0x6282 | 0x6B00 => Ok(Read::End),
        0x6700 | 0x6F00 => Ok(Read::TooMuch(response.status)),
        0x6A82 => Err(ReadFileError::NotFound),
        _ => Err(ReadFileError::Refused(response.status)),
    }
}

/// Names a file without a short identifier.
impl From<FileId> for FileRef {
    fn from(id: FileId) -> Self {
        Self { id, short_id: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ResponseApdu, ShortFileId, TransportError};

    /// One file; `extended` says whether extended length is taken, `most` how much one read gives.
    struct File {
        content: Vec<u8>,
        extended: bool,
        most: usize,
        at_end: u16,
        commands: usize,
    }

    impl Card for File {
        fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
            self.commands += 1;
            if command.ins == 0xA4 {
                return Ok(ResponseApdu::new([], StatusWord::OK));
            }
            let ne = command.ne.unwrap_or(0) as usize;
            if (ne > 256 && !self.extended) || (ne <= 256 && ne > self.most) {
                return Ok(ResponseApdu::new([], StatusWord::WRONG_LENGTH));
            }
            let offset =
                if command.p1 & 0x80 == 0 { usize::from(command.p1) << 8 | usize::from(command.p2) } else { 0 };
            let rest = self.content.get(offset..).unwrap_or_default();
            if rest.is_empty() {
                return Ok(ResponseApdu::new([], StatusWord::WRONG_PARAMETERS));
            }
            let status = if rest.len() < ne { self.at_end } else { 0x9000 };
            Ok(ResponseApdu::new(rest.get(..ne.min(rest.len())).unwrap_or_default(), StatusWord(status)))
        }
    }

    fn file(size: usize, extended: bool, most: usize, at_end: u16) -> File {
        File { content: (0..size).map(|n| n as u8).collect(), extended, most, at_end, commands: 0 }
    }

    const SFI: FileRef = FileRef { id: FileId(1), short_id: Some(ShortFileId(1)) };

    fn plan(extended: bool) -> ReadPlan {
        let extended = extended.then_some(2048);
        ReadPlan { short_limit: 256, extended, max_file: 4096, ..ReadPlan::default() }
    }

    #[test]
    fn one_command_reads_a_whole_file_where_extended_length_works() {
        let mut card = file(880, true, 256, 0x6282);
        assert_eq!(read_to_end(&mut card, SFI, Some(880), &plan(true)).unwrap().len(), 880);
        assert_eq!(card.commands, 1);
    }

    #[test]
    fn whatever_the_card_refuses_the_file_is_the_same() {
        for (extended, most, at_end, size) in [
            (false, 256, 0x9000, Some(880)),
            (false, 256, 0x6282, None),
            (false, 256, 0x9000, None),
            (false, 100, 0x6282, Some(880)),
            (true, 16, 0x9000, None),
        ] {
            for asked in [true, false] {
                let mut card = file(880, extended, most, at_end);
                let read = read_to_end(&mut card, SFI, size, &plan(asked)).unwrap();
                assert_eq!(*read, card.content, "{extended} {most} {at_end:04X} {size:?} {asked}");
            }
        }
    }

    #[test]
    fn a_file_that_ends_before_its_known_size_is_what_there_is() {
        let mut card = file(500, false, 256, 0x6282);
        assert_eq!(read_to_end(&mut card, SFI, Some(880), &plan(false)).unwrap().len(), 500);
    }

    #[test]
    fn a_file_without_an_end_meets_the_budget() {
        let mut card = file(40_000, false, 256, 0x9000);
        let error = read_to_end(&mut card, SFI, None, &plan(false)).unwrap_err();
        assert!(matches!(error, ReadFileError::FileLimit { .. }), "{error:?}");
    }
}
