//! `camera list` and `camera probe`.

use std::fmt::Write as _;
use std::time::Duration;

use capture::NokhwaCameras;
use kiosk::{CameraError, Cameras};
use serde_json::json;

use crate::cli::CameraCommand;
use crate::output::{Answer, CommandError, Outcome};

pub fn run(command: &CameraCommand) -> Result<Answer, CommandError> {
    match command {
        CameraCommand::List => list(),
        CameraCommand::Probe { camera, frames, timeout } => {
            probe(camera.as_deref(), *frames, Duration::from_secs(*timeout))
        }
    }
}

fn list() -> Result<Answer, CommandError> {
    let found = NokhwaCameras::new().list().map_err(failed)?;
    let mut text = String::new();
    for camera in &found {
        let _ = writeln!(text, "{}  {}", camera.id, camera.name);
    }
    if found.is_empty() {
        text.push_str("no camera: plug one in");
    }
    let rows: Vec<_> = found.iter().map(|c| json!({ "id": c.id, "name": c.name })).collect();
    Ok(Answer { outcome: Outcome::Verified, json: json!({ "cameras": rows }), text })
}

fn probe(camera: Option<&str>, frames: u32, timeout: Duration) -> Result<Answer, CommandError> {
    let cameras = NokhwaCameras::new();
    let id = match camera {
        Some(id) => id.to_owned(),
        None => cameras.list().map_err(failed)?.into_iter().next().ok_or(CameraError::NotFound).map_err(failed)?.id,
    };
    let mut report = capture::probe(&cameras, &id, frames, timeout).map_err(failed)?;
    report.source = cameras.source_format(&id);
    let enough = report.frames == frames;
    let text = format!(
        "{} ({}): {} of {frames} frames, {} distinct, {} from {}, {:.1} frames/s, first after {:.0} ms",
        report.name,
        report.device,
        report.frames,
        report.distinct,
        report.format,
        report.source.as_deref().unwrap_or("an unknown format"),
        report.fps,
        report.first_frame_ms
    );
    Ok(Answer { outcome: if enough { Outcome::Verified } else { Outcome::Negative }, json: json!(report), text })
}

fn failed(error: CameraError) -> CommandError {
    CommandError::incomplete(session::FailureCode::from(error).name(), error.to_string())
}
