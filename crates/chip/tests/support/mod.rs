#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses its part; a test may unwrap")]

use std::collections::VecDeque;
use std::path::PathBuf;

use apdu::{Card, CommandApdu, ResponseApdu, TransportError};
use chip_crypto::random::{RandomError, SecureRandom};
use serde_json::Value;

/// A recorded dialogue: every command must come as recorded, byte for byte.
pub struct Replay {
    exchanges: VecDeque<(Vec<u8>, Vec<u8>)>,
}

impl Replay {
    pub fn new<'a>(exchanges: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self { exchanges: exchanges.into_iter().map(|(command, response)| (bytes(command), bytes(response))).collect() }
    }

    pub fn is_over(&self) -> bool {
        self.exchanges.is_empty()
    }
}

impl Card for Replay {
    fn transmit(&mut self, command: &CommandApdu) -> Result<ResponseApdu, TransportError> {
        let (expected, response) = self.exchanges.pop_front().ok_or(TransportError::CardRemoved)?;
        assert_eq!(hex::encode_upper(command.encode().unwrap()), hex::encode_upper(expected));
        Ok(ResponseApdu::parse(&response).unwrap())
    }
}

/// Numbers drawn by the worked example, in its order.
pub struct Scripted(VecDeque<u8>);

impl Scripted {
    pub fn new(numbers: &[&str]) -> Self {
        Self(numbers.iter().flat_map(|number| bytes(number)).collect())
    }
}

impl SecureRandom for Scripted {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomError> {
        for byte in out {
            *byte = self.0.pop_front().ok_or(RandomError)?;
        }
        Ok(())
    }
}

pub fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

pub fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("the vector lacks {key}"))
}

pub fn field(value: &Value, key: &str) -> Vec<u8> {
    bytes(text(value, key))
}

pub fn worked_examples() -> Value {
    serde_json::from_str(include_str!("../vectors/doc9303_11.json")).unwrap()
}

/// Test data outside the repository; says clearly when there is none.
pub fn test_data(name: &str) -> Option<Vec<u8>> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let root = std::env::var_os("MADOGUCHI_TEST_DATA").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let content = std::fs::read(root.join(name)).ok();
    if content.is_none() {
        println!("test data absent: NOT VERIFIED ({name})");
    }
    content
}
