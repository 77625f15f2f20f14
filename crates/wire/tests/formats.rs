//! The formats: exact bytes, round trips, and every change a typed error.

use chip_crypto::device_key::DeviceKey;
use chip_crypto::random::SeededRandom;
use proptest::prelude::*;
use wire::{
    BLOB_HEADER_LEN, BlobError, BlobHeader, Bundle, BundleError, BundleHeader, CHUNK_LEN, ClockTrust, KeyClass,
    Manifest, ManifestCheck, ManifestItem, OpenKey, Receipt, ReceiptError, ReceiptVerifyKey, RecordContext,
    RecordError, RecordHeader, Secret, Upload, UploadError, cbor, open_blob, open_record, record_aad, seal_blob,
    seal_record, sha256,
};

const CONTEXT: RecordContext<'static> = RecordContext {
    table: "session",
    column: "wrapped_dek",
    session_id: [0x11; 16],
    row_key: [0x22; 16],
    row_version: 3,
};
const HEADER: RecordHeader = RecordHeader { class: KeyClass::Epoch, key_no: 7, nonce: [0x33; 12] };

fn key() -> Secret<32> {
    Secret::from_bytes([0x44; 32])
}

fn manifest() -> Manifest {
    Manifest {
        schema: 1,
        app_build: [1; 32],
        policy_version: 2,
        trust_version: "t".to_owned(),
        clock_trust: ClockTrust::Trusted,
        document: "passport".to_owned(),
        level: "amber".to_owned(),
        codes: vec!["CSCA_UNKNOWN".to_owned()],
        checks: vec![ManifestCheck { name: "sod_signature".to_owned(), state: "Passed".to_owned() }],
        items: vec![ManifestItem {
            blob_id: [3; 16],
            kind: 1,
            name: "EF.SOD".to_owned(),
            media_type: "application/octet-stream".to_owned(),
            plain_len: 5,
            sealed_len: 85,
            plain_sha256: [4; 32],
            sealed_sha256: [5; 32],
        }],
        operator: [6; 16],
        previous_bundle: None,
    }
}

fn device() -> DeviceKey {
    DeviceKey::from_pkcs8(&DeviceKey::generate_pkcs8().unwrap()).unwrap()
}

fn bundle(device: &DeviceKey, open: &OpenKey) -> Bundle {
    let header = BundleHeader {
        recipient_key_id: [0; 16],
        device_id: [0; 16],
        session_id: [9; 16],
        accepted_ms: 1_764_000_000_000,
        journal_seq: 12,
    };
    Bundle::seal(header, &open.seal_key(), device, &key(), &manifest(), &mut SeededRandom::new(5)).unwrap()
}

#[test]
fn the_record_header_and_its_associated_data_are_laid_out_as_specified() {
    assert_eq!(hex::encode(HEADER.encode()), "454b5231020200000007".to_owned() + "333333333333333333333333"[..].trim());
    let expected = [
        "0008",
        "656b73312e726563", // LP("eks1.rec")
        "0007",
        "73657373696f6e", // LP("session")
        "000b",
        "777261707065645f64656b", // LP("wrapped_dek")
        &"11".repeat(16),
        &"22".repeat(16),
        "0000000000000003",
        &hex::encode(HEADER.encode()),
    ]
    .concat();
    assert_eq!(hex::encode(record_aad(&CONTEXT, &HEADER)), expected);
}

