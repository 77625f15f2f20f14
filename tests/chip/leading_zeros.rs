//! Shared secrets that begin with zeros, one in 256 of them and on secp521r1 one in two: both sides keep the zeros (Doc 9303-11, 9.6).

use chip::mrtd::{AccessKey, BacRandom, com};
use chip::mrtd::{ChipAuthOutcome, MrtdFile, bac, chip_authentication, dg14};
use chip_crypto::curve::{NamedCurve, PrivateScalar, diffie_hellman};
use chip_crypto::modp::{DhParameters, DhPrivate, ModpGroup};
use chip_crypto::random::{RandomError, SecureRandom, SeededRandom};
use simulator::issuer::{ChipPlan, PassportPlan};
use simulator::{Cipher, Group, Profile};

use crate::support::{Plain, issue, mrz_key};

/// Draws the one number that was searched for.
struct Drawn(Vec<u8>);

impl SecureRandom for Drawn {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        bytes.copy_from_slice(self.0.get(..bytes.len()).ok_or(RandomError)?);
        Ok(())
    }
}

fn plan(group: Group) -> PassportPlan {
    let key = ChipPlan { group, cipher: Cipher::Aes128, key_id: None, inferred: false };
    PassportPlan { pace: Vec::new(), chip: None, more_chip_keys: vec![key], active: None, ..PassportPlan::default() }
}

/// Chip Authentication with a private key of ours that was searched for, and a file under the new keys.
fn authenticate(profile: &Profile, private: Vec<u8>) {
    let mut card = Plain(simulator::place(profile).expect("a card"));
    apdu::select_application(&mut card, &chip::mrtd::AID).expect("the application");
    let AccessKey::Mrz(key) = mrz_key(profile) else { unreachable!("a zone") };
    let random = BacRandom::draw(&mut SeededRandom::new(5)).expect("numbers");
    let mut channel = bac(card, &key, &random).expect("BAC");
    let infos = dg14::parse(&profile.files["010E"].bytes(&profile.base).expect("DG14")).expect("DG14");
    let transcript = chip_authentication::run(&mut channel, &infos, &mut Drawn(private)).expect("run").expect("a key");
    assert!(matches!(transcript.outcome, ChipAuthOutcome::Switched(_)), "{transcript:?}");
    let plan = apdu::ReadPlan { short_limit: channel.short_limit(), ..apdu::ReadPlan::default() };
    let file = apdu::read_file(&mut channel, MrtdFile::Com.reference(), &plan, &mut |_, _| {}).expect("EF.COM");
    assert!(com::parse(&file).is_ok());
}

fn chip_public(profile: &Profile) -> chip::mrtd::public_key::AgreementKey {
    let infos = dg14::parse(&profile.files["010E"].bytes(&profile.base).expect("DG14")).expect("DG14");
    infos.chip_keys[0].key().expect("a key")
}

#[test]
fn on_every_curve() {
    for curve in NamedCurve::ALL {
        let profile = issue(&plan(curve.into()));
        let chip::mrtd::public_key::AgreementKey::Ec(theirs) = chip_public(&profile) else { panic!("a point") };
        let mut random = SeededRandom::new(11);
        let found = (0..20_000).find_map(|_| {
            let private = PrivateScalar::generate(curve, &mut random).expect("a key");
            let shared = diffie_hellman(&private, &theirs).expect("a secret");
            assert_eq!(shared.len(), curve.field_len());
            // secp521r1 has seven spare bits: two zero bytes are as rare there as one elsewhere.
            let zeros = if curve == NamedCurve::Secp521r1 { 2 } else { 1 };
            shared.iter().take(zeros).all(|byte| *byte == 0).then(|| private.to_bytes().to_vec())
        });
        authenticate(&profile, found.expect("one in 256"));
    }
}

#[test]
fn modulo_p_in_the_secret_and_in_the_public_key() {
    let group = ModpGroup::Modp1024Order160;
    let profile = issue(&plan(Group::Modp(group)));
    let chip::mrtd::public_key::AgreementKey::Dh(theirs) = chip_public(&profile) else { panic!("a number") };
    let parameters = DhParameters::new(&group.parameters().0, &group.parameters().1, None).expect("the group");
    let search = |secret: bool| {
        let mut private = vec![0; 128];
        private[0] = 0x40;
        (0_u32..20_000).find_map(|count| {
            private[124..].copy_from_slice(&(count + 2).to_be_bytes());
            let key = DhPrivate::from_bytes(&parameters, &private).expect("a key");
            let zeros = if secret {
                theirs.agree(&key).expect("a secret")[0] == 0
            } else {
                key.public(&parameters).expect("a key").to_bytes().len() < 128
            };
            zeros.then(|| private.clone())
        })
    };
    for secret in [true, false] {
        authenticate(&profile, search(secret).expect("one in 256"));
    }
}
