//! How long a list of certificates takes. `cargo run --release -p chip-crypto --example speed`. The mix is that of the published German list: 588 certificates, mostly RSA-4096.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a program that prints times")]

use chip_crypto::curve::NamedCurve;
use chip_crypto::hash::HashAlgorithm;
use chip_crypto::random::SeededRandom;
use chip_crypto::signature::{PublicKey, SignatureScheme, SigningKey, verify};
use std::time::Instant;

fn main() {
    let message = [7; 1500];
    for curve in NamedCurve::ALL {
        let key = SigningKey::generate_ec(curve, &mut SeededRandom::new(1)).unwrap();
        for hash in [HashAlgorithm::Sha1, HashAlgorithm::Sha256] {
            let scheme = SignatureScheme::Ecdsa(hash);
            let signature = key.sign(&scheme, &message, &mut SeededRandom::new(2)).unwrap();
            report(curve.name(), &key.public(), &scheme, &message, &signature);
        }
    }
    let vectors: serde_json::Value = serde_json::from_str(include_str!("../tests/data/openssl-vectors.json")).unwrap();
    for entry in vectors["rsa"].as_array().unwrap() {
        let key = SigningKey::from_pkcs8(&hex::decode(entry["pkcs8"].as_str().unwrap()).unwrap()).unwrap();
        let hash = HashAlgorithm::Sha256;
        for scheme in [
            SignatureScheme::RsaPkcs1(hash),
            SignatureScheme::RsaPss { hash, mgf: hash, salt_len: 32 },
            SignatureScheme::RsaPss { hash, mgf: hash, salt_len: 20 },
        ] {
            let signature = key.sign(&scheme, &message, &mut SeededRandom::new(2)).unwrap();
            report(&key.public().kind(), &key.public(), &scheme, &message, &signature);
        }
    }
}

fn report(kind: &str, key: &PublicKey, scheme: &SignatureScheme, message: &[u8], signature: &[u8]) {
    const ROUNDS: u32 = 20;
    let start = Instant::now();
    for _ in 0..ROUNDS {
        verify(key, scheme, message, signature).unwrap();
    }
    eprintln!("{kind:18} {:9.3} ms  {scheme:?}", start.elapsed().as_secs_f64() * 1e3 / f64::from(ROUNDS));
}
