//! What a kiosk is started with.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use apdu::Card;
use chip::ChipEvidence;
use chip::mrtd::InspectPlan;
use chip_crypto::random::SecureRandom;
use jiff::Timestamp;
use session::{ChipKey, Failure, ReadProgress};
use trust::{Ahead, ChipVerdict, Issuers};

use crate::inspect::Beside;
use crate::ports::{Backend, Cameras, Clock, Entropy, Readers, SessionStore, Ui};

/// The world around a kiosk.
pub struct Ports {
    pub readers: Arc<dyn Readers>,
    pub cameras: Arc<dyn Cameras>,
    pub store: Box<dyn SessionStore>,
    pub backend: Arc<dyn Backend>,
    pub ui: Arc<dyn Ui>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Box<dyn Entropy>,
}

/// The settings of a kiosk.
#[derive(Clone)]
pub struct KioskConfig {
    /// Fills the placeholders of the notice texts.
    pub notice_params: BTreeMap<String, String>,
    /// Who is believed.
    pub trust: Arc<Issuers>,
    /// The camera to use; the first one otherwise.
    pub camera: Option<String>,
    /// How chips are read.
    pub plan: InspectPlan,
    /// A camera silent for so long is opened again, three times. Sources with a watchdog of their own act before.
    pub camera_stall: Duration,
    /// How often the outbox looks for what is due.
    pub outbox_poll: Duration,
    /// What waits at the start is first sent within this long, so that a branch's kiosks do not call at once.
    pub first_attempt_spread: Duration,
    /// How chips are read and judged; replaced by tests only.
    pub chip: ChipDoor,
}

/// The two functions between the kiosk and a chip's content.
#[derive(Clone, Copy)]
pub struct ChipDoor {
    pub inspect: Inspect,
    /// With what was verified of a passport while it was read, if anything.
    pub judge: fn(&ChipEvidence, Option<Ahead>, &Issuers, Timestamp) -> ChipVerdict,
}

type Inspect = fn(
    &mut dyn Card,
    ChipKey,
    &InspectPlan,
    &mut dyn SecureRandom,
    &mut dyn FnMut(ReadProgress),
    &mut Beside<'_>,
) -> Result<ChipEvidence, Failure>;

impl Default for ChipDoor {
    fn default() -> Self {
        Self { inspect: crate::inspect::inspect, judge }
    }
}

fn judge(evidence: &ChipEvidence, ahead: Option<Ahead>, issuers: &Issuers, at: Timestamp) -> ChipVerdict {
    match evidence {
        ChipEvidence::Mrtd(evidence) => trust::judge_after(ahead, evidence, &issuers.passports, at),
        ChipEvidence::Licence(_) | ChipEvidence::MyNumber(_) | ChipEvidence::Residence(_) => {
            trust::judge(evidence, issuers, at)
        }
    }
}

impl KioskConfig {
    /// Settings that need no file: notice placeholders get neutral words.
    #[must_use]
    pub fn new(trust: impl Into<Issuers>) -> Self {
        let notice_params = [
            ("recipient_list_version", "-"),
            ("entrustees", "-"),
            ("cache_hours", "72"),
            ("image_retention", "90 日 / 90 days / 90 ngày"),
            ("desk", "0120-000-000"),
        ];
        Self {
            notice_params: notice_params.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            trust: Arc::new(trust.into()),
            camera: None,
            plan: InspectPlan::default(),
            camera_stall: Duration::from_secs(7),
            outbox_poll: Duration::from_secs(1),
            first_attempt_spread: Duration::from_secs(120),
            chip: ChipDoor::default(),
        }
    }
}
