//! Secure messaging and the protocol that opens it.

use std::cell::Cell;

use apdu::tlv::{Tag, encode};
use apdu::{CommandApdu, ResponseApdu, StatusWord};
use chip::mrtd::{AccessKey, Can, SecureMessaging, card_access, pace};
use chip_crypto::block::{SymmetricCipher, cbc_encrypt, ecb_encrypt_block, pad};
use chip_crypto::kdf::{COUNTER_ENC, COUNTER_MAC, derive_key};
use chip_crypto::mac::{aes_cmac, retail_mac};
use chip_crypto::random::SeededRandom;

use super::fixed::{CAN, TERMINAL_SEED};
use super::script::{Script, blocks};

const CIPHERS: [SymmetricCipher; 4] =
    [SymmetricCipher::TripleDes, SymmetricCipher::Aes128, SymmetricCipher::Aes192, SymmetricCipher::Aes256];
const SHARED: &[u8] = b"a shared secret";

/// First byte: cipher, and who made the response: anybody, a card that authenticates whatever objects follow, or an honest one.
pub fn sm_unwrap(input: &[u8]) {
    let Some((&mode, body)) = input.split_first() else { return };
    let cipher = CIPHERS[usize::from(mode & 3)];
    let mut terminal = SecureMessaging::from_shared_secret(cipher, SHARED, 0);
    let answered = match (mode >> 2) % 3 {
        0 => {
            let Some(response) = ResponseApdu::parse(body) else { return };
            let answered = terminal.unprotect(&response);
            assert!(answered.is_err(), "a response nobody authenticated");
            answered
        }
        1 => terminal.unprotect(&authenticated(cipher, body)),
        _ => {
            let answered = terminal.unprotect(&authenticated(cipher, &honest(cipher, body)));
            assert_eq!(answered, Ok(ResponseApdu::new(body, StatusWord::OK)));
            answered
        }
    };
    if let Ok(answered) = answered {
        assert!(answered.data.len() <= body.len());
    }
    let (data, ne) = body.split_at(body.len().min(usize::from(mode)));
    let command = CommandApdu::new(0, 0xB0 | (mode & 1), 0, 0).with_data(data).with_ne(1 + ne.len() as u32 % 0x1_0000);
    assert!(terminal.protect(&command).is_ok_and(|protected| protected.data.len() > command.data.len()));
}

/// DO'87' and DO'99' of an honest card.
fn honest(cipher: SymmetricCipher, plain: &[u8]) -> Vec<u8> {
    let key = derive_key(cipher, SHARED, COUNTER_ENC);
    let iv = match cipher {
        SymmetricCipher::TripleDes => vec![0; 8],
        SymmetricCipher::Aes128 | SymmetricCipher::Aes192 | SymmetricCipher::Aes256 => {
            ecb_encrypt_block(cipher, &key, &counter(cipher)).expect("one block")
        }
    };
    let cryptogram = cbc_encrypt(cipher, &key, &iv, &pad(plain, cipher.block_len())).expect("whole blocks");
    [encode(Tag(0x87), &[&[1], cryptogram.as_slice()].concat()), encode(Tag(0x99), &[0x90, 0x00])].concat()
}

/// Any objects with the code a holder of the keys computes over them (Doc 9303-11, 9.8.6).
fn authenticated(cipher: SymmetricCipher, objects: &[u8]) -> ResponseApdu {
    let key = derive_key(cipher, SHARED, COUNTER_MAC);
    let covered = [counter(cipher), pad(objects, cipher.block_len())].concat();
    let code = match cipher {
        SymmetricCipher::TripleDes => retail_mac(&key, &covered).expect("whole blocks").to_vec(),
        SymmetricCipher::Aes128 | SymmetricCipher::Aes192 | SymmetricCipher::Aes256 => {
            aes_cmac(&key, &covered).expect("a key")[..8].to_vec()
        }
    };
    ResponseApdu::new([objects, &encode(Tag(0x8E), &code)].concat(), StatusWord::OK)
}

/// The counter of the first response.
fn counter(cipher: SymmetricCipher) -> Vec<u8> {
    let mut counter = vec![0; cipher.block_len()];
    counter[cipher.block_len() - 1] = 1;
    counter
}

/// Three bytes choose variant, cipher and parameters; the rest is what the chip answers. Without the password no chip gets in, and
/// none gets more than the commands of one run.
pub fn pace_flow(input: &[u8]) {
    let Some((&[variant, cipher, parameters], answers)) = input.split_first_chunk::<3>() else { return };
    let oid = [0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x04, variant, cipher];
    let info = [encode(Tag(0x06), &oid), encode(Tag(0x02), &[2]), encode(Tag(0x02), &[parameters & 0x7F])].concat();
    let infos = card_access::parse(&encode(Tag(0x31), &encode(Tag(0x30), &info)));
    let Some(info) = infos.ok().and_then(|infos| infos.pace.first().copied()) else { return };
    let key = AccessKey::Can(Can::parse(CAN).expect("six digits"));
    let sent = Cell::new(0);
    let opened = pace(Script::new(blocks(answers), &sent), &info, &key, &mut SeededRandom::new(TERMINAL_SEED));
    assert!(sent.get() <= blocks(answers).count() + 1);
    if let Ok(opened) = opened {
        assert!(!opened.channel.is_poisoned());
    }
}
