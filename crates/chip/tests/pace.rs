//! PACE of the worked examples of Doc 9303-11, appendices G.2, H and I, byte for byte: every command, every session key.

mod support;

use apdu::tlv::{Tag, encode};
use chip::mrtd::pace_cam::{self, PaceCamError};
use chip::mrtd::security_info::SecurityInfos;
use chip::mrtd::{AccessKey, Can, MrzKey, PaceChannel, PaceError, PaceStep, card_access, pace};
use chip_crypto::block::SymmetricCipher;
use chip_crypto::kdf::{COUNTER_ENC, COUNTER_MAC, derive_key};
use serde_json::Value;
use support::{Replay, Scripted, bytes, field, text, worked_examples};

/// A dialogue with the chip of an example.
struct Dialogue {
    info: String,
    key: AccessKey,
    script: Vec<String>,
    exchanges: Vec<(String, String)>,
}

impl Dialogue {
    fn run(&self) -> Result<PaceChannel<Replay>, PaceError> {
        let info = card_access::parse(&bytes(&self.info)).unwrap().pace[0];
        let card = Replay::new(self.exchanges.iter().map(|(command, response)| (command.as_str(), response.as_str())));
        let script: Vec<&str> = self.script.iter().map(String::as_str).collect();
        pace(card, &info, &self.key, &mut Scripted::new(&script))
    }

    fn assert_runs(&self, example: &Value) -> PaceChannel<Replay> {
        let shared = field(example, "shared_secret_K");
        assert_eq!(*derive_key(SymmetricCipher::Aes128, &shared, COUNTER_ENC), field(example, "KSEnc"));
        assert_eq!(*derive_key(SymmetricCipher::Aes128, &shared, COUNTER_MAC), field(example, "KSMAC"));
        self.run().unwrap()
    }
}

fn object(tag: u32, value: &[u8]) -> String {
    hex::encode_upper(encode(Tag(0x7C), &encode(Tag(tag), value)))
}

fn ok(data: &str) -> String {
    format!("{data}9000")
}

fn g2() -> Dialogue {
    let example = &worked_examples()["G2"];
    let commands = example["T>C"].as_array().unwrap().iter().map(|command| command.as_str().unwrap().to_owned());
    let responses = [
        ok(""),
        ok(&object(0x80, &field(example, "nonce_z"))),
        ok(&object(0x82, &field(example, "map_chip_public"))),
        ok(&object(0x84, &field(example, "ka_chip_public"))),
        // The name of a certification authority follows the token.
        format!("7C1B8608{}870F4445544553544356434130303030339000", text(example, "T_IC")),
    ];
    Dialogue {
        info: format!("3114{}", text(example, "PACEInfo")),
        key: AccessKey::Mrz(MrzKey::new("T22000129", "640812", "101031").unwrap()),
        script: ["map_terminal_private", "ka_terminal_private"].map(|name| text(example, name).to_owned()).to_vec(),
        exchanges: commands.zip(responses).collect(),
    }
}

/// The appendix prints values, not commands: these are the commands that carry them.
fn integrated(name: &str, variant: u8, parameter_id: u8, point: bool) -> Dialogue {
    let example = &worked_examples()[name];
    let public = |name: &str| {
        let value = field(example, name);
        if point { [&[4], value.as_slice()].concat() } else { value }
    };
    let command = |cla: u8, data: &str| {
        let data = bytes(data);
        hex::encode_upper([&[cla, 0x86, 0, 0, data.len() as u8], data.as_slice(), &[0]].concat())
    };
    let exchanges = vec![
        (format!("0022C1A40F800A04007F0007020204{variant:02X}02830102"), ok("")),
        ("10860000027C0000".to_owned(), ok(&object(0x80, &field(example, "nonce_z")))),
        (command(0x10, &object(0x81, &field(example, "nonce_t"))), ok(&object(0x82, &[]))),
        (command(0x10, &object(0x83, &public("terminal_public"))), ok(&object(0x84, &public("chip_public")))),
        (command(0x00, &object(0x85, &field(example, "T_IFD"))), ok(&object(0x86, &field(example, "T_IC")))),
    ];
    Dialogue {
        info: format!("31143012060A04007F0007020204{variant:02X}020201020201{parameter_id:02X}"),
        key: AccessKey::Can(Can::parse(text(example, "CAN")).unwrap()),
        script: ["nonce_t", "terminal_private"].map(|name| text(example, name).to_owned()).to_vec(),
        exchanges,
    }
}

#[test]
fn generic_mapping_modulo_p_of_appendix_g_2() {
    let opened = g2().assert_runs(&worked_examples()["G2"]);
    assert!(opened.channel.into_inner().is_over() && opened.mapping.is_none());
}

#[test]
fn integrated_mapping_on_a_curve_of_appendix_h_1() {
    let opened = integrated("H1", 4, 13, true).assert_runs(&worked_examples()["H1"]);
    assert!(opened.channel.into_inner().is_over());
}

#[test]
fn integrated_mapping_modulo_p_of_appendix_h_2() {
    let mut dialogue = integrated("H2", 3, 0, false);
    assert!(dialogue.assert_runs(&worked_examples()["H2"]).channel.into_inner().is_over());
    // The mapping data of the chip are empty; some chips leave the object itself out.
    dialogue.exchanges[2].1 = ok("7C00");
    assert!(dialogue.run().is_ok());
}

