//! Certificate revocation lists (RFC 5280, 5; Doc 9303-12, 7.1.4).

use std::collections::BTreeMap;
use std::ops::Range;

use apdu::tlv::Reader;
use chip_crypto::hash::HashAlgorithm;
use jiff::Timestamp;

use crate::algorithm::{self, AlgorithmError, SignatureAlgorithm};
use crate::asn1::{self, Asn1Error};
use crate::certificate::{Certificate, VerifyError};
use crate::name::Name;
use crate::oid;

/// How many entries one list may have.
pub const MAX_ENTRIES: u32 = 100_000;

/// A revocation list as it was imported. Whether its signature is good is decided against the CSCA of the signer in question.
#[derive(Clone)]
pub struct RevocationList {
    der: Box<[u8]>,
    tbs: Range<usize>,
    signature: Range<usize>,
    algorithm: Result<SignatureAlgorithm, AlgorithmError>,
    issuer: Name,
    this_update: Timestamp,
    next_update: Option<Timestamp>,
    revoked: BTreeMap<Vec<u8>, RevokedEntry>,
    whole: bool,
}

/// What a list says about one certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevokedEntry {
    pub since: Timestamp,
    /// CRLReason (RFC 5280, 5.3.1), when the list states one.
    pub reason: Option<u8>,
}

impl RevokedEntry {
    /// Tells whether a document signed at a moment falls under the entry. Only where the list says that the signer was replaced
    /// or ceased do older signatures stand: whoever stole a key writes any signing time he likes.
    #[must_use]
    pub fn covers(&self, signed_at: Option<Timestamp>) -> bool {
        // affiliationChanged, superseded, cessationOfOperation
        let ended_in_order = matches!(self.reason, Some(3..=5));
        !(ended_in_order && signed_at.is_some_and(|signed| signed < self.since))
    }
}

impl RevocationList {
    /// Reads one list.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn parse(der: &[u8]) -> Result<Self, Asn1Error> {
        let list = Reader::ber(der).expect(asn1::SEQUENCE)?;
        let der = list.whole;
        let mut outer = asn1::inside(&list);
        let tbs = outer.expect(asn1::SEQUENCE)?;
        let algorithm = algorithm::signature_algorithm(&outer.expect(asn1::SEQUENCE)?);
        let signature = asn1::bit_string(outer.expect(asn1::BIT_STRING)?.value)?;
        let mut fields = asn1::inside(&tbs);
        asn1::optional(&mut fields, asn1::INTEGER)?;
        fields.expect(asn1::SEQUENCE)?;
        let issuer = Name::parse(fields.expect(asn1::SEQUENCE)?.value)?;
        let this_update = asn1::time(&fields.next()?)?;
        let next_update = match fields.peek_tag() {
            Some(tag) if asn1::is_time(tag) => Some(asn1::time(&fields.next()?)?),
            Some(_) | None => None,
        };
        let mut revoked = BTreeMap::new();
        if let Some(entries) = asn1::optional(&mut fields, asn1::SEQUENCE)? {
            let mut entries = Reader::ber_with_nodes(entries.value, MAX_ENTRIES);
            while let Some(entry) = asn1::next(&mut entries)? {
                let mut parts = asn1::inside(&entry);
                let serial = asn1::unsigned(parts.expect(asn1::INTEGER)?.value).to_vec();
                let since = asn1::time(&parts.next()?)?;
                let reason = match asn1::optional(&mut parts, asn1::SEQUENCE)? {
                    Some(extensions) => reason(extensions.value)?,
                    None => None,
                };
                revoked.insert(serial, RevokedEntry { since, reason });
            }
        }
        let whole = match asn1::optional(&mut fields, asn1::context(0))? {
            Some(field) => is_whole(asn1::inside(&field).expect(asn1::SEQUENCE)?.value)?,
            None => true,
        };
        let place = |part| asn1::range_in(der, part).ok_or(Asn1Error::Malformed("revocation list"));
        Ok(Self {
            tbs: place(tbs.whole)?,
            signature: place(signature)?,
            algorithm,
            issuer,
            this_update,
            next_update,
            revoked,
            whole,
            der: der.into(),
        })
    }

    #[must_use]
    pub fn issuer(&self) -> &Name {
        &self.issuer
    }

    #[must_use]
    pub fn this_update(&self) -> Timestamp {
        self.this_update
    }

    #[must_use]
    pub fn next_update(&self) -> Option<Timestamp> {
        self.next_update
    }

    /// Gives the number of revoked certificates.
    #[must_use]
    pub fn len(&self) -> usize {
        self.revoked.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.revoked.is_empty()
    }

    /// Gives the entry of a serial number.
    #[must_use]
    pub fn entry(&self, serial: &[u8]) -> Option<RevokedEntry> {
        self.revoked.get(asn1::unsigned(serial)).copied()
    }

    /// Tells whether a certificate that is not in the list is not revoked: not so for a list of changes, nor for one limited in a
    /// way this product does not know (RFC 5280, 5.2).
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// Gives the original bytes.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Verifies that `issuer`'s key signed this list.
    ///
    /// # Errors
    /// Why it is not so.
    pub fn verify_issued_by(&self, issuer: &Certificate) -> Result<(), VerifyError> {
        let algorithm = self.algorithm.as_ref().map_err(|e| VerifyError::Algorithm(e.clone()))?;
        let tbs = self.der.get(self.tbs.clone()).unwrap_or_default();
        let signature = self.der.get(self.signature.clone()).unwrap_or_default();
        issuer.verify_signature(*algorithm, HashAlgorithm::Sha256, tbs, signature)
    }
}

/// The reason code among the extensions of an entry.
fn reason(extensions: &[u8]) -> Result<Option<u8>, Asn1Error> {
    let mut list = Reader::ber(extensions);
    while let Some(extension) = asn1::next(&mut list)? {
        let mut fields = asn1::inside(&extension);
        let id = fields.expect(asn1::OID)?.value;
        asn1::optional(&mut fields, asn1::BOOLEAN)?;
        let value = fields.expect(asn1::OCTET_STRING)?.value;
        if oid::is(id, oid::REASON_CODE) {
            return Ok(Reader::ber(value).expect(asn1::ENUMERATED)?.value.last().copied());
        }
    }
    Ok(None)
}

/// Whether no critical extension limits the list.
fn is_whole(extensions: &[u8]) -> Result<bool, Asn1Error> {
    let mut list = Reader::ber(extensions);
    while let Some(extension) = asn1::next(&mut list)? {
        let mut fields = asn1::inside(&extension);
        let id = fields.expect(asn1::OID)?.value;
        let critical = asn1::optional(&mut fields, asn1::BOOLEAN)?.is_some_and(|flag| flag.value != [0]);
        let known =
            [oid::AUTHORITY_KEY_ID, oid::CRL_NUMBER, oid::ISSUER_ALT_NAME].iter().any(|known| oid::is(id, *known));
        if critical && !known {
            return Ok(false);
        }
    }
    Ok(true)
}

impl std::fmt::Debug for RevocationList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RevocationList({}, {} entries, {})", self.issuer, self.revoked.len(), self.this_update)
    }
}
