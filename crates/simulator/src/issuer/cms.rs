//! CMS SignedData (RFC 5652): EF.SOD and master lists.

use chip_crypto::hash::digest;
use chip_crypto::random::SecureRandom;
use chip_crypto::signature::{SignatureScheme, SigningKey};

use super::certificate::Certificate;
use super::{IssuerError, PkiPlan, key_info};
use crate::der;

/// EF.SOD with an LDS security object of version 1 (Doc 9303-10, 4.6.2.3).
pub(super) fn security_object(
    plan: &PkiPlan,
    data_groups: &[(u8, &[u8])],
    signer: &Certificate,
    key: &SigningKey,
    random: &mut dyn SecureRandom,
) -> Result<Vec<u8>, IssuerError> {
    let hashes: Vec<Vec<u8>> = data_groups
        .iter()
        .map(|(number, file)| {
            der::sequence(&[der::integer(u32::from(*number)), der::octets(&digest(plan.hash, &[file]))])
        })
        .collect();
    let versions =
        der::sequence(&[der::printable(super::lds::LDS_VERSION), der::printable(super::lds::UNICODE_VERSION)]);
    let object =
        der::sequence(&[der::integer(1), key_info::hash_algorithm(plan.hash), der::sequence(&hashes), versions]);
    let signed = signed_data(plan, &der::oid(&[2, 23, 136, 1, 1, 1]), &object, signer, &[], key, random)?;
    Ok(der::tlv(0x77, &signed))
}

/// EF.CardSecurity: SecurityInfos, signed (Doc 9303-10, 3.11.4).
pub(super) fn card_security(
    plan: &PkiPlan,
    infos: &[u8],
    signer: &Certificate,
    key: &SigningKey,
    random: &mut dyn SecureRandom,
) -> Result<Vec<u8>, IssuerError> {
    signed_data(plan, &der::oid(&[0, 4, 0, 127, 0, 7, 3, 2, 1]), infos, signer, &[], key, random)
}

/// CscaMasterList (Doc 9303-12, 9.2) in SignedData with the signer's chain.
pub(super) fn master_list(
    plan: &PkiPlan,
    certificates: &[&[u8]],
    signer: &Certificate,
    key: &SigningKey,
    csca: &Certificate,
    random: &mut dyn SecureRandom,
) -> Result<Vec<u8>, IssuerError> {
    let list = der::set_of(certificates.iter().map(|certificate| certificate.to_vec()).collect());
    let content = der::sequence(&[der::integer(0), list]);
    signed_data(plan, &der::oid(&[2, 23, 136, 1, 1, 2]), &content, signer, &[&csca.der], key, random)
}

fn signed_data(
    plan: &PkiPlan,
    content_type: &[u8],
    content: &[u8],
    signer: &Certificate,
    chain: &[&[u8]],
    key: &SigningKey,
    random: &mut dyn SecureRandom,
) -> Result<Vec<u8>, IssuerError> {
    let attribute = |arcs: &[u32], value: Vec<u8>| der::sequence(&[der::oid(arcs), der::constructed(0x31, &[value])]);
    let attributes = der::set_of(vec![
        attribute(&[1, 2, 840, 113549, 1, 9, 3], content_type.to_vec()),
        attribute(&[1, 2, 840, 113549, 1, 9, 4], der::octets(&digest(plan.hash, &[content]))),
        attribute(&[1, 2, 840, 113549, 1, 9, 5], der::utc_time(&plan.signing_time)),
    ]);
    // RFC 5652, 5.4: the signature covers the attributes as a SET, while the message carries them under [0].
    let signature = key.sign(&SignatureScheme::Ecdsa(plan.hash), &attributes, random)?;
    let mut tagged = attributes;
    if let Some(tag) = tagged.first_mut() {
        *tag = 0xA0;
    }
    let signer_info = der::sequence(&[
        der::integer(1),
        der::sequence(&[signer.issuer.clone(), signer.serial.clone()]),
        key_info::hash_algorithm(plan.hash),
        tagged,
        key_info::ecdsa_algorithm(plan.hash),
        der::octets(&signature),
    ]);
    let mut certificates = vec![signer.der.clone()];
    certificates.extend(chain.iter().map(|certificate| certificate.to_vec()));
    certificates.sort();
    let signed = der::sequence(&[
        der::integer(3),
        der::constructed(0x31, &[key_info::hash_algorithm(plan.hash)]),
        der::sequence(&[content_type.to_vec(), der::constructed(0xA0, &[der::octets(content)])]),
        der::constructed(0xA0, &certificates),
        der::constructed(0x31, &[signer_info]),
    ]);
    Ok(der::sequence(&[der::oid(&[1, 2, 840, 113549, 1, 7, 2]), der::constructed(0xA0, &[signed])]))
}
