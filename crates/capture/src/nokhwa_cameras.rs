use std::collections::HashMap;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use kiosk::{CameraError, CameraInfo, CameraStream, Cameras};
use nokhwa::utils::{ApiBackend, CameraIndex, FrameFormat, RequestedFormat, RequestedFormatType, frame_formats};
use nokhwa::{Camera, NokhwaError};

use crate::encode::Raw;
use crate::format::ranked;
use crate::pixels::PixelFormat;
use crate::watched::{Device, Limits, OpenRequest, Opener, WatchedStream};

/// The machine's cameras: Video4Linux on Linux, Media Foundation on Windows.
///
/// A camera's id is its device file on Linux and its symbolic link on Windows, where the order of cameras may change. A driver
/// call that never returns costs its thread and five seconds, not the kiosk.
#[derive(Debug, Clone, Default)]
pub struct NokhwaCameras {
    chosen: Arc<Mutex<HashMap<String, String>>>,
}

impl NokhwaCameras {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The format in use at a camera that has been opened, for a person to read.
    #[must_use]
    pub fn source_format(&self, id: &str) -> Option<String> {
        self.chosen.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }
}

impl Cameras for NokhwaCameras {
    fn list(&self) -> Result<Vec<CameraInfo>, CameraError> {
        Ok(query()?.into_iter().map(|(info, _)| info).collect())
    }

    fn open(&self, id: &str) -> Result<Box<dyn CameraStream>, CameraError> {
        let (info, index) = query()?.into_iter().find(|(info, _)| info.id == id).ok_or(CameraError::NotFound)?;
        let opener = NokhwaOpener { id: info.id.clone(), index, chosen: Arc::clone(&self.chosen) };
        Ok(Box::new(WatchedStream::open(info, Arc::new(opener), Limits::default())?))
    }
}

/// Lists on a thread of its own, since the camera system may hang.
fn query() -> Result<Vec<(CameraInfo, CameraIndex)>, CameraError> {
    let backend = nokhwa::native_api_backend().ok_or(CameraError::System)?;
    let (answer, answered) = mpsc::sync_channel(1);
    thread::Builder::new()
        .name("camera-list".into())
        .spawn(move || drop(answer.send(nokhwa::query(backend))))
        .map_err(|_| CameraError::System)?;
    let found =
        answered.recv_timeout(QUERY_LIMIT).map_err(|_| CameraError::System)?.map_err(|error| camera_error(&error))?;
    let mut cameras: Vec<_> = found
        .into_iter()
        .map(|found| {
            let index = found.index().clone();
            (CameraInfo { id: identity(backend, &index, &found.misc()), name: found.human_name() }, index)
        })
        .collect();
    cameras.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
    Ok(cameras)
}

fn identity(backend: ApiBackend, index: &CameraIndex, link: &str) -> String {
    if backend == ApiBackend::Video4Linux {
        format!("/dev/video{}", index.as_string())
    } else if link.is_empty() {
        index.as_string()
    } else {
        link.to_owned()
    }
}

struct NokhwaOpener {
    id: String,
    index: CameraIndex,
    chosen: Arc<Mutex<HashMap<String, String>>>,
}

impl Opener for NokhwaOpener {
    fn open(&self, request: OpenRequest) -> Result<Box<dyn Device>, CameraError> {
        let mut camera = first_open(&self.index)?;
        let offered = camera.compatible_camera_formats().map_err(|error| camera_error(&error))?;
        let mut refusal = CameraError::FormatUnsupported;
        for format in ranked(&offered, request.without_mjpeg).into_iter().take(FORMAT_ATTEMPTS) {
            let exact = RequestedFormat::with_formats(RequestedFormatType::Exact(format), frame_formats());
            match camera.set_camera_requset(exact).and_then(|_| camera.open_stream()) {
                Ok(()) => {
                    // What the driver says it does counts, not what was asked of it.
                    let format = camera.camera_format();
                    let said = format!(
                        "{}x{} {} {} fps",
                        format.width(),
                        format.height(),
                        format.format(),
                        format.frame_rate()
                    );
                    tracing::info!(camera = self.id, format = said, "the camera is open");
                    self.chosen.lock().unwrap_or_else(PoisonError::into_inner).insert(self.id.clone(), said);
                    return Ok(Box::new(NokhwaDevice { camera }));
                }
                Err(error) => {
                    tracing::debug!(camera = self.id, %format, %error, "a format was refused");
                    let cause = camera_error(&error);
                    refusal = if cause == CameraError::System { CameraError::FormatUnsupported } else { cause };
                }
            }
        }
        Err(refusal)
    }
}

