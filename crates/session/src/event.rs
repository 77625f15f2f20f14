//! What goes into a session and what it asks for.

use std::sync::Arc;

use chip::ChipEvidence;
use chip::mrtd::AccessKey;
use trust::ChipVerdict;

use crate::accepted::Accepted;
use crate::code::Failure;
use crate::desk::Devices;
use crate::id::SessionId;
use crate::intent::UserIntent;
use crate::notice::NoticeSet;
use crate::view::DeliveryLine;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// A person acted.
    User(UserIntent),
    /// The answer to [`Effect::Open`].
    Opened {
        id: SessionId,
        notices: Arc<NoticeSet>,
    },
    OpenFailed(Failure),
    /// The devices changed.
    Devices(Devices),
    /// The list of deliveries changed.
    Deliveries(Vec<DeliveryLine>),
    /// Answers to [`Effect::ReadChip`]. An answer with an old ticket is ignored.
    Progress {
        ticket: u32,
        progress: ReadProgress,
    },
    ReadDone {
        ticket: u32,
        evidence: Arc<ChipEvidence>,
    },
    ReadFailed {
        ticket: u32,
        failure: Failure,
    },
    /// The answer to [`Effect::Judge`].
    VerdictReady {
        ticket: u32,
        verdict: Box<ChipVerdict>,
    },
    /// Always follows a verdict: the chip's portrait as JPEG, when it could be decoded. People read the verdict meanwhile.
    PortraitReady {
        ticket: u32,
        jpeg: Option<Vec<u8>>,
    },
    /// Answers to [`Effect::TakePhoto`].
    PhotoTaken {
        ticket: u32,
        jpeg: Vec<u8>,
    },
    PhotoFailed {
        ticket: u32,
        failure: Failure,
    },
    /// Answers to [`Effect::Seal`].
    Sealed {
        id: SessionId,
    },
    SealFailed {
        id: SessionId,
        failure: Failure,
    },
    /// The answer to [`Effect::Wipe`].
    Wiped,
    /// Time passed.
    Tick,
}

/// How far a reading is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadProgress {
    Opening,
    Reading { file: String, bytes: usize, of: usize },
    ProvingChip,
    Done,
}

/// Something somebody else must do.
pub enum Effect {
    /// Make an identifier, begin the session in the store, answer [`Event::Opened`].
    Open,
    ReadChip {
        ticket: u32,
        key: Arc<AccessKey>,
    },
    StopReading,
    Judge {
        ticket: u32,
        evidence: Arc<ChipEvidence>,
    },
    OpenCamera,
    CloseCamera,
    TakePhoto {
        ticket: u32,
    },
    /// Seal and commit in one transaction.
    Seal(Box<Accepted>),
    /// Try to deliver what waits.
    Deliver,
    /// Stop everything, drop everything, forget the session in the store unless it was sealed; answer [`Event::Wiped`].
    Wipe {
        unsealed: Option<SessionId>,
    },
}

impl Effect {
    /// The name, for logs and tests.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::ReadChip { .. } => "read_chip",
            Self::StopReading => "stop_reading",
            Self::Judge { .. } => "judge",
            Self::OpenCamera => "open_camera",
            Self::CloseCamera => "close_camera",
            Self::TakePhoto { .. } => "take_photo",
            Self::Seal(_) => "seal",
            Self::Deliver => "deliver",
            Self::Wipe { .. } => "wipe",
        }
    }
}

impl std::fmt::Debug for Effect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
