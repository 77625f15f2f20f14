//! The test issuers of My Number cards: roots of the JPKI kind, signers of card-verifiable certificates, and one invented holder.
//! Every name says that it is a test; nothing here verifies but against what is exported with it.

mod certificate;
mod signed_files;

use chip_crypto::signature::{PublicKey, SigningKey};

use super::contents::{CardSecret, Contents, Kind};
use super::keys::KeyOf;
use super::tree::{Application, Location};
use crate::issuer::{IssuerError, Validity};
use certificate::{Leaf, LeafPlan};
use signed_files::CvKey;

/// What is printed in and on one card.
#[derive(Clone, Debug)]
pub struct CardPlan {
    pub name: String,
    pub address: String,
    /// YYYYMMDD.
    pub birth: String,
    /// `1` male, `2` female.
    pub sex: char,
    /// YYYYMMDD.
    pub expiry: String,
    /// Four digits.
    pub security_code: String,
    /// Twelve digits.
    pub individual_number: String,
    /// Bytes behind the portrait, which make another photo of it.
    pub photo_suffix: Vec<u8>,
    pub text_pin: String,
    pub user_pin: String,
    pub signature_password: String,
    /// Name in the signature certificate, when it is not the one of the text.
    pub certificate_name: Option<String>,
    /// Which characters of that name are substitutes, a `0` or `1` each.
    pub name_substitutes: Option<String>,
    pub certificate_validity: Validity,
    pub root_validity: Validity,
    /// Which of the two roots of one name issues the user certificate.
    pub second_generation: bool,
    /// Puts the user certificate where the signature certificate belongs.
    pub user_for_signature: bool,
    /// Bytes before the template of the text, as on some cards.
    pub lead: Vec<u8>,
}

impl Default for CardPlan {
    fn default() -> Self {
        Self {
            name: "見本　花子".to_owned(),
            address: "架空県見本市試験町一丁目１番１号".to_owned(),
            birth: "19900203".to_owned(),
            sex: '2',
            expiry: "20350203".to_owned(),
            security_code: "0007".to_owned(),
            individual_number: "123456789018".to_owned(),
            photo_suffix: Vec::new(),
            text_pin: "1234".to_owned(),
            user_pin: "5678".to_owned(),
            signature_password: "SPECIMEN1".to_owned(),
            certificate_name: None,
            name_substitutes: None,
            certificate_validity: Validity::new("250203000000Z", "300203145959Z"),
            root_validity: Validity::new("230101000000Z", "330101000000Z"),
            second_generation: false,
            user_for_signature: false,
            lead: Vec::new(),
        }
    }
}

impl CardPlan {
    /// 照合番号B as printed: birth date in the era, year of expiry, security code.
    #[must_use]
    pub fn number_b(&self) -> String {
        let (year, month_day) = self.birth.split_at(4);
        let year: u32 = year.parse().unwrap_or(0);
        let first = match Era::of(&self.birth) {
            Era::Showa => 1926,
            Era::Heisei => 1989,
            Era::Reiwa => 2019,
        };
        let expiry_year = self.expiry.get(..4).unwrap_or_default();
        format!("{:02}{month_day}{expiry_year}{}", year + 1 - first, self.security_code)
    }
}

/// Eras from 1926 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Era {
    Showa,
    Heisei,
    Reiwa,
}

impl Era {
    /// The era of a day, YYYYMMDD.
    fn of(day: &str) -> Self {
        if day >= "20190501" {
            Self::Reiwa
        } else if day >= "19890108" {
            Self::Heisei
        } else {
            Self::Showa
        }
    }
}

/// What an operator imports to judge the cards.
#[derive(Clone, Debug)]
pub struct TrustMaterial {
    /// Roots of user certificates, DER: two of one name.
    pub user_roots: [Vec<u8>; 2],
    /// Root of signature certificates, DER.
    pub signature_root: Vec<u8>,
    /// Keys that sign card-verifiable certificates, in the JSON form in which such keys are collected.
    pub cv_keys: String,
}

/// A card and what verifies it.
#[derive(Clone)]
pub struct Issued {
    pub contents: Contents,
    pub trust: TrustMaterial,
}

/// Names of the test keys that sign card-verifiable certificates: seven digits as the real ones have, none of which is theirs.
const SURFACE_ISSUER: &str = "9900023";
const TEXT_ISSUER: &str = "9900033";

