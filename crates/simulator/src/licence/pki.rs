//! The test issuer of licences: one RSA-2048 key and certificates for it with any dates.

use chip_crypto::hash::{HashAlgorithm, digest};
use chip_crypto::random::SystemRandom;
use chip_crypto::signature::{PublicKey, SignatureScheme, SigningKey};

use crate::der;
use crate::issuer::IssuerError;

/// Signs licences.
pub struct SignerPki {
    key: SigningKey,
}

impl SignerPki {
    /// The test issuer; its key is published with the product and protects nothing.
    ///
    /// # Errors
    /// A key that cannot be read.
    pub fn test() -> Result<Self, IssuerError> {
        Ok(Self { key: SigningKey::from_pkcs8(include_bytes!("../../assets/licence-test-signer.pk8"))? })
    }

    /// Signs with RSASSA-PKCS1-v1_5 and SHA-256.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, IssuerError> {
        Ok(self.key.sign(&SignatureScheme::RsaPkcs1(HashAlgorithm::Sha256), message, &mut SystemRandom::new())?)
    }

    /// SHA-1 of the public key, as subject key identifier (RFC 5280, 4.2.1.2).
    pub(super) fn key_id(&self) -> Vec<u8> {
        digest(HashAlgorithm::Sha1, &[&self.public_key()])
    }

    /// RSAPublicKey (RFC 8017, A.1.1).
    fn public_key(&self) -> Vec<u8> {
        match self.key.public() {
            PublicKey::Rsa(key) => der::sequence(&[der::unsigned(key.modulus()), der::unsigned(key.exponent())]),
            PublicKey::Ec(_) => Vec::new(),
        }
    }

    /// A certificate of the signer, signed by itself, valid between two UTCTimes `YYMMDDHHMMSSZ`.
    ///
    /// # Errors
    /// A signature that cannot be made.
    pub fn certificate(&self, not_before: &str, not_after: &str) -> Result<Vec<u8>, IssuerError> {
        let null = [0x05, 0x00].to_vec();
        let algorithm = der::sequence(&[der::oid(&[1, 2, 840, 113_549, 1, 1, 11]), null.clone()]);
        let part = |arc, value| der::set_of(vec![der::sequence(&[der::oid(&[2, 5, 4, arc]), value])]);
        let name = der::sequence(&[
            part(6, der::printable("UT")),
            part(11, der::utf8("TEST ONLY")),
            part(3, der::utf8("Madoguchi Test Licence Signer")),
        ]);
        let key = der::sequence(&[
            der::sequence(&[der::oid(&[1, 2, 840, 113_549, 1, 1, 1]), null]),
            der::bits(&self.public_key()),
        ]);
        let extensions = der::sequence(&[
            der::sequence(&[der::oid(&[2, 5, 29, 14]), der::octets(&der::octets(&self.key_id()))]),
            der::sequence(&[der::oid(&[2, 5, 29, 15]), der::boolean_true(), der::octets(&der::named_bits(7, &[0x80]))]),
        ]);
        let body = der::sequence(&[
            der::constructed(0xA0, &[der::integer(2)]),
            der::integer(SERIAL),
            algorithm.clone(),
            name.clone(),
            der::sequence(&[der::utc_time(not_before), der::utc_time(not_after)]),
            name,
            key,
            der::constructed(0xA3, &[extensions]),
        ]);
        let signature = self.sign(&body)?;
        Ok(der::sequence(&[body, algorithm, der::bits(&signature)]))
    }
}

/// The certificate QA imports to have test licences verified.
///
/// # Errors
/// A key or signature that cannot be made.
pub fn signer_certificate() -> Result<Vec<u8>, IssuerError> {
    SignerPki::test()?.certificate("200101000000Z", "400101000000Z")
}

/// Serial number of every certificate of this issuer.
const SERIAL: u32 = 4711;
