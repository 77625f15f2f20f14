//! Serves a simulated passport to `vpcd`: `cargo run -p simulator --example serve -- [PROFILE] [HOST:PORT] [SECONDS]`.

use std::time::Duration;

use simulator::vpcd::{DEFAULT_ADDRESS, ServeOptions, Stop, serve};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let profile = simulator::Profile::find(&arguments.next().unwrap_or_else(|| "specimen".to_owned()))?;
    let address = arguments.next().unwrap_or_else(|| DEFAULT_ADDRESS.to_owned());
    let stop = Stop::new();
    if let Some(seconds) = arguments.next() {
        let (seconds, stop) = (seconds.parse()?, stop.clone());
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_secs(seconds));
            stop.stop();
        });
    }
    let mut card = simulator::place(&profile)?;
    serve(&mut *card, &ServeOptions { address, ..ServeOptions::default() }, &stop)?;
    Ok(())
}
