//! Certificates of the test PKI (Doc 9303-12, 7.1).

use chip_crypto::hash::{HashAlgorithm, digest};
use chip_crypto::random::SecureRandom;
use chip_crypto::signature::{PublicKey, SignatureScheme, SigningKey};

use super::{IssuerError, PkiPlan, Validity, key_info};
use crate::der;

/// What a certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Csca,
    DocumentSigner,
    MasterListSigner,
}

pub(super) struct Certificate {
    pub(super) der: Vec<u8>,
    /// The subject's Name, DER.
    pub(super) name: Vec<u8>,
    /// The issuer's Name, DER.
    pub(super) issuer: Vec<u8>,
    /// The serial number as INTEGER, DER.
    pub(super) serial: Vec<u8>,
    key_id: Vec<u8>,
}

impl Certificate {
    /// Issues a certificate; without an issuing certificate it signs itself.
    pub(super) fn issue(
        plan: &PkiPlan,
        role: Role,
        issuer: Option<&Self>,
        issuer_key: &SigningKey,
        key: &SigningKey,
        random: &mut dyn SecureRandom,
    ) -> Result<Self, IssuerError> {
        let PublicKey::Ec(point) = key.public() else {
            return Err(IssuerError::Signing(chip_crypto::signature::SigningError::KeyMismatch));
        };
        let mut serial = [0; 8];
        random.fill(&mut serial)?;
        serial[0] = serial[0] & 0x3F | 0x40;
        let serial = der::unsigned(&serial);
        let name = name(&plan.country, role);
        let issuer_name = issuer.map_or_else(|| name.clone(), |issuer| issuer.name.clone());
        let key_id = digest(HashAlgorithm::Sha1, &[point.as_uncompressed()]);
        let issuer_key_id = issuer.map_or(&key_id, |issuer| &issuer.key_id);
        let validity = match role {
            Role::Csca => &plan.csca_validity,
            Role::DocumentSigner | Role::MasterListSigner => &plan.signer_validity,
        };
        let algorithm = key_info::ecdsa_algorithm(plan.hash);
        let body = der::sequence(&[
            der::constructed(0xA0, &[der::integer(2)]),
            serial.clone(),
            algorithm.clone(),
            issuer_name.clone(),
            times(validity),
            name.clone(),
            key_info::public_key_info(&point, plan.explicit_parameters),
            der::constructed(0xA3, &[der::sequence(&extensions(role, &key_id, issuer_key_id))]),
        ]);
        let signature = issuer_key.sign(&SignatureScheme::Ecdsa(plan.hash), &body, random)?;
        let der = der::sequence(&[body, algorithm, der::bits(&signature)]);
        Ok(Self { der, name, issuer: issuer_name, serial, key_id })
    }
}

fn name(country: &str, role: Role) -> Vec<u8> {
    let common = match role {
        Role::Csca => "Madoguchi Test CSCA",
        Role::DocumentSigner => "Madoguchi Test Document Signer",
        Role::MasterListSigner => "Madoguchi Test Master List Signer",
    };
    let part = |arc: u32, value: Vec<u8>| der::constructed(0x31, &[der::sequence(&[der::oid(&[2, 5, 4, arc]), value])]);
    der::sequence(&[
        part(6, der::printable(country)),
        part(10, der::utf8("Madoguchi Test PKI")),
        part(11, der::utf8("TEST ONLY")),
        part(3, der::utf8(common)),
    ])
}

fn times(validity: &Validity) -> Vec<u8> {
    der::sequence(&[der::utc_time(&validity.not_before), der::utc_time(&validity.not_after)])
}

fn extensions(role: Role, key_id: &[u8], issuer_key_id: &[u8]) -> Vec<Vec<u8>> {
    let extension = |arcs: &[u32], critical: bool, value: Vec<u8>| {
        let mut parts = vec![der::oid(arcs)];
        if critical {
            parts.push(der::boolean_true());
        }
        parts.push(der::octets(&value));
        der::sequence(&parts)
    };
    let mut out = vec![
        extension(&[2, 5, 29, 35], false, der::sequence(&[der::tlv(0x80, issuer_key_id)])),
        extension(&[2, 5, 29, 14], false, der::octets(key_id)),
    ];
    match role {
        Role::Csca => {
            // keyCertSign and cRLSign; CA with a path length of zero
            out.push(extension(&[2, 5, 29, 15], true, der::named_bits(1, &[0x06])));
            out.push(extension(&[2, 5, 29, 19], true, der::sequence(&[der::boolean_true(), der::integer(0)])));
        }
        Role::DocumentSigner => {
            out.push(extension(&[2, 5, 29, 15], true, der::named_bits(7, &[0x80])));
            // documentTypeList (Doc 9303-12, 7.1.1): passports
            let types = der::sequence(&[der::integer(0), der::set_of(vec![der::printable("P")])]);
            out.push(extension(&[2, 23, 136, 1, 1, 6, 2], false, types));
        }
        Role::MasterListSigner => {
            out.push(extension(&[2, 5, 29, 15], true, der::named_bits(7, &[0x80])));
            out.push(extension(&[2, 5, 29, 37], true, der::sequence(&[der::oid(&[2, 23, 136, 1, 1, 3])])));
        }
    }
    out
}
