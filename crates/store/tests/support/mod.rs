//! What the store's tests share: a backend's keys, synthetic sessions, receipts.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::path::Path;

use chip_crypto::device_key::DeviceKey;
use chip_crypto::random::{SeededRandom, SystemRandom};
use jiff::Timestamp;
use kiosk::SealedSession;
use session::{Accepted, DocumentChoice, ItemKind, Language, MediaType, RecordItem, SessionId};
use store::{FileDev, MemoryStore, Store, StoreConfig};
use wire::{OpenKey, Receipt, ReceiptVerifyKey};

/// The other side's keys.
pub struct Bank {
    pub open: OpenKey,
    pub receipts: DeviceKey,
}

impl Bank {
    pub fn new() -> Self {
        let receipts = DeviceKey::from_pkcs8(&DeviceKey::generate_pkcs8().unwrap()).unwrap();
        Self { open: OpenKey::make(&mut SystemRandom::new()).unwrap(), receipts }
    }

    pub fn receipt(&self, sealed: &SealedSession) -> Vec<u8> {
        self.receipt_at(sealed, Timestamp::UNIX_EPOCH)
    }

    pub fn receipt_at(&self, sealed: &SealedSession, committed: Timestamp) -> Vec<u8> {
        Receipt {
            session_id: *sealed.id.as_bytes(),
            bundle_sha256: sealed.bundle_sha256,
            server_seq: 1,
            committed_ms: committed.as_millisecond().unsigned_abs(),
            journal_head: [0; 32],
            key_id: [0; 16],
        }
        .sign(&self.receipts)
        .unwrap()
    }

    pub fn config(&self, dir: &Path) -> StoreConfig {
        let mut config = StoreConfig::new(
            dir.to_owned(),
            Box::new(FileDev::new(dir)),
            self.open.seal_key(),
            ReceiptVerifyKey::new(self.receipts.public()),
            Box::new(SystemRandom::new()),
        );
        config.min_free = 0;
        config.ballast = 0;
        config
    }

    pub fn store(&self, dir: &Path) -> Store {
        Store::open(self.config(dir), at(0)).unwrap()
    }

    pub fn memory(&self) -> MemoryStore {
        let device = DeviceKey::from_pkcs8(&DeviceKey::generate_pkcs8().unwrap()).unwrap();
        let receipts = ReceiptVerifyKey::new(self.receipts.public());
        MemoryStore::new(device, self.open.seal_key(), receipts, Box::new(SeededRandom::new(1)))
    }
}

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_764_000_000 + second).unwrap()
}

pub fn id(number: u8) -> SessionId {
    SessionId::from_time(at(i64::from(number)), [number; 10])
}

/// Strings that must never be readable outside a sealed record.
pub const CANARIES: [&str; 4] = ["KANARIENVOGEL<<ANNA", "CANARY0L898902C", "窓口カナリア", "canary@jpeg"];

pub fn accepted(number: u8) -> Accepted {
    let item = |kind: ItemKind, name: &str, media_type, bytes: Vec<u8>| RecordItem {
        kind,
        name: name.to_owned(),
        media_type,
        bytes,
    };
    Accepted {
        id: id(number),
        opened_at: at(i64::from(number)),
        accepted_at: at(i64::from(number) + 60),
        document: DocumentChoice::Passport,
        language: Language::Ja,
        items: vec![
            item(ItemKind::ChipFile, "DG1", MediaType::Bytes, CANARIES[0].as_bytes().to_vec()),
            item(ItemKind::ChipFile, "DG2", MediaType::Bytes, CANARIES[1].as_bytes().repeat(9000)),
            item(ItemKind::FacePhoto, "face_photo", MediaType::Jpeg, CANARIES[3].as_bytes().to_vec()),
            item(ItemKind::Record, "record", MediaType::Json, CANARIES[2].as_bytes().to_vec()),
        ],
    }
}
