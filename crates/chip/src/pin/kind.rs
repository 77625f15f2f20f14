//! The kinds of secrets, one type each (japanese-cards.md §1.4, §1.7, §2.3).

use std::ops::RangeInclusive;

/// A kind of secret: its name, its form and the tries a card usually gives.
pub trait PinKind {
    /// Japanese name, for logs and tests.
    const NAME: &'static str;
    /// Characters it may have.
    const LENGTH: RangeInclusive<usize>;
    /// What those characters are.
    const CHARSET: Charset;
    /// Tries of a card that counts as issued. The card's own answer is the truth; this is for texts and tests.
    const USUAL_TRIES: u8;
}

/// What a secret is written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// 0–9, sent as JIS X 0201.
    Digits,
    /// A–Z and 0–9; small letters are sent as capital ones.
    Alphanumeric,
}

impl Charset {
    pub(super) fn byte(self, character: char) -> Option<u8> {
        let byte = u8::try_from(character).ok()?;
        match self {
            Self::Digits => byte.is_ascii_digit().then_some(byte),
            Self::Alphanumeric => byte.is_ascii_alphanumeric().then(|| byte.to_ascii_uppercase()),
        }
    }
}

/// Kinds a holder may leave unset, so that a fixed value stands in.
pub trait MayBeUnset: PinKind {}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $name:literal $length:expr, $charset:ident, $tries:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $kind {}

        impl PinKind for $kind {
            const NAME: &'static str = $name;
            const LENGTH: RangeInclusive<usize> = $length;
            const CHARSET: Charset = Charset::$charset;
            const USUAL_TRIES: u8 = $tries;
        }
    )+};
}

kinds! {
    /// 暗証番号1 of the licence.
    LicencePin1 "暗証番号1" 4..=4, Digits, 3;
    /// 暗証番号2 of the licence.
    LicencePin2 "暗証番号2" 4..=4, Digits, 3;
    /// 暗証番号 of マイナ免許証.
    MyNumberLicencePin "マイナ免許証の暗証番号" 4..=4, Digits, 10;
    /// 利用者証明用電子証明書の暗証番号 of the My Number card.
    UserPin "利用者証明用暗証番号" 4..=4, Digits, 3;
    /// 署名用電子証明書の暗証番号 of the My Number card.
    SignaturePassword "署名用暗証番号" 6..=16, Alphanumeric, 5;
    /// 券面事項入力補助用暗証番号 of the My Number card.
    TextPin "券面事項入力補助用暗証番号" 4..=4, Digits, 3;
    /// 照合番号B of the My Number card: birth date, year of expiry, security code.
    VerificationNumberB "照合番号B" 14..=14, Digits, 10;
}

impl MayBeUnset for LicencePin1 {}
impl MayBeUnset for LicencePin2 {}
impl MayBeUnset for MyNumberLicencePin {}
