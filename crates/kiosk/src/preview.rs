//! The newest camera picture, and nothing older.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::ports::Frame;

/// One picture, overwritten by the next: a slow page sees fewer pictures, never old ones. Pictures are numbered here, so that
/// numbers go on when a camera is opened again.
#[derive(Debug, Default)]
pub struct PreviewSlot {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    newest: Option<Arc<Frame>>,
    last_sequence: u64,
}

impl PreviewSlot {
    /// Waits for a picture with a sequence number above `seen`; `None` when none came in time.
    #[must_use]
    pub fn wait_newer(&self, seen: u64, timeout: Duration) -> Option<Arc<Frame>> {
        let deadline = Instant::now() + timeout;
        let mut state = self.lock();
        loop {
            if let Some(frame) = state.newest.as_ref().filter(|frame| frame.sequence > seen) {
                return Some(Arc::clone(frame));
            }
            let left = deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())?;
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The number the newest picture has or had.
    #[must_use]
    pub fn last_sequence(&self) -> u64 {
        self.lock().last_sequence
    }

    /// Numbers a picture and shows it.
    pub(crate) fn put(&self, frame: Arc<Frame>) -> Arc<Frame> {
        let mut state = self.lock();
        state.last_sequence += 1;
        let frame = Arc::new(Frame { sequence: state.last_sequence, ..Arc::unwrap_or_clone(frame) });
        state.newest = Some(Arc::clone(&frame));
        self.changed.notify_all();
        frame
    }

    pub(crate) fn clear(&self) {
        self.lock().newest = None;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(sequence: u64) -> Arc<Frame> {
        Arc::new(Frame { sequence, width: 1, height: 1, jpeg: vec![0] })
    }

    #[test]
    fn numbers_go_on_when_the_camera_starts_again() {
        let slot = PreviewSlot::default();
        slot.put(frame(77));
        slot.put(frame(78));
        slot.clear();
        assert_eq!(slot.wait_newer(0, Duration::from_millis(5)), None);
        assert_eq!(slot.put(frame(1)).sequence, 3);
        assert_eq!(slot.wait_newer(2, Duration::from_millis(5)).map(|frame| frame.sequence), Some(3));
        assert_eq!(slot.wait_newer(3, Duration::from_millis(5)), None);
    }
}
