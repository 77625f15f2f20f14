//! The backend judges the raw bytes again: it comes to the kiosk's verdict when that is what the bytes say, and raises an alarm when not.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use apdu::{Card, CommandApdu, ResponseApdu, TransportError};
use backend::{Backend, BackendConfig, EmbeddedBackend, Enrolment};
use chip::ChipEvidence;
use chip::mrtd::{AccessKey, InspectPlan, MrtdEvidence, dg1, inspect};
use chip_crypto::device_key::DeviceKey;
use chip_crypto::random::{SeededRandom, SystemRandom};
use jiff::Timestamp;
use kiosk::{Backend as _, SessionStore as _};
use session::{Accepted, DocumentChoice, ItemKind, Language, MediaType, RecordItem, SessionId};
use simulator::SimulatedCard;
use simulator::issuer::{PassportPlan, PkiPlan, TestPki};
use store::MemoryStore;
use sync::{HttpBackend, HttpBackendConfig};
use trust::{ChipVerdict, TrustStore};
use wire::api::{SessionResult, Verification};

struct Plain(Box<dyn SimulatedCard>);

impl Card for Plain {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        self.0.transmit(command)
    }
}

fn now() -> Timestamp {
    "2026-11-24T00:00:00Z".parse().unwrap()
}

fn issuer() -> TrustStore {
    let pki = TestPki::generate(&PkiPlan::default()).unwrap();
    let mut store = TrustStore::empty();
    store.add(trust::import(pki.csca_certificate()).unwrap());
    store
}

/// A passport of the test issuer, read from the simulated chip.
fn read() -> MrtdEvidence {
    let profile = TestPki::generate(&PkiPlan::default()).unwrap().issue(&PassportPlan::default()).unwrap();
    let key = AccessKey::Mrz(dg1::parse(&profile.files["0101"].bytes(&profile.base).unwrap()).unwrap().key());
    let card = Plain(simulator::place(&profile).unwrap());
    inspect(card, &key, &InspectPlan::default(), &mut SeededRandom::new(7), &mut |_| ()).unwrap()
}

fn judge(evidence: &MrtdEvidence) -> ChipVerdict {
    trust::judge_mrtd(evidence, &issuer(), now())
}

/// The items of a session with this evidence and this verdict.
fn accepted(evidence: &MrtdEvidence, verdict: &ChipVerdict) -> Accepted {
    let item =
        |kind: ItemKind, name: &str, media_type, bytes| RecordItem { kind, name: name.to_owned(), media_type, bytes };
    let mut items: Vec<RecordItem> = evidence
        .files
        .iter()
        .map(|(file, bytes)| item(ItemKind::ChipFile, file.name(), MediaType::Bytes, bytes.clone()))
        .collect();
    let rest = ChipEvidence::Mrtd(MrtdEvidence { files: BTreeMap::new(), ..evidence.clone() });
    items.push(item(ItemKind::ChipTranscript, "chip_transcript", MediaType::Json, serde_json::to_vec(&rest).unwrap()));
    items.push(item(ItemKind::Verdict, "verdict", MediaType::Json, serde_json::to_vec(verdict).unwrap()));
    Accepted {
        id: SessionId::from_time(now(), [1; 10]),
        opened_at: now(),
        accepted_at: now(),
        document: DocumentChoice::Passport,
        language: Language::Ja,
        items,
    }
}

fn start(dir: &std::path::Path, trust: TrustStore) -> EmbeddedBackend {
    let config = BackendConfig { enrolment: Enrolment::FirstUse, ..BackendConfig::loopback(dir.to_owned(), trust) };
    Backend::spawn_embedded(config).unwrap()
}

/// Seals, delivers, and waits for the backend's own verdict.
fn verified(trust: TrustStore, accepted: &Accepted) -> (Verification, usize) {
    let dir = tempfile::tempdir().unwrap();
    let backend = start(dir.path(), trust);
    let device = DeviceKey::from_pkcs8(&DeviceKey::generate_pkcs8().unwrap()).unwrap();
    let public = device.public();
    let mut store =
        MemoryStore::new(device, backend.seal_key.clone(), backend.receipt_key, Box::new(SystemRandom::new()));
    store.begin(accepted.id, now()).unwrap();
    store.accept(accepted, now()).unwrap();
    let outgoing = store.next_due(now()).unwrap().unwrap();
    let client = HttpBackend::new(HttpBackendConfig::new(backend.base_url(), backend.receipt_key, public)).unwrap();
    client.deliver(&outgoing).unwrap();
    let started = Instant::now();
    while backend.unjudged().unwrap() > 0 {
        assert!(started.elapsed() < Duration::from_secs(20), "not judged");
        std::thread::sleep(Duration::from_millis(10));
    }
    let alarms = backend.alarms().unwrap().len();
    match backend.result(accepted.id.as_bytes()).unwrap() {
        Some(SessionResult::Done { verification }) => (verification, alarms),
        other => panic!("judged and yet {other:?}"),
    }
}

#[test]
fn the_same_bytes_give_the_same_verdict_and_no_alarm() {
    let evidence = read();
    let verdict = judge(&evidence);
    let (verification, alarms) = verified(issuer(), &accepted(&evidence, &verdict));
    assert_eq!(verification, Verification::Agrees { level: verdict.level().name().to_owned(), codes: verdict.codes() });
    assert_eq!((verdict.level(), alarms), (trust::Level::Green, 0), "{:?}", verdict.codes());
}

#[test]
fn a_bad_document_honestly_judged_is_no_alarm() {
    let mut evidence = read();
    let dg2 = evidence.files.get_mut(&chip::mrtd::MrtdFile::Dg2).unwrap();
    *dg2.last_mut().unwrap() ^= 1;
    let verdict = judge(&evidence);
    assert_eq!(verdict.level(), trust::Level::Red);
    let (verification, alarms) = verified(issuer(), &accepted(&evidence, &verdict));
    assert!(matches!(verification, Verification::Agrees { level, .. } if level == "red"));
    assert_eq!(alarms, 0);
}

#[test]
fn a_verdict_the_bytes_do_not_bear_out_is_an_alarm() {
    let good = read();
    let verdict = judge(&good);
    let mut changed = good;
    let dg2 = changed.files.get_mut(&chip::mrtd::MrtdFile::Dg2).unwrap();
    *dg2.last_mut().unwrap() ^= 1;
    let (verification, alarms) = verified(issuer(), &accepted(&changed, &verdict));
    let Verification::Diverges { kiosk_level, level, codes, .. } = verification else { panic!("{verification:?}") };
    assert_eq!((kiosk_level.as_str(), level.as_str()), ("green", "red"));
    assert!(codes.contains(&"DG_HASH_MISMATCH(2)".to_owned()), "{codes:?}");
    assert_eq!(alarms, 1);
}

#[test]
fn an_issuer_the_backend_does_not_know_is_an_alarm() {
    let evidence = read();
    let (verification, alarms) = verified(TrustStore::empty(), &accepted(&evidence, &judge(&evidence)));
    assert!(matches!(verification, Verification::Diverges { .. }), "{verification:?}");
    assert_eq!(alarms, 1);
}

#[test]
fn a_verdict_that_is_none_is_an_alarm() {
    let evidence = read();
    let verdict = judge(&evidence);
    let mut accepted = accepted(&evidence, &verdict);
    accepted.items.retain(|item| item.kind != ItemKind::ChipTranscript);
    let (verification, alarms) = verified(issuer(), &accepted);
    assert!(matches!(verification, Verification::Unreadable { .. }), "{verification:?}");
    assert_eq!(alarms, 1);
}
