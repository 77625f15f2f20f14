//! Certificate extensions (RFC 5280, 4.2; Doc 9303-12, 7.1).

use apdu::tlv::Reader;

use crate::asn1::{self, Asn1Error};
use crate::{certificate, oid};

/// What a key may be used for; only the bits a chain is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyUsage {
    pub digital_signature: bool,
    pub non_repudiation: bool,
    pub key_cert_sign: bool,
    pub crl_sign: bool,
}

/// The extensions this product looks at. A malformed optional one is as good as absent; a malformed critical one is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extensions {
    /// The certificate has extensions at all (version 3).
    pub present: bool,
    pub subject_key_id: Option<Vec<u8>>,
    pub authority_key_id: Option<Vec<u8>>,
    pub key_usage: Option<KeyUsage>,
    /// From basic constraints.
    pub is_ca: Option<bool>,
    pub path_length: Option<u32>,
    /// Purposes, as the content of their object identifiers.
    pub extended_key_usage: Vec<Vec<u8>>,
    /// Policies, as the content of their object identifiers.
    pub policies: Vec<Vec<u8>>,
    /// Other names of the subject that are text, by the content of their object identifiers.
    pub(crate) other_names: Vec<(Vec<u8>, String)>,
    /// A critical extension that is unknown or cannot be read.
    pub unknown_critical: bool,
}

impl Extensions {
    /// Reads the content of an Extensions SEQUENCE.
    pub(crate) fn parse(content: &[u8]) -> Result<Self, Asn1Error> {
        let mut found = Self { present: true, ..Self::default() };
        let mut list = Reader::ber(content);
        while let Some(extension) = asn1::next(&mut list)? {
            let mut fields = asn1::inside(&extension);
            let id = fields.expect(asn1::OID)?.value;
            let critical = asn1::optional(&mut fields, asn1::BOOLEAN)?.is_some_and(|flag| flag.value != [0]);
            // LT leaves out the value of one extension.
            let value = asn1::optional(&mut fields, asn1::OCTET_STRING)?.map_or(&[][..], |octets| octets.value);
            let read = found.read(id, value);
            if critical && (read.is_err() || !certificate::is_known_extension(id)) {
                found.unknown_critical = true;
            }
        }
        Ok(found)
    }

    fn read(&mut self, id: &[u8], value: &[u8]) -> Result<(), Asn1Error> {
        if oid::is(id, oid::SUBJECT_KEY_ID) {
            self.subject_key_id = Some(Reader::ber(value).expect(asn1::OCTET_STRING)?.value.to_vec());
        } else if oid::is(id, oid::AUTHORITY_KEY_ID) {
            let mut fields = asn1::open(value, asn1::SEQUENCE)?;
            self.authority_key_id =
                asn1::optional(&mut fields, asn1::context_primitive(0))?.map(|key| key.value.to_vec());
        } else if oid::is(id, oid::KEY_USAGE) {
            let bits = asn1::named_bits(Reader::ber(value).expect(asn1::BIT_STRING)?.value)?;
            let bit = |n: u32| bits & (0x8000 >> n) != 0;
            self.key_usage = Some(KeyUsage {
                digital_signature: bit(0),
                non_repudiation: bit(1),
                key_cert_sign: bit(5),
                crl_sign: bit(6),
            });
        } else if oid::is(id, oid::BASIC_CONSTRAINTS) {
            let mut fields = asn1::open(value, asn1::SEQUENCE)?;
            self.is_ca = Some(asn1::optional(&mut fields, asn1::BOOLEAN)?.is_some_and(|flag| flag.value != [0]));
            self.path_length = asn1::optional(&mut fields, asn1::INTEGER)?.map(|n| asn1::small(n.value)).transpose()?;
        } else if oid::is(id, oid::EXTENDED_KEY_USAGE) {
            let mut purposes = asn1::open(value, asn1::SEQUENCE)?;
            while let Some(purpose) = asn1::next(&mut purposes)? {
                self.extended_key_usage.push(purpose.value.to_vec());
            }
        } else if oid::is(id, oid::CERTIFICATE_POLICIES) {
            let mut policies = asn1::open(value, asn1::SEQUENCE)?;
            while let Some(policy) = asn1::next(&mut policies)? {
                self.policies.push(asn1::inside(&policy).expect(asn1::OID)?.value.to_vec());
            }
        } else if oid::is(id, oid::SUBJECT_ALT_NAME) {
            let mut names = asn1::open(value, asn1::SEQUENCE)?;
            while let Some(name) = asn1::next(&mut names)? {
                if let Some(other) = other_name(&name)? {
                    self.other_names.push(other);
                }
            }
        }
        Ok(())
    }
}

/// otherName [0] { type-id, [0] value } (RFC 5280, 4.2.1.6) when its value is UTF-8 text.
fn other_name(name: &apdu::tlv::Tlv<'_>) -> Result<Option<(Vec<u8>, String)>, Asn1Error> {
    if name.tag != asn1::context(0) {
        return Ok(None);
    }
    let mut fields = asn1::inside(name);
    let kind = fields.expect(asn1::OID)?.value;
    let value = asn1::inside(&fields.expect(asn1::context(0))?).next()?;
    let text = std::str::from_utf8(value.value).ok().filter(|_| value.tag == asn1::UTF8_STRING);
    Ok(text.map(|text| (kind.to_vec(), text.to_owned())))
}
