//! HPKE (RFC 9180) in base mode: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
//!
//! Randomness comes in as the 32 octets of `ikmE`, so a sealing is replayable in a test.

use core::convert::Infallible;

use hpke::aead::{Aead, AesGcm256};
use hpke::kdf::HkdfSha256;
use hpke::kem::{DhP256HkdfSha256, Kem as _};
use hpke::rand_core::{TryCryptoRng, TryRng};
use hpke::{Deserializable, OpModeR, OpModeS, Serializable};
use zeroize::{Zeroize, Zeroizing};

/// `kem_id` of DHKEM(P-256, HKDF-SHA256).
pub const KEM_ID: u16 = 0x0010;
/// `kdf_id` of HKDF-SHA256.
pub const KDF_ID: u16 = 0x0001;
/// `aead_id` of AES-256-GCM.
pub const AEAD_ID: u16 = 0x0002;
/// Octets of an encapsulated key.
pub const ENC_LEN: usize = 65;
/// Octets a ciphertext is longer than its plaintext.
pub const TAG_LEN: usize = 16;

type Kem = DhP256HkdfSha256;
type PublicKeyOf = <Kem as hpke::Kem>::PublicKey;
type PrivateKeyOf = <Kem as hpke::Kem>::PrivateKey;

/// Why an HPKE operation gave nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HpkeError {
    /// The public key is not a point of P-256.
    #[error("recipient key is not a P-256 point")]
    PublicKey,
    /// The private key is not a P-256 scalar.
    #[error("recipient key is not a P-256 scalar")]
    PrivateKey,
    /// The encapsulated key is not a point of P-256.
    #[error("encapsulated key is not a P-256 point")]
    EncapsulatedKey,
    /// Encapsulation failed.
    #[error("encapsulation failed")]
    Encapsulate,
    /// Key, info, associated data or ciphertext is not the sender's.
    #[error("sealed message does not open")]
    Open,
}

/// The recipient's public key.
#[derive(Clone)]
pub struct RecipientPublicKey(PublicKeyOf);

impl RecipientPublicKey {
    /// Parses an uncompressed point (65 octets).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, HpkeError> {
        PublicKeyOf::from_bytes(bytes).map(Self).map_err(|_| HpkeError::PublicKey)
    }

    /// Encodes as an uncompressed point.
    pub fn to_bytes(&self) -> [u8; ENC_LEN] {
        let mut out = [0; ENC_LEN];
        out.copy_from_slice(&self.0.to_bytes());
        out
    }
}

/// The recipient's private key; the library wipes it on drop.
pub struct RecipientPrivateKey(PrivateKeyOf);

impl RecipientPrivateKey {
    /// Derives a key pair from 32 octets of key material (`DeriveKeyPair`, RFC 9180 §7.1.3).
    pub fn derive(ikm: &[u8; 32]) -> Self {
        Self(Kem::derive_keypair(ikm).0)
    }

    /// Parses a big-endian scalar (32 octets).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, HpkeError> {
        PrivateKeyOf::from_bytes(bytes).map(Self).map_err(|_| HpkeError::PrivateKey)
    }

    /// Encodes as a big-endian scalar.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        let mut out = Zeroizing::new([0; 32]);
        let mut encoded = self.0.to_bytes();
        out.copy_from_slice(&encoded);
        encoded.as_mut_slice().zeroize();
        out
    }

    /// The public key that belongs to it.
    pub fn public(&self) -> RecipientPublicKey {
        RecipientPublicKey(Kem::sk_to_pk(&self.0))
    }
}

/// An encapsulated key and what was sealed under it.
pub struct Sealed {
    /// `enc`, an uncompressed point.
    pub enc: [u8; ENC_LEN],
    /// Ciphertext ‖ tag.
    pub ciphertext: Vec<u8>,
}

/// Seals one message to `recipient` (`SealBase`); `ephemeral_ikm` is fresh randomness, used once.
pub fn seal(
    recipient: &RecipientPublicKey,
    info: &[u8],
    aad: &[u8],
    plaintext: &[u8],
    ephemeral_ikm: Zeroizing<[u8; 32]>,
) -> Result<Sealed, HpkeError> {
    seal_with::<AesGcm256>(recipient, info, aad, plaintext, ephemeral_ikm)
}

/// Opens one message (`OpenBase`).
pub fn open(
    recipient: &RecipientPrivateKey,
    enc: &[u8],
    info: &[u8],
    aad: &[u8],
    ciphertext: &[u8],
) -> Result<Zeroizing<Vec<u8>>, HpkeError> {
    open_with::<AesGcm256>(recipient, enc, info, aad, ciphertext)
}

