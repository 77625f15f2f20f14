//! Store, client and backend together over real HTTP: what is delivered is committed once, whatever happens to the replies.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use backend::{Backend, BackendConfig, EmbeddedBackend, Enrolment};
use chip_crypto::random::SystemRandom;
use jiff::Timestamp;
use kiosk::{Backend as _, DeliveryError, DeliveryState, Outgoing, ParkReason, RetryCause, SessionStore as _};
use reqwest::blocking::Client;
use session::{Accepted, DocumentChoice, ItemKind, Language, MediaType, RecordItem, SessionId};
use store::{FileDev, Store, StoreConfig};
use sync::{HttpBackend, HttpBackendConfig};
use trust::TrustStore;
use wire::api::{Problem, ProblemCode, SessionResult, Verification};
use wire::audit::{AuditInput, ChainAnswer, ContentsAnswer, Independence, audit};
use wire::{MAX_FULL_UPLOAD, Upload};

struct Branch {
    backend: EmbeddedBackend,
    store: Store,
    client: HttpBackend,
    _dir: tempfile::TempDir,
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_764_000_000 + second).unwrap()
}

fn id(number: u8) -> SessionId {
    SessionId::from_time(at(0), [number; 10])
}

fn start(dir: &Path, enrolment: Enrolment) -> EmbeddedBackend {
    let config = BackendConfig { enrolment, ..BackendConfig::loopback(dir.join("backend"), TrustStore::empty()) };
    Backend::spawn_embedded(config).unwrap()
}

fn branch() -> Branch {
    let dir = tempfile::tempdir().unwrap();
    let backend = start(dir.path(), Enrolment::Enrolled);
    let path = dir.path().join("kiosk");
    let mut config = StoreConfig::new(
        path.clone(),
        Box::new(FileDev::new(&path)),
        backend.seal_key.clone(),
        backend.receipt_key,
        Box::new(SystemRandom::new()),
    );
    config.min_free = 0;
    let store = Store::open(config, at(0)).unwrap();
    backend.enrol(&store.device_public()).unwrap();
    let client =
        HttpBackend::new(HttpBackendConfig::new(backend.base_url(), backend.receipt_key, store.device_public()))
            .unwrap();
    Branch { backend, store, client, _dir: dir }
}

fn accepted(number: u8, size: usize) -> Accepted {
    Accepted {
        id: id(number),
        opened_at: at(0),
        accepted_at: at(60),
        document: DocumentChoice::Passport,
        language: Language::Ja,
        items: vec![RecordItem {
            kind: ItemKind::FacePhoto,
            name: "face_photo".to_owned(),
            media_type: MediaType::Jpeg,
            bytes: vec![number; size],
        }],
    }
}

impl Branch {
    fn seal(&mut self, number: u8, size: usize) -> Outgoing {
        self.store.begin(id(number), at(1)).unwrap();
        self.store.accept(&accepted(number, size), at(2)).unwrap();
        self.store.next_due(at(3)).unwrap().unwrap()
    }

    fn body(&self, number: u8) -> Vec<u8> {
        self.store.upload(id(number)).unwrap().encode()
    }

    fn put(&self, path: SessionId, key: Option<SessionId>, body: Vec<u8>) -> (u16, Vec<u8>) {
        put(&self.backend.base_url(), path, key, body)
    }
}

fn put(base_url: &str, path: SessionId, key: Option<SessionId>, body: Vec<u8>) -> (u16, Vec<u8>) {
    let mut request = Client::new().put(format!("{base_url}/v1/sessions/{path}/full")).body(body);
    if let Some(key) = key {
        request = request.header("idempotency-key", key.to_string());
    }
    let response = request.send().unwrap();
    (response.status().as_u16(), response.bytes().unwrap().to_vec())
}

fn code(answer: (u16, Vec<u8>)) -> (u16, ProblemCode) {
    let problem: Problem = serde_json::from_slice(&answer.1).unwrap();
    assert_eq!(problem.status, answer.0);
    (answer.0, problem.code)
}

#[test]
fn a_session_goes_from_the_store_to_a_receipt_and_is_never_sent_again() {
    let mut branch = branch();
    let outgoing = branch.seal(1, 300_000);
    let receipt = branch.client.deliver(&outgoing).unwrap();
    assert_eq!(branch.client.deliver(&outgoing).unwrap(), receipt, "the replay is the same receipt, byte for byte");
    branch.store.confirmed(id(1), &receipt, at(4)).unwrap();
    assert_eq!(branch.store.deliveries().unwrap()[0].state, DeliveryState::Receipted);
    assert_eq!(branch.store.next_due(at(10_000)).unwrap(), None);
    assert_eq!(branch.backend.committed().unwrap(), 1);
    assert!(branch.store.verify().intact());
}

