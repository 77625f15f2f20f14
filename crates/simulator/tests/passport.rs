//! The chip as a terminal meets it: access rules, every protocol, limits and oddities.
#![allow(clippy::unwrap_used, reason = "tests")]

mod terminal;

use apdu::{Card, CommandApdu, StatusWord, tlv};
use chip_crypto::block::SymmetricCipher;
use chip_crypto::curve::{NamedCurve, Point, PrivateScalar, diffie_hellman};
use chip_crypto::hash::{HashAlgorithm, digest};
use chip_crypto::random::{SecureRandom, SeededRandom};
use chip_crypto::signature::{PublicKey, SignatureScheme, iso9796_2, verify};
use simulator::issuer::{PassportPlan, PkiPlan, TestPki};
use simulator::{AaHash, Cipher, Excess, FileEnd, PaceVariant, Profile, SimulatedCard, place};
use terminal::{Terminal, select_application, test_data};

fn information(profile: &Profile) -> String {
    let mrz = profile.access.mrz.as_ref().unwrap();
    let second = mrz.lines().nth(1).unwrap();
    [&second[0..10], &second[13..20], &second[21..28]].concat()
}

fn pace(card: &mut dyn Card, variant: PaceVariant, password: (u8, &[u8])) -> Result<Terminal, StatusWord> {
    let (last, cipher) = match variant.cipher {
        Cipher::TripleDes => (1, SymmetricCipher::TripleDes),
        Cipher::Aes128 => (2, SymmetricCipher::Aes128),
        Cipher::Aes192 => (3, SymmetricCipher::Aes192),
        Cipher::Aes256 => (4, SymmetricCipher::Aes256),
    };
    let oid = [4, 0, 0x7F, 0, 7, 2, 2, 4, 2, last];
    Terminal::pace(card, &oid, NamedCurve::from_standardized_id(variant.parameter_id).unwrap(), cipher, password)
}

fn file(profile: &Profile, id: &str) -> Vec<u8> {
    profile.files[id].bytes(&profile.base).unwrap()
}

fn read_short(short_id: u8) -> CommandApdu {
    CommandApdu::new(0, 0xB0, 0x80 | short_id, 0).with_ne(256)
}

#[test]
fn nothing_personal_is_readable_without_access_control() {
    let profile = Profile::built_in("specimen").unwrap();
    let mut card = place(&profile).unwrap();
    let mut status = |command: CommandApdu| card.transmit(&command).unwrap().status.0;
    assert_eq!(status(CommandApdu::new(0, 0xB0, 0x9C, 0).with_ne(256)), 0x6282, "EF.CardAccess is free");
    assert_eq!(status(CommandApdu::new(0, 0xA4, 0, 0x0C).with_data([0x3F, 0])), 0x9000);
    assert_eq!(status(select_application()), 0x9000);
    for short_id in [1, 2, 14, 15, 0x1D, 0x1E] {
        assert_eq!(status(read_short(short_id)), 0x6982);
        assert_eq!(status(CommandApdu::new(0, 0xA4, 2, 0x0C).with_data([1, short_id])), 0x6982);
    }
    assert_eq!(status(CommandApdu::new(0, 0x88, 0, 0).with_data([1; 8]).with_ne(256)), 0x6982);
    assert_eq!(status(CommandApdu::new(0, 0x22, 0x41, 0xA4).with_data([0x80, 0])), 0x6982);
    assert_eq!(status(CommandApdu::new(0, 0x20, 0, 0)), 0x6D00);
    assert_eq!(status(CommandApdu::new(0x80, 0xB0, 0, 0)), 0x6E00);
}

#[test]
fn bac_reads_every_file_and_a_plain_command_ends_it() {
    let profile = Profile::built_in("specimen-bac").unwrap();
    let mut card = place(&profile).unwrap();
    let mut terminal = Terminal::bac(&mut card, &information(&profile)).unwrap();
    for (id, chunk) in [("0101", 256), ("0102", 65_536), ("010F", 100), ("011D", 256), ("011E", 4)] {
        let short_id = u8::from_str_radix(&id[2..], 16).unwrap();
        assert_eq!(terminal.read(&mut card, short_id, chunk).unwrap(), file(&profile, id), "file {id}");
    }
    assert_eq!(card.transmit(&select_application()).unwrap().status.0, 0x9000);
    assert_eq!(card.transmit(&read_short(1)).unwrap().status.0, 0x6982);
    assert_eq!(terminal.send(&mut card, &read_short(1)).unwrap_err(), "plain 6988");
}

