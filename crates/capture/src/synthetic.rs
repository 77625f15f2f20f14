use std::time::Duration;

use kiosk::{CameraError, CameraInfo, CameraStream, Cameras};

use crate::drawing;
use crate::encode::Raw;
use crate::fault::FaultScript;
use crate::player::{Source, play};
use crate::slot::SlotStream;

/// One camera that delivers a drawn, moving face with a counter in every picture ([`crate::counter`]): the QA camera.
#[derive(Debug, Clone)]
pub struct SyntheticCameras {
    width: u32,
    height: u32,
    interval: Duration,
    faults: FaultScript,
}

impl SyntheticCameras {
    pub const ID: &'static str = "synthetic";

    /// Pictures of another size, at most 960 wide so that they stay as drawn; sides below 160 are raised to it.
    #[must_use]
    pub fn sized(mut self, width: u32, height: u32) -> Self {
        self.width = width.clamp(160, crate::encode::MAX_WIDTH);
        self.height = height.clamp(160, 2_160);
        self
    }

    /// Another pace than thirty pictures a second.
    #[must_use]
    pub fn paced(mut self, per_second: u32) -> Self {
        self.interval = Duration::from_secs(1) / per_second.clamp(1, 240);
        self
    }

    #[must_use]
    pub fn with_faults(mut self, faults: FaultScript) -> Self {
        self.faults = faults;
        self
    }

    fn info() -> CameraInfo {
        CameraInfo { id: Self::ID.to_owned(), name: "QA drawing".to_owned() }
    }
}

impl Default for SyntheticCameras {
    /// 640 × 480 at 30 pictures a second, without faults.
    fn default() -> Self {
        Self { width: 640, height: 480, interval: Duration::from_secs(1) / 30, faults: FaultScript::none() }
    }
}

impl Cameras for SyntheticCameras {
    fn list(&self) -> Result<Vec<CameraInfo>, CameraError> {
        Ok(vec![Self::info()])
    }

    fn open(&self, id: &str) -> Result<Box<dyn CameraStream>, CameraError> {
        if id != Self::ID {
            return Err(CameraError::NotFound);
        }
        let (interval, faults) = (self.interval, self.faults.clone());
        let source = Drawing { width: self.width, height: self.height };
        Ok(Box::new(SlotStream::start(Self::info(), move |slot| play(slot, source, interval, &faults))?))
    }
}

struct Drawing {
    width: u32,
    height: u32,
}

impl Source for Drawing {
    fn picture(&mut self, index: u64) -> Result<Raw, CameraError> {
        Ok(Raw::Picture(drawing::draw(self.width, self.height, index)))
    }
}