#[test]
fn a_lost_reply_is_harmless() {
    let mut branch = branch();
    let outgoing = branch.seal(1, 1000);
    let body = branch.body(1);
    let mut stream = TcpStream::connect(branch.backend.addr).unwrap();
    let head = format!(
        "PUT /v1/sessions/{0}/full HTTP/1.1\r\nhost: x\r\nidempotency-key: {0}\r\ncontent-length: {1}\r\n\r\n",
        id(1),
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&body).unwrap();
    // The reply is on its way when the line breaks.
    let mut first = [0; 1];
    stream.read_exact(&mut first).unwrap();
    drop(stream);
    branch.client.deliver(&outgoing).unwrap();
    assert_eq!(branch.backend.committed().unwrap(), 1);
}

#[test]
fn the_same_upload_at_the_same_time_is_committed_once() {
    let mut branch = branch();
    branch.seal(1, 1000);
    let (body, base_url) = (branch.body(1), branch.backend.base_url());
    let answers: Vec<(u16, Vec<u8>)> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..8).map(|_| scope.spawn(|| put(&base_url, id(1), Some(id(1)), body.clone()))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|(status, _)| *status == 201).count(), 1);
    assert!(answers.iter().all(|(status, receipt)| matches!(status, 200 | 201) && *receipt == answers[0].1));
    assert_eq!(branch.backend.committed().unwrap(), 1);
}

#[test]
fn every_refusal_is_typed() {
    let mut branch = branch();
    branch.seal(1, 1000);
    branch.seal(2, 1000);
    let body = branch.body(1);
    assert_eq!(code(branch.put(id(1), None, body.clone())), (400, ProblemCode::IdempotencyKey));
    assert_eq!(code(branch.put(id(1), Some(id(2)), body.clone())), (400, ProblemCode::IdempotencyKey));
    assert_eq!(code(branch.put(id(1), Some(id(1)), b"EKU1".to_vec())), (400, ProblemCode::Malformed));
    assert_eq!(code(branch.put(id(2), Some(id(2)), body.clone())), (422, ProblemCode::OtherSession));
    assert_eq!(code(branch.put(id(1), Some(id(1)), vec![0; MAX_FULL_UPLOAD + 1])), (413, ProblemCode::TooLarge));
    let mut upload = Upload::parse(&body).unwrap();
    let last = upload.bundle.len() - 1;
    upload.bundle[last] ^= 1;
    assert_eq!(code(branch.put(id(1), Some(id(1)), upload.encode())), (422, ProblemCode::Signature));
    assert_eq!(branch.backend.committed().unwrap(), 0);
    assert_eq!(branch.put(id(1), Some(id(1)), body).0, 201);
    let answer =
        Client::new().get(format!("{}/v1/sessions/{}/receipt", branch.backend.base_url(), id(2))).send().unwrap();
    assert_eq!(answer.status().as_u16(), 404);
    let answer =
        Client::new().get(format!("{}/v1/sessions/{}/receipt", branch.backend.base_url(), id(1))).send().unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    let answer = Client::new().get(format!("{}/v1/health", branch.backend.base_url())).send().unwrap();
    assert_eq!(answer.status().as_u16(), 204);
}

#[test]
fn another_bundle_under_the_same_id_is_a_conflict_and_changes_nothing() {
    let mut first = branch();
    let outgoing = first.seal(1, 1000);
    first.client.deliver(&outgoing).unwrap();
    // The same device key seals the same session id anew in an empty store.
    let dir = tempfile::tempdir().unwrap();
    for key in ["kek.bin", "device.p8"] {
        std::fs::copy(first._dir.path().join("kiosk").join(key), dir.path().join(key)).unwrap();
    }
    let mut config = StoreConfig::new(
        dir.path().to_owned(),
        Box::new(FileDev::new(dir.path())),
        first.backend.seal_key.clone(),
        first.backend.receipt_key,
        Box::new(SystemRandom::new()),
    );
    config.min_free = 0;
    let mut second = Store::open(config, at(0)).unwrap();
    second.begin(id(1), at(1)).unwrap();
    second.accept(&accepted(1, 2000), at(2)).unwrap();
    let other = second.next_due(at(3)).unwrap().unwrap();
    assert_eq!(first.client.deliver(&other), Err(DeliveryError::Park(ParkReason::Conflict)));
    assert_eq!(first.backend.committed().unwrap(), 1);
}