#[test]
fn bac_refuses_a_wrong_key_and_a_used_challenge() {
    let profile = Profile::built_in("specimen-bac").unwrap();
    let mut card = place(&profile).unwrap();
    assert_eq!(Terminal::bac(&mut card, "XTEST0001090020323505319").err(), Some(StatusWord(0x6300)));
    let again = CommandApdu::new(0, 0x82, 0, 0).with_data([0; 40]).with_ne(40);
    assert_eq!(card.transmit(&again).unwrap().status.0, 0x6985);
    let mut pace_only = profile.clone();
    pace_only.access.bac = false;
    assert_eq!(Terminal::bac(&mut place(&pace_only).unwrap(), &information(&profile)).err(), Some(StatusWord(0x6985)));
}

#[test]
fn pace_runs_with_every_cipher_and_curve_and_both_passwords() {
    let pki = TestPki::generate(&PkiPlan::default()).unwrap();
    let ciphers = [Cipher::TripleDes, Cipher::Aes128, Cipher::Aes192, Cipher::Aes256];
    for (index, parameter_id) in [8, 10, 11, 12, 13, 14, 15, 16, 17, 18].into_iter().enumerate() {
        let variant = PaceVariant::generic(ciphers[index % 4], parameter_id);
        let profile = pki.issue(&PassportPlan { pace: vec![variant], bac: false, ..PassportPlan::default() }).unwrap();
        let hash = digest(HashAlgorithm::Sha1, &[information(&profile).as_bytes()]);
        for password in [(1, &hash[..]), (2, b"123456")] {
            let mut card = place(&profile).unwrap();
            let mut terminal = pace(&mut card, variant, password).unwrap();
            assert!(terminal.send(&mut card, &select_application()).unwrap().status.is_ok());
            assert_eq!(terminal.read(&mut card, 1, 256).unwrap(), file(&profile, "0101"), "{variant:?}");
        }
        let mut card = place(&profile).unwrap();
        assert_eq!(pace(&mut card, variant, (2, b"654321")).err(), Some(StatusWord(0x6300)));
    }
}

#[test]
fn chip_authentication_switches_the_keys_after_its_answer() {
    let profile = Profile::built_in("specimen").unwrap();
    let mut card = place(&profile).unwrap();
    let mut terminal = pace(&mut card, profile.access.pace[0], (2, b"123456")).unwrap();
    terminal.send(&mut card, &select_application()).unwrap();
    let dg14 = terminal.read(&mut card, 14, 256).unwrap();
    let curve = NamedCurve::BrainpoolP256r1;
    let chip = Point::from_uncompressed(curve, &public_point(&dg14, 65)).unwrap();
    let own = PrivateScalar::generate(curve, &mut SeededRandom::new(5)).unwrap();
    let oid = [4, 0, 0x7F, 0, 7, 2, 2, 3, 2, 2];
    let mse = CommandApdu::new(0, 0x22, 0x41, 0xA4).with_data(tlv::encode(tlv::Tag(0x80), &oid));
    assert!(terminal.send(&mut card, &mse).unwrap().status.is_ok());
    let data = tlv::encode(tlv::Tag(0x7C), &tlv::encode(tlv::Tag(0x80), &own.public().to_uncompressed()));
    let answer = terminal.send(&mut card, &CommandApdu::new(0, 0x86, 0, 0).with_data(data).with_ne(256)).unwrap();
    assert_eq!((answer.data, answer.status.0), (vec![0x7C, 0], 0x9000));
    let mut switched = Terminal::new(SymmetricCipher::Aes128, &diffie_hellman(&own, &chip).unwrap(), vec![0; 16]);
    assert_eq!(switched.read(&mut card, 1, 256).unwrap(), file(&profile, "0101"));

    let challenge = [1, 2, 3, 4, 5, 6, 7, 8];
    let answer = switched.send(&mut card, &CommandApdu::new(0, 0x88, 0, 0).with_data(challenge).with_ne(256)).unwrap();
    let point = public_point(&file(&profile, "010F"), 65);
    let key = PublicKey::ec_from_sec1(NamedCurve::Secp256r1, &point).unwrap();
    verify(&key, &SignatureScheme::EcdsaPlain(HashAlgorithm::Sha256), &challenge, &answer.data).unwrap();
}

