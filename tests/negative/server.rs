//! The backend: sealed bundles delivered over HTTP, opened and judged by its verify worker.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use backend::{Backend, BackendConfig, EmbeddedBackend, Enrolment};
use chip::ChipEvidence;
use chip::mrtd::MrtdEvidence;
use chip_crypto::device_key::DeviceKey;
use chip_crypto::random::SystemRandom;
use kiosk::{Backend as _, SessionStore as _};
use session::{Accepted, DocumentChoice, ItemKind, Language, MediaType, RecordItem, SessionId};
use store::MemoryStore;
use sync::{HttpBackend, HttpBackendConfig};
use trust::ChipVerdict;
use wire::api::{SessionResult, Verification};

use crate::case::Cell;
use crate::core;
use crate::made::Made;

/// One backend for each set of trust data, each with a device that delivers to it.
#[derive(Default)]
pub struct Servers(HashMap<Vec<Vec<u8>>, Server>);

struct Server {
    backend: EmbeddedBackend,
    store: MemoryStore,
    client: HttpBackend,
    _dir: tempfile::TempDir,
}

impl Servers {
    /// Seals, delivers and waits for the backend's own verdict.
    pub fn run(&mut self, number: u8, made: &Made, evidence: &MrtdEvidence, verdict: &ChipVerdict) -> Cell {
        let server = self.0.entry(made.trust.clone()).or_insert_with(|| Server::start(&made.trust));
        let accepted = accepted(number, made, evidence, verdict);
        match server.judged(&accepted) {
            Verification::Agrees { codes, .. } => Cell::Code(core::deciding(&codes)),
            Verification::Diverges { codes, kiosk_codes, .. } => {
                Cell::Code(format!("diverges: {codes:?} here, {kiosk_codes:?} there"))
            }
            Verification::Unreadable { reason } => Cell::Code(format!("unreadable: {reason}")),
        }
    }
}

impl Server {
    fn start(trust: &[Vec<u8>]) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let config = BackendConfig::loopback(dir.path().to_owned(), core::store(trust));
        let backend = Backend::spawn_embedded(BackendConfig { enrolment: Enrolment::FirstUse, ..config })
            .expect("the backend starts");
        let device = DeviceKey::from_pkcs8(&DeviceKey::generate_pkcs8().expect("a key")).expect("a key");
        let config = HttpBackendConfig::new(backend.base_url(), backend.receipt_key, device.public());
        let client = HttpBackend::new(config).expect("a client");
        let store =
            MemoryStore::new(device, backend.seal_key.clone(), backend.receipt_key, Box::new(SystemRandom::new()));
        Self { backend, store, client, _dir: dir }
    }

    fn judged(&mut self, accepted: &Accepted) -> Verification {
        let now = accepted.accepted_at;
        self.store.begin(accepted.id, now).expect("begun");
        self.store.accept(accepted, now).expect("sealed");
        let outgoing = self.store.next_due(now).expect("a store").expect("something to deliver");
        let delivered = self.client.deliver(&outgoing).expect("delivered");
        self.store.confirmed(accepted.id, &delivered, now).expect("the receipt covers it");
        let started = Instant::now();
        while self.backend.unjudged().expect("a ledger") > 0 {
            assert!(started.elapsed() < Duration::from_secs(20), "not judged");
            std::thread::sleep(Duration::from_millis(2));
        }
        match self.backend.result(accepted.id.as_bytes()).expect("a ledger") {
            Some(SessionResult::Done { verification }) => verification,
            other => panic!("judged and yet {other:?}"),
        }
    }
}

/// What a session leaves behind, as far as the backend judges it.
fn accepted(number: u8, made: &Made, evidence: &MrtdEvidence, verdict: &ChipVerdict) -> Accepted {
    let item =
        |kind: ItemKind, name: &str, media_type, bytes| RecordItem { kind, name: name.to_owned(), media_type, bytes };
    let mut items: Vec<RecordItem> = evidence
        .files
        .iter()
        .map(|(file, bytes)| item(ItemKind::ChipFile, file.name(), MediaType::Bytes, bytes.clone()))
        .collect();
    let rest = ChipEvidence::Mrtd(MrtdEvidence { files: BTreeMap::new(), ..evidence.clone() });
    let rest = serde_json::to_vec(&rest).expect("JSON");
    items.push(item(ItemKind::ChipTranscript, "chip_transcript", MediaType::Json, rest));
    items.push(item(ItemKind::Verdict, "verdict", MediaType::Json, serde_json::to_vec(verdict).expect("JSON")));
    let at = core::time(made.at);
    Accepted {
        id: SessionId::from_time(at, [number; 10]),
        opened_at: at,
        accepted_at: at,
        document: DocumentChoice::Passport,
        language: Language::Ja,
        items,
    }
}
