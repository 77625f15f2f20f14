//! What proves the chip: Chip Authentication in every form, chip authentication mapping, Active Authentication; and its failures.

use apdu::{Card, CommandApdu, ResponseApdu, TransportError};
use chip::mrtd::{AccessProtocol, ChipAuthOutcome, InspectPlan, MrtdEvidence, MrtdFile};
use chip_crypto::curve::NamedCurve;
use chip_crypto::modp::ModpGroup;
use chip_crypto::random::SeededRandom;
use chip_crypto::signature::SigningKey;
use simulator::issuer::{ChipPlan, PassportPlan};
use simulator::{AaHash, Cipher, Content, Group, Mapping, PaceVariant, Profile};
use trust::{ChipGenuine, ChipProof, Level};

use crate::support::{Plain, issue, judge, mrz_key, read, read_with, rsa_keys};

const HASHES: [AaHash; 5] = [AaHash::Sha1, AaHash::Sha224, AaHash::Sha256, AaHash::Sha384, AaHash::Sha512];

/// Reads with extended length, as keys of 2048 bits need it.
fn evidence(profile: &Profile) -> MrtdEvidence {
    let mut plan = InspectPlan::default();
    plan.read.extended = Some(65_536);
    read_with(profile, &mrz_key(profile), &plan).expect("read")
}

#[track_caller]
fn assert_proven(evidence: MrtdEvidence, method: ChipProof) {
    let verdict = judge(evidence);
    assert_eq!(verdict.chip_genuine, ChipGenuine::Proven { method }, "{:?} {:#?}", verdict.codes(), verdict.checks);
    assert_eq!(verdict.level(), Level::Green, "{:?}", verdict.codes());
}

fn keys(keys: Vec<ChipPlan>) -> PassportPlan {
    PassportPlan { chip: None, more_chip_keys: keys, active: None, ..PassportPlan::default() }
}

fn key(group: impl Into<Group>, cipher: Cipher, key_id: Option<u8>) -> ChipPlan {
    ChipPlan { group: group.into(), cipher, key_id, inferred: false }
}

#[test]
fn chip_authentication_modulo_p() {
    for group in ModpGroup::ALL {
        for cipher in [Cipher::TripleDes, Cipher::Aes128, Cipher::Aes192, Cipher::Aes256] {
            let profile = issue(&keys(vec![key(Group::Modp(group), cipher, None)]));
            assert_proven(evidence(&profile), ChipProof::ChipAuthentication);
        }
    }
}

#[test]
fn the_strongest_of_several_keys_is_used() {
    let plan = keys(vec![
        key(NamedCurve::Secp256r1, Cipher::TripleDes, Some(1)),
        key(NamedCurve::BrainpoolP384r1, Cipher::Aes256, Some(200)),
        key(Group::Modp(ModpGroup::Modp2048Order256), Cipher::Aes256, Some(3)),
    ]);
    let evidence = evidence(&issue(&plan));
    let transcript = evidence.chip.as_ref().expect("a transcript");
    assert_eq!(transcript.key_id.as_deref(), Some(&[0, 200][..]));
    assert_proven(evidence, ChipProof::ChipAuthentication);
}

#[test]
fn a_key_alone_is_for_3des() {
    for group in [Group::Curve(NamedCurve::BrainpoolP256r1), Group::Modp(ModpGroup::Modp2048Order224)] {
        let plan = keys(vec![ChipPlan { inferred: true, ..key(group, Cipher::TripleDes, None) }]);
        assert_proven(evidence(&issue(&plan)), ChipProof::ChipAuthentication);
    }
}

fn mapping(parameter_id: u8) -> PassportPlan {
    let mapping = Mapping::ChipAuthentication;
    let pace =
        vec![PaceVariant { cipher: Cipher::Aes128, parameter_id, mapping }, PaceVariant::generic(Cipher::Aes128, 13)];
    PassportPlan { pace, active: None, ..PassportPlan::default() }
}

#[test]
fn chip_authentication_mapping_proves_the_chip() {
    for parameter_id in [13, 16] {
        let evidence = evidence(&issue(&mapping(parameter_id)));
        assert!(matches!(evidence.access.protocol, AccessProtocol::Pace { .. }));
        assert!(evidence.files.contains_key(&MrtdFile::CardSecurity) && evidence.chip.is_none());
        // What goes to the backend and to an auditor says the same.
        let json = serde_json::to_string(&evidence.mapping).expect("JSON");
        let again = MrtdEvidence { mapping: serde_json::from_str(&json).expect("JSON"), ..evidence.clone() };
        assert_eq!(again, evidence);
        assert_proven(evidence, ChipProof::ChipAuthentication);
    }
}

#[test]
fn a_chip_that_maps_with_another_key_is_a_copy() {
    let mut profile = issue(&mapping(13));
    let other = issue(&PassportPlan { seed: 9, ..mapping(13) });
    profile.mapping_key = other.mapping_key;
    let verdict = judge(evidence(&profile));
    assert_eq!(verdict.chip_genuine, ChipGenuine::Failed);
    assert_eq!(verdict.codes(), ["CA_FAILED"]);
}

