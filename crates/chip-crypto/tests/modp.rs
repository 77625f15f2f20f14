//! The MODP groups: openssl's answers and what must hold for every key.

use chip_crypto::block::SymmetricCipher;
use chip_crypto::modp::{
    ModpError, ModpGroup, ModpPrivate, ModpPublic, diffie_hellman, map_generic, map_integrated, shared_element,
};
use chip_crypto::random::SeededRandom;
use serde_json::Value;

fn draw(group: ModpGroup, seed: u64) -> ModpPrivate {
    ModpPrivate::generate(group, &mut SeededRandom::new(seed)).unwrap()
}

#[test]
fn openssl_agrees() {
    let vectors: Value = serde_json::from_str(include_str!("data/openssl-vectors.json")).unwrap();
    let entries = vectors["dh"].as_array().unwrap();
    assert_eq!(entries.len(), 3);
    for entry in entries {
        let bytes = |name: &str| hex::decode(entry[name].as_str().unwrap()).unwrap();
        let group = ModpGroup::from_standardized_id(entry["id"].as_u64().unwrap() as u8).unwrap();
        let private = ModpPrivate::from_bytes(group, &bytes("private")).unwrap();
        assert!(private.public().as_bytes().ends_with(&bytes("public")));
        let peer = ModpPublic::from_bytes(group, &bytes("peer_public")).unwrap();
        assert_eq!(*diffie_hellman(&private, &peer).unwrap(), bytes("shared"));
    }
}

#[test]
fn both_sides_agree_under_both_mappings() {
    for group in ModpGroup::ALL {
        let (terminal, chip) = (draw(group, 1), draw(group, 2));
        let of_terminal = map_generic(group, &[3; 16], &shared_element(&terminal, &chip.public()).unwrap()).unwrap();
        let of_chip = map_generic(group, &[3; 16], &shared_element(&chip, &terminal.public()).unwrap()).unwrap();
        assert_eq!(of_terminal, of_chip);
        let integrated = map_integrated(group, SymmetricCipher::Aes192, &[4; 32], &[5; 24]).unwrap();
        for generator in [of_chip, integrated] {
            // The mapped generator is of order q, so keys made with it pass the check on receipt.
            ModpPublic::from_bytes(group, generator.element().as_bytes()).unwrap();
            let (one, two) = (generator.public(&terminal).unwrap(), generator.public(&chip).unwrap());
            let shared = diffie_hellman(&terminal, &two).unwrap();
            assert_eq!(*shared, *diffie_hellman(&chip, &one).unwrap());
            assert_eq!(shared.len(), group.element_len());
        }
    }
}

#[test]
fn numbers_outside_the_subgroup_are_refused() {
    for group in ModpGroup::ALL {
        let (p, g, q) = group.parameters();
        let mut minus_one = p.clone();
        *minus_one.last_mut().unwrap() -= 1;
        for bad in [&[][..], &[0], &[1], &[2], &minus_one, &p, &[0xFF; 300]] {
            assert_eq!(ModpPublic::from_bytes(group, bad), Err(ModpError::PublicKeyInvalid));
        }
        ModpPublic::from_bytes(group, &g).unwrap();
        assert_eq!(ModpPrivate::from_bytes(group, &q).unwrap_err(), ModpError::PrivateKeyOutOfRange);
        assert_eq!(ModpPrivate::from_bytes(group, &[0]).unwrap_err(), ModpError::PrivateKeyOutOfRange);
    }
}

#[test]
fn groups_are_not_mixed() {
    let (one, two) = (draw(ModpGroup::Modp2048Order224, 1), draw(ModpGroup::Modp2048Order256, 1));
    assert_eq!(diffie_hellman(&one, &two.public()).unwrap_err(), ModpError::GroupMismatch);
    assert_eq!(map_generic(one.group(), &[1], &two.public()).unwrap_err(), ModpError::GroupMismatch);
    let short = map_integrated(one.group(), SymmetricCipher::Aes192, &[1; 32], &[1; 32]);
    assert_eq!(short.unwrap_err(), ModpError::NonceLength);
}
