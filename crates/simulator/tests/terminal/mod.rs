//! A terminal just good enough to try the simulated chip: BAC, PACE, secure messaging. Not the product's reader.
#![allow(dead_code, clippy::unwrap_used, reason = "each test uses a part of it; a test that cannot go on panics")]

use apdu::{Card, CommandApdu, ResponseApdu, StatusWord, tlv};
use chip_crypto::block::{self, SymmetricCipher};
use chip_crypto::curve::{NamedCurve, Point, PrivateScalar, diffie_hellman, map_generic, shared_point};
use chip_crypto::hash::{HashAlgorithm, digest};
use chip_crypto::random::{RandomError, SecureRandom, SeededRandom};
use chip_crypto::{kdf, mac};

/// Random numbers written down beforehand.
pub struct Script(pub Vec<u8>);

impl SecureRandom for Script {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        if self.0.len() < bytes.len() {
            return Err(RandomError);
        }
        let rest = self.0.split_off(bytes.len());
        bytes.copy_from_slice(&self.0);
        self.0 = rest;
        Ok(())
    }
}

pub struct Terminal {
    pub cipher: SymmetricCipher,
    pub enc: Vec<u8>,
    pub mac: Vec<u8>,
    pub counter: Vec<u8>,
}

pub fn select_application() -> CommandApdu {
    CommandApdu::new(0, 0xA4, 4, 0x0C).with_data([0xA0, 0, 0, 2, 0x47, 0x10, 1])
}

impl Terminal {
    pub fn new(cipher: SymmetricCipher, secret: &[u8], counter: Vec<u8>) -> Self {
        Self {
            cipher,
            enc: kdf::derive_key(cipher, secret, 1).to_vec(),
            mac: kdf::derive_key(cipher, secret, 2).to_vec(),
            counter,
        }
    }

    pub fn bac(card: &mut dyn Card, information: &str) -> Result<Self, StatusWord> {
        assert!(card.transmit(&select_application()).unwrap().status.is_ok());
        let seed = &digest(HashAlgorithm::Sha1, &[information.as_bytes()])[..16];
        let cipher = SymmetricCipher::TripleDes;
        let (enc, mac_key) = (kdf::derive_key(cipher, seed, 1), kdf::derive_key(cipher, seed, 2));
        let challenge = card.transmit(&CommandApdu::new(0, 0x84, 0, 0).with_ne(8)).unwrap();
        if !challenge.status.is_ok() {
            return Err(challenge.status);
        }
        let (rnd_ifd, k_ifd) = ([7; 8], [9; 16]);
        let plain = [&rnd_ifd[..], &challenge.data, &k_ifd].concat();
        let mut data = block::cbc_encrypt(cipher, &enc, &[0; 8], &plain).unwrap();
        data.extend_from_slice(&mac::retail_mac(&mac_key, &block::pad(&data, 8)).unwrap());
        let answer = card.transmit(&CommandApdu::new(0, 0x82, 0, 0).with_data(data).with_ne(40)).unwrap();
        if !answer.status.is_ok() {
            return Err(answer.status);
        }
        let opened = block::cbc_decrypt(cipher, &enc, &[0; 8], &answer.data[..32]).unwrap();
        let secret: Vec<u8> = opened[16..].iter().zip(k_ifd).map(|(a, b)| a ^ b).collect();
        Ok(Self::new(cipher, &secret, [&challenge.data[4..], &rnd_ifd[4..]].concat()))
    }

