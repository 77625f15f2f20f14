//! Records, blobs, bundles, uploads and receipts.

use chip::mrtd::{MrtdEvidence, MrtdFile};
use chip_crypto::device_key::DeviceKey;
use chip_crypto::random::SeededRandom;
use jiff::Timestamp;
use session::ItemKind;
use wire::{
    Bundle, BundleHeader, ClockTrust, KeyClass, MANIFEST_SCHEMA, Manifest, ManifestCheck, ManifestItem, OpenKey,
    Receipt, RecordHeader, Secret, Upload, cbor, seal_blob, seal_record, sha256,
};

use super::fixed::{DEK, JUDGED_AT, OPEN_KEY_SEED, SESSION, place};
use super::{Failure, Folder};

pub fn write(to: &Folder, evidence: &MrtdEvidence) -> Result<(), Failure> {
    let device = to.device_key()?;
    let dek = Secret::from_bytes(DEK);
    for (name, class, key_no) in [("record-wrap", KeyClass::Wrap, 1), ("record-dek", KeyClass::Dek, 0)] {
        let header = RecordHeader { class, key_no, nonce: [3; 12] };
        to.seed("formats", name, seal_record(&dek, &header, &place(), cbor::encode(&42_u8))?)?;
    }
    for (name, length) in [("blob-empty", 0), ("blob-short", 100)] {
        to.seed("formats", name, seal_blob(&dek, &SESSION, 1, [4; 16], [5; 32], &vec![6; length])?.to_bytes())?;
    }
    let (upload, manifest) = upload(&device, evidence)?;
    to.seed("formats", "bundle", &upload.bundle)?;
    let none = Manifest {
        items: Vec::new(),
        checks: Vec::new(),
        codes: Vec::new(),
        previous_bundle: Some([9; 32]),
        ..manifest.clone()
    };
    to.seed("manifest", "session", cbor::encode(&manifest))?;
    to.seed("manifest", "empty", cbor::encode(&none))?;
    to.seed("server_ingest", "session", upload.encode())?;
    to.seed("server_ingest", "no-blobs", Upload { blobs: Vec::new(), ..upload.clone() }.encode())?;
    let small = Upload { blobs: vec![vec![1; 10]; 3], bundle: b"EKS1".to_vec(), ..upload.clone() };
    to.seed("formats", "upload", small.encode())?;
    let receipt = Receipt {
        session_id: SESSION,
        bundle_sha256: sha256(&[&upload.bundle]),
        server_seq: 7,
        committed_ms: 1_782_000_000_000,
        journal_head: [8; 32],
        key_id: wire::ReceiptVerifyKey::new(device.public()).id(),
    };
    to.seed("receipt", "body", cbor::encode(&receipt))?;
    to.seed("receipt", "signed", receipt.sign(&device)?)
}

/// A session as it is sent: chip files but the face, transcript and verdict.
fn upload(device: &DeviceKey, evidence: &MrtdEvidence) -> Result<(Upload, Manifest), Failure> {
    let mut evidence = evidence.clone();
    evidence.files.remove(&MrtdFile::Dg2);
    let bare = MrtdEvidence { files: Default::default(), ..evidence.clone() };
    let whole = chip::ChipEvidence::Mrtd(evidence.clone());
    let verdict = trust::judge(&whole, &trust::Issuers::nobody(), Timestamp::from_second(JUDGED_AT)?);
    let mut items: Vec<(ItemKind, String, &str, Vec<u8>)> = evidence
        .files
        .iter()
        .map(|(file, bytes)| (ItemKind::ChipFile, file.name().to_owned(), "application/octet-stream", bytes.clone()))
        .collect();
    let json = "application/json";
    items.push((
        ItemKind::ChipTranscript,
        "transcript".to_owned(),
        json,
        serde_json::to_vec(&chip::ChipEvidence::Mrtd(bare))?,
    ));
    items.push((ItemKind::Verdict, "verdict".to_owned(), json, serde_json::to_vec(&verdict)?));
    let dek = Secret::from_bytes(DEK);
    let (mut listed, mut blobs) = (Vec::new(), Vec::new());
    for (number, (kind, name, media_type, plain)) in (0_u8..).zip(items) {
        let blob_id = [number; 16];
        let blob = seal_blob(&dek, &SESSION, u8::try_from(kind.number())?, blob_id, [number; 32], &plain)?.to_bytes();
        listed.push(ManifestItem {
            blob_id,
            kind: kind.number(),
            name,
            media_type: media_type.to_owned(),
            plain_len: plain.len() as u64,
            sealed_len: blob.len() as u64,
            plain_sha256: sha256(&[&plain]),
            sealed_sha256: sha256(&[&blob]),
        });
        blobs.push(blob);
    }
    let manifest = Manifest {
        schema: MANIFEST_SCHEMA,
        app_build: [1; 32],
        policy_version: 1,
        trust_version: verdict.trust_bundle.version.clone(),
        clock_trust: ClockTrust::Trusted,
        document: "passport".to_owned(),
        level: verdict.level().name().to_owned(),
        codes: verdict.codes(),
        checks: verdict
            .checks
            .iter()
            .map(|check| ManifestCheck { name: check.name.to_string(), state: check.state.name().to_owned() })
            .collect(),
        items: listed,
        operator: [0; 16],
        previous_bundle: None,
    };
    let header = BundleHeader {
        recipient_key_id: [0; 16],
        device_id: [0; 16],
        session_id: SESSION,
        accepted_ms: u64::try_from(JUDGED_AT)? * 1000,
        journal_seq: 3,
    };
    let recipient = OpenKey::make(&mut SeededRandom::new(OPEN_KEY_SEED))?.seal_key();
    let bundle = Bundle::seal(header, &recipient, device, &dek, &manifest, &mut SeededRandom::new(12))?;
    Ok((Upload { device: device.public(), bundle: bundle.to_bytes().to_vec(), blobs }, manifest))
}
