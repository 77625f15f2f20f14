//! Valid documents: every kind of key, protocol, proof and oddity that genuine documents have. None may be refused.

use apdu::tlv::{Tag, encode};
use chip_crypto::curve::NamedCurve;
use chip_crypto::hash::HashAlgorithm;
use chip_crypto::modp::ModpGroup;
use chip_crypto::random::SeededRandom;
use chip_crypto::signature::{SignatureScheme, SigningKey};
use simulator::issuer::{ChipPlan, Holder, PassportPlan, PkiPlan};
use simulator::{AaHash, Cipher, Excess, FileEnd, Group, Mapping, PaceVariant, Quirks};

use crate::case::Case;
use crate::made::{Key, Made, Scene, bac_plan, scene};
use crate::passport::{rsa_key, rsa_pkcs8};
use crate::support::forgery::explicit_key;
use crate::support::{CertSpec, authority, crl, issue, name, party, sod};

pub fn cases() -> Vec<Case> {
    let mut cases = protocols();
    cases.extend(oddities());
    cases.extend(signers());
    cases.extend(issuers());
    cases
}

fn issued(plan: PassportPlan) -> Made {
    Made::issued(&plan, &PkiPlan::default())
}

fn green(what: impl Into<String>, plan: PassportPlan) -> Case {
    Case::control(what, None, move || issued(plan))
}

/// How the chip is opened and how it proves itself.
fn protocols() -> Vec<Case> {
    let mut cases = vec![
        green("PACE, Chip and Active Authentication", PassportPlan::default()),
        green("BAC with Active Authentication", bac_plan()),
        green("BAC, no proof of the chip", PassportPlan { active: None, ..bac_plan() }),
        green("PACE without BAC", PassportPlan { bac: false, ..PassportPlan::default() }),
        Case::control("PACE with the card access number", None, || {
            issued(PassportPlan::default()).change(|made| made.key = Key::Can("123456"))
        }),
        green("Chip Authentication alone", PassportPlan { active: None, ..PassportPlan::default() }),
    ];
    for (parameter_id, mapping, cipher) in [
        (12, Mapping::Generic, Cipher::TripleDes),
        (15, Mapping::Generic, Cipher::Aes256),
        (18, Mapping::Generic, Cipher::Aes192),
        (0, Mapping::Generic, Cipher::Aes128),
        (9, Mapping::Integrated, Cipher::Aes192),
        (13, Mapping::ChipAuthentication, Cipher::Aes128),
        (16, Mapping::ChipAuthentication, Cipher::Aes256),
    ] {
        let pace = vec![PaceVariant { cipher, parameter_id, mapping }];
        let what = format!("PACE, {mapping:?} mapping, parameters {parameter_id}, {cipher:?}");
        cases.push(green(what, PassportPlan { pace, ..PassportPlan::default() }));
    }
    for (curve, cipher) in [
        (NamedCurve::Secp224r1, Cipher::TripleDes),
        (NamedCurve::Secp256r1, Cipher::Aes128),
        (NamedCurve::Secp384r1, Cipher::Aes192),
        (NamedCurve::Secp521r1, Cipher::Aes256),
        (NamedCurve::BrainpoolP320r1, Cipher::TripleDes),
        (NamedCurve::BrainpoolP512r1, Cipher::Aes256),
    ] {
        let what = format!("Chip Authentication on {}, {cipher:?}", curve.name());
        cases.push(green(what, PassportPlan { chip: Some((curve, cipher)), ..PassportPlan::default() }));
    }
    let modp = ChipPlan {
        group: Group::Modp(ModpGroup::Modp2048Order256),
        cipher: Cipher::Aes128,
        key_id: None,
        inferred: false,
    };
    let plan = PassportPlan { chip: None, more_chip_keys: vec![modp], active: None, ..PassportPlan::default() };
    cases.push(green("Chip Authentication modulo p", plan));
    for (curve, hash, active_der) in [
        (NamedCurve::BrainpoolP384r1, AaHash::Sha384, false),
        (NamedCurve::Secp521r1, AaHash::Sha512, true),
        (NamedCurve::BrainpoolP256r1, AaHash::Sha224, false),
        (NamedCurve::Secp384r1, AaHash::Sha1, true),
    ] {
        let what = format!("Active Authentication on {}, {hash:?}, DER {active_der}", curve.name());
        let plan = PassportPlan { active: Some((curve, hash)), active_der, ..PassportPlan::default() };
        cases.push(green(what, plan));
    }
    for (length, hash) in [(1024, AaHash::Sha1), (1024, AaHash::Sha256)] {
        let plan = PassportPlan { active_key: Some((rsa_pkcs8(length), hash)), ..PassportPlan::default() };
        cases.push(green(format!("Active Authentication, RSA-{length}, {hash:?}"), plan));
    }
    cases
}

/// Legal oddities of chips.
fn oddities() -> Vec<Case> {
    let plain = Quirks::default();
    let odd = [
        ("short APDUs alone", Quirks { extended: false, ..plain.clone() }),
        ("no short identifiers", Quirks { short_ids: false, ..plain.clone() }),
        ("192 bytes a read, fewer given", Quirks { extended: false, max_read: 192, ..plain.clone() }),
        (
            "192 bytes a read, else 6700",
            Quirks { extended: false, max_read: 192, excess: Excess::WrongLength, ..plain.clone() },
        ),
        (
            "192 bytes a read, else 6Cxx",
            Quirks { extended: false, max_read: 192, excess: Excess::CorrectLength, ..plain.clone() },
        ),
        (
            "128 bytes a read, else the channel is gone",
            Quirks { extended: false, max_read: 128, excess: Excess::DropChannel, ..plain.clone() },
        ),
        ("file end without a warning", Quirks { file_end: FileEnd::Ok, ..plain.clone() }),
        ("file end refused", Quirks { extended: false, file_end: FileEnd::Refuse, ..plain }),
    ];
    odd.into_iter()
        .map(|(what, quirks)| {
            Case::control(format!("chip with {what}"), None, move || {
                issued(PassportPlan::default()).change(|made| made.profile.quirks = quirks)
            })
        })
        .collect()
}

