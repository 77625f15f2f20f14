//! Hostile bytes from a My Number card: nothing panics, and what is refused names its field.

use apdu::{Card, CommandApdu, ResponseApdu, TransportError};
use chip::my_number::redaction::holds_individual_number;
use chip::my_number::{FieldError, Lane, NumberB, Request, ap_key, cv_certificate, inspect, surface, text};
use chip::pin::Pin;
use chip_crypto::random::SeededRandom;
use proptest::prelude::*;

/// Answers every command from a list, then is gone.
struct Answers(std::vec::IntoIter<Vec<u8>>);

impl Card for Answers {
    fn transmit(&mut self, _: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        let bytes = self.0.next().ok_or(TransportError::CardRemoved)?;
        ResponseApdu::parse(&bytes).ok_or(TransportError::ResponseLength { length: bytes.len() })
    }
}

fn every_parser(bytes: &[u8]) -> Vec<FieldError> {
    [
        surface::parse(bytes).err(),
        text::parse(bytes).err(),
        text::parse_digests(bytes).err(),
        cv_certificate::parse(bytes).err(),
        ap_key::parse_text_key(bytes).err(),
        ap_key::parse_key(bytes, "key").err(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Bytes that begin as one of the files do, so that the inside is reached.
fn files() -> impl Strategy<Value = Vec<u8>> {
    let object = (
        prop::sample::select(vec![
            0xDF21_u32, 0xDF22, 0xDF23, 0xDF24, 0xDF25, 0xDF26, 0xDF27, 0xDF28, 0xDF29, 0xDF31, 0xDF32, 0xDF33, 0xDF51,
            0xDF52, 0x5F4E, 0x5F37, 0x90, 0x91,
        ]),
        prop::collection::vec(any::<u8>(), 0..300),
    )
        .prop_map(|(tag, value)| apdu::tlv::encode(apdu::tlv::Tag(tag), &value));
    (prop::sample::select(vec![0xFF20_u32, 0xFF30, 0x7F21, 0xFF50]), prop::collection::vec(object, 0..12))
        .prop_map(|(tag, objects)| apdu::tlv::encode(apdu::tlv::Tag(tag), &objects.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_parsed_or_refused_with_the_name_of_a_field(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        for error in every_parser(&bytes) {
            prop_assert!(!error.field.is_empty());
            prop_assert!(error.to_string().starts_with(error.field));
        }
        // Twelve digits are the least an Individual Number takes.
        prop_assert!(!holds_individual_number(&bytes) || bytes.len() >= 12);
    }

    #[test]
    fn any_objects_in_any_template_are_parsed_or_refused(file in files()) {
        for error in every_parser(&file) {
            prop_assert!(error.to_string().starts_with(error.field));
        }
    }

    #[test]
    fn a_card_may_answer_anything(answers in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..260), 0..60), ok in any::<bool>()) {
        let answers: Vec<Vec<u8>> = answers
            .into_iter()
            .map(|mut answer| {
                if ok {
                    answer.extend_from_slice(&[0x90, 0x00]);
                }
                answer
            })
            .collect();
        let request = Request {
            lane: Some(Lane::NumberB(NumberB::parse("02020320350007").expect("fourteen digits"))),
            signature_password: Pin::parse("SPECIMEN1").ok(),
            ..Request::default()
        };
        let _ = inspect(Answers(answers.into_iter()), request, &mut SeededRandom::new(1), &mut |_| ());
    }
}

#[test]
fn an_object_that_stands_twice_is_refused() {
    let twice = hex::decode("FF2010DF220161DF220162DF230161DF2401").unwrap();
    assert!(text::parse(&twice).is_err());
    let error = text::parse(&hex::decode("FF2008DF220161DF220162").unwrap()).err().expect("refused");
    assert_eq!(error.to_string(), "DF22 name: present more than once");
}
