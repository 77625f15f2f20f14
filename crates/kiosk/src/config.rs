//! What a kiosk is started with.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use apdu::Card;
use chip::ChipEvidence;
use chip::mrtd::{AccessKey, InspectError, InspectPlan, MrtdEvidence, Progress};
use chip_crypto::random::SecureRandom;
use jiff::Timestamp;
use trust::{ChipVerdict, TrustStore};

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

/// How long to wait after a failed delivery: attempt (1 for the first), the backend's own wish, a uniform random number.
pub type RetryDelay = fn(u32, Option<Duration>, u32) -> Duration;

/// The settings of a kiosk.
#[derive(Clone)]
pub struct KioskConfig {
    /// Fills the placeholders of the notice texts.
    pub notice_params: BTreeMap<String, String>,
    /// Issuer certificates.
    pub trust: Arc<TrustStore>,
    /// The camera to use; the first one otherwise.
    pub camera: Option<String>,
    /// How chips are read.
    pub plan: InspectPlan,
    pub retry_delay: RetryDelay,
    /// A camera silent for so long is opened again, three times. Sources with a watchdog of their own act before.
    pub camera_stall: Duration,
    /// How often the outbox looks for what is due.
    pub outbox_poll: Duration,
    /// How chips are read and judged; replaced by tests only.
    pub chip: ChipDoor,
}

/// The two functions between the kiosk and a chip's content.
#[derive(Clone, Copy)]
pub struct ChipDoor {
    pub inspect: Inspect,
    pub judge: fn(&ChipEvidence, &TrustStore, Timestamp) -> ChipVerdict,
}

type Inspect = fn(
    &mut dyn Card,
    &AccessKey,
    &InspectPlan,
    &mut dyn SecureRandom,
    &mut dyn FnMut(Progress),
) -> Result<MrtdEvidence, InspectError>;

impl Default for ChipDoor {
    fn default() -> Self {
        Self {
            inspect: |card, key, plan, random, on| chip::mrtd::inspect(card, key, plan, random, on),
            judge: trust::judge,
        }
    }
}

impl KioskConfig {
    /// Settings that need no file: notice placeholders get neutral words.
    #[must_use]
    pub fn new(trust: Arc<TrustStore>) -> Self {
        let notice_params = [
            ("recipient_list_version", "-"),
            ("entrustees", "-"),
            ("cache_hours", "72"),
            ("image_retention", "90 日 / 90 days / 90 ngày"),
            ("desk", "0120-000-000"),
        ];
        Self {
            notice_params: notice_params.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            trust,
            camera: None,
            plan: InspectPlan::default(),
            retry_delay: doubling,
            camera_stall: Duration::from_secs(7),
            outbox_poll: Duration::from_secs(1),
            chip: ChipDoor::default(),
        }
    }
}

/// 5 s doubling up to 15 min, or the backend's wish when it is longer (product.md §11.2).
fn doubling(attempt: u32, after: Option<Duration>, uniform: u32) -> Duration {
    let ceiling = 5_u64.checked_shl(attempt.saturating_sub(1).min(10)).unwrap_or(900).min(900);
    let jitter = Duration::from_millis(u64::from(uniform) % (ceiling * 250));
    (Duration::from_secs(ceiling) - jitter).max(after.unwrap_or_default())
}
