//! The test issuer: its own country signing CA, document signer and passports. Names and state (Utopia, UTO / UT) say everywhere
//! that nothing here is real, and nothing here verifies but against the certificate this issuer exports.

mod certificate;
mod cms;
mod key_info;
mod lds;
mod mrz;
mod passport;

pub use mrz::{Holder, check_digit};
pub use passport::{ChipPlan, PassportPlan};

use chip_crypto::curve::{CurveError, NamedCurve};
use chip_crypto::hash::HashAlgorithm;
use chip_crypto::random::SeededRandom;
use chip_crypto::signature::{SigningError, SigningKey};

use certificate::{Certificate, Role};
pub(crate) use lds::{atr_info, card_access};

/// How a test PKI is made. The same plan makes the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PkiPlan {
    pub seed: u64,
    /// Two-letter state in every name; `UT` is Utopia.
    pub country: String,
    pub csca_curve: NamedCurve,
    pub signer_curve: NamedCurve,
    pub hash: HashAlgorithm,
    /// Writes the curve's parameters out, as Doc 9303-12 asks and nearly every state does; otherwise names the curve.
    pub explicit_parameters: bool,
    pub csca_validity: Validity,
    pub signer_validity: Validity,
    /// UTCTime of the signingTime attribute, `YYMMDDHHMMSSZ`.
    pub signing_time: String,
}

/// A validity period in UTCTime, `YYMMDDHHMMSSZ`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validity {
    pub not_before: String,
    pub not_after: String,
}

impl Validity {
    /// Takes both ends as UTCTime.
    #[must_use]
    pub fn new(not_before: &str, not_after: &str) -> Self {
        Self { not_before: not_before.to_owned(), not_after: not_after.to_owned() }
    }
}

impl Default for PkiPlan {
    fn default() -> Self {
        Self {
            seed: 1,
            country: "UT".to_owned(),
            csca_curve: NamedCurve::Secp384r1,
            signer_curve: NamedCurve::Secp256r1,
            hash: HashAlgorithm::Sha256,
            explicit_parameters: true,
            csca_validity: Validity::new("240101000000Z", "400101000000Z"),
            signer_validity: Validity::new("250101000000Z", "360101000000Z"),
            signing_time: "250601090000Z".to_owned(),
        }
    }
}

/// A country signing CA with one document signer and one master list signer.
pub struct TestPki {
    plan: PkiPlan,
    csca: Certificate,
    csca_key: SigningKey,
    signer: Certificate,
    signer_key: SigningKey,
}

/// Why the test issuer could not issue.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    #[error("a key could not be made")]
    Curve(#[from] CurveError),
    #[error("a signature could not be made")]
    Signing(#[from] SigningError),
    #[error("a key in a MODP group could not be made")]
    Modp(#[from] chip_crypto::modp::ModpError),
    #[error("no randomness")]
    Random(#[from] chip_crypto::random::RandomError),
    #[error("a name or number does not fit the machine readable zone")]
    MrzField,
}

impl TestPki {
    /// Makes CA and document signer.
    ///
    /// # Errors
    /// Keys or signatures that cannot be made.
    pub fn generate(plan: &PkiPlan) -> Result<Self, IssuerError> {
        let mut random = SeededRandom::new(plan.seed);
        let csca_key = SigningKey::generate_ec(plan.csca_curve, &mut random)?;
        let signer_key = SigningKey::generate_ec(plan.signer_curve, &mut random)?;
        let csca = Certificate::issue(plan, Role::Csca, None, &csca_key, &csca_key, &mut random)?;
        let signer = Certificate::issue(plan, Role::DocumentSigner, Some(&csca), &csca_key, &signer_key, &mut random)?;
        Ok(Self { plan: plan.clone(), csca, csca_key, signer, signer_key })
    }

    /// The CA's certificate, DER: what a trust store needs to know this issuer.
    #[must_use]
    pub fn csca_certificate(&self) -> &[u8] {
        &self.csca.der
    }

    /// The document signer's certificate, DER.
    #[must_use]
    pub fn signer_certificate(&self) -> &[u8] {
        &self.signer.der
    }

    /// The plan the issuer was made from.
    #[must_use]
    pub fn plan(&self) -> &PkiPlan {
        &self.plan
    }

    /// A CMS master list (Doc 9303-12, 9) with this CA alone, signed by a master list signer of this CA.
    ///
    /// # Errors
    /// Signatures that cannot be made.
    pub fn master_list(&self) -> Result<Vec<u8>, IssuerError> {
        let mut random = SeededRandom::new(self.plan.seed ^ 0x4D4C);
        let key = SigningKey::generate_ec(self.plan.signer_curve, &mut random)?;
        let signer = Certificate::issue(
            &self.plan,
            Role::MasterListSigner,
            Some(&self.csca),
            &self.csca_key,
            &key,
            &mut random,
        )?;
        cms::master_list(&self.plan, &[&self.csca.der], &signer, &key, &self.csca, &mut random)
    }

    /// Signs data groups into an EF.SOD (Doc 9303-10, 4.6.2).
    ///
    /// # Errors
    /// A signature that cannot be made.
    pub fn security_object(&self, data_groups: &[(u8, &[u8])]) -> Result<Vec<u8>, IssuerError> {
        let mut random = SeededRandom::new(self.plan.seed ^ 0x534F44);
        cms::security_object(&self.plan, data_groups, &self.signer, &self.signer_key, &mut random)
    }

    /// Signs SecurityInfos into an EF.CardSecurity (Doc 9303-11, 9.2.11).
    ///
    /// # Errors
    /// A signature that cannot be made.
    pub fn card_security(&self, infos: &[u8]) -> Result<Vec<u8>, IssuerError> {
        let mut random = SeededRandom::new(self.plan.seed ^ 0x4353_4543);
        cms::card_security(&self.plan, infos, &self.signer, &self.signer_key, &mut random)
    }
}
