//! Basic Access Control (Doc 9303-11, 4.3).

use apdu::{Card, CommandApdu, StatusWord, TransportError, transmit_whole};
use chip_crypto::block::{CipherError, SymmetricCipher, cbc_decrypt, cbc_encrypt, pad};
use chip_crypto::kdf::{COUNTER_ENC, COUNTER_MAC, derive_key};
use chip_crypto::mac;
use chip_crypto::random::{RandomError, SecureRandom};
use zeroize::Zeroizing;

use super::access_key::MrzKey;
use super::secure_messaging::SecureMessaging;
use super::secured::Secured;

const CIPHER: SymmetricCipher = SymmetricCipher::TripleDes;

/// Why BAC failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BacError {
    /// The chip does not accept our authentication: the key is of another document.
    #[error("the access key does not open this chip ({0})")]
    WrongKey(StatusWord),
    /// The chip refuses the protocol.
    #[error("the chip refuses BAC with {0}")]
    Refused(StatusWord),
    /// A response has the wrong length.
    #[error("a response has the wrong length")]
    Malformed,
    /// The chip's cryptogram carries a wrong MAC.
    #[error("the chip's cryptogram carries a wrong MAC")]
    MacInvalid,
    /// The chip did not return the random numbers of this run.
    #[error("the chip returned other random numbers")]
    ChallengeMismatch,
    /// A cipher could not be computed.
    #[error(transparent)]
    Cipher(#[from] CipherError),
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// No response.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

/// The terminal's random numbers. Used for one run.
pub struct BacRandom {
    /// RND.IFD.
    pub rnd_ifd: [u8; 8],
    /// K.IFD.
    pub k_ifd: Zeroizing<[u8; 16]>,
}

impl std::fmt::Debug for BacRandom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BacRandom(..)")
    }
}

impl BacRandom {
    /// Draws both numbers.
    ///
    /// # Errors
    /// The source's.
    pub fn draw(rng: &mut dyn SecureRandom) -> Result<Self, RandomError> {
        let mut random = Self { rnd_ifd: [0; 8], k_ifd: Zeroizing::new([0; 16]) };
        rng.fill(&mut random.rnd_ifd)?;
        rng.fill(random.k_ifd.as_mut_slice())?;
        Ok(random)
    }
}

/// Opens a chip whose eMRTD application is selected.
///
/// # Errors
/// See [`BacError`].
pub fn bac<C: Card>(mut card: C, key: &MrzKey, random: &BacRandom) -> Result<Secured<C>, BacError> {
    let messaging = negotiate(&mut card, key, random)?;
    Ok(Secured::new(card, messaging))
}

pub(super) fn negotiate<C: Card>(card: &mut C, key: &MrzKey, random: &BacRandom) -> Result<SecureMessaging, BacError> {
    let hash = key.hash();
    let seed = hash.get(..16).unwrap_or_default();
    let (k_enc, k_mac) = (derive_key(CIPHER, seed, COUNTER_ENC), derive_key(CIPHER, seed, COUNTER_MAC));

    let response = transmit_whole(card, &CommandApdu::new(0x00, 0x84, 0x00, 0x00).with_ne(8))?;
    if !response.status.is_ok() {
        return Err(BacError::Refused(response.status));
    }
    let rnd_ic: [u8; 8] = response.data.try_into().map_err(|_| BacError::Malformed)?;

    let s = Zeroizing::new([&random.rnd_ifd[..], &rnd_ic, random.k_ifd.as_slice()].concat());
    let e_ifd = cbc_encrypt(CIPHER, &k_enc, &[0; 8], &s)?;
    let m_ifd = mac::retail_mac(&k_mac, &pad(&e_ifd, 8))?;
    let data = [e_ifd.as_slice(), &m_ifd].concat();
    let response = transmit_whole(card, &CommandApdu::new(0x00, 0x82, 0x00, 0x00).with_data(data).with_ne(40))?;
    match response.status.0 {
        0x9000 => {}
        // Not the key's fault: the command itself is unknown or out of place.
        0x6700 | 0x6A81 | 0x6A86 | 0x6B00 | 0x6D00 | 0x6E00 => return Err(BacError::Refused(response.status)),
        _ => return Err(BacError::WrongKey(response.status)),
    }

    let (e_ic, m_ic) = response.data.split_at_checked(32).ok_or(BacError::Malformed)?;
    if !mac::equal(&mac::retail_mac(&k_mac, &pad(e_ic, 8))?, m_ic) {
        return Err(BacError::MacInvalid);
    }
    let r = Zeroizing::new(cbc_decrypt(CIPHER, &k_enc, &[0; 8], e_ic)?);
    let k_ic = r
        .strip_prefix(&rnd_ic)
        .and_then(|rest| rest.strip_prefix(&random.rnd_ifd))
        .ok_or(BacError::ChallengeMismatch)?;
    let seed: Zeroizing<Vec<u8>> = Zeroizing::new(random.k_ifd.iter().zip(k_ic).map(|(ifd, ic)| ifd ^ ic).collect());
    // Doc 9303-11, 9.8.6.3: the last four bytes of RND.IC and of RND.IFD.
    let ssc = rnd_ic
        .iter()
        .skip(4)
        .chain(random.rnd_ifd.iter().skip(4))
        .fold(0_u128, |ssc, byte| (ssc << 8) | u128::from(*byte));
    Ok(SecureMessaging::from_shared_secret(CIPHER, &seed, ssc))
}
