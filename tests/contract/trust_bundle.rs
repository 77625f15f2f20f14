//! `trust import` and `trust diff`, as an operator uses them.

use acceptance::{kioskctl, test_data};

#[test]
fn lists_become_a_bundle_that_only_rises() {
    let Some(data) = test_data() else { return };
    let lists = data.join("emrtd/masterlist");
    let folder = tempfile::tempdir().expect("a folder");
    let import = |names: &[&str]| {
        let mut command = kioskctl().args(["--json", "trust", "import", "--data-dir"]).arg(folder.path());
        for name in names {
            command = command.arg(lists.join(name));
        }
        command.run()
    };
    let first = import(&["DE_ML_2026-04-08.ml", "ID"]);
    assert_eq!((first.status, &first.json()["version"]), (0, &1.into()), "{:#}", first.json());
    assert_eq!(first.json()["certificates"], 586);
    let second = import(&["DE_ML_2026-05-28.ml"]);
    assert_eq!((second.status, &second.json()["version"]), (0, &2.into()), "{:#}", second.json());
    assert_eq!(second.json()["certificates"], 593);
    let older = import(&["DE_ML_2026-04-08.ml"]);
    assert_eq!((older.status, &older.json()["error"]), (3, &"TRUST_LIST_ROLLBACK".into()));
    let wrong = import(&["DE_ROOT_CA_CSCA07.cer", "ICAO_ml_2023-09.ml"]);
    assert_eq!((wrong.status, &wrong.json()["error"]), (3, &"TRUST_LIST_INVALID".into()));

    // The bundle is what documents are judged by: without a revocation list nobody knows.
    let run = kioskctl()
        .args(["--json", "verify", "passport", "--at", "2026-06-01T00:00:00Z", "--sod"])
        .arg(data.join("emrtd/sod/FI_EF_SOD.bin"))
        .arg("--trust")
        .arg(folder.path().join("trust"))
        .run();
    let answer = run.json();
    assert_eq!(answer["codes"], serde_json::json!(["CRL_MISSING"]), "{answer:#}");
    assert_eq!(answer["checks"]["chain"]["state"], "Passed");

    let diff = kioskctl()
        .args(["--json", "trust", "diff"])
        .arg(lists.join("DE_ML_2026-04-08.ml"))
        .arg(folder.path().join("trust"))
        .run();
    assert_eq!(
        (diff.status, &diff.json()["added"], &diff.json()["removed"]),
        (0, &17.into(), &5.into()),
        "{:#}",
        diff.json()
    );
    assert_eq!(diff.json()["countries"]["ID"]["added"].as_array().map(Vec::len), Some(5));
}
