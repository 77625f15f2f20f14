//! What a simulated passport holds: files, keys, access and oddities, as a JSON file QA can write by hand.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::fault::{Fault, StatusText};

/// The content of one simulated passport. Files that are not listed do not exist on the card.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// A short name, shown by QA tools.
    pub name: String,
    /// How the contents are protected.
    pub access: Access,
    /// Files of the master file by file identifier in hex (`011C` is EF.CardAccess, `2F01` EF.ATR/INFO).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub master_files: BTreeMap<String, Content>,
    /// Files of the eMRTD application by file identifier in hex (`011E` EF.COM, `011D` EF.SOD, `0101` DG1 …).
    #[serde(default)]
    pub files: BTreeMap<String, Content>,
    /// Private keys of Active Authentication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<ActiveKey>,
    /// Private keys of Chip Authentication.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chip: Vec<ChipKey>,
    /// Static key of PACE with chip authentication mapping, PKCS #8 on the mapping's curve; its public half stands in EF.CardSecurity
    /// (file `011D` of the master file).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping_key: Option<Content>,
    /// Legal oddities of the chip.
    #[serde(default)]
    pub quirks: Quirks,
    /// Scripted faults, in no order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
    /// Seed of the card's random numbers; the system's randomness when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Folder that relative paths start from; the folder of the profile file.
    #[serde(skip)]
    pub base: PathBuf,
}

/// Bytes, written out or lying in a file beside the profile.
#[derive(Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// Hexadecimal digits; white space is ignored.
    Hex(String),
    /// Base64 with padding.
    Base64(String),
    /// A path, relative to the profile file.
    Path(PathBuf),
}

/// Access control of the chip (Doc 9303-11, 4).
#[derive(Clone, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// The machine readable zone, lines separated by a line feed; taken from DG1 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mrz: Option<String>,
    /// Card access number for PACE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub can: Option<String>,
    /// Whether Basic Access Control is offered.
    #[serde(default)]
    pub bac: bool,
    /// The PACE variants the chip answers to; EF.CardAccess is a file of its own and may say something else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pace: Vec<PaceVariant>,
    /// Leaves everything readable without access control (plain access, as the oldest passports).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub open: bool,
}

/// One variant of PACE (Doc 9303-11, 9.2.1 and 9.5.1).
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct PaceVariant {
    pub cipher: Cipher,
    /// Standardised domain parameters: 0 to 2 are the MODP groups, 8 to 18 the curves.
    pub parameter_id: u8,
    #[serde(default)]
    pub mapping: Mapping,
}

impl PaceVariant {
    /// A variant with generic mapping.
    #[must_use]
    pub const fn generic(cipher: Cipher, parameter_id: u8) -> Self {
        Self { cipher, parameter_id, mapping: Mapping::Generic }
    }
}

/// How PACE maps the nonce (Doc 9303-11, 4.4.3.3).
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub enum Mapping {
    #[default]
    #[serde(rename = "generic")]
    Generic,
    #[serde(rename = "integrated")]
    Integrated,
    /// Needs the profile's `mapping_key`.
    #[serde(rename = "chip-authentication")]
    ChipAuthentication,
}

/// Symmetric cipher of a channel, spelt for JSON.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub enum Cipher {
    #[serde(rename = "3des")]
    TripleDes,
    #[serde(rename = "aes-128")]
    Aes128,
    #[serde(rename = "aes-192")]
    Aes192,
    #[serde(rename = "aes-256")]
    Aes256,
}

/// Private key of Active Authentication, PKCS #8.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct ActiveKey {
    pub pkcs8: Content,
    #[serde(default)]
    pub hash: AaHash,
    /// Writes ECDSA signatures as DER instead of plain, as some chips do.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub der: bool,
    /// Signs this challenge whatever the terminal asks: a copy that repeats an answer it once heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Content>,
}

/// Hash of Active Authentication: SHA-1 for RSA trailer BC, others for ECDSA and trailer xxCC.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub enum AaHash {
    #[default]
    #[serde(rename = "sha-1")]
    Sha1,
    #[serde(rename = "sha-224")]
    Sha224,
    #[serde(rename = "sha-256")]
    Sha256,
    #[serde(rename = "sha-384")]
    Sha384,
    #[serde(rename = "sha-512")]
    Sha512,
}

