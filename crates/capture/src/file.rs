use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use image::{ImageFormat, ImageReader, Limits};
use kiosk::{CameraError, CameraInfo, CameraStream, Cameras};

use crate::encode::{Picture, PictureError, Raw};
use crate::fault::FaultScript;
use crate::jpeg::{self, JpegFault};
use crate::player::{Source, play};
use crate::slot::SlotStream;

/// A camera that plays a file: an MJPEG file (JPEGs one after the other), a directory of PNG and JPEG files in the order of
/// their names, or one PNG or JPEG shown again and again.
#[derive(Debug, Clone)]
pub struct FileCamera {
    pub id: String,
    pub name: String,
    pub path: PathBuf,
    pub interval: Duration,
    /// Begin again at the end; otherwise the camera is gone there.
    pub repeat: bool,
    pub faults: FaultScript,
}

impl FileCamera {
    /// Plays `path` at thirty pictures a second, over and over, without faults. The path is the id.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path.file_name().map_or_else(|| "file".to_owned(), |name| name.to_string_lossy().into_owned());
        let id = path.to_string_lossy().into_owned();
        Self { id, name, path, interval: Duration::from_secs(1) / 30, repeat: true, faults: FaultScript::none() }
    }
}

/// The cameras played from files.
#[derive(Debug, Clone, Default)]
pub struct FileCameras {
    cameras: Vec<FileCamera>,
}

impl FileCameras {
    #[must_use]
    pub fn new(cameras: Vec<FileCamera>) -> Self {
        Self { cameras }
    }
}

impl Cameras for FileCameras {
    fn list(&self) -> Result<Vec<CameraInfo>, CameraError> {
        Ok(self.cameras.iter().map(info).collect())
    }

    fn open(&self, id: &str) -> Result<Box<dyn CameraStream>, CameraError> {
        let camera = self.cameras.iter().find(|camera| camera.id == id).ok_or(CameraError::NotFound)?.clone();
        let source = Files::open(&camera.path, camera.repeat)?;
        Ok(Box::new(SlotStream::start(info(&camera), move |slot| play(slot, source, camera.interval, &camera.faults))?))
    }
}

fn info(camera: &FileCamera) -> CameraInfo {
    CameraInfo { id: camera.id.clone(), name: camera.name.clone() }
}

enum Files {
    Sequence { paths: Vec<PathBuf>, next: usize, repeat: bool },
    Motion(Motion),
}

impl Files {
    fn open(path: &Path, repeat: bool) -> Result<Self, CameraError> {
        let about = fs::metadata(path).map_err(|error| camera_error(&error))?;
        if about.is_dir() {
            let mut paths: Vec<PathBuf> = fs::read_dir(path)
                .map_err(|error| camera_error(&error))?
                .filter_map(|entry| Some(entry.ok()?.path()))
                .filter(|path| kind(path).is_some_and(|kind| kind != Kind::Motion))
                .collect();
            paths.sort();
            if paths.is_empty() {
                return Err(CameraError::FormatUnsupported);
            }
            return Ok(Self::Sequence { paths, next: 0, repeat });
        }
        match kind(path) {
            Some(Kind::Motion) => Ok(Self::Motion(Motion::open(path, repeat)?)),
            Some(Kind::Jpeg | Kind::Png) => Ok(Self::Sequence { paths: vec![path.to_owned()], next: 0, repeat }),
            None => Err(CameraError::FormatUnsupported),
        }
    }
}

impl Source for Files {
    fn picture(&mut self, _index: u64) -> Result<Raw, CameraError> {
        match self {
            Self::Motion(motion) => motion.next(),
            Self::Sequence { paths, next, repeat } => {
                if *next == paths.len() {
                    if !*repeat {
                        return Err(CameraError::Gone);
                    }
                    *next = 0;
                }
                let path = &paths[*next];
                *next += 1;
                let bytes = read_limited(path).map_err(|error| camera_error(&error))?;
                match kind(path) {
                    // What a file is called proves nothing; the player checks the JPEG itself.
                    Some(Kind::Png) => Ok(decode_png(&bytes).map_or_else(|_| Raw::Jpeg(bytes), Raw::Picture)),
                    Some(Kind::Jpeg | Kind::Motion) | None => Ok(Raw::Jpeg(bytes)),
                }
            }
        }
    }
}

