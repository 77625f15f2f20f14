//! マイナ免許証: licence data on the My Number card since 2025-03-24 (japanese-cards.md §1.7). Validity, number and photo; name,
//! address and birth date are the My Number card's own.

use apdu::tlv::{Reader, Tag};
use apdu::{Card, CommandApdu, FileId, FileRef, ReadFileError, ReadPlan, TransportError, read_to_end, transmit_whole};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::common::PinSetting;
use super::date::{CivilDate, DateError, Runs};
use crate::mrtd::{Counters, Counting};
use crate::pin::{self, LastTryConsent, MyNumberLicencePin, Pin, PinError, PinPath};

/// The instance's identifier. [A]
const AID: [u8; 16] = *b"\xA0\0\0\x02\x31\x06\0\0\0\0\0\0\0\0\0\0";
/// 暗証番号設定. [A]
const PIN_SETTING: FileId = FileId(0x001A);
/// 免許情報. [A]
const LICENCE: FileId = FileId(0x001B);
/// 電子署名. [B]
const SIGNATURE: FileId = FileId(0x001C);
/// Tags of the licence data that are known; all others, conditions and classes among them, are left alone. [A]
const EXPIRES: Tag = Tag(0xC5);
const NUMBER: Tag = Tag(0xE7);
const PHOTO: Tag = Tag(0xDF07);

/// How to read.
#[derive(Clone, Copy, Debug)]
pub struct MyNumberLicencePlan {
    /// What the reader can carry.
    pub read: ReadPlan,
    /// P2 of VERIFY: 86 was measured on real cards; an example of the specification has 82, which they refused.
    pub pin_qualifier: u8,
}

impl Default for MyNumberLicencePlan {
    fn default() -> Self {
        let read = ReadPlan { short_limit: 256, max_file: 16 * 1024, short_ids: false, ..ReadPlan::default() };
        Self { read, pin_qualifier: 0x86 }
    }
}

/// What is kept: the card's own bytes of the three items, and the signature, which nobody but the police can verify.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MyNumberLicenceEvidence {
    /// 有効期間の末日, era and YYMMDD.
    pub expires: Option<Vec<u8>>,
    /// 免許証番号.
    pub number: Option<Vec<u8>>,
    /// The photo, JPEG 2000.
    pub photo: Option<Vec<u8>>,
    /// WEF03, whose inner form is not known.
    pub signature: Option<Vec<u8>>,
    /// What the reading cost.
    pub counters: Counters,
}

/// Why a reading ended without evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MyNumberLicenceError {
    /// The card carries no licence.
    #[error("the card carries no licence")]
    NotLicence,
    /// The card does not say whether a PIN is set: nothing was sent.
    #[error("the card does not say whether a PIN is set")]
    PinSettingUnknown,
    /// A PIN is set and none was entered.
    #[error("the PIN is needed")]
    PinNeeded,
    /// The PIN was not accepted.
    #[error(transparent)]
    Pin(#[from] PinError),
    /// A file could not be read.
    #[error("file {:04X} could not be read: {source}", file.0)]
    ReadFile {
        /// The file.
        file: FileId,
        /// Why.
        source: ReadFileError,
    },
    /// No response.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

impl MyNumberLicenceEvidence {
    /// The last day of validity.
    ///
    /// # Errors
    /// A day that never was.
    pub fn expires(&self) -> Result<Option<CivilDate>, DateError> {
        self.expires.as_deref().map(|text| CivilDate::parse_era(text, Runs::Past)).transpose()
    }

    /// The licence number, twelve digits; `None` for anything else.
    #[must_use]
    pub fn number(&self) -> Option<String> {
        let digits = self.number.as_deref().filter(|n| n.len() == 12 && n.iter().all(u8::is_ascii_digit))?;
        Some(digits.iter().map(|digit| char::from(*digit)).collect())
    }
}

/// Shows sizes only.
impl std::fmt::Debug for MyNumberLicenceEvidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MyNumberLicenceEvidence")
            .field("photo", &self.photo.as_ref().map(Vec::len))
            .field("signature", &self.signature.as_ref().map(Vec::len))
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}

