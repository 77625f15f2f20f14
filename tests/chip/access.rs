use chip_crypto::curve::NamedCurve;
use simulator::issuer::PassportPlan;
use simulator::{AaHash, Cipher, Excess, FileEnd, Mapping, PaceVariant, Quirks};
use trust::Level;

use crate::support::{can, issue, judge, mrz_key, read, states};

fn assert_green(plan: &PassportPlan, key: Option<&str>) {
    let profile = issue(plan);
    let key = key.map_or_else(|| mrz_key(&profile), can);
    let evidence = read(&profile, &key).unwrap_or_else(|e| panic!("{}: {e}", plan.name));
    let verdict = judge(evidence);
    assert_eq!(verdict.level(), Level::Green, "{}: {:?} {:#?}", plan.name, verdict.codes(), verdict.checks);
}

#[test]
fn bac_with_active_authentication() {
    let plan = PassportPlan { name: "BAC".into(), pace: Vec::new(), chip: None, ..PassportPlan::default() };
    assert_green(&plan, None);
}

#[test]
fn pace_with_every_mapping() {
    for (parameter_id, mapping) in [
        (8, Mapping::Generic),
        (18, Mapping::Generic),
        (0, Mapping::Generic),
        (9, Mapping::Integrated),
        (0, Mapping::Integrated),
        (14, Mapping::ChipAuthentication),
    ] {
        let pace = vec![PaceVariant { cipher: Cipher::Aes192, parameter_id, mapping }];
        let name = format!("PACE {parameter_id} {mapping:?}");
        assert_green(&PassportPlan { name, pace, ..PassportPlan::default() }, None);
    }
}

#[test]
fn pace_with_the_card_access_number() {
    assert_green(&PassportPlan::default(), Some("123456"));
}

#[test]
fn chip_authentication_on_every_curve_with_every_cipher() {
    let curves = [
        NamedCurve::Secp224r1,
        NamedCurve::Secp256r1,
        NamedCurve::Secp384r1,
        NamedCurve::Secp521r1,
        NamedCurve::BrainpoolP224r1,
        NamedCurve::BrainpoolP256r1,
        NamedCurve::BrainpoolP320r1,
        NamedCurve::BrainpoolP384r1,
        NamedCurve::BrainpoolP512r1,
    ];
    for curve in curves {
        for cipher in [Cipher::TripleDes, Cipher::Aes128, Cipher::Aes192, Cipher::Aes256] {
            let name = format!("CA {curve:?} {cipher:?}");
            assert_green(&PassportPlan { name, chip: Some((curve, cipher)), ..PassportPlan::default() }, None);
        }
    }
}

#[test]
fn active_authentication_with_every_hash() {
    for (curve, hash) in [
        (NamedCurve::Secp256r1, AaHash::Sha256),
        (NamedCurve::BrainpoolP384r1, AaHash::Sha384),
        (NamedCurve::Secp521r1, AaHash::Sha512),
        (NamedCurve::BrainpoolP256r1, AaHash::Sha224),
    ] {
        let name = format!("AA {curve:?} {hash:?}");
        assert_green(&PassportPlan { name, active: Some((curve, hash)), ..PassportPlan::default() }, None);
    }
}

#[test]
fn legal_oddities_of_chips_are_read_without_an_act_of_the_user() {
    let plain = Quirks::default();
    let odd = [
        Quirks { extended: false, ..plain.clone() },
        Quirks { short_ids: false, ..plain.clone() },
        Quirks { extended: false, max_read: 192, excess: Excess::Shorten, ..plain.clone() },
        Quirks { extended: false, max_read: 192, excess: Excess::WrongLength, ..plain.clone() },
        Quirks { extended: false, max_read: 192, excess: Excess::CorrectLength, ..plain.clone() },
        Quirks { extended: false, max_read: 128, excess: Excess::DropChannel, ..plain.clone() },
        Quirks { file_end: FileEnd::Ok, ..plain.clone() },
        Quirks { extended: false, file_end: FileEnd::Refuse, ..plain.clone() },
    ];
    for quirks in odd {
        let mut profile = issue(&PassportPlan::default());
        profile.quirks = quirks.clone();
        let evidence = read(&profile, &mrz_key(&profile)).unwrap_or_else(|e| panic!("{quirks:?}: {e}"));
        let verdict = judge(evidence);
        assert_eq!(verdict.level(), Level::Green, "{quirks:?}: {:?} {:?}", verdict.codes(), states(&verdict));
    }
}
