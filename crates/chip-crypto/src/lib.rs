//! Every cryptographic primitive behind one door.
//!
//! What it is: typed functions over `ring` where it has the primitive and RustCrypto where it has not (3DES, CMAC,
//! Retail MAC, Brainpool, odd RSA keys). What it is not: a protocol, a policy or a parser of certificates. It reads
//! no clock, no file and no device; randomness comes in as an argument.
//!
//! ```text
//!  hash ─┬─ kdf                  block ── mac          random
//!        ├─ signature ─ iso9796_2                        │
//!        └─ curve (11 named curves, ECDH, PACE mapping) ─┘
//! ```
//!
//! ```
//! use chip_crypto::curve::{NamedCurve, PrivateScalar, diffie_hellman};
//! use chip_crypto::{block::SymmetricCipher, kdf, random::SystemRandom};
//!
//! let mut random = SystemRandom::new();
//! let terminal = PrivateScalar::generate(NamedCurve::BrainpoolP256r1, &mut random)?;
//! let chip = PrivateScalar::generate(NamedCurve::BrainpoolP256r1, &mut random)?;
//! let shared = diffie_hellman(&terminal, &chip.public())?;
//! assert_eq!(*shared, *diffie_hellman(&chip, &terminal.public())?);
//! let ks_mac = kdf::derive_key(SymmetricCipher::Aes128, &shared, kdf::COUNTER_MAC);
//! assert_eq!(ks_mac.len(), 16);
//! # Ok::<(), chip_crypto::curve::CurveError>(())
//! ```
#![warn(missing_docs)]

pub mod aead;
pub mod block;
pub mod curve;
pub mod device_key;
pub mod hash;
pub mod hkdf;
pub mod hmac;
pub mod hpke;
pub mod kdf;
pub mod mac;
pub mod modp;
pub mod oaep;
pub mod random;
pub mod signature;
