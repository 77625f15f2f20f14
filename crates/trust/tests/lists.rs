//! Published lists, odd certificates and synthetic authorities of every algorithm.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use trust::{
    Certificate, CurveNotation, ImportError, ImportKind, IssuerSignature, KeyError, TrustStore, import, inspect_list,
};

#[test]
fn the_german_list_is_read_whole_and_equals_its_inventory_row_by_row() {
    let Some(list) = support::data("masterlist/DE_ML_2026-05-28.ml") else { return };
    let Some(inventory) = support::data("masterlist/DE_ML_2026-05-28.inventory.tsv") else { return };
    let report = inspect_list(&list).unwrap();
    assert_eq!(report.certificates.len(), 588);
    assert_eq!((report.verified(), report.issuer_missing().count(), report.refused().count()), (576, 12, 0));
    let mut paired = 0;
    let inventory = String::from_utf8(inventory).unwrap();
    for row in inventory.lines().skip(1) {
        let row: Vec<&str> = row.split('\t').collect();
        let found = report.certificates.iter().find(|c| c.sha256 == row[0]).unwrap();
        assert_eq!(found.country, row[1]);
        assert_eq!(found.not_before.to_string()[..10], *row[2], "{}", row[0]);
        assert_eq!(found.not_after.to_string()[..10], *row[3], "{}", row[0]);
        assert_eq!(found.key, row[4], "{}", row[0]);
        assert_eq!(found.ec_parameters.as_deref().unwrap_or_default(), row[5], "{}", row[0]);
        assert_eq!(found.signature, row[6], "{}", row[0]);
        let role = serde_json::to_value(found.role).unwrap();
        // A link certificate that is kept from issuing by its own extensions is called what it is.
        assert!(role == row[7] || role == "other", "{}: {role}", row[0]);
        paired += usize::from(report.certificates.iter().any(|c| c.sha256 == row[8]));
        same_issuer(&list, &found.issuer, row[8], row[0]);
    }
    // The inventory names the issuer across many lists and finds 572 of them in this one. Four certificates more (of ES, FI and
    // HU) are verified: this list has a certificate of the same authority with the key their authority key identifier names.
    assert_eq!(paired, 572);
}

/// Several certificates may hold one key (its own and its links); any of them is the issuer.
fn same_issuer(list: &[u8], found: &IssuerSignature, expected: &str, subject: &str) {
    thread_local!(static KEYS: std::cell::OnceCell<std::collections::HashMap<String, String>> = const { std::cell::OnceCell::new() });
    let key_of = |sha256: &str| {
        KEYS.with(|keys| {
            let keys = keys.get_or_init(|| {
                let hex = |bytes: [u8; 32]| hex::encode(bytes);
                import(list)
                    .unwrap()
                    .certificates
                    .iter()
                    .map(|c| (hex(c.sha256()), format!("{:?}", c.key().unwrap().key)))
                    .collect()
            });
            keys.get(sha256).cloned()
        })
    };
    match found {
        IssuerSignature::Verified { issuer_sha256 } => {
            assert!(key_of(expected).is_none_or(|key| Some(key) == key_of(issuer_sha256)), "{subject}");
        }
        IssuerSignature::IssuerMissing => assert_eq!(key_of(expected), None, "{subject}"),
        IssuerSignature::Refused { reason } => panic!("{subject}: {reason}"),
    }
}

#[test]
fn every_form_of_list_is_read() {
    for (path, kind, count) in [
        ("DE_ML_2026-04-08.ml", ImportKind::MasterList, 581),
        ("bare_CscaMasterList_2026-02.der", ImportKind::BareMasterList, 581),
        ("DE_ROOT_CA_CSCA07.cer", ImportKind::Certificates, 1),
    ] {
        let Some(bytes) = support::data(&format!("masterlist/{path}")) else { return };
        let read = import(&bytes).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!((read.kind, read.certificates.len()), (kind, count), "{path}");
    }
}

/// The shape of the public directory's download: the list as a folded base64 attribute.
#[test]
fn a_list_inside_a_directory_download_is_read() {
    use base64::Engine as _;
    let Some(list) = support::data("masterlist/DE_ML_2026-04-08.ml") else { return };
    for attribute in ["pkdMasterListContent", "CscaMasterListData"] {
        let text = format!("{attribute}:: {}", base64::engine::general_purpose::STANDARD.encode(&list));
        let mut ldif = "version: 1\n\ndn: o=ml,c=DE\nobjectClass: top\n".to_owned();
        for (at, part) in text.as_bytes().chunks(76).enumerate() {
            ldif.push_str(if at == 0 { "" } else { " " });
            ldif.push_str(std::str::from_utf8(part).unwrap());
            ldif.push('\n');
        }
        let read = import(ldif.as_bytes()).unwrap_or_else(|error| panic!("{attribute}: {error}"));
        assert_eq!((read.kind, read.certificates.len()), (ImportKind::Ldif, 581));
    }
}

