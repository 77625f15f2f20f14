//! A counter served by a script: the kiosk's own actor, the real store in real files, the real HTTP client. Chip and verdict are given.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chip::mrtd::{AccessEvidence, AccessProtocol, Counters, MrtdEvidence, MrtdFile};
use chip_crypto::random::SystemRandom;
use jiff::Timestamp;
use kiosk::testing::{GreyCamera, ManualClock, OneReader};
use kiosk::{ChipDoor, Kiosk, KioskConfig, KioskHandle, Ports, Ui};
use session::view::Screen;
use session::{ConsentHow, DocumentChoice, HumanVerdict, Language, Occupation, Purpose, Role, SessionView, UserIntent};
use store::{FileDev, Store, StoreConfig};
use sync::{HttpBackend, HttpBackendConfig};
use trust::{
    Chain, ChipGenuine, ChipProof, ChipVerdict, DataSignature, DocumentKind, ForbiddenData, HolderFields, PrintMatch,
    ReadVerdict, TrustBundleInfo, TrustStore, Validity,
};
use wire::{ReceiptVerifyKey, SealKey};

/// Longest wait for a screen.
pub const SOON: Duration = Duration::from_secs(20);
/// Size of a chip's portrait file.
const PORTRAIT: usize = 120_000;

/// Where sessions go.
#[derive(Clone)]
pub struct Destination {
    pub url: String,
    pub seal_key: SealKey,
    pub receipt_key: ReceiptVerifyKey,
}

impl Destination {
    pub fn of(backend: &backend::EmbeddedBackend) -> Self {
        Self { url: backend.base_url(), seal_key: backend.seal_key.clone(), receipt_key: backend.receipt_key }
    }
}

/// The store's settings: real files, no minimum of free space.
pub fn store_config(dir: &Path, to: &Destination) -> StoreConfig {
    let keys = Box::new(FileDev::new(&dir.join("keys")));
    let random = Box::new(SystemRandom::new());
    let mut config = StoreConfig::new(dir.join("store"), keys, to.seal_key.clone(), to.receipt_key, random);
    config.min_free = 0;
    config.ballast = 0;
    config
}

/// A client that gives up soon.
pub fn client(store: &Store, to: &Destination) -> HttpBackend {
    let mut config = HttpBackendConfig::new(to.url.clone(), to.receipt_key, store.device_public());
    config.connect_timeout = Duration::from_millis(500);
    config.timeout = Duration::from_millis(700);
    HttpBackend::new(config).expect("a client for loopback")
}

/// A running kiosk and the people at it.
pub struct Counter {
    pub handle: KioskHandle,
    pub clock: ManualClock,
    reader: OneReader,
}

impl Counter {
    pub fn open(dir: &Path, to: &Destination, now: Timestamp, ui: Arc<dyn Ui>) -> Self {
        Self::open_with(store_config(dir, to), to, now, ui)
    }

    pub fn open_with(config: StoreConfig, to: &Destination, now: Timestamp, ui: Arc<dyn Ui>) -> Self {
        let store = Store::open(config, now).expect("the store opens");
        let (reader, clock) = (OneReader::default(), ManualClock::new(now));
        let ports = Ports {
            readers: Arc::new(reader.clone()),
            cameras: Arc::new(GreyCamera::absent()),
            backend: Arc::new(client(&store, to)),
            store: Box::new(store),
            ui,
            clock: Arc::new(clock.clone()),
            entropy: Box::new(SystemRandom::new()),
        };
        let mut config = KioskConfig::new(TrustStore::empty());
        config.chip = ChipDoor {
            inspect: |_, _, _, _, _, _| Ok(chip::ChipEvidence::Mrtd(evidence())),
            judge: |_, _, _, _| green(),
        };
        config.outbox_poll = Duration::from_millis(20);
        config.first_attempt_spread = Duration::ZERO;
        Self { handle: Kiosk::start(ports, config).expect("the kiosk starts"), clock, reader }
    }

