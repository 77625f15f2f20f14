//! Looks at one camera of this machine and answers in JSON: `camera_probe camera probe --json [--frames N]`.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use capture::{NokhwaCameras, probe};
use kiosk::Cameras;

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing::Level::DEBUG)
        .without_time()
        .with_ansi(false)
        .init();
    let arguments: Vec<String> = std::env::args().collect();
    let frames =
        arguments.windows(2).find(|pair| pair[0] == "--frames").and_then(|pair| pair[1].parse().ok()).unwrap_or(30);
    let cameras = NokhwaCameras::new();
    let report = cameras.list().and_then(|list| {
        let first = list.first().ok_or(kiosk::CameraError::NotFound)?;
        let mut report = probe(&cameras, &first.id, frames, Duration::from_secs(30))?;
        report.source = cameras.source_format(&first.id);
        Ok(report)
    });
    match report
        .map_err(|error| error.to_string())
        .and_then(|report| serde_json::to_string(&report).map_err(|error| error.to_string()))
    {
        Ok(line) => {
            let written = writeln!(std::io::stdout(), "{line}");
            if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(3) }
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "camera probe: {error}");
            ExitCode::from(3)
        }
    }
}
