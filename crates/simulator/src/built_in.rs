//! Profiles that need no file, and folders of raw files as profiles.

use std::path::{Path, PathBuf};

use crate::issuer::{PassportPlan, PkiPlan, TestPki};
use crate::profile::{AaHash, ActiveKey, ChipKey, Cipher, Content, PaceVariant, Profile, ProfileError};

/// Names of the built-in profiles: every protocol; and BAC with Active Authentication only.
pub const BUILT_IN: [&str; 2] = ["specimen", "specimen-bac"];

pub(crate) fn profile(name: &str) -> Result<Profile, ProfileError> {
    let plan = match name {
        "specimen" => PassportPlan::default(),
        "specimen-bac" => {
            PassportPlan { name: name.to_owned(), seed: 2, pace: Vec::new(), chip: None, ..PassportPlan::default() }
        }
        _ => return Err(ProfileError::UnknownProfile),
    };
    Ok(TestPki::generate(&PkiPlan::default())?.issue(&plan)?)
}

impl Profile {
    /// Makes a profile of a folder of raw files named as in the BSI TR-03105-5 reference data set: `EF_COM.bin`, `EF_SOD.bin`,
    /// `Datagroup1.bin` …, `DG14_sk.pkcs8` (Chip Authentication, 3DES), `DG15_sk.pkcs8` (Active Authentication, SHA-1), and
    /// `EF_CardAccess.bin`, `EF_ATR_INFO.bin`. Files that are missing are missing on the card, but for EF.ATR/INFO, which then
    /// states the simulated chip's own limits. BAC is offered; PACE only with [`Profile::with_pace`].
    ///
    /// # Errors
    /// A folder without DG1.
    pub fn from_directory(folder: &Path) -> Result<Self, ProfileError> {
        let mut profile = Self {
            name: folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            base: folder.to_owned(),
            ..Self::default()
        };
        profile.access.bac = true;
        let there = |name: &str| folder.join(name).is_file().then(|| Content::Path(PathBuf::from(name)));
        for (id, name) in [("011E", "EF_COM.bin"), ("011D", "EF_SOD.bin")] {
            if let Some(content) = there(name) {
                profile.files.insert(id.to_owned(), content);
            }
        }
        for number in 1..=16 {
            if let Some(content) = there(&format!("Datagroup{number}.bin")) {
                profile.files.insert(format!("01{number:02X}"), content);
            }
        }
        if let Some(content) = there("EF_CardAccess.bin") {
            profile.master_files.insert("011C".to_owned(), content);
        }
        // A chip that takes extended length fields says so (Doc 9303-10, 3.11.3); the data sets do not come with this file.
        let limits = there("EF_ATR_INFO.bin").unwrap_or_else(|| Content::of(&crate::issuer::atr_info(2048, 0xFFFF)));
        profile.master_files.insert("2F01".to_owned(), limits);
        if let Some(pkcs8) = there("DG15_sk.pkcs8") {
            profile.active = Some(ActiveKey { pkcs8, hash: AaHash::Sha1, der: false, recorded: None });
        }
        if let Some(pkcs8) = there("DG14_sk.pkcs8") {
            profile.chip.push(ChipKey { key_id: None, cipher: Cipher::TripleDes, pkcs8 });
        }
        if profile.files.contains_key("0101") { Ok(profile) } else { Err(ProfileError::NoMrz) }
    }

    /// Offers PACE besides: the variants, and an EF.CardAccess that names them.
    #[must_use]
    pub fn with_pace(mut self, variants: &[PaceVariant], can: Option<&str>) -> Self {
        self.access.pace = variants.to_vec();
        self.access.can = can.map(str::to_owned);
        self.master_files.insert("011C".to_owned(), Content::of(&crate::issuer::card_access(variants)));
        self
    }
}
