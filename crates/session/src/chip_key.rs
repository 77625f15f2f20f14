//! What opens a chip, as it travels from the screen to the reader.

use std::sync::Arc;

use chip::licence::LicencePins;
use chip::mrtd::AccessKey;
use chip::my_number::NumberB;
use chip::pin::{LastTryConsent, Pin, PinFormatError, TextPin};
use chip::residence::CardNumber;
use zeroize::Zeroizing;

/// The key of one reading. What is printed on the document may be used again after a lift; a secret is spent by one reading, and
/// then only its holder can enter it anew (product.md §13).
pub enum ChipKey {
    /// MRZ or card access number of a passport.
    Passport(Arc<AccessKey>),
    /// 在留カード等番号.
    Residence(Arc<CardNumber>),
    /// 照合番号B of a My Number card.
    NumberB(Arc<PrintedNumberB>),
    /// 券面事項入力補助用暗証番号 of a My Number card.
    TextPin(Pin<TextPin>, Option<LastTryConsent<TextPin>>),
    /// 暗証番号1 and 2 of a licence.
    Licence(Box<LicencePins>),
}

impl ChipKey {
    /// The same key for another reading, if it is printed on the document.
    pub(crate) fn again(&self) -> Option<Self> {
        match self {
            Self::Passport(key) => Some(Self::Passport(Arc::clone(key))),
            Self::Residence(number) => Some(Self::Residence(Arc::clone(number))),
            Self::NumberB(number) => Some(Self::NumberB(Arc::clone(number))),
            Self::TextPin(..) | Self::Licence(_) => None,
        }
    }
}

/// Names the kind only.
impl std::fmt::Debug for ChipKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Passport(_) => "ChipKey::Passport",
            Self::Residence(_) => "ChipKey::Residence",
            Self::NumberB(_) => "ChipKey::NumberB",
            Self::TextPin(..) => "ChipKey::TextPin",
            Self::Licence(_) => "ChipKey::Licence",
        })
    }
}

/// 照合番号B as typed from the card. It is printed there, so a lift does not ask for it again; it is erased when dropped.
pub struct PrintedNumberB(Zeroizing<String>);

impl PrintedNumberB {
    /// Takes the fourteen digits.
    ///
    /// # Errors
    /// Any other form; the Individual Number with its twelve digits is one.
    pub fn parse(digits: Zeroizing<String>) -> Result<Self, PinFormatError> {
        NumberB::parse(&digits)?;
        Ok(Self(digits))
    }

    /// What is sent to the card, once.
    ///
    /// # Errors
    /// None that [`Self::parse`] has not reported before.
    pub fn to_send(&self) -> Result<NumberB, PinFormatError> {
        NumberB::parse(&self.0)
    }
}
