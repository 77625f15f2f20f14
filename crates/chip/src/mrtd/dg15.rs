//! DG15: the Active Authentication public key (Doc 9303-10, 4.7.15).

use apdu::tlv::{Reader, Tag};
use chip_crypto::signature::PublicKey;

use super::public_key::{PublicKeyError, parse_subject_public_key_info};

/// Tag of DG15.
pub const TAG: Tag = Tag(0x6F);

/// Reads the file.
///
/// # Errors
/// A malformed file; a key that is not usable.
pub fn parse(file: &[u8]) -> Result<PublicKey, PublicKeyError> {
    let mut reader = Reader::ber(file);
    let content = reader.expect(TAG)?.value;
    parse_subject_public_key_info(content)
}
