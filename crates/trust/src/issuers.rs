//! Everybody who is believed, for every document, in one value.

use chip_crypto::hash::{HashAlgorithm, digest};

use crate::import::{ImportError, import};
use crate::licence::LicenceTrust;
use crate::my_number::{Hierarchy, MyNumberTrust, TrustInputError};
use crate::residence::{AuthorityError, Mode, ResidenceTrust};
use crate::store::{TrustStore, hex};

/// Issuers of all documents, as an operator imported them.
#[derive(Debug, Clone)]
pub struct Issuers {
    pub passports: TrustStore,
    pub licences: LicenceTrust,
    pub my_number: MyNumberTrust,
    pub residence: ResidenceTrust,
}

/// Of which documents somebody is the issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssuerKind {
    /// Country signers of passports and lists of them.
    Csca,
    /// Signers of driver's licences, as the police give their certificates under contract.
    Licence,
    /// Roots of the JPKI.
    Jpki,
    /// Keys that certify the signers of My Number cards.
    Cv,
    /// Authorities of residence cards.
    Residence,
}

impl IssuerKind {
    pub const ALL: [Self; 5] = [Self::Csca, Self::Licence, Self::Jpki, Self::Cv, Self::Residence];

    /// The name operators use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Csca => "csca",
            Self::Licence => "licence",
            Self::Jpki => "jpki",
            Self::Cv => "cv",
            Self::Residence => "residence",
        }
    }

    /// The kind of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Why somebody is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    #[error("the file is not the one with the fingerprint that was given; its SHA-256 is {found}")]
    Fingerprint { found: String },
    #[error(transparent)]
    List(#[from] ImportError),
    #[error(transparent)]
    MyNumber(#[from] TrustInputError),
    #[error(transparent)]
    Residence(#[from] AuthorityError),
}

impl Issuers {
    /// Believes nobody yet; whoever is added is believed about real documents.
    #[must_use]
    pub fn nobody() -> Self {
        TrustStore::empty().into()
    }

    /// Believes nobody yet, and test issuers once they are added: for QA, never about a person.
    #[must_use]
    pub fn nobody_but_tests() -> Self {
        Self {
            my_number: MyNumberTrust::new(Hierarchy::Test),
            residence: ResidenceTrust::new(Mode::Test),
            ..Self::nobody()
        }
    }

    /// Adds a file an operator vouches for by its SHA-256.
    ///
    /// # Errors
    /// Another file than was vouched for, or one that makes nobody believed. Nothing is added then.
    pub fn add_pinned(&mut self, kind: IssuerKind, file: &[u8], sha256: &str) -> Result<(), IssuerError> {
        let digest = digest(HashAlgorithm::Sha256, &[file]);
        let found = hex(&digest);
        if !found.eq_ignore_ascii_case(sha256) {
            return Err(IssuerError::Fingerprint { found });
        }
        match kind {
            IssuerKind::Csca => {
                self.passports.add(import(file)?);
            }
            IssuerKind::Licence => {
                self.licences.signers.add(import(file)?);
            }
            IssuerKind::Jpki => self.my_number.add_root(file, &found)?,
            IssuerKind::Cv => {
                self.my_number.add_cv_keys(file)?;
            }
            IssuerKind::Residence => {
                self.residence.pin(digest.try_into().unwrap_or_default());
                self.residence.add(file)?;
            }
        }
        Ok(())
    }
}

/// Issuers of passports alone.
impl From<TrustStore> for Issuers {
    fn from(passports: TrustStore) -> Self {
        Self {
            passports,
            licences: LicenceTrust::default(),
            my_number: MyNumberTrust::new(Hierarchy::Production),
            residence: ResidenceTrust::new(Mode::Production),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_file_than_was_vouched_for_is_not_taken() {
        let mut issuers = Issuers::nobody();
        for kind in IssuerKind::ALL {
            let error = issuers.add_pinned(kind, b"anything", &"0".repeat(64)).unwrap_err();
            assert!(matches!(error, IssuerError::Fingerprint { .. }));
            let sha256 = hex(&digest(HashAlgorithm::Sha256, &[b"anything"]));
            assert!(issuers.add_pinned(kind, b"anything", &sha256).is_err(), "{kind:?}: vouched for, and nothing");
            assert_eq!(IssuerKind::from_name(kind.name()), Some(kind));
        }
        assert!(issuers.passports.is_empty() && issuers.residence.is_empty());
    }
}
