//! What a simulated residence card holds, as a JSON file QA can write by hand, and folders of raw files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chip_crypto::random::{SecureRandom, SeededRandom, SystemRandom};
use serde::{Deserialize, Serialize};

use super::card::ResidenceCard;
use super::issuer::{IssuerPlan, ResidencePki};
use super::persona::{PERSONAS, Persona};
use crate::fault::{Fault, FaultyCard};
use crate::profile::Content;
use crate::{ProfileError, SimulatedCard};

/// The content of one simulated residence card. Files that are not listed do not exist on the card.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct ResidenceProfile {
    /// A short name, shown by QA tools.
    pub name: String,
    /// Which protocol and access rules: `1`, `2`, `05` to `08`. MF/EF02 is a file of its own and may say something else.
    pub card_type: String,
    pub card_number: String,
    /// Files by directory and short identifier in hex: `MF/0A`, `DF1/05`.
    pub files: BTreeMap<String, Content>,
    /// Applications that can be selected besides, with nothing in them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub applications: Vec<String>,
    /// The private key combined cards take session keys with, PKCS #8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transport: Option<Content>,
    /// Accepts READ BINARY with extended lengths; otherwise answers 6700.
    #[serde(default = "yes")]
    pub extended: bool,
    /// Most bytes one READ BINARY yields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_read: Option<usize>,
    /// Answer to reset in hex; a contactless one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub atr: Option<String>,
    /// Scripted faults. `changed-byte` names a file as above.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
    /// Seed of the card's random numbers; the system's randomness when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Folder that relative paths start from.
    #[serde(skip)]
    pub base: PathBuf,
}

fn yes() -> bool {
    true
}

/// Finds a residence card by persona name, by folder of raw files, or by JSON file; `None` for anything that is none.
///
/// # Errors
/// A residence card that cannot be made.
pub fn find(text: &str) -> Result<Option<ResidenceProfile>, ProfileError> {
    if PERSONAS.contains(&text) {
        let pki = ResidencePki::generate(&IssuerPlan::default())?;
        return Ok(Some(pki.issue(&Persona::built_in(text)?)?));
    }
    let path = Path::new(text);
    if path.is_dir() {
        return if path.join("mf-ef02.bin").is_file() && path.join("df3-ef01.bin").is_file() {
            ResidenceProfile::from_directory(path).map(Some)
        } else {
            Ok(None)
        };
    }
    let Ok(json) = std::fs::read_to_string(path) else { return Ok(None) };
    let value: serde_json::Value = serde_json::from_str(&json)?;
    if value.get("card_number").is_none() {
        return Ok(None);
    }
    let base = path.parent().unwrap_or(Path::new("."));
    if value.get("name_lines").is_some() {
        let persona: Persona = serde_json::from_value(value)?;
        return Ok(Some(ResidencePki::generate(&IssuerPlan::default())?.issue(&persona)?));
    }
    let mut profile: ResidenceProfile = serde_json::from_value(value)?;
    base.clone_into(&mut profile.base);
    Ok(Some(profile))
}

impl ResidenceProfile {
    /// Makes a profile of a folder of raw files of the second generation, `mf-ef01.bin` to `df3-ef01.bin`, with `expected.json`
    /// for the card number.
    ///
    /// # Errors
    /// A missing or malformed `expected.json`.
    pub fn from_directory(folder: &Path) -> Result<Self, ProfileError> {
        #[derive(Deserialize)]
        struct Expected {
            card_number: String,
        }
        const FILES: [(&str, &str); 10] = [
            ("MF/0B", "mf-ef01.bin"),
            ("MF/0A", "mf-ef02.bin"),
            ("DF1/01", "df1-ef01.bin"),
            ("DF1/03", "df1-ef02.bin"),
            ("DF1/04", "df1-ef03.bin"),
            ("DF1/06", "df1-ef04.bin"),
            ("DF2/01", "df2-ef01.bin"),
            ("DF2/02", "df2-ef02.bin"),
            ("DF2/03", "df2-ef03.bin"),
            ("DF3/02", "df3-ef01.bin"),
        ];
        let path = folder.join("expected.json");
        let text = std::fs::read_to_string(&path).map_err(|source| ProfileError::Read { path, source })?;
        let expected: Expected = serde_json::from_str(&text)?;
        let there = |name: &str| folder.join(name).is_file().then(|| Content::Path(PathBuf::from(name)));
        Ok(Self {
            name: folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            card_type: "05".to_owned(),
            card_number: expected.card_number,
            files: FILES.into_iter().filter_map(|(place, name)| Some((place.to_owned(), there(name)?))).collect(),
            applications: Vec::new(),
            transport: None,
            extended: true,
            max_read: None,
            atr: None,
            faults: Vec::new(),
            seed: None,
            base: folder.to_owned(),
        })
    }

    /// The bytes of a file by its place.
    ///
    /// # Errors
    /// No such file, or one that cannot be read.
    pub fn file(&self, place: &str) -> Result<Vec<u8>, ProfileError> {
        self.files.get(place).ok_or_else(|| ProfileError::FileId(place.to_owned()))?.bytes(&self.base)
    }

    /// Puts other bytes in the place of a file.
    #[must_use]
    pub fn with_file(mut self, place: &str, bytes: &[u8]) -> Self {
        self.files.insert(place.to_owned(), Content::of(bytes));
        self
    }

    /// Adds a fault.
    #[must_use]
    pub fn with_fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Makes the card with its faults, ready to be placed on a reader.
    ///
    /// # Errors
    /// A profile that cannot become a card.
    pub fn place(&self) -> Result<Box<dyn SimulatedCard>, ProfileError> {
        let random: Box<dyn SecureRandom + Send> = match self.seed {
            Some(seed) => Box::new(SeededRandom::new(seed)),
            None => Box::new(SystemRandom::new()),
        };
        Ok(Box::new(FaultyCard::new(ResidenceCard::new(self, random)?, self.faults.clone())))
    }
}
