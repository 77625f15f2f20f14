//! Card-verifiable certificates: EF 0004 of the surface and text applications, and the data objects of the master file.

use apdu::tlv::{Reader, Tag};
use chip_crypto::signature::PublicKey;

use super::ap_key::parse_key;
use super::field::{FieldError, FieldProblem, Template};

/// Length of a key identifier.
const KEY_ID: usize = 16;

/// Identifier of a key: seven ASCII digits name it, the rest is version and counters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeyId(pub [u8; KEY_ID]);

impl KeyId {
    /// The seven digits.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        self.0.get(..7).unwrap_or_default()
    }
}

/// One certificate: whose key, signed by whom.
pub struct CvCertificate<'a> {
    /// The value of 5F4E: what is signed.
    pub body: &'a [u8],
    /// Identifier of the key that signed it.
    pub issuer: KeyId,
    /// Identifier of the certified key.
    pub subject: KeyId,
    /// The certified key.
    pub key: PublicKey,
    /// 5F37: RSASSA-PKCS1-v1_5 with SHA-256.
    pub signature: &'a [u8],
}

/// Reads a certificate: the template 7F21, or its content alone as GET DATA returns it, where a header list may stand before it.
///
/// # Errors
/// The field and what is wrong with it.
pub fn parse(bytes: &[u8]) -> Result<CvCertificate<'_>, FieldError> {
    const WRAPPER: Tag = Tag(0x7F21);
    let wrapped = Reader::ber(bytes).peek_tag() == Some(WRAPPER);
    let template =
        if wrapped { Template::open(bytes, WRAPPER, "7F21")? } else { Template::of_row(bytes, "CV certificate")? };
    let body = template.object(0x5F4E, "5F4E")?.value;
    let short = FieldProblem::Length { found: body.len() }.of("5F4E");
    let (issuer, rest) = body.split_first_chunk::<KEY_ID>().ok_or(short)?;
    let (subject, key) = rest.split_first_chunk::<KEY_ID>().ok_or(short)?;
    Ok(CvCertificate {
        body,
        issuer: KeyId(*issuer),
        subject: KeyId(*subject),
        key: parse_key(key, "5F4E public key")?,
        signature: template.object(0x5F37, "5F37")?.value,
    })
}