/// Gets hold of the camera in any format at all: its list of formats can only be read from an open one.
fn first_open(index: &CameraIndex) -> Result<Camera, CameraError> {
    let wishes = [
        RequestedFormatType::None,
        RequestedFormatType::AbsoluteHighestFrameRate,
        RequestedFormatType::AbsoluteHighestResolution,
    ];
    let mut refusal = CameraError::FormatUnsupported;
    for wish in wishes {
        match Camera::new(index.clone(), RequestedFormat::with_formats(wish, frame_formats())) {
            Ok(camera) => return Ok(camera),
            Err(error) => {
                tracing::debug!(%error, ?wish, "the camera did not open");
                refusal = camera_error(&error);
            }
        }
    }
    Err(refusal)
}

struct NokhwaDevice {
    camera: Camera,
}

impl Device for NokhwaDevice {
    fn picture(&mut self) -> Result<Raw, CameraError> {
        // frame() blocks for ever on a stream that is not open.
        if !self.camera.is_stream_open() {
            return Err(CameraError::Gone);
        }
        let buffer = self.camera.frame().map_err(|error| camera_error(&error))?;
        let format = match buffer.source_frame_format() {
            FrameFormat::MJPEG => return Ok(Raw::Jpeg(buffer.buffer().to_vec())),
            FrameFormat::YUYV => PixelFormat::Yuyv,
            FrameFormat::NV12 => PixelFormat::Nv12,
            FrameFormat::GRAY => PixelFormat::Gray,
            // Media Foundation's RGB24 is stored blue first.
            FrameFormat::RAWRGB if cfg!(windows) => PixelFormat::Bgr,
            FrameFormat::RAWRGB => PixelFormat::Rgb,
            FrameFormat::RAWBGR => PixelFormat::Bgr,
        };
        let size = buffer.resolution();
        Ok(Raw::Pixels { format, width: size.width(), height: size.height(), bytes: buffer.buffer().to_vec() })
    }
}

/// nokhwa passes the system's own words on; the numbers in them are stable, the words are not.
fn camera_error(error: &NokhwaError) -> CameraError {
    let text = error.to_string();
    let says = |codes: &[&str]| codes.iter().any(|code| text.contains(code));
    if says(BUSY) {
        CameraError::Busy
    } else if says(NOT_ALLOWED) {
        CameraError::NotAllowed
    } else if says(GONE) || matches!(error, NokhwaError::ReadFrameError(_)) {
        CameraError::Gone
    } else {
        CameraError::System
    }
}

/// EBUSY; MF_E_VIDEO_RECORDING_DEVICE_PREEMPTED, ERROR_SHARING_VIOLATION.
const BUSY: &[&str] = &["os error 16)", "0xC00D3EA3", "0x80070020"];
/// EPERM, EACCES; E_ACCESSDENIED.
const NOT_ALLOWED: &[&str] = &["os error 1)", "os error 13)", "0x80070005"];
/// ENOENT, ENXIO, ENODEV; MF_E_VIDEO_RECORDING_DEVICE_INVALIDATED, ERROR_DEVICE_NOT_CONNECTED.
const GONE: &[&str] = &["os error 2)", "os error 6)", "os error 19)", "0xC00D3EA2", "0x8007048F"];

const QUERY_LIMIT: Duration = Duration::from_secs(5);
const FORMAT_ATTEMPTS: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_own_numbers_decide() {
        let opened = |text: &str| camera_error(&NokhwaError::OpenDeviceError("0".into(), text.into()));
        assert_eq!(opened("V4L2 Error: Device or resource busy (os error 16)"), CameraError::Busy);
        assert_eq!(opened("V4L2 Error: Permission denied (os error 13)"), CameraError::NotAllowed);
        assert_eq!(opened("V4L2 Error: No such file or directory (os error 2)"), CameraError::Gone);
        assert_eq!(opened("something else"), CameraError::System);
        assert_eq!(camera_error(&NokhwaError::ReadFrameError("any".into())), CameraError::Gone);
    }

    #[test]
    fn an_unknown_camera_is_not_found() {
        assert_eq!(NokhwaCameras::new().open("/dev/video-of-nobody").err(), Some(CameraError::NotFound));
    }
}
