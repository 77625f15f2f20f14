//! Opens the kiosk window.

use std::process::ExitCode;

fn main() -> ExitCode {
    match madoguchi::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "not started");
            eprintln!("madoguchi: {}", madoguchi::explain(&error));
            ExitCode::from(3)
        }
    }
}
