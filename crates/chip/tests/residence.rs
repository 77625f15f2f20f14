//! Residence cards: the official worked examples byte for byte, scanned images, and hostile bytes.

mod support;

use apdu::{Card, ChannelFault, CommandApdu, ResponseApdu, StatusWord, TransportError};
use chip::portrait::ImageError;
use chip::recognition::{MAX_COMMANDS, recognise};
use chip::residence::{
    AuthenticationError, AuthenticationRandom, CardNumber, CardType, ElementError, Generation, InspectError,
    InspectPlan, Messaging, Permission, ResidenceFile, address, authenticate, back_notes, card_number, face_images,
    front_image, inspect, items, photo, renewal_pending, scanned_address, signature_objects,
};
use chip::tiff;
use chip_crypto::random::SeededRandom;
use proptest::prelude::*;
use serde_json::Value;
use support::{Replay, bytes, field, test_data, text};
use zeroize::Zeroizing;

/// The worked examples of 在留カード等仕様書 Ver 1.5 and of the second generation Ver 1.1: GET CHALLENGE, MUTUAL AUTHENTICATE and
/// VERIFY with their answers, for the card number AA12345678BB and the same random numbers of the terminal.
const OFFICIAL: [(Generation, [(&str, &str); 3]); 2] = [
    (
        Generation::First,
        [
            ("0084000008", "5A6E7E385162B7A39000"),
            (
                "0082000028937745C20883A1BAD1E04193722A1592378F81A8F1DC589157AEB0F7544FA1BA1AD7FB6A3389E01700",
                "5860775B4D032CC564BA204B8EA868F694A74E7475A8FEF240588BDA1AF496CE59388FD6CD45248B9000",
            ),
            ("08200086138611011AA82973DB959A811F9711D728F0EEF6", "9000"),
        ],
    ),
    (
        Generation::Second,
        [
            ("0084000008", "921CE277323DA0579000"),
            (
                "00820000284AD3C7B6BB484A52771977DED618B41DF841FA0476A05FBE041DEAD6109E773BAC854617634F539700",
                "289A96B1DA6AE3DA87770419BFD14F0BDAD15F36432B5A946C188C7221759A62FA942EC51E62FF5F9000",
            ),
            ("0820008613861101EE0B31EF877F68D071C56D58C72E6748", "9000"),
        ],
    ),
];

fn official_random() -> AuthenticationRandom {
    let k_ifd: [u8; 16] = bytes("404142434445464748494A4B4C4D4E4F").try_into().unwrap();
    AuthenticationRandom { rnd_ifd: bytes("1122334455667788").try_into().unwrap(), k_ifd: Zeroizing::new(k_ifd) }
}

fn number(text: &str) -> CardNumber {
    CardNumber::parse(text).unwrap()
}

#[test]
fn the_official_examples_pass_byte_for_byte() {
    for (generation, exchanges) in OFFICIAL {
        let mut card = Replay::new(exchanges);
        authenticate(&mut card, generation, &number("AA12345678BB"), &official_random()).unwrap();
        assert!(card.is_over());
    }
}

#[test]
fn a_refusal_of_either_step_is_a_wrong_number() {
    for (generation, exchanges) in OFFICIAL {
        for refused in [1, 2] {
            let mut exchanges = exchanges;
            exchanges[refused].1 = "6300";
            let mut card = Replay::new(exchanges);
            let error = authenticate(&mut card, generation, &number("AA12345678BB"), &official_random()).err();
            assert_eq!(error, Some(AuthenticationError::WrongNumber(StatusWord(0x6300))));
        }
    }
}

#[test]
fn an_altered_answer_of_the_card_is_refused() {
    for (generation, exchanges) in OFFICIAL {
        let honest = bytes(exchanges[1].1);
        for at in 0..40 {
            let mut altered = honest.clone();
            altered[at] ^= 1;
            let altered = hex::encode(altered);
            let mut exchanges = exchanges;
            exchanges[1].1 = &altered;
            let error =
                authenticate(&mut Replay::new(exchanges), generation, &number("AA12345678BB"), &official_random())
                    .err();
            assert_eq!(error, Some(AuthenticationError::MacInvalid), "byte {at}");
        }
    }
}

