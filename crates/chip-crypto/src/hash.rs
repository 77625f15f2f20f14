//! Hash functions of Doc 9303-12 §4.4 (FIPS 180-4), computed by `ring` where it has them.

use sha2::Digest as _;

/// A hash function named by an algorithm identifier of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HashAlgorithm {
    /// SHA-1. Verified for old documents; whether it is acceptable is policy, not decided here.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl HashAlgorithm {
    /// Every hash function, weakest first.
    pub const ALL: [Self; 5] = [Self::Sha1, Self::Sha224, Self::Sha256, Self::Sha384, Self::Sha512];

    /// Length of the digest in bytes.
    pub const fn output_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The name FIPS 180-4 uses, for example `SHA-256`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Sha224 => "SHA-224",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }
}

/// Hashes the concatenation of `parts`.
pub fn digest(algorithm: HashAlgorithm, parts: &[&[u8]]) -> Vec<u8> {
    let by_ring = match algorithm {
        HashAlgorithm::Sha1 => &ring::digest::SHA1_FOR_LEGACY_USE_ONLY,
        HashAlgorithm::Sha256 => &ring::digest::SHA256,
        HashAlgorithm::Sha384 => &ring::digest::SHA384,
        HashAlgorithm::Sha512 => &ring::digest::SHA512,
        HashAlgorithm::Sha224 => {
            let mut hasher = sha2::Sha224::new();
            parts.iter().for_each(|part| hasher.update(part));
            return hasher.finalize().to_vec();
        }
    };
    let mut context = ring::digest::Context::new(by_ring);
    parts.iter().for_each(|part| context.update(part));
    context.finish().as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "abc", from the worked examples NIST publishes with FIPS 180-4.
    #[test]
    fn matches_the_one_block_examples_of_fips_180_4() {
        let expected = [
            "a9993e364706816aba3e25717850c26c9cd0d89d",
            "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        ];
        for (algorithm, digest_hex) in HashAlgorithm::ALL.into_iter().zip(expected) {
            let found = digest(algorithm, &[b"a", b"", b"bc"]);
            assert_eq!(hex::encode(&found), digest_hex, "{}", algorithm.name());
            assert_eq!(found.len(), algorithm.output_len());
        }
    }
}
