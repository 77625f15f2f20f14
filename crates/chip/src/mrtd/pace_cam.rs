//! Chip authentication mapping of PACE (Doc 9303-11, 4.4.3.5): the chip shows that the key it mapped with is its static key.

use chip_crypto::block::{CipherError, cbc_decrypt, ecb_encrypt_block, unpad};
use chip_crypto::curve::{CurveError, PrivateScalar, shared_point};
use chip_crypto::mac;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::pace::SessionKeys;
use super::pace_group::{GroupError, PaceGroup, Public};
use super::public_key::AgreementKey;
use super::security_info::{ChipAuthenticationPublicKeyInfo, PaceCipher, PaceInfo};

/// One run, as far as it is needed to compute it again without the password. The private keys are spent: the channel they made is
/// closed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaceCamTranscript {
    /// Number among the standardized domain parameters.
    pub parameter_id: u8,
    /// Cipher of the protocol that was asked for.
    pub cipher: PaceCipher,
    /// The nonce s, decrypted.
    pub nonce: Vec<u8>,
    /// Our ephemeral private key of the mapping.
    pub mapping_private: Vec<u8>,
    /// The chip's mapping data: PK_Map,IC.
    pub mapping_response: Vec<u8>,
    /// Our ephemeral private key for the mapped generator.
    pub agreement_private: Vec<u8>,
    /// The chip's ephemeral public key.
    pub agreement_response: Vec<u8>,
    /// The chip's authentication token.
    pub token: Vec<u8>,
    /// The chip's encrypted chip authentication data.
    pub encrypted_data: Vec<u8>,
}

impl std::fmt::Debug for PaceCamTranscript {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PaceCamTranscript({}, {:?}, ..)", self.parameter_id, self.cipher)
    }
}

/// Why a transcript proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PaceCamError {
    /// A recorded number is no element of the group.
    #[error(transparent)]
    Group(#[from] GroupError),
    /// The recorded token does not belong to the recorded keys.
    #[error("the recorded token belongs to other keys")]
    TokenInvalid,
    /// The chip's data do not decrypt to a number.
    #[error("the chip authentication data are malformed: {0}")]
    Data(#[from] CipherError),
    /// EF.CardSecurity holds no key on the curve of the mapping.
    #[error("EF.CardSecurity holds no key for the mapping")]
    NoKey,
    /// The chip did not map with its static key.
    #[error("the chip did not map with the key in EF.CardSecurity")]
    KeyMismatch,
}

/// Computes a run again and checks PK_Map,IC = KA(CA_IC, PK_IC, D_IC) (Doc 9303-11, 4.4.3.5.2) for the keys of EF.CardSecurity.
/// Returns the key that holds.
///
/// Says nothing about whose keys they are: that is passive authentication's part.
///
/// # Errors
/// See [`PaceCamError`].
pub fn verify<'k>(
    keys: &'k [ChipAuthenticationPublicKeyInfo],
    transcript: &PaceCamTranscript,
) -> Result<&'k ChipAuthenticationPublicKeyInfo, PaceCamError> {
    let data = chip_authentication_data(transcript)?;
    let mut last = PaceCamError::NoKey;
    for info in keys {
        // A key with another name or in another group is for another protocol.
        let Ok(AgreementKey::Ec(point)) = info.key() else { continue };
        if point.curve() != data.curve() || !names(info, transcript.parameter_id) {
            continue;
        }
        let mapped = shared_point(&data, &point).map_err(GroupError::from)?;
        if mapped.as_uncompressed() == transcript.mapping_response {
            return Ok(info);
        }
        last = PaceCamError::KeyMismatch;
    }
    Err(last)
}

/// The key of the mapping is named after its domain parameters (Doc 9303-11, 9.2.6 and the documents of DE and FI), or not at all.
fn names(info: &ChipAuthenticationPublicKeyInfo, parameter_id: u8) -> bool {
    match info.key_id.as_deref() {
        None => true,
        Some([0, rest @ ..]) if !rest.is_empty() => rest == [parameter_id],
        Some(id) => id == [parameter_id],
    }
}

/// CA_IC, out of a run whose every step is computed again.
fn chip_authentication_data(transcript: &PaceCamTranscript) -> Result<PrivateScalar, PaceCamError> {
    let info = PaceInfo::chip_authentication_mapping(transcript.parameter_id, transcript.cipher);
    let group = info.group()?;
    let PaceGroup::Curve(curve) = group else {
        return Err(GroupError::from(CurveError::UnknownParameterId(transcript.parameter_id)).into());
    };
    let mapping_key = group.public(&transcript.mapping_response)?;
    let generator = group.map_generic(&transcript.nonce, &group.private(&transcript.mapping_private)?, &mapping_key)?;
    let own = group.private(&transcript.agreement_private)?;
    let own_public: Public = generator.public(&own)?;
    let theirs = group.public(&transcript.agreement_response)?;
    let keys = SessionKeys::derive(transcript.cipher, &own.agree(&theirs)?);
    if !mac::equal(&keys.token(&info, group, own_public.encode())?, &transcript.token) {
        return Err(PaceCamError::TokenInvalid);
    }
    let cipher = transcript.cipher.symmetric();
    // Doc 9303-11, 4.4.3.5.4: the IV is the encryption of −1, padding method 2 around the integer.
    let iv = ecb_encrypt_block(cipher, &keys.enc, &vec![0xFF; cipher.block_len()])?;
    let padded = Zeroizing::new(cbc_decrypt(cipher, &keys.enc, &iv, &transcript.encrypted_data)?);
    let data = unpad(&padded, cipher.block_len())?;
    Ok(PrivateScalar::from_bytes(curve, data).map_err(GroupError::from)?)
}
