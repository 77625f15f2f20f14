//! Published master lists and security objects of issued documents.

use std::path::{Path, PathBuf};

use acceptance::{kioskctl, test_data};

/// Security objects of issued documents, and a time at which the signer's certificate was valid.
const SODS: [&str; 10] = ["AT", "AU", "CN", "DE", "FI", "FR", "ID", "MY", "NZ", "US"];

fn emrtd() -> Option<PathBuf> {
    test_data().map(|data| data.join("emrtd"))
}

fn trust_arguments(emrtd: &Path) -> Vec<String> {
    ["masterlist/DE_ML_2026-05-28.ml", "masterlist/ICAO_ml_2023-09.ml", "masterlist/ID"]
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
    assert_eq!(answer["verified"], 572);
    assert_eq!(answer["issuer_missing"].as_array().map(Vec::len), Some(16));
    assert_eq!(answer["refused"].as_array().map(Vec::len), Some(0), "{:#}", answer["refused"]);
    assert_eq!(answer["countries"].as_array().map(Vec::len), Some(112));
    assert_eq!(run.status, 0);
}

#[test]
fn security_objects_of_issued_documents_are_accepted_in_amber() {
    let Some(emrtd) = emrtd() else { return };
    for country in SODS {
        let sod = emrtd.join(format!("sod/{country}_EF_SOD.bin"));
        let at = signing_time(&std::fs::read(&sod).expect("a test file"));
        let run = kioskctl()
            .args(["--json", "verify", "passport", "--at", &at, "--sod"])
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

/// A day after the signer's certificate began: asked from the product's own reader of certificates.
fn signing_time(sod: &[u8]) -> String {
    let signer = trust::signer_validity(sod).expect("a security object carries its signer");
    (signer.0 + jiff::SignedDuration::from_hours(24)).to_string()
}
