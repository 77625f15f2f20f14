//! DF1/EF07 電子署名: the signature and who made it. The certificate is not on the card (§1.6).

use super::field::{self, Field, FieldError, FieldFault};
use super::layout::LicenceFile;

/// The signature file, borrowed from evidence.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SignatureFile<'a> {
    /// The signature value.
    pub value: &'a [u8],
    /// Serial number of the signer's certificate, as text.
    pub serial: Option<&'a [u8]>,
    /// Name of its issuer.
    pub issuer: Option<&'a [u8]>,
    /// Name of the signer.
    pub subject: Option<&'a [u8]>,
    /// Subject key identifier of the signer's certificate.
    pub key_id: Option<&'a [u8]>,
}

impl<'a> SignatureFile<'a> {
    /// Reads the file. [A] for the tags, [B] for what is in them.
    ///
    /// # Errors
    /// The field that cannot be read, or the signature when it is missing.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FieldError> {
        const SIGNATURE: u8 = 0xB1;
        let fields = field::parse(LicenceFile::Signature, bytes)?;
        let find = |tag| fields.iter().find(|f| f.tag == tag).map(|f: &Field<'a>| f.value).filter(|v| !v.is_empty());
        let missing = FieldError { file: LicenceFile::Signature, tag: SIGNATURE, fault: FieldFault::Missing };
        Ok(Self {
            value: find(SIGNATURE).ok_or(missing)?,
            serial: find(0xB2),
            issuer: find(0xB4),
            subject: find(0xB5),
            key_id: find(0xB6),
        })
    }
}

impl std::fmt::Debug for SignatureFile<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SignatureFile({} bytes)", self.value.len())
    }
}
