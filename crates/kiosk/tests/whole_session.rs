//! Whole sessions through the actor, with a chip whose content is given and a clock moved by hand.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chip::ChipEvidence;
use chip::mrtd::{AccessEvidence, AccessProtocol, Counters, MrtdEvidence, MrtdFile};
use chip_crypto::random::SeededRandom;
use jiff::Timestamp;
use kiosk::testing::{GreyCamera, ManualClock, MemoryStore, OneReader, RecordingUi, ScriptedBackend};
use kiosk::{ChipDoor, DeliveryError, Kiosk, KioskConfig, KioskHandle, Ports, RetryCause, StartUp, StoreError};
use session::view::{DeliveryStep, Outcome, Screen};
use session::{
    ConsentHow, DocumentChoice, Failure, FailureCode, HumanVerdict, ItemKind, Language, Occupation, Purpose, Role,
    SessionView, UserIntent,
};
use trust::{
    Chain, ChipGenuine, ChipProof, ChipVerdict, DataSignature, DocumentKind, Finding, ForbiddenData, HolderFields,
    PrintMatch, ReadVerdict, TrustBundleInfo, TrustStore, Validity,
};

const SOON: Duration = Duration::from_secs(20);
const LINE_2: &str = "L898902C36UTO7408122F1204159ZE184226B<<<<<10";

struct Counter {
    handle: KioskHandle,
    store: MemoryStore,
    reader: OneReader,
    clock: ManualClock,
    camera: GreyCamera,
    backend: ScriptedBackend,
    ui: RecordingUi,
}

impl Drop for Counter {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

fn evidence() -> MrtdEvidence {
    MrtdEvidence {
        access: AccessEvidence {
            protocol: AccessProtocol::Bac,
            pace_advertised: false,
            pace_failure: None,
            mrz_key: None,
        },
        files: BTreeMap::from([(MrtdFile::Dg1, vec![0x61, 0]), (MrtdFile::Sod, vec![0x77, 0])]),
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
            sex: Some("F".into()),
            document_number: Some("L898902C3".into()),
            ..HolderFields::default()
        },
    }
}

fn good_chip() -> ChipDoor {
    ChipDoor { inspect: |_, _, _, _, _, _| Ok(ChipEvidence::Mrtd(evidence())), judge: |_, _, _, _| green() }
}

fn counter(chip: ChipDoor) -> Counter {
    counter_with(chip, GreyCamera::new())
}

fn counter_with(chip: ChipDoor, camera: GreyCamera) -> Counter {
    counter_on(MemoryStore::default(), chip, camera)
}

fn counter_on(store: MemoryStore, chip: ChipDoor, camera: GreyCamera) -> Counter {
    let reader = OneReader::default();
    let clock = ManualClock::new("2026-11-24T01:00:00Z".parse::<Timestamp>().unwrap());
    let (backend, ui) = (ScriptedBackend::default(), RecordingUi::default());
    let ports = Ports {
        readers: Arc::new(reader.clone()),
        cameras: Arc::new(camera.clone()),
        store: Box::new(store.clone()),
        backend: Arc::new(backend.clone()),
        ui: Arc::new(ui.clone()),
        clock: Arc::new(clock.clone()),
        entropy: Box::new(SeededRandom::new(1)),
    };
    let mut config = KioskConfig::new(TrustStore::empty());
    config.chip = chip;
    config.outbox_poll = Duration::from_millis(50);
    config.first_attempt_spread = Duration::ZERO;
    config.camera_stall = Duration::from_millis(600);
    let handle = Kiosk::start(ports, config).unwrap();
    Counter { handle, store, reader, clock, camera, backend, ui }
}

impl Counter {
    #[track_caller]
    fn until(&self, what: &str, wanted: impl Fn(&Screen) -> bool) -> Arc<SessionView> {
        let view = self.handle.wait_for(Role::Teller, SOON, |view| wanted(&view.screen));
        view.unwrap_or_else(|| {
            panic!("no {what}: {:?}", self.handle.view(Role::Teller).map(|view| view.screen.clone()))
        })
    }

    fn act(&self, intent: UserIntent) {
        self.handle.send(intent);
    }