#[test]
fn a_record_is_padded_and_opens_only_in_its_own_place() {
    let record = seal_record(&key(), &HEADER, &CONTEXT, cbor::encode(&7_u8)).unwrap();
    assert_eq!(record.len(), 22 + 256 + 16);
    let plain = open_record(&key(), KeyClass::Epoch, 7, &CONTEXT, &record).unwrap();
    assert_eq!(cbor::decode_padded::<u8>(&plain), Ok(7));
    let places = [
        RecordContext { table: "sessioN", ..CONTEXT },
        RecordContext { column: "wrapped", ..CONTEXT },
        RecordContext { session_id: [0; 16], ..CONTEXT },
        RecordContext { row_key: [0; 16], ..CONTEXT },
        RecordContext { row_version: 2, ..CONTEXT },
    ];
    for place in places {
        assert_eq!(open_record(&key(), KeyClass::Epoch, 7, &place, &record).unwrap_err(), RecordError::Tampered);
    }
    assert_eq!(open_record(&key(), KeyClass::Epoch, 8, &CONTEXT, &record).unwrap_err(), RecordError::OtherKey);
    assert_eq!(open_record(&key(), KeyClass::Dek, 7, &CONTEXT, &record).unwrap_err(), RecordError::OtherKey);
    for cut in 0..38 {
        assert_eq!(RecordHeader::parse(&record[..cut]).unwrap_err(), RecordError::Truncated);
    }
}

#[test]
fn the_blob_header_is_laid_out_as_specified() {
    let header = BlobHeader { kind: 4, blob_id: [0xaa; 16], salt: [0xbb; 32], plain_len: 0x0102 };
    let expected = ["454b4231", "02041000", &"aa".repeat(16), &"bb".repeat(32), "0000000000000102"].concat();
    assert_eq!(hex::encode(header.encode()), expected);
    assert_eq!(BlobHeader::parse(&header.encode()), Ok(header));
}

#[test]
fn blobs_of_every_length_around_the_chunk_size_round_trip() {
    for len in [0, 1, CHUNK_LEN - 1, CHUNK_LEN, CHUNK_LEN + 1, 3 * CHUNK_LEN] {
        let plain: Vec<u8> = (0..len).map(|at| at as u8).collect();
        let sealed = seal_blob(&key(), &[9; 16], 1, [1; 16], [2; 32], &plain).unwrap();
        assert_eq!(sealed.chunks.len(), len.div_ceil(CHUNK_LEN).max(1));
        let bytes = sealed.to_bytes();
        assert_eq!(bytes.len() as u64, sealed.header.sealed_len() + BLOB_HEADER_LEN as u64);
        assert_eq!(open_blob(&key(), &[9; 16], &bytes).unwrap().as_slice(), plain);
        assert_eq!(open_blob(&key(), &[8; 16], &bytes).unwrap_err(), BlobError::Tampered(0));
    }
}

#[test]
fn chunks_cannot_be_swapped_dropped_or_appended() {
    let sealed = seal_blob(&key(), &[9; 16], 1, [1; 16], [2; 32], &vec![7; 3 * CHUNK_LEN]).unwrap();
    let join = |order: &[usize]| {
        let mut bytes = sealed.header.encode().to_vec();
        order.iter().for_each(|at| bytes.extend_from_slice(&sealed.chunks[*at]));
        bytes
    };
    assert_eq!(open_blob(&key(), &[9; 16], &join(&[1, 0, 2])).unwrap_err(), BlobError::Tampered(0));
    assert_eq!(open_blob(&key(), &[9; 16], &join(&[0, 1])).unwrap_err(), BlobError::Layout);
    assert_eq!(open_blob(&key(), &[9; 16], &join(&[0, 1, 2, 2])).unwrap_err(), BlobError::Layout);
    // A header that claims fewer chunks derives another key.
    let mut shorter = join(&[0, 1]);
    shorter[56..64].copy_from_slice(&(2 * CHUNK_LEN as u64).to_be_bytes());
    assert_eq!(open_blob(&key(), &[9; 16], &shorter).unwrap_err(), BlobError::Tampered(0));
    let mut huge = join(&[0]);
    huge[56..64].copy_from_slice(&u64::MAX.to_be_bytes());
    assert_eq!(open_blob(&key(), &[9; 16], &huge).unwrap_err(), BlobError::TooLong(u64::MAX));
}