#[test]
fn numbers_outside_the_group_are_refused() {
    let (p, _, _) = chip_crypto::modp::ModpGroup::Modp1024Order160.parameters();
    let mut minus_one = p.clone();
    *minus_one.last_mut().unwrap() -= 1;
    for bad in [vec![], vec![0], vec![1], vec![2], minus_one, p] {
        for step in [2, 3] {
            let mut dialogue = g2();
            dialogue.exchanges[step].1 = ok(&object(if step == 2 { 0x82 } else { 0x84 }, &bad));
            let error = dialogue.run().err();
            assert_eq!(error, Some(PaceError::Modp(chip_crypto::modp::ModpError::PublicKeyInvalid)), "{step} {bad:?}");
        }
    }
}

fn cam() -> Dialogue {
    let example = &worked_examples()["I1"];
    let commands = example["T>C"].as_array().unwrap().iter().map(|command| command.as_str().unwrap().to_owned());
    let point = |name: &str| [&[4], field(example, name).as_slice()].concat();
    let last =
        [encode(Tag(0x86), &field(example, "T_IC")), encode(Tag(0x8A), &field(example, "encrypted_chip_auth_data"))];
    let responses = [
        ok(""),
        ok(&object(0x80, &field(example, "nonce_z"))),
        ok(&object(0x82, &point("map_chip_public"))),
        ok(&object(0x84, &point("ka_chip_public"))),
        ok(&hex::encode_upper(encode(Tag(0x7C), &last.concat()))),
    ];
    Dialogue {
        info: format!("3114{}", text(example, "PACEInfo")),
        key: AccessKey::Mrz(MrzKey::new("C11T002JM", "960812", "231031").unwrap()),
        script: ["map_terminal_private", "ka_terminal_private"].map(|name| text(example, name).to_owned()).to_vec(),
        exchanges: commands.zip(responses).collect(),
    }
}

/// SecurityInfos with one ChipAuthenticationPublicKeyInfo on brainpoolP256r1, named as asked.
fn card_security(point: &[u8], key_id: u8) -> SecurityInfos {
    let algorithm = [bytes("060704007F00070102"), encode(Tag::INTEGER, &[13])].concat();
    let key = [encode(Tag::SEQUENCE, &algorithm), encode(Tag::BIT_STRING, &[&[0, 4], point].concat())].concat();
    let info = [bytes("060904007F000702020102"), encode(Tag::SEQUENCE, &key), encode(Tag::INTEGER, &[key_id])];
    SecurityInfos::parse(&encode(Tag::SET, &encode(Tag::SEQUENCE, &info.concat()))).unwrap()
}

#[test]
fn chip_authentication_mapping_of_appendix_i_1() {
    let example = &worked_examples()["I1"];
    let opened = cam().assert_runs(example);
    assert!(opened.channel.into_inner().is_over());
    let transcript = opened.mapping.unwrap();
    let fixed = field(example, "chip_static_public_key");
    assert!(pace_cam::verify(&card_security(&fixed, 13).chip_keys, &transcript).is_ok());

    // Another key, the right one for another purpose, none at all.
    let other = field(example, "ka_chip_public");
    let refused = |keys: &SecurityInfos| pace_cam::verify(&keys.chip_keys, &transcript).err();
    assert_eq!(refused(&card_security(&other, 13)), Some(PaceCamError::KeyMismatch));
    assert_eq!(refused(&card_security(&fixed, 72)), Some(PaceCamError::NoKey));
    assert_eq!(refused(&SecurityInfos::default()), Some(PaceCamError::NoKey));
}

#[test]
fn every_altered_part_of_a_transcript_proves_nothing() {
    let transcript = cam().run().unwrap().mapping.unwrap();
    let keys = card_security(&field(&worked_examples()["I1"], "chip_static_public_key"), 13).chip_keys;
    type Part = fn(&mut pace_cam::PaceCamTranscript) -> &mut Vec<u8>;
    let parts: [Part; 7] = [
        |t| &mut t.nonce,
        |t| &mut t.mapping_private,
        |t| &mut t.mapping_response,
        |t| &mut t.agreement_private,
        |t| &mut t.agreement_response,
        |t| &mut t.token,
        |t| &mut t.encrypted_data,
    ];
    for (number, part) in parts.iter().enumerate() {
        let length = part(&mut transcript.clone()).len();
        for index in [0, length / 2, length - 1] {
            let mut altered = transcript.clone();
            part(&mut altered)[index] ^= 1;
            assert!(pace_cam::verify(&keys, &altered).is_err(), "part {number}, byte {index}");
        }
        let mut empty = transcript.clone();
        part(&mut empty).clear();
        assert!(pace_cam::verify(&keys, &empty).is_err(), "part {number}");
    }
    let json = serde_json::to_string(&transcript).unwrap();
    assert_eq!(serde_json::from_str::<pace_cam::PaceCamTranscript>(&json).unwrap(), transcript);
    assert!(!format!("{transcript:?}").contains("658"));
}

#[test]
fn chip_authentication_data_are_mandatory() {
    let mut dialogue = cam();
    let token = field(&worked_examples()["I1"], "T_IC");
    dialogue.exchanges[4].1 = ok(&object(0x86, &token));
    let Some(PaceError::Malformed { step: PaceStep::MutualAuthentication, .. }) = dialogue.run().err() else {
        panic!("the data are missing")
    };
}