#[test]
fn an_unknown_device_is_stopped_and_a_silent_backend_is_worth_another_attempt() {
    let mut branch = branch();
    let outgoing = branch.seal(1, 1000);
    let dir = tempfile::tempdir().unwrap();
    let stranger = start(dir.path(), Enrolment::Enrolled);
    let client = |backend: &EmbeddedBackend, url: String| {
        HttpBackend::new(HttpBackendConfig::new(url, backend.receipt_key, branch.store.device_public())).unwrap()
    };
    assert_eq!(client(&stranger, stranger.base_url()).deliver(&outgoing), Err(DeliveryError::DeviceStop));
    let url = stranger.base_url();
    let dead = client(&stranger, url);
    stranger.shutdown();
    assert_eq!(dead.deliver(&outgoing), Err(DeliveryError::Retryable { cause: RetryCause::Unreachable, after: None }));
    // A receipt of another backend is no receipt.
    let dir = tempfile::tempdir().unwrap();
    let other = start(dir.path(), Enrolment::Enrolled);
    assert_eq!(
        client(&other, branch.backend.base_url()).deliver(&outgoing),
        Err(DeliveryError::Retryable { cause: RetryCause::Unsettled, after: None })
    );
}

#[test]
fn a_session_too_large_for_one_upload_is_kept_for_a_person() {
    let mut branch = branch();
    let outgoing = branch.seal(1, MAX_FULL_UPLOAD);
    assert_eq!(branch.client.deliver(&outgoing), Err(DeliveryError::Park(ParkReason::Rejected { status: 413 })));
}

#[test]
fn plain_http_beyond_loopback_is_refused() {
    let branch = branch();
    for url in ["http://bank.example", "ftp://127.0.0.1", "nonsense"] {
        let config = HttpBackendConfig::new(url.to_owned(), branch.backend.receipt_key, branch.store.device_public());
        assert!(HttpBackend::new(config).is_err(), "{url}");
    }
    let config = HttpBackendConfig::new(
        "https://bank.example".to_owned(),
        branch.backend.receipt_key,
        branch.store.device_public(),
    );
    assert!(HttpBackend::new(config).is_ok(), "TLS has a crypto provider");
}

#[test]
fn what_cannot_be_judged_again_is_an_alarm() {
    let mut branch = branch();
    let outgoing = branch.seal(1, 1000);
    branch.client.deliver(&outgoing).unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    let result = loop {
        match branch.client.session_result(id(1)).unwrap() {
            SessionResult::Done { verification } => break verification,
            SessionResult::Pending { .. } => {
                assert!(Instant::now() < deadline);
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    };
    assert!(matches!(result, Verification::Unreadable { .. }), "a session without chip evidence");
    assert_eq!(branch.backend.alarms().unwrap().len(), 1);
}

#[test]
fn the_backend_keeps_keys_and_receipts_over_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let first = start(dir.path(), Enrolment::FirstUse);
    let (seal, receipt) = (first.seal_key.id(), first.receipt_key);
    first.shutdown();
    let second = start(dir.path(), Enrolment::FirstUse);
    assert_eq!((second.seal_key.id(), second.receipt_key), (seal, receipt));
}

#[test]
fn an_auditor_gets_three_answers() {
    let mut branch = branch();
    let outgoing = branch.seal(1, 1000);
    let file = branch.body(1);
    let receipt = branch.client.deliver(&outgoing).unwrap();
    let open = wire::OpenKey::from_bytes(&std::fs::read(branch._dir.path().join("backend/open.key")).unwrap()).unwrap();

    let report = audit(&file, &AuditInput::default()).unwrap();
    assert_eq!(
        (report.chain, report.contents, report.independence),
        (ChainAnswer::Sealed, ContentsAnswer::SignatureOnly, Independence::SelfAttested)
    );
    assert!(report.sound());
    let receipt_key = branch.backend.receipt_key;
    let input = AuditInput { open_key: Some(&open), receipt: Some((&receipt, &receipt_key)), ..AuditInput::default() };
    let report = audit(&file, &input).unwrap();
    assert_eq!((report.chain, report.contents), (ChainAnswer::First, ContentsAnswer::Unaltered { items: 1 }));
    assert!(matches!(report.independence, Independence::Anchored { server_seq: 1, .. }));
    let broken = audit(&file, &AuditInput { previous_bundle: Some([1; 32]), ..input }).unwrap();
    assert_eq!(broken.chain, ChainAnswer::Broken);
    let mut changed = file.clone();
    *changed.last_mut().unwrap() ^= 1;
    let report = audit(&changed, &input).unwrap();
    assert!(matches!(report.contents, ContentsAnswer::Altered(_)) && !report.sound());
    let wrong =
        audit(&file, &AuditInput { receipt: Some((&receipt[1..], &receipt_key)), ..AuditInput::default() }).unwrap();
    assert!(matches!(wrong.independence, Independence::ReceiptInvalid(_)) && !wrong.sound());
    assert!(audit(b"nothing", &AuditInput::default()).is_err());
}
