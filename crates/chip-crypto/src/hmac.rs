//! HMAC-SHA-256 (RFC 2104, FIPS 198-1) over `ring`.

use ring::hmac;

/// The MAC does not belong to this key and message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("HMAC does not match")]
pub struct HmacMismatch;

/// Computes the MAC over the concatenation of `parts`.
pub fn sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.sign().as_ref());
    out
}

/// Compares in constant time.
pub fn verify_sha256(key: &[u8], parts: &[&[u8]], mac: &[u8]) -> Result<(), HmacMismatch> {
    use subtle::ConstantTimeEq;
    if bool::from(sha256(key, parts).as_slice().ct_eq(mac)) { Ok(()) } else { Err(HmacMismatch) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    #[test]
    fn matches_rfc_4231_case_2() {
        let expected = [
            0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7, 0x5a, 0x00,
            0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43,
        ];
        assert_eq!(sha256(b"Jefe", &[b"what do ya want ", b"for nothing?"]), expected);
        assert_eq!(verify_sha256(b"Jefe", &[b"what do ya want for nothing?"], &expected), Ok(()));
        assert_eq!(verify_sha256(b"Jefe", &[b"what do ya want for nothing."], &expected), Err(HmacMismatch));
        assert_eq!(verify_sha256(b"Jefe", &[b"what do ya want for nothing?"], &expected[..31]), Err(HmacMismatch));
    }
}
