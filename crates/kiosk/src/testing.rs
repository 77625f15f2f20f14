//! In-memory twins of the ports, for tests.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use apdu::{Card, CommandApdu, ResponseApdu, StatusWord, TransportError};
use jiff::{SignedDuration, Timestamp};
use session::{Accepted, Role, SessionId, SessionView};

use crate::ports::{
    Backend, CameraError, CameraInfo, CameraStream, Cameras, CardConnection, Clock, DeliveryError, DeliveryRow,
    DeliveryState, Frame, Outgoing, ParkReason, ReaderEvent, ReaderInfo, ReaderKind, Readers, ReadersError,
    SealedSession, SessionStore, StartUp, StoreError, Ui, Watch,
};

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A clock moved by hand.
#[derive(Clone)]
pub struct ManualClock(Arc<Mutex<Timestamp>>);

impl ManualClock {
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(now)))
    }

    pub fn advance(&self, seconds: i64) {
        let mut now = lock(&self.0);
        *now = now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(*now);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *lock(&self.0)
    }
}

/// A store that forgets when it is dropped. Clones share their content, so that a test can look inside.
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Memory>>);

#[derive(Default)]
struct Memory {
    begun: Vec<SessionId>,
    abandoned: Vec<SessionId>,
    rows: BTreeMap<SessionId, Row>,
    confirmed: Vec<SessionId>,
    fail_next: Option<StoreError>,
    start_up: Option<StartUp>,
}

struct Row {
    accepted: Accepted,
    state: DeliveryState,
    attempts: u32,
}

impl MemoryStore {
    /// Lets the next call of `begin` or `accept` fail.
    pub fn fail_next(&self, error: StoreError) {
        lock(&self.0).fail_next = Some(error);
    }

    /// Behaves as after this result of the start-up check.
    pub fn found_at_start(&self, found: StartUp) {
        lock(&self.0).start_up = Some(found);
    }

    /// Sessions sealed and not purged.
    #[must_use]
    pub fn accepted(&self) -> Vec<Accepted> {
        lock(&self.0).rows.values().map(|row| row.accepted.clone()).collect()
    }

    /// Sessions the backend signed for.
    #[must_use]
    pub fn confirmed(&self) -> Vec<SessionId> {
        lock(&self.0).confirmed.clone()
    }

    /// Sessions begun that are neither abandoned nor sealed.
    #[must_use]
    pub fn open(&self) -> Vec<SessionId> {
        let memory = lock(&self.0);
        let ended = |id: &SessionId| {
            memory.abandoned.contains(id) || memory.rows.contains_key(id) || memory.confirmed.contains(id)
        };
        memory.begun.iter().copied().filter(|id| !ended(id)).collect()
    }
}

impl SessionStore for MemoryStore {
    fn begin(&mut self, id: SessionId, _: Timestamp) -> Result<(), StoreError> {
        let mut memory = lock(&self.0);
        if let Some(error) = memory.fail_next.take() {
            return Err(error);
        }
        memory.begun.push(id);
        Ok(())
    }

    fn accept(&mut self, accepted: &Accepted, _: Timestamp) -> Result<SealedSession, StoreError> {
        let mut memory = lock(&self.0);
        if let Some(error) = memory.fail_next.take() {
            return Err(error);
        }
        let size = accepted.items.iter().map(|item| item.bytes.len() as u64).sum();
        let row = Row { accepted: accepted.clone(), state: DeliveryState::Queued, attempts: 0 };
        memory.rows.entry(accepted.id).or_insert(row);
        Ok(SealedSession { id: accepted.id, bundle_sha256: [0; 32], size })
    }

    fn abandon(&mut self, id: SessionId, _: Timestamp) -> Result<(), StoreError> {
        lock(&self.0).abandoned.push(id);
        Ok(())
    }

    fn next_due(&mut self, now: Timestamp) -> Result<Option<Outgoing>, StoreError> {
        let mut memory = lock(&self.0);
        let due = memory.rows.iter_mut().find(|(_, row)| match row.state {
            DeliveryState::Queued => true,
            DeliveryState::RetryWait { next_at } => next_at <= now,
            DeliveryState::Uploading | DeliveryState::Receipted | DeliveryState::Parked(_) => false,
        });
        Ok(due.map(|(id, row)| {
            row.state = DeliveryState::Uploading;
            row.attempts += 1;
            Outgoing { id: *id, bundle: Vec::new(), blobs: Vec::new(), bundle_sha256: [0; 32], attempt: row.attempts }
        }))
    }

