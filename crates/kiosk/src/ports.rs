//! What the kiosk needs from the world, as traits.

use std::sync::Arc;
use std::time::Duration;

use apdu::{Card, TransportError};
use chip_crypto::random::SecureRandom;
use jiff::Timestamp;
use session::{Accepted, Role, SessionId, SessionView};

// ---- readers ----------------------------------------------------------------------------------------------------------------

/// The smart-card readers of this machine.
pub trait Readers: Send + Sync {
    /// Lists the readers present.
    ///
    /// # Errors
    /// The reader service does not answer.
    fn list(&self) -> Result<Vec<ReaderInfo>, ReadersError>;

    /// Reports every change until the [`Watch`] is dropped. Cards already present are reported at once.
    fn watch(&self, on: Box<dyn Fn(ReaderEvent) + Send>) -> Watch;

    /// Connects to the card in a reader and holds it for one reading.
    ///
    /// # Errors
    /// No such reader, no card, or the reader is in use.
    fn connect(&self, reader: &str) -> Result<Box<dyn CardConnection>, ReadersError>;

    /// Connects, and lets go again of what does not answer to reset as a smart card does.
    ///
    /// # Errors
    /// As [`Readers::connect`], and [`ReadersError::CardUnknown`].
    fn connect_card(&self, reader: &str) -> Result<Box<dyn CardConnection>, ReadersError> {
        let card = self.connect(reader)?;
        if is_answer_to_reset(card.atr()) {
            return Ok(card);
        }
        card.disconnect(true);
        Err(ReadersError::CardUnknown)
    }
}

/// ISO/IEC 7816-3, 8.2: TS says direct or inverse convention; T0 and at most 31 more characters follow.
fn is_answer_to_reset(atr: &[u8]) -> bool {
    matches!(atr, [0x3B | 0x3F, _, rest @ ..] if rest.len() <= 31)
}

/// One reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderInfo {
    pub name: String,
    pub kind: ReaderKind,
    pub card_present: bool,
    pub atr: Option<Vec<u8>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReaderKind {
    Contact,
    Contactless,
    Virtual,
}

/// A change at the readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReaderEvent {
    ReaderAdded(String),
    ReaderRemoved(String),
    CardInserted { reader: String, atr: Vec<u8> },
    CardRemoved { reader: String },
    ServiceLost,
    ServiceBack,
}

/// Why the readers cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadersError {
    #[error("the smart-card service does not answer")]
    ServiceLost,
    #[error("no such reader")]
    ReaderUnknown,
    #[error("no card in the reader")]
    NoCard,
    #[error("the card does not answer to reset")]
    CardMute,
    #[error("what lies there is no smart card of a known kind")]
    CardUnknown,
    #[error("the reader is in use by another process")]
    ReaderBusy,
    #[error("this kind of reader is not allowed")]
    ReaderNotAllowed,
    #[error("the transport failed")]
    Transport(#[from] TransportError),
}

/// A subscription: dropping it ends the watching.
pub struct Watch(Option<Box<dyn FnOnce() + Send>>);

impl Watch {
    /// Makes a subscription whose end runs `stop` once.
    #[must_use]
    pub fn new(stop: impl FnOnce() + Send + 'static) -> Self {
        Self(Some(Box::new(stop)))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(stop) = self.0.take() {
            stop();
        }
    }
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watch")
    }
}

/// A card held for one reading.
pub trait CardConnection: Card + Send {
    /// The answer to reset.
    fn atr(&self) -> &[u8];

    /// Greatest Ne the way to the card carries; `None` when nothing says that it carries extended length fields.
    fn extended_length(&self) -> Option<u32> {
        None
    }

    /// Lets go of the card; `reset` leaves it without any verified state.
    fn disconnect(self: Box<Self>, reset: bool);
}

// ---- cameras ----------------------------------------------------------------------------------------------------------------

/// The cameras of this machine.
pub trait Cameras: Send + Sync {
    /// Lists the cameras present.
    ///
    /// # Errors
    /// The camera system does not answer.
    fn list(&self) -> Result<Vec<CameraInfo>, CameraError>;

    /// Opens one camera by its [`CameraInfo::id`].
    ///
    /// # Errors
    /// It is gone, in use, or refuses every format.
    fn open(&self, id: &str) -> Result<Box<dyn CameraStream>, CameraError>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CameraInfo {
    pub id: String,
    pub name: String,
}

/// An open camera.
pub trait CameraStream: Send {
    fn info(&self) -> CameraInfo;