    pub fn pace(
        card: &mut dyn Card,
        oid: &[u8],
        curve: NamedCurve,
        cipher: SymmetricCipher,
        password: (u8, &[u8]),
    ) -> Result<Self, StatusWord> {
        let mut random = SeededRandom::new(77);
        let key = kdf::derive_key(cipher, password.1, 3);
        let mse = [tlv::encode(tlv::Tag(0x80), oid), vec![0x83, 1, password.0]].concat();
        let mse = card.transmit(&CommandApdu::new(0, 0x22, 0xC1, 0xA4).with_data(mse)).unwrap();
        if !mse.status.is_ok() {
            return Err(mse.status);
        }
        let z = general_authenticate(card, 0x10, &[], 0x80)?;
        let nonce = block::cbc_decrypt(cipher, &key, &vec![0; cipher.block_len()], &z).unwrap();
        let map = PrivateScalar::generate(curve, &mut random).unwrap();
        let theirs =
            general_authenticate(card, 0x10, &tlv::encode(tlv::Tag(0x81), &map.public().to_uncompressed()), 0x82)?;
        let shared = shared_point(&map, &Point::from_uncompressed(curve, &theirs).unwrap()).unwrap();
        let generator = map_generic(curve, &nonce, &shared).unwrap();
        let private = PrivateScalar::generate(curve, &mut random).unwrap();
        let own = generator.public(&private).unwrap();
        let theirs = general_authenticate(card, 0x10, &tlv::encode(tlv::Tag(0x83), &own.to_uncompressed()), 0x84)?;
        let theirs = Point::from_uncompressed(curve, &theirs).unwrap();
        let secret = diffie_hellman(&private, &theirs).unwrap();
        let terminal = Self::new(cipher, &secret, vec![0; cipher.block_len()]);
        let token = terminal.token(oid, &theirs);
        let answer = general_authenticate(card, 0x00, &tlv::encode(tlv::Tag(0x85), &token), 0x86)?;
        assert_eq!(answer, terminal.token(oid, &own), "the chip's token");
        Ok(terminal)
    }

    fn token(&self, oid: &[u8], point: &Point) -> Vec<u8> {
        let inner = [tlv::encode(tlv::Tag(0x06), oid), tlv::encode(tlv::Tag(0x86), &point.to_uncompressed())].concat();
        let object = tlv::encode(tlv::Tag(0x7F49), &inner);
        match self.cipher {
            SymmetricCipher::TripleDes => mac::retail_mac(&self.mac, &block::pad(&object, 8)).unwrap().to_vec(),
            SymmetricCipher::Aes128 | SymmetricCipher::Aes192 | SymmetricCipher::Aes256 => {
                mac::aes_cmac(&self.mac, &object).unwrap()[..8].to_vec()
            }
        }
    }

    pub fn protect(&mut self, command: &CommandApdu) -> CommandApdu {
        self.step();
        let mut objects = Vec::new();
        if !command.data.is_empty() {
            let padded = block::pad(&command.data, self.cipher.block_len());
            let encrypted = block::cbc_encrypt(self.cipher, &self.enc, &self.iv(), &padded).unwrap();
            objects = if command.ins & 1 == 1 {
                tlv::encode(tlv::Tag(0x85), &encrypted)
            } else {
                tlv::encode(tlv::Tag(0x87), &[&[1][..], &encrypted].concat())
            };
        }
        let extended = command.extended || command.ne.is_some_and(|ne| ne > 256);
        if let Some(ne) = command.ne {
            let bytes = if extended { ((ne & 0xFFFF) as u16).to_be_bytes().to_vec() } else { vec![(ne & 0xFF) as u8] };
            objects.extend_from_slice(&tlv::encode(tlv::Tag(0x97), &bytes));
        }
        let header = [0x0C, command.ins, command.p1, command.p2];
        let mut message = block::pad(&header, self.cipher.block_len());
        if !objects.is_empty() {
            message.extend_from_slice(&block::pad(&objects, self.cipher.block_len()));
        }
        let code = self.code(&message);
        objects.extend_from_slice(&tlv::encode(tlv::Tag(0x8E), &code));
        let out = CommandApdu::new(0x0C, command.ins, command.p1, command.p2).with_data(objects);
        if extended { out.in_extended_form().with_ne(65_536) } else { out.with_ne(256) }
    }

