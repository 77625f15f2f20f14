//! What goes into a session and what it asks for.

use std::sync::Arc;

use chip::ChipEvidence;
use trust::ChipVerdict;

use crate::accepted::Accepted;
use crate::chip_key::ChipKey;
use crate::choice::{DocumentChoice, HolderField};
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
        /// What the card looks like, when it is another than the chosen one.
        looks_like: Option<DocumentChoice>,
    },
    /// The answer to [`Effect::Judge`].
    VerdictReady {
        ticket: u32,
        verdict: Box<ChipVerdict>,
    },
    /// Always follows a verdict: the chip's pictures. People read the verdict meanwhile.
    PicturesReady {
        ticket: u32,
        pictures: ChipPictures,
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

/// What a chip states as pictures, decoded and encoded anew as JPEG; what could not be decoded is left out.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ChipPictures {
    pub portrait: Option<Vec<u8>>,
    /// Items some cards state as an image alone.
    pub items: Vec<(HolderField, Vec<u8>)>,
}

/// Says how many only.
impl std::fmt::Debug for ChipPictures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ChipPictures({}, {})", self.portrait.is_some(), self.items.len())
    }
}

/// How far a reading is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadProgress {
    Opening,
    /// A file whose size is known.
    Reading {
        file: String,
        bytes: usize,
        of: usize,
    },
    /// One of so many files.
    File {
        file: String,
        done: usize,
        of: usize,
    },
    ProvingChip,
    Done,
}

/// Something somebody else must do.
pub enum Effect {
    /// Make an identifier, begin the session in the store, answer [`Event::Opened`].
    Open,
    ReadChip {
        ticket: u32,
        key: ChipKey,
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