/// Reads the licence of a My Number card: PIN setting, PIN, licence data, signature.
///
/// # Errors
/// See [`MyNumberLicenceError`].
pub fn inspect<C: Card>(
    card: C,
    pin: Option<Pin<MyNumberLicencePin>>,
    consent: Option<LastTryConsent<MyNumberLicencePin>>,
    plan: &MyNumberLicencePlan,
) -> Result<MyNumberLicenceEvidence, MyNumberLicenceError> {
    let mut card = Counting::new(card);
    let select = CommandApdu::new(0, 0xA4, 0x04, 0x0C).with_data(AID);
    if !transmit_whole(&mut card, &select)?.status.is_ok() {
        return Err(MyNumberLicenceError::NotLicence);
    }
    let setting = read(&mut card, PIN_SETTING, Some(3), plan)?;
    let pin = match pin_setting(&setting) {
        None => return Err(MyNumberLicenceError::PinSettingUnknown),
        Some(PinSetting::Set) => pin.ok_or(MyNumberLicenceError::PinNeeded)?,
        Some(PinSetting::NotSet) => Pin::unset(),
    };
    let path = PinPath { select: Vec::new(), reselect: vec![select], qualifier: plan.pin_qualifier };
    pin::verify(&mut card, &path, pin, consent)?;
    let licence = read(&mut card, LICENCE, None, plan)?;
    let items = items(&licence).map_err(|source| MyNumberLicenceError::ReadFile { file: LICENCE, source })?;
    let signature = match read(&mut card, SIGNATURE, None, plan) {
        Ok(bytes) => Some(bytes.to_vec()),
        Err(MyNumberLicenceError::ReadFile { source: ReadFileError::NotFound | ReadFileError::Refused(_), .. }) => None,
        Err(error) => return Err(error),
    };
    let [expires, number, photo] = items;
    Ok(MyNumberLicenceEvidence { expires, number, photo, signature, counters: card.counters() })
}

fn read<C: Card>(
    card: &mut C,
    file: FileId,
    size: Option<usize>,
    plan: &MyNumberLicencePlan,
) -> Result<Zeroizing<Vec<u8>>, MyNumberLicenceError> {
    read_to_end(card, FileRef::from(file), size, &plan.read).map_err(|source| match source {
        ReadFileError::Transport(error) => error.into(),
        ReadFileError::NotFound
        | ReadFileError::Refused(_)
        | ReadFileError::Loop
        | ReadFileError::Oversize
        | ReadFileError::NoProgress
        | ReadFileError::FileLimit { .. }
        | ReadFileError::Tlv(_) => MyNumberLicenceError::ReadFile { file, source },
    })
}

/// `C1 01 00` or `C1 01 01`; anything else is no answer.
fn pin_setting(bytes: &[u8]) -> Option<PinSetting> {
    match bytes {
        [0xC1, 0x01, 0x01] => Some(PinSetting::Set),
        [0xC1, 0x01, 0x00] => Some(PinSetting::NotSet),
        _ => None,
    }
}

/// The three items, from a row of BER data objects that ends with the file or its filler.
fn items(bytes: &[u8]) -> Result<[Option<Vec<u8>>; 3], ReadFileError> {
    let mut found = [None, None, None];
    let used = bytes.iter().rposition(|byte| !matches!(byte, 0x00 | 0xFF)).map_or(0, |last| last + 1);
    // A value may end in bytes that look like filler: objects are read as long as they begin before it.
    let mut rest = bytes;
    while bytes.len() - rest.len() < used {
        let object = Reader::ber(rest).next()?;
        for (place, tag) in found.iter_mut().zip([EXPIRES, NUMBER, PHOTO]) {
            if object.tag == tag && !object.value.is_empty() {
                place.get_or_insert(object.value.to_vec());
            }
        }
        rest = rest.get(object.whole.len()..).unwrap_or_default();
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_items_are_taken_and_the_rest_is_left() {
        let mut file = vec![0xC2, 1, b'x', 0xC5, 7];
        file.extend(b"5100601");
        file.extend([0xE7, 12]);
        file.extend(b"305512345670");
        file.extend([0xDF, 0x07, 3, 0xFF, 0x4F, 0xFF, 0xFF, 0xFF]);
        let [expires, number, photo] = items(&file).unwrap();
        assert_eq!(expires.as_deref(), Some(&b"5100601"[..]));
        assert_eq!(number.as_deref(), Some(&b"305512345670"[..]));
        assert_eq!(photo.as_deref(), Some(&[0xFF, 0x4F, 0xFF][..]));
    }

    #[test]
    fn an_object_that_is_cut_off_is_an_error() {
        assert!(matches!(items(&[0xC5, 7, b'5']), Err(ReadFileError::Tlv(_))));
        assert_eq!(items(&[0xFF; 20]), Ok([None, None, None]));
        assert_eq!(items(&[]), Ok([None, None, None]));
    }
}
