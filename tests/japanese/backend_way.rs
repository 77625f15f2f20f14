//! The backend: sealed evidence delivered over HTTP, opened and judged by its verify worker. One backend for each set of issuers.

use std::time::{Duration, Instant};

use backend::{Backend, BackendConfig, EmbeddedBackend, Enrolment};
use chip::ChipEvidence;
use chip_crypto::device_key::DeviceKey;
use chip_crypto::random::SystemRandom;
use kiosk::{Backend as _, SessionStore as _};
use session::{Accepted, DocumentChoice, ItemKind, Language, MediaType, RecordItem, SessionId};
use store::MemoryStore;
use sync::{HttpBackend, HttpBackendConfig};
use trust::ChipVerdict;
use wire::api::{SessionResult, Verification};

use crate::rows::Row;
use crate::{Said, core_way, tag};

/// The backends that were needed so far, by what they believe.
#[derive(Default)]
pub struct Server(Vec<((bool, bool), One)>);

struct One {
    backend: EmbeddedBackend,
    store: MemoryStore,
    client: HttpBackend,
    _dir: tempfile::TempDir,
}

impl Server {
    pub fn start() -> Self {
        Self::default()
    }

    /// Seals, delivers and waits for the backend's own verdict.
    pub fn judge(&mut self, number: usize, row: &Row, evidence: &ChipEvidence, verdict: &ChipVerdict) -> Said {
        let believed = (row.trusted, core_way::signs(&row.key));
        let at = match self.0.iter().position(|(known, _)| *known == believed) {
            Some(at) => at,
            None => {
                self.0.push((believed, One::start(row)));
                self.0.len() - 1
            }
        };
        let (_, one) = &mut self.0[at];
        match one.judged(&accepted(number, row, evidence, verdict)) {
            Verification::Agrees { codes, level } => Said::of(&codes, &level),
            Verification::Diverges { codes, kiosk_codes, .. } => {
                Said::refused(&format!("diverges: {codes:?} here, {kiosk_codes:?} there"))
            }
            Verification::Unreadable { reason } => Said::refused(&format!("unreadable: {reason}")),
        }
    }
}

impl One {
    fn start(row: &Row) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let config = BackendConfig::loopback(dir.path().to_owned(), core_way::issuers(row));
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

fn accepted(number: usize, row: &Row, evidence: &ChipEvidence, verdict: &ChipVerdict) -> Accepted {
    let mut items = session::items_of(evidence).expect("evidence is written down");
    items.push(RecordItem {
        kind: ItemKind::Verdict,
        name: "verdict".to_owned(),
        media_type: MediaType::Json,
        bytes: serde_json::to_vec(verdict).expect("JSON"),
    });
    let at = row.at.parse().expect("a time");
    Accepted {
        id: SessionId::from_time(at, [tag(number); 10]),
        opened_at: at,
        accepted_at: at,
        document: DocumentChoice::of(verdict.document),
        language: Language::Ja,
        items,
    }
}
