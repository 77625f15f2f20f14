//! Worked examples of Doc 9303-11, byte for byte.

mod support;

use apdu::tlv::Reader;
use apdu::{Card, CommandApdu};
use chip::mrtd::{
    AccessKey, BacRandom, Mrz, MrzError, MrzField, MrzKey, SecureMessaging, Secured, bac, card_access, com, pace,
};
use chip_crypto::block::SymmetricCipher;
use chip_crypto::hash::{HashAlgorithm, digest};
use support::{Replay, Scripted, bytes, field, text, worked_examples};
use zeroize::Zeroizing;

/// D.3: from the key to the session keys, proved by the first protected command of D.4.
#[test]
fn bac_opens_the_chip_of_appendix_d() {
    let d = &worked_examples()["D_BAC"];
    let (challenge, authentication) = bac_exchanges(d);
    let select = &d["secure_messaging"][0];
    let card = Replay::new([
        (challenge.0.as_str(), challenge.1.as_str()),
        (authentication.0.as_str(), authentication.1.as_str()),
        (text(select, "protected"), text(select, "response")),
    ]);
    let key = MrzKey::new("L898902C", "690806", "940623").unwrap();
    let random = BacRandom {
        rnd_ifd: field(d, "RND_IFD").try_into().unwrap(),
        k_ifd: Zeroizing::new(field(d, "K_IFD").try_into().unwrap()),
    };
    let mut channel = bac(card, &key, &random).unwrap();
    let response = channel.transmit(&CommandApdu::parse(&field(select, "plain")).unwrap()).unwrap();
    assert!(response.status.is_ok());
    assert!(channel.into_inner().is_over());
}

fn bac_exchanges(d: &serde_json::Value) -> ((String, String), (String, String)) {
    let challenge = ("0084000008".to_owned(), format!("{}9000", text(d, "RND_IC")));
    let command = format!("0082000028{}{}28", text(d, "E_IFD"), text(d, "M_IFD"));
    let response = format!("{}{}9000", text(d, "E_IC"), text(d, "M_IC"));
    (challenge, (command, response))
}

/// D.4: EF.COM selected and read in two parts.
#[test]
fn secure_messaging_reads_ef_com_of_appendix_d() {
    let d = &worked_examples()["D_BAC"];
    let exchanges = d["secure_messaging"].as_array().unwrap();
    let card = Replay::new(exchanges.iter().map(|exchange| (text(exchange, "protected"), text(exchange, "response"))));
    let ssc = field(d, "SSC").iter().fold(0_u128, |ssc, byte| (ssc << 8) | u128::from(*byte));
    let messaging = SecureMessaging::new(
        SymmetricCipher::TripleDes,
        Zeroizing::new(field(d, "KSEnc")),
        Zeroizing::new(field(d, "KSMac")),
        ssc,
    );
    let mut channel = Secured::new(card, messaging);
    let mut file = Vec::new();
    for exchange in exchanges {
        let response = channel.transmit(&CommandApdu::parse(&field(exchange, "plain")).unwrap()).unwrap();
        assert!(response.status.is_ok());
        file.extend(response.data);
    }
    assert_eq!(file, field(d, "EF_COM"));
    assert_eq!(com::parse(&file).unwrap().data_groups, [1, 2]);
}

#[test]
fn long_document_numbers_make_the_keys_of_appendix_d() {
    let d = &worked_examples()["D_BAC"];
    for example in d["long_document_numbers"].as_array().unwrap() {
        let lines: Vec<&str> = example["mrz"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
        let information = text(example, "mrz_information");
        let number_end = information.len() - 15;
        let (birth, expiry) =
            (&information[number_end + 1..number_end + 7], &information[number_end + 8..number_end + 14]);
        let expected = MrzKey::new(&information[..number_end], birth, expiry).unwrap();
        // Two of the names have fewer fillers in the document than the format wants.
        let width = if lines.len() == 3 { 30 } else { 36 };
        let zone: String = lines.iter().map(|line| format!("{line:<<width$}")).collect();
        // The composite digit of the document's third zone is not that of its own fields; the access key does not use it.
        match Mrz::parse(&zone) {
            Ok(mrz) => assert!(mrz.key() == expected, "{information}"),
            Err(error) => {
                assert_eq!(error, MrzError::CheckDigit { field: MrzField::Composite, confusion: None });
                assert!(MrzKey::new("L898902C<", birth, expiry).unwrap() == expected);
            }
        }
    }
}

/// F: what the chip signs; its modulus is not published, so the signature itself cannot be opened.
#[test]
fn active_authentication_message_of_appendix_f() {
    let f = &worked_examples()["F_AA"];
    let (m1, m2, hash) = (field(f, "M1"), field(f, "RND_IFD"), field(f, "H"));
    assert_eq!(digest(HashAlgorithm::Sha1, &[&m1, &m2]), hash);
    assert_eq!(field(f, "F"), [&[0x6A], m1.as_slice(), &hash, &[0xBC]].concat());
}

/// G.1: PACE with generic mapping, all five commands.
#[test]
fn pace_opens_the_chip_of_appendix_g() {
    let g = &worked_examples()["G1"];
    let commands: Vec<&str> = g["T>C"].as_array().unwrap().iter().map(|command| command.as_str().unwrap()).collect();
    let responses = [
        "9000".to_owned(),
        format!("7C128010{}9000", text(g, "nonce_z")),
        format!("7C43824104{}9000", text(g, "map_chip_public")),
        format!("7C43844104{}9000", text(g, "ka_chip_public")),
        format!("7C0A8608{}9000", text(g, "T_IC")),
    ];
    let info = card_access::parse(&bytes(&format!("3114{}", text(g, "PACEInfo")))).unwrap().pace[0];
    let key = AccessKey::Mrz(MrzKey::new("T22000129", "640812", "101031").unwrap());
    let script = [text(g, "map_terminal_private"), text(g, "ka_terminal_private")];

    let card = Replay::new(commands.iter().copied().zip(responses.iter().map(String::as_str)));
    let opened = pace(card, &info, &key, &mut Scripted::new(&script)).unwrap();
    assert!(opened.channel.into_inner().is_over() && opened.mapping.is_none());
    assert_session_keys(g);

    // A token of one other bit, and our own key sent back, are refused.
    let mut forged = responses.clone();
    forged[4] = forged[4].replace("3ABB", "3ABA");
    let card = Replay::new(commands.iter().copied().zip(forged.iter().map(String::as_str)));
    let error = pace(card, &info, &key, &mut Scripted::new(&script)).err();
    assert_eq!(error, Some(chip::mrtd::PaceError::TokenInvalid));
    let mut reflected = responses;
    reflected[3] = format!("7C43844104{}9000", text(g, "ka_terminal_public"));
    let card = Replay::new(commands.iter().copied().zip(reflected.iter().map(String::as_str)));
    let error = pace(card, &info, &key, &mut Scripted::new(&script)).err();
    assert_eq!(error, Some(chip::mrtd::PaceError::KeyReflected));
}

fn assert_session_keys(g: &serde_json::Value) {
    use chip_crypto::kdf::{COUNTER_ENC, COUNTER_MAC, derive_key};
    let shared = field(g, "shared_secret_K");
    assert_eq!(*derive_key(SymmetricCipher::Aes128, &shared, COUNTER_ENC), field(g, "KSEnc"));
    assert_eq!(*derive_key(SymmetricCipher::Aes128, &shared, COUNTER_MAC), field(g, "KSMAC"));
    let mut reader = Reader::der(&[0x7C, 0x00]);
    reader.next().unwrap();
}