    fn confirmed(&mut self, id: SessionId, receipt: &[u8], _: Timestamp) -> Result<(), StoreError> {
        if receipt.is_empty() {
            return Err(StoreError::ReceiptInvalid);
        }
        let mut memory = lock(&self.0);
        memory.rows.remove(&id).ok_or(StoreError::UnknownSession)?;
        memory.confirmed.push(id);
        Ok(())
    }

    fn retry(&mut self, id: SessionId, next_at: Timestamp, _: Timestamp) -> Result<(), StoreError> {
        self.set(id, DeliveryState::RetryWait { next_at })
    }

    fn park(&mut self, id: SessionId, reason: ParkReason, _: Timestamp) -> Result<(), StoreError> {
        self.set(id, DeliveryState::Parked(reason))
    }

    fn purge(&mut self, _: Timestamp) -> Result<u32, StoreError> {
        Ok(0)
    }

    fn start_up(&self) -> StartUp {
        lock(&self.0).start_up.unwrap_or(StartUp::Ok)
    }

    fn deliveries(&self) -> Result<Vec<DeliveryRow>, StoreError> {
        let row = |(id, row): (&SessionId, &Row)| DeliveryRow {
            id: *id,
            state: row.state,
            sealed_at: row.accepted.accepted_at,
            size: 0,
            attempts: row.attempts,
        };
        Ok(lock(&self.0).rows.iter().map(row).collect())
    }
}

impl MemoryStore {
    fn set(&self, id: SessionId, state: DeliveryState) -> Result<(), StoreError> {
        lock(&self.0).rows.get_mut(&id).ok_or(StoreError::UnknownSession)?.state = state;
        Ok(())
    }
}

/// A reader with a slot for one card that answers `6D00` to everything.
#[derive(Clone, Default)]
pub struct OneReader(Arc<Mutex<ReaderState>>);

#[derive(Default)]
struct ReaderState {
    present: bool,
    watcher: Option<Box<dyn Fn(ReaderEvent) + Send>>,
}

impl OneReader {
    pub const NAME: &'static str = "reader under test";

    pub fn place(&self) {
        let mut state = lock(&self.0);
        state.present = true;
        state.tell(ReaderEvent::CardInserted { reader: Self::NAME.to_owned(), atr: vec![0x3B, 0x80] });
    }

    pub fn lift(&self) {
        let mut state = lock(&self.0);
        state.present = false;
        state.tell(ReaderEvent::CardRemoved { reader: Self::NAME.to_owned() });
    }

    pub fn tell(&self, event: ReaderEvent) {
        lock(&self.0).tell(event);
    }
}

impl ReaderState {
    fn tell(&self, event: ReaderEvent) {
        if let Some(watcher) = &self.watcher {
            watcher(event);
        }
    }
}

impl Readers for OneReader {
    fn list(&self) -> Result<Vec<ReaderInfo>, ReadersError> {
        let card_present = lock(&self.0).present;
        Ok(vec![ReaderInfo { name: Self::NAME.to_owned(), kind: ReaderKind::Virtual, card_present, atr: None }])
    }

    fn watch(&self, on: Box<dyn Fn(ReaderEvent) + Send>) -> Watch {
        on(ReaderEvent::ReaderAdded(Self::NAME.to_owned()));
        let mut state = lock(&self.0);
        state.watcher = Some(on);
        if state.present {
            state.tell(ReaderEvent::CardInserted { reader: Self::NAME.to_owned(), atr: vec![0x3B, 0x80] });
        }
        let shared = Arc::clone(&self.0);
        Watch::new(move || lock(&shared).watcher = None)
    }

    fn connect(&self, _: &str) -> Result<Box<dyn CardConnection>, ReadersError> {
        if lock(&self.0).present { Ok(Box::new(DumbCard(Arc::clone(&self.0)))) } else { Err(ReadersError::NoCard) }
    }
}

struct DumbCard(Arc<Mutex<ReaderState>>);

