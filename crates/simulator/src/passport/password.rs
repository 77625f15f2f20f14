//! What opens the chip: the MRZ information and the keys made from it (Doc 9303-11, 4.3.2 and 9.7.2).

use apdu::tlv::{self, Tag};
use chip_crypto::hash::{HashAlgorithm, digest};

use crate::profile::{Profile, ProfileError};

/// Document number, birth and expiry, each with its check digit, out of the profile's MRZ or out of DG1.
pub(super) fn mrz_information(profile: &Profile) -> Result<Option<String>, ProfileError> {
    let text = match (&profile.access.mrz, profile.files.get("0101")) {
        (Some(text), _) => text.lines().collect::<String>(),
        (None, Some(dg1)) => match mrz_of_dg1(&dg1.bytes(&profile.base)?) {
            Some(text) => text,
            None => return Err(ProfileError::NoMrz),
        },
        (None, None) => return Ok(None),
    };
    information(&text).map(Some).ok_or(ProfileError::MrzForm)
}

fn mrz_of_dg1(dg1: &[u8]) -> Option<String> {
    let inner = tlv::find(dg1, Tag(0x61)).ok()??;
    let mrz = tlv::find(inner, Tag(0x5F1F)).ok()??;
    String::from_utf8(mrz.to_vec()).ok()
}

fn information(mrz: &str) -> Option<String> {
    let part = |from: usize, to: usize| mrz.get(from..to);
    match mrz.len() {
        // TD3: line 2 starts at 44
        88 => Some([part(44, 54)?, part(57, 64)?, part(65, 72)?].concat()),
        // TD2: line 2 starts at 36; a long document number continues in the optional data (Doc 9303-6, 4.2.4)
        72 => Some([&number(part(36, 45)?, part(45, 46)?, part(64, 71)?)?, part(49, 56)?, part(57, 64)?].concat()),
        // TD1: number in line 1, dates in line 2
        90 => Some([&number(part(5, 14)?, part(14, 15)?, part(15, 30)?)?, part(30, 37)?, part(38, 45)?].concat()),
        _ => None,
    }
}

/// A document number with its check digit; when the digit's place holds a filler, both continue in the optional data.
fn number(short: &str, check: &str, optional: &str) -> Option<String> {
    if check != "<" {
        return Some([short, check].concat());
    }
    let continuation = optional.split('<').next().filter(|text| !text.is_empty())?;
    Some([short, continuation].concat())
}

/// K for PACE from the MRZ: SHA-1 of the MRZ information; BAC takes its first 16 bytes as seed.
pub(super) fn mrz_hash(information: &str) -> Vec<u8> {
    digest(HashAlgorithm::Sha1, &[information.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_long_document_numbers_from_the_optional_data() {
        // Doc 9303-11, appendix D.2
        let td1 = "I<UTOD23145890<7349<<<<<<<<<<<3407127M9507122UTO<<<<<<<<<<<2STEVENSON<<PETER<JOHN<<<<<<<<<";
        assert_eq!(information(td1).as_deref(), Some("D23145890734934071279507122"));
        let td2 = "I<UTOSTEVENSON<<PETER<JOHN<<<<<<<<<<D23145890<UTO3407127M95071227349<<<8";
        assert_eq!(information(td2).as_deref(), Some("D23145890734934071279507122"));
        let td1_short = "I<UTOL898902C<3<<<<<<<<<<<<<<<6908061F9406236UTO<<<<<<<<<<<1ERIKSSON<<ANNA<MARIA<<<<<<<<<<";
        assert_eq!(information(td1_short).as_deref(), Some("L898902C<369080619406236"));
    }
}
