//! `doctor`: does this program work on this machine?

use std::fmt::Write as _;

use capture::NokhwaCameras;
use chip_crypto::hash::{HashAlgorithm, digest};
use chip_crypto::random::{SecureRandom, SystemRandom};
use kiosk::{Cameras, Readers};
use serde_json::json;

use crate::output::{Answer, CommandError, Outcome};

/// One thing looked at: whether it works, and what was seen.
struct Look {
    name: &'static str,
    /// `None`: not there, which need not be wrong.
    works: Option<bool>,
    seen: String,
}

pub fn run() -> Result<Answer, CommandError> {
    let looks = [hashes(), randomness(), key_derivation(), readers(), cameras()];
    let sound = looks.iter().all(|look| look.works != Some(false));
    let mut text = String::new();
    for look in &looks {
        let _ = writeln!(text, "{:<16} {:<8} {}", look.name, state(look), look.seen);
    }
    let rows: Vec<_> = looks.iter().map(|l| json!({ "name": l.name, "state": state(l), "seen": l.seen })).collect();
    Ok(Answer {
        outcome: if sound { Outcome::Verified } else { Outcome::Negative },
        json: json!({ "sound": sound, "checks": rows }),
        text,
    })
}

fn state(look: &Look) -> &'static str {
    match look.works {
        Some(true) => "works",
        Some(false) => "BROKEN",
        None => "absent",
    }
}

/// FIPS 180-4 examples: the digests of "abc".
fn hashes() -> Look {
    let starts: [(HashAlgorithm, [u8; 4]); 3] = [
        (HashAlgorithm::Sha1, [0xA9, 0x99, 0x3E, 0x36]),
        (HashAlgorithm::Sha256, [0xBA, 0x78, 0x16, 0xBF]),
        (HashAlgorithm::Sha512, [0xDD, 0xAF, 0x35, 0xA1]),
    ];
    let right = starts.iter().filter(|(hash, start)| digest(*hash, &[b"abc"]).starts_with(start)).count();
    Look {
        name: "hashes",
        works: Some(right == starts.len()),
        seen: format!("{right} of {} examples of FIPS 180-4", starts.len()),
    }
}

fn randomness() -> Look {
    let (mut a, mut b) = ([0_u8; 32], [0_u8; 32]);
    let mut random = SystemRandom::new();
    let filled = random.fill(&mut a).is_ok() && random.fill(&mut b).is_ok();
    Look {
        name: "randomness",
        works: Some(filled && a != b && a != [0; 32]),
        seen: "two draws of 32 bytes differ".to_owned(),
    }
}

/// Doc 9303-11, appendix D.1: the keys of the specimen's machine readable zone.
fn key_derivation() -> Look {
    let seed = digest(HashAlgorithm::Sha1, &[b"L898902C<369080619406236"]);
    let key = seed
        .get(..16)
        .map(|seed| chip_crypto::kdf::derive_key(chip_crypto::block::SymmetricCipher::TripleDes, seed, 1));
    let right = key.is_some_and(|key| key.starts_with(&[0xAB, 0x94, 0xFD, 0xEC, 0xF2, 0x67, 0x4F, 0xDF]));
    Look { name: "key derivation", works: Some(right), seen: "Doc 9303-11, appendix D.1".to_owned() }
}

fn readers() -> Look {
    match super::read::pcsc().list() {
        Ok(list) => Look {
            name: "card readers",
            works: (!list.is_empty()).then_some(true),
            seen: format!("{} found", list.len()),
        },
        Err(error) => Look { name: "card readers", works: None, seen: error.to_string() },
    }
}

fn cameras() -> Look {
    match NokhwaCameras::new().list() {
        Ok(list) => {
            Look { name: "cameras", works: (!list.is_empty()).then_some(true), seen: format!("{} found", list.len()) }
        }
        Err(error) => Look { name: "cameras", works: None, seen: error.to_string() },
    }
}
