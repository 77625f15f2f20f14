//! The four items as text (text EF 0002) and their signed digests (text EF 0003).

use apdu::tlv::Tag;

use super::field::{FieldError, Template, date, text};

/// Longest name or address taken, in bytes of UTF-8.
const MAX_TEXT: usize = 600;

/// 基本4情報.
pub struct Attributes<'a> {
    /// DF22: family and given name, separated by an ideographic space.
    pub name: &'a str,
    /// DF23.
    pub address: &'a str,
    /// DF24, YYYYMMDD.
    pub birth: [u8; 8],
    /// DF25: `1` male, `2` female, `9` other, `0` unknown.
    pub sex: u8,
    /// What DF32 is the digest of: all objects from DF22 to the end, the table of offsets left out.
    pub signed: &'a [u8],
}

/// Reads the text.
///
/// # Errors
/// The field and what is wrong with it.
pub fn parse(file: &[u8]) -> Result<Attributes<'_>, FieldError> {
    const OFFSETS: Tag = Tag(0xDF21);
    let template = Template::open(file, Tag(0xFF20), "FF20")?;
    let name = template.object(0xDF22, "DF22 name")?;
    let address = template.object(0xDF23, "DF23 address")?;
    let birth = template.object(0xDF24, "DF24 birth date")?;
    let [sex] = template.exactly(0xDF25, "DF25 sex")?;
    let offsets =
        template.objects().first().filter(|object| object.tag == OFFSETS).map_or(0, |object| object.whole.len());
    Ok(Attributes {
        name: text(name.value, MAX_TEXT, "DF22 name")?,
        address: text(address.value, MAX_TEXT, "DF23 address")?,
        birth: date(birth.value, "DF24 birth date")?,
        sex,
        signed: template.value().get(offsets..).unwrap_or_default(),
    })
}

/// The signed digests. DF31 is that of the file with the Individual Number, which is never read and need not be: the signature
/// is over the digests.
pub struct Digests<'a> {
    /// DF32: SHA-256 of [`Attributes::signed`].
    pub attributes: [u8; 32],
    /// DF31 and DF32 with their headers, what is signed.
    pub signed: [&'a [u8]; 2],
    /// DF33: RSASSA-PKCS1-v1_5 with SHA-256 by the key certified in EF 0004.
    pub signature: &'a [u8],
}

/// Reads the digests.
///
/// # Errors
/// The field and what is wrong with it.
pub fn parse_digests(file: &[u8]) -> Result<Digests<'_>, FieldError> {
    let template = Template::open(file, Tag(0xFF30), "FF30")?;
    Ok(Digests {
        attributes: template.exactly(0xDF32, "DF32 digest")?,
        signed: [template.object(0xDF31, "DF31 digest")?.whole, template.object(0xDF32, "DF32 digest")?.whole],
        signature: template.object(0xDF33, "DF33 signature")?.value,
    })
}
