//! A camera that may hang anywhere: its thread is watched, replaced when it stalls, and left behind when it never returns.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kiosk::{CameraError, CameraInfo, CameraStream, Frame};

use crate::encode::{Raw, prepare};
use crate::player::Patience;
use crate::slot::{Slot, start};

/// An open device, on its own thread. Both calls may block for ever.
pub(crate) trait Device {
    fn picture(&mut self) -> Result<Raw, CameraError>;
}

/// Opens the device, on the thread that will use it.
pub(crate) trait Opener: Send + Sync {
    fn open(&self, request: OpenRequest) -> Result<Box<dyn Device>, CameraError>;
}

/// What has been learnt of the device so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OpenRequest {
    /// Its MJPEG is no JPEG.
    pub without_mjpeg: bool,
}

/// How long to wait for what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub open: Duration,
    pub stall: Duration,
    pub restarts: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { open: Duration::from_secs(5), stall: Duration::from_secs(2), restarts: 3 }
    }
}

pub(crate) struct WatchedStream {
    info: CameraInfo,
    opener: Arc<dyn Opener>,
    limits: Limits,
    request: OpenRequest,
    slot: Arc<Slot>,
    /// Of the thread at work.
    seen: u64,
    /// Of the whole stream: restarts do not show in it.
    sequence: u64,
    restarts: u32,
    alive_until: Instant,
    dead: Option<CameraError>,
}

impl WatchedStream {
    /// Opens the device and waits until it is open, refuses, or hangs.
    pub fn open(info: CameraInfo, opener: Arc<dyn Opener>, limits: Limits) -> Result<Self, CameraError> {
        let request = OpenRequest::default();
        let slot = launch(&opener, request, Duration::ZERO)?;
        if let Err(error) = slot.wait_opened(limits.open) {
            slot.close();
            // A device that does not even open in time is of no use.
            return Err(if error == CameraError::Stalled { CameraError::System } else { error });
        }
        let alive_until = Instant::now() + limits.open;
        Ok(Self { info, opener, limits, request, slot, seen: 0, sequence: 0, restarts: 0, alive_until, dead: None })
    }

    fn restart(&mut self, cause: CameraError) -> Result<(), CameraError> {
        self.slot.close();
        if self.restarts == self.limits.restarts {
            let end = if cause == CameraError::Stalled { CameraError::Gone } else { cause };
            self.dead = Some(end);
            return Err(end);
        }
        self.restarts += 1;
        tracing::warn!(%cause, restart = self.restarts, camera = self.info.name, "the camera is opened again");
        // The thread before has to let go of the device first.
        let pause = self.limits.stall / 4 * self.restarts;
        self.slot = launch(&self.opener, self.request, pause).inspect_err(|error| self.dead = Some(*error))?;
        self.seen = 0;
        self.alive_until = Instant::now() + pause + self.limits.open;
        Ok(())
    }
}

impl CameraStream for WatchedStream {
    fn info(&self) -> CameraInfo {
        self.info.clone()
    }

    fn next(&mut self, timeout: Duration) -> Result<Arc<Frame>, CameraError> {
        if let Some(reason) = self.dead {
            return Err(reason);
        }
        let deadline = Instant::now() + timeout;
        loop {
            let now = Instant::now();
            let pause = deadline.min(self.alive_until).saturating_duration_since(now);
            match self.slot.wait_newer(self.seen, pause) {
                Ok(frame) => {
                    self.seen = frame.sequence;
                    self.alive_until = Instant::now() + self.limits.stall;
                    if self.seen >= STEADY {
                        self.restarts = 0;
                    }
                    self.sequence += 1;
                    return Ok(if frame.sequence == self.sequence {
                        frame
                    } else {
                        Arc::new(Frame { sequence: self.sequence, ..Frame::clone(&frame) })
                    });
                }
                Err(CameraError::Stalled) => {
                    let now = Instant::now();
                    if now >= self.alive_until {
                        self.restart(CameraError::Stalled)?;
                    }
                    if now >= deadline {
                        return Err(CameraError::Stalled);
                    }
                }
                Err(cause) => {
                    if cause == CameraError::FrameInvalid {
                        self.request.without_mjpeg = true;
                    }
                    self.restart(cause)?;
                }
            }
        }
    }

    fn close(self: Box<Self>) {
        drop(self);
    }
}

impl Drop for WatchedStream {
    /// The thread ends after its current picture; one that hangs in a driver is left behind with its device.
    fn drop(&mut self) {
        self.slot.close();
    }
}

fn launch(opener: &Arc<dyn Opener>, request: OpenRequest, pause: Duration) -> Result<Arc<Slot>, CameraError> {
    let slot = Arc::new(Slot::default());
    let opener = Arc::clone(opener);
    start("camera", &slot, move |slot| {
        if !slot.sleep_until(Instant::now() + pause) {
            return;
        }
        // The device is let go of before the end is told, so that whoever hears of it can open it again.
        let end = opener.open(request).and_then(|device| run(slot, device));
        if let Err(reason) = end {
            slot.end(reason);
        }
    })?;
    Ok(slot)
}

/// Publishes until the stream is closed or the device fails.
fn run(slot: &Slot, mut device: Box<dyn Device>) -> Result<(), CameraError> {
    slot.opened();
    let mut patience = Patience::default();
    while !slot.is_closed() {
        let prepared = prepare(device.picture()?);
        if slot.is_closed() {
            break;
        }
        match prepared {
            Ok(encoded) => {
                patience = Patience::default();
                slot.publish(encoded);
            }
            Err(error) => patience.spend(error)?,
        }
    }
    Ok(())
}