/// Issues one card.
///
/// # Errors
/// A key or signature that cannot be made.
pub fn issue(plan: &CardPlan) -> Result<Issued, IssuerError> {
    let surface_issuer = CvKey::new(SURFACE_ISSUER, KeyOf::SurfaceIssuer.key()?);
    let text_issuer = CvKey::new(TEXT_ISSUER, KeyOf::TextIssuer.key()?);
    let surface_signer = CvKey::new("9913221", KeyOf::SurfaceSigner.key()?);
    let text_signer = CvKey::new("9913231", KeyOf::TextSigner.key()?);
    let (surface_key, text_key) = (KeyOf::SurfaceCard.key()?, KeyOf::TextCard.key()?);

    let at = Location::new;
    let (surface, text, jpki) = (Application::Surface, Application::Text, Application::Jpki);
    let mut contents = Contents { name: super::SPECIMEN.to_owned(), kind: Kind::Card, ..Contents::default() };
    let files = &mut contents.files;
    files.insert(at(surface, 0x0001), signed_files::age(plan, &surface_signer.key, &surface_key)?);
    files.insert(at(surface, 0x0002), signed_files::face(plan, &surface_signer.key, &surface_key)?);
    files.insert(at(surface, 0x0004), surface_issuer.certify(&surface_signer)?);
    files.insert(at(surface, 0x0005), signed_files::number_image(plan, &surface_signer.key, &surface_key)?);
    let number = signed_files::number(plan);
    let attributes = signed_files::attributes(plan);
    files.insert(at(text, 0x0003), signed_files::digests(&number, &attributes, &text_signer.key)?);
    files.insert(at(text, 0x0001), number);
    files.insert(at(text, 0x0002), [plan.lead.clone(), attributes].concat());
    files.insert(at(text, 0x0004), text_issuer.certify(&text_signer)?);
    files.insert(at(text, 0x0007), signed_files::card_key(&text_key, &text_signer.key)?);
    files.insert(at(Application::ResidentRecord, 0x0002), b"\x01\x0B12345678901".to_vec());

    let cv_keys = cv_keys_json(&[(&surface_issuer.name, &surface_issuer.key), (&text_issuer.name, &text_issuer.key)]);
    let trust = certificates(plan, files, cv_keys)?;

    for (location, value, tries) in [
        (at(surface, 0x0011), plan.number_b().get(..6).unwrap_or_default().to_owned(), 10),
        (at(surface, 0x0012), plan.number_b(), 10),
        (at(surface, 0x0013), plan.individual_number.clone(), 10),
        (at(text, 0x0011), plan.text_pin.clone(), 3),
        (at(text, 0x0014), plan.individual_number.clone(), 10),
        (at(text, 0x0015), plan.number_b(), 10),
        (at(jpki, 0x0018), plan.user_pin.clone(), 3),
        (at(jpki, 0x001B), plan.signature_password.clone(), 5),
        (at(Application::ResidentRecord, 0x001C), plan.text_pin.clone(), 3),
    ] {
        contents.secrets.insert(location, CardSecret::new(&value, tries));
    }
    for (location, key) in [
        (at(surface, 0x001A), surface_key),
        (at(text, 0x0013), text_key),
        (at(jpki, 0x0017), KeyOf::User.key()?),
        (at(jpki, 0x001A), KeyOf::Signature.key()?),
    ] {
        contents.keys.insert(location, key);
    }
    Ok(Issued { contents, trust })
}

/// The four certificates of the authentication application, and its token information.
fn certificates(
    plan: &CardPlan,
    files: &mut std::collections::BTreeMap<Location, Vec<u8>>,
    cv_keys: String,
) -> Result<TrustMaterial, IssuerError> {
    let root_key = if plan.second_generation { KeyOf::UserRootTwo } else { KeyOf::UserRoot }.key()?;
    let signature_root_key = KeyOf::SignatureRoot.key()?;
    let user_roots = [
        certificate::root(Leaf::User, &KeyOf::UserRoot.key()?, &plan.root_validity)?,
        certificate::root(Leaf::User, &KeyOf::UserRootTwo.key()?, &plan.root_validity)?,
    ];
    let signature_root = certificate::root(Leaf::Signature, &signature_root_key, &plan.root_validity)?;
    let leaf = |kind, key: KeyOf, issuer: &SigningKey| -> Result<Vec<u8>, IssuerError> {
        certificate::leaf(&LeafPlan { kind, validity: &plan.certificate_validity, holder: plan }, &key.key()?, issuer)
    };
    let user = leaf(Leaf::User, KeyOf::User, &root_key)?;
    let signature = if plan.user_for_signature {
        leaf(Leaf::User, KeyOf::Signature, &root_key)?
    } else {
        leaf(Leaf::Signature, KeyOf::Signature, &signature_root_key)?
    };
    let root = user_roots[usize::from(plan.second_generation)].clone();
    let mut token = b"JPKIAPICCTOKENMADOGUCHI-SPECIMEN".to_vec();
    token.resize(160, b' ');
    for (id, content) in [
        (0x0001, padded(signature)),
        (0x0002, padded(signature_root.clone())),
        (0x000A, padded(user)),
        (0x000B, padded(root)),
    ] {
        files.insert(Location::new(Application::Jpki, id), content);
    }
    files.insert(Location::new(Application::Jpki, 0x0006), token);
    files.insert(Location::new(Application::Jpki, 0x0008), vec![0x8F, 0x8F, 0x00]);
    Ok(TrustMaterial { user_roots, signature_root, cv_keys })
}

/// Certificate files have a fixed size; zeros fill them.
fn padded(mut certificate: Vec<u8>) -> Vec<u8> {
    certificate.resize(certificate.len().max(2000), 0);
    certificate
}

/// Public keys that sign card-verifiable certificates, in the JSON form in which such keys are collected.
#[must_use]
pub fn cv_keys_json<S: AsRef<str>>(keys: &[(S, &SigningKey)]) -> String {
    let keys: Vec<_> = keys
        .iter()
        .filter_map(|(name, key)| match key.public() {
            PublicKey::Rsa(rsa) => Some(serde_json::json!({
                "issuer_key_name": name.as_ref(),
                "hierarchy": "test",
                "used_for": "specimen",
                "exponent_hex": hex::encode(rsa.exponent()),
                "modulus_hex": hex::encode(rsa.modulus()),
            })),
            PublicKey::Ec(_) => None,
        })
        .collect();
    serde_json::json!({ "note": "test keys of the simulated card", "keys": keys }).to_string()
}
