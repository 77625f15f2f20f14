use chip_crypto::hpke::{ENC_LEN, HpkeError, RecipientPrivateKey, RecipientPublicKey};
use chip_crypto::random::{RandomError, SecureRandom};
use zeroize::Zeroizing;

use crate::layout::short_id;

/// The backend's public seal key: after acceptance only its holder can read a session.
#[derive(Clone)]
pub struct SealKey {
    id: [u8; 16],
    key: RecipientPublicKey,
}

impl SealKey {
    /// Parses an uncompressed P-256 point.
    pub fn from_bytes(point: &[u8]) -> Result<Self, HpkeError> {
        let key = RecipientPublicKey::from_bytes(point)?;
        Ok(Self { id: short_id(b"eks1.key", &key.to_bytes()), key })
    }

    /// `recipient_key_id` of the bundle header.
    pub fn id(&self) -> [u8; 16] {
        self.id
    }

    /// The uncompressed point.
    pub fn to_bytes(&self) -> [u8; ENC_LEN] {
        self.key.to_bytes()
    }

    pub(crate) fn recipient(&self) -> &RecipientPublicKey {
        &self.key
    }
}

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The backend's private key that opens bundles. Only the verify worker and an auditor hold it.
pub struct OpenKey(RecipientPrivateKey);

impl OpenKey {
    /// Makes a key pair.
    pub fn make(random: &mut dyn SecureRandom) -> Result<Self, RandomError> {
        let mut ikm = Zeroizing::new([0; 32]);
        random.fill(ikm.as_mut_slice())?;
        Ok(Self(RecipientPrivateKey::derive(&ikm)))
    }

    /// Parses a big-endian scalar.
    pub fn from_bytes(scalar: &[u8]) -> Result<Self, HpkeError> {
        RecipientPrivateKey::from_bytes(scalar).map(Self)
    }

    /// The big-endian scalar.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.0.to_bytes()
    }

    /// The public half.
    pub fn seal_key(&self) -> SealKey {
        let key = self.0.public();
        SealKey { id: short_id(b"eks1.key", &key.to_bytes()), key }
    }

    pub(crate) fn recipient(&self) -> &RecipientPrivateKey {
        &self.0
    }
}

impl std::fmt::Debug for OpenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpenKey(..)")
    }
}
