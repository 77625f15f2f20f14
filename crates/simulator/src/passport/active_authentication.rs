//! Active Authentication, chip side (Doc 9303-11, 6.1).

use std::path::Path;

use apdu::CommandApdu;
use chip_crypto::hash::{HashAlgorithm, digest};
use chip_crypto::random::SecureRandom;
use chip_crypto::signature::{PublicKey, SignatureScheme, SigningKey};

use super::{Answer, PassportCard};
use crate::profile::{AaHash, ActiveKey, ProfileError};

pub(super) struct ActivePrivateKey {
    key: SigningKey,
    hash: AaHash,
    der: bool,
    recorded: Option<Vec<u8>>,
}

impl From<AaHash> for HashAlgorithm {
    fn from(hash: AaHash) -> Self {
        match hash {
            AaHash::Sha1 => Self::Sha1,
            AaHash::Sha224 => Self::Sha224,
            AaHash::Sha256 => Self::Sha256,
            AaHash::Sha384 => Self::Sha384,
            AaHash::Sha512 => Self::Sha512,
        }
    }
}

impl ActivePrivateKey {
    pub(super) fn load(active: &ActiveKey, base: &Path) -> Result<Self, ProfileError> {
        let key = SigningKey::from_pkcs8(&active.pkcs8.bytes(base)?);
        let key = key.map_err(|_| ProfileError::Key("active authentication"))?;
        let recorded = active.recorded.as_ref().map(|challenge| challenge.bytes(base)).transpose()?;
        Ok(Self { key, hash: active.hash, der: active.der, recorded })
    }

    fn respond(&self, challenge: &[u8], random: &mut dyn SecureRandom) -> Option<Vec<u8>> {
        let hash = self.hash;
        let challenge = self.recorded.as_deref().unwrap_or(challenge);
        match self.key.public() {
            PublicKey::Ec(_) if self.der => self.key.sign(&SignatureScheme::Ecdsa(hash.into()), challenge, random).ok(),
            PublicKey::Ec(_) => self.key.sign(&SignatureScheme::EcdsaPlain(hash.into()), challenge, random).ok(),
            PublicKey::Rsa(public) => {
                let length = public.bits().div_ceil(8);
                let mut message = vec![0; length];
                random.fill(&mut message).ok()?;
                let representative = recoverable(message, hash, challenge)?;
                let signature = self.key.rsa_private(&representative, random).ok()?;
                let mut out = vec![0; length.saturating_sub(signature.len())];
                out.extend_from_slice(&signature);
                Some(out)
            }
        }
    }
}

/// Message representative of ISO/IEC 9796-2 scheme 1 with partial recovery: `6A ‖ M1 ‖ H(M1 ‖ M2) ‖ trailer`, where M1 is the
/// random filling already in `out` and M2 the challenge.
fn recoverable(mut out: Vec<u8>, hash: AaHash, challenge: &[u8]) -> Option<Vec<u8>> {
    let trailer: &[u8] = match hash {
        AaHash::Sha1 => &[0xBC],
        AaHash::Sha224 => &[0x38, 0xCC],
        AaHash::Sha256 => &[0x34, 0xCC],
        AaHash::Sha384 => &[0x36, 0xCC],
        AaHash::Sha512 => &[0x35, 0xCC],
    };
    let algorithm = HashAlgorithm::from(hash);
    let end = out.len().checked_sub(trailer.len())?;
    let start = end.checked_sub(algorithm.output_len()).filter(|start| *start > 1)?;
    let code = digest(algorithm, &[out.get(1..start)?, challenge]);
    *out.first_mut()? = 0x6A;
    out.get_mut(start..end)?.copy_from_slice(&code);
    out.get_mut(end..)?.copy_from_slice(trailer);
    Some(out)
}

impl PassportCard {
    /// INTERNAL AUTHENTICATE with a challenge of eight bytes.
    pub(super) fn internal_authenticate(&mut self, command: &CommandApdu) -> Answer {
        let Some(key) = &self.active else {
            return Answer::status(0x6D00);
        };
        if !self.may_read() {
            return Answer::status(0x6982);
        }
        if command.data.len() != 8 {
            return Answer::status(0x6700);
        }
        let Some(response) = key.respond(&command.data, &mut *self.random) else {
            return Answer::status(0x6F00);
        };
        // An answer that does not fit a short response needs extended length (as some issuers' chips do).
        let whole = if command.extended { 65_536 } else { 256 };
        let room = self.state.channel.as_ref().map_or(whole, |channel| channel.plain_room(whole));
        if response.len() > room.min(command.ne.unwrap_or(0) as usize) {
            return Answer::status(0x6700);
        }
        Answer::data(response)
    }
}
