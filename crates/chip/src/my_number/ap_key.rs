//! The RSA public keys of the card: `90 exponent ‖ 91 modulus`, bare, certified or self-contained in EF 0007.

use apdu::tlv::Tag;
use chip_crypto::signature::PublicKey;

use super::field::{FieldError, FieldProblem, Template};

/// Reads the objects 90 and 91 of a key.
///
/// # Errors
/// The field and what is wrong with it.
pub fn parse_key(objects: &[u8], field: &'static str) -> Result<PublicKey, FieldError> {
    let key = Template::of_row(objects, field)?;
    let exponent = key.object(0x90, field)?.value;
    let modulus = key.object(0x91, field)?.value;
    PublicKey::rsa(modulus, exponent).map_err(|_| FieldProblem::Key.of(field))
}

/// EF 0007 of the text application: its key on this card, and the signature over it.
pub struct TextKey<'a> {
    /// DF51 as it stands in the file: what is signed.
    pub signed: &'a [u8],
    /// The key in it.
    pub key: PublicKey,
    /// DF52.
    pub signature: &'a [u8],
}

/// Reads EF 0007 of the text application.
///
/// # Errors
/// The field and what is wrong with it.
pub fn parse_text_key(file: &[u8]) -> Result<TextKey<'_>, FieldError> {
    let template = Template::open(file, Tag(0xFF50), "FF50")?;
    let key = template.object(0xDF51, "DF51")?;
    Ok(TextKey {
        signed: key.whole,
        key: parse_key(key.value, "DF51")?,
        signature: template.object(0xDF52, "DF52")?.value,
    })
}
