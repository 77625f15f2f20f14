//! Writing and signing the files of a licence.

use std::collections::BTreeMap;

use super::card::Image;
use super::jis::jis;
use super::persona::{Entry, Persona};
use super::pki::SignerPki;
use crate::profile::ProfileError;

/// The photo of every persona: a drawing.
pub(super) const PHOTO: &[u8] = include_bytes!("../../assets/licence-photo.jp2");

/// Makes every file of a persona's card, signed.
pub(super) fn issue(persona: &Persona) -> Result<Image, ProfileError> {
    let mut files = BTreeMap::new();
    files.insert("MF/2F01", common(persona)?);
    files.insert("MF/000A", vec![0x05, 0x01, u8::from(persona.pin1.is_some())]);
    files.insert("DF1/0001", padded(face(persona)?, 880)?);
    files.insert("DF1/0002", padded(field(0x41, &jis(&persona.domicile).map_err(|_| TEXT)?), 82)?);
    files.insert("DF1/0003", padded(gaiji(persona, 1..=2, 0x47)?, 264)?);
    files.insert("DF1/0004", padded(changes(persona)?, 640)?);
    files.insert("DF1/0005", padded(gaiji(persona, 3..=7, 0x9E)?, 663)?);
    files.insert("DF1/0006", padded(field(0xAA, &[0x11]), 256)?);
    let photo = match persona.without_photo {
        true => Vec::new(),
        false => [&[0x5F, 0x40, 0x82][..], &(PHOTO.len() as u16).to_be_bytes(), PHOTO].concat(),
    };
    files.insert("DF2/0001", padded(photo, 2005)?);
    let signed = ["DF1/0001", "DF1/0002", "DF2/0001"].map(|name| files.get(name).cloned().unwrap_or_default()).concat();
    let pki = SignerPki::test()?;
    let signature = [
        field(0xB1, &pki.sign(&signed)?),
        field(0xB2, b"4711"),
        field(0xB3, b""),
        field(0xB4, b"Madoguchi Test Licence Signer"),
        field(0xB5, b"Madoguchi Test Licence Signer"),
        field(0xB6, &pki.key_id()),
    ];
    files.insert("DF1/0007", padded(signature.concat(), 578)?);
    super::change_bytes(persona, |file, offset, xor| {
        let changed = files.iter_mut().find(|(name, _)| **name == file);
        if let Some(byte) = changed.and_then(|(_, bytes)| bytes.get_mut(offset)) {
            *byte ^= xor;
        }
    });
    Ok(Image { files })
}

fn common(persona: &Persona) -> Result<Vec<u8>, ProfileError> {
    let dates = [&persona.issued, &persona.expires].map(hex::decode);
    let [Ok(issued), Ok(expires)] = dates else { return Err(ProfileError::Text("a day of the common data")) };
    let value = [persona.version.as_bytes(), &issued, &expires].concat();
    Ok([field(0x45, &value), field(0x46, &[0, 0])].concat())
}

/// Fields 11 to 33 in their order; one that is not given is empty, a class that is not held all zeros.
fn face(persona: &Persona) -> Result<Vec<u8>, ProfileError> {
    let mut file = field(0x11, &[0x01]);
    for tag in 0x12..=0x33_u8 {
        let text = persona.fields.get(&format!("{tag:02X}")).map(String::as_str);
        let value = match (tag, text) {
            (0x22..=0x33, None) => b"0000000".to_vec(),
            (_, None) => Vec::new(),
            (0x16 | 0x18 | 0x19 | 0x1B | 0x21..=0x33, Some(text)) => text.as_bytes().to_vec(),
            (_, Some(text)) => jis(text).map_err(|_| TEXT)?,
        };
        file.extend(field(tag, &value));
    }
    Ok(file)
}

fn changes(persona: &Persona) -> Result<Vec<u8>, ProfileError> {
    let mut file = field(0x50, &[0x11]);
    for (tag, Entry { date, text, commission }) in &persona.changes {
        let tag = u8::from_str_radix(tag, 16).map_err(|_| ProfileError::Text("a tag of a change"))?;
        let wide: String = date.chars().filter_map(|c| char::from_u32(u32::from(c) + 0xFEE0)).collect();
        let parts = [jis(&wide), jis(text), jis(commission)];
        let [Ok(date), Ok(text), Ok(commission)] = parts else { return Err(TEXT) };
        file.extend(field(tag, &[&[0x01][..], &date, &text, &commission].concat()));
    }
    Ok(file)
}

fn gaiji(persona: &Persona, numbers: std::ops::RangeInclusive<u8>, before: u8) -> Result<Vec<u8>, ProfileError> {
    let mut file = if before == 0x9E { field(0xA0, &[0x11]) } else { Vec::new() };
    for number in numbers {
        let Some(text) = persona.gaiji.get(&number.to_string()) else { continue };
        let value = match text.strip_prefix("dots:") {
            Some(byte) => {
                let byte = u8::from_str_radix(byte, 16).map_err(|_| ProfileError::Text("dots"))?;
                [&[0x20][..], &[byte; 128]].concat()
            }
            None => hex::decode(text).map_err(|_| ProfileError::Text("an external character"))?,
        };
        file.extend(field(before + number, &value));
    }
    Ok(file)
}

/// One byte of tag, and lengths as `xx`, `81 xx` and `82 xx xx`.
fn field(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match value.len() {
        length @ ..0x80 => out.push(length as u8),
        length @ 0x80..=0xFF => out.extend([0x81, length as u8]),
        length => {
            out.push(0x82);
            out.extend((length as u16).to_be_bytes());
        }
    }
    out.extend_from_slice(value);
    out
}

fn padded(mut file: Vec<u8>, size: usize) -> Result<Vec<u8>, ProfileError> {
    if file.len() > size {
        return Err(ProfileError::Text("more than the card has room for: a field"));
    }
    file.resize(size, 0xFF);
    Ok(file)
}

const TEXT: ProfileError = ProfileError::Text("a field outside JIS X 0208; it");
