//! LDIF files of the ICAO public key directory (RFC 2849): the binary attributes this product imports.

use base64::Engine as _;

use crate::import::ImportError;

/// What one attribute holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    MasterList,
    Certificate,
    RevocationList,
}

/// Collects the attributes that hold lists and certificates, decoded, in file order.
pub(crate) fn values(text: &str) -> Result<Vec<(Kind, Vec<u8>)>, ImportError> {
    let mut found = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let Some((attribute, first)) = line.split_once("::") else { continue };
        let Some(kind) = kind(attribute) else { continue };
        let mut encoded = first.trim().to_owned();
        // RFC 2849: a line that starts with one space continues the one before.
        while let Some(more) = lines.next_if(|line| line.starts_with(' ')) {
            encoded.push_str(more.trim());
        }
        found.push((kind, decode(&encoded)?));
    }
    Ok(found)
}

fn kind(attribute: &str) -> Option<Kind> {
    let name = attribute.split(';').next().unwrap_or_default();
    [
        ("pkdMasterListContent", Kind::MasterList),
        ("CscaMasterListData", Kind::MasterList),
        ("userCertificate", Kind::Certificate),
        ("cACertificate", Kind::Certificate),
        ("certificateRevocationList", Kind::RevocationList),
    ]
    .into_iter()
    .find(|(known, _)| name.eq_ignore_ascii_case(known))
    .map(|(_, kind)| kind)
}

/// Decodes base64 that may be broken into lines.
pub(crate) fn decode(encoded: &str) -> Result<Vec<u8>, ImportError> {
    let joined: String = encoded.split_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(joined).map_err(|_| ImportError::Base64)
}

/// Whether a text looks like LDIF.
pub(crate) fn is_ldif(text: &str) -> bool {
    text.lines().take(64).any(|line| line.starts_with("dn:") || line.starts_with("version:"))
}
