//! Which code speaks for which error: one exhaustive conversion per crate border.

use apdu::tlv::TlvError;
use apdu::{ChannelFault, ReadFileError, TransportError};
use chip::licence::{self, FieldError, FieldFault, Secret, my_number::MyNumberLicenceError};
use chip::mrtd::{AccessError, BacError, InspectError, PaceError};
use chip::pin::{PinError, PinFormatError, Tries};
use chip::residence;
use trust::Finding;

use crate::code::{Failure, FailureCode};

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::CardRemoved => FailureCode::CardRemoved,
            TransportError::CardReset => FailureCode::CardReset,
            TransportError::CardChanged => FailureCode::CardChanged,
            TransportError::ReaderLost => FailureCode::ReaderLost,
            TransportError::ReaderBusy => FailureCode::ReaderBusy,
            TransportError::Timeout => FailureCode::CardTimeout,
            TransportError::Stopped => FailureCode::ReadingStopped,
            TransportError::ResponseLength { .. } | TransportError::Oversize { .. } => FailureCode::ApduOversize,
            TransportError::ResponseLoop => FailureCode::ApduLoop,
            TransportError::CommandNotEncodable | TransportError::Pcsc(_) => FailureCode::ReaderFault,
            TransportError::Channel(fault) => return fault.into(),
        }
        .into()
    }
}

impl From<ChannelFault> for Failure {
    fn from(fault: ChannelFault) -> Self {
        match fault {
            ChannelFault::MacInvalid => FailureCode::SmMacInvalid,
            ChannelFault::Stripped => FailureCode::SmStripped,
            ChannelFault::Malformed | ChannelFault::Poisoned => FailureCode::SmMalformed,
            ChannelFault::RefusedByCard(_) => FailureCode::SmRefused,
        }
        .into()
    }
}

impl From<TlvError> for Failure {
    fn from(error: TlvError) -> Self {
        match error {
            TlvError::DepthExceeded | TlvError::TooManyNodes => FailureCode::TlvLimit,
            TlvError::Truncated
            | TlvError::LengthBeyondEnd
            | TlvError::Indefinite
            | TlvError::TagTooLong
            | TlvError::NotCanonical
            | TlvError::UnexpectedTag { .. }
            | TlvError::TrailingBytes
            | TlvError::Empty => FailureCode::TlvInvalid,
        }
        .into()
    }
}

impl From<ReadFileError> for Failure {
    fn from(error: ReadFileError) -> Self {
        match error {
            ReadFileError::NotFound => FailureCode::FileMissing.into(),
            ReadFileError::Refused(_) => FailureCode::FileRefused.into(),
            ReadFileError::Loop => FailureCode::ApduLoop.into(),
            ReadFileError::Oversize => FailureCode::ApduOversize.into(),
            ReadFileError::NoProgress => FailureCode::ApduNoProgress.into(),
            ReadFileError::FileLimit { .. } => FailureCode::FileLimit.into(),
            ReadFileError::Tlv(error) => error.into(),
            ReadFileError::Transport(error) => error.into(),
        }
    }
}

impl From<InspectError> for Failure {
    fn from(error: InspectError) -> Self {
        match error {
            InspectError::Access(error) => error.into(),
            InspectError::Bac(error) => error.into(),
            InspectError::Pace(error) => error.into(),
            InspectError::NotMrtd => FailureCode::DocumentNotExpected.into(),
            InspectError::ReadFile { source, .. } => source.into(),
            InspectError::Random(_) => FailureCode::RandomUnavailable.into(),
            InspectError::Transport(error) => error.into(),
        }
    }
}

impl From<AccessError> for Failure {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::WrongKey => FailureCode::AccessKeyMrzMismatch,
            AccessError::MrzNeeded => FailureCode::AccessKeyInvalid,
            AccessError::PaceNotSupported => FailureCode::AccessUnsupported,
        }
        .into()
    }
}

impl From<BacError> for Failure {
    fn from(error: BacError) -> Self {
        match error {
            BacError::WrongKey(_) => FailureCode::AccessKeyMrzMismatch.into(),
            BacError::Refused(_) => FailureCode::AccessRefused.into(),
            BacError::Malformed | BacError::MacInvalid | BacError::ChallengeMismatch | BacError::Cipher(_) => {
                FailureCode::AccessProtocolFailed.into()
            }
            BacError::Random(_) => FailureCode::RandomUnavailable.into(),
            BacError::Transport(error) => error.into(),
        }
    }
}

