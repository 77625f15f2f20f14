//! Every test card under one name: built-in ones, files and folders, of any document.

use crate::issuer::{PkiPlan, TestPki};
use crate::residence::{IssuerPlan, ResidencePki, ResidenceProfile};
use crate::{BUILT_IN, Fault, Profile, ProfileError, SimulatedCard, licence, my_number, residence};

/// A test card that can be placed any number of times, new each time.
pub enum TestCard {
    Passport(Profile),
    Licence(licence::Persona),
    MyNumber(Box<my_number::Contents>, Vec<Fault>),
    Residence(Box<ResidenceProfile>),
}

impl TestCard {
    /// Names of all built-in cards.
    pub fn built_in() -> impl Iterator<Item = &'static str> {
        let others = licence::BUILT_IN.into_iter().chain([my_number::SPECIMEN]).chain(residence::PERSONAS);
        BUILT_IN.into_iter().chain(others)
    }

    /// Finds a card by built-in name, by JSON file, or by folder of raw files.
    ///
    /// # Errors
    /// Nothing of that name, or a file that is no card.
    pub fn find(text: &str) -> Result<Self, ProfileError> {
        if let Some(persona) = licence::find(text)? {
            return Ok(Self::Licence(persona));
        }
        if let Some((contents, faults)) = my_number::find(text)? {
            return Ok(Self::MyNumber(Box::new(contents), faults));
        }
        if let Some(profile) = residence::find(text)? {
            return Ok(Self::Residence(Box::new(profile)));
        }
        Profile::find(text).map(Self::Passport)
    }

    /// Adds faults to whatever the card has.
    #[must_use]
    pub fn with_faults(mut self, faults: Vec<Fault>) -> Self {
        match &mut self {
            Self::Passport(profile) => profile.faults.extend(faults),
            Self::Licence(persona) => persona.faults.extend(faults),
            Self::MyNumber(_, own) => own.extend(faults),
            Self::Residence(profile) => profile.faults.extend(faults),
        }
        self
    }

    /// The card's own name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Passport(profile) => &profile.name,
            Self::Licence(persona) => &persona.name,
            Self::MyNumber(contents, _) => &contents.name,
            Self::Residence(profile) => &profile.name,
        }
    }

    /// Makes the card, ready to be placed on a reader.
    ///
    /// # Errors
    /// Contents that cannot become a card.
    pub fn place(&self) -> Result<Box<dyn SimulatedCard>, ProfileError> {
        match self {
            Self::Passport(profile) => crate::place(profile),
            Self::Licence(persona) => licence::place(persona),
            Self::MyNumber(contents, faults) => Ok(my_number::place((**contents).clone(), faults.clone())),
            Self::Residence(profile) => profile.place(),
        }
    }
}

/// What verifies the built-in cards: the kind of each issuer as operators name it (`csca`, `licence`, `jpki`, `cv`, `residence`),
/// and its certificate or list of keys.
///
/// # Errors
/// A key or signature that cannot be made.
pub fn test_issuers() -> Result<Vec<(&'static str, Vec<u8>)>, ProfileError> {
    let passports = TestPki::generate(&PkiPlan::default())?;
    let cards = my_number::issue(&my_number::CardPlan::default())?.trust;
    let residence = ResidencePki::generate(&IssuerPlan::default())?;
    let mut issuers = vec![
        ("csca", passports.csca_certificate().to_vec()),
        ("licence", licence::signer_certificate()?),
        ("cv", cards.cv_keys.into_bytes()),
        ("jpki", cards.signature_root),
    ];
    issuers.extend(cards.user_roots.into_iter().map(|root| ("jpki", root)));
    issuers.extend(residence.authorities().map(|authority| ("residence", authority.to_vec())));
    Ok(issuers)
}