impl Card for DumbCard {
    fn transmit(&mut self, _: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        if lock(&self.0).present {
            Ok(ResponseApdu::new(Vec::new(), StatusWord::INS_NOT_SUPPORTED))
        } else {
            Err(TransportError::CardRemoved)
        }
    }
}

impl CardConnection for DumbCard {
    fn atr(&self) -> &[u8] {
        &[0x3B, 0x80]
    }

    fn disconnect(self: Box<Self>, _: bool) {}
}

/// A camera that shows one grey picture, thirty times a second, until it is told to be silent.
#[derive(Clone)]
pub struct GreyCamera {
    jpeg: Arc<Vec<u8>>,
    frames_left: Arc<AtomicU64>,
    present: bool,
}

impl GreyCamera {
    /// # Panics
    /// The image encoder fails, which it does not for a picture of this size.
    #[must_use]
    pub fn new() -> Self {
        let mut jpeg = Vec::new();
        let encoded = image::codecs::jpeg::JpegEncoder::new(&mut jpeg).encode(
            &[128; 64 * 48 * 3],
            64,
            48,
            image::ExtendedColorType::Rgb8,
        );
        assert!(encoded.is_ok(), "a grey picture can be encoded");
        Self { jpeg: Arc::new(jpeg), frames_left: Arc::new(AtomicU64::new(u64::MAX)), present: true }
    }

    /// A place without a camera.
    #[must_use]
    pub fn absent() -> Self {
        Self { present: false, ..Self::new() }
    }

    /// Delivers so many pictures, then nothing.
    pub fn silent_after(&self, frames: u64) {
        self.frames_left.store(frames, Ordering::Relaxed);
    }

    fn info() -> CameraInfo {
        CameraInfo { id: "grey".to_owned(), name: "grey".to_owned() }
    }
}

impl Default for GreyCamera {
    fn default() -> Self {
        Self::new()
    }
}

impl Cameras for GreyCamera {
    fn list(&self) -> Result<Vec<CameraInfo>, CameraError> {
        Ok(if self.present { vec![Self::info()] } else { Vec::new() })
    }

    fn open(&self, _: &str) -> Result<Box<dyn CameraStream>, CameraError> {
        if self.present {
            Ok(Box::new(GreyStream { camera: self.clone(), sequence: 0 }))
        } else {
            Err(CameraError::NotFound)
        }
    }
}

struct GreyStream {
    camera: GreyCamera,
    sequence: u64,
}

impl CameraStream for GreyStream {
    fn info(&self) -> CameraInfo {
        GreyCamera::info()
    }

    fn next(&mut self, timeout: Duration) -> Result<Arc<Frame>, CameraError> {
        let left = &self.camera.frames_left;
        if left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err() {
            std::thread::sleep(timeout);
            return Err(CameraError::Stalled);
        }
        std::thread::sleep(Duration::from_millis(33));
        self.sequence += 1;
        Ok(Arc::new(Frame { sequence: self.sequence, width: 64, height: 48, jpeg: self.camera.jpeg.as_ref().clone() }))
    }

    fn close(self: Box<Self>) {}
}

/// A backend that answers what it is told to, and otherwise signs.
#[derive(Clone, Default)]
pub struct ScriptedBackend(Arc<Mutex<Vec<DeliveryError>>>);

impl ScriptedBackend {
    /// Fails the next delivery after those already scripted.
    pub fn fail_next(&self, error: DeliveryError) {
        lock(&self.0).push(error);
    }
}

impl Backend for ScriptedBackend {
    fn deliver(&self, _: &Outgoing) -> Result<Vec<u8>, DeliveryError> {
        let mut script = lock(&self.0);
        if script.is_empty() { Ok(vec![1]) } else { Err(script.remove(0)) }
    }
}

/// A surface that keeps everything it was ever shown.
#[derive(Clone, Default)]
pub struct RecordingUi(Arc<Mutex<Vec<(Role, SessionView)>>>);

impl RecordingUi {
    #[must_use]
    pub fn shown(&self) -> Vec<(Role, SessionView)> {
        lock(&self.0).clone()
    }
}

impl Ui for RecordingUi {
    fn show(&self, role: Role, view: &SessionView) {
        lock(&self.0).push((role, view.clone()));
    }

    fn preview(&self, _: Arc<Frame>) {}
}