impl From<PaceError> for Failure {
    fn from(error: PaceError) -> Self {
        match error {
            PaceError::WrongKey(_) => FailureCode::AccessKeyMrzMismatch.into(),
            // Advertised and then refused: going on with BAC would be the weaker way somebody may want us to take.
            PaceError::Refused { .. } => FailureCode::AccessDowngrade.into(),
            PaceError::MappingNotSupported => FailureCode::AccessUnsupported.into(),
            PaceError::Curve(_) | PaceError::Modp(_) => FailureCode::CardAccessMismatch.into(),
            PaceError::Malformed { .. }
            | PaceError::NonceLength
            | PaceError::KeyReflected
            | PaceError::TokenInvalid
            | PaceError::Random(_)
            | PaceError::Cipher(_) => FailureCode::AccessProtocolFailed.into(),
            PaceError::Transport(error) => error.into(),
        }
    }
}

impl From<PinFormatError> for Failure {
    fn from(error: PinFormatError) -> Self {
        match error {
            PinFormatError::Length | PinFormatError::Character => FailureCode::PinInvalid.into(),
        }
    }
}

impl From<PinError> for Failure {
    fn from(error: PinError) -> Self {
        match error {
            PinError::LastTry { .. } => FailureCode::PinLastTryConsent.into(),
            PinError::Blocked | PinError::Wrong { remaining: Tries::Blocked } => FailureCode::PinBlocked.into(),
            PinError::Wrong { remaining: Tries::Left(n) } => Self::with(FailureCode::PinWrong, n),
            // Without a number nobody can be told how close the lock is: staff decide.
            PinError::Wrong { remaining: Tries::NoLimit | Tries::Unknown } | PinError::Refused { .. } => {
                FailureCode::PinRefused.into()
            }
            PinError::ReplyLost { cause, .. } | PinError::Transport(cause) => cause.into(),
        }
    }
}

impl From<licence::InspectError> for Failure {
    fn from(error: licence::InspectError) -> Self {
        match error {
            licence::InspectError::NotLicence => FailureCode::DocumentNotExpected.into(),
            licence::InspectError::PinSettingUnknown => FailureCode::PinSettingUnknown.into(),
            licence::InspectError::PinNeeded => FailureCode::PinInvalid.into(),
            licence::InspectError::Pin { secret, source } => {
                let failure = Self::from(source);
                // A wrong second PIN has its own words: the photo stays closed.
                if secret == Secret::Pin2 && failure.code == FailureCode::PinWrong {
                    Self { code: FailureCode::DlPin2Wrong, ..failure }
                } else {
                    failure
                }
            }
            licence::InspectError::ReadFile { source, .. } => source.into(),
            licence::InspectError::Field(error) => error.into(),
            licence::InspectError::Transport(error) => error.into(),
        }
    }
}

impl From<FieldError> for Failure {
    fn from(error: FieldError) -> Self {
        match error.fault {
            FieldFault::Truncated | FieldFault::Length | FieldFault::Repeated => FailureCode::TlvInvalid.into(),
            FieldFault::Missing | FieldFault::Text => FailureCode::DlLayoutMismatch.into(),
            FieldFault::Date => FailureCode::DateInvalid.into(),
        }
    }
}

impl From<MyNumberLicenceError> for Failure {
    fn from(error: MyNumberLicenceError) -> Self {
        match error {
            MyNumberLicenceError::NotLicence => FailureCode::DocumentNotExpected.into(),
            MyNumberLicenceError::PinSettingUnknown => FailureCode::PinSettingUnknown.into(),
            MyNumberLicenceError::PinNeeded => FailureCode::PinInvalid.into(),
            MyNumberLicenceError::Pin(error) => error.into(),
            MyNumberLicenceError::ReadFile { source, .. } => source.into(),
            MyNumberLicenceError::Transport(error) => error.into(),
        }
    }
}