/// JPEGs one after the other, read without holding more than one of them.
struct Motion {
    path: PathBuf,
    file: File,
    buffer: Vec<u8>,
    repeat: bool,
    /// Whether anything came since the last beginning, so that an empty file is not read for ever.
    delivered: bool,
}

impl Motion {
    fn open(path: &Path, repeat: bool) -> Result<Self, CameraError> {
        let file = File::open(path).map_err(|error| camera_error(&error))?;
        Ok(Self { path: path.to_owned(), file, buffer: Vec::new(), repeat, delivered: false })
    }

    fn next(&mut self) -> Result<Raw, CameraError> {
        loop {
            match jpeg::inspect(&self.buffer) {
                Ok(shape) => {
                    let rest = self.buffer.split_off(shape.length);
                    self.delivered = true;
                    return Ok(Raw::Jpeg(std::mem::replace(&mut self.buffer, rest)));
                }
                Err(JpegFault::Truncated) => {}
                Err(JpegFault::NotJpeg) if self.buffer.len() < 2 => {}
                // Hand the broken piece to the check that names it, and look for the next beginning.
                Err(_) => return Ok(Raw::Jpeg(self.drop_to_next_start())),
            }
            if self.buffer.len() > jpeg::MAX_BYTES {
                return Ok(Raw::Jpeg(self.drop_to_next_start()));
            }
            let read =
                (&mut self.file).take(CHUNK).read_to_end(&mut self.buffer).map_err(|error| camera_error(&error))?;
            if read == 0 {
                if !self.buffer.is_empty() {
                    self.delivered = true;
                    return Ok(Raw::Jpeg(std::mem::take(&mut self.buffer)));
                }
                if !self.repeat || !self.delivered {
                    return Err(CameraError::Gone);
                }
                self.delivered = false;
                self.file = File::open(&self.path).map_err(|error| camera_error(&error))?;
            }
        }
    }

    fn drop_to_next_start(&mut self) -> Vec<u8> {
        let next = self.buffer.windows(3).skip(1).position(|bytes| bytes == [0xFF, 0xD8, 0xFF]).map(|at| at + 1);
        let rest = self.buffer.split_off(next.unwrap_or(self.buffer.len()));
        std::mem::replace(&mut self.buffer, rest)
    }
}

fn decode_png(bytes: &[u8]) -> Result<Picture, PictureError> {
    let mut reader = ImageReader::with_format(io::Cursor::new(bytes), ImageFormat::Png);
    let mut limits = Limits::default();
    limits.max_image_width = Some(jpeg::MAX_SIDE);
    limits.max_image_height = Some(jpeg::MAX_SIDE);
    limits.max_alloc = Some(64 << 20);
    reader.limits(limits);
    let decoded = reader.decode().map_err(|_| PictureError::Pixels)?.into_rgb8();
    Ok(Picture { width: decoded.width(), height: decoded.height(), rgb: decoded.into_raw() })
}

fn read_limited(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(jpeg::MAX_BYTES as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[derive(PartialEq, Eq)]
enum Kind {
    Jpeg,
    Png,
    Motion,
}

fn kind(path: &Path) -> Option<Kind> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" => Some(Kind::Jpeg),
        "png" => Some(Kind::Png),
        "mjpeg" | "mjpg" => Some(Kind::Motion),
        _ => None,
    }
}

fn camera_error(error: &io::Error) -> CameraError {
    if error.kind() == io::ErrorKind::NotFound {
        CameraError::NotFound
    } else if error.kind() == io::ErrorKind::PermissionDenied {
        CameraError::NotAllowed
    } else {
        CameraError::System
    }
}

const CHUNK: u64 = 64 << 10;
