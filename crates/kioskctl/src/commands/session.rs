//! `session run`: one scripted counter session through the code of the kiosk, without a window.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use backend::{Backend, BackendConfig, EmbeddedBackend, Enrolment};
use capture::SyntheticCameras;
use chip_crypto::random::SystemRandom;
use kiosk::{Frame, Kiosk, KioskConfig, KioskHandle, Ports, SystemClock, Ui};
use serde::Deserialize;
use serde_json::{Value, json};
use session::{Role, SessionView, UserIntent};
use simulator::{Fault, TestCard, VirtualReader, VirtualReaders};
use store::{FileDev, Store, StoreConfig};
use sync::{HttpBackend, HttpBackendConfig};
use trust::my_number::MyNumberTrust;
use trust::{IssuerKind, Issuers};

use crate::cli::SessionCommand;
use crate::output::{Answer, CommandError, Outcome};
use crate::trust_args;

/// A script: the card, and what the people do at which screen.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    /// Built-in card, or a file of one relative to the script.
    card: String,
    /// What goes wrong with it besides.
    #[serde(default)]
    faults: Vec<Fault>,
    /// Whether the session ends accepted and delivered; otherwise nothing of it may be left.
    #[serde(default = "yes")]
    sealed: bool,
    /// Steps in order.
    steps: Vec<Step>,
}

fn yes() -> bool {
    true
}

