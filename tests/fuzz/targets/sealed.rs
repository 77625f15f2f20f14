//! What is stored and sent, and what a page may say.

use chip::my_number::MyNumberFile;
use std::sync::OnceLock;

use apdu::tlv::MAX_NODES;
use chip_crypto::device_key::DeviceKey;
use chip_crypto::random::SeededRandom;
use session::{ItemKind, MediaType, RecordItem, Role, UserIntent};
use wire::audit::{judge_again, open_contents};
use wire::{
    BLOB_HEADER_LEN, BlobHeader, Bundle, KeyClass, Manifest, OpenKey, Receipt, ReceiptVerifyKey, RecordHeader, Secret,
    Upload, cbor, open_blob, open_record, seal_record,
};

use super::certificates::{issuers, judged_at};
use super::fixed::{DEK, OPEN_KEY_SEED, SESSION, place};
use super::script::blocks;

fn open_key() -> &'static OpenKey {
    static KEY: OnceLock<OpenKey> = OnceLock::new();
    KEY.get_or_init(|| OpenKey::make(&mut SeededRandom::new(OPEN_KEY_SEED)).expect("a seeded key"))
}

fn device_key() -> &'static DeviceKey {
    static KEY: OnceLock<DeviceKey> = OnceLock::new();
    KEY.get_or_init(|| DeviceKey::from_pkcs8(include_bytes!("../fixtures/device.pkcs8")).expect("the fixture is a key"))
}

/// EKR1, EKB1, EKS1, EKU1: what parses is encoded to the same bytes; what opens is no longer than what came.
pub fn formats(input: &[u8]) {
    if let Ok(header) = RecordHeader::parse(input) {
        assert!(input.starts_with(&header.encode()));
        let opened = open_record(&Secret::from_bytes(DEK), header.class, header.key_no, &place(), input);
        assert!(opened.map_or(0, |plain| plain.len()) <= input.len());
    }
    if let Ok(header) = BlobHeader::parse(input) {
        assert!(input.starts_with(&header.encode()));
        if let Ok(plain) = open_blob(&Secret::from_bytes(DEK), &SESSION, input) {
            assert_eq!(plain.len() as u64, header.plain_len);
            assert_eq!(input.len() as u64, header.sealed_len() + BLOB_HEADER_LEN as u64);
        }
    }
    if let Ok(bundle) = Bundle::parse(input) {
        assert_eq!(bundle.to_bytes(), input);
        assert!(input.starts_with(&bundle.header.encode()));
        let _ = bundle.verify_signature(&device_key().public());
        let _ = bundle.open(open_key());
    }
    if let Ok(upload) = Upload::parse(input) {
        assert_eq!(upload.encode(), input);
    }
}

/// A manifest has one encoding, and survives its record.
pub fn manifest(input: &[u8]) {
    let Ok(manifest) = cbor::decode::<Manifest>(input) else { return };
    assert_eq!(cbor::encode(&manifest), input);
    let key = Secret::from_bytes(DEK);
    let header = RecordHeader { class: KeyClass::Dek, key_no: 0, nonce: [3; 12] };
    let record = seal_record(&key, &header, &place(), input.to_vec()).expect("a short record");
    let plain = open_record(&key, KeyClass::Dek, 0, &place(), &record).expect("opens where it was sealed");
    assert_eq!(cbor::decode_padded::<Manifest>(&plain), Ok(manifest));
}

/// A receipt as it came is nobody's, unless this key signed it; signed, its body is taken in its one encoding only.
pub fn receipt(input: &[u8]) {
    let key = ReceiptVerifyKey::new(device_key().public());
    let _ = Receipt::verify_signature(input, &key);
    let message = [b"eks1.rcp".as_slice(), input].concat();
    let signature = device_key().sign(&message).expect("the key signs");
    if let Ok(receipt) = Receipt::verify_signature(&[input, &signature].concat(), &key) {
        assert_eq!(cbor::encode(&receipt), input);
        assert_eq!(receipt.key_id, key.id());
        let mut other = receipt.session_id;
        other[0] ^= 1;
        let signed = [input, &signature].concat();
        assert!(Receipt::verify(&signed, &key, &other, &receipt.bundle_sha256).is_err());
    }
}

