//! ECDSA P-256 with SHA-256, signature r ‖ s (64 octets): device and receipt keys.

use core::fmt;

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
};
use zeroize::Zeroizing;

/// Octets of a signature.
pub const SIGNATURE_LEN: usize = 64;
/// Octets of an uncompressed public point.
pub const PUBLIC_LEN: usize = 65;

/// Why a key or signature was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceKeyError {
    /// The system gave no randomness.
    #[error("no randomness for a key or signature")]
    Random,
    /// The PKCS#8 document does not hold a P-256 key.
    #[error("not a PKCS#8 P-256 key")]
    Pkcs8,
    /// The public key is not an uncompressed P-256 point.
    #[error("not an uncompressed P-256 point")]
    PublicKey,
    /// The signature does not belong to key and message.
    #[error("signature does not verify")]
    Signature,
}

/// A signing key held in memory.
pub struct DeviceKey(EcdsaKeyPair);

impl DeviceKey {
    /// Makes a key; answers its PKCS#8 form.
    pub fn generate_pkcs8() -> Result<Zeroizing<Vec<u8>>, DeviceKeyError> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|_| DeviceKeyError::Random)?;
        Ok(Zeroizing::new(document.as_ref().to_vec()))
    }

    /// Parses a PKCS#8 key.
    pub fn from_pkcs8(document: &[u8]) -> Result<Self, DeviceKeyError> {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document, &SystemRandom::new())
            .map(Self)
            .map_err(|_| DeviceKeyError::Pkcs8)
    }

    /// Signs `message`.
    pub fn sign(&self, message: &[u8]) -> Result<[u8; SIGNATURE_LEN], DeviceKeyError> {
        let signature = self.0.sign(&SystemRandom::new(), message).map_err(|_| DeviceKeyError::Random)?;
        signature.as_ref().try_into().map_err(|_| DeviceKeyError::Random)
    }

    /// The public key.
    pub fn public(&self) -> DevicePublicKey {
        let mut point = [0; PUBLIC_LEN];
        for (to, from) in point.iter_mut().zip(self.0.public_key().as_ref()) {
            *to = *from;
        }
        DevicePublicKey(point)
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceKey(..)")
    }
}

/// A verification key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DevicePublicKey([u8; PUBLIC_LEN]);

impl DevicePublicKey {
    /// Takes an uncompressed point; whether it lies on the curve is decided by each verification.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DeviceKeyError> {
        match <[u8; PUBLIC_LEN]>::try_from(bytes) {
            Ok(point) if point[0] == 0x04 => Ok(Self(point)),
            Ok(_) | Err(_) => Err(DeviceKeyError::PublicKey),
        }
    }

    /// The uncompressed point.
    pub fn to_bytes(self) -> [u8; PUBLIC_LEN] {
        self.0
    }

    /// Verifies r ‖ s over `message`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), DeviceKeyError> {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &self.0)
            .verify(message, signature)
            .map_err(|_| DeviceKeyError::Signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verifies_its_own_signature_and_no_other() {
        let key = DeviceKey::from_pkcs8(&DeviceKey::generate_pkcs8().unwrap()).unwrap();
        let signature = key.sign(b"message").unwrap();
        let public = DevicePublicKey::from_bytes(&key.public().to_bytes()).unwrap();
        assert_eq!(public.verify(b"message", &signature), Ok(()));
        assert_eq!(public.verify(b"messagE", &signature), Err(DeviceKeyError::Signature));
        assert_eq!(public.verify(b"message", &signature[..63]), Err(DeviceKeyError::Signature));
        assert_eq!(public.verify(b"message", &[0; 64]), Err(DeviceKeyError::Signature));
        let other = DeviceKey::from_pkcs8(&DeviceKey::generate_pkcs8().unwrap()).unwrap();
        assert_eq!(other.public().verify(b"message", &signature), Err(DeviceKeyError::Signature));
    }

    #[test]
    fn refuses_what_is_not_a_key() {
        assert_eq!(DeviceKey::from_pkcs8(b"nothing").unwrap_err(), DeviceKeyError::Pkcs8);
        assert_eq!(DevicePublicKey::from_bytes(&[2; 65]), Err(DeviceKeyError::PublicKey));
        assert_eq!(DevicePublicKey::from_bytes(&[4; 64]), Err(DeviceKeyError::PublicKey));
    }
}
