//! The test issuer of residence cards: two authorities of its own and a card signer under each. Its names say TEST ONLY, and
//! nothing it signs verifies but against the certificates it exports.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chip_crypto::curve::NamedCurve;
use chip_crypto::hash::{HashAlgorithm, digest};
use chip_crypto::random::{SecureRandom, SeededRandom};
use chip_crypto::signature::{PublicKey, SignatureScheme, SigningKey};

use super::FACE_JP2;
use super::persona::Persona;
use super::picture::{Picture, tiff};
use super::profile::ResidenceProfile;
use crate::der;
use crate::issuer::{IssuerError, Validity};
use crate::profile::Content;

const CA_KEY: &[u8] = include_bytes!("../../assets/residence-test-ca.pk8");
const SIGNER_KEY: &[u8] = include_bytes!("../../assets/residence-test-signer.pk8");
const TRANSPORT_KEY: &[u8] = include_bytes!("../../assets/residence-test-transport.pk8");

/// Lengths the images are padded to before they are signed.
const FRONT_IMAGE: usize = 7000;
const FACE: usize = 3000;
const NAME_IMAGE: usize = 2500;
const ITEMS: usize = 53;

/// What a first-generation signature is over: implementations differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedOver {
    /// The images padded with NUL to their greatest lengths.
    Padded,
    /// The images as they are stored.
    AsStored,
}

/// How the authorities and cards are made. The same plan makes the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerPlan {
    pub seed: u64,
    /// Takes other keys under the same names: authorities nobody knows.
    pub stranger: bool,
    pub authority_validity: Validity,
    pub signer_validity: Validity,
    /// Writes NULL parameters with ECDSA, as real card certificates do.
    pub null_parameters: bool,
    pub signed_over: SignedOver,
    /// Stores images of the first generation padded, as some cards do.
    pub stored_padded: bool,
    /// Takes this for the front or name image instead of a drawing.
    pub scan: Option<Vec<u8>>,
    /// Takes this for the face instead of the test portrait.
    pub face: Option<Vec<u8>>,
}

impl Default for IssuerPlan {
    fn default() -> Self {
        Self {
            seed: 1,
            stranger: false,
            authority_validity: Validity::new("240101000000Z", "400101000000Z"),
            signer_validity: Validity::new("250601000000Z", "360101000000Z"),
            null_parameters: true,
            signed_over: SignedOver::Padded,
            stored_padded: false,
            scan: None,
            face: None,
        }
    }
}

struct Signer {
    certificate: Vec<u8>,
    key: SigningKey,
}

/// An authority of each generation with one card signer.
pub struct ResidencePki {
    plan: IssuerPlan,
    authorities: [Vec<u8>; 2],
    first: Signer,
    second: Signer,
}

impl ResidencePki {
    /// Makes both authorities and signers.
    ///
    /// # Errors
    /// Keys or signatures that cannot be made.
    pub fn generate(plan: &IssuerPlan) -> Result<Self, IssuerError> {
        let mut random = SeededRandom::new(plan.seed ^ (u64::from(plan.stranger) << 32) ^ 0x5243);
        let rsa_ca = SigningKey::from_pkcs8(if plan.stranger { TRANSPORT_KEY } else { CA_KEY })?;
        let rsa_signer = SigningKey::from_pkcs8(SIGNER_KEY)?;
        let ec_ca = SigningKey::generate_ec(NamedCurve::Secp384r1, &mut random)?;
        let ec_signer = SigningKey::generate_ec(NamedCurve::Secp384r1, &mut random)?;
        let first = "Madoguchi Test ZairyuCard CA";
        let second = "Madoguchi Test ZairyuCard CA2";
        let make = |issuer: (&str, &SigningKey), subject: Option<&SigningKey>, random: &mut SeededRandom| {
            certificate(plan, issuer, subject, random)
        };
        Ok(Self {
            authorities: [make((first, &rsa_ca), None, &mut random)?, make((second, &ec_ca), None, &mut random)?],
            first: Signer { certificate: make((first, &rsa_ca), Some(&rsa_signer), &mut random)?, key: rsa_signer },
            second: Signer { certificate: make((second, &ec_ca), Some(&ec_signer), &mut random)?, key: ec_signer },
            plan: plan.clone(),
        })
    }

