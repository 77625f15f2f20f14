//! The worked examples of Doc 9303-11, appendices D, G.1, H.1 and I.1, from the chip's side and byte for byte.
#![allow(clippy::unwrap_used, reason = "tests")]

mod terminal;

use apdu::{Card, CommandApdu};
use chip_crypto::curve::{NamedCurve, PrivateScalar};
use chip_crypto::random::SeededRandom;
use chip_crypto::signature::SigningKey;
use serde_json::Value;
use simulator::{Cipher, Content, Mapping, PaceVariant, PassportCard, Profile};
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

fn card(mapping: Mapping, mrz: &str, random: &[&Value], mapping_key: Option<Content>) -> PassportCard {
    let mut profile = Profile::default();
    let first = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<";
    profile.access.mrz = Some(format!("{first}\n{mrz}"));
    profile.access.can = Some("123456".to_owned());
    profile.access.pace = vec![PaceVariant { cipher: Cipher::Aes128, parameter_id: 13, mapping }];
    profile.mapping_key = mapping_key;
    let random = Script(random.iter().flat_map(|number| bytes(number)).collect());
    PassportCard::new(&profile, Box::new(random)).unwrap()
}

fn answers(card: &mut PassportCard, example: &Value) -> Vec<String> {
    let commands = example["T>C"].as_array().unwrap().iter();
    commands.map(|command| hex::encode_upper(answer(card, &bytes(command)))).collect()
}

const MRZ: &str = "T220001293UTO6408125F1010318<<<<<<<<<<<<<<<0";

#[test]
fn pace_generic_mapping_of_appendix_g1() {
    let Some(all) = examples() else { return };
    let example = &all["G1"];
    let random = [&example["nonce_s"], &example["map_chip_private"], &example["ka_chip_private"]];
    let mut card = card(Mapping::Generic, MRZ, &random, None);
    let text = |name: &str| example[name].as_str().unwrap().to_owned();
    assert_eq!(
        answers(&mut card, example),
        [
            "9000".to_owned(),
            format!("7C128010{}9000", text("nonce_z")),
            format!("7C43824104{}9000", text("map_chip_public")),
            format!("7C43844104{}9000", text("ka_chip_public")),
            format!("7C0A8608{}9000", text("T_IC")),
        ]
    );
}

/// The appendix prints values, not commands.
#[test]
fn pace_integrated_mapping_of_appendix_h1() {
    let Some(all) = examples() else { return };
    let example = &all["H1"];
    let mut card = card(Mapping::Integrated, MRZ, &[&example["nonce_s"], &example["chip_private"]], None);
    let text = |name: &str| example[name].as_str().unwrap();
    let commands = [
        "0022C1A40F800A04007F00070202040402830102".to_owned(),
        "10860000027C0000".to_owned(),
        format!("10860000147C128110{}00", text("nonce_t")),
        format!("10860000457C43834104{}00", text("terminal_public")),
        format!("008600000C7C0A8508{}00", text("T_IFD")),
    ];
    let answers = commands.map(|command| hex::encode_upper(answer(&mut card, &hex::decode(command).unwrap())));
    assert_eq!(
        answers,
        [
            "9000".to_owned(),
            format!("7C128010{}9000", text("nonce_z")),
            "7C0282009000".to_owned(),
            format!("7C43844104{}9000", text("chip_public")),
            format!("7C0A8608{}9000", text("T_IC")),
        ]
    );
}

/// The static private key is not printed, so only the encrypted data themselves are those of another chip.
#[test]
fn pace_chip_authentication_mapping_of_appendix_i1() {
    let Some(all) = examples() else { return };
    let example = &all["I1"];
    // The printed private key is above the order of the curve; modulo the order it is the same key.
    let private = Value::from("2367171820683879C023083A24FEEC7499C71436B5D85ECD3F681BB9436F47D1");
    let random = [&example["nonce_s"], &example["map_chip_private"], &private];
    let key = SigningKey::generate_ec(NamedCurve::BrainpoolP256r1, &mut SeededRandom::new(1)).unwrap();
    let SigningKey::Ec(key) = key else { panic!("an EC key") };
    let mrz = "C11T002JM4UTO9608122F2310314<<<<<<<<<<<<<<<0";
    let mut card = card(Mapping::ChipAuthentication, mrz, &random, Some(Content::of(&pkcs8(&key))));
    let answers = answers(&mut card, example);
    let text = |name: &str| example[name].as_str().unwrap();
    assert_eq!(answers[1], format!("7C128010{}9000", text("nonce_z")));
    assert_eq!(answers[2], format!("7C43824104{}9000", text("map_chip_public")));
    assert_eq!(answers[3], format!("7C43844104{}9000", text("ka_chip_public")));
    // Token, then 48 bytes of encrypted data: 32 bytes and padding.
    assert!(answers[4].starts_with(&format!("7C3C8608{}8A30", text("T_IC"))), "{}", answers[4]);
    assert_eq!(answers[4].len(), 2 * (2 + 0x3C + 2));
}

fn pkcs8(key: &PrivateScalar) -> Vec<u8> {
    let scalar = hex::encode(key.to_bytes());
    // PKCS #8 with brainpoolP256r1 by name around an ECPrivateKey.
    hex::decode(format!("3042020100301406072a8648ce3d020106092b2403030208010107042730250201010420{scalar}")).unwrap()
}
