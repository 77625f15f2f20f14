//! Distinguished names, compared as issuers mean them: case, spaces, string type and the order of their parts do not count.

use apdu::tlv::Tag;

use crate::asn1::{self, Asn1Error};
use crate::oid;

/// A distinguished name (RFC 5280, 4.1.2.4).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Name {
    parts: Vec<(Vec<u8>, String)>,
    normal: Vec<(Vec<u8>, String)>,
}

impl Name {
    /// Reads the content of an RDNSequence.
    pub(crate) fn parse(content: &[u8]) -> Result<Self, Asn1Error> {
        let mut parts = Vec::new();
        let mut sets = apdu::tlv::Reader::ber(content);
        while let Some(set) = asn1::next(&mut sets)? {
            let mut attributes = asn1::inside(&set);
            while let Some(attribute) = asn1::next(&mut attributes)? {
                let mut fields = asn1::inside(&attribute);
                let kind = fields.expect(asn1::OID)?;
                let value = fields.next()?;
                parts.push((kind.value.to_vec(), text(value.tag, value.value)));
                if parts.len() > 64 {
                    return Err(Asn1Error::Budget("name"));
                }
            }
        }
        // MY writes the parts in another order in the SignerInfo than in the certificate.
        let mut normal: Vec<_> = parts.iter().map(|(kind, value)| (kind.clone(), fold(value))).collect();
        normal.sort();
        Ok(Self { parts, normal })
    }

    /// Tells whether two names mean the same entity.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.normal == other.normal
    }

    /// Whether organisation or unit say that the name is a test's: `JPKI-TEST`.
    pub(crate) fn says_test(&self) -> bool {
        let is_body = |kind: &[u8]| oid::is(kind, oid::ORGANIZATION) || oid::is(kind, oid::ORGANIZATIONAL_UNIT);
        self.normal
            .iter()
            .filter(|(kind, _)| is_body(kind))
            .any(|(_, value)| value.split(|character: char| !character.is_alphanumeric()).any(|word| word == "test"))
    }

    pub(crate) fn key(&self) -> &[(Vec<u8>, String)] {
        &self.normal
    }

    /// Gives the two-letter country code in upper case.
    #[must_use]
    pub fn country(&self) -> Option<String> {
        self.parts
            .iter()
            .find(|(kind, _)| oid::is(kind, oid::COUNTRY))
            .map(|(_, value)| value.trim().to_ascii_uppercase())
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, (kind, value)) in self.parts.iter().enumerate() {
            let label = [
                (oid::COUNTRY, "C"),
                (oid::STATE, "ST"),
                (oid::LOCALITY, "L"),
                (oid::ORGANIZATION, "O"),
                (oid::ORGANIZATIONAL_UNIT, "OU"),
                (oid::COMMON_NAME, "CN"),
                (oid::SERIAL_NUMBER, "serialNumber"),
            ]
            .into_iter()
            .find(|(known, _)| oid::is(kind, *known))
            .map_or("?", |(_, label)| label);
            write!(f, "{}{label}={value}", if i == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Name({self})")
    }
}

/// Text of a DirectoryString; bytes that are not text become `?`.
fn text(tag: Tag, value: &[u8]) -> String {
    const BMP_STRING: Tag = Tag(0x1E);
    if tag == BMP_STRING {
        let units: Vec<u16> = value.chunks_exact(2).map(|c| u16::from_be_bytes([c[0], c[1]])).collect();
        return String::from_utf16_lossy(&units);
    }
    match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => value.iter().map(|b| char::from(*b)).collect(),
    }
}

/// RFC 5280, 7.1, as far as the published certificates need it.
fn fold(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