impl From<residence::InspectError> for Failure {
    fn from(error: residence::InspectError) -> Self {
        use residence::InspectError;
        match error {
            InspectError::NotResidenceCard => FailureCode::DocumentNotExpected.into(),
            // A type this product does not know, or a file that is not there to be known.
            InspectError::Type(_) => FailureCode::CardUnknown.into(),
            InspectError::Authentication(error) => error.into(),
            InspectError::SessionKey(error) => error.into(),
            InspectError::ReadFile { source, .. } => source.into(),
            InspectError::Random(_) => FailureCode::RandomUnavailable.into(),
            InspectError::Transport(error) => error.into(),
        }
    }
}

impl From<residence::AuthenticationError> for Failure {
    fn from(error: residence::AuthenticationError) -> Self {
        use residence::AuthenticationError;
        match error {
            AuthenticationError::WrongNumber(_) => FailureCode::RcAccessKeyWrong.into(),
            AuthenticationError::Refused(_) => FailureCode::AccessRefused.into(),
            AuthenticationError::MacInvalid => FailureCode::SmMacInvalid.into(),
            AuthenticationError::Malformed
            | AuthenticationError::ChallengeMismatch
            | AuthenticationError::Cipher(_) => FailureCode::AccessProtocolFailed.into(),
            AuthenticationError::Channel(fault) => fault.into(),
            AuthenticationError::Transport(error) => error.into(),
        }
    }
}

impl From<residence::SessionKeyError> for Failure {
    fn from(error: residence::SessionKeyError) -> Self {
        use residence::SessionKeyError;
        match error {
            SessionKeyError::NoTransportKey | SessionKeyError::NotAKey => FailureCode::AccessUnsupported.into(),
            SessionKeyError::Encrypt => FailureCode::AccessProtocolFailed.into(),
            SessionKeyError::Refused(_) => FailureCode::AccessRefused.into(),
            SessionKeyError::Random(_) => FailureCode::RandomUnavailable.into(),
            SessionKeyError::Transport(error) => error.into(),
        }
    }
}