#[test]
fn a_mapping_key_nobody_signed_proves_nothing() {
    let mut profile = issue(&mapping(13));
    let file = profile.master_files["011D"].bytes(&profile.base).expect("EF.CardSecurity");
    // The last byte is that of the signature.
    let mut altered = file.clone();
    *altered.last_mut().expect("a byte") ^= 1;
    profile.master_files.insert("011D".to_owned(), Content::of(&altered));
    let verdict = judge(evidence(&profile));
    assert_eq!(verdict.level(), Level::Red);
    assert!(!matches!(verdict.chip_genuine, ChipGenuine::Proven { .. }), "{:?}", verdict.chip_genuine);

    // Without the file Chip Authentication does the work, with the key in DG14.
    profile.master_files.remove("011D");
    let evidence = evidence(&profile);
    assert!(matches!(evidence.chip.as_ref().map(|chip| &chip.outcome), Some(ChipAuthOutcome::Switched(_))));
    assert_proven(evidence, ChipProof::ChipAuthentication);
}

#[test]
fn variants_of_pace_must_be_those_that_are_signed() {
    let mut profile = issue(&mapping(13));
    profile.access.pace.push(PaceVariant::generic(Cipher::Aes256, 17));
    let variants = profile.access.pace.clone();
    let profile = profile.with_pace(&variants, None);
    let verdict = judge(evidence(&profile));
    assert!(verdict.codes().contains(&"CARDACCESS_MISMATCH".to_owned()), "{:?}", verdict.codes());
}

#[test]
fn active_authentication_with_rsa_of_every_length_and_hash() {
    let keys = rsa_keys();
    assert_eq!(keys.len(), 5);
    // Every hash with the shortest key, every other key with one.
    let mut cases: Vec<_> = HASHES.iter().map(|hash| (keys[0].clone(), *hash)).collect();
    cases.extend(keys.iter().zip(HASHES).map(|(key, hash)| (key.clone(), hash)));
    for (key, hash) in cases {
        let plan = PassportPlan { chip: None, active_key: Some((key, hash)), ..PassportPlan::default() };
        let evidence = evidence(&issue(&plan));
        let verdict = judge(evidence);
        let method = ChipProof::ActiveAuthentication;
        assert_eq!(verdict.chip_genuine, ChipGenuine::Proven { method }, "{hash:?} {:?}", verdict.codes());
    }
}

#[test]
fn active_authentication_takes_its_hash_from_dg14_and_both_forms_of_signature() {
    // Hashes that nobody would guess from the curve.
    for (curve, hash) in [
        (NamedCurve::Secp521r1, AaHash::Sha1),
        (NamedCurve::BrainpoolP256r1, AaHash::Sha512),
        (NamedCurve::Secp384r1, AaHash::Sha224),
        (NamedCurve::BrainpoolP320r1, AaHash::Sha256),
        (NamedCurve::BrainpoolP512r1, AaHash::Sha384),
    ] {
        for active_der in [false, true] {
            let plan = PassportPlan { chip: None, active: Some((curve, hash)), active_der, ..PassportPlan::default() };
            assert_proven(evidence(&issue(&plan)), ChipProof::ActiveAuthentication);
        }
    }
}

#[test]
fn a_chip_without_the_key_of_dg15_is_a_copy() {
    let mut profile = issue(&PassportPlan::default());
    let other = SigningKey::generate_ec(NamedCurve::Secp256r1, &mut SeededRandom::new(99)).expect("a key");
    let (SigningKey::Ec(scalar), Some(active)) = (&other, &mut profile.active) else { panic!("an EC key") };
    let mut pkcs8 = active.pkcs8.bytes(&profile.base).expect("a key");
    let own = SigningKey::from_pkcs8(&pkcs8).expect("a key");
    let SigningKey::Ec(own) = own else { panic!("an EC key") };
    let at = pkcs8.windows(32).position(|window| window == own.to_bytes().as_slice()).expect("the scalar");
    pkcs8[at..at + 32].copy_from_slice(&scalar.to_bytes());
    active.pkcs8 = Content::of(&pkcs8);
    let verdict = judge(read(&profile, &mrz_key(&profile)).expect("read"));
    assert_eq!(verdict.codes(), ["AA_FAILED"]);
}

/// A card that offers PACE and then refuses it.
struct RefusesPace(Plain);

impl Card for RefusesPace {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        if (command.ins, command.p1) == (0x22, 0xC1) {
            return Ok(ResponseApdu::new([], apdu::StatusWord(0x6A81)));
        }
        self.0.transmit(command)
    }
}

#[test]
fn bac_after_a_refused_pace_is_a_downgrade_and_needs_leave() {
    let profile = issue(&PassportPlan::default());
    let go = |allow| {
        let card = RefusesPace(Plain(simulator::place(&profile).expect("a card")));
        let plan = InspectPlan { allow_bac_after_pace_failure: allow, ..InspectPlan::default() };
        chip::mrtd::inspect(card, &mrz_key(&profile), &plan, &mut SeededRandom::new(7), &mut |_| ())
    };
    let error = go(false).expect_err("no leave");
    assert_eq!(session::Failure::from(error).code, session::FailureCode::AccessDowngrade);
    let verdict = judge(go(true).expect("read"));
    assert_eq!(verdict.codes(), ["ACCESS_DOWNGRADE"]);
}

#[test]
fn parameters_of_pace_that_nobody_knows_are_a_mismatch() {
    let mut profile = issue(&PassportPlan::default());
    let mut file = profile.master_files["011C"].bytes(&profile.base).expect("EF.CardAccess");
    *file.last_mut().expect("the number") = 40;
    profile.master_files.insert("011C".to_owned(), Content::of(&file));
    let error = read(&profile, &mrz_key(&profile)).expect_err("no variant");
    assert_eq!(session::Failure::from(error).code, session::FailureCode::CardAccessMismatch);
}
