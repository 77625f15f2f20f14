//! The rest of the negative matrix for passports: forged signatures, parameters and files, each with the code of its row.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use apdu::tlv::{Tag, encode};
use chip_crypto::hash::{HashAlgorithm, digest};
use chip_crypto::random::SeededRandom;
use chip_crypto::signature::{PublicKey, SignatureScheme, SigningKey};
use support::forgery::{dg2, explicit_key, forge_with_exponent_three, huge_image};
use support::world::{World, assert_code, deciding};
use support::{bits, dg1, dg1_of, int, oid, seq};
use trust::{CheckState, DataSignature, Finding, Level, PrintMatch};

#[test]
fn p16_to_p18_exchanged_files() {
    for number in [2, 14, 15] {
        let mut world = World::new().trusting();
        world.groups.insert(number, vec![0x6E, 2, 1, 1]);
        world.sod.groups.retain(|(n, _)| *n != number);
        world.sod.groups.push((number, digest(HashAlgorithm::Sha256, &[b"the issuer's file"])));
        assert_code(&world, &format!("DG_HASH_MISMATCH({number})"));
        let verdict = world.judge();
        assert_eq!((verdict.level(), verdict.data_signature), (Level::Red, DataSignature::Invalid));
    }
}

/// EF.COM with these data groups and the versions of LDS 1.7.
fn com(tags: &[u8]) -> Vec<u8> {
    let parts = [encode(Tag(0x5F01), b"0107"), encode(Tag(0x5F36), b"040000"), encode(Tag(0x5C), tags)];
    encode(Tag(0x60), &parts.concat())
}

#[test]
fn p20_p21_p54_ef_com_decides_nothing() {
    let mut world = World::new().trusting();
    assert_eq!(deciding(&world.judge_chip(&com(&[0x61, 0x75]))), None);
    let dg15 = vec![0x6F, 0];
    world.sod.groups.push((15, digest(HashAlgorithm::Sha256, &[&dg15])));
    let missing = world.judge_chip(&com(&[0x61, 0x75, 0x6F]));
    assert_eq!(deciding(&missing).as_deref(), Some("DG_MISSING(15)"));
    assert_ne!(missing.chip_genuine, trust::ChipGenuine::NotSupported);
    world.groups.insert(15, dg15);
    let hidden = world.judge_chip(&com(&[0x61, 0x75]));
    assert_eq!(deciding(&hidden).as_deref(), Some("COM_SOD_MISMATCH"));
    assert_eq!(hidden.check("active_authentication").unwrap().state, CheckState::NotChecked, "it was to run");
    let mut world = World::new().trusting();
    world.sod.versions = Some(["0108", "040000"]);
    assert_eq!(deciding(&world.judge_chip(&com(&[0x61, 0x75]))).as_deref(), Some("LDS_VERSION_MISMATCH"));
    world.sod.versions = Some(["0107", "040000"]);
    assert_eq!(deciding(&world.judge_chip(&com(&[0x61, 0x75]))), None);
}

#[test]
fn p24_another_document_than_the_printed_one() {
    let mut verdict = World::new().trusting().judge();
    let mut printed = chip::mrtd::dg1::parse(&dg1()).unwrap().fields().clone();
    verdict.compare_print(&printed);
    assert_eq!(verdict.print_match, PrintMatch::Match);
    printed.surname = "MUSTERMANN".into();
    verdict.compare_print(&printed);
    assert_eq!((verdict.codes()[0].as_str(), verdict.level()), ("MRZ_DG1_MISMATCH", Level::Red));
}

#[test]
fn p31_md5_is_never_computed() {
    let mut world = World::new().trusting();
    world.sod.stated_digest = Some("1.2.840.113549.2.5");
    assert_code(&world, "ALG_FORBIDDEN");
    assert!(matches!(world.judge().data_signature, DataSignature::NotChecked { .. }));
}

#[test]
fn p34_altered_curve_parameters() {
    let mut world = World::new().trusting();
    world.signer.spki = Some(explicit_key(&world, |_| {}));
    assert_eq!(deciding(&world.judge()), None);
    type Change = fn(&mut chip_crypto::curve::DomainParameters);
    let changes: [Change; 7] = [
        |p| p.gx[5] ^= 1,
        |p| p.gy[31] ^= 1,
        |p| p.p[31] ^= 2,
        |p| p.a[0] ^= 1,
        |p| p.b[9] ^= 1,
        |p| p.n[31] ^= 2,
        |p| p.h = 4,
    ];
    for change in changes {
        world.signer.spki = Some(explicit_key(&world, change));
        assert_code(&world, "EC_PARAM_INVALID");
        assert_eq!(world.judge().level(), Level::Red);
    }
}

#[test]
fn p35_values_that_are_no_signature_and_points_off_the_curve() {
    let order = || support::party(2, "UT", "").key.public();
    let PublicKey::Ec(point) = order() else { panic!("a curve") };
    assert_eq!(point.curve().name(), "secp256r1");
    let forgeries: [fn(&[u8]) -> Vec<u8>; 4] = [
        |_| seq(&[int(&[0]), int(&[1])]),
        |_| seq(&[int(&[1]), int(&[0])]),
        |_| seq(&[int(&chip_crypto::curve::NamedCurve::Secp256r1.parameters().n), int(&[1])]),
        |_| seq(&[int(&[1]), int(&[0xFF; 33])]),
    ];
    for forge in forgeries {
        let mut world = World::new().trusting();
        world.sod.forge = Some(forge);
        let verdict = world.judge();
        assert_eq!(deciding(&verdict).as_deref(), Some("SIG_ENCODING"));
        assert_eq!((verdict.level(), verdict.data_signature), (Level::Red, DataSignature::Invalid));
    }
    let mut world = World::new().trusting();
    let mut off = point.to_uncompressed();
    *off.last_mut().unwrap() ^= 1;
    let named = seq(&[oid("1.2.840.10045.2.1"), oid(point.curve().oid())]);
    world.signer.spki = Some(seq(&[named, bits(&off)]));
    assert_code(&world, "EC_POINT_INVALID");
}