    /// Waits for the next frame.
    ///
    /// # Errors
    /// [`CameraError::Stalled`] when none came within `timeout`; any other error means the stream is dead.
    fn next(&mut self, timeout: Duration) -> Result<Arc<Frame>, CameraError>;

    fn close(self: Box<Self>);
}

/// One camera picture, as JPEG.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    pub sequence: u64,
    pub width: u32,
    pub height: u32,
    pub jpeg: Vec<u8>,
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frame({}, {}x{}, {} bytes)", self.sequence, self.width, self.height, self.jpeg.len())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CameraError {
    #[error("no camera")]
    NotFound,
    #[error("the camera is in use by another program")]
    Busy,
    #[error("access to the camera is not allowed")]
    NotAllowed,
    #[error("the camera offers no usable picture format")]
    FormatUnsupported,
    #[error("the camera delivers no pictures")]
    Stalled,
    #[error("the camera was removed")]
    Gone,
    #[error("a picture could not be decoded")]
    FrameInvalid,
    #[error("the camera system failed")]
    System,
}

// ---- store ------------------------------------------------------------------------------------------------------------------

/// Where sessions are sealed and wait for delivery.
pub trait SessionStore: Send {
    /// Records that a session began: its identifier and time, nothing else.
    ///
    /// # Errors
    /// The store is full, damaged or locked.
    fn begin(&mut self, id: SessionId, now: Timestamp) -> Result<(), StoreError>;

    /// Seals and commits an accepted session in one transaction. It is idempotent: accepting the same id again answers the same.
    ///
    /// # Errors
    /// Nothing is kept then.
    fn accept(&mut self, accepted: &Accepted, now: Timestamp) -> Result<SealedSession, StoreError>;

    /// Records that a session ended without being accepted and erases what was begun.
    ///
    /// # Errors
    /// The store is damaged or locked.
    fn abandon(&mut self, id: SessionId, now: Timestamp) -> Result<(), StoreError>;

    /// The sealed session whose next attempt is due, if any; it counts as attempted from here.
    ///
    /// # Errors
    /// The store is damaged or locked.
    fn next_due(&mut self, now: Timestamp) -> Result<Option<Outgoing>, StoreError>;

    /// A signed receipt arrived: checks it and purges what it covers.
    ///
    /// # Errors
    /// [`StoreError::ReceiptInvalid`] when the receipt does not cover this session; nothing is purged then.
    fn confirmed(&mut self, id: SessionId, receipt: &[u8], now: Timestamp) -> Result<(), StoreError>;

    /// Sets the time of the next attempt.
    ///
    /// # Errors
    /// The store is damaged or locked.
    fn retry(&mut self, id: SessionId, next_at: Timestamp, now: Timestamp) -> Result<(), StoreError>;

    /// Keeps the session, stops delivering it, and says why.
    ///
    /// # Errors
    /// The store is damaged or locked.
    fn park(&mut self, id: SessionId, reason: ParkReason, now: Timestamp) -> Result<(), StoreError>;

    /// Everything not purged, oldest first: no personal data.
    ///
    /// # Errors
    /// The store is damaged or locked.
    fn deliveries(&self) -> Result<Vec<DeliveryRow>, StoreError>;

    /// Reduces sessions whose retention has ended to tombstones; says how many.
    ///
    /// # Errors
    /// The store is damaged or locked.
    fn purge(&mut self, now: Timestamp) -> Result<u32, StoreError>;

    /// What the store found of itself when it was opened. One that keeps nothing over a restart is always as it was written.
    fn start_up(&self) -> StartUp {
        StartUp::Ok
    }

    /// Whether `now` can be the time of day. A store that remembers no time knows no better.
    fn clock_trusted(&self, _now: Timestamp) -> bool {
        true
    }
}

/// Result of the start-up check (security.md §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StartUp {
    /// As it was written.
    Ok,
    /// Ahead of its anchor: a crash between commit and anchor.
    HeadAhead,
    /// Behind its anchor: an older copy was put in place.
    Rollback,
    /// The anchored journal entry is another one than the stored.
    Fork,
    /// A row the journal knows is not there.
    RowMissing,
    /// A row nothing knows of.
    RowExtra,
    /// An authentic row of another time or place.
    RowChanged,
    /// Something stored does not authenticate.
    MacBad,
}

