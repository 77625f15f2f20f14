//! One place for the newest picture, shared by the thread that makes pictures and the stream that hands them out.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use kiosk::{CameraError, CameraInfo, CameraStream, Frame};

use crate::encode::Encoded;

#[derive(Default)]
pub(crate) struct Slot {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    opened: bool,
    newest: Option<Arc<Frame>>,
    published: u64,
    ended: Option<CameraError>,
    closed: bool,
}

impl Slot {
    /// Says that the device is open, before its first picture.
    pub fn opened(&self) {
        self.lock().opened = true;
        self.changed.notify_all();
    }

    /// Replaces the newest picture; the one before it is gone.
    pub fn publish(&self, picture: Encoded) {
        let mut state = self.lock();
        state.opened = true;
        state.published += 1;
        let Encoded { width, height, jpeg } = picture;
        state.newest = Some(Arc::new(Frame { sequence: state.published, width, height, jpeg }));
        drop(state);
        self.changed.notify_all();
    }

    /// Ends the stream; the first reason stays.
    pub fn end(&self, reason: CameraError) {
        self.lock().ended.get_or_insert(reason);
        self.changed.notify_all();
    }

    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Tells the producing thread to stop.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Sleeps until `moment`; false when the stream was closed meanwhile.
    pub fn sleep_until(&self, moment: Instant) -> bool {
        let state = self.lock();
        let pause = moment.saturating_duration_since(Instant::now());
        let (state, _) = self
            .changed
            .wait_timeout_while(state, pause, |state| !state.closed)
            .unwrap_or_else(PoisonError::into_inner);
        !state.closed
    }

    pub fn wait_opened(&self, timeout: Duration) -> Result<(), CameraError> {
        let (state, _) = self
            .changed
            .wait_timeout_while(self.lock(), timeout, |state| !state.opened && state.ended.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        match (state.opened, state.ended) {
            (_, Some(reason)) => Err(reason),
            (true, None) => Ok(()),
            (false, None) => Err(CameraError::Stalled),
        }
    }

    /// The newest picture later than `seen`.
    pub fn wait_newer(&self, seen: u64, timeout: Duration) -> Result<Arc<Frame>, CameraError> {
        let newer = |state: &State| state.newest.as_ref().filter(|frame| frame.sequence > seen).cloned();
        let (state, _) = self
            .changed
            .wait_timeout_while(self.lock(), timeout, |state| newer(state).is_none() && state.ended.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        match (newer(&state), state.ended) {
            (Some(frame), _) => Ok(frame),
            (None, Some(reason)) => Err(reason),
            (None, None) => Err(CameraError::Stalled),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts a thread that fills the slot. However the thread ends, the slot ends with it.
pub(crate) fn start(
    name: &str,
    slot: &Arc<Slot>,
    produce: impl FnOnce(&Slot) + Send + 'static,
) -> Result<JoinHandle<()>, CameraError> {
    struct EndsWithThread(Arc<Slot>);
    impl Drop for EndsWithThread {
        fn drop(&mut self) {
            self.0.end(CameraError::System);
        }
    }
    let guard = EndsWithThread(Arc::clone(slot));
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            produce(&guard.0);
        })
        .map_err(|_| CameraError::System)
}

/// The consumer's side of a thread that always answers quickly.
pub(crate) struct SlotStream {
    info: CameraInfo,
    slot: Arc<Slot>,
    seen: u64,
    thread: Option<JoinHandle<()>>,
}

impl SlotStream {
    pub fn start(info: CameraInfo, produce: impl FnOnce(&Slot) + Send + 'static) -> Result<Self, CameraError> {
        let slot = Arc::new(Slot::default());
        let thread = Some(start("camera-player", &slot, produce)?);
        Ok(Self { info, slot, seen: 0, thread })
    }
}

impl CameraStream for SlotStream {
    fn info(&self) -> CameraInfo {
        self.info.clone()
    }

    fn next(&mut self, timeout: Duration) -> Result<Arc<Frame>, CameraError> {
        let frame = self.slot.wait_newer(self.seen, timeout)?;
        self.seen = frame.sequence;
        Ok(frame)
    }

    fn close(self: Box<Self>) {
        drop(self);
    }
}

impl Drop for SlotStream {
    fn drop(&mut self) {
        self.slot.close();
        if let Some(thread) = self.thread.take() {
            // A panic there has ended the slot already.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(mark: u8) -> Encoded {
        Encoded { width: 1, height: 1, jpeg: vec![mark] }
    }

    #[test]
    fn a_late_consumer_gets_the_newest_and_only_once() {
        let slot = Slot::default();
        for mark in 0..100 {
            slot.publish(picture(mark));
        }
        let frame = slot.wait_newer(0, Duration::ZERO).unwrap();
        assert_eq!((frame.sequence, frame.jpeg[0]), (100, 99));
        assert_eq!(slot.wait_newer(100, Duration::from_millis(1)), Err(CameraError::Stalled));
        assert_eq!(Arc::strong_count(&frame), 2, "nothing but the slot and the consumer holds a picture");
    }

    #[test]
    fn an_unseen_picture_comes_before_the_end() {
        let slot = Slot::default();
        slot.publish(picture(1));
        slot.end(CameraError::Gone);
        slot.end(CameraError::System);
        assert!(slot.wait_newer(0, Duration::ZERO).is_ok());
        assert_eq!(slot.wait_newer(1, Duration::ZERO), Err(CameraError::Gone));
    }

    #[test]
    fn a_dead_producer_is_noticed_at_once() {
        let info = CameraInfo { id: "x".into(), name: "x".into() };
        let mut stream = SlotStream::start(info, |_| {}).unwrap();
        let asked = Instant::now();
        assert_eq!(stream.next(Duration::from_secs(20)), Err(CameraError::System));
        assert!(asked.elapsed() < Duration::from_secs(5));
    }
}