fn seal_with<A: Aead>(
    recipient: &RecipientPublicKey,
    info: &[u8],
    aad: &[u8],
    plaintext: &[u8],
    ephemeral_ikm: Zeroizing<[u8; 32]>,
) -> Result<Sealed, HpkeError> {
    let mut draw = OneDraw(ephemeral_ikm);
    let (encapsulated, mut context) =
        hpke::setup_sender_with_rng::<A, HkdfSha256, Kem>(&OpModeS::Base, &recipient.0, info, &mut draw)
            .map_err(|_| HpkeError::Encapsulate)?;
    let ciphertext = context.seal(plaintext, aad).map_err(|_| HpkeError::Encapsulate)?;
    let mut enc = [0; ENC_LEN];
    enc.copy_from_slice(&encapsulated.to_bytes());
    Ok(Sealed { enc, ciphertext })
}

fn open_with<A: Aead>(
    recipient: &RecipientPrivateKey,
    enc: &[u8],
    info: &[u8],
    aad: &[u8],
    ciphertext: &[u8],
) -> Result<Zeroizing<Vec<u8>>, HpkeError> {
    let enc = <Kem as hpke::Kem>::EncappedKey::from_bytes(enc).map_err(|_| HpkeError::EncapsulatedKey)?;
    let mut context = hpke::setup_receiver::<A, HkdfSha256, Kem>(&OpModeR::Base, &recipient.0, &enc, info)
        .map_err(|_| HpkeError::EncapsulatedKey)?;
    context.open(ciphertext, aad).map(Zeroizing::new).map_err(|_| HpkeError::Open)
}

/// Hands the given octets to the one draw an encapsulation makes (`ikmE` of Nsk = 32 octets).
struct OneDraw(Zeroizing<[u8; 32]>);

impl TryRng for OneDraw {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut word = [0; 4];
        self.try_fill_bytes(&mut word)?;
        Ok(u32::from_be_bytes(word))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut word = [0; 8];
        self.try_fill_bytes(&mut word)?;
        Ok(u64::from_be_bytes(word))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for (to, from) in out.iter_mut().zip(self.0.iter()) {
            *to = *from;
        }
        Ok(())
    }
}

impl TryCryptoRng for OneDraw {}

#[cfg(test)]
mod tests {
    use super::*;
    use hpke::aead::AesGcm128;

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    fn ikm(text: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(unhex(text).try_into().unwrap())
    }

    // RFC 9180, appendix A.3.1: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode.
    const INFO: &str = "4f6465206f6e2061204772656369616e2055726e";
    const IKM_E: &str = "4270e54ffd08d79d5928020af4686d8f6b7d35dbe470265f1f5aa22816ce860e";
    const ENC: &str = "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4";
    const IKM_R: &str = "668b37171f1072f3cf12ea8a236a45df23fc13b82af3609ad1e354f6ef817550";
    const PK_R: &str = "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0";
    const SK_R: &str = "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2";
    const PT: &str = "4265617574792069732074727574682c20747275746820626561757479";
    const AAD: &str = "436f756e742d30";
    const CT: &str = "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434";

    #[test]
    fn derives_the_recipient_of_rfc_9180_a3() {
        let recipient = RecipientPrivateKey::derive(&ikm(IKM_R));
        assert_eq!(recipient.to_bytes().as_slice(), unhex(SK_R));
        assert_eq!(recipient.public().to_bytes().as_slice(), unhex(PK_R));
    }

    #[test]
    fn seals_and_opens_the_vector_of_rfc_9180_a3() {
        let public = RecipientPublicKey::from_bytes(&unhex(PK_R)).unwrap();
        let sealed = seal_with::<AesGcm128>(&public, &unhex(INFO), &unhex(AAD), &unhex(PT), ikm(IKM_E)).unwrap();
        assert_eq!(sealed.enc.as_slice(), unhex(ENC));
        assert_eq!(sealed.ciphertext, unhex(CT));
        let private = RecipientPrivateKey::from_bytes(&unhex(SK_R)).unwrap();
        let opened =
            open_with::<AesGcm128>(&private, &sealed.enc, &unhex(INFO), &unhex(AAD), &sealed.ciphertext).unwrap();
        assert_eq!(opened.as_slice(), unhex(PT));
    }

    #[test]
    fn aes_256_keeps_the_encapsulation_of_a3_and_binds_info() {
        let private = RecipientPrivateKey::derive(&ikm(IKM_R));
        let sealed = seal(&private.public(), b"eks1.seal", b"", &[9; 32], ikm(IKM_E)).unwrap();
        assert_eq!(sealed.enc.as_slice(), unhex(ENC));
        assert_eq!(sealed.ciphertext.len(), 48);
        assert_eq!(open(&private, &sealed.enc, b"eks1.seal", b"", &sealed.ciphertext).unwrap().as_slice(), [9; 32]);
        assert_eq!(open(&private, &sealed.enc, b"eks1.seaL", b"", &sealed.ciphertext).unwrap_err(), HpkeError::Open);
        assert_eq!(
            open(&private, &[4; 65], b"eks1.seal", b"", &sealed.ciphertext).unwrap_err(),
            HpkeError::EncapsulatedKey
        );
        let other = RecipientPrivateKey::derive(&[1; 32]);
        assert_eq!(open(&other, &sealed.enc, b"eks1.seal", b"", &sealed.ciphertext).unwrap_err(), HpkeError::Open);
    }
}
