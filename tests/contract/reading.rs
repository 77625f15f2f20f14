//! A card in a real PC/SC reader, read by the command line: `pcscd`, the virtual reader, the simulated chip.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use acceptance::{Pcscd, Run, kioskctl, test_data};
use simulator::vpcd::{ServeOptions, Stop, serve};
use simulator::{Cipher, PaceVariant, Profile, SimulatedCard};

/// Serves the card of a profile while `work` runs.
fn with_card<T>(profile: &Profile, work: impl FnOnce() -> T) -> T {
    with_placed(simulator::place(profile).expect("a card"), work)
}

/// Serves a card while `work` runs.
pub fn with_placed<T>(mut card: Box<dyn SimulatedCard>, work: impl FnOnce() -> T) -> T {
    let _pcscd = Pcscd::start();
    let stop = Stop::new();
    let gone = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let serving = scope.spawn(|| {
            let served = serve(card.as_mut(), &ServeOptions::default(), &stop);
            gone.store(true, Ordering::SeqCst);
            served
        });
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(15) {
            let readers = kioskctl().args(["--json", "readers"]).run();
            if readers.status == 0
                && readers.json()["readers"].as_array().is_some_and(|r| r.iter().any(|r| r["card_present"] == true))
            {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let result = work();
        stop.stop();
        serving.join().expect("the card's thread").expect("the card was served");
        result
    })
}

/// The BSI reference passport: its files and keys lie in the test data.
fn bsi(folder: &Path) -> Profile {
    Profile::from_directory(folder).expect("the reference data set")
}

fn read_bsi(extra: &[&str]) -> Run {
    kioskctl()
        .args(["--json", "read", "passport", "--reader", "Virtual PCD", "--at", "2014-06-01T00:00:00Z"])
        .args(["--document-number", "C11T002JM", "--birth", "960812", "--expiry", "231031"])
        .args(extra)
        .run()
}

fn assert_chip_proven(run: &Run, access: &str) {
    let answer = run.json();
    let checks = &answer["checks"];
    assert!(checks["access"]["detail"].as_str().is_some_and(|d| d.contains(access)), "{checks:#}");
    assert_eq!(checks["chip_authentication"]["state"], "Passed", "{checks:#}");
    // The reference SOD does not list DG15: the proof is complete and said not to be bound.
    assert_eq!(checks["active_authentication"]["state"], "Passed", "{checks:#}");
    assert!(answer["codes"].as_array().is_some_and(|c| c.iter().any(|c| c == "DG_NOT_IN_SOD(15)")), "{answer:#}");
    assert_eq!(checks["sod_signature"]["state"], "Passed", "{checks:#}");
    assert_eq!(checks["dg_hashes"]["state"], "Passed", "{checks:#}");
    assert_eq!(answer["level"], "amber", "{answer:#}");
    assert_eq!(answer["fields"]["document_number"], "C11T002JM");
    assert_eq!(run.status, 0);
}

#[test]
fn the_reference_passport_is_read_with_bac() {
    let Some(data) = test_data() else { return };
    let profile = bsi(&data.join("emrtd/bsi-tr03105-5"));
    let run = with_card(&profile, || read_bsi(&[]));
    assert_chip_proven(&run, "BAC");
}

#[test]
fn the_reference_passport_is_read_with_pace() {
    let Some(data) = test_data() else { return };
    for cipher in [Cipher::TripleDes, Cipher::Aes128, Cipher::Aes256] {
        // 13: brainpoolP256r1.
        let profile = bsi(&data.join("emrtd/bsi-tr03105-5")).with_pace(&[PaceVariant::generic(cipher, 13)], None);
        let run = with_card(&profile, || read_bsi(&[]));
        assert_chip_proven(&run, "PACE");
    }
}

#[test]
fn the_own_specimen_is_green_with_its_own_list_and_amber_without() {
    let profile = Profile::built_in("specimen").expect("a built-in profile");
    let pki = simulator::issuer::TestPki::generate(&simulator::issuer::PkiPlan::default()).expect("the test issuer");
    let folder = tempfile::tempdir().expect("a folder");
    let csca = folder.path().join("csca.der");
    std::fs::write(&csca, pki.csca_certificate()).expect("a file");
    let mrz = folder.path().join("mrz.txt");
    let dg1 = profile.files["0101"].bytes(&profile.base).expect("DG1");
    std::fs::write(&mrz, &dg1[dg1.len() - 88..]).expect("a file");
    with_card(&profile, || {
        let read = |trust: bool| {
            let command =
                kioskctl().args(["--json", "read", "passport", "--reader", "Virtual PCD", "--mrz-file"]).arg(&mrz);
            if trust { command.arg("--trust").arg(&csca).run() } else { command.run() }
        };
        let trusted = read(true);
        assert_eq!(trusted.json()["level"], "green", "{:#}", trusted.json());
        assert_eq!(trusted.json()["codes"].as_array().map(Vec::len), Some(0), "{:#}", trusted.json());
        assert_eq!(trusted.status, 0);
        let unknown = read(false);
        assert_eq!(unknown.json()["codes"][0], "TRUST_STORE_EMPTY", "{:#}", unknown.json());
        assert_eq!(unknown.json()["level"], "amber");
    });
}

#[test]
fn a_wrong_key_could_not_be_completed_and_says_so() {
    let profile = Profile::built_in("specimen").expect("a built-in profile");
    let run = with_card(&profile, || {
        kioskctl()
            .args(["--json", "read", "passport", "--reader", "Virtual PCD"])
            .args(["--document-number", "XX0000000", "--birth", "900101", "--expiry", "300101"])
            .run()
    });
    assert_eq!(run.status, 3, "{}", run.stdout);
    assert_eq!(run.json()["error"], "ACCESS_KEY_MRZ_MISMATCH");
}