    /// One session up to the open decision.
    pub fn to_decision(&self) {
        self.until("reader", |screen| matches!(screen, Screen::Idle { ready: true, .. }));
        self.act(UserIntent::Start);
        self.until("language", |screen| matches!(screen, Screen::Language { .. }));
        self.act(UserIntent::ChooseLanguage { language: Language::Vi });
        self.act(UserIntent::GiveConsent { optional: Vec::new(), face_photo: false, how: ConsentHow::Touch });
        self.act(UserIntent::Declare { purpose: Purpose::Salary, occupation: Occupation::Employee, own_behalf: true });
        self.act(UserIntent::ChooseDocument { document: DocumentChoice::Passport });
        self.act(UserIntent::EnterMrz { text: "L898902C36UTO7408122F1204159ZE184226B<<<<<10".into() });
        self.until("card wanted", |screen| matches!(screen, Screen::AwaitCard { .. }));
        self.reader.place();
        self.until(
            "chip data",
            |screen| matches!(screen, Screen::ShowChipData { chip: Some(chip), .. } if !chip.photo_pending),
        );
        self.clock.advance(2);
        self.act(UserIntent::StaffDisplayed);
        self.act(UserIntent::ConfirmData);
        self.until("faces", |screen| matches!(screen, Screen::FaceCompare { .. }));
        self.clock.advance(2);
        self.act(UserIntent::JudgeFace { verdict: HumanVerdict::Same });
        self.until("decision", |screen| matches!(screen, Screen::Decide { .. }));
    }

    pub fn accept(&self) {
        self.act(UserIntent::Accept { residence_later: true });
    }

    /// From the receipt back to the empty counter.
    pub fn leave(&self) {
        self.until("receipt", |screen| matches!(screen, Screen::Receipt(_)));
        self.reader.lift();
        self.act(UserIntent::Finish);
        self.until("idle", |screen| matches!(screen, Screen::Idle { .. }));
    }

    #[track_caller]
    pub fn until(&self, what: &str, wanted: impl Fn(&Screen) -> bool) -> Arc<SessionView> {
        let view = self.handle.wait_for(Role::Teller, SOON, |view| wanted(&view.screen));
        view.unwrap_or_else(|| {
            panic!("no {what}: {:?}", self.handle.view(Role::Teller).map(|view| view.screen.clone()))
        })
    }

    pub fn act(&self, intent: UserIntent) {
        self.handle.send(intent);
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

/// A surface nobody looks at.
pub struct NoWindow;

impl Ui for NoWindow {
    fn show(&self, _: Role, _: &SessionView) {}

    fn preview(&self, _: Arc<kiosk::Frame>) {}
}

fn evidence() -> MrtdEvidence {
    MrtdEvidence {
        access: AccessEvidence {
            protocol: AccessProtocol::Bac,
            pace_advertised: false,
            pace_failure: None,
            mrz_key: None,
        },
        files: BTreeMap::from([
            (MrtdFile::Dg1, vec![0x61, 0]),
            (MrtdFile::Dg2, vec![0x75; PORTRAIT]),
            (MrtdFile::Sod, vec![0x77, 0]),
        ]),
        absent: BTreeMap::new(),
        active: None,
        active_refused: None,
        chip: None,
        mapping: None,
        counters: Counters::default(),
    }
}

fn green() -> ChipVerdict {
    ChipVerdict {
        document: DocumentKind::Passport,
        read: ReadVerdict::Ok,
        data_signature: DataSignature::Valid,
        chain: Chain::Trusted,
        chip_genuine: ChipGenuine::Proven { method: ChipProof::ChipAuthentication },
        print_match: PrintMatch::NotChecked,
        validity: Validity::InDate,
        forbidden_data: ForbiddenData::NoneSeen,
        trust_bundle: TrustBundleInfo { version: "test".into(), built_at: None, age_days: None, stale: false },
        algorithm: Some("secp384r1/SHA-384".into()),
        findings: Vec::new(),
        checks: Vec::new(),
        fields: HolderFields {
            surname: Some("ERIKSSON".into()),
            given_names: Some("ANNA MARIA".into()),
            birth_date: Some("1974-08-12".into()),
            document_number: Some("L898902C3".into()),
            ..HolderFields::default()
        },
    }
}
