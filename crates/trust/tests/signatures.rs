//! Every signature between published certificates verifies, as OpenSSL says too; no changed one does.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "support/mutation.rs"]
mod mutation;
mod support;

use std::collections::BTreeMap;
use std::process::Command;

use mutation::{pairs, run};
use trust::{Certificate, SignatureAlgorithm, TrustImport, import, inspect};

/// The content of a signed list whose own signature is wrong: its certificates are as good as any.
fn content_of(list: &[u8]) -> TrustImport {
    import(&trust::cms::SignedData::parse(list).unwrap().content).unwrap()
}

fn certificates(path: &str) -> Option<Vec<Certificate>> {
    let bytes = support::data(path)?;
    Some(import(&bytes).map_or_else(|_| content_of(&bytes).certificates, |read| read.certificates))
}

/// The newest list is compared row by row in `lists.rs`; OpenSSL's low-level calls verify as many of it (benches/peers).
#[test]
fn every_pairable_signature_of_every_list_verifies() {
    for (path, count, verified) in [
        ("masterlist/DE_ML_2026-04-08.ml", 581, 569),
        ("masterlist/bare_CscaMasterList_2026-02.der", 581, 569),
        ("masterlist/ICAO_ml_2023-09.ml", 394, 394),
    ] {
        let Some(bytes) = support::data(path) else { return };
        let read = import(&bytes).unwrap_or_else(|_| content_of(&bytes));
        let report = inspect(&[read]);
        assert_eq!(report.certificates.len(), count, "{path}");
        let refused: Vec<_> = report.refused().map(|c| (&c.country, &c.subject, &c.issuer)).collect();
        assert!(refused.is_empty(), "{path}: {refused:?}");
        assert_eq!((report.verified(), report.issuer_missing().count()), (verified, count - verified), "{path}");
    }
    let mut indonesia = Vec::new();
    for name in ["2010-12_CSCA", "2016-01_CSCA", "2016-01_CSCA_LINK", "2020-10_CSCA", "2020-10_CSCA_LINK"] {
        let Some(bytes) = support::data(&format!("masterlist/ID/{name}.cer")) else { return };
        indonesia.push(import(&bytes).unwrap());
    }
    assert_eq!(inspect(&indonesia).verified(), 5);
}

/// One pair of each kind of key and signature, asked of the program `openssl` as well: the good one and one with a changed byte.
#[test]
fn openssl_agrees_about_one_pair_of_every_kind() {
    let Some(certificates) = certificates("masterlist/DE_ML_2026-05-28.ml") else { return };
    if Command::new("openssl").arg("version").output().is_err() {
        eprintln!("openssl absent: NOT VERIFIED against it");
        return;
    }
    let mut kinds = BTreeMap::new();
    for pair in pairs(&certificates) {
        let (subject, issuer) = (Certificate::parse(&pair.subject).unwrap(), Certificate::parse(&pair.issuer).unwrap());
        let exponent = match &issuer.key().unwrap().key {
            chip_crypto::signature::PublicKey::Rsa(key) => hex::encode(key.exponent()),
            chip_crypto::signature::PublicKey::Ec(_) => String::new(),
        };
        kinds.entry(format!("{} {exponent} {}", issuer.key_name(), subject.algorithm().unwrap())).or_insert(pair);
    }
    assert!(kinds.len() >= 30, "{:?}", kinds.keys());
    let folder = std::env::temp_dir().join(format!("signatures-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (kind, pair) in &kinds {
        let subject = Certificate::parse(&pair.subject).unwrap();
        let issuer = Certificate::parse(&pair.issuer).unwrap();
        for changed in [false, true] {
            let mut tbs = subject.tbs().to_vec();
            if changed {
                *tbs.last_mut().unwrap() ^= 1;
            }
            let ours = issuer.verify_signature(
                *subject.algorithm().unwrap(),
                chip_crypto::hash::HashAlgorithm::Sha256,
                &tbs,
                subject.signature(),
            );
            assert_eq!(ours.is_ok(), !changed, "{kind}");
            let files = [("issuer.der", issuer.der()), ("tbs", &tbs), ("signature", subject.signature())];
            for (name, bytes) in files {
                std::fs::write(folder.join(name), bytes).unwrap();
            }
            assert_eq!(ask_openssl(&folder, subject.algorithm().unwrap()), !changed, "{kind}");
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

fn ask_openssl(folder: &std::path::Path, algorithm: &SignatureAlgorithm) -> bool {
    let mut command = Command::new("openssl");
    command.current_dir(folder).args([
        "pkeyutl",
        "-verify",
        "-rawin",
        "-certin",
        "-keyform",
        "DER",
        "-inkey",
        "issuer.der",
    ]);
    command.args(["-in", "tbs", "-sigfile", "signature", "-digest"]);
    command.arg(algorithm.hash().unwrap().name().replace('-', "").to_lowercase());
    if let SignatureAlgorithm::RsaPss(pss) = algorithm {
        command.args(["-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt"]).arg(format!("rsa_pss_saltlen:{}", pss.salt_len));
        command.arg("-pkeyopt").arg(format!("rsa_mgf1_md:{}", pss.mgf.name().replace('-', "").to_lowercase()));
    }
    command.output().unwrap().status.success()
}

/// A seeded part of the ten thousand that `cargo run --release -p trust --example mutations` makes.
#[test]
fn no_changed_certificate_key_or_curve_is_accepted() {
    let Some(certificates) = certificates("masterlist/DE_ML_2026-05-28.ml") else { return };
    let some: Vec<_> = certificates.iter().step_by(4).cloned().collect();
    let pairs = pairs(&some);
    assert!(pairs.len() > 60, "{}", pairs.len());
    let (made, accepted) = run(&pairs, 1, 600);
    assert!(made.iter().all(|kind| *kind > 30), "{made:?}");
    assert!(accepted.is_empty(), "{accepted:#?}");
}

/// The keys of the eight certificates of the newest list that may not issue all stand in others that may.
#[test]
fn what_may_not_issue_is_no_loss() {
    let Some(certificates) = certificates("masterlist/DE_ML_2026-05-28.ml") else { return };
    let kept: Vec<_> = certificates.iter().filter(|c| !c.may_issue()).collect();
    let countries: Vec<_> = kept.iter().map(|c| c.country().unwrap()).collect();
    // Links with empty basic constraints (CM, IT, LU, PT, TR) or none at all (BE), whatever their key usage says.
    assert_eq!(countries, ["BE", "CM", "IT", "TR", "TR", "PT", "LU", "LU"]);
    for link in kept {
        let key = &link.key().unwrap().key;
        let able = certificates.iter().filter(|c| c.may_issue() && c.key().is_ok_and(|other| other.key == *key));
        assert!(able.count() > 0, "{}", link.subject());
    }
}
