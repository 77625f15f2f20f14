use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

use kiosk::{CameraError, Cameras};

/// What a look at one camera found.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct ProbeReport {
    /// The camera's id: on Linux its device file.
    pub device: String,
    pub name: String,
    /// Size and format of the pictures as delivered.
    pub format: String,
    /// Size, format and pace chosen at the device, where the caller knows them.
    pub source: Option<String>,
    pub frames: u32,
    pub distinct: u32,
    pub fps: f64,
    pub first_frame_ms: f64,
}

/// Opens a camera and takes up to `frames` pictures from it within `timeout`.
///
/// # Errors
/// The camera cannot be opened, or dies, or delivers nothing at all. A camera that delivers too few pictures is reported, not
/// an error.
pub fn probe(cameras: &dyn Cameras, id: &str, frames: u32, timeout: Duration) -> Result<ProbeReport, CameraError> {
    let begun = Instant::now();
    let mut stream = cameras.open(id)?;
    let info = stream.info();
    let mut hashes = HashSet::new();
    let (mut taken, mut format, mut first) = (0, String::new(), None);
    while taken < frames {
        let remaining = timeout.saturating_sub(begun.elapsed());
        match stream.next(remaining) {
            Ok(frame) => {
                first.get_or_insert_with(Instant::now);
                taken += 1;
                format = format!("{}x{} JPEG", frame.width, frame.height);
                let mut hasher = DefaultHasher::new();
                frame.jpeg.hash(&mut hasher);
                hashes.insert(hasher.finish());
            }
            Err(CameraError::Stalled) if taken > 0 => break,
            Err(error) => {
                stream.close();
                return Err(error);
            }
        }
    }
    let first = first.ok_or(CameraError::Stalled)?;
    let seconds = first.elapsed().as_secs_f64();
    stream.close();
    Ok(ProbeReport {
        device: info.id,
        name: info.name,
        format,
        source: None,
        frames: taken,
        distinct: hashes.len() as u32,
        fps: if taken > 1 && seconds > 0.0 { (f64::from(taken - 1) / seconds * 10.0).round() / 10.0 } else { 0.0 },
        first_frame_ms: (first.duration_since(begun).as_secs_f64() * 1_000.0).round(),
    })
}
