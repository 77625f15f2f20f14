//! Secrets with a limited number of tries: entered once, sent at most once, gone afterwards (product.md §13, security.md §9).
//!
//! The rules hold by construction. A [`Pin`] is spent by value, so a loop that could lock a citizen's card does not compile;
//! it exists only if its form is right, so a mistyped one never reaches a card; [`verify`] is the only way to a card, and it
//! reads the counter first.
//!
//! ```
//! use chip::pin::{LicencePin1, Pin};
//! assert!(Pin::<LicencePin1>::parse("12345").is_err());
//! assert!(Pin::<LicencePin1>::parse("1234").is_ok());
//! ```
//! A PIN cannot be shown, copied or stored:
//! ```compile_fail,E0277
//! let pin = chip::pin::Pin::<chip::pin::LicencePin1>::parse("1234").unwrap();
//! println!("{pin:?}");
//! ```
//! ```compile_fail,E0599
//! let pin = chip::pin::Pin::<chip::pin::LicencePin1>::parse("1234").unwrap();
//! let copy = pin.clone();
//! ```
//! ```compile_fail,E0277
//! let pin = chip::pin::Pin::<chip::pin::LicencePin1>::parse("1234").unwrap();
//! serde_json::to_string(&pin);
//! ```
//! Neither can one kind be taken for another, nor a consent to one kind be used for another:
//! ```compile_fail,E0308
//! # use chip::pin::{LicencePin1, LicencePin2, Pin};
//! let pin: Pin<LicencePin2> = Pin::<LicencePin1>::parse("1234").unwrap();
//! ```

mod kind;
mod verify;

pub use kind::{
    Charset, LicencePin1, LicencePin2, MyNumberLicencePin, PinKind, SignaturePassword, TextPin, UserPin,
    VerificationNumberB,
};
pub use verify::{Accepted, LastTryConsent, PinError, PinPath, Tries, read_tries, verify};

use std::marker::PhantomData;

use zeroize::Zeroizing;

/// Longest secret of any kind.
const MAX_LENGTH: usize = 16;

/// One entry of a secret of kind `K`, of a form the card can take; wiped when dropped.
pub struct Pin<K> {
    bytes: Zeroizing<[u8; MAX_LENGTH]>,
    length: usize,
    kind: PhantomData<K>,
}

/// Why an entry is no PIN of its kind. Says nothing of what was entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PinFormatError {
    /// Too short or too long.
    #[error("the entry has the wrong length")]
    Length,
    /// A character the kind does not have.
    #[error("the entry has a character that does not belong to it")]
    Character,
}

impl<K: PinKind> Pin<K> {
    /// Takes an entry. The caller wipes its own copy.
    ///
    /// # Errors
    /// [`PinFormatError`]; such an entry reaches no card.
    pub fn parse(entry: &str) -> Result<Self, PinFormatError> {
        let mut bytes = Zeroizing::new([0; MAX_LENGTH]);
        let mut length = 0;
        for character in entry.chars() {
            let byte = K::CHARSET.byte(character).ok_or(PinFormatError::Character)?;
            *bytes.get_mut(length).ok_or(PinFormatError::Length)? = byte;
            length += 1;
        }
        if !K::LENGTH.contains(&length) {
            return Err(PinFormatError::Length);
        }
        Ok(Self { bytes, length, kind: PhantomData })
    }

    /// The bytes as the card takes them.
    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

impl<K: kind::MayBeUnset> Pin<K> {
    /// The fixed value `****` that opens a card whose holder set no PIN. The caller has read from the card's own setting file
    /// that none is set.
    pub(crate) fn unset() -> Self {
        let mut bytes = Zeroizing::new([0; MAX_LENGTH]);
        bytes.iter_mut().take(4).for_each(|byte| *byte = b'*');
        Self { bytes, length: 4, kind: PhantomData }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form<K: PinKind>(entry: &str) -> Result<Vec<u8>, PinFormatError> {
        Pin::<K>::parse(entry).map(|pin| pin.bytes().to_vec())
    }

    #[test]
    fn each_kind_has_its_form() {
        assert_eq!(form::<LicencePin1>("0123"), Ok(b"0123".to_vec()));
        assert_eq!(form::<LicencePin2>("12a4"), Err(PinFormatError::Character));
        assert_eq!(form::<UserPin>("123"), Err(PinFormatError::Length));
        assert_eq!(form::<UserPin>("１２３４"), Err(PinFormatError::Character));
        assert_eq!(form::<SignaturePassword>("abc123"), Ok(b"ABC123".to_vec()));
        assert_eq!(form::<SignaturePassword>("ABC12"), Err(PinFormatError::Length));
        assert_eq!(form::<SignaturePassword>("ABCDEFGHIJ1234567"), Err(PinFormatError::Length));
        assert_eq!(form::<SignaturePassword>("ABC-123"), Err(PinFormatError::Character));
        assert_eq!(form::<VerificationNumberB>("55021720352285"), Ok(b"55021720352285".to_vec()));
        assert_eq!(form::<VerificationNumberB>("5502172035228"), Err(PinFormatError::Length));
    }

    #[test]
    fn nobody_can_enter_the_value_of_an_unset_pin() {
        assert_eq!(form::<LicencePin1>("****"), Err(PinFormatError::Character));
        assert_eq!(Pin::<LicencePin1>::unset().bytes(), b"****");
    }
}
