//! A folder of raw files as a card: `surface-0004.bin`, `text-0002.bin`, `jpki-000A.bin` … by application and identifier, private
//! keys in PKCS #8 likewise (`surface-001A.p8`), secrets and faults as JSON beside them.

use std::path::Path;

use chip_crypto::signature::SigningKey;
use serde::Deserialize;

use super::contents::{CardSecret, Contents, Kind};
use super::tree::{Application, Location};
use crate::{Fault, ProfileError};

/// `secrets.json`, or the part of that name in `expected.json` of a dump. What is absent is no secret of this card.
#[derive(Default, Deserialize)]
struct Secrets {
    /// 券面事項入力補助用 and 利用者証明用.
    pin: Option<String>,
    user_pin: Option<String>,
    /// 照合番号B.
    b_number: Option<String>,
    /// Birth date of six digits.
    birth_key: Option<String>,
    /// 署名用.
    signature_password: Option<String>,
}

#[derive(Deserialize)]
struct Expected {
    secrets: Secrets,
}

/// Makes the card of a folder; `None` when it holds no file of a My Number card.
pub(super) fn find(folder: &Path) -> Result<Option<(Contents, Vec<Fault>)>, ProfileError> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(None);
    };
    let mut contents = Contents { name: "my number card".to_owned(), ..Contents::default() };
    for entry in entries {
        let path = entry.map_err(|source| ProfileError::Read { path: folder.to_owned(), source })?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some((location, kind)) = location(name) else {
            continue;
        };
        let bytes = std::fs::read(&path).map_err(|source| ProfileError::Read { path: path.clone(), source })?;
        match kind {
            "p8" => {
                let key = SigningKey::from_pkcs8(&bytes).map_err(|_| ProfileError::Key("my number card"))?;
                contents.keys.insert(location, key);
            }
            _ => {
                contents.files.insert(location, bytes);
            }
        }
    }
    if contents.files.is_empty() {
        return Ok(None);
    }
    let secrets = match json::<Secrets>(&folder.join("secrets.json"))? {
        Some(secrets) => secrets,
        None => json::<Expected>(&folder.join("expected.json"))?.map(|expected| expected.secrets).unwrap_or_default(),
    };
    add_secrets(&mut contents, secrets);
    if folder.join("phone").exists() {
        contents.kind = Kind::Phone;
    }
    let faults = json::<Vec<Fault>>(&folder.join("faults.json"))?.unwrap_or_default();
    Ok(Some((contents, faults)))
}

/// Which file a name means: application, identifier of four hexadecimal digits, a remark.
fn location(name: &str) -> Option<(Location, &str)> {
    if name == "jpki-auth-cert.der" {
        return Some((Location::new(Application::Jpki, 0x000A), "bin"));
    }
    let (stem, kind) = name.rsplit_once('.').filter(|(_, kind)| ["bin", "p8"].contains(kind))?;
    let application = Application::ALL.into_iter().find(|known| stem.starts_with(known.word()))?;
    let digits = stem.get(application.word().len()..)?.strip_prefix('-')?.get(..4)?;
    Some((Location::new(application, u16::from_str_radix(digits, 16).ok()?), kind))
}

fn add_secrets(contents: &mut Contents, secrets: Secrets) {
    let Secrets { pin, user_pin, b_number, birth_key, signature_password } = secrets;
    let user_pin = user_pin.or_else(|| pin.clone());
    let rows = [
        (Application::Surface, 0x0011, birth_key, 10),
        (Application::Surface, 0x0012, b_number.clone(), 10),
        (Application::Text, 0x0011, pin, 3),
        (Application::Text, 0x0015, b_number, 10),
        (Application::Jpki, 0x0018, user_pin, 3),
        (Application::Jpki, 0x001B, signature_password, 5),
    ];
    for (application, id, value, tries) in rows {
        if let Some(value) = value {
            contents.secrets.insert(Location::new(application, id), CardSecret::new(&value, tries));
        }
    }
}

fn json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>, ProfileError> {
    if !path.exists() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(path).map_err(|source| ProfileError::Read { path: path.to_owned(), source })?;
    Ok(Some(serde_json::from_str(&text)?))
}
