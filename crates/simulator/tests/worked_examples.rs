//! The worked examples of Doc 9303-11, appendices D and G.1, from the chip's side and byte for byte.
#![allow(clippy::unwrap_used, reason = "tests")]

mod terminal;

use apdu::{Card, CommandApdu};
use serde_json::Value;
use simulator::{Cipher, Content, PaceVariant, PassportCard, Profile};
use terminal::{Script, select_application, test_data};

fn examples() -> Option<Value> {
    let path = test_data("emrtd/icao9303-11/worked_examples.json")?;
    Some(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn answer(card: &mut dyn Card, command: &[u8]) -> Vec<u8> {
    card.transmit(&CommandApdu::parse(command).unwrap()).unwrap().encode()
}

#[test]
fn bac_and_secure_messaging_of_appendix_d() {
    let Some(all) = examples() else { return };
    let example = &all["D_BAC"];
    let mut profile = Profile::default();
    let first = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<";
    profile.access.mrz = Some(format!("{first}\nL898902C<3UTO6908061F9406236<<<<<<<<<<<<<<<8"));
    profile.access.bac = true;
    profile.files.insert("011E".into(), Content::of(&bytes(&example["EF_COM"])));
    let random = Script([bytes(&example["RND_IC"]), bytes(&example["K_IC"])].concat());
    let mut card = PassportCard::new(&profile, Box::new(random)).unwrap();

    card.transmit(&select_application()).unwrap();
    let challenge = answer(&mut card, &[0, 0x84, 0, 0, 8]);
    assert_eq!(challenge, [bytes(&example["RND_IC"]), vec![0x90, 0]].concat());
    let mutual = [vec![0, 0x82, 0, 0, 0x28], bytes(&example["E_IFD"]), bytes(&example["M_IFD"]), vec![0x28]].concat();
    let expected = [bytes(&example["E_IC"]), bytes(&example["M_IC"]), vec![0x90, 0]].concat();
    assert_eq!(hex::encode(answer(&mut card, &mutual)), hex::encode(expected));
    for step in example["secure_messaging"].as_array().unwrap() {
        let response = answer(&mut card, &bytes(&step["protected"]));
        assert_eq!(hex::encode_upper(response), step["response"].as_str().unwrap());
    }
}

#[test]
fn pace_generic_mapping_of_appendix_g1() {
    let Some(all) = examples() else { return };
    let example = &all["G1"];
    let mut profile = Profile::default();
    let first = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<";
    profile.access.mrz = Some(format!("{first}\nT220001293UTO6408125F1010318<<<<<<<<<<<<<<<0"));
    profile.access.pace = vec![PaceVariant { cipher: Cipher::Aes128, parameter_id: 13 }];
    let random =
        Script([&example["nonce_s"], &example["map_chip_private"], &example["ka_chip_private"]].map(bytes).concat());
    let mut card = PassportCard::new(&profile, Box::new(random)).unwrap();

    let answers: Vec<String> = example["T>C"]
        .as_array()
        .unwrap()
        .iter()
        .map(|command| hex::encode_upper(answer(&mut card, &bytes(command))))
        .collect();
    let text = |name: &str| example[name].as_str().unwrap().to_owned();
    assert_eq!(
        answers,
        [
            "9000".to_owned(),
            format!("7C128010{}9000", text("nonce_z")),
            format!("7C43824104{}9000", text("map_chip_public")),
            format!("7C43844104{}9000", text("ka_chip_public")),
            format!("7C0A8608{}9000", text("T_IC")),
        ]
    );
}