/// Private key of Chip Authentication.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct ChipKey {
    /// Key identifier of DG14, when the document has several keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<u8>,
    pub cipher: Cipher,
    /// PKCS #8: EC with a named curve or explicit parameters, or Diffie-Hellman in a MODP group.
    pub pkcs8: Content,
}

/// Legal behaviours that differ between chips in the field.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// Accepts APDUs in the extended form; otherwise answers 6700.
    pub extended: bool,
    /// Most bytes one READ BINARY yields.
    pub max_read: u32,
    /// What happens to a READ BINARY that asks for more than `max_read`.
    pub excess: Excess,
    /// How a read past the end of a file ends.
    pub file_end: FileEnd,
    /// Answers READ BINARY with a short file identifier; otherwise 6A82.
    pub short_ids: bool,
    /// That 6A82 comes without protection, and the secured channel is gone.
    pub drops_at_short_id: bool,
    /// Which forms of SELECT it understands.
    pub select: SelectForm,
    /// Refuses an extended READ BINARY with an odd Ne with 6700.
    pub even_ne: bool,
    /// Holds every answer with data back until GET RESPONSE fetches it (61xx).
    pub chains_responses: bool,
    /// After a reset neither master file nor application is current, and file commands are answered with this status word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<StatusText>,
    /// Answer to reset; a contactless one with extended length when absent.
    #[serde(with = "hex_option", skip_serializing_if = "Option::is_none")]
    pub atr: Option<Vec<u8>>,
}

/// What a chip does with a READ BINARY that asks for more than it gives.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Excess {
    /// Gives what it can with 9000.
    #[default]
    Shorten,
    /// 6700.
    WrongLength,
    /// 6Cxx with the number it would give.
    CorrectLength,
    /// 6B00 without protection, and the secured channel is gone.
    DropChannel,
}

/// Forms of SELECT a chip understands (ISO/IEC 7816-4, 11.2.2); others it answers with 6A86.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum SelectForm {
    #[default]
    Any,
    /// Only those that ask for file control information.
    WithInformation,
    /// Files only by P1 00, not by P1 02.
    ByAnyId,
}

/// How a chip ends a read past the end of a file.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum FileEnd {
    /// The remaining bytes with 6282.
    #[default]
    Warning,
    /// The remaining bytes with 9000.
    Ok,
    /// No bytes, 6B00.
    Refuse,
    /// No bytes, 6282.
    Empty,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            extended: true,
            max_read: 65_536,
            excess: Excess::default(),
            file_end: FileEnd::default(),
            short_ids: true,
            drops_at_short_id: false,
            select: SelectForm::default(),
            even_ne: false,
            chains_responses: false,
            elsewhere: None,
            atr: None,
        }
    }
}

/// Why a profile cannot become a card.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    #[error("{path} cannot be read")]
    Read {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("the profile is not valid JSON for a passport")]
    Json(#[from] serde_json::Error),
    #[error("{0} is no hexadecimal or base64 text")]
    Text(&'static str),
    #[error("{0} is no file identifier of four hexadecimal digits")]
    FileId(String),
    #[error("the profile has neither a machine readable zone nor a DG1 to take it from")]
    NoMrz,
    #[error("the machine readable zone has a form that is not TD1, TD2 or TD3")]
    MrzForm,
    #[error("PACE domain parameters {0} are not supported")]
    PaceParameters(u8),
    #[error("a private key of the profile cannot be used: {0}")]
    Key(&'static str),
    #[error("there is no built-in profile of this name")]
    UnknownProfile,
    #[error("the test issuer failed")]
    Issuer(#[from] crate::issuer::IssuerError),
}

impl Content {
    /// Wraps bytes as hexadecimal text.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        use base64::Engine as _;
        Self::Base64(base64::engine::general_purpose::STANDARD.encode(bytes))
    }

    /// Yields the bytes; a relative path starts at `base`.
    ///
    /// # Errors
    /// Text that is no hex or base64, a file that cannot be read.
    pub fn bytes(&self, base: &Path) -> Result<Vec<u8>, ProfileError> {
        use base64::Engine as _;
        match self {
            Self::Hex(text) => {
                let digits: String = text.split_whitespace().collect();
                hex::decode(digits).map_err(|_| ProfileError::Text("a hex field"))
            }
            Self::Base64(text) => {
                base64::engine::general_purpose::STANDARD.decode(text).map_err(|_| ProfileError::Text("a base64 field"))
            }
            Self::Path(path) => {
                let path = base.join(path);
                std::fs::read(&path).map_err(|source| ProfileError::Read { path, source })
            }
        }
    }
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Hex(text) => write!(f, "Hex({} digits)", text.len()),
            Self::Base64(text) => write!(f, "Base64({} characters)", text.len()),
            Self::Path(path) => write!(f, "Path({})", path.display()),
        }
    }
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Access(bac {}, pace {:?}, open {})", self.bac, self.pace, self.open)
    }
}