    fn to_access_key(&self, face_photo: bool) {
        self.until("reader", |screen| matches!(screen, Screen::Idle { ready: true, .. }));
        self.act(UserIntent::Start);
        self.until("language", |screen| matches!(screen, Screen::Language { .. }));
        self.act(UserIntent::ChooseLanguage { language: Language::Vi });
        self.act(UserIntent::GiveConsent { optional: Vec::new(), face_photo, how: ConsentHow::Touch });
        self.act(UserIntent::Declare { purpose: Purpose::Salary, occupation: Occupation::Employee, own_behalf: true });
        self.act(UserIntent::ChooseDocument { document: DocumentChoice::Passport });
        self.until("key", |screen| matches!(screen, Screen::AccessKey { .. }));
    }

    fn to_chip_data(&self, face_photo: bool) {
        self.to_access_key(face_photo);
        self.act(UserIntent::EnterMrz { text: LINE_2.into() });
        self.until("card wanted", |screen| matches!(screen, Screen::AwaitCard { .. }));
        self.reader.place();
        self.until(
            "chip data",
            |screen| matches!(screen, Screen::ShowChipData { chip: Some(chip), .. } if !chip.photo_pending),
        );
        self.clock.advance(2);
        self.act(UserIntent::StaffDisplayed);
    }

    fn to_decision(&self) {
        self.to_chip_data(true);
        self.until("confirmation", |screen| matches!(screen, Screen::ConfirmData { .. }));
        self.act(UserIntent::ConfirmData);
        self.until("camera", |screen| matches!(screen, Screen::FaceCapture { .. }));
        assert!(self.handle.wait_newer(0, SOON).is_some());
        self.act(UserIntent::TakePhoto);
        self.until("photo", |screen| matches!(screen, Screen::FaceCapture { photo: Some(_), .. }));
        self.act(UserIntent::UsePhoto);
        self.until("faces", |screen| matches!(screen, Screen::FaceCompare { .. }));
        self.clock.advance(2);
        self.act(UserIntent::JudgeFace { verdict: HumanVerdict::Same });
        self.until("decision", |screen| matches!(screen, Screen::Decide { .. }));
    }
}