/// The last bytes of the last BIT STRING that holds an uncompressed point of this length.
fn public_point(bytes: &[u8], length: usize) -> Vec<u8> {
    let head = [0x03, length as u8 + 1, 0x00, 0x04];
    let at = bytes.windows(4).rposition(|window| window == head).unwrap();
    bytes[at + 3..at + 3 + length].to_vec()
}

#[test]
fn the_bsi_reference_passport_proves_its_chip_over_3des() {
    let Some(folder) = test_data("emrtd/bsi-tr03105-5") else { return };
    let profile =
        Profile::from_directory(&folder).unwrap().with_pace(&[PaceVariant::generic(Cipher::Aes128, 13)], None);
    let mut card = place(&profile).unwrap();
    let mut terminal = Terminal::bac(&mut card, "C11T002JM496081222310314").unwrap();
    assert_eq!(terminal.read(&mut card, 2, 65_536).unwrap(), file(&profile, "0102"));
    let forbidden = terminal.send(&mut card, &read_short(3)).unwrap();
    assert_eq!(forbidden.status.0, 0x6982, "DG3 needs terminal authentication");

    let curve = NamedCurve::BrainpoolP224r1;
    let chip = Point::from_uncompressed(curve, &public_point(&file(&profile, "010E"), 57)).unwrap();
    let own = PrivateScalar::generate(curve, &mut SeededRandom::new(5)).unwrap();
    let mse =
        CommandApdu::new(0, 0x22, 0x41, 0xA6).with_data(tlv::encode(tlv::Tag(0x91), &own.public().to_uncompressed()));
    assert!(terminal.send(&mut card, &mse).unwrap().status.is_ok());
    let mut switched = Terminal::new(SymmetricCipher::TripleDes, &diffie_hellman(&own, &chip).unwrap(), vec![0; 8]);
    let challenge = [8, 7, 6, 5, 4, 3, 2, 1];
    let answer = switched.send(&mut card, &CommandApdu::new(0, 0x88, 0, 0).with_data(challenge).with_ne(256)).unwrap();
    let (modulus, exponent) = rsa_key(&file(&profile, "010F"));
    let key = PublicKey::rsa(&modulus, &exponent).unwrap();
    assert_eq!(iso9796_2::recover_and_verify(&key, &answer.data, &challenge).unwrap(), HashAlgorithm::Sha1);
}

fn rsa_key(dg15: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let info = tlv::find(tlv::find(dg15, tlv::Tag(0x6F)).unwrap().unwrap(), tlv::Tag::SEQUENCE).unwrap().unwrap();
    let bits = &tlv::find(info, tlv::Tag::BIT_STRING).unwrap().unwrap()[1..];
    let mut fields = tlv::Reader::ber(tlv::find(bits, tlv::Tag::SEQUENCE).unwrap().unwrap());
    let mut next = || fields.expect(tlv::Tag::INTEGER).unwrap().value.to_vec();
    (next(), next())
}

#[test]
fn quirks_change_limits_and_endings() {
    let mut profile = Profile::built_in("specimen-bac").unwrap();
    let info = information(&profile);
    let length = file(&profile, "0101").len();
    let mut ask = |change: &dyn Fn(&mut Profile), command: CommandApdu| {
        change(&mut profile);
        let mut card = place(&profile).unwrap();
        let mut terminal = Terminal::bac(&mut card, &info).unwrap();
        terminal.send(&mut card, &command)
    };
    let read = |ne| CommandApdu::new(0, 0xB0, 0x81, 0).with_ne(ne);
    assert_eq!(ask(&|_| {}, read(256)).unwrap().status.0, 0x6282);
    assert_eq!(ask(&|p| p.quirks.file_end = FileEnd::Ok, read(256)).unwrap().data.len(), length);
    assert_eq!(ask(&|p| p.quirks.file_end = FileEnd::Refuse, read(256)).unwrap().status.0, 0x6B00);
    assert_eq!(ask(&|p| p.quirks.max_read = 64, read(80)).unwrap().data.len(), 64);
    assert_eq!(ask(&|p| p.quirks.excess = Excess::WrongLength, read(80)).unwrap().status.0, 0x6700);
    assert_eq!(ask(&|p| p.quirks.excess = Excess::CorrectLength, read(80)).unwrap().status.0, 0x6C40);
    assert_eq!(ask(&|p| p.quirks.excess = Excess::DropChannel, read(80)).unwrap_err(), "plain 6B00");
    assert_eq!(ask(&|p| p.quirks.extended = false, read(1000)).unwrap_err(), "plain 6700");
    assert_eq!(ask(&|p| p.quirks.short_ids = false, read(64)).unwrap().status.0, 0x6A82);
}

