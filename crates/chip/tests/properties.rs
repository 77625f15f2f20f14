//! Hostile bytes: nothing panics, nothing altered gets through.

mod support;

use apdu::{Card, ChannelFault, CommandApdu, ResponseApdu, TransportError};
use chip::mrtd::{
    AccessKey, InspectPlan, Mrz, MrzKey, SecureMessaging, Secured, card_access, com, dg1, dg2, dg7, dg11, dg12, dg13,
    dg14, dg15, dg16, inspect,
};
use chip::portrait::{decode_bytes, image_header};
use chip_crypto::block::SymmetricCipher;
use chip_crypto::random::SeededRandom;
use proptest::prelude::*;
use support::{field, text, worked_examples};

/// Answers every command from a list, then is gone.
struct Answers(std::vec::IntoIter<Vec<u8>>);

impl Card for Answers {
    fn transmit(&mut self, _: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        let bytes = self.0.next().ok_or(TransportError::CardRemoved)?;
        ResponseApdu::parse(&bytes).ok_or(TransportError::ResponseLength { length: bytes.len() })
    }
}

fn channel(response: Vec<u8>) -> Secured<Answers> {
    let d = &worked_examples()["D_BAC"];
    // The third exchange of D.4, after four counted APDUs.
    let ssc = field(d, "SSC").iter().fold(0_u128, |ssc, byte| (ssc << 8) | u128::from(*byte)) + 4;
    let messaging = SecureMessaging::from_shared_secret(SymmetricCipher::TripleDes, &field(d, "Kseed_session"), ssc);
    Secured::new(Answers(vec![response].into_iter()), messaging)
}

fn third_exchange() -> (CommandApdu, Vec<u8>) {
    let d = &worked_examples()["D_BAC"]["secure_messaging"][2];
    (CommandApdu::parse(&field(d, "plain")).unwrap(), field(d, "response"))
}

#[test]
fn every_flipped_bit_of_a_protected_response_is_rejected() {
    let (command, response) = third_exchange();
    assert!(channel(response.clone()).transmit(&command).is_ok());
    for index in 0..response.len() {
        for bit in 0..8 {
            let mut altered = response.clone();
            altered[index] ^= 1 << bit;
            let mut channel = channel(altered);
            assert!(channel.transmit(&command).is_err(), "byte {index}, bit {bit}");
            let next = channel.transmit(&command);
            assert_eq!(next, Err(TransportError::Channel(ChannelFault::Poisoned)));
        }
    }
}

#[test]
fn plain_responses_are_told_from_refusals() {
    let (command, _) = third_exchange();
    let fault = |response: &str| channel(hex::decode(response).unwrap()).transmit(&command).err();
    for stripped in ["9000", "04303130365F9000", "6282", "61145F0104303130365F36063034303030309000"] {
        assert_eq!(fault(stripped), Some(TransportError::Channel(ChannelFault::Stripped)), "{stripped}");
    }
    for refused in ["6988", "6987", "6B00"] {
        let status = u16::from_str_radix(refused, 16).unwrap();
        assert_eq!(fault(refused), Some(TransportError::Channel(ChannelFault::RefusedByCard(status))));
    }
}

#[test]
fn an_old_response_is_rejected() {
    let (command, _) = third_exchange();
    let old = text(&worked_examples()["D_BAC"]["secure_messaging"][1], "response").to_owned();
    let fault = channel(hex::decode(old).unwrap()).transmit(&command).err();
    assert_eq!(fault, Some(TransportError::Channel(ChannelFault::MacInvalid)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn parsers_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), tag in 0_usize..11) {
        let heads: [&[u8]; 11] = [&[0x67, 0x40, 0x02, 0x01, 0x01], &[0x6B, 0x40], &[0x6C, 0x40, 0xA0, 0x20], &[0x6D, 0x40], &[0x70, 0x40, 0x02, 0x01, 0x01, 0xA1, 0x30], &[0x60, 0x20], &[0x61, 0x5B, 0x5F, 0x1F, 0x58], &[0x75, 0x40, 0x7F, 0x61, 0x3C], &[0x6E, 0x30, 0x31, 0x2E], &[0x6F, 0x30], &[]];
        let file = [heads[tag], &bytes].concat();
        let _ = (com::parse(&file), dg1::parse(&file), dg2::parse(&file), dg14::parse(&file), dg15::parse(&file), card_access::parse(&file));
        let _ = (dg7::parse(&file), dg11::parse(&file), dg12::parse(&file), dg13::parse(&file), dg16::parse(&file));
        let _ = dg2::parse_facial_record(&[b"FAC\x00010\x00".as_slice(), &bytes].concat());
        let _ = (image_header(&bytes), decode_bytes(&bytes));
    }

    #[test]
    fn zones_do_not_panic(zone in "[A-Z0-9<]{90}|[A-Z0-9<]{88}|[A-Z0-9<]{72}|.{0,100}") {
        let _ = Mrz::parse(&zone);
        let _ = MrzKey::from_second_line(&zone);
        let _ = MrzKey::new(&zone, &zone, &zone);
    }

    #[test]
    fn sealed_commands_of_any_size_encode(data in proptest::collection::vec(any::<u8>(), 0..600), ne in proptest::option::of(1_u32..=65_536), odd in any::<bool>()) {
        for cipher in [SymmetricCipher::TripleDes, SymmetricCipher::Aes128, SymmetricCipher::Aes192, SymmetricCipher::Aes256] {
            let mut messaging = SecureMessaging::from_shared_secret(cipher, b"shared", 0);
            let mut command = CommandApdu::new(0, 0xB0 + u8::from(odd), 0, 0).with_data(data.clone());
            command.ne = ne;
            let protected = messaging.protect(&command).unwrap();
            prop_assert_eq!(CommandApdu::parse(&protected.encode().unwrap()).unwrap(), protected);
        }
    }

    #[test]
    fn a_whole_card_of_noise_ends(responses in proptest::collection::vec(
        (proptest::collection::vec(any::<u8>(), 0..40), proptest::sample::select(vec![0x9000_u16, 0x6282, 0x6A82, 0x6105, 0x6C10, 0x6988, 0x6300])), 0..60))
    {
        let answers: Vec<Vec<u8>> = responses.into_iter().map(|(data, status)| [data.as_slice(), &status.to_be_bytes()].concat()).collect();
        let key = AccessKey::Mrz(MrzKey::new("L898902C3", "740812", "120415").unwrap());
        let result = inspect(Answers(answers.into_iter()), &key, &InspectPlan::default(), &mut SeededRandom::new(1), &mut |_| {});
        prop_assert!(result.is_err());
    }
}
