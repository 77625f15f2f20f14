//! Data groups (Doc 9303-10, 4).

use chip_crypto::curve::Point;
use chip_crypto::hash::HashAlgorithm;

use super::passport::ChipPlan;
use super::{Holder, IssuerError, key_info};
use crate::der;
use crate::passport::{Group, GroupKey, chip_oid, pace_oid};
use crate::profile::PaceVariant;

pub(super) const LDS_VERSION: &str = "0108";
pub(super) const UNICODE_VERSION: &str = "040000";

/// EF.COM (4.6.1): versions and the tags of the data groups present.
pub(super) fn com(data_groups: &[u8]) -> Vec<u8> {
    let tags: Vec<u8> = data_groups.iter().filter_map(|number| data_group_tag(*number)).collect();
    der::constructed(
        0x60,
        &[
            der::tlv(0x5F01, LDS_VERSION.as_bytes()),
            der::tlv(0x5F36, UNICODE_VERSION.as_bytes()),
            der::tlv(0x5C, &tags),
        ],
    )
}

/// The tag of a data group (table 36).
fn data_group_tag(number: u8) -> Option<u8> {
    const TAGS: [u8; 16] =
        [0x61, 0x75, 0x63, 0x76, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70];
    TAGS.get(usize::from(number).checked_sub(1)?).copied()
}

pub(super) fn dg1(holder: &Holder) -> Result<Vec<u8>, IssuerError> {
    Ok(der::tlv(0x61, &der::tlv(0x5F1F, holder.td3()?.concat().as_bytes())))
}

/// DG2 with one face: CBEFF templates around an ISO/IEC 19794-5:2005 record (4.7.2).
pub(super) fn dg2(image: &[u8], width: u16, height: u16) -> Vec<u8> {
    let header = der::constructed(
        0xA1,
        &[
            // facial features; ISO/IEC JTC1 SC37 as owner, type 0008 face image
            der::tlv(0x81, &[0x02]),
            der::tlv(0x82, &[0x00]),
            der::tlv(0x87, &[0x01, 0x01]),
            der::tlv(0x88, &[0x00, 0x08]),
        ],
    );
    let template = der::constructed(0x7F60, &[header, der::tlv(0x5F2E, &face_record(image, width, height))]);
    der::tlv(0x75, &der::constructed(0x7F61, &[der::integer(1), template]))
}

/// Facial record: header (14 bytes), facial information (20), image information (12), image.
fn face_record(image: &[u8], width: u16, height: u16) -> Vec<u8> {
    let block = 20 + 12 + image.len() as u32;
    let mut out = b"FAC\x00010\x00".to_vec();
    out.extend_from_slice(&(14 + block).to_be_bytes());
    out.extend_from_slice(&1_u16.to_be_bytes());
    out.extend_from_slice(&block.to_be_bytes());
    // no feature points; gender, eyes, hair, properties, expression, pose unspecified
    out.extend_from_slice(&[0; 16]);
    // full frontal; JPEG 2000
    out.extend_from_slice(&[0x01, 0x01]);
    out.extend_from_slice(&width.to_be_bytes());
    out.extend_from_slice(&height.to_be_bytes());
    // sRGB; source, device and quality unspecified
    out.extend_from_slice(&[0x01, 0x00, 0x00, 0x00, 0x00, 0x00]);
    out.extend_from_slice(image);
    out
}

/// PACEInfo (Doc 9303-11, 9.2.1), version 2.
pub(super) fn pace_info(variant: &PaceVariant) -> Vec<u8> {
    let oid = der::tlv(0x06, &pace_oid(variant));
    der::sequence(&[oid, der::integer(2), der::integer(u32::from(variant.parameter_id))])
}

/// EF.CardAccess (Doc 9303-11, 9.2.11).
pub(crate) fn card_access(pace: &[PaceVariant]) -> Vec<u8> {
    der::set_of(pace.iter().map(pace_info).collect())
}

/// ChipAuthenticationInfo, for those chips that say it, and ChipAuthenticationPublicKeyInfo (Doc 9303-11, 9.2.5 and 9.2.6).
pub(super) fn chip_authentication_infos(plan: &ChipPlan, key: &GroupKey) -> Vec<Vec<u8>> {
    let modp = matches!(plan.group, Group::Modp(_));
    let name = plan.key_id.map(|id| der::integer(u32::from(id))).unwrap_or_default();
    let protocol = der::tlv(0x06, &chip_oid(modp, plan.cipher));
    let info = der::sequence(&[protocol, der::integer(1), name.clone()]);
    let key = der::sequence(&[key_oid(modp), key_info::agreement_key_info(key), name]);
    if plan.inferred { vec![key] } else { vec![info, key] }
}

/// id-PK-DH or id-PK-ECDH.
fn key_oid(modp: bool) -> Vec<u8> {
    der::oid(&[0, 4, 0, 127, 0, 7, 2, 2, 1, if modp { 1 } else { 2 }])
}

/// SecurityInfos of EF.CardSecurity (Doc 9303-11, 9.2.11): what EF.CardAccess says, and the static key of the mapping under the
/// number of its domain parameters.
pub(super) fn card_security_infos(pace: &[PaceVariant], key: &Point) -> Vec<u8> {
    let mut infos: Vec<Vec<u8>> = pace.iter().map(pace_info).collect();
    let name = der::integer(u32::from(key.curve().standardized_id()));
    infos.push(der::sequence(&[key_oid(false), key_info::standardized_key_info(key), name]));
    der::set_of(infos)
}

/// ActiveAuthenticationInfo (Doc 9303-11, 9.2.8).
pub(super) fn active_authentication_info(hash: HashAlgorithm) -> Vec<u8> {
    der::sequence(&[der::oid(&[2, 23, 136, 1, 1, 5]), der::integer(1), key_info::ecdsa_plain_oid(hash)])
}

pub(super) fn dg14(infos: Vec<Vec<u8>>) -> Vec<u8> {
    der::tlv(0x6E, &der::set_of(infos))
}

pub(super) fn dg15(public_key_info: &[u8]) -> Vec<u8> {
    der::tlv(0x6F, public_key_info)
}

/// EF.ATR/INFO (ISO/IEC 7816-4, 12.7.1): the longest command and response, DO'7F66'.
pub(crate) fn atr_info(command: u16, response: u16) -> Vec<u8> {
    der::constructed(0x7F66, &[der::tlv(0x02, &command.to_be_bytes()), der::tlv(0x02, &response.to_be_bytes())])
}