#[test]
fn odd_read_binary_reaches_any_offset() {
    let profile = Profile::built_in("specimen-bac").unwrap();
    let mut card = place(&profile).unwrap();
    let mut terminal = Terminal::bac(&mut card, &information(&profile)).unwrap();
    let command = CommandApdu::new(0, 0xB1, 0, 2).with_data(tlv::encode(tlv::Tag(0x54), &[0x10, 0x00])).with_ne(200);
    let answer = terminal.send(&mut card, &command).unwrap();
    let inner = tlv::find(&answer.data, tlv::Tag(0x53)).unwrap().unwrap().to_vec();
    assert_eq!(inner, file(&profile, "0102")[0x1000..0x1000 + inner.len()]);
    let beyond = CommandApdu::new(0, 0xB0, 0x7F, 0xFF).with_ne(4);
    assert_eq!(terminal.send(&mut card, &beyond).unwrap().status.0, 0x6B00);
}

#[test]
fn a_damaged_command_ends_the_channel() {
    let profile = Profile::built_in("specimen-bac").unwrap();
    let mut card = place(&profile).unwrap();
    let mut terminal = Terminal::bac(&mut card, &information(&profile)).unwrap();
    let mut command = terminal.protect(&read_short(1));
    *command.data.last_mut().unwrap() ^= 1;
    assert_eq!(card.transmit(&command).unwrap().status.0, 0x6988);
    assert_eq!(terminal.send(&mut card, &read_short(1)).unwrap_err(), "plain 6988");
}

#[test]
fn a_reset_forgets_everything() {
    let profile = Profile::built_in("specimen-bac").unwrap();
    let mut card = place(&profile).unwrap();
    Terminal::bac(&mut card, &information(&profile)).unwrap();
    card.reset();
    assert_eq!(card.transmit(&read_short(2)).unwrap().status.0, 0x6A82, "the master file is selected again");
    assert!(card.atr().starts_with(&[0x3B, 0x85, 0x80, 0x01]));
}

#[test]
fn active_authentication_with_other_hashes_and_curves() {
    let pki = TestPki::generate(&PkiPlan::default()).unwrap();
    let plan = PassportPlan { active: Some((NamedCurve::BrainpoolP384r1, AaHash::Sha384)), ..PassportPlan::default() };
    let profile = pki.issue(&plan).unwrap();
    let mut card = place(&profile).unwrap();
    let mut terminal = Terminal::bac(&mut card, &information(&profile)).unwrap();
    let answer = terminal.send(&mut card, &CommandApdu::new(0, 0x88, 0, 0).with_data([3; 8]).with_ne(256)).unwrap();
    let key = PublicKey::ec_from_sec1(NamedCurve::BrainpoolP384r1, &public_point(&file(&profile, "010F"), 97)).unwrap();
    verify(&key, &SignatureScheme::EcdsaPlain(HashAlgorithm::Sha384), &[3; 8], &answer.data).unwrap();
}

#[test]
fn no_command_makes_the_chip_panic_or_overflow() {
    let profile = Profile::built_in("specimen").unwrap();
    let mut card = place(&profile).unwrap();
    let mut random = SeededRandom::new(9303);
    let instructions = [0xA4, 0xB0, 0xB1, 0x84, 0x82, 0x22, 0x86, 0x88];
    for round in 0..20_000_u32 {
        let mut bytes = [0; 48];
        random.fill(&mut bytes).unwrap();
        let cla = [0x00, 0x0C, 0x10, 0x00][usize::from(bytes[0] & 3)];
        let length = usize::from(bytes[2] % 44);
        let ne = (bytes[3] & 1 == 1).then(|| 1 + u32::from(bytes[4]));
        let mut data = bytes[4..4 + length].to_vec();
        if bytes[3] & 2 == 2 {
            data = tlv::encode(tlv::Tag(0x7C), &data);
        }
        let mut command =
            CommandApdu::new(cla, instructions[usize::from(bytes[1] & 7)], bytes[5], bytes[6]).with_data(data);
        command.ne = ne;
        let response = card.transmit(&command).unwrap();
        assert!(
            response.data.is_empty() || response.data.len() <= ne.unwrap_or(256).max(256) as usize,
            "round {round}"
        );
    }
    assert_eq!(card.transmit(&select_application()).unwrap().status.0, 0x9000);
    assert_eq!(card.transmit(&read_short(1)).unwrap().status.0, 0x6982, "and it stays closed");
}