/// The copy of the 2023 list fails in OpenSSL too ("bad signature"): it is refused, alone and inside a directory download.
#[test]
fn a_list_whose_signature_is_wrong_is_refused_in_every_wrapping() {
    for path in ["ICAO_ml_2023-09.ml", "derived_ICAO_2023-09.ldif"] {
        let Some(bytes) = support::data(&format!("masterlist/{path}")) else { return };
        assert!(matches!(import(&bytes), Err(ImportError::ListSignature(_))), "{path}");
    }
}

#[test]
fn a_changed_or_older_list_is_refused_whole() {
    let (Some(newer), Some(older)) =
        (support::data("masterlist/DE_ML_2026-05-28.ml"), support::data("masterlist/DE_ML_2026-04-08.ml"))
    else {
        return;
    };
    let mut changed = newer.clone();
    changed[400_000] ^= 1;
    assert_eq!(import(&changed).unwrap_err().code(), "TRUST_LIST_INVALID");
    let mut changed = newer.clone();
    *changed.last_mut().unwrap() ^= 1;
    assert!(matches!(import(&changed), Err(ImportError::ListSignature(_))));
    let mut store = TrustStore::empty();
    assert_eq!(store.update(import(&newer).unwrap()), Ok(588));
    let refused = store.update(import(&older).unwrap()).unwrap_err();
    assert_eq!((refused.code(), store.len()), ("TRUST_LIST_ROLLBACK", 588));
}

#[test]
fn odd_certificates_are_readable_and_verified_over_their_own_bytes() {
    for name in [
        "AE_d0e477b5de01",
        "AT_0e25cff1cc76",
        "AT_209145252605",
        "DE_e15ea4238849",
        "DZ_a5be587a133b",
        "JP_5284a0357d62",
        "JP_8fb636e2eb77",
        "JP_fafc46eb6f3c",
    ] {
        let Some(der) = support::data(&format!("odd-certs/{name}.der")) else { return };
        let certificate = Certificate::parse(&der).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(certificate.country().unwrap(), name[..2]);
        assert!(certificate.key().is_ok(), "{name}: {:?}", certificate.key());
    }
}

#[test]
fn every_synthetic_authority_verifies_its_signer() {
    for folder in [
        "sha1_ecdsa_brainpoolP224r1",
        "sha1_ecdsa_brainpoolP256r1",
        "sha1_rsa_3_4096",
        "sha224_ecdsa_brainpoolP224r1",
        "sha224_ecdsa_secp224r1",
        "sha256_ecdsa_brainpoolP256r1",
        "sha256_ecdsa_brainpoolP384r1",
        "sha256_ecdsa_secp384r1",
        "sha256_ecdsa_secp521r1",
        "sha256_rsa_3_4096",
        "sha256_rsa_65537_4096",
        "sha256_rsapss_32_3_4096",
        "sha256_rsapss_32_65537_2048",
        "sha256_rsapss_32_65537_4096",
        "sha384_ecdsa_brainpoolP256r1",
        "sha384_ecdsa_brainpoolP512r1",
        "sha384_ecdsa_secp384r1",
        "sha384_rsapss_48_65537_3072",
        "sha512_ecdsa_brainpoolP256r1",
        "sha512_ecdsa_brainpoolP384r1",
        "sha512_ecdsa_secp521r1",
        "sha512_rsapss_64_65537_4096",
    ] {
        let (Some(csca), Some(dsc)) = (
            support::data(&format!("mock-pki/{folder}/mock_csca.pem")),
            support::data(&format!("mock-pki/{folder}/mock_dsc.pem")),
        ) else {
            return;
        };
        let one = |pem: &[u8]| import(pem).unwrap_or_else(|error| panic!("{folder}: {error}")).certificates.remove(0);
        let (csca, dsc) = (one(&csca), one(&dsc));
        assert_eq!(dsc.verify_issued_by(&csca), Ok(()), "{folder}");
        assert!(csca.verify_issued_by(&dsc).is_err(), "{folder}");
    }
}

#[test]
fn explicit_parameters_with_one_altered_number_are_refused() {
    let Some(der) = support::data("sod/DE_DSC.der") else { return };
    let certificate = Certificate::parse(&der).unwrap();
    let key = certificate.key().unwrap();
    assert_eq!(key.notation, Some(CurveNotation::Explicit));
    let chip_crypto::signature::PublicKey::Ec(point) = &key.key else { panic!("a curve") };
    let curve = point.curve().parameters();
    let find = |number: &[u8]| der.windows(number.len()).position(|window| window == number).unwrap();
    // After the order stands the cofactor: 02 01 01.
    let cofactor = find(&curve.n) + curve.n.len() + 2;
    assert_eq!(der[cofactor], 1);
    for at in
        [find(&curve.p), find(&curve.a), find(&curve.b), find(&curve.gx), find(&curve.gy), find(&curve.n), cofactor]
    {
        let mut changed = der.clone();
        changed[at] ^= 0x02;
        let changed = Certificate::parse(&changed).unwrap();
        assert_eq!(changed.key().unwrap_err(), &KeyError::ExplicitParameters, "byte {at}");
    }
}
