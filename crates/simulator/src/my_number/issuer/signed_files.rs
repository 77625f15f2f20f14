//! The files of the surface and text applications, and the certificates of the keys that sign them.

use chip_crypto::hash::{HashAlgorithm, digest};
use chip_crypto::random::SystemRandom;
use chip_crypto::signature::{PublicKey, SignatureScheme, SigningError, SigningKey};

use super::CardPlan;
use crate::der::tlv;
use crate::issuer::IssuerError;
use crate::my_number::drawing;

/// A key with the name card-verifiable certificates know it by.
pub(super) struct CvKey {
    pub(super) name: String,
    pub(super) key: SigningKey,
}

impl CvKey {
    pub(super) fn new(name: &str, key: SigningKey) -> Self {
        Self { name: name.to_owned(), key }
    }

    fn id(&self) -> Vec<u8> {
        [self.name.as_bytes(), &[0x08, 0x05], b"001", &[0; 4]].concat()
    }

    /// EF 0004: 7F21 with the body 5F4E and the signature 5F37 over its value.
    pub(super) fn certify(&self, subject: &Self) -> Result<Vec<u8>, IssuerError> {
        let body = [self.id(), subject.id(), public_key(&subject.key)?].concat();
        let signature = sign(&self.key, &body)?;
        Ok(tlv(0x7F21, &[tlv(0x5F4E, &body), tlv(0x5F37, &signature)].concat()))
    }
}

/// Surface EF 0001.
pub(super) fn age(plan: &CardPlan, signer: &SigningKey, card: &SigningKey) -> Result<Vec<u8>, IssuerError> {
    let signed = [tlv(0xDF11, plan.birth.as_bytes()), tlv(0xDF12, &public_key(card)?)].concat();
    let signature = tlv(0xDF13, &sign(signer, &signed)?);
    Ok(tlv(0xFF10, &[signed, signature].concat()))
}

/// Surface EF 0002, behind a table of the offsets of its objects in the file.
pub(super) fn face(plan: &CardPlan, signer: &SigningKey, card: &SigningKey) -> Result<Vec<u8>, IssuerError> {
    let photo = [PORTRAIT, plan.photo_suffix.as_slice()].concat();
    let first = [
        tlv(0xDF22, plan.birth.as_bytes()),
        tlv(0xDF23, plan.sex.to_string().as_bytes()),
        tlv(0xDF24, &public_key(card)?),
    ];
    let second = [tlv(0xDF25, &drawing::line(&plan.name)), tlv(0xDF26, &drawing::line(&plan.address))];
    let third = tlv(0xDF27, &photo);
    // Three digests in one DigestInfo, which no library signs: the block is made here.
    let digests: Vec<u8> = [first.concat(), second.concat(), third.clone()]
        .iter()
        .flat_map(|part| digest(HashAlgorithm::Sha256, &[part]))
        .collect();
    let mut block = vec![0x00, 0x01];
    block.resize(256 - 1 - 19 - digests.len(), 0xFF);
    block.push(0x00);
    block.extend_from_slice(&THREE_DIGESTS);
    block.extend_from_slice(&digests);
    let signature = signer.rsa_private(&block, &mut SystemRandom::new())?;
    let rest = [
        third,
        tlv(0xDF28, &signature),
        tlv(0xDF29, plan.expiry.as_bytes()),
        tlv(0xDF2A, &drawing::line(&plan.security_code)),
    ];
    Ok(with_offsets(&first.into_iter().chain(second).chain(rest).collect::<Vec<_>>()))
}

/// Surface EF 0005: the Individual Number as an image.
pub(super) fn number_image(plan: &CardPlan, signer: &SigningKey, card: &SigningKey) -> Result<Vec<u8>, IssuerError> {
    let signed = [tlv(0xDF41, &drawing::line(&plan.individual_number)), tlv(0xDF42, &public_key(card)?)].concat();
    let signature = tlv(0xDF43, &sign(signer, &signed)?);
    Ok(tlv(0xFF40, &[signed, signature].concat()))
}

/// Text EF 0001: the Individual Number, and filling up to the file's size.
pub(super) fn number(plan: &CardPlan) -> Vec<u8> {
    [tlv(0xFF10, plan.individual_number.as_bytes()), vec![0xFF, 0xFF]].concat()
}

/// Text EF 0002.
pub(super) fn attributes(plan: &CardPlan) -> Vec<u8> {
    with_offsets(&[
        tlv(0xDF22, plan.name.as_bytes()),
        tlv(0xDF23, plan.address.as_bytes()),
        tlv(0xDF24, plan.birth.as_bytes()),
        tlv(0xDF25, plan.sex.to_string().as_bytes()),
    ])
}

/// Text EF 0003: digests of the whole file of the number and of the four items without their table of offsets.
pub(super) fn digests(number: &[u8], attributes: &[u8], signer: &SigningKey) -> Result<Vec<u8>, IssuerError> {
    // FF20, its length and the table: 2 + 1 or more + 11; the table names the first object.
    let start = attributes
        .windows(2)
        .position(|pair| pair == [0xDF, 0x22])
        .ok_or(IssuerError::Signing(SigningError::MessageTooLong))?;
    let items = attributes.get(start..).unwrap_or_default();
    let signed =
        [tlv(0xDF31, &digest(HashAlgorithm::Sha256, &[number])), tlv(0xDF32, &digest(HashAlgorithm::Sha256, &[items]))]
            .concat();
    let signature = tlv(0xDF33, &sign(signer, &signed)?);
    Ok(tlv(0xFF30, &[signed, signature].concat()))
}

/// Text EF 0007.
pub(super) fn card_key(card: &SigningKey, signer: &SigningKey) -> Result<Vec<u8>, IssuerError> {
    let signed = tlv(0xDF51, &public_key(card)?);
    let signature = tlv(0xDF52, &sign(signer, &signed)?);
    Ok(tlv(0xFF50, &[signed, signature].concat()))
}

/// FF20 around the objects and, first, DF21: where each of them begins in the file, in sixteen bits.
fn with_offsets(objects: &[Vec<u8>]) -> Vec<u8> {
    let table = |at: usize| {
        let mut next = at;
        let mut table = Vec::new();
        for object in objects {
            table.extend_from_slice(&u16::try_from(next).unwrap_or(u16::MAX).to_be_bytes());
            next += object.len();
        }
        tlv(0xDF21, &table)
    };
    let table_length = table(0).len();
    let body: usize = table_length + objects.iter().map(Vec::len).sum::<usize>();
    let header = tlv(0xFF20, &vec![0; body]).len() - body;
    tlv(0xFF20, &[table(header + table_length), objects.concat()].concat())
}

/// Objects 90 (exponent) and 91 (modulus).
fn public_key(key: &SigningKey) -> Result<Vec<u8>, IssuerError> {
    match key.public() {
        PublicKey::Rsa(rsa) => Ok([tlv(0x90, rsa.exponent()), tlv(0x91, rsa.modulus())].concat()),
        PublicKey::Ec(_) => Err(SigningError::KeyMismatch.into()),
    }
}

fn sign(key: &SigningKey, message: &[u8]) -> Result<Vec<u8>, IssuerError> {
    Ok(key.sign(&SignatureScheme::RsaPkcs1(HashAlgorithm::Sha256), message, &mut SystemRandom::new())?)
}

/// The drawing of the test holder in grey, as small as a card holds it.
const PORTRAIT: &[u8] = include_bytes!("../../../assets/portrait-grey.jp2");

/// DigestInfo of SHA-256 with 96 bytes, up to them.
const THREE_DIGESTS: [u8; 19] =
    [0x30, 0x71, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x60];
