//! The camera, on its own thread while it is open.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use session::view::DeviceState;
use session::{Event, FailureCode};

use crate::actor::Input;
use crate::ports::{CameraError, CameraStream, Cameras, Ui};
use crate::preview::PreviewSlot;

const RESTARTS: u32 = 3;
const FRAME_TIMEOUT: Duration = Duration::from_millis(500);
const PHOTO_TIMEOUT: Duration = Duration::from_secs(3);

/// Everything an open camera needs.
pub(crate) struct CameraRun {
    pub cameras: Arc<dyn Cameras>,
    pub wanted: Option<String>,
    pub slot: Arc<PreviewSlot>,
    pub ui: Arc<dyn Ui>,
    pub stall: Duration,
    pub stop: Arc<AtomicBool>,
    pub inbox: Sender<Input>,
    /// The run before: a device is opened only when it is closed.
    pub before: Option<JoinHandle<()>>,
}

/// What is known about the camera.
#[derive(Debug, Clone)]
pub(crate) struct CameraReport {
    pub state: DeviceState,
    pub name: Option<String>,
    pub failure: Option<FailureCode>,
}

impl CameraRun {
    pub(crate) fn run(mut self) {
        if let Some(before) = self.before.take() {
            let _ = before.join();
        }
        self.report(DeviceState::Starting, None, None);
        let mut restarts = 0;
        while !self.stopped() {
            let error = match self.open() {
                Ok(mut stream) => {
                    let error = self.pump(stream.as_mut(), &mut restarts);
                    stream.close();
                    error
                }
                Err(error) => Some(error),
            };
            let Some(error) = error else { break };
            tracing::warn!(code = FailureCode::from(error).name(), restarts, "camera");
            self.slot.clear();
            if restarts == RESTARTS || !worth_another_try(error) {
                let state = if error == CameraError::NotFound { DeviceState::Missing } else { DeviceState::Failed };
                self.report(state, None, Some(error.into()));
                break;
            }
            restarts += 1;
            self.report(DeviceState::Starting, None, None);
        }
        self.slot.clear();
    }

    fn open(&self) -> Result<Box<dyn CameraStream>, CameraError> {
        let id = match &self.wanted {
            Some(id) => id.clone(),
            None => self.cameras.list()?.into_iter().next().ok_or(CameraError::NotFound)?.id,
        };
        self.cameras.open(&id)
    }

    /// Moves pictures until stopped (`None`) or until the stream is dead or silent for too long.
    fn pump(&self, stream: &mut dyn CameraStream, restarts: &mut u32) -> Option<CameraError> {
        let name = stream.info().name;
        let mut last = Instant::now();
        let mut running = false;
        while !self.stopped() {
            match stream.next(FRAME_TIMEOUT) {
                Ok(frame) => {
                    last = Instant::now();
                    if !running {
                        running = true;
                        *restarts = 0;
                        self.report(DeviceState::Ready, Some(name.clone()), None);
                    }
                    self.ui.preview(self.slot.put(frame));
                }
                Err(CameraError::Stalled) if last.elapsed() < self.stall => {}
                Err(error) => return Some(error),
            }
        }
        None
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn report(&self, state: DeviceState, name: Option<String>, failure: Option<FailureCode>) {
        let _ = self.inbox.send(Input::Camera(CameraReport { state, name, failure }));
    }
}

fn worth_another_try(error: CameraError) -> bool {
    match error {
        CameraError::Stalled | CameraError::FrameInvalid | CameraError::System | CameraError::Busy => true,
        CameraError::NotFound | CameraError::NotAllowed | CameraError::FormatUnsupported | CameraError::Gone => false,
    }
}

/// Takes the next picture as the photo; a picture that does not decode is not one.
pub(crate) fn take_photo(slot: &PreviewSlot, ticket: u32) -> Event {
    let failed = |code: FailureCode| Event::PhotoFailed { ticket, failure: code.into() };
    let Some(frame) = slot.wait_newer(slot.last_sequence(), PHOTO_TIMEOUT) else {
        return failed(FailureCode::CameraStalled);
    };
    match image::load_from_memory_with_format(&frame.jpeg, image::ImageFormat::Jpeg) {
        Ok(picture) if picture.width() > 0 => Event::PhotoTaken { ticket, jpeg: frame.jpeg.clone() },
        Ok(_) | Err(_) => failed(FailureCode::PhotoInvalid),
    }
}

/// Says which camera there is, without opening it.
pub(crate) fn look_for_camera(cameras: &dyn Cameras, wanted: Option<&str>) -> CameraReport {
    let found = cameras.list().and_then(|cameras| {
        let mut cameras = cameras.into_iter();
        let found = match wanted {
            Some(id) => cameras.find(|camera| camera.id == id),
            None => cameras.next(),
        };
        found.ok_or(CameraError::NotFound)
    });
    match found {
        Ok(camera) => CameraReport { state: DeviceState::Ready, name: Some(camera.name), failure: None },
        Err(CameraError::NotFound) => {
            CameraReport { state: DeviceState::Missing, name: None, failure: Some(FailureCode::CameraMissing) }
        }
        Err(error) => CameraReport { state: DeviceState::Failed, name: None, failure: Some(error.into()) },
    }
}
