//! Which code speaks for which port error.

use session::FailureCode;

use crate::ports::{CameraError, ParkReason, ReadersError, StartUp, StoreError};

impl From<ReadersError> for session::Failure {
    fn from(error: ReadersError) -> Self {
        match error {
            ReadersError::ServiceLost => FailureCode::ReaderServiceLost.into(),
            ReadersError::ReaderUnknown => FailureCode::ReaderLost.into(),
            ReadersError::NoCard => FailureCode::CardRemoved.into(),
            ReadersError::CardUnknown => FailureCode::CardUnknown.into(),
            ReadersError::CardMute => FailureCode::CardTimeout.into(),
            ReadersError::ReaderBusy => FailureCode::ReaderBusy.into(),
            ReadersError::ReaderNotAllowed => FailureCode::ReaderNotAllowed.into(),
            ReadersError::Transport(error) => error.into(),
        }
    }
}

impl From<CameraError> for FailureCode {
    fn from(error: CameraError) -> Self {
        match error {
            CameraError::NotFound => Self::CameraMissing,
            CameraError::Busy => Self::CameraBusy,
            CameraError::NotAllowed => Self::CameraNotAllowed,
            CameraError::FormatUnsupported => Self::CameraFormatUnsupported,
            CameraError::Stalled => Self::CameraStalled,
            CameraError::Gone => Self::CameraLost,
            CameraError::FrameInvalid => Self::PhotoInvalid,
            CameraError::System => Self::CameraFault,
        }
    }
}

impl From<StoreError> for FailureCode {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::StoreFull,
            StoreError::Io => Self::StoreIo,
            StoreError::Locked => Self::StoreLocked,
            StoreError::Corrupt => Self::StoreCorrupt,
            StoreError::KeysUnavailable => Self::StoreKeysUnavailable,
            StoreError::Seal => Self::SealFailed,
            StoreError::ReceiptInvalid => Self::ReceiptInvalid,
            StoreError::UnknownSession => Self::SessionUnknown,
            StoreError::ForbiddenData => Self::MyNumberRedaction,
            StoreError::SafeMode(found) => closed_by(found).unwrap_or(Self::StoreCorrupt),
            StoreError::Overdue => Self::DeliveryOverdue,
        }
    }
}

/// The code of a start-up check after which no session may begin.
pub(crate) fn closed_by(found: StartUp) -> Option<FailureCode> {
    match found {
        StartUp::Ok | StartUp::HeadAhead => None,
        StartUp::Rollback => Some(FailureCode::StoreRollback),
        StartUp::Fork => Some(FailureCode::StoreFork),
        StartUp::RowMissing => Some(FailureCode::StoreRowMissing),
        StartUp::RowExtra => Some(FailureCode::StoreRowExtra),
        StartUp::RowChanged => Some(FailureCode::StoreRowChanged),
        StartUp::MacBad => Some(FailureCode::StoreMacBad),
    }
}

impl From<ParkReason> for FailureCode {
    fn from(reason: ParkReason) -> Self {
        match reason {
            ParkReason::Rejected { .. } => Self::DeliveryRejected,
            ParkReason::Conflict => Self::DeliveryConflict,
            ParkReason::ReceiptInvalid => Self::ReceiptInvalid,
            ParkReason::RecordDamaged => Self::StoreCorrupt,
        }
    }
}