/// After so many pictures in a row a camera has recovered and may be restarted as often again.
const STEADY: u64 = 60;

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::thread;

    use crate::encode::{Picture, encode};

    const LIMITS: Limits = Limits { open: Duration::from_millis(300), stall: Duration::from_millis(150), restarts: 3 };

    fn jpeg() -> Vec<u8> {
        encode(&Picture { width: 16, height: 16, rgb: vec![90; 768] }).unwrap().jpeg
    }

    /// A device that does what a closure says, picture by picture.
    struct Scripted<F>(F, u64);

    impl<F: FnMut(u64) -> Result<Raw, CameraError>> Device for Scripted<F> {
        fn picture(&mut self) -> Result<Raw, CameraError> {
            self.1 += 1;
            thread::sleep(Duration::from_millis(5));
            (self.0)(self.1)
        }
    }

    struct ByClosure<F>(F, AtomicU32);

    impl<F: Fn(u32, OpenRequest) -> Result<Box<dyn Device>, CameraError> + Send + Sync> Opener for ByClosure<F> {
        fn open(&self, request: OpenRequest) -> Result<Box<dyn Device>, CameraError> {
            (self.0)(self.1.fetch_add(1, Ordering::SeqCst), request)
        }
    }

    fn stream<F>(open: F) -> Result<WatchedStream, CameraError>
    where
        F: Fn(u32, OpenRequest) -> Result<Box<dyn Device>, CameraError> + Send + Sync + 'static,
    {
        let info = CameraInfo { id: "0".into(), name: "test".into() };
        WatchedStream::open(info, Arc::new(ByClosure(open, AtomicU32::new(0))), LIMITS)
    }

    fn hang() -> ! {
        loop {
            thread::park();
        }
    }

    #[test]
    fn a_device_that_hangs_while_opening_is_given_up() {
        let begun = Instant::now();
        assert_eq!(stream(|_, _| hang()).err(), Some(CameraError::System));
        assert!(begun.elapsed() < Duration::from_secs(3));
    }

    #[test]
    fn a_refusal_to_open_keeps_its_reason() {
        assert_eq!(stream(|_, _| Err(CameraError::Busy)).err(), Some(CameraError::Busy));
    }

    #[test]
    fn a_stalled_device_is_opened_again_and_numbers_go_on() {
        let mut stream = stream(|turn, _| {
            Ok(Box::new(Scripted(
                move |picture| if turn == 0 && picture > 3 { hang() } else { Ok(Raw::Jpeg(jpeg())) },
                0,
            )))
        })
        .unwrap();
        let mut last = 0;
        for _ in 0..10 {
            let frame = stream.next(Duration::from_secs(5)).unwrap();
            assert_eq!(frame.sequence, last + 1);
            last = frame.sequence;
        }
        assert_eq!(stream.restarts, 1);
    }

    #[test]
    fn a_stall_shorter_than_the_limit_is_reported_and_survived() {
        let mut stream = stream(|_, _| {
            Ok(Box::new(Scripted(
                |picture| {
                    if picture == 2 {
                        thread::sleep(Duration::from_millis(90));
                    }
                    Ok(Raw::Jpeg(jpeg()))
                },
                0,
            )))
        })
        .unwrap();
        stream.next(Duration::from_secs(5)).unwrap();
        assert_eq!(stream.next(Duration::from_millis(20)).err(), Some(CameraError::Stalled));
        assert!(stream.next(Duration::from_secs(5)).is_ok());
    }

    #[test]
    fn a_device_that_only_stalls_is_given_up_after_three_restarts() {
        let opened = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&opened);
        let mut stream = stream(move |_, _| {
            count.fetch_add(1, Ordering::SeqCst);
            Ok(Box::new(Scripted(|_| hang(), 0)))
        })
        .unwrap();
        assert_eq!(stream.next(Duration::from_secs(20)).err(), Some(CameraError::Gone));
        assert_eq!(stream.next(Duration::from_secs(20)).err(), Some(CameraError::Gone));
        assert_eq!(opened.load(Ordering::SeqCst), 4);
    }

    #[test]
    fn mjpeg_that_is_no_jpeg_is_replaced_by_another_format() {
        let mut stream = stream(|_, request| {
            Ok(Box::new(Scripted(
                move |_| Ok(Raw::Jpeg(if request.without_mjpeg { jpeg() } else { vec![0x80; 512] })),
                0,
            )))
        })
        .unwrap();
        assert!(stream.next(Duration::from_secs(10)).is_ok());
        assert!(stream.request.without_mjpeg);
    }

    #[test]
    fn an_unplugged_device_ends_with_its_reason() {
        let mut stream = stream(|turn, _| {
            if turn > 0 {
                return Err(CameraError::NotFound);
            }
            Ok(Box::new(Scripted(
                |picture| if picture > 2 { Err(CameraError::Gone) } else { Ok(Raw::Jpeg(jpeg())) },
                0,
            )))
        })
        .unwrap();
        let end = std::iter::from_fn(|| Some(stream.next(Duration::from_secs(5)))).find_map(Result::err);
        assert_eq!(end, Some(CameraError::NotFound));
    }
}
