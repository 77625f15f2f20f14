//! RSA verification (RFC 8017 §8): `ring` for the common sizes, the `rsa` crate for the rest.

use super::{RsaPublicKey, SignatureError};
use crate::hash::{HashAlgorithm, digest};
use ring::signature as by_ring;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss};

/// Moduli from this length on are left to `ring`.
const RING_MIN_BITS: usize = 2048;

/// Calls a generic expression with the digest type of a hash algorithm.
macro_rules! with_digest {
    ($hash:expr, $digest:ident => $call:expr) => {
        match $hash {
            $crate::hash::HashAlgorithm::Sha1 => {
                type $digest = sha1::Sha1;
                $call
            }
            $crate::hash::HashAlgorithm::Sha224 => {
                type $digest = sha2::Sha224;
                $call
            }
            $crate::hash::HashAlgorithm::Sha256 => {
                type $digest = sha2::Sha256;
                $call
            }
            $crate::hash::HashAlgorithm::Sha384 => {
                type $digest = sha2::Sha384;
                $call
            }
            $crate::hash::HashAlgorithm::Sha512 => {
                type $digest = sha2::Sha512;
                $call
            }
        }
    };
}

pub(crate) use with_digest;

pub(super) fn verify_pkcs1(
    key: &RsaPublicKey,
    hash: HashAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    check_length(key, signature)?;
    let parameters = match hash {
        HashAlgorithm::Sha1 => Some(&by_ring::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY),
        HashAlgorithm::Sha224 => None,
        HashAlgorithm::Sha256 => Some(&by_ring::RSA_PKCS1_2048_8192_SHA256),
        HashAlgorithm::Sha384 => Some(&by_ring::RSA_PKCS1_2048_8192_SHA384),
        HashAlgorithm::Sha512 => Some(&by_ring::RSA_PKCS1_2048_8192_SHA512),
    };
    if let Some(parameters) = parameters.filter(|_| key.bits() >= RING_MIN_BITS) {
        return verify_by_ring(key, parameters, message, signature);
    }
    let scheme = with_digest!(hash, D => Pkcs1v15Sign::new::<D>());
    public_key(key)?.verify(scheme, &digest(hash, &[message]), signature).map_err(|_| SignatureError::Invalid)
}

/// As [`verify_pkcs1`], over a digest that was made where the message was.
pub(super) fn verify_pkcs1_digest(
    key: &RsaPublicKey,
    hash: HashAlgorithm,
    hashed: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    check_length(key, signature)?;
    let scheme = with_digest!(hash, D => Pkcs1v15Sign::new::<D>());
    public_key(key)?.verify(scheme, hashed, signature).map_err(|_| SignatureError::Invalid)
}

pub(super) fn verify_pss(
    key: &RsaPublicKey,
    hash: HashAlgorithm,
    mgf: HashAlgorithm,
    salt_len: usize,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    check_length(key, signature)?;
    if mgf != hash {
        // Neither library takes two hashes, and the padding check is not to be written here.
        return Err(SignatureError::Unsupported);
    }
    let parameters = match hash {
        HashAlgorithm::Sha1 | HashAlgorithm::Sha224 => None,
        HashAlgorithm::Sha256 => Some(&by_ring::RSA_PSS_2048_8192_SHA256),
        HashAlgorithm::Sha384 => Some(&by_ring::RSA_PSS_2048_8192_SHA384),
        HashAlgorithm::Sha512 => Some(&by_ring::RSA_PSS_2048_8192_SHA512),
    };
    // `ring` fixes the salt at the length of the hash.
    let parameters = parameters.filter(|_| key.bits() >= RING_MIN_BITS && salt_len == hash.output_len());
    if let Some(parameters) = parameters {
        return verify_by_ring(key, parameters, message, signature);
    }
    let (key, hashed) = (public_key(key)?, digest(hash, &[message]));
    with_digest!(hash, D => key.verify(Pss::<D>::new_with_salt(salt_len), &hashed, signature))
        .map_err(|_| SignatureError::Invalid)
}

/// Raises a number to the public exponent; `None` if it is not below the modulus.
pub(super) fn public_operation(key: &RsaPublicKey, number: &[u8]) -> Result<Option<Vec<u8>>, SignatureError> {
    use rsa::traits::PublicKeyParts as _;

    let key = public_key(key)?;
    let Ok(number) = BoxedUint::from_be_slice(number, key.n_bits_precision()) else {
        return Ok(None);
    };
    if &number >= key.n().as_ref() {
        return Ok(None);
    }
    let power = rsa::hazmat::rsa_encrypt(&key, &number).map_err(|_| SignatureError::Invalid)?;
    Ok(Some(power.to_be_bytes_trimmed_vartime().into_vec()))
}

/// RFC 8017 §8.1.2 and §8.2.2, step 1.
fn check_length(key: &RsaPublicKey, signature: &[u8]) -> Result<(), SignatureError> {
    if signature.len() != key.modulus().len() {
        return Err(SignatureError::Encoding);
    }
    Ok(())
}

fn verify_by_ring(
    key: &RsaPublicKey,
    parameters: &by_ring::RsaParameters,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    by_ring::RsaPublicKeyComponents { n: key.modulus(), e: key.exponent() }
        .verify(parameters, message, signature)
        .map_err(|ring::error::Unspecified| SignatureError::Invalid)
}

/// The lengths [`RsaPublicKey`] admits.
const LIMITS: std::ops::RangeInclusive<usize> = RsaPublicKey::MIN_BITS..=RsaPublicKey::MAX_BITS;

pub(crate) fn public_key(key: &RsaPublicKey) -> Result<rsa::PublicKey, SignatureError> {
    let integer = |octets: &[u8]| {
        BoxedUint::from_be_slice(octets, 8 * octets.len() as u32).map_err(|_| SignatureError::RsaKeyMalformed)
    };
    rsa::PublicKey::new_with_size_limits(integer(key.modulus())?, integer(key.exponent())?, LIMITS)
        .map_err(|_| SignatureError::RsaKeyMalformed)
}