/// The one encoding of a manifest: a change here is a change of the format and needs a new schema number.
#[test]
fn the_manifest_encoding_is_fixed() {
    let encoded = cbor::encode(&manifest());
    assert_eq!(cbor::decode::<Manifest>(&encoded), Ok(manifest()));
    let text = hex::encode(&encoded);
    assert!(
        text.starts_with(
            &["ab", "0001", "015820", &"01".repeat(32), "0202", "036174", "0400", "05", "68", "70617373706f7274"]
                .concat()
        ),
        "{text}"
    );
    assert!(
        text.ends_with(&["0a50", &"06".repeat(16), "0bf6"].concat())
            || text.ends_with(&["0a50", &"06".repeat(16)].concat()),
        "{text}"
    );
    // Same value, non-shortest integer: refused.
    let mut longer = encoded.clone();
    longer.splice(2..3, [0x18, 0x01]);
    assert_eq!(cbor::decode::<Manifest>(&longer), Err(cbor::CborError::NotDeterministic));
    let mut padded = cbor::pad(encoded);
    assert_eq!(padded.len() % 256, 0);
    assert!(cbor::decode_padded::<Manifest>(&padded).is_ok());
    *padded.last_mut().unwrap() = 1;
    assert_eq!(cbor::decode_padded::<Manifest>(&padded), Err(cbor::CborError::Padding));
}

#[test]
fn a_bundle_is_laid_out_as_specified_and_opens_for_its_recipient_alone() {
    let (device, open) = (device(), OpenKey::make(&mut SeededRandom::new(1)).unwrap());
    let sealed = bundle(&device, &open);
    let bytes = sealed.to_bytes();
    assert_eq!(hex::encode(&bytes[..11]), "454b533101".to_owned() + "001000010002");
    assert_eq!(bytes[11..27], open.seal_key().id());
    assert_eq!(bytes[27..43], wire::device_id(&device.public()));
    assert_eq!(bytes[43..59], [9; 16]);
    assert_eq!(bytes[59..67], 1_764_000_000_000_u64.to_be_bytes());
    assert_eq!(bytes[67..75], 12_u64.to_be_bytes());
    assert_eq!(bytes[75], 0x04, "enc is an uncompressed point");
    let manifest_len = u32::from_be_bytes(bytes[188..192].try_into().unwrap()) as usize;
    assert_eq!(&bytes[192..196], b"EKR1");
    assert_eq!(bytes[192 + manifest_len..][..2], 64_u16.to_be_bytes());
    assert_eq!(bytes.len(), 192 + manifest_len + 2 + 64);

    let parsed = Bundle::parse(bytes).unwrap();
    assert_eq!(parsed, sealed);
    parsed.verify_signature(&device.public()).unwrap();
    let (dek, opened) = parsed.open(&open).unwrap();
    assert_eq!(dek.expose(), key().expose());
    assert_eq!(opened, manifest());
    assert_eq!(parsed.verify_signature(&self::device().public()), Err(BundleError::OtherDevice));
    let other = OpenKey::make(&mut SeededRandom::new(2)).unwrap();
    assert_eq!(parsed.open(&other).unwrap_err(), BundleError::OtherRecipient);
}

#[test]
fn every_flipped_byte_of_a_bundle_is_refused() {
    let (device, open) = (device(), OpenKey::make(&mut SeededRandom::new(1)).unwrap());
    let bytes = bundle(&device, &open).to_bytes().to_vec();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x01;
        let verified = Bundle::parse(&changed).and_then(|bundle| bundle.verify_signature(&device.public()));
        assert!(verified.is_err(), "byte {at}");
    }
    for cut in 0..bytes.len() {
        assert!(Bundle::parse(&bytes[..cut]).is_err());
    }
    assert_eq!(Bundle::parse(&[&bytes[..], &[0]].concat()), Err(BundleError::TrailingBytes));
}