/// One step: wait until a role's screen is there, then do something.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    role: Role,
    /// The screen's name as in the view.
    screen: String,
    /// What must hold in the view besides, by JSON pointer, e.g. `"/wait_ms": 0`.
    #[serde(default)]
    when: serde_json::Map<String, Value>,
    #[serde(flatten)]
    act: Act,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Act {
    /// An intent; the text `$MRZ` in it stands for line 2 of the card's machine readable zone.
    Send(Value),
    Card(CardAct),
    /// Nothing but the waiting.
    Look(()),
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CardAct {
    /// A new card of the script's kind.
    Insert,
    Remove,
    /// The card that was removed, with what it remembers.
    PlaceAgain,
}

/// Longest wait for a screen; reading a card and verifying take the longest.
const PATIENCE: Duration = Duration::from_secs(60);

pub fn run(command: &SessionCommand) -> Result<Answer, CommandError> {
    let SessionCommand::Run { script: path, data_dir, trust } = command;
    let script = load(path)?;
    let card = card_of(&script.card, path)?.with_faults(script.faults.clone());
    let started = Instant::now();
    let stage = Stage::set(data_dir, trust)?;
    let mut screens = Vec::new();
    for (number, step) in script.steps.iter().enumerate() {
        let view = stage.await_screen(step).ok_or_else(|| {
            let now = stage.kiosk.view(step.role).map_or_else(|| "nothing".to_owned(), |v| screen_of(&v));
            CommandError::incomplete(
                "SCRIPT_STUCK",
                format!("step {}: waited for {:?} of the {:?}, which shows {now}", number + 1, step.screen, step.role),
            )
        })?;
        screens.push(screen_of(&view));
        stage.act(&step.act, &card)?;
    }
    let delivered = script.sealed && stage.await_delivery();
    let answer = report(&stage, &screens, script.sealed, delivered, started.elapsed());
    stage.strike();
    Ok(answer)
}

fn load(path: &Path) -> Result<Script, CommandError> {
    let text = std::fs::read_to_string(path).map_err(|e| CommandError::file(path, &e))?;
    serde_json::from_str(&text).map_err(|e| CommandError::Usage(format!("{}: {e}", path.display())))
}

fn card_of(name: &str, script: &Path) -> Result<TestCard, CommandError> {
    if TestCard::built_in().any(|known| known == name) {
        return super::card::find(name);
    }
    let beside = script.parent().unwrap_or(Path::new(".")).join(name);
    super::card::find(&beside.display().to_string())
}

/// The kiosk with everything around it.
struct Stage {
    kiosk: KioskHandle,
    reader: VirtualReader,
    backend: EmbeddedBackend,
}

impl Stage {
    fn set(data_dir: &Path, trust: &[String]) -> Result<Self, CommandError> {
        let mut issuers = trust_args::load_all(trust, true)?;
        add_test_issuers(&mut issuers)?;
        let backend = embedded(data_dir, issuers.clone())?;
        let store = open_store(data_dir, &backend)?;
        let device = store.device_public();
        let client = HttpBackend::new(HttpBackendConfig::new(backend.base_url(), backend.receipt_key, device))
            .map_err(|e| CommandError::incomplete("BACKEND_UNREACHABLE", e.to_string()))?;
        let (readers, reader) = VirtualReaders::with_reader("Madoguchi Virtual Reader");
        let ports = Ports {
            readers: Arc::new(readers),
            cameras: Arc::new(SyntheticCameras::default()),
            store: Box::new(store),
            backend: Arc::new(client),
            ui: Arc::new(NoWindow),
            clock: Arc::new(SystemClock),
            entropy: Box::new(SystemRandom::new()),
        };
        let mut config = KioskConfig::new(issuers);
        config.outbox_poll = Duration::from_millis(100);
        let kiosk = Kiosk::start(ports, config).map_err(|e| CommandError::incomplete("KIOSK_START", e.to_string()))?;
        Ok(Self { kiosk, reader, backend })
    }

    fn await_screen(&self, step: &Step) -> Option<Arc<SessionView>> {
        self.kiosk.wait_for(step.role, PATIENCE, |view| {
            screen_of(view) == step.screen && {
                let json = serde_json::to_value(view).unwrap_or_default();
                step.when.iter().all(|(pointer, wanted)| json.pointer(pointer) == Some(wanted))
            }
        })
    }

    fn act(&self, act: &Act, card: &TestCard) -> Result<(), CommandError> {
        match act {
            Act::Look(()) => {}
            Act::Card(CardAct::Insert) => {
                let card = card.place().map_err(|e| CommandError::incomplete("PROFILE_INVALID", e.to_string()))?;
                self.reader.insert_card(card);
            }
            Act::Card(CardAct::Remove) => self.reader.remove(),
            Act::Card(CardAct::PlaceAgain) => {
                self.reader.place_again();
            }
            Act::Send(intent) => {
                let mut text = intent.to_string();
                if text.contains("$MRZ") {
                    text = text.replace("$MRZ", &second_line(card)?);
                }
                let intent: UserIntent =
                    serde_json::from_str(&text).map_err(|e| CommandError::Usage(format!("no such intent: {e}")))?;
                self.kiosk.send(intent);
            }
        }
        Ok(())
    }

    /// Waits until everything is delivered and the backend has judged everything it committed.
    fn await_delivery(&self) -> bool {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let receipted = self.deliveries().iter().all(|step| step == "receipted");
            let judged = self.backend.unjudged().is_ok_and(|left| left == 0);
            if self.backend.committed().unwrap_or(0) > 0 && receipted && judged {
                return true;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        false
    }

    /// The delivery list as the teller's idle screen shows it.
    fn deliveries(&self) -> Vec<String> {
        let view = self.kiosk.view(Role::Teller).and_then(|v| serde_json::to_value(&*v).ok()).unwrap_or_default();
        let lines = view["deliveries"].as_array().cloned().unwrap_or_default();
        lines.iter().filter_map(|line| line["step"].as_str().map(str::to_owned)).collect()
    }

    fn strike(self) {
        self.kiosk.shutdown();
        self.backend.shutdown();
    }
}

fn report(stage: &Stage, screens: &[String], sealed: bool, delivered: bool, took: Duration) -> Answer {
    let committed = stage.backend.committed().unwrap_or(0);
    let alarms = stage.backend.alarms().map_or(u64::MAX, |a| u64::try_from(a.len()).unwrap_or(u64::MAX));
    let unjudged = stage.backend.unjudged().unwrap_or(u64::MAX);
    let judged = committed.saturating_sub(unjudged);
    let sound = if sealed {
        delivered && committed > 0 && unjudged == 0 && alarms == 0
    } else {
        committed == 0 && stage.deliveries().is_empty()
    };
    Answer {
        outcome: if sound { Outcome::Verified } else { Outcome::Negative },
        json: json!({ "screens": screens, "delivered": delivered, "committed": committed, "judged": judged, "verdict_alarms": alarms,
                      "ms": u64::try_from(took.as_millis()).unwrap_or(u64::MAX) }),
        text: format!(
            "{} screens, {committed} sessions committed by the backend, {judged} judged again, {alarms} verdicts it does not share, {} ms",
            screens.len(),
            took.as_millis()
        ),
    }
}

/// The embedded backend of a data folder.
fn embedded(data_dir: &Path, trust: Issuers) -> Result<EmbeddedBackend, CommandError> {
    let mut config = BackendConfig::loopback(data_dir.join("backend"), trust);
    config.enrolment = Enrolment::FirstUse;
    Backend::spawn_embedded(config).map_err(|e| CommandError::incomplete("BACKEND_START", e.to_string()))
}

fn open_store(data_dir: &Path, backend: &EmbeddedBackend) -> Result<Store, CommandError> {
    let folder: PathBuf = data_dir.join("store");
    let keys = Box::new(FileDev::new(&data_dir.join("keys")));
    let mut config =
        StoreConfig::new(folder, keys, backend.seal_key.clone(), backend.receipt_key, Box::new(SystemRandom::new()));
    // A scripted session must also run on a nearly full test machine.
    (config.min_free, config.ballast) = (0, 0);
    Store::open(config, jiff::Timestamp::now()).map_err(|e| CommandError::incomplete("STORE_CORRUPT", e.to_string()))
}

fn add_test_issuers(issuers: &mut Issuers) -> Result<(), CommandError> {
    let invalid = |error: &dyn std::fmt::Display| CommandError::incomplete("TRUST_LIST_INVALID", error.to_string());
    for (kind, file) in simulator::test_issuers().map_err(|e| invalid(&e))? {
        let Some(kind) = IssuerKind::from_name(kind) else { return Err(invalid(&kind)) };
        issuers.add_pinned(kind, &file, &MyNumberTrust::fingerprint(&file)).map_err(|e| invalid(&e))?;
    }
    Ok(())
}

/// Line 2 of the card's machine readable zone, as a person types it.
fn second_line(card: &TestCard) -> Result<String, CommandError> {
    let missing = || CommandError::Usage("the card has no machine readable zone to type".to_owned());
    let TestCard::Passport(profile) = card else { return Err(missing()) };
    let dg1 = profile.files.get("0101").ok_or_else(missing)?;
    let bytes = dg1.bytes(&profile.base).map_err(|e| CommandError::incomplete("PROFILE_INVALID", e.to_string()))?;
    let line = bytes.len().checked_sub(44).and_then(|start| bytes.get(start..)).ok_or_else(missing)?;
    String::from_utf8(line.to_vec()).map_err(|_| missing())
}

fn screen_of(view: &SessionView) -> String {
    serde_json::to_value(view).ok().and_then(|v| v["screen"].as_str().map(str::to_owned)).unwrap_or_default()
}

struct NoWindow;

impl Ui for NoWindow {
    fn show(&self, _role: Role, _view: &SessionView) {}

    fn preview(&self, _frame: Arc<Frame>) {}
}
