//! PACE: every standardized group with every cipher and every mapping once, down to a file read under the new keys.

use apdu::{ReadPlan, read_file, select_application};
use chip::mrtd::security_info::SecurityInfos;
use chip::mrtd::{AID, MrtdFile, card_access, com, pace, pace_cam};
use chip_crypto::random::SeededRandom;
use simulator::issuer::PassportPlan;
use simulator::{Cipher, Mapping, PaceVariant, Profile};
use trust::cms::SignedData;

use crate::support::{Plain, issue, mrz_key};

const CIPHERS: [Cipher; 4] = [Cipher::TripleDes, Cipher::Aes128, Cipher::Aes192, Cipher::Aes256];
const MODP: [u8; 3] = [0, 1, 2];
const CURVES: [u8; 11] = [8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18];

/// One run; what proves the chip, where the mapping does.
fn run(profile: &Profile, variant: PaceVariant) -> Option<pace_cam::PaceCamTranscript> {
    let profile = profile.clone().with_pace(&[variant], None);
    let file = profile.master_files["011C"].bytes(&profile.base).expect("EF.CardAccess");
    let info = card_access::parse(&file).expect("EF.CardAccess").pace[0];
    let card = Plain(simulator::place(&profile).expect("a card"));
    let mut opened = pace(card, &info, &mrz_key(&profile), &mut SeededRandom::new(u64::from(variant.parameter_id)))
        .unwrap_or_else(|error| panic!("{variant:?}: {error}"));
    select_application(&mut opened.channel, &AID).expect("the application");
    let plan = ReadPlan { short_limit: opened.channel.short_limit(), ..ReadPlan::default() };
    let file = read_file(&mut opened.channel, MrtdFile::Com.reference(), &plan, &mut |_, _| {}).expect("EF.COM");
    assert!(!com::parse(&file).expect("EF.COM").data_groups.is_empty(), "{variant:?}");
    opened.mapping
}

fn plain() -> PassportPlan {
    PassportPlan { chip: None, active: None, ..PassportPlan::default() }
}

#[test]
fn generic_mapping_in_every_group() {
    let profile = issue(&plain());
    for parameter_id in MODP.into_iter().chain(CURVES) {
        for cipher in CIPHERS {
            assert_eq!(run(&profile, PaceVariant::generic(cipher, parameter_id)), None);
        }
    }
}

#[test]
fn integrated_mapping_in_every_group_that_has_one() {
    let profile = issue(&plain());
    // Doc 9303-11, B.2: not on secp224r1, whose prime is 1 modulo 4.
    for parameter_id in MODP.into_iter().chain(CURVES).filter(|id| *id != 10) {
        for cipher in CIPHERS {
            run(&profile, PaceVariant { cipher, parameter_id, mapping: Mapping::Integrated });
        }
    }
}

#[test]
fn chip_authentication_mapping_on_every_curve() {
    for parameter_id in CURVES {
        let variant = |cipher| PaceVariant { cipher, parameter_id, mapping: Mapping::ChipAuthentication };
        let profile = issue(&PassportPlan { pace: vec![variant(Cipher::Aes128)], ..plain() });
        let file = profile.master_files["011D"].bytes(&profile.base).expect("EF.CardSecurity");
        let signed = SignedData::parse(&file).expect("EF.CardSecurity");
        let infos = SecurityInfos::parse(&signed.content).expect("SecurityInfos");
        for cipher in [Cipher::Aes128, Cipher::Aes192, Cipher::Aes256] {
            let transcript = run(&profile, variant(cipher)).expect("a transcript");
            assert_eq!(pace_cam::verify(&infos.chip_keys, &transcript).err(), None, "{parameter_id} {cipher:?}");
        }
    }
}