/// Keys and digests of the signer.
fn signers() -> Vec<Case> {
    let mut cases = Vec::new();
    for curve in NamedCurve::ALL.into_iter().filter(|curve| curve.field_len() >= 28) {
        for explicit in [false, true] {
            let notation = if explicit { "explicit" } else { "named" };
            cases.push(Case::control(format!("signer on {}, {notation}", curve.name()), None, move || {
                scene(|scene| {
                    let key = SigningKey::generate_ec(curve, &mut SeededRandom::new(40));
                    scene.world.dsc.key = key.expect("a key");
                    if explicit {
                        scene.world.signer.spki = Some(explicit_key(&scene.world, |_| {}));
                    }
                })
            }));
        }
    }
    let hash = HashAlgorithm::Sha256;
    for scheme in [
        SignatureScheme::RsaPkcs1(hash),
        SignatureScheme::RsaPss { hash, mgf: hash, salt_len: 32 },
        SignatureScheme::RsaPss { hash, mgf: hash, salt_len: 20 },
    ] {
        cases.push(Case::control(format!("signer with RSA-2048, {scheme:?}"), None, move || {
            scene(|scene| {
                scene.world.dsc.key = rsa_key(2048);
                scene.world.dsc.scheme = scheme;
            })
        }));
    }
    for hash in [HashAlgorithm::Sha224, HashAlgorithm::Sha384, HashAlgorithm::Sha512] {
        cases.push(Case::control(format!("data groups under {hash:?}"), None, move || {
            scene(|scene| {
                scene.world.sod.hash = hash;
                scene.sign_all();
            })
        }));
    }
    cases
}

/// What states do that others do not.
fn issuers() -> Vec<Case> {
    let mut cases = vec![
        Case::control("EF.SOD in indefinite length outside the signed part", None, || {
            scene(|scene| {
                let file = scene.world.sod_der();
                let info = apdu::tlv::Reader::ber(&file).expect(Tag(0x77)).expect("EF.SOD").value;
                let inside = apdu::tlv::Reader::ber(info).expect(Tag::SEQUENCE).expect("ContentInfo").value;
                scene.sod = Some(encode(Tag(0x77), &[&[0x30, 0x80], inside, &[0, 0]].concat()));
            })
        }),
        Case::control("content type id-data, no signed attributes", None, || {
            scene(|scene| {
                scene.world.sod.content_type = "1.2.840.113549.1.7.1";
                scene.world.sod.attributes = false;
            })
        }),
        Case::control("security object of version 0", None, || scene(|scene| scene.world.sod.versions = None)),
        Case::control("no signing time", None, || scene(|scene| scene.world.sod.signing_time = None)),
        Case::control("signer named with other letters and spaces", None, || {
            scene(|scene| {
                let world = &scene.world;
                let odd = name("ut", "csca  UTOPIA");
                scene.sod = Some(sod(&world.dsc, &world.dsc_der(), &world.signer.serial, &odd, &world.sod));
            })
        }),
        Case::control("signer in the store alone", None, || {
            scene(|scene| {
                scene.world.sod.certificates = Some(Vec::new());
                let signer = scene.world.dsc_der();
                scene.world.anchors.push(signer);
            })
        }),
        Case::control("revocation list of the CSCA that names another signer", None, || {
            scene(|scene| {
                let list = crl(&scene.world.csca, "20250615000000Z", &[(&[1, 2, 3], "20250101000000Z")]);
                scene.world.anchors.push(list);
            })
        }),
        Case::control("link from a known old key of the CSCA to its new one", None, || {
            let mut scene = Scene::unknown();
            let old = party(8, "UT", "CSCA Utopia");
            scene.world.anchors.push(issue(&old, &old, &authority()));
            let link = issue(&old, &scene.world.csca, &CertSpec { serial: vec![3], ..authority() });
            scene.world.sod.certificates = Some(vec![scene.world.dsc_der(), link]);
            scene.make()
        }),
        Case::control("issuer that names its curves", None, || {
            let pki = PkiPlan { explicit_parameters: false, ..PkiPlan::default() };
            Made::issued(&PassportPlan::default(), &pki)
        }),
        Case::control("document that expires today", None, || {
            let holder = Holder { expiry: "250701".into(), ..Holder::default() };
            issued(PassportPlan { holder, ..PassportPlan::default() })
        }),
    ];
    for (state, country) in [("D", "DE"), ("GBD", "GB"), ("UNO", "UN"), ("EUE", "EU"), ("XOM", "XO"), ("RKS", "KS")] {
        cases.push(Case::control(format!("document of {state}, signer of {country}"), None, move || {
            let holder = Holder { issuing_state: state.into(), nationality: state.into(), ..Holder::default() };
            let pki = PkiPlan { country: country.to_owned(), ..PkiPlan::default() };
            Made::issued(&PassportPlan { holder, ..PassportPlan::default() }, &pki)
        }));
    }
    cases
}