#[test]
fn a_receipt_covers_one_session_and_one_bundle() {
    let key = device();
    let verify = ReceiptVerifyKey::new(key.public());
    let receipt = Receipt {
        session_id: [1; 16],
        bundle_sha256: [2; 32],
        server_seq: 3,
        committed_ms: 4,
        journal_head: [5; 32],
        key_id: [0; 16],
    };
    let bytes = receipt.sign(&key).unwrap();
    let expected = [
        "a6",
        "0050",
        &"01".repeat(16),
        "015820",
        &"02".repeat(32),
        "0203",
        "0304",
        "045820",
        &"05".repeat(32),
        "0550",
    ]
    .concat();
    assert!(hex::encode(&bytes).starts_with(&expected));
    assert_eq!(Receipt::verify(&bytes, &verify, &[1; 16], &[2; 32]).unwrap().server_seq, 3);
    assert_eq!(Receipt::verify(&bytes, &verify, &[0; 16], &[2; 32]), Err(ReceiptError::OtherSession));
    assert_eq!(Receipt::verify(&bytes, &verify, &[1; 16], &[0; 32]), Err(ReceiptError::OtherBundle));
    assert_eq!(
        Receipt::verify(&bytes, &ReceiptVerifyKey::new(device().public()), &[1; 16], &[2; 32]),
        Err(ReceiptError::Signature)
    );
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x80;
        assert!(Receipt::verify(&changed, &verify, &[1; 16], &[2; 32]).is_err(), "byte {at}");
    }
}

#[test]
fn an_upload_round_trips_and_is_bounded() {
    let upload = Upload { device: device().public(), bundle: vec![1; 300], blobs: vec![vec![2; 10], Vec::new()] };
    let bytes = upload.encode();
    assert_eq!(Upload::parse(&bytes), Ok(upload));
    assert_eq!(Upload::parse(&[&bytes[..], &[0]].concat()), Err(UploadError::TrailingBytes));
    for cut in 0..bytes.len() {
        assert!(Upload::parse(&bytes[..cut]).is_err());
    }
    let at = 4 + 65 + 4 + 300;
    let mut many = bytes;
    many[at..at + 2].copy_from_slice(&u16::MAX.to_be_bytes());
    assert_eq!(Upload::parse(&many), Err(UploadError::TooManyBlobs(65_535)));
}

#[test]
fn secrets_print_nothing() {
    assert_eq!(format!("{:?}", key()), "Secret(..)");
    assert!(!format!("{:?}", OpenKey::make(&mut SeededRandom::new(1)).unwrap()).contains(char::is_numeric));
    assert_eq!(sha256(&[b"a", b"bc"]), sha256(&[b"abc"]));
}

proptest! {
    #[test]
    fn no_bytes_make_a_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), magic in 0_usize..5) {
        let mut input = [b"EKR1", b"EKB1", b"EKS1", b"EKU1", b"\xac\x00\x01\x01"][magic].to_vec();
        input.extend(bytes);
        let _ = RecordHeader::parse(&input);
        let _ = open_blob(&key(), &[0; 16], &input);
        let _ = Bundle::parse(&input);
        let _ = Upload::parse(&input);
        let _ = cbor::decode::<Manifest>(&input);
        let _ = cbor::decode_padded::<Manifest>(&input);
        let _ = cbor::decode::<Receipt>(&input);
    }

    #[test]
    fn any_flip_in_a_record_is_an_error(at in 0_usize..294, bit in 0_u32..8) {
        let mut record = seal_record(&key(), &HEADER, &CONTEXT, cbor::encode(&7_u8)).unwrap();
        record[at] ^= 1 << bit;
        prop_assert!(open_record(&key(), KeyClass::Epoch, 7, &CONTEXT, &record).is_err());
    }

    #[test]
    fn any_flip_in_a_blob_is_an_error(at in 0_usize..180, bit in 0_u32..8) {
        let mut blob = seal_blob(&key(), &[9; 16], 1, [1; 16], [2; 32], &[5; 100]).unwrap().to_bytes();
        blob[at] ^= 1 << bit;
        prop_assert!(open_blob(&key(), &[9; 16], &blob).is_err());
    }
}
