//! What the test issuer issues: parsed and verified by OpenSSL where it is installed, deterministic, and plainly nobody's.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::process::Command;

use apdu::tlv::{self, Tag};
use simulator::issuer::{PassportPlan, PkiPlan, TestPki};
use simulator::{BUILT_IN, Content, PORTRAIT_JP2, Profile};

fn openssl(folder: &Path, arguments: &[&str]) -> Option<String> {
    let Ok(output) = Command::new("openssl").args(arguments).current_dir(folder).output() else {
        eprintln!("openssl absent: NOT VERIFIED");
        return None;
    };
    let text = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&text));
    Some(String::from_utf8_lossy(&text).into_owned())
}

fn named_curves() -> TestPki {
    // OpenSSL's chain check refuses explicit curve parameters, which real passports have; so this PKI names its curves.
    TestPki::generate(&PkiPlan { explicit_parameters: false, ..PkiPlan::default() }).unwrap()
}

#[test]
fn openssl_parses_every_file() {
    let folder = tempfile::tempdir().unwrap();
    let pki = TestPki::generate(&PkiPlan::default()).unwrap();
    let profile = pki.issue(&PassportPlan::default()).unwrap();
    let mut files: Vec<(String, Vec<u8>)> =
        profile.files.iter().map(|(id, content)| (id.clone(), content.bytes(&profile.base).unwrap())).collect();
    files.push(("csca".into(), pki.csca_certificate().to_vec()));
    files.push(("list".into(), pki.master_list().unwrap()));
    for (name, bytes) in files {
        std::fs::write(folder.path().join(&name), bytes).unwrap();
        if openssl(folder.path(), &["asn1parse", "-inform", "DER", "-in", &name]).is_none() {
            return;
        }
    }
    let text = openssl(folder.path(), &["x509", "-inform", "DER", "-in", "csca", "-noout", "-text"]).unwrap();
    for part in ["C = UT", "O = Madoguchi Test PKI", "OU = TEST ONLY", "CA:TRUE", "Certificate Sign"] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn openssl_verifies_security_object_and_master_list_up_to_the_csca() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let pki = named_curves();
    std::fs::write(at("csca.der"), pki.csca_certificate()).unwrap();
    if openssl(folder.path(), &["x509", "-inform", "DER", "-in", "csca.der", "-out", "csca.pem"]).is_none() {
        return;
    }
    let profile = pki.issue(&PassportPlan::default()).unwrap();
    let sod = profile.files["011D"].bytes(&profile.base).unwrap();
    std::fs::write(at("sod"), tlv::find(&sod, Tag(0x77)).unwrap().unwrap()).unwrap();
    std::fs::write(at("list"), pki.master_list().unwrap()).unwrap();
    for name in ["sod", "list"] {
        openssl(
            folder.path(),
            &[
                "cms", "-verify", "-inform", "DER", "-in", name, "-CAfile", "csca.pem", "-purpose", "any", "-out",
                "content",
            ],
        );
        assert_eq!(std::fs::read(at("content")).unwrap()[0], 0x30);
    }
}

#[test]
fn the_same_plan_makes_the_same_bytes_and_another_seed_others() {
    let make = |seed| TestPki::generate(&PkiPlan { seed, ..PkiPlan::default() }).unwrap();
    assert_eq!(make(1).csca_certificate(), make(1).csca_certificate());
    assert_ne!(make(1).csca_certificate(), make(2).csca_certificate());
    assert_eq!(Profile::built_in("specimen").unwrap(), Profile::built_in("specimen").unwrap());
}

#[test]
fn nobody_real_is_in_a_built_in_profile() {
    for name in BUILT_IN {
        let profile = Profile::built_in(name).unwrap();
        let dg1 = profile.files["0101"].bytes(&profile.base).unwrap();
        let text = String::from_utf8_lossy(&dg1).into_owned();
        assert!(text.contains("P<UTOSPECIMEN<<"), "{name}: state of Utopia, surname SPECIMEN");
        assert!(text.contains("TEST"));
    }
}

#[test]
fn the_portrait_is_small_and_jpeg_2000() {
    assert!(PORTRAIT_JP2.len() <= 15 * 1024);
    assert_eq!(PORTRAIT_JP2[4..8], *b"jP  ");
    let profile = Profile::built_in("specimen").unwrap();
    let dg2 = profile.files["0102"].bytes(&profile.base).unwrap();
    let at = dg2.windows(4).position(|window| window == b"FAC\0").unwrap();
    let record = &dg2[at..];
    assert_eq!(u32::from_be_bytes(record[8..12].try_into().unwrap()) as usize, record.len());
    assert_eq!(&record[46..], PORTRAIT_JP2, "14 + 20 + 12 bytes of headers");
}

#[test]
fn a_profile_survives_json_and_takes_files_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut profile = Profile::built_in("specimen").unwrap();
    profile.files.insert("0102".into(), Content::Path("dg2.bin".into()));
    std::fs::write(folder.path().join("dg2.bin"), [0x75, 0x00]).unwrap();
    let file = folder.path().join("profile.json");
    std::fs::write(&file, profile.to_json().unwrap()).unwrap();
    let again = Profile::load(&file).unwrap();
    assert_eq!(again.files, profile.files);
    assert_eq!(again.access, profile.access);
    assert_eq!(again.files["0102"].bytes(&again.base).unwrap(), [0x75, 0x00]);
    assert!(simulator::place(&again).is_ok());
    assert!(Profile::find(file.to_str().unwrap()).is_ok());
    assert!(Profile::from_json("{\"name\":\"x\",\"access\":{},\"unknown\":1}", folder.path()).is_err());
}

#[test]
fn an_embedded_profile_needs_no_files() {
    let folder = tempfile::tempdir().unwrap();
    let dg1 = Profile::built_in("specimen").unwrap().files["0101"].bytes(Path::new("")).unwrap();
    std::fs::write(folder.path().join("Datagroup1.bin"), &dg1).unwrap();
    let profile = Profile::from_directory(folder.path()).unwrap();
    assert!(profile.access.mrz.is_none(), "the key comes from DG1");
    let embedded = profile.embed().unwrap();
    drop(folder);
    let again = Profile::from_json(&embedded.to_json().unwrap(), Path::new("/nowhere")).unwrap();
    assert_eq!(again.files["0101"].bytes(&again.base).unwrap(), dg1);
    assert!(simulator::place(&again).is_ok());
}

#[test]
fn a_hand_written_profile_with_faults_and_quirks_is_understood() {
    let text = r#"{
        "name": "hand",
        "access": { "mrz": "P<UTOSPECIMEN<<TEST<<<<<<<<<<<<<<<<<<<<<<<<<\nXTEST00014UTO9002031F3505314<<<<<<<<<<<<<<00", "bac": true },
        "files": { "011E": { "hex": "60 16 5F 01 04 30 31 30 38" } },
        "quirks": { "max_read": 192, "excess": "wrong-length", "file_end": "refuse", "atr": "3B00" },
        "faults": [
            { "kind": "lift", "at": 12 },
            { "kind": "status", "at": 3, "status": "6F00" },
            { "kind": "changed-byte", "file": "011E", "offset": 1, "xor": 1 },
            { "kind": "slow", "per_apdu_ms": 5 }
        ]
    }"#;
    let profile = Profile::from_json(text, Path::new(".")).unwrap();
    assert_eq!(profile.faults.len(), 4);
    assert_eq!(simulator::place(&profile).unwrap().atr(), [0x3B, 0x00]);
    let again = Profile::from_json(&profile.to_json().unwrap(), Path::new(".")).unwrap();
    assert_eq!(again, profile);
}