    /// The authorities' certificates, DER: of the first and of the second generation.
    #[must_use]
    pub fn authorities(&self) -> [&[u8]; 2] {
        [&self.authorities[0], &self.authorities[1]]
    }

    /// The public half of the key combined cards take session keys under: an RSA-2048 modulus.
    ///
    /// # Errors
    /// None with the built-in key.
    pub fn transport_key(&self) -> Result<Vec<u8>, IssuerError> {
        match SigningKey::from_pkcs8(TRANSPORT_KEY)?.public() {
            PublicKey::Rsa(key) => Ok(key.modulus().to_vec()),
            PublicKey::Ec(_) => Err(IssuerError::Signing(chip_crypto::signature::SigningError::KeyMismatch)),
        }
    }

    /// Issues a persona's card.
    ///
    /// # Errors
    /// Signatures that cannot be made.
    pub fn issue(&self, persona: &Persona) -> Result<ResidenceProfile, IssuerError> {
        let files = if persona.is_first() { self.first_files(persona)? } else { self.second_files(persona)? };
        let master = [
            ("MF/0A", der::tlv(0xC1, persona.card_type.as_bytes())),
            ("MF/0B", der::tlv(0xC0, if persona.is_first() { b"0001" } else { b"0002" })),
        ];
        let files: BTreeMap<String, Content> =
            files.into_iter().chain(master).map(|(place, bytes)| (place.to_owned(), Content::of(&bytes))).collect();
        Ok(ResidenceProfile {
            name: persona.name.clone(),
            card_type: persona.card_type.clone(),
            card_number: persona.card_number.clone(),
            files,
            // JPKI and 券面事項確認AP: a combined card is a My Number card.
            applications: if persona.is_combined() {
                vec!["D392F000260100000001".to_owned(), "D3921000310001010402".to_owned()]
            } else {
                Vec::new()
            },
            transport: persona.is_combined().then(|| Content::of(TRANSPORT_KEY)),
            extended: true,
            max_read: None,
            atr: None,
            faults: Vec::new(),
            seed: None,
            base: PathBuf::new(),
        })
    }

    fn first_files(&self, persona: &Persona) -> Result<Vec<(&'static str, Vec<u8>)>, IssuerError> {
        let lines: Vec<&str> = persona.name_lines.iter().map(String::as_str).collect();
        let drawn = || tiff(&Picture::new(856, 540).with_text(&lines, 4));
        let front = self.plan.scan.clone().unwrap_or_else(drawn);
        let face = self.face(persona);
        let (front, face) = if self.plan.stored_padded && persona.photo {
            (padded(&front, FRONT_IMAGE), padded(&face, FACE))
        } else {
            (front, face)
        };
        let message = match self.plan.signed_over {
            SignedOver::Padded => [padded(&front, FRONT_IMAGE), padded(&face, FACE)].concat(),
            SignedOver::AsStored => [front.clone(), face.clone()].concat(),
        };
        let signature =
            self.first.key.sign(&SignatureScheme::RsaPkcs1(HashAlgorithm::Sha256), &message, &mut self.random())?;
        let mut files = vec![
            ("DF1/05", der::tlv(0xD0, &front)),
            ("DF1/06", der::tlv(0xD1, &face)),
            (
                "DF2/01",
                [
                    der::tlv(0xD2, persona.address_entered.as_bytes()),
                    der::tlv(0xD3, persona.municipality.as_bytes()),
                    der::tlv(0xD4, &padded(persona.address.as_bytes(), 320)),
                ]
                .concat(),
            ),
            // The certificate's field has 1,200 bytes, NUL after the certificate.
            ("DF3/02", [der::tlv(0xDA, &signature), der::tlv(0xDB, &padded(&self.first.certificate, 1200))].concat()),
        ];
        if !persona.is_special() {
            files.extend([
                ("DF2/02", der::tlv(0xD5, &padded(persona.blanket_permission.as_bytes(), 120))),
                ("DF2/03", der::tlv(0xD6, &padded(persona.individual_permission.as_bytes(), 120))),
                ("DF2/04", der::tlv(0xD7, if persona.renewal_pending { b"1" } else { b"0" })),
            ]);
        }
        Ok(files)
    }

