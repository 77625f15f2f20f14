//! Mutual authentication with the card number, and VERIFY. The flow is that of BAC, with other keys and, in the second
//! generation, AES.

use apdu::{Card, ChannelFault, CommandApdu, StatusWord, TransportError, transmit_whole};
use chip_crypto::block::{CipherError, SymmetricCipher, cbc_decrypt, cbc_encrypt, pad};
use chip_crypto::hash::{HashAlgorithm, digest};
use chip_crypto::mac;
use chip_crypto::random::{RandomError, SecureRandom};
use zeroize::Zeroizing;

use super::card_number::CardNumber;
use super::card_type::Generation;
use super::messaging::{Messaging, cipher};

/// Why a card did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticationError {
    /// The card does not accept the number. There is no counter of tries.
    #[error("the card number does not open this card ({0})")]
    WrongNumber(StatusWord),
    /// The card refuses the protocol.
    #[error("the card refuses authentication with {0}")]
    Refused(StatusWord),
    /// A response has the wrong length.
    #[error("a response has the wrong length")]
    Malformed,
    /// The card's cryptogram carries a wrong code.
    #[error("the card's cryptogram carries a wrong MAC")]
    MacInvalid,
    /// The card did not return the random numbers of this run.
    #[error("the card returned other random numbers")]
    ChallengeMismatch,
    /// A cipher could not be computed.
    #[error(transparent)]
    Cipher(#[from] CipherError),
    /// The channel could not be used.
    #[error(transparent)]
    Channel(#[from] ChannelFault),
    /// No response.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

/// The terminal's random numbers. Used for one run.
pub struct AuthenticationRandom {
    /// RND.IFD.
    pub rnd_ifd: [u8; 8],
    /// K.IFD.
    pub k_ifd: Zeroizing<[u8; 16]>,
}

impl std::fmt::Debug for AuthenticationRandom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuthenticationRandom(..)")
    }
}

impl AuthenticationRandom {
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

/// Opens a card whose master file is selected: GET CHALLENGE, MUTUAL AUTHENTICATE, VERIFY.
///
/// # Errors
/// See [`AuthenticationError`].
pub fn authenticate<C: Card>(
    card: &mut C,
    generation: Generation,
    number: &CardNumber,
    random: &AuthenticationRandom,
) -> Result<Messaging, AuthenticationError> {
    let mut messaging = negotiate(card, generation, number, random)?;
    verify(card, &mut messaging, number)?;
    Ok(messaging)
}

/// VERIFY with the card number.
pub(super) fn verify<C: Card>(
    card: &mut C,
    messaging: &mut Messaging,
    number: &CardNumber,
) -> Result<(), AuthenticationError> {
    let command = messaging.verify(number)?;
    let response = transmit_whole(card, &command)?;
    match response.status.0 {
        0x9000 => Ok(()),
        0x6300 | 0x63C0..=0x63CF => Err(AuthenticationError::WrongNumber(response.status)),
        _ => Err(AuthenticationError::Refused(response.status)),
    }
}

fn negotiate<C: Card>(
    card: &mut C,
    generation: Generation,
    number: &CardNumber,
    random: &AuthenticationRandom,
) -> Result<Messaging, AuthenticationError> {
    let cipher = cipher(generation);
    let iv = [0; 16];
    let iv = iv.get(..cipher.block_len()).unwrap_or_default();
    // K: the first sixteen bytes of SHA-1 over the number, for encryption and for codes.
    let key = first_sixteen(&[number.expose().as_bytes()]);

    let response = transmit_whole(card, &CommandApdu::new(0x00, 0x84, 0x00, 0x00).with_ne(8))?;
    if !response.status.is_ok() {
        return Err(AuthenticationError::Refused(response.status));
    }
    let rnd_icc: [u8; 8] = response.data.try_into().map_err(|_| AuthenticationError::Malformed)?;

    let plain = Zeroizing::new([&random.rnd_ifd[..], &rnd_icc, random.k_ifd.as_slice()].concat());
    let e_ifd = cbc_encrypt(cipher, &key, iv, &plain)?;
    let m_ifd = code(cipher, &key, &e_ifd)?;
    let data = [e_ifd.as_slice(), &m_ifd].concat();
    let response = transmit_whole(card, &CommandApdu::new(0x00, 0x82, 0x00, 0x00).with_data(data).with_ne(256))?;
    match response.status.0 {
        0x9000 => {}
        0x6300 | 0x63C0..=0x63CF => return Err(AuthenticationError::WrongNumber(response.status)),
        _ => return Err(AuthenticationError::Refused(response.status)),
    }

    let (e_icc, m_icc) = response.data.split_at_checked(32).ok_or(AuthenticationError::Malformed)?;
    if !mac::equal(&code(cipher, &key, e_icc)?, m_icc) {
        return Err(AuthenticationError::MacInvalid);
    }
    let plain = Zeroizing::new(cbc_decrypt(cipher, &key, iv, e_icc)?);
    let k_icc = plain
        .strip_prefix(&rnd_icc)
        .and_then(|rest| rest.strip_prefix(&random.rnd_ifd))
        .ok_or(AuthenticationError::ChallengeMismatch)?;
    let seed: Zeroizing<Vec<u8>> = Zeroizing::new(random.k_ifd.iter().zip(k_icc).map(|(ifd, icc)| ifd ^ icc).collect());
    Ok(Messaging::new(generation, first_sixteen(&[&seed, &[0, 0, 0, 1]])))
}

fn first_sixteen(parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let mut hash = Zeroizing::new(digest(HashAlgorithm::Sha1, parts));
    hash.truncate(16);
    hash
}

/// Retail MAC over padded data, or AES-CMAC cut to its first eight bytes.
fn code(cipher: SymmetricCipher, key: &[u8], data: &[u8]) -> Result<[u8; 8], CipherError> {
    match cipher {
        SymmetricCipher::TripleDes => mac::retail_mac(key, &pad(data, 8)),
        SymmetricCipher::Aes128 | SymmetricCipher::Aes192 | SymmetricCipher::Aes256 => {
            let [a, b, c, d, e, f, g, h, ..] = mac::aes_cmac(key, data)?;
            Ok([a, b, c, d, e, f, g, h])
        }
    }
}
