//! Whom the judgement of a My Number card trusts: roots of the JPKI and keys that certify the signers of card data.

use std::collections::BTreeSet;

use chip::my_number::cv_certificate::KeyId;
use chip_crypto::hash::{self, HashAlgorithm};
use chip_crypto::signature::{PublicKey, RsaPublicKey};
use serde::Deserialize;

use crate::certificate::{Certificate, CertificateError};
use crate::store::hex;
use crate::verdict::TrustBundleInfo;

/// SHA-256 of the root certificates J-LIS published: user authentication and digital signature of 2015, 2019 and 2023.
pub const PUBLISHED_ROOTS: [&str; 6] = [
    "4dcfc4ca0aaf9fb2a3081b3f0c991c320b3acc008667a341eeaec5af1d58ca7d",
    "0d98de47fc11b7f67126874b7028b6026a803d2638d6edfe53176953961fade6",
    "64114f29620c24ed2631d46476a040e7ee740d956089c00b036a6a8118c322b5",
    "19645405a1fe14377434bd55957628ac4038557c542403a2243f21c706fc9355",
    "79679c33e4cc9319440f1ad120a597ff1844e2ef217063adb176966fd5e6fbeb",
    "d227f6cde11d35c5252178f106f843d24651944975413b539fa2fb68dbfa365f",
];

/// Most roots and most keys an import may bring.
const MOST: usize = 64;

/// Which cards are judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Hierarchy {
    /// Cards of citizens. Roots and keys of test cards are refused, pinned or not.
    #[default]
    Production,
    /// Test cards as well: for QA alone.
    Test,
}

/// Why a root or key was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustInputError {
    #[error("the certificate cannot be read: {0}")]
    Certificate(CertificateError),
    /// The operator's fingerprint and the certificate's differ.
    #[error("the certificate is not the one with the fingerprint that was given")]
    Fingerprint,
    #[error("the certificate is no self-signed root")]
    NotARoot,
    #[error("test certificates and keys are not trusted for cards of citizens")]
    TestHierarchy,
    #[error("the list of keys cannot be read")]
    Keys,
    #[error("more roots or keys than any issuer has")]
    TooMany,
}

/// A key that certifies signers of card data.
#[derive(Debug, Clone)]
struct CvIssuer {
    /// Seven digits.
    name: String,
    test: bool,
    key: PublicKey,
}

/// Roots and keys, as an operator imported them.
#[derive(Debug, Clone, Default)]
pub struct MyNumberTrust {
    hierarchy: Hierarchy,
    roots: Vec<Certificate>,
    cv_issuers: Vec<CvIssuer>,
}

/// Keys as `cv-ca-keys.json` lists them. No official publication of these keys was found: before production they are to be
/// confirmed with J-LIS, which is why they are imported and not compiled in.
#[derive(Deserialize)]
struct KeyList {
    keys: Vec<KeyEntry>,
}

#[derive(Deserialize)]
struct KeyEntry {
    issuer_key_name: String,
    hierarchy: String,
    exponent_hex: String,
    modulus_hex: String,
}

impl MyNumberTrust {
    /// Trusts nobody yet.
    #[must_use]
    pub fn new(hierarchy: Hierarchy) -> Self {
        Self { hierarchy, ..Self::default() }
    }

    #[must_use]
    pub fn hierarchy(&self) -> Hierarchy {
        self.hierarchy
    }

    /// SHA-256 of a certificate, in hexadecimal: what an operator compares with what the issuer published.
    #[must_use]
    pub fn fingerprint(der: &[u8]) -> String {
        hex(&hash::digest(HashAlgorithm::Sha256, &[der]))
    }

