//! The newest camera picture, and nothing older.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::ports::Frame;

/// One picture, overwritten by the next: a slow page sees fewer pictures, never old ones.
#[derive(Debug, Default)]
pub struct PreviewSlot {
    newest: Mutex<Option<Arc<Frame>>>,
    changed: Condvar,
}

impl PreviewSlot {
    /// Waits for a picture with a sequence number above `seen`; `None` when none came in time.
    #[must_use]
    pub fn wait_newer(&self, seen: u64, timeout: Duration) -> Option<Arc<Frame>> {
        let deadline = Instant::now() + timeout;
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(frame) = newest.as_ref().filter(|frame| frame.sequence > seen) {
                return Some(Arc::clone(frame));
            }
            let left = deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())?;
            newest = self.changed.wait_timeout(newest, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The sequence number of the newest picture, 0 when there is none.
    #[must_use]
    pub fn newest(&self) -> u64 {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map_or(0, |frame| frame.sequence)
    }

    pub(crate) fn put(&self, frame: Arc<Frame>) {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = Some(frame);
        self.changed.notify_all();
    }

    pub(crate) fn clear(&self) {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
