//! RSASSA-PKCS1-v1_5 over several digests in one DigestInfo, as the My Number card signs its face.

use super::{PublicKey, SignatureError, rsa};
use crate::mac;

/// DigestInfo of SHA-256 (RFC 8017, 9.2, note 1) from the inner SEQUENCE up to the tag of the OCTET STRING.
const SHA256_IDENTIFIER: [u8; 16] =
    [0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04];
/// At least so many bytes of `FF` (RFC 8017, 9.2, step 4).
const MIN_PADDING: usize = 8;

/// Opens a signature whose DigestInfo names SHA-256 but holds `count` digests of 32 bytes in a row, and gives those digests.
///
/// Verifying functions of libraries refuse such a block, since no hash has that length. Every byte around the digests is fixed by
/// key size and count, so the whole block is compared but for the digests, which the caller compares with what it computed.
///
/// # Errors
/// [`SignatureError::KeyMismatch`] for an EC key, [`SignatureError::Encoding`] when the length is not the modulus's or the number
/// not below it, [`SignatureError::Unsupported`] for a count the block cannot hold, [`SignatureError::Invalid`] for any other block.
pub fn open_sha256_list(key: &PublicKey, count: u8, signature: &[u8]) -> Result<Vec<[u8; 32]>, SignatureError> {
    let PublicKey::Rsa(key) = key else {
        return Err(SignatureError::KeyMismatch);
    };
    if signature.len() != key.modulus().len() {
        return Err(SignatureError::Encoding);
    }
    let expected = head(signature.len(), count)?;
    let opened = rsa::public_operation(key, signature)?.ok_or(SignatureError::Encoding)?;
    let zeros = signature.len().checked_sub(opened.len()).ok_or(SignatureError::Invalid)?;
    let block = [vec![0; zeros], opened].concat();
    let (found, digests) = block.split_at_checked(expected.len()).ok_or(SignatureError::Invalid)?;
    if !mac::equal(found, &expected) {
        return Err(SignatureError::Invalid);
    }
    digests.chunks(32).map(|digest| digest.try_into().map_err(|_| SignatureError::Invalid)).collect()
}

/// Everything of the block before the digests (RFC 8017, 9.2, step 5).
fn head(block_len: usize, count: u8) -> Result<Vec<u8>, SignatureError> {
    let digests = usize::from(count) * 32;
    let inner = SHA256_IDENTIFIER.len() + 1 + digests;
    let (Ok(inner_len @ 0..=0x7F), Ok(digests_len)) = (u8::try_from(inner), u8::try_from(digests)) else {
        return Err(SignatureError::Unsupported);
    };
    let padding = block_len.checked_sub(3 + 2 + inner).filter(|padding| *padding >= MIN_PADDING && count > 0);
    let padding = padding.ok_or(SignatureError::Unsupported)?;
    let mut out = vec![0x00, 0x01];
    out.resize(out.len() + padding, 0xFF);
    out.extend_from_slice(&[0x00, 0x30, inner_len]);
    out.extend_from_slice(&SHA256_IDENTIFIER);
    out.push(digests_len);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::{HashAlgorithm, digest};
    use crate::random::SeededRandom;
    use crate::signature::{SignatureScheme, SigningKey};

    fn key() -> SigningKey {
        SigningKey::generate_rsa(1024, &mut SeededRandom::new(1)).unwrap()
    }

    /// A block built by hand, apart from the code under test.
    fn block(ff: usize, digests: &[u8]) -> Vec<u8> {
        let info = hex::decode("3051300d060960864801650304020105000440").unwrap();
        [&[0x01][..], &vec![0xFF; ff], &[0x00], &info, digests].concat()
    }

    #[test]
    fn opens_two_digests_and_nothing_that_is_padded_otherwise() {
        let (key, mut random) = (key(), SeededRandom::new(2));
        let digests: Vec<u8> = (0..64).collect();
        let signed = key.rsa_private(&block(128 - 3 - 19 - 64, &digests), &mut random).unwrap();
        let opened = open_sha256_list(&key.public(), 2, &signed).unwrap();
        assert_eq!(opened.concat(), digests);
        assert_eq!(open_sha256_list(&key.public(), 1, &signed), Err(SignatureError::Invalid));
        // Less padding and something behind the digests: the forgery of a verifier that does not count.
        let short = [block(8, &digests), vec![7; 128 - 3 - 19 - 64 - 8]].concat();
        let forged = key.rsa_private(&short, &mut random).unwrap();
        assert_eq!(open_sha256_list(&key.public(), 2, &forged), Err(SignatureError::Invalid));
        assert_eq!(open_sha256_list(&key.public(), 2, &signed[1..]), Err(SignatureError::Encoding));
        assert_eq!(open_sha256_list(&key.public(), 2, &[0xFF; 128]), Err(SignatureError::Encoding));
        assert_eq!(open_sha256_list(&key.public(), 3, &signed), Err(SignatureError::Invalid));
        assert_eq!(open_sha256_list(&key.public(), 4, &signed), Err(SignatureError::Unsupported));
        assert_eq!(open_sha256_list(&key.public(), 0, &signed), Err(SignatureError::Unsupported));
    }

    #[test]
    fn one_digest_is_an_ordinary_signature() {
        let (key, mut random) = (key(), SeededRandom::new(3));
        let signed = key.sign(&SignatureScheme::RsaPkcs1(HashAlgorithm::Sha256), b"message", &mut random).unwrap();
        let opened = open_sha256_list(&key.public(), 1, &signed).unwrap();
        assert_eq!(opened.concat(), digest(HashAlgorithm::Sha256, &[b"message"]));
    }
}