#[test]
fn the_shared_vectors_pass_reading_included() {
    let Some(file) = test_data("jp-cards/vectors/residence-card-auth.json") else { return };
    let vectors: Value = serde_json::from_slice(&file).unwrap();
    let vectors = vectors["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 4);
    for vector in vectors {
        let generation = if vector["generation"] == 1 { Generation::First } else { Generation::Second };
        let random = AuthenticationRandom {
            rnd_ifd: field(vector, "rnd_ifd").try_into().unwrap(),
            k_ifd: Zeroizing::new(field(vector, "k_ifd").try_into().unwrap()),
        };
        let answer = format!("{}{}9000", text(vector, "e_icc"), text(vector, "m_icc"));
        let challenge = format!("{}9000", text(vector, "rnd_icc"));
        let mut card = Replay::new([
            (text(vector, "get_challenge_apdu"), challenge.as_str()),
            (text(vector, "mutual_auth_apdu"), answer.as_str()),
            (text(vector, "verify_apdu"), "9000"),
        ]);
        let mut messaging = authenticate(&mut card, generation, &number(text(vector, "card_number")), &random).unwrap();
        let read = &vector["sm_read"];
        if read.is_null() {
            continue;
        }
        let expected = field(read, "command");
        let command = messaging.read_command(expected[2], expected[3], 0, true);
        assert_eq!(hex::encode(command.encode().unwrap()), hex::encode(expected));
        let response = ResponseApdu::new(field(read, "response_data"), StatusWord::OK);
        assert_eq!(messaging.open(&response).unwrap(), field(read, "plain"));
    }
}

#[test]
fn a_response_without_its_cryptogram_is_stripped_and_a_damaged_one_malformed() {
    let mut messaging = Messaging::new(Generation::Second, Zeroizing::new(vec![7; 16]));
    let mut fault = |data: &[u8]| messaging.open(&ResponseApdu::new(data, StatusWord::OK)).err();
    assert_eq!(fault(&[]), Some(ChannelFault::Stripped));
    assert_eq!(fault(&[0xC5, 0x01, 0x31]), Some(ChannelFault::Stripped));
    for damaged in
        ["8600", "860101", "861102AFED59B1E301C867BAFA5611C9C7350E", "8611019FED59B1E301C867BAFA5611C9C7350E", "8620"]
    {
        assert_eq!(fault(&bytes(damaged)), Some(ChannelFault::Malformed), "{damaged}");
    }
}

/// 21 by 9 dots, written by libtiff: a block from (3, 2) to (9, 6) and a dot in the last corner.
const LIBTIFF_G4: &[&str] = &[
    "49492a0010000000cc0fffe3500100100d000001030001000000150000000101030001000000090000000201030001000000",
    "010000000301030001000000040000000601030001000000000000000a010300010000000100000011010400010000000800",
    "0000120103000100000001000000150103000100000001000000160103000100000009000000170104000100000008000000",
    "1c010300010000000100000029010300020000000000010000000000",
];

#[test]
fn an_image_of_another_encoder_is_decoded_to_its_dots() {
    let file = bytes(&LIBTIFF_G4.concat());
    assert_eq!(tiff::header(&file).unwrap(), (21, 9));
    let pixels = tiff::decode(&file).unwrap();
    for (at, pixel) in pixels.rgb.chunks(3).enumerate() {
        let (x, y) = (at % 21, at / 21);
        let black = (3..=9).contains(&x) && (2..=6).contains(&y) || (x, y) == (20, 8);
        assert_eq!(pixel, if black { [0; 3] } else { [0xFF; 3] }, "{x}, {y}");
    }
}

#[test]
fn an_image_too_large_is_refused_by_its_header() {
    let mut file = bytes(&LIBTIFF_G4.concat());
    let little = file.starts_with(b"II");
    let entry = |file: &[u8], tag: u16| {
        let bytes = if little { tag.to_le_bytes() } else { tag.to_be_bytes() };
        // An entry of the directory: tag, type SHORT or LONG, count one.
        (0..file.len() - 12)
            .find(|at| file[*at..].starts_with(&bytes) && matches!(file[at + 2..at + 4], [3 | 4, 0] | [0, 3 | 4]))
    };
    for (tag, side) in [(256, 60_000_u16), (257, 60_000), (256, 0)] {
        let mut altered = file.clone();
        let at = entry(&file, tag).unwrap();
        let value = if little { side.to_le_bytes() } else { side.to_be_bytes() };
        altered[at + 8..at + 10].copy_from_slice(&value);
        assert!(
            matches!(tiff::decode(&altered), Err(ImageError::Limit { .. } | ImageError::Header)),
            "{tag} {side}: {:?}",
            tiff::decode(&altered)
        );
    }
    file.truncate(60);
    assert!(tiff::decode(&file).is_err());
    assert_eq!(tiff::decode(b"GIF89a"), Err(ImageError::Format));
}

#[test]
fn a_field_that_is_wrong_is_named() {
    let good: &[(u8, &[u8])] = &[(0xC5, b"20310614"), (0xC6, b"19900101"), (0xC7, b"1"), (0xC8, b"XXA")];
    let file = |fields: &[(u8, &[u8])]| -> Vec<u8> {
        fields.iter().flat_map(|(tag, value)| [&[*tag, value.len() as u8], *value].concat()).collect()
    };
    assert_eq!(items(&file(good)).unwrap().values, b"20310614199001011XXA");
    let said = |at: usize, value: &'static [u8]| {
        let mut fields = good.to_vec();
        fields[at].1 = value;
        items(&file(&fields)).unwrap_err().to_string()
    };
    assert_eq!(said(0, b"20311314"), "C5 (expiry date) is no date");
    assert_eq!(said(1, b"199001"), "C6 (birth date) has 6 bytes");
    assert_eq!(said(3, b"\xFFXA"), "C8 (nationality) is no text");
    assert!(items(&file(&good[1..])).unwrap_err().to_string().starts_with("DF1/EF02 lacks C5 (expiry date)"));
    assert_eq!(items(&[&file(good)[..], &[0xC5, 0]].concat()).unwrap_err(), items(&[0xC5, 0]).unwrap_err());
    assert!(matches!(front_image(&[0xD0, 1, 7, 9]), Err(ElementError::Trailing { file: ResidenceFile::Df1Ef01 })));
    let unknown = [&file(good)[..], &[0xCF, 1, 0]].concat();
    assert_eq!(items(&unknown).unwrap_err().to_string(), "CF (unknown) has a value that is not known");
}

