//! Writing DER (X.690): just enough for certificates, CMS and data groups. Written apart from the product's TLV reader.

/// Encodes one TLV with a tag as written (`0x30`, `0x7F61`, …) and a definite length of minimal size.
#[must_use]
pub fn tlv(tag: u32, value: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = tag.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    let length = value.len();
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let bytes: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
        out.push(0x80 | bytes.len() as u8);
        out.extend_from_slice(&bytes);
    }
    out.extend_from_slice(value);
    out
}

/// Encodes a constructed TLV around its parts in the order given.
#[must_use]
pub fn constructed(tag: u32, parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(tag, &parts.concat())
}

/// SEQUENCE of the parts.
#[must_use]
pub fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    constructed(0x30, parts)
}

/// SET OF the parts, sorted as DER asks (X.690, 11.6).
#[must_use]
pub fn set_of(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    constructed(0x31, &parts)
}

/// INTEGER from an unsigned big-endian number.
#[must_use]
pub fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len().saturating_sub(1));
    let mut value = bytes.get(first..).unwrap_or_default().to_vec();
    if value.first().is_none_or(|byte| byte & 0x80 != 0) {
        value.insert(0, 0);
    }
    tlv(0x02, &value)
}

/// INTEGER from a small number.
#[must_use]
pub fn integer(value: u32) -> Vec<u8> {
    unsigned(&value.to_be_bytes())
}

/// OBJECT IDENTIFIER from its arcs.
#[must_use]
pub fn oid(arcs: &[u32]) -> Vec<u8> {
    tlv(0x06, &oid_value(arcs))
}

/// The content bytes of an OBJECT IDENTIFIER.
#[must_use]
pub fn oid_value(arcs: &[u32]) -> Vec<u8> {
    let mut out = Vec::new();
    let (first, rest) = match arcs {
        [a, b, rest @ ..] => (a * 40 + b, rest),
        [a] => (a * 40, &[][..]),
        [] => return out,
    };
    for arc in std::iter::once(first).chain(rest.iter().copied()) {
        let mut groups = vec![(arc & 0x7F) as u8];
        let mut left = arc >> 7;
        while left > 0 {
            groups.push(0x80 | (left & 0x7F) as u8);
            left >>= 7;
        }
        out.extend(groups.into_iter().rev());
    }
    out
}

/// OCTET STRING.
#[must_use]
pub fn octets(value: &[u8]) -> Vec<u8> {
    tlv(0x04, value)
}

/// BIT STRING of whole bytes.
#[must_use]
pub fn bits(value: &[u8]) -> Vec<u8> {
    named_bits(0, value)
}

/// BIT STRING with its count of unused bits, for key usages.
#[must_use]
pub fn named_bits(unused: u8, value: &[u8]) -> Vec<u8> {
    let mut content = vec![unused];
    content.extend_from_slice(value);
    tlv(0x03, &content)
}

/// UTF8String.
#[must_use]
pub fn utf8(text: &str) -> Vec<u8> {
    tlv(0x0C, text.as_bytes())
}

/// PrintableString.
#[must_use]
pub fn printable(text: &str) -> Vec<u8> {
    tlv(0x13, text.as_bytes())
}

/// UTCTime, `YYMMDDHHMMSSZ`.
#[must_use]
pub fn utc_time(text: &str) -> Vec<u8> {
    tlv(0x17, text.as_bytes())
}

/// BOOLEAN TRUE.
#[must_use]
pub fn boolean_true() -> Vec<u8> {
    vec![0x01, 0x01, 0xFF]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_minimal_lengths() {
        assert_eq!(tlv(0x04, &[7; 127])[..2], [0x04, 127]);
        assert_eq!(tlv(0x04, &[7; 128])[..3], [0x04, 0x81, 128]);
        assert_eq!(tlv(0x7F61, &[7; 300])[..5], [0x7F, 0x61, 0x82, 1, 44]);
    }

    #[test]
    fn writes_oids_and_integers() {
        // id-PACE-ECDH-GM-AES-CBC-CMAC-128, as the PACEInfo of Doc 9303-11 appendix G.1 spells it
        assert_eq!(hex::encode(oid(&[0, 4, 0, 127, 0, 7, 2, 2, 4, 2, 2])), "060a04007f00070202040202");
        assert_eq!(integer(0), [2, 1, 0]);
        assert_eq!(integer(128), [2, 2, 0, 128]);
        assert_eq!(unsigned(&[0, 0, 5]), [2, 1, 5]);
    }
}