/// An upload as the verify worker takes it: every item is what the manifest names.
pub fn server_ingest(input: &[u8]) {
    let Ok(upload) = Upload::parse(input) else { return };
    let Ok(bundle) = Bundle::parse(&upload.bundle) else { return };
    let _ = bundle.verify_signature(&upload.device);
    let Ok(contents) = open_contents(&bundle, &upload.blobs, open_key()) else { return };
    assert_eq!(contents.items.len(), upload.blobs.len());
    assert!(contents.items.iter().map(|item| item.bytes.len()).sum::<usize>() <= input.len());
    let judge = || judge_again(&contents, bundle.header.accepted_ms, issuers());
    assert_eq!(judge(), judge());
}

const RESIDENCE: [&str; 6] = ["MF/EF02", "DF1/EF01", "DF1/EF02", "DF1/EF03", "DF2/EF01", "DF3/EF01"];

/// Evidence as a bundle that opens may carry it, whoever wrote it. Block 0 is the transcript; each other block is the number of a
/// file and its bytes.
pub fn evidence(input: &[u8]) {
    const NAMES: [&str; 8] = ["EF.CardAccess", "EF.CardSecurity", "EF.COM", "EF.SOD", "DG1", "DG2", "DG14", "DG15"];
    let others: Vec<&str> = MyNumberFile::ALL.map(MyNumberFile::name).into_iter().chain(RESIDENCE).collect();
    let item = |kind, name: &str, bytes: &[u8]| RecordItem {
        kind,
        name: name.to_owned(),
        media_type: MediaType::Bytes,
        bytes: bytes.to_vec(),
    };
    let items: Vec<RecordItem> = blocks(input)
        .take(MAX_NODES as usize)
        .enumerate()
        .filter_map(|(index, block)| match (index, block.split_first()) {
            (0, _) => Some(item(ItemKind::ChipTranscript, "transcript", block)),
            (_, Some((number, file))) => {
                let number = usize::from(*number);
                let name = if number < 128 { NAMES[number % 8] } else { others[number % others.len()] };
                Some(item(ItemKind::ChipFile, name, file))
            }
            (_, None) => None,
        })
        .collect();
    let Ok(evidence) = session::evidence_of(&items) else { return };
    let verdict = trust::judge(&evidence, issuers(), judged_at());
    assert_eq!(verdict, trust::judge(&evidence, issuers(), judged_at()));
    let stored = serde_json::to_vec(&verdict).expect("a verdict is written down");
    assert_eq!(
        serde_json::from_slice::<trust::ChipVerdict>(&stored).map(|read| read.codes()).ok(),
        Some(verdict.codes())
    );
}

/// What a page says is one act, written the same way back, and the keys in it parse or are refused.
pub fn ipc_command(input: &[u8]) {
    let Ok(intent) = serde_json::from_slice::<UserIntent>(input) else { return };
    let written = serde_json::to_string(&intent).expect("an act is written down");
    assert!(serde_json::from_str::<UserIntent>(&written).is_ok_and(|again| again == intent));
    assert_eq!(format!("{intent:?}"), format!("UserIntent({})", intent.name()));
    assert!(Role::ALL.into_iter().any(|role| intent.offered_to(role)));
    if let UserIntent::EnterMrz { text } = &intent {
        let _ = chip::mrtd::Mrz::parse(text);
        let _ = chip::mrtd::MrzKey::from_second_line(text);
    }
    if let UserIntent::EnterKey { document_number, birth, expiry } = &intent {
        let _ = chip::mrtd::MrzKey::new(document_number, birth, expiry);
    }
    if let UserIntent::EnterCan { can } = &intent {
        let _ = chip::mrtd::Can::parse(can);
    }
}
