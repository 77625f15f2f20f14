//! Cameras behind [`kiosk::Cameras`].
//!
//! What it is: the machine's webcams (through nokhwa), pictures played from files, and a drawn camera for QA; all deliver the
//! newest picture as a checked JPEG and nothing older. What it is not: an opinion on a picture (crate `vision`) or a preview
//! window (the shell).
//!
//! ```text
//!   webcam ─ watched thread ─┐
//!   files  ─ player thread ──┼─▶ check, convert, encode ─▶ slot for the newest picture ─▶ CameraStream::next
//!   drawing ─ player thread ─┘
//! ```
//!
//! There is no queue anywhere: a consumer that comes late gets the newest picture. A camera's own JPEG is passed through
//! untouched; other formats are encoded at most 960 pixels wide.
//!
//! ```
//! use std::time::Duration;
//!
//! use capture::SyntheticCameras;
//! use kiosk::Cameras;
//!
//! let cameras = SyntheticCameras::default();
//! let mut stream = cameras.open(&cameras.list()?[0].id)?;
//! let frame = stream.next(Duration::from_secs(2))?;
//! assert!(capture::counter::read_jpeg(&frame.jpeg).is_some());
//! stream.close();
//! # Ok::<(), kiosk::CameraError>(())
//! ```

pub mod counter;
mod drawing;
mod encode;
mod fault;
mod file;
mod format;
pub mod jpeg;
mod nokhwa_cameras;
mod pixels;
mod player;
mod probe;
mod slot;
mod synthetic;
mod watched;

pub use fault::{Fault, FaultScript, FaultScriptError};
pub use file::{FileCamera, FileCameras};
pub use nokhwa_cameras::NokhwaCameras;
pub use probe::{ProbeReport, probe};
pub use synthetic::SyntheticCameras;
