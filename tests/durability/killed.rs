//! SIGKILL at random moments around acceptance (security specification §7): after the restart each session is there whole or not at
//! all; one that was acknowledged is there; and the backend ends with exactly one of each.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use backend::{Backend, BackendConfig, Enrolment};
use chip_crypto::random::{SecureRandom as _, SeededRandom, SystemRandom};
use jiff::Timestamp;
use kiosk::{Backend as _, DeliveryState, SessionStore as _, Ui};
use session::view::Screen;
use session::{Role, SessionView};
use store::{FileDev, Store, verify_dir};
use trust::TrustStore;
use wire::{ReceiptVerifyKey, SealKey};

use crate::counter::{Counter, Destination, SOON, client, store_config};

const KILLS: u32 = 50;
/// Sessions a kiosk that nobody kills serves.
const UNDISTURBED: usize = 3;

/// Folder, address, seal key, receipt key, clock: how the killed process is told what to do.
const ORDER: &str = "MADOGUCHI_TEST_ACCEPTING";

/// The kiosk that is killed: it serves one session after the other and says on standard output what its customer was told. Without
/// an order it serves a few to the end, and they are all there.
#[test]
fn an_accepting_kiosk() {
    if let Ok(order) = std::env::var(ORDER) {
        let parts: Vec<&str> = order.split('|').collect();
        let [dir, url, seal_key, receipt_key, now] = parts[..] else { panic!("an order has five parts") };
        let to = Destination {
            url: url.to_owned(),
            seal_key: SealKey::from_bytes(&bytes(seal_key)).unwrap(),
            receipt_key: ReceiptVerifyKey::from_bytes(&bytes(receipt_key)).unwrap(),
        };
        serve(Path::new(dir), &to, now.parse().unwrap(), usize::MAX);
    }
    let dir = tempfile::tempdir().unwrap();
    let backend = embedded(dir.path());
    let to = Destination::of(&backend);
    let now = Timestamp::now();
    serve(dir.path(), &to, now, UNDISTURBED);
    let store = Store::open(store_config(dir.path(), &to), now).unwrap();
    assert_eq!(store.deliveries().unwrap().len(), UNDISTURBED);
}

fn serve(dir: &Path, to: &Destination, now: Timestamp, sessions: usize) {
    // The test harness has begun a line of its own.
    let _ = writeln!(std::io::stdout());
    let counter = Counter::open(dir, to, now, Arc::new(Aloud));
    for _ in 0..sessions {
        counter.to_decision();
        counter.accept();
        counter.leave();
    }
}

/// Says on standard output what the customer's surface says, the moment it says it.
struct Aloud;

impl Ui for Aloud {
    fn show(&self, role: Role, view: &SessionView) {
        if role != Role::Customer {
            return;
        }
        let mut out = std::io::stdout().lock();
        if matches!(view.screen, Screen::Sealing) {
            let _ = writeln!(out, "sealing");
        }
        if let Screen::Receipt(receipt) = &view.screen {
            let _ = writeln!(out, "acknowledged {}", receipt.short_id);
        }
    }

    fn preview(&self, _: Arc<kiosk::Frame>) {}
}

