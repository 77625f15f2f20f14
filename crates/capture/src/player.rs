//! Plays pictures into a slot at an even pace, with faults.

use std::time::{Duration, Instant};

use image::{ImageBuffer, Rgb, imageops};
use kiosk::CameraError;

use crate::encode::{Encoded, Picture, PictureError, Raw, decode, encode, prepare};
use crate::fault::{Fault, FaultScript};
use crate::slot::Slot;

/// Where pictures come from.
pub(crate) trait Source: Send {
    /// The picture for place `index` in time; places may be left out when the machine is late.
    fn picture(&mut self, index: u64) -> Result<Raw, CameraError>;
}

/// Publishes until the stream is closed, the source ends, or the faults end it.
pub(crate) fn play(slot: &Slot, mut source: impl Source, interval: Duration, faults: &FaultScript) {
    let interval = interval.max(Duration::from_millis(1));
    let started = Instant::now();
    let mut before = None;
    let mut patience = Patience::default();
    slot.opened();
    loop {
        let elapsed = started.elapsed();
        let due = (elapsed.as_nanos() / interval.as_nanos()) as u64;
        let index = before.map_or(0, |before: u64| due.max(before + 1));
        if !slot.sleep_until(started + interval.saturating_mul(u32::try_from(index).unwrap_or(u32::MAX))) {
            return;
        }
        let struck: Vec<Fault> = faults.at(before, index).collect();
        before = Some(index);
        for fault in &struck {
            match fault {
                Fault::Disconnect => return slot.end(CameraError::Gone),
                Fault::Stall(length) => {
                    if !slot.sleep_until(Instant::now() + *length) {
                        return;
                    }
                }
                Fault::Dark | Fault::OverExposed | Fault::Blur | Fault::Truncated | Fault::WrongFormat => {}
            }
        }
        let result = match source.picture(index) {
            Ok(raw) => prepare(raw).and_then(|encoded| spoil(encoded, &struck)),
            Err(reason) => return slot.end(reason),
        };
        match result {
            Ok(encoded) => {
                patience = Patience::default();
                slot.publish(encoded);
            }
            Err(error) => {
                if let Err(reason) = patience.spend(error) {
                    return slot.end(reason);
                }
            }
        }
    }
}

/// Pictures that are none are left out, as real cameras send one now and then; a run of them ends the stream.
#[derive(Default)]
pub(crate) struct Patience {
    spent: u32,
}

impl Patience {
    pub fn spend(&mut self, error: PictureError) -> Result<(), CameraError> {
        tracing::debug!(%error, "a picture was left out");
        self.spent += 1;
        if self.spent >= BAD_PICTURES { Err(CameraError::FrameInvalid) } else { Ok(()) }
    }
}

/// Changes a good picture as the script wants; what comes out has passed the same check as a camera's bytes.
fn spoil(encoded: Encoded, struck: &[Fault]) -> Result<Encoded, PictureError> {
    let mut encoded = encoded;
    for fault in struck {
        encoded = match fault {
            Fault::Stall(_) | Fault::Disconnect => encoded,
            Fault::Dark => repaint(&encoded, |rgb| rgb.iter_mut().for_each(|value| *value /= 16))?,
            Fault::OverExposed => repaint(&encoded, |rgb| {
                rgb.iter_mut().for_each(|value| *value = value.saturating_mul(4).saturating_add(120))
            })?,
            Fault::Blur => blur(&encoded)?,
            Fault::Truncated => {
                encoded.jpeg.truncate(encoded.jpeg.len() / 2);
                prepare(Raw::Jpeg(encoded.jpeg))?
            }
            Fault::WrongFormat => prepare(Raw::Jpeg(b"\x89PNG\r\n\x1a\n".to_vec()))?,
        };
    }
    Ok(encoded)
}

fn repaint(encoded: &Encoded, change: impl FnOnce(&mut [u8])) -> Result<Encoded, PictureError> {
    let mut picture = decode(&encoded.jpeg)?;
    change(&mut picture.rgb);
    encode(&picture)
}

fn blur(encoded: &Encoded) -> Result<Encoded, PictureError> {
    let Picture { width, height, rgb } = decode(&encoded.jpeg)?;
    let sharp: ImageBuffer<Rgb<u8>, _> = ImageBuffer::from_raw(width, height, rgb).ok_or(PictureError::Pixels)?;
    let coarse = imageops::thumbnail(&sharp, (width / 12).max(1), (height / 12).max(1));
    let blurred = imageops::resize(&coarse, width, height, imageops::FilterType::Triangle);
    encode(&Picture { width, height, rgb: blurred.into_raw() })
}

const BAD_PICTURES: u32 = 5;