#[test]
fn parts_of_a_birth_date_that_are_not_known_stay_unknown() {
    let birth = |digits: &[u8; 8]| {
        let file = [b"\xC5\x0820310614\xC6\x08".as_slice(), digits, b"\xC7\x011\xC8\x03XXA"].concat();
        items(&file).map(|items| items.birth)
    };
    assert_eq!(birth(b"19900203").unwrap(), "1990-02-03");
    assert_eq!(birth(b"19900200").unwrap(), "1990-02-XX");
    assert_eq!(birth(b"19900000").unwrap(), "1990-XX-XX");
    assert!(birth(b"19901300").is_err() && birth(b"00000000").is_err() && birth(b"19900003").is_err());
}

/// Answers every command from a list, then is gone.
#[derive(Debug)]
struct Answers(std::vec::IntoIter<Vec<u8>>);

impl Card for Answers {
    fn transmit(&mut self, _: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        let bytes = self.0.next().ok_or(TransportError::CardRemoved)?;
        ResponseApdu::parse(&bytes).ok_or(TransportError::ResponseLength { length: bytes.len() })
    }
}

fn answers() -> impl Strategy<Value = Answers> {
    let head = proptest::sample::select(vec![
        vec![],
        vec![0xC1, 1, b'1'],
        vec![0xC1, 2, b'0', b'5'],
        vec![0xC1, 2, b'0', b'7'],
        vec![0x86, 0x11, 1],
    ]);
    let body = proptest::collection::vec(any::<u8>(), 0..40);
    let status =
        proptest::sample::select(vec![0x9000_u16, 0x9000, 0x6282, 0x6A82, 0x6105, 0x6C10, 0x6982, 0x6300, 0x6700]);
    proptest::collection::vec((head, body, status), 0..40).prop_map(|list| {
        let encoded = list.into_iter().map(|(head, body, status)| [head, body, status.to_be_bytes().to_vec()].concat());
        Answers(encoded.collect::<Vec<_>>().into_iter())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn parsers_do_not_panic(noise in proptest::collection::vec(any::<u8>(), 0..300), head in 0_usize..8) {
        let heads: [&[u8]; 8] = [&[0xC5, 8], &[0xD2, 8, b'2', b'0'], &[0xD0, 0x82, 0x01], &[0xDA, 4, 1, 2, 3, 4, 0xDB, 0x20, 0x30], &[0xDC, 2, 1, 1, 0xDD, 0x81], &[0xD7, 1], &[0xC1], &[]];
        let file = [heads[head], &noise].concat();
        let _ = (items(&file), address(&file), front_image(&file), photo(&file), card_number(&file), face_images(&file));
        let _ = (scanned_address(&file), back_notes(&file), CardType::parse(&file));
        let _ = (Permission::Blanket.read(&file), Permission::Individual.read(&file));
        for generation in [Generation::First, Generation::Second] {
            let _ = (signature_objects(&file, generation), renewal_pending(&file, generation));
        }
    }

    #[test]
    fn images_do_not_panic(noise in proptest::collection::vec(any::<u8>(), 0..200), at in 0_usize..400, from in 0_usize..120) {
        let mut file = bytes(&LIBTIFF_G4.concat());
        if let Some(byte) = file.get_mut(at) {
            *byte ^= noise.first().copied().unwrap_or(0x55);
        }
        let _ = tiff::decode(&file);
        file.truncate(from);
        file.extend_from_slice(&noise);
        let _ = (tiff::decode(&file), tiff::header(&file));
        let _ = tiff::decode(&[b"II*\0".as_slice(), &noise].concat());
    }

    #[test]
    fn a_whole_card_of_noise_ends(mut card in answers()) {
        let plan = InspectPlan::default();
        let result = inspect(&mut card, &number("AA12345678BB"), &plan, &mut SeededRandom::new(1), &mut |_| {});
        let refused = matches!(
            result,
            Err(InspectError::NotResidenceCard
                | InspectError::Type(_)
                | InspectError::Authentication(_)
                | InspectError::SessionKey(_)
                | InspectError::ReadFile { .. }
                | InspectError::Transport(_))
        );
        prop_assert!(refused);
    }

    #[test]
    fn a_recognition_of_noise_ends(mut card in answers()) {
        let mut sent = 0;
        struct Count<'a>(&'a mut Answers, &'a mut u32);
        impl Card for Count<'_> {
            fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
                // GET RESPONSE and repetitions come on top.
                *self.1 += u32::from(command.ins != 0xC0);
                self.0.transmit(command)
            }
        }
        let _ = recognise(&mut Count(&mut card, &mut sent));
        prop_assert!(sent <= MAX_COMMANDS + 40);
    }
}
