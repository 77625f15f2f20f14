//! Where everything is on the card. Every number the interface specification of J-LIS would give stands here and nowhere else.
//!
//! Sources: [A] two independent implementations agree, or recomputed from a test card's bytes; [B] one implementation, measured on
//! cards; the specification itself is under agreement and was not read. The next generation of the card (two applications,
//! P-384) will bring another table.

use apdu::FileId;
use apdu::tlv::Tag;
use serde::{Deserialize, Serialize};

/// The applications that are read. The resident record application and the common application have no name here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Application {
    /// 公的個人認証AP.
    Jpki,
    /// 券面事項確認AP: the face of the card as images.
    Surface,
    /// 券面事項入力補助AP: name, address, birth date and sex as text.
    Text,
}

impl Application {
    /// Application identifier [A].
    #[must_use]
    pub const fn aid(self) -> [u8; 10] {
        match self {
            Self::Jpki => [0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01],
            Self::Surface => [0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x02],
            Self::Text => [0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x08],
        }
    }
}

/// The files that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MyNumberFile {
    /// Surface 0002: birth date, sex, key, images of name and address, photo, signature, expiry. Kept without the security code.
    CardFace,
    /// Surface 0004: CV certificate of the key that signed the face.
    SurfaceCertificate,
    /// Text 0002: 基本4情報.
    Attributes,
    /// Text 0003: signed digests of the text.
    AttributeDigests,
    /// Text 0004: CV certificate of the key that signed the text.
    TextCertificate,
    /// Text 0007: the key of this application on this card, signed.
    TextKey,
    /// JPKI 000A: 利用者証明用電子証明書.
    UserCertificate,
    /// JPKI 0001: 署名用電子証明書.
    SignatureCertificate,
}

impl MyNumberFile {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::CardFace,
        Self::SurfaceCertificate,
        Self::Attributes,
        Self::AttributeDigests,
        Self::TextCertificate,
        Self::TextKey,
        Self::UserCertificate,
        Self::SignatureCertificate,
    ];

    /// A name for messages and file names.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CardFace => "card face",
            Self::SurfaceCertificate => "surface certificate",
            Self::Attributes => "attributes",
            Self::AttributeDigests => "attribute digests",
            Self::TextCertificate => "text certificate",
            Self::TextKey => "text key",
            Self::UserCertificate => "user certificate",
            Self::SignatureCertificate => "signature certificate",
        }
    }

    /// The application it belongs to.
    #[must_use]
    pub const fn application(self) -> Application {
        match self {
            Self::CardFace | Self::SurfaceCertificate => Application::Surface,
            Self::Attributes | Self::AttributeDigests | Self::TextCertificate | Self::TextKey => Application::Text,
            Self::UserCertificate | Self::SignatureCertificate => Application::Jpki,
        }
    }

    /// File identifier: [A] for text 0002 and for JPKI, [B] for the rest.
    #[must_use]
    pub const fn id(self) -> FileId {
        FileId(match self {
            Self::CardFace | Self::Attributes => 0x0002,
            Self::AttributeDigests => 0x0003,
            Self::SurfaceCertificate | Self::TextCertificate => 0x0004,
            Self::TextKey => 0x0007,
            Self::UserCertificate => 0x000A,
            Self::SignatureCertificate => 0x0001,
        })
    }

    /// Tag the content starts with.
    #[must_use]
    pub const fn tag(self) -> Tag {
        Tag(match self {
            Self::CardFace | Self::Attributes => 0xFF20,
            Self::AttributeDigests => 0xFF30,
            Self::SurfaceCertificate | Self::TextCertificate => 0x7F21,
            Self::TextKey => 0xFF50,
            Self::UserCertificate | Self::SignatureCertificate => 0x30,
        })
    }

    /// Greatest size that is read: several times what test cards have.
    #[must_use]
    pub const fn max_size(self) -> usize {
        match self {
            Self::CardFace | Self::UserCertificate | Self::SignatureCertificate => 16 * 1024,
            Self::Attributes
            | Self::AttributeDigests
            | Self::SurfaceCertificate
            | Self::TextCertificate
            | Self::TextKey => 4 * 1024,
        }
    }
}

/// The private keys a card is asked to prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CardKey {
    /// Surface 001A, free [B].
    Surface,
    /// Text 0013, free [B].
    Text,
    /// JPKI 0017, after the user PIN [A].
    User,
    /// JPKI 001A, after the signature password [A].
    Signature,
}

impl CardKey {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Surface, Self::Text, Self::User, Self::Signature];

    /// The application it belongs to.
    #[must_use]
    pub const fn application(self) -> Application {
        match self {
            Self::Surface => Application::Surface,
            Self::Text => Application::Text,
            Self::User | Self::Signature => Application::Jpki,
        }
    }

    /// File identifier of the key.
    #[must_use]
    pub const fn id(self) -> FileId {
        FileId(match self {
            Self::Surface | Self::Signature => 0x001A,
            Self::Text => 0x0013,
            Self::User => 0x0017,
        })
    }

    /// P2 of PERFORM SECURITY OPERATION: 80 in JPKI [A], 00 in the other applications [B].
    pub(super) const fn operation_p2(self) -> u8 {
        match self {
            Self::Surface | Self::Text => 0x00,
            Self::User | Self::Signature => 0x80,
        }
    }
}

/// The secrets that are presented. 照合番号A, which is the Individual Number, has no name here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Secret {
    /// Surface 0012: 照合番号B [B].
    SurfaceNumberB,
    /// Text 0015: 照合番号B [A].
    TextNumberB,
    /// Text 0011: 券面事項入力補助用暗証番号 [A].
    TextPin,
    /// JPKI 0018: 利用者証明用暗証番号 [A].
    UserPin,
    /// JPKI 001B: 署名用暗証番号 [A].
    SignaturePassword,
}

impl Secret {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::SurfaceNumberB, Self::TextNumberB, Self::TextPin, Self::UserPin, Self::SignaturePassword];

    /// The application it belongs to.
    #[must_use]
    pub const fn application(self) -> Application {
        match self {
            Self::SurfaceNumberB => Application::Surface,
            Self::TextNumberB | Self::TextPin => Application::Text,
            Self::UserPin | Self::SignaturePassword => Application::Jpki,
        }
    }

    /// File identifier of the secret.
    #[must_use]
    pub const fn id(self) -> FileId {
        FileId(match self {
            Self::SurfaceNumberB => 0x0012,
            Self::TextNumberB => 0x0015,
            Self::TextPin => 0x0011,
            Self::UserPin => 0x0018,
            Self::SignaturePassword => 0x001B,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The Individual Number (text 0001, surface 0005), 照合番号A (surface 0013, text 0014) and the resident record application.
    const FORBIDDEN: [(Application, u16); 4] = [
        (Application::Text, 0x0001),
        (Application::Surface, 0x0005),
        (Application::Surface, 0x0013),
        (Application::Text, 0x0014),
    ];

    #[test]
    fn nothing_that_has_a_name_is_forbidden() {
        let named = MyNumberFile::ALL
            .map(|file| (file.application(), file.id().0))
            .into_iter()
            .chain(CardKey::ALL.map(|key| (key.application(), key.id().0)))
            .chain(Secret::ALL.map(|secret| (secret.application(), secret.id().0)));
        for name in named {
            assert!(!FORBIDDEN.contains(&name), "{name:?}");
        }
        let resident_record = [0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x01];
        for application in [Application::Jpki, Application::Surface, Application::Text] {
            assert_ne!(application.aid(), resident_record);
        }
    }
}