    /// Takes a root certificate (DER) whose SHA-256 the operator vouches for.
    ///
    /// # Errors
    /// Another certificate than was vouched for, no root, or one of the test hierarchy where citizens' cards are judged.
    pub fn add_root(&mut self, der: &[u8], fingerprint: &str) -> Result<(), TrustInputError> {
        let root = Certificate::parse(der).map_err(TrustInputError::Certificate)?;
        if !fingerprint.eq_ignore_ascii_case(&hex(&root.sha256())) {
            return Err(TrustInputError::Fingerprint);
        }
        if !root.may_issue() || !root.is_self_issued() || root.verify_issued_by(&root).is_err() {
            return Err(TrustInputError::NotARoot);
        }
        if self.hierarchy == Hierarchy::Production && root.subject().says_test() {
            return Err(TrustInputError::TestHierarchy);
        }
        if self.roots.len() >= MOST {
            return Err(TrustInputError::TooMany);
        }
        if !self.roots.iter().any(|known| known.sha256() == root.sha256()) {
            self.roots.push(root);
        }
        Ok(())
    }

    /// Takes the keys of a list in JSON and gives how many of them are trusted: those of the test hierarchy are passed over where
    /// citizens' cards are judged.
    ///
    /// # Errors
    /// A list that is none, or holds a key that cannot be used. Nothing of it is taken then.
    pub fn add_cv_keys(&mut self, json: &[u8]) -> Result<usize, TrustInputError> {
        let list: KeyList = serde_json::from_slice(json).map_err(|_| TrustInputError::Keys)?;
        if list.keys.len() + self.cv_issuers.len() > MOST {
            return Err(TrustInputError::TooMany);
        }
        let mut taken = Vec::new();
        for entry in list.keys {
            let (modulus, exponent) = (bytes(&entry.modulus_hex)?, bytes(&entry.exponent_hex)?);
            let key = RsaPublicKey::new(&modulus, &exponent).map_err(|_| TrustInputError::Keys)?;
            let issuer = CvIssuer {
                // Test cards name their issuers 6… where cards of citizens have 5…
                test: entry.hierarchy != "production" || entry.issuer_key_name.starts_with('6'),
                name: entry.issuer_key_name,
                key: PublicKey::Rsa(key),
            };
            if self.hierarchy == Hierarchy::Test || !issuer.test {
                taken.push(issuer);
            }
        }
        let count = taken.len();
        self.cv_issuers.extend(taken);
        Ok(count)
    }

    pub(super) fn knows_cv_issuers(&self) -> bool {
        !self.cv_issuers.is_empty()
    }

    /// The keys of an issuer's name.
    pub(super) fn cv_keys(&self, issuer: &KeyId) -> impl Iterator<Item = &PublicKey> {
        let name = issuer.name().to_vec();
        self.cv_issuers.iter().filter(move |known| known.name.as_bytes() == name).map(|known| &known.key)
    }

    /// The root whose key made a certificate's signature. All generations have one name, so the key decides: first the one the
    /// certificate identifies, then any.
    pub(super) fn issuer_of(&self, certificate: &Certificate) -> Option<&Certificate> {
        // RFC 5280, 4.1.1.2: the unsigned statement of the algorithm is that of the signed part.
        if !certificate.algorithms_agree() {
            return None;
        }
        let named = certificate.extensions().authority_key_id.as_ref();
        let is_named = |root: &&Certificate| named.is_some() && root.extensions().subject_key_id.as_ref() == named;
        let (first, rest): (Vec<_>, Vec<_>) = self.roots.iter().partition(is_named);
        first.into_iter().chain(rest).find(|root| certificate.verify_issued_by(root).is_ok())
    }

    /// Names what is trusted; keys and roots have no date of their own.
    pub(super) fn describe(&self) -> TrustBundleInfo {
        let parts: BTreeSet<Vec<u8>> = self
            .roots
            .iter()
            .map(|root| root.sha256().to_vec())
            .chain(self.cv_issuers.iter().map(|issuer| match &issuer.key {
                PublicKey::Rsa(key) => key.modulus().to_vec(),
                PublicKey::Ec(point) => point.to_uncompressed(),
            }))
            .collect();
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        let digest = hash::digest(HashAlgorithm::Sha256, &parts);
        TrustBundleInfo {
            version: hex(digest.get(..8).unwrap_or_default()),
            built_at: None,
            age_days: None,
            stale: false,
        }
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, TrustInputError> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return Err(TrustInputError::Keys);
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    digits
        .chunks_exact(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect::<Option<_>>()
        .ok_or(TrustInputError::Keys)
}