#[test]
fn a_session_is_accepted_sealed_delivered_and_wiped() {
    let counter = counter(good_chip());
    counter.backend.fail_next(DeliveryError::Retryable { cause: RetryCause::Unreachable, after: None });
    counter.to_decision();
    counter.act(UserIntent::Accept { residence_later: true });
    counter.until("receipt", |screen| matches!(screen, Screen::Receipt(_)));
    let accepted = counter.store.accepted().remove(0);
    let kinds: Vec<ItemKind> = accepted.items.iter().map(|item| item.kind).collect();
    for kind in
        [ItemKind::ChipFile, ItemKind::ChipTranscript, ItemKind::FacePhoto, ItemKind::Consents, ItemKind::Record]
    {
        assert!(kinds.contains(&kind), "{kind:?} is missing");
    }
    let again = session::evidence_of(&accepted.items).unwrap();
    assert_eq!(again, ChipEvidence::Mrtd(evidence()));
    counter.until(
        "retry",
        |screen| matches!(screen, Screen::Receipt(receipt) if receipt.delivery == DeliveryStep::RetryWait),
    );
    counter.clock.advance(3600);
    // The receipt screen is over by then as well.
    let wait = std::time::Instant::now();
    while counter.store.confirmed().is_empty() && wait.elapsed() < SOON {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(counter.store.confirmed(), [accepted.id]);
    counter.act(UserIntent::Finish);
    counter.until("idle", |screen| matches!(screen, Screen::Idle { .. }));
    assert!(counter.store.open().is_empty());
    assert_eq!(counter.handle.wait_newer(0, Duration::from_millis(100)).map(|frame| frame.sequence), None);
}

#[test]
fn nobody_is_shown_what_is_not_theirs() {
    let counter = counter(good_chip());
    counter.to_decision();
    for (role, view) in counter.ui.shown() {
        let json = format!("{:?}{}", role, serde_json::to_string(&view).unwrap());
        assert!(!json.contains("L898902C3"), "the whole document number on a screen");
        assert!(!json.contains(LINE_2), "the key on a screen");
        assert!(!json.contains("\"sex\""), "sex on a screen");
        if role == Role::Customer {
            assert!(!json.contains("chip_genuine"), "the verdict before the customer");
            assert!(!json.contains("\"number\":4"), "a code number before the customer");
        }
    }
}

#[test]
fn stopping_erases_everything_from_every_screen() {
    let counter = counter(good_chip());
    counter.to_decision();
    counter.act(UserIntent::Stop);
    counter.until("wiped", |screen| matches!(screen, Screen::Wiping { outcome: Outcome::Aborted, done: true }));
    assert!(counter.store.accepted().is_empty() && counter.store.open().is_empty());
    counter.clock.advance(20);
    counter.handle.tick();
    counter.until("idle", |screen| matches!(screen, Screen::Idle { .. }));
}

#[test]
fn a_full_disk_keeps_the_decision_open() {
    let counter = counter(good_chip());
    counter.to_decision();
    counter.store.fail_next(StoreError::Full);
    counter.act(UserIntent::Accept { residence_later: true });
    let view = counter.handle.wait_for(Role::Teller, SOON, |view| {
        view.head.message.as_ref().is_some_and(|message| message.key == "failure.STORE_FULL")
    });
    assert!(matches!(view.unwrap().screen, Screen::Decide { .. }));
    counter.act(UserIntent::Accept { residence_later: true });
    counter.until("receipt", |screen| matches!(screen, Screen::Receipt(_)));
    // The outbox may have delivered it already.
    assert_eq!(counter.store.accepted().len().max(counter.store.confirmed().len()), 1);
}

#[test]
fn a_full_disk_at_the_start_is_said_and_nothing_begins() {
    let counter = counter(good_chip());
    counter.until("reader", |screen| matches!(screen, Screen::Idle { ready: true, .. }));
    counter.store.fail_next(StoreError::Full);
    counter.act(UserIntent::Start);
    let view = counter
        .until("failure", |screen| matches!(screen, Screen::Wiping { outcome: Outcome::TechnicalFailure, done: true }));
    assert_eq!(view.head.message.as_ref().map(|message| message.key.as_str()), Some("failure.STORE_FULL"));
}

#[test]
fn a_store_that_was_changed_behind_its_back_is_said_and_nothing_begins() {
    for (found, code) in [
        (StartUp::Rollback, "STORE_ROLLBACK"),
        (StartUp::Fork, "STORE_FORK"),
        (StartUp::RowMissing, "STORE_ROW_MISSING"),
        (StartUp::RowExtra, "STORE_ROW_EXTRA"),
        (StartUp::RowChanged, "STORE_ROW_CHANGED"),
        (StartUp::MacBad, "STORE_MAC_BAD"),
    ] {
        let store = MemoryStore::default();
        store.found_at_start(found);
        let counter = counter_on(store, good_chip(), GreyCamera::new());
        counter.until("closed counter", |screen| match screen {
            Screen::Idle { ready, devices, .. } => {
                !ready
                    && devices.failures.iter().any(|failure| failure.name == code && failure.remedy == "call_operator")
            }
            _ => false,
        });
    }
    let store = MemoryStore::default();
    store.found_at_start(StartUp::HeadAhead);
    let counter = counter_on(store, good_chip(), GreyCamera::new());
    counter.until("open counter", |screen| matches!(screen, Screen::Idle { ready: true, .. }));
}

#[test]
fn a_device_the_backend_stops_keeps_its_session_and_says_so() {
    let counter = counter(good_chip());
    counter.backend.fail_next(DeliveryError::DeviceStop);
    counter.to_decision();
    counter.act(UserIntent::Accept { residence_later: true });
    counter.until("receipt", |screen| matches!(screen, Screen::Receipt(_)));
    counter.act(UserIntent::Finish);
    counter.until("stopped device", |screen| match screen {
        Screen::Idle { deliveries, devices, .. } => {
            deliveries.len() == 1 && devices.failures.iter().any(|failure| failure.name == "DEVICE_STOPPED")
        }
        _ => false,
    });
    assert_eq!(counter.store.accepted().len(), 1);
    counter.clock.advance(900);
    counter.until("delivery", |screen| match screen {
        Screen::Idle { deliveries, devices, .. } => deliveries.is_empty() && devices.failures.is_empty(),
        _ => false,
    });
    assert_eq!(counter.store.confirmed().len(), 1);
}

#[test]
fn three_wrong_keys_lead_to_another_document() {
    let wrong = |_: &mut dyn apdu::Card,
                 _: session::ChipKey,
                 _: &chip::mrtd::InspectPlan,
                 _: &mut dyn chip_crypto::random::SecureRandom,
                 _: &mut dyn FnMut(session::ReadProgress),
                 _: &mut kiosk::Beside<'_>|
     -> Result<ChipEvidence, Failure> { Err(FailureCode::AccessKeyMrzMismatch.into()) };
    let counter = counter(ChipDoor { inspect: wrong, judge: |_, _, _, _| green() });
    counter.to_access_key(true);
    counter.reader.place();
    for left in [2, 1] {
        counter.act(UserIntent::EnterMrz { text: LINE_2.into() });
        let view = counter
            .until("key", |screen| matches!(screen, Screen::AccessKey { attempts_left, .. } if *attempts_left == left));
        assert_eq!(view.head.message.as_ref().unwrap().key, "failure.ACCESS_KEY_MRZ_MISMATCH");
    }
    counter.act(UserIntent::EnterMrz { text: LINE_2.into() });
    let view = counter.until("choice", |screen| matches!(screen, Screen::ChooseDocument { .. }));
    assert_eq!(view.head.message.as_ref().unwrap().key, "failure.ACCESS_KEY_TRIES_USED");
}

#[test]
fn a_panic_while_reading_is_a_failure_not_a_hang() {
    let counter = counter(ChipDoor { inspect: |_, _, _, _, _, _| panic!("on purpose"), judge: |_, _, _, _| green() });
    counter.to_access_key(true);
    counter.reader.place();
    counter.act(UserIntent::EnterMrz { text: LINE_2.into() });
    let view = counter.until("failure", |screen| matches!(screen, Screen::AwaitCard { can_retry: true, .. }));
    assert_eq!(view.head.message.as_ref().unwrap().key, "failure.READER_FAULT");
}

#[test]
fn a_red_verdict_can_only_end_without_acceptance() {
    let red =
        || ChipVerdict { data_signature: DataSignature::Invalid, findings: vec![Finding::SodSigInvalid], ..green() };
    let counter = counter(ChipDoor {
        inspect: good_chip().inspect,
        judge: |_, _, _, _| ChipVerdict {
            data_signature: DataSignature::Invalid,
            findings: vec![Finding::SodSigInvalid],
            ..green()
        },
    });
    assert_eq!(red().level(), trust::Level::Red);
    counter.to_chip_data(true);
    let view = counter.until("decision", |screen| matches!(screen, Screen::Decide { .. }));
    let Screen::Decide { decision: Some(decision) } = &view.screen else { panic!("staff see the decision") };
    assert!(!decision.can_accept);
    counter.act(UserIntent::Accept { residence_later: true });
    counter.act(UserIntent::Paper);
    counter.until("wiped", |screen| matches!(screen, Screen::Wiping { outcome: Outcome::PaperFallback, .. }));
    assert!(counter.store.accepted().is_empty());
}

#[test]
fn without_a_camera_staff_compare_by_eye() {
    let counter = counter_with(good_chip(), GreyCamera::absent());
    counter.to_chip_data(true);
    counter.until("confirmation", |screen| matches!(screen, Screen::ConfirmData { .. }));
    counter.act(UserIntent::ConfirmData);
    counter.until("no camera", |screen| {
        matches!(screen, Screen::FaceCapture { devices, .. } if devices.failures.iter().any(|code| code.name == "CAMERA_MISSING"))
    });
    counter.act(UserIntent::SkipFace);
    counter.until("faces", |screen| matches!(screen, Screen::FaceCompare { faces: Some(faces) } if faces.skipped));
}

#[test]
fn a_silent_camera_is_opened_again_and_then_given_up() {
    let counter = counter(good_chip());
    counter.camera.silent_after(5);
    counter.to_chip_data(true);
    counter.until("confirmation", |screen| matches!(screen, Screen::ConfirmData { .. }));
    counter.act(UserIntent::ConfirmData);
    counter.until("stalled camera", |screen| {
        matches!(screen, Screen::FaceCapture { devices, .. } if devices.failures.iter().any(|code| code.name == "CAMERA_STALLED"))
    });
}