#[test]
fn p36_padding_forged_for_exponent_three() {
    let mut world = World::new().trusting();
    let key = SigningKey::generate_rsa(2048, &mut SeededRandom::new(12)).unwrap();
    let PublicKey::Rsa(public) = key.public() else { panic!("an RSA key") };
    let numbers = seq(&[int(public.modulus()), int(&[3])]);
    world.signer.spki = Some(seq(&[seq(&[oid("1.2.840.113549.1.1.1"), encode(Tag(0x05), &[])]), bits(&numbers)]));
    world.sod.stated_scheme = Some(SignatureScheme::RsaPkcs1(HashAlgorithm::Sha256));
    world.sod.forge = Some(forge_with_exponent_three);
    assert_code(&world, "SOD_SIG_INVALID");
}

#[test]
fn p48_p49_what_the_issuer_signed_and_is_wrong_or_over() {
    let signed = |zone: &str| {
        let mut world = World::new().trusting();
        world.groups.insert(1, dg1_of(zone));
        world.sod.groups[0].1 = digest(HashAlgorithm::Sha256, &[&dg1_of(zone)]);
        world.judge()
    };
    let wrong = signed("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C37UTO7408122F1204159ZE184226B<<<<<10");
    assert_eq!(deciding(&wrong).as_deref(), Some("MRZ_CHECK_DIGIT"));
    let expired = World::new().trusting().judge();
    assert!(expired.findings.contains(&Finding::DocumentExpired));
    assert_eq!(expired.validity, trust::Validity::Expired { since: "2012-04-15".into() });
}

#[test]
fn p50_p51_portraits() {
    let huge = huge_image();
    for (file, code) in
        [(dg2(1, &huge), "IMAGE_LIMIT"), (dg2(2, &huge), "DG2_FACE_COUNT"), (dg2(0, &huge), "DG2_FACE_COUNT")]
    {
        let mut world = World::new().trusting();
        world.sod.groups[1].1 = digest(HashAlgorithm::Sha256, &[&file]);
        world.groups.insert(2, file);
        assert_code(&world, code);
    }
}

/// Valid documents of every kind of key: none is refused.
#[test]
fn controls_of_every_algorithm_are_accepted() {
    use chip_crypto::curve::NamedCurve;
    let mut kinds = 0;
    for curve in NamedCurve::ALL {
        for explicit in [false, true] {
            let mut world = World::new().trusting();
            world.dsc.key = SigningKey::generate_ec(curve, &mut SeededRandom::new(40)).unwrap();
            if explicit {
                world.signer.spki = Some(explicit_key(&world, |_| {}));
            }
            let wanted = (curve.field_len() < 28).then_some("KEY_TOO_SMALL");
            assert_eq!(deciding(&world.judge()).as_deref(), wanted, "{} explicit {explicit}", curve.name());
            assert_eq!(world.judge().data_signature, DataSignature::Valid);
            kinds += 1;
        }
    }
    let mut rsa = World::new().trusting();
    rsa.dsc.key = SigningKey::generate_rsa(2048, &mut SeededRandom::new(41)).unwrap();
    let hash = HashAlgorithm::Sha256;
    for scheme in [
        SignatureScheme::RsaPkcs1(hash),
        SignatureScheme::RsaPss { hash, mgf: hash, salt_len: 32 },
        SignatureScheme::RsaPss { hash, mgf: hash, salt_len: 20 },
        SignatureScheme::RsaPss { hash, mgf: hash, salt_len: 64 },
    ] {
        rsa.dsc.scheme = scheme;
        assert_eq!(deciding(&rsa.judge()), None, "{scheme:?}");
        kinds += 1;
    }
    assert_eq!(kinds, 26);
}

/// Documents and signers of one state, with the special codes of Doc 9303-3, 5.
#[test]
fn p04_states_and_their_signers() {
    let judged = |state: &str, country: &str| {
        let mut world = World::new();
        world.csca = support::party(1, country, "CSCA");
        world.dsc = support::party(2, country, "Signer");
        let zone =
            format!("P<{state:<<3}ERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10");
        world.groups.insert(1, dg1_of(&zone));
        world.sod.groups[0].1 = digest(HashAlgorithm::Sha256, &[&dg1_of(&zone)]);
        deciding(&world.trusting().judge())
    };
    for (state, country) in [
        ("D", "DE"),
        ("UTO", "UT"),
        ("EUE", "EU"),
        ("UNO", "UN"),
        ("UNA", "UN"),
        ("UNK", "KS"),
        ("XOM", "XO"),
        ("RKS", "KS"),
        ("RKS", "XK"),
        ("GBD", "GB"),
        ("GBN", "GB"),
        ("GBO", "GB"),
        ("GBP", "GB"),
        ("GBS", "GB"),
        ("GBR", "GB"),
        ("JPN", "JP"),
        ("ROU", "RO"),
        ("CHN", "HK"),
    ] {
        assert_eq!(judged(state, country), None, "{state} {country}");
    }
    // Persons without a nationality carry documents of a state: XXA to XXC and XXX are never an issuer.
    for (state, country) in
        [("FRA", "DE"), ("D", "DK"), ("XXA", "DE"), ("XXB", "XX"), ("XXC", "UT"), ("XXX", "XX"), ("UTO", "UN")]
    {
        assert_eq!(judged(state, country).as_deref(), Some("COUNTRY_MISMATCH"), "{state} {country}");
    }
}