    fn second_files(&self, persona: &Persona) -> Result<Vec<(&'static str, Vec<u8>)>, IssuerError> {
        let mut items: Vec<(u32, Vec<u8>)> = vec![
            (0xC5, persona.expiry.clone().into_bytes()),
            (0xC6, persona.birth.clone().into_bytes()),
            (0xC7, persona.sex.clone().into_bytes()),
            (0xC8, persona.nationality.clone().into_bytes()),
            (0xC9, padded(persona.status.as_bytes(), 10)),
            (0xCE, persona.period_of_stay.clone().into_bytes()),
        ];
        if !persona.is_special() {
            items.extend([
                (0xCA, persona.permission.clone().into_bytes()),
                (0xCB, persona.permission_date.clone().into_bytes()),
                (0xCC, persona.work_restriction.clone().into_bytes()),
                (0xCD, persona.end_of_stay.clone().into_bytes()),
            ]);
        }
        let file: Vec<u8> = items.iter().flat_map(|(tag, value)| der::tlv(*tag, value)).collect();
        let values: Vec<u8> = items.into_iter().flat_map(|(_, value)| value).collect();
        let text = |lines: &[String], width: u16, height: u16, scale: usize| {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            padded(&tiff(&Picture::new(width, height).with_text(&lines, scale)), NAME_IMAGE)
        };
        let drawn = || text(&persona.name_lines, 640, 64, 4);
        let name = self.plan.scan.as_ref().map_or_else(drawn, |scan| padded(scan, NAME_IMAGE));
        let address = text(&persona.address_lines, 640, 96, 3);
        let face = if persona.photo { padded(&self.face(persona), FACE) } else { Vec::new() };
        let message = [padded(&values, ITEMS), padded(&face, FACE), name.clone()].concat();
        let scheme = SignatureScheme::EcdsaPlain(HashAlgorithm::Sha256);
        let signature = self.second.key.sign(&scheme, &message, &mut self.random())?;
        let detail = der::tlv(0xDE, &padded(persona.individual_permission.as_bytes(), 200));
        let mut files = vec![
            ("DF1/01", der::tlv(0xC2, persona.card_number.as_bytes())),
            ("DF1/03", file),
            ("DF1/04", [der::tlv(0xD0, &name), der::tlv(0xD1, &face)].concat()),
            ("DF1/06", der::tlv(0xDFD1, &address)),
            ("DF2/03", [der::tlv(0xD9, b"00"), detail].concat()),
            // 704 bytes: DC with its 96, DD with the rest, NUL after the certificate.
            ("DF3/02", [der::tlv(0xDC, &signature), der::tlv(0xDD, &padded(&self.second.certificate, 602))].concat()),
        ];
        if !persona.is_special() {
            let blanket = if persona.blanket_permission.is_empty() { "0" } else { &persona.blanket_permission };
            files.extend([
                (
                    "DF2/01",
                    [der::tlv(0xD5, blanket.as_bytes()), der::tlv(0xD6, b"00000000"), der::tlv(0xD7, &[0; 7])].concat(),
                ),
                ("DF2/02", der::tlv(0xD8, if persona.renewal_pending { b"1" } else { b"0" })),
            ]);
        }
        Ok(files)
    }

    fn face(&self, persona: &Persona) -> Vec<u8> {
        if persona.photo { self.plan.face.clone().unwrap_or_else(|| FACE_JP2.to_vec()) } else { Vec::new() }
    }

    fn random(&self) -> SeededRandom {
        SeededRandom::new(self.plan.seed ^ 0x5349_474E)
    }
}

fn padded(value: &[u8], length: usize) -> Vec<u8> {
    let mut out = value.to_vec();
    out.resize(length.max(value.len()), 0);
    out
}