impl From<Finding> for Failure {
    fn from(finding: Finding) -> Self {
        let code = match finding {
            Finding::TrustStoreEmpty => FailureCode::TrustStoreEmpty,
            Finding::CscaUnknown => FailureCode::CscaUnknown,
            Finding::ChainSigInvalid => FailureCode::ChainSigInvalid,
            Finding::ChainConstraint => FailureCode::ChainConstraint,
            Finding::CscaNotValidAtIssue => FailureCode::CscaNotValidAtIssue,
            Finding::CertCriticalExt => FailureCode::CertCriticalExt,
            Finding::CountryMismatch => FailureCode::CountryMismatch,
            Finding::DscRevoked => FailureCode::DscRevoked,
            Finding::CrlUntrusted => FailureCode::CrlUntrusted,
            Finding::CrlStale => FailureCode::CrlStale,
            Finding::CrlMissing => FailureCode::CrlMissing,
            Finding::TrustListStale => FailureCode::TrustListStale,
            Finding::DscNotValidAtSigning => FailureCode::DscNotValidAtSigning,
            Finding::DscKeyUsage => FailureCode::DscKeyUsage,
            Finding::DscMissing => FailureCode::DscMissing,
            Finding::SodMissing => FailureCode::SodMissing,
            Finding::SodSigInvalid => FailureCode::SodSigInvalid,
            Finding::SodDigestMismatch => FailureCode::SodDigestMismatch,
            Finding::SodAttrsMissing => FailureCode::SodAttrsMissing,
            Finding::SodContentType => FailureCode::SodContentType,
            Finding::SodSignerCount => FailureCode::SodSignerCount,
            Finding::SodDuplicateDg => FailureCode::SodDuplicateDg,
            Finding::DerNotCanonical => FailureCode::DerNotCanonical,
            Finding::TlvInvalid => FailureCode::TlvInvalid,
            Finding::TlvLimit => FailureCode::TlvLimit,
            Finding::FileLimit => FailureCode::FileLimit,
            Finding::FileMissing => FailureCode::FileMissing,
            Finding::AlgForbidden => FailureCode::AlgForbidden,
            Finding::KeyTooSmall => FailureCode::KeyTooSmall,
            Finding::AlgParamMismatch => FailureCode::AlgParamMismatch,
            Finding::EcParamInvalid => FailureCode::EcParamInvalid,
            Finding::EcPointInvalid => FailureCode::EcPointInvalid,
            Finding::SigEncoding => FailureCode::SigEncoding,
            Finding::DgHashMismatch(number) => return Self::with(FailureCode::DgHashMismatch, number),
            Finding::DgNotInSod(number) => return Self::with(FailureCode::DgNotInSod, number),
            Finding::DgMissing(number) => return Self::with(FailureCode::DgMissing, number),
            Finding::ComSodMismatch => FailureCode::ComSodMismatch,
            Finding::LdsVersionMismatch => FailureCode::LdsVersionMismatch,
            Finding::AccessKeyMrzMismatch => FailureCode::AccessKeyMrzMismatch,
            Finding::MrzDg1Mismatch => FailureCode::MrzDg1Mismatch,
            Finding::MrzCheckDigit => FailureCode::MrzCheckDigit,
            Finding::DocumentExpired => FailureCode::DocumentExpired,
            Finding::AaFailed => FailureCode::AaFailed,
            Finding::AaRefused => FailureCode::AaRefused,
            Finding::CaFailed => FailureCode::CaFailed,
            Finding::AccessDowngrade => FailureCode::AccessDowngrade,
            Finding::CardaccessMismatch => FailureCode::CardAccessMismatch,
            Finding::ImageLimit => FailureCode::ImageLimit,
            Finding::Dg2FaceCount => FailureCode::Dg2FaceCount,
            Finding::JpkiCaUnknown => FailureCode::JpkiCaUnknown,
            Finding::JpkiCertPurpose => FailureCode::JpkiCertPurpose,
            Finding::JpkiCertExpired => FailureCode::JpkiCertExpired,
            Finding::JpkiCertRevoked => FailureCode::JpkiCertRevoked,
            Finding::JpkiStatusPending => FailureCode::JpkiStatusPending,
            Finding::JpkiStatusInvalid => FailureCode::JpkiStatusInvalid,
            Finding::JpkiSigInvalid => FailureCode::JpkiSigInvalid,
            Finding::MnAttrSigInvalid => FailureCode::MnAttrSigInvalid,
            Finding::MnFaceSigInvalid => FailureCode::MnFaceSigInvalid,
            Finding::MnAttrCertMismatch => FailureCode::MnAttrCertMismatch,
            Finding::MnIssuerUnknown => FailureCode::MnIssuerUnknown,
            Finding::MnIssuerSigInvalid => FailureCode::MnIssuerSigInvalid,
            Finding::MnChipProofFailed => FailureCode::MnChipProofFailed,
            Finding::MnChipProofRefused => FailureCode::MnChipProofRefused,
            Finding::MnApplicationsDiffer => FailureCode::MnApplicationsDiffer,
            Finding::MyNumberRedaction => FailureCode::MyNumberRedaction,
            Finding::DateInvalid => FailureCode::DateInvalid,
            Finding::ImageInvalid => FailureCode::ImageInvalid,
            Finding::DlSigInvalid => FailureCode::DlSigInvalid,
            Finding::DlSignerUnknown => FailureCode::DlSignerUnknown,
            Finding::DlSignerNotValidAtSigning => FailureCode::DlSignerNotValidAtSigning,
            Finding::DlGaijiInvalid => FailureCode::DlGaijiInvalid,
            Finding::DlLayoutMismatch => FailureCode::DlLayoutMismatch,
            Finding::RcSigInvalid => FailureCode::RcSigInvalid,
            Finding::RcSignerUnknown => FailureCode::RcSignerUnknown,
            Finding::RcSignerNotValidAtSigning => FailureCode::RcSignerNotValidAtSigning,
            Finding::RcNumberMismatch => FailureCode::RcNumberMismatch,
            Finding::RcLayoutMismatch => FailureCode::RcLayoutMismatch,
            Finding::RcNumberRevoked => FailureCode::RcNumberRevoked,
            Finding::RcStatusPending => FailureCode::RcStatusPending,
        };
        code.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_and_its_code_have_the_same_name() {
        for finding in [
            Finding::CscaUnknown,
            Finding::DgHashMismatch(2),
            Finding::CardaccessMismatch,
            Finding::Dg2FaceCount,
            Finding::CrlMissing,
            Finding::TrustListStale,
        ] {
            assert_eq!(Failure::from(finding).to_string(), finding.code());
        }
    }

    #[test]
    fn a_removed_card_is_a_removed_card_at_every_depth() {
        let deep = ReadFileError::Transport(TransportError::CardRemoved);
        assert_eq!(Failure::from(deep).code, FailureCode::CardRemoved);
    }
}