    pub fn unprotect(&mut self, command: &CommandApdu, response: &ResponseApdu) -> Result<ResponseApdu, String> {
        self.step();
        let mut reader = tlv::Reader::ber(&response.data);
        let (mut data, mut status, mut code, mut covered) = (Vec::new(), None, None, Vec::new());
        while !reader.is_empty() {
            let object = reader.next().map_err(|error| error.to_string())?;
            match object.tag.0 {
                0x85 | 0x87 => data = object.value.to_vec(),
                0x99 => status = Some(StatusWord(u16::from_be_bytes([object.value[0], object.value[1]]))),
                0x8E => code = Some(object.value.to_vec()),
                other => return Err(format!("object {other:X}")),
            }
            if object.tag.0 != 0x8E {
                covered.extend_from_slice(object.whole);
            }
        }
        let (Some(status), Some(code)) = (status, code) else { return Err(format!("plain {}", response.status)) };
        assert_eq!(status, response.status);
        if self.code(&block::pad(&covered, self.cipher.block_len())) != code {
            return Err("mac".into());
        }
        if !data.is_empty() {
            let encrypted = if command.ins & 1 == 1 { &data[..] } else { &data[1..] };
            let padded = block::cbc_decrypt(self.cipher, &self.enc, &self.iv(), encrypted).unwrap();
            data = block::unpad(&padded, self.cipher.block_len()).unwrap().to_vec();
        }
        Ok(ResponseApdu::new(data, status))
    }

    pub fn send(&mut self, card: &mut dyn Card, command: &CommandApdu) -> Result<ResponseApdu, String> {
        let protected = self.protect(command);
        let response = card.transmit(&protected).map_err(|error| error.to_string())?;
        assert!(response.data.len() <= protected.ne.unwrap_or(0) as usize, "the chip answers at most Le bytes");
        self.unprotect(command, &response)
    }

    /// Reads a whole file by SFI or, for a later part, by offset.
    pub fn read(&mut self, card: &mut dyn Card, short_id: u8, chunk: u32) -> Result<Vec<u8>, String> {
        let mut out = self.send(card, &CommandApdu::new(0, 0xB0, 0x80 | short_id, 0).with_ne(chunk))?.data;
        loop {
            let offset = (out.len() as u16).to_be_bytes();
            let part = self.send(card, &CommandApdu::new(0, 0xB0, offset[0], offset[1]).with_ne(chunk))?;
            if part.data.is_empty() {
                return Ok(out);
            }
            out.extend_from_slice(&part.data);
        }
    }

    fn step(&mut self) {
        for byte in self.counter.iter_mut().rev() {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                return;
            }
        }
    }

    fn iv(&self) -> Vec<u8> {
        match self.cipher {
            SymmetricCipher::TripleDes => vec![0; 8],
            SymmetricCipher::Aes128 | SymmetricCipher::Aes192 | SymmetricCipher::Aes256 => {
                block::ecb_encrypt_block(self.cipher, &self.enc, &self.counter).unwrap()
            }
        }
    }

    fn code(&self, padded: &[u8]) -> Vec<u8> {
        let message = [&self.counter[..], padded].concat();
        match self.cipher {
            SymmetricCipher::TripleDes => mac::retail_mac(&self.mac, &message).unwrap().to_vec(),
            SymmetricCipher::Aes128 | SymmetricCipher::Aes192 | SymmetricCipher::Aes256 => {
                mac::aes_cmac(&self.mac, &message).unwrap()[..8].to_vec()
            }
        }
    }
}

fn general_authenticate(card: &mut dyn Card, cla: u8, object: &[u8], answer: u32) -> Result<Vec<u8>, StatusWord> {
    let command = CommandApdu::new(cla, 0x86, 0, 0).with_data(tlv::encode(tlv::Tag(0x7C), object)).with_ne(256);
    let response = card.transmit(&command).unwrap();
    if !response.status.is_ok() {
        return Err(response.status);
    }
    let inner = tlv::find(&response.data, tlv::Tag(0x7C)).unwrap().unwrap();
    Ok(tlv::find(inner, tlv::Tag(answer)).unwrap().unwrap().to_vec())
}

/// The shared test data, or `None` with a note that nothing was verified.
pub fn test_data(path: &str) -> Option<std::path::PathBuf> {
    let root = std::env::var_os("MADOGUCHI_TEST_DATA").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        std::path::PathBuf::from,
    );
    let path = root.join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("test data absent: NOT VERIFIED ({})", path.display());
    None
}