impl Profile {
    /// Reads a profile from a JSON file; relative paths in it start at its folder.
    ///
    /// # Errors
    /// An unreadable file or JSON that is no profile.
    pub fn load(path: &Path) -> Result<Self, ProfileError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ProfileError::Read { path: path.to_owned(), source })?;
        Self::from_json(&text, path.parent().unwrap_or(Path::new(".")))
    }

    /// Reads a profile from JSON text.
    ///
    /// # Errors
    /// JSON that is no profile.
    pub fn from_json(text: &str, base: &Path) -> Result<Self, ProfileError> {
        let mut profile: Self = serde_json::from_str(text)?;
        profile.base = base.to_owned();
        Ok(profile)
    }

    /// Writes the profile as JSON.
    ///
    /// # Errors
    /// A path that is no Unicode text.
    pub fn to_json(&self) -> Result<String, ProfileError> {
        Ok(serde_json::to_string_pretty(self)?)
    }

    /// Returns a built-in profile, a built-in profile's name being one of [`crate::BUILT_IN`].
    ///
    /// # Errors
    /// An unknown name.
    pub fn built_in(name: &str) -> Result<Self, ProfileError> {
        crate::built_in::profile(name)
    }

    /// Finds a profile by built-in name, by folder of raw files, or by JSON file.
    ///
    /// # Errors
    /// As [`Profile::load`] and [`Profile::from_directory`].
    pub fn find(text: &str) -> Result<Self, ProfileError> {
        if crate::BUILT_IN.contains(&text) {
            return Self::built_in(text);
        }
        let path = Path::new(text);
        if path.is_dir() { Self::from_directory(path) } else { Self::load(path) }
    }

    /// Takes every file it refers to into itself, so that its JSON stands alone.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn embed(mut self) -> Result<Self, ProfileError> {
        let base = std::mem::take(&mut self.base);
        let keys =
            self.active.iter_mut().map(|key| &mut key.pkcs8).chain(self.chip.iter_mut().map(|key| &mut key.pkcs8));
        let keys = keys.chain(&mut self.mapping_key);
        for content in self.master_files.values_mut().chain(self.files.values_mut()).chain(keys) {
            *content = Content::of(&content.bytes(&base)?);
        }
        Ok(self)
    }

    /// Adds a fault.
    #[must_use]
    pub fn with_fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }
}

pub(crate) fn file_id(text: &str) -> Result<u16, ProfileError> {
    if text.len() != 4 {
        return Err(ProfileError::FileId(text.to_owned()));
    }
    u16::from_str_radix(text, 16).map_err(|_| ProfileError::FileId(text.to_owned()))
}

mod hex_option {
    use serde::{Deserialize as _, Deserializer, Serializer};

    #[expect(clippy::ref_option, reason = "serde's `with` passes the field by reference")]
    pub fn serialize<S: Serializer>(value: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&value.as_deref().map(hex::encode).unwrap_or_default())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
        let text = String::deserialize(deserializer)?;
        hex::decode(text).map(Some).map_err(serde::de::Error::custom)
    }
}
