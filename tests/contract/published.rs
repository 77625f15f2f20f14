//! Published master lists and security objects of issued documents.

use std::path::{Path, PathBuf};

use acceptance::{kioskctl, test_data};

/// Security objects of issued documents.
const SODS: [&str; 10] = ["AT", "AU", "CN", "DE", "FI", "FR", "ID", "MY", "NZ", "US"];

/// A time at which every one of their signers was valid.
const AT: &str = "2026-06-01T00:00:00Z";

fn emrtd() -> Option<PathBuf> {
    test_data().map(|data| data.join("emrtd"))
}

fn trust_arguments(emrtd: &Path) -> Vec<String> {
    ["masterlist/DE_ML_2026-05-28.ml", "masterlist/ID"]
        .into_iter()
        .flat_map(|path| ["--trust".to_owned(), emrtd.join(path).display().to_string()])
        .collect()
}

#[test]
fn the_german_master_list_is_inspected_whole() {
    let Some(emrtd) = emrtd() else { return };
    let run = kioskctl().args(["--json", "trust", "inspect"]).arg(emrtd.join("masterlist/DE_ML_2026-05-28.ml")).run();
    let answer = run.json();
    assert_eq!(answer["certificates"], 588);
    // The published inventory pairs 572; four more have a listed certificate of the issuing authority with the named key.
    assert_eq!(answer["verified"], 576);
    assert_eq!(answer["issuer_missing"].as_array().map(Vec::len), Some(12));
    assert_eq!(answer["refused"].as_array().map(Vec::len), Some(0), "{:#}", answer["refused"]);
    assert_eq!(answer["countries"].as_array().map(Vec::len), Some(112));
    assert_eq!(run.status, 0);
}

#[test]
fn security_objects_of_issued_documents_are_accepted_in_amber() {
    let Some(emrtd) = emrtd() else { return };
    for country in SODS {
        let sod = emrtd.join(format!("sod/{country}_EF_SOD.bin"));
        let run = kioskctl()
            .args(["--json", "verify", "passport", "--at", AT, "--sod"])
            .arg(&sod)
            .args(trust_arguments(&emrtd))
            .run();
        let answer = run.json();
        let checks = &answer["checks"];
        assert_eq!(run.status, 0, "{country}: {answer:#}");
        assert_eq!(answer["level"], "amber", "{country}: {answer:#}");
        assert_eq!(checks["sod_signature"]["state"], "Passed", "{country}: {checks:#}");
        assert_eq!(checks["chain"]["state"], "Passed", "{country}: {checks:#}");
        assert_eq!(checks["dg_hashes"]["state"], "NotChecked", "{country}: {checks:#}");
    }
}

#[test]
fn one_changed_byte_is_red_with_the_right_code() {
    let Some(emrtd) = emrtd() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    for country in SODS {
        let bytes = std::fs::read(emrtd.join(format!("sod/{country}_EF_SOD.bin"))).expect("a test file");
        // The signature's value ends the file, but for the end-of-contents bytes of an indefinite length. The signed attribute is
        // message-digest, OID 1.2.840.113549.1.9.4; of the content it is the hash of data group 1.
        let signature = bytes.len() - 20;
        let attribute = after(&bytes, &[0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04]) + 10;
        let content = after(&bytes, &[0x02, 0x01, 0x01, 0x04]) + 3;
        for (offset, code) in
            [(signature, "SOD_SIG_INVALID"), (attribute, "SOD_SIG_INVALID"), (content, "SOD_DIGEST_MISMATCH")]
        {
            let mut changed = bytes.clone();
            changed[offset] ^= 1;
            let sod = folder.path().join("sod.bin");
            std::fs::write(&sod, changed).expect("a file");
            let run = kioskctl()
                .args(["--json", "verify", "passport", "--at", AT, "--sod"])
                .arg(&sod)
                .args(trust_arguments(&emrtd))
                .run();
            let answer = run.json();
            assert_eq!(answer["codes"][0], code, "{country} at {offset}: {:#}", answer["codes"]);
            assert_eq!((answer["level"].as_str(), run.status), (Some("red"), 1), "{country} at {offset}");
        }
    }
}

#[test]
fn a_list_whose_own_signature_is_wrong_is_refused() {
    // This published copy fails in OpenSSL too.
    let Some(emrtd) = emrtd() else { return };
    let run = kioskctl().args(["--json", "trust", "inspect"]).arg(emrtd.join("masterlist/ICAO_ml_2023-09.ml")).run();
    assert_eq!(run.status, 3);
    assert_eq!(run.json()["error"], "TRUST_LIST_INVALID");
}

/// Where the bytes after `pattern` begin.
fn after(bytes: &[u8], pattern: &[u8]) -> usize {
    bytes.windows(pattern.len()).position(|window| window == pattern).expect("the bytes before it") + pattern.len()
}
