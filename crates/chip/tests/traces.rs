//! Recordings of real chips: the same commands, byte for byte, and the verdict on what they answered.

mod support;

use apdu::{Card, CommandApdu};
use chip::mrtd::{ActiveTranscript, SecureMessaging, Secured, active_authentication, chip_authentication, dg14};
use chip::mrtd::{ChipAuthOutcome, Counting};
use chip_crypto::block::SymmetricCipher;
use serde_json::Value;
use support::{Replay, Scripted, field, test_data};
use zeroize::Zeroizing;

fn messaging(trace: &Value, moment: usize) -> SecureMessaging {
    let keys = &trace["sm"][moment];
    let cipher = if keys[0] == "AES" { SymmetricCipher::Aes128 } else { SymmetricCipher::TripleDes };
    let key = |index: usize| Zeroizing::new(hex::decode(keys[index].as_str().unwrap()).unwrap());
    let ssc = hex::decode(trace["ssc"][moment].as_str().unwrap()).unwrap();
    let ssc = ssc.iter().fold(0_u128, |ssc, byte| (ssc << 8) | u128::from(*byte));
    SecureMessaging::new(cipher, key(1), key(2), ssc)
}

fn exchanges(trace: &Value) -> Vec<(String, String)> {
    let pair = |entry: &Value| (entry[0].as_str().unwrap().to_owned(), entry[1].as_str().unwrap().to_owned());
    trace["apdu"].as_array().unwrap().iter().map(pair).collect()
}

#[test]
fn chip_authentication_of_an_austrian_and_a_german_chip() {
    let Some(file) = test_data("emrtd/traces/chip_auth_AT_DE.json") else { return };
    let file: Value = serde_json::from_slice(&file).unwrap();
    for (name, trace) in file.as_object().unwrap() {
        let dialogue = exchanges(trace);
        let card = Replay::new(dialogue.iter().map(|(command, response)| (command.as_str(), response.as_str())));
        let mut channel = Secured::new(card, messaging(trace, 0));
        let dg14_file = field(trace, "dg14bytes");
        let infos = dg14::parse(&dg14_file).unwrap();
        let mut rng = Scripted::new(&[trace["ec_keypairs"][0][0].as_str().unwrap()]);
        let transcript = chip_authentication::run(&mut channel, &infos, &mut rng).unwrap().unwrap();
        assert!(matches!(transcript.outcome, ChipAuthOutcome::Switched(_)), "{name}: {transcript:?}");
        assert_eq!(chip_authentication::verify(&dg14_file, &transcript), Ok(()), "{name}");

        let mut other = transcript.clone();
        let ChipAuthOutcome::Switched(switch) = &mut other.outcome else { unreachable!() };
        let last = switch.response.len() - 3;
        switch.response[last] ^= 1;
        assert!(chip_authentication::verify(&dg14_file, &other).is_err(), "{name}");
    }
}

#[test]
fn active_authentication_of_a_real_chip() {
    let Some(file) = test_data("emrtd/traces/active_auth_rsa.json") else { return };
    let file: Value = serde_json::from_slice(&file).unwrap();
    let trace = &file["TestDoActiveAuth"];
    let dialogue = exchanges(trace);
    let card = Replay::new(dialogue.iter().map(|(command, response)| (command.as_str(), response.as_str())));
    let mut channel = Secured::new(Counting::new(card), messaging(trace, 0));
    let challenge = hex::decode(trace["rand"][0].as_str().unwrap()).unwrap().try_into().unwrap();
    let dg15 = field(trace, "dg15bytes");
    let limit = channel.short_limit();
    let transcript = active_authentication::run(&mut channel, &dg15, challenge, limit).unwrap().unwrap();
    assert_eq!(active_authentication::verify(&dg15, None, &transcript), Ok(()));

    let replayed = ActiveTranscript { challenge: [7; 8], ..transcript.clone() };
    assert!(active_authentication::verify(&dg15, None, &replayed).is_err());
    let counters = channel.into_inner().counters();
    assert_eq!((counters.apdus, counters.bytes_sent), (1, 38));
}

#[test]
fn a_dead_recording_is_a_removed_card() {
    let mut card = Replay::new([]);
    assert!(card.transmit(&CommandApdu::new(0, 0x84, 0, 0)).is_err());
}