impl StartUp {
    /// Whether sessions may begin. Otherwise the store is in safe mode: it delivers what verifies and accepts nothing.
    #[must_use]
    pub fn sound(self) -> bool {
        matches!(self, Self::Ok | Self::HeadAhead)
    }

    /// The name in the specification.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::HeadAhead => "HEAD_AHEAD",
            Self::Rollback => "ROLLBACK",
            Self::Fork => "FORK",
            Self::RowMissing => "ROW_MISSING",
            Self::RowExtra => "ROW_EXTRA",
            Self::RowChanged => "ROW_CHANGED",
            Self::MacBad => "MAC_BAD",
        }
    }
}

/// What accepting left in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedSession {
    pub id: SessionId,
    pub bundle_sha256: [u8; 32],
    pub size: u64,
}

/// One sealed session on its way out.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    pub id: SessionId,
    /// The `EKS1` bundle.
    pub bundle: Vec<u8>,
    /// Its `EKB1` parts, in manifest order.
    pub blobs: Vec<OutgoingBlob>,
    pub bundle_sha256: [u8; 32],
    /// 1 for the first attempt.
    pub attempt: u32,
}

/// One large part, addressed by its digest.
#[derive(Clone, PartialEq, Eq)]
pub struct OutgoingBlob {
    pub sha256: [u8; 32],
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Outgoing({}, attempt {}, {} blobs)", self.id, self.attempt, self.blobs.len())
    }
}

impl std::fmt::Debug for OutgoingBlob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OutgoingBlob({} bytes)", self.bytes.len())
    }
}

/// One row of the delivery list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    pub id: SessionId,
    pub state: DeliveryState,
    pub sealed_at: Timestamp,
    pub size: u64,
    pub attempts: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    Queued,
    Uploading,
    RetryWait { next_at: Timestamp },
    Receipted,
    Parked(ParkReason),
}

/// Why a sealed session waits for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ParkReason {
    #[error("the backend refuses the bundle ({status})")]
    Rejected { status: u16 },
    #[error("the backend holds another bundle under this name")]
    Conflict,
    #[error("the receipt does not cover this session")]
    ReceiptInvalid,
    #[error("the sealed record cannot be read")]
    RecordDamaged,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    #[error("no space left on the disk")]
    Full,
    #[error("the disk failed")]
    Io,
    #[error("another process holds the store")]
    Locked,
    #[error("the store is damaged")]
    Corrupt,
    #[error("the keys of the store are not available")]
    KeysUnavailable,
    #[error("sealing failed")]
    Seal,
    #[error("the receipt does not cover this session")]
    ReceiptInvalid,
    #[error("no such session")]
    UnknownSession,
    #[error("forbidden data was about to be stored")]
    ForbiddenData,
    #[error("the store is in safe mode")]
    SafeMode(StartUp),
    #[error("a session waits too long for delivery")]
    Overdue,
}

// ---- backend ----------------------------------------------------------------------------------------------------------------

/// The verification backend, as the outbox sees it.
pub trait Backend: Send + Sync {
    /// Delivers one sealed session and returns the signed receipt. Delivering twice is harmless.
    ///
    /// # Errors
    /// What to do next: again, later, or never.
    fn deliver(&self, outgoing: &Outgoing) -> Result<Vec<u8>, DeliveryError>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    #[error("not delivered, worth another attempt")]
    Retryable { cause: RetryCause, after: Option<Duration> },
    #[error("the backend stopped this device")]
    DeviceStop,
    #[error("not deliverable: {0}")]
    Park(ParkReason),
}

/// Why a delivery is worth another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryCause {
    /// No answer.
    Unreachable,
    /// An answer of the 5xx class.
    ServerError { status: u16 },
    /// Another answer that settles nothing: too many requests, or a success without a valid receipt.
    Unsettled,
}

// ---- surfaces, time, randomness ----------------------------------------------------------------------------------------------

/// Where views go. Calls come from the actor's thread and must return quickly.
pub trait Ui: Send + Sync {
    fn show(&self, role: Role, view: &SessionView);

    /// A newer camera picture exists; pages that pull from [`crate::KioskHandle::preview`] may ignore this.
    fn preview(&self, frame: Arc<Frame>);
}

/// The time of day.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// Where random bytes come from.
pub trait Entropy: SecureRandom + Send {}

impl<T: SecureRandom + Send + ?Sized> Entropy for T {}