/// A card signer's certificate, or without a subject key the authority's own.
fn certificate(
    plan: &IssuerPlan,
    (authority, authority_key): (&str, &SigningKey),
    subject: Option<&SigningKey>,
    random: &mut SeededRandom,
) -> Result<Vec<u8>, IssuerError> {
    let mut serial = [0; 8];
    random.fill(&mut serial)?;
    serial[0] = serial[0] & 0x3F | 0x40;
    let (algorithm, scheme) = match authority_key {
        SigningKey::Rsa(_) => (
            der::sequence(&[der::oid(&[1, 2, 840, 113_549, 1, 1, 11]), der::tlv(0x05, &[])]),
            SignatureScheme::RsaPkcs1(HashAlgorithm::Sha256),
        ),
        SigningKey::Ec(_) => {
            let mut parts = vec![der::oid(&[1, 2, 840, 10045, 4, 3, 2])];
            if plan.null_parameters {
                parts.push(der::tlv(0x05, &[]));
            }
            (der::sequence(&parts), SignatureScheme::Ecdsa(HashAlgorithm::Sha256))
        }
    };
    let validity = if subject.is_some() { &plan.signer_validity } else { &plan.authority_validity };
    let subject_name = if subject.is_some() { "Madoguchi Test Card Signer" } else { authority };
    let body = der::sequence(&[
        der::constructed(0xA0, &[der::integer(2)]),
        der::unsigned(&serial),
        algorithm.clone(),
        name(authority),
        der::sequence(&[der::utc_time(&validity.not_before), der::utc_time(&validity.not_after)]),
        name(subject_name),
        public_key_info(subject.unwrap_or(authority_key)),
        der::constructed(0xA3, &[der::sequence(&extensions(subject, authority_key))]),
    ]);
    let signature = authority_key.sign(&scheme, &body, random)?;
    Ok(der::sequence(&[body, algorithm, der::bits(&signature)]))
}

fn name(common: &str) -> Vec<u8> {
    let part = |arc: u32, value: Vec<u8>| der::constructed(0x31, &[der::sequence(&[der::oid(&[2, 5, 4, arc]), value])]);
    der::sequence(&[
        part(6, der::printable("UT")),
        part(10, der::utf8("Madoguchi Test PKI")),
        part(11, der::utf8("TEST ONLY")),
        part(3, der::utf8(common)),
    ])
}

fn public_key_info(key: &SigningKey) -> Vec<u8> {
    match key.public() {
        PublicKey::Rsa(key) => {
            let numbers = der::sequence(&[der::unsigned(key.modulus()), der::unsigned(key.exponent())]);
            let algorithm = der::sequence(&[der::oid(&[1, 2, 840, 113_549, 1, 1, 1]), der::tlv(0x05, &[])]);
            der::sequence(&[algorithm, der::bits(&numbers)])
        }
        PublicKey::Ec(point) => {
            let curve = crate::passport::curve_oid(point.curve());
            let algorithm = der::sequence(&[der::oid(&[1, 2, 840, 10045, 2, 1]), curve]);
            der::sequence(&[algorithm, der::bits(&point.to_uncompressed())])
        }
    }
}

fn extensions(subject: Option<&SigningKey>, authority_key: &SigningKey) -> Vec<Vec<u8>> {
    let key_id = |key: &SigningKey| digest(HashAlgorithm::Sha1, &[&public_key_info(key)]);
    let critical =
        |arcs: &[u32], value: Vec<u8>| der::sequence(&[der::oid(arcs), der::boolean_true(), der::octets(&value)]);
    let plain = |arcs: &[u32], value: Vec<u8>| der::sequence(&[der::oid(arcs), der::octets(&value)]);
    let own = plain(&[2, 5, 29, 14], der::octets(&key_id(subject.unwrap_or(authority_key))));
    match subject {
        None => vec![
            own,
            // keyCertSign and cRLSign
            critical(&[2, 5, 29, 15], der::named_bits(1, &[0x06])),
            critical(&[2, 5, 29, 19], der::sequence(&[der::boolean_true(), der::integer(0)])),
        ],
        // The certificate's field has 602 bytes: no more than is needed.
        Some(_) => vec![critical(&[2, 5, 29, 15], der::named_bits(7, &[0x80]))],
    }
}