#[test]
fn fifty_kills_around_acceptance_lose_nothing_and_double_nothing() {
    let seed = std::env::var("MADOGUCHI_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or_else(|| {
        let mut bytes = [0; 8];
        SystemRandom::new().fill(&mut bytes).unwrap();
        u64::from_be_bytes(bytes)
    });
    eprintln!("MADOGUCHI_SEED={seed}");
    let mut random = SeededRandom::new(seed);
    let mut below = move |limit: u64| {
        let mut bytes = [0; 8];
        random.fill(&mut bytes).unwrap();
        u64::from_be_bytes(bytes) % limit
    };
    let dir = tempfile::tempdir().unwrap();
    let backend = embedded(dir.path());
    let to = Destination::of(&backend);
    let mut now = Timestamp::now();
    let (mut acknowledged, mut unacknowledged) = (BTreeSet::new(), 0);
    // From "sealing" to "acknowledged", as seen so far: kills are spread over a little more than that.
    let mut window = Duration::from_millis(20);
    for kill in 0..KILLS {
        let mut kiosk = Accepting::start(dir.path(), &to, now);
        for _ in 0..below(2) {
            let sealing = kiosk.until("sealing");
            window = window.max(kiosk.until("acknowledged") - sealing).min(Duration::from_millis(300));
        }
        kiosk.until("sealing");
        std::thread::sleep(window.mul_f64(1.3 * below(1000) as f64 / 1000.0));
        let said = kiosk.kill();
        let (sealing, told) = (said.iter().filter(|line| *line == "sealing").count(), told(&said));
        unacknowledged += sealing - told.len();
        acknowledged.extend(told);

        // Every kiosk is started later than the last one ended; its own clock went on with each session.
        now = now.checked_add(jiff::SignedDuration::from_mins(10)).unwrap();
        let report = verify_dir(&dir.path().join("store"), &FileDev::new(&dir.path().join("keys"))).unwrap();
        assert!(report.intact(), "kill {kill}: {report:?}");
        let store = Store::open(store_config(dir.path(), &to), now).unwrap();
        assert!(store.start_up().sound(), "kill {kill}: {:?}", store.start_up());
        let kept: BTreeSet<String> = store.deliveries().unwrap().iter().map(|row| row.id.short()).collect();
        let lost: Vec<_> = acknowledged.difference(&kept).collect();
        assert!(lost.is_empty(), "kill {kill}: acknowledged and lost: {lost:?}");
        assert_eq!(store.verify().sessions[0], 0, "kill {kill}: a draft survived");
    }
    eprintln!("{} acknowledged; {unacknowledged} of {KILLS} kills between sealing and telling", acknowledged.len());
    assert!(unacknowledged >= 5, "the kills missed acceptance: {unacknowledged}");

    let mut store = Store::open(store_config(dir.path(), &to), now).unwrap();
    let http = client(&store, &to);
    let later = now.checked_add(jiff::SignedDuration::from_hours(2)).unwrap();
    while let Some(outgoing) = store.next_due(later).unwrap() {
        let receipt = http.deliver(&outgoing).unwrap();
        store.confirmed(outgoing.id, &receipt, later).unwrap();
    }
    let rows = store.deliveries().unwrap();
    assert!(rows.iter().all(|row| row.state == DeliveryState::Receipted), "{rows:?}");
    let kept: BTreeSet<_> = rows.iter().map(|row| row.id.short()).collect();
    assert!(acknowledged.is_subset(&kept));
    assert_eq!(backend.committed().unwrap(), rows.len() as u64, "one of each, and nothing else");
    for row in &rows {
        assert!(backend.result(row.id.as_bytes()).unwrap().is_some(), "{} is not at the backend", row.id);
    }
    assert!(store.verify().intact());
}

fn embedded(dir: &Path) -> backend::EmbeddedBackend {
    let mut config = BackendConfig::loopback(dir.join("backend"), TrustStore::empty());
    config.enrolment = Enrolment::FirstUse;
    Backend::spawn_embedded(config).unwrap()
}

fn told(said: &[String]) -> BTreeSet<String> {
    said.iter().filter_map(|line| line.strip_prefix("acknowledged ")).map(str::to_owned).collect()
}

/// A kiosk in a process of its own.
struct Accepting {
    child: Child,
    lines: Receiver<(Instant, String)>,
    said: Vec<String>,
    log: PathBuf,
}

impl Accepting {
    fn start(dir: &Path, to: &Destination, now: Timestamp) -> Self {
        let log = dir.join("accepting.log");
        let keys = [hex(&to.seal_key.to_bytes()), hex(&to.receipt_key.to_bytes())];
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["killed::an_accepting_kiosk", "--exact", "--nocapture", "--test-threads=1"])
            .env(ORDER, format!("{}|{}|{}|{}|{now}", dir.display(), to.url, keys[0], keys[1]))
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (say, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _ = say.send((Instant::now(), line));
            }
        });
        Self { child, lines, said: Vec::new(), log }
    }

    /// Waits for a line that begins so.
    fn until(&mut self, start: &str) -> Instant {
        loop {
            match self.lines.recv_timeout(SOON) {
                Ok((at, line)) => {
                    let found = line.starts_with(start);
                    self.said.push(line);
                    if found {
                        return at;
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    let log = std::fs::read_to_string(&self.log).unwrap_or_default();
                    panic!("no {start:?} after {:?}: {log}", self.said);
                }
            }
        }
    }

    /// SIGKILL, and everything it said before.
    fn kill(&mut self) -> Vec<String> {
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.code().is_none(), "it ended by itself: {status}");
        self.said.extend(self.lines.iter().map(|(_, line)| line));
        std::mem::take(&mut self.said)
    }
}

impl Drop for Accepting {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}
