//! Diffie-Hellman over the MODP groups which PACE may use (Doc 9303-11 §9.5.1, numbers 0 to 2).
//!
//! A [`ModpPublic`] is in the right subgroup and not 1, a [`ModpPrivate`] is in 1..q: both are checked when they are
//! made. The arithmetic is that of `crypto-bigint`.

mod explicit;
mod rfc5114;

pub use explicit::{DhParameters, DhPrivate, DhPublic};

use crate::block::SymmetricCipher;
use crate::curve::integrated_random;
use crate::random::{RandomError, SecureRandom};
use elliptic_curve::bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use elliptic_curve::bigint::{BoxedUint, NonZero, Odd};
use rfc5114::Numbers;
use zeroize::Zeroizing;

/// An operation in a MODP group is impossible with the values given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModpError {
    /// The number is 0, 1, p − 1 or larger, or not in the subgroup of order q.
    #[error("the number is no public key of the group")]
    PublicKeyInvalid,
    /// The private key is not in 1..q.
    #[error("the private key is not between 1 and the order of the subgroup")]
    PrivateKeyOutOfRange,
    /// Key and key, or nonce and key, belong to different groups.
    #[error("the values belong to different groups")]
    GroupMismatch,
    /// The result is 1.
    #[error("the result is the neutral element")]
    Neutral,
    /// A nonce of the integrated mapping has the wrong length for the cipher.
    #[error("a nonce has the wrong length for the cipher")]
    NonceLength,
    /// The standardized domain parameter identifier names no MODP group.
    #[error("standardized domain parameters {0} are no MODP group")]
    UnknownParameterId(u8),
    /// Prime and generator of a stated group are unusable.
    #[error("the parameters of the group are unusable")]
    ParametersInvalid,
    /// No randomness for a private key.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// A MODP group with a subgroup of prime order (RFC 5114 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModpGroup {
    /// 1024-bit prime, 160-bit subgroup.
    Modp1024Order160,
    /// 2048-bit prime, 224-bit subgroup.
    Modp2048Order224,
    /// 2048-bit prime, 256-bit subgroup.
    Modp2048Order256,
}

impl ModpGroup {
    /// Every group.
    pub const ALL: [Self; 3] = [Self::Modp1024Order160, Self::Modp2048Order224, Self::Modp2048Order256];

    /// Finds the group by its number among the standardized domain parameters (Doc 9303-11 §9.5.1).
    ///
    /// # Errors
    /// [`ModpError::UnknownParameterId`].
    pub const fn from_standardized_id(id: u8) -> Result<Self, ModpError> {
        match id {
            0 => Ok(Self::Modp1024Order160),
            1 => Ok(Self::Modp2048Order224),
            2 => Ok(Self::Modp2048Order256),
            other => Err(ModpError::UnknownParameterId(other)),
        }
    }

    /// Length of a group element in bytes.
    pub const fn element_len(self) -> usize {
        self.numbers().bits as usize / 8
    }

    /// Prime, generator and subgroup order, big-endian at full length.
    pub fn parameters(self) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
        let Numbers { bits, order_bits, p, g, q } = self.numbers();
        let octets = |digits, len_bits: u32| fixed(&integer(digits, *bits), len_bits as usize / 8);
        (octets(p, *bits), octets(g, *bits), octets(q, *order_bits))
    }

    const fn numbers(self) -> &'static Numbers {
        match self {
            Self::Modp1024Order160 => &rfc5114::MODP_1024_160,
            Self::Modp2048Order224 => &rfc5114::MODP_2048_224,
            Self::Modp2048Order256 => &rfc5114::MODP_2048_256,
        }
    }

    fn prime(self) -> BoxedUint {
        integer(self.numbers().p, self.numbers().bits)
    }

    fn order(self) -> BoxedUint {
        integer(self.numbers().q, self.numbers().bits)
    }

    fn modulus(self) -> BoxedMontyParams {
        let Some(prime) = Odd::new(self.prime()).into_option() else { unreachable!("the primes of RFC 5114 are odd") };
        BoxedMontyParams::new(prime)
    }

    fn element(self, octets: &[u8]) -> Option<BoxedMontyForm> {
        let number = BoxedUint::from_be_slice(octets, self.numbers().bits).ok()?;
        (number < self.prime()).then(|| BoxedMontyForm::new(number, &self.modulus()))
    }

    fn generator(self) -> BoxedMontyForm {
        BoxedMontyForm::new(integer(self.numbers().g, self.numbers().bits), &self.modulus())
    }

    fn encode(self, element: &BoxedMontyForm) -> Vec<u8> {
        fixed(&element.retrieve(), self.element_len())
    }

    fn is_neutral(self, element: &BoxedMontyForm) -> bool {
        *element == BoxedMontyForm::one(&self.modulus())
    }
}

/// A group element of order q.
#[derive(Clone, PartialEq, Eq)]
pub struct ModpPublic {
    group: ModpGroup,
    octets: Vec<u8>,
}

impl ModpPublic {
    /// Takes an unsigned integer and checks that it lies in the subgroup (RFC 2631 §2.1.5).
    ///
    /// # Errors
    /// [`ModpError::PublicKeyInvalid`].
    pub fn from_bytes(group: ModpGroup, octets: &[u8]) -> Result<Self, ModpError> {
        let zeros = octets.iter().take_while(|&&octet| octet == 0).count();
        let element = group.element(&octets[zeros..]).ok_or(ModpError::PublicKeyInvalid)?;
        let in_subgroup = group.is_neutral(&element.pow(&group.order()));
        if !in_subgroup || group.is_neutral(&element) {
            return Err(ModpError::PublicKeyInvalid);
        }
        Ok(Self { group, octets: group.encode(&element) })
    }

    /// The group.
    pub const fn group(&self) -> ModpGroup {
        self.group
    }

    /// The integer at full length, leading zeros kept.
    pub fn as_bytes(&self) -> &[u8] {
        &self.octets
    }

    /// The integer in the least number of octets, as data objects carry it (Doc 9303-11 §9.4.1).
    pub fn to_unsigned(&self) -> &[u8] {
        let zeros = self.octets.iter().take_while(|&&octet| octet == 0).count();
        &self.octets[zeros..]
    }
}

impl std::fmt::Debug for ModpPublic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ModpPublic({:?}, ..)", self.group)
    }
}

/// A private key, wiped when dropped.
#[derive(Clone)]
pub struct ModpPrivate {
    group: ModpGroup,
    octets: Zeroizing<Vec<u8>>,
}

impl ModpPrivate {
    const GENERATE_ATTEMPTS: usize = 128;

    /// Draws a uniformly distributed key.
    ///
    /// # Errors
    /// [`ModpError::Random`] when the source fails, [`ModpError::PrivateKeyOutOfRange`] when it repeats the impossible.
    pub fn generate(group: ModpGroup, random: &mut dyn SecureRandom) -> Result<Self, ModpError> {
        let mut octets = Zeroizing::new(vec![0; group.numbers().order_bits as usize / 8]);
        for _ in 0..Self::GENERATE_ATTEMPTS {
            random.fill(&mut octets)?;
            if let Ok(private) = Self::from_bytes(group, &octets) {
                return Ok(private);
            }
        }
        Err(ModpError::PrivateKeyOutOfRange)
    }

    /// Takes a big-endian integer.
    ///
    /// # Errors
    /// [`ModpError::PrivateKeyOutOfRange`] outside 1..q.
    pub fn from_bytes(group: ModpGroup, octets: &[u8]) -> Result<Self, ModpError> {
        let number = BoxedUint::from_be_slice(octets, group.numbers().bits)
            .map(Zeroizing::new)
            .map_err(|_| ModpError::PrivateKeyOutOfRange)?;
        if bool::from(number.is_zero()) || *number >= group.order() {
            return Err(ModpError::PrivateKeyOutOfRange);
        }
        Ok(Self { group, octets: Zeroizing::new(octets.to_vec()) })
    }

    /// The group.
    pub const fn group(&self) -> ModpGroup {
        self.group
    }

    /// The integer.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        self.octets.clone()
    }

    /// The public key for the group's own generator.
    pub fn public(&self) -> ModpPublic {
        // g has order q and the exponent is in 1..q, so the power is of order q too.
        ModpPublic { group: self.group, octets: self.group.encode(&self.raise(&self.group.generator())) }
    }

    fn raise(&self, base: &BoxedMontyForm) -> BoxedMontyForm {
        let numbers = self.group.numbers();
        // The length was checked by the only constructor.
        let exponent = BoxedUint::from_be_slice(&self.octets, numbers.bits).unwrap_or_else(|_| BoxedUint::zero());
        base.pow_bounded_exp(&Zeroizing::new(exponent), numbers.order_bits)
    }
}

impl std::fmt::Debug for ModpPrivate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ModpPrivate({:?}, ..)", self.group)
    }
}

/// Agrees on a group element, at the full length of p with its leading zeros; good for any generator.
///
/// # Errors
/// [`ModpError::GroupMismatch`] or [`ModpError::Neutral`].
pub fn diffie_hellman(private: &ModpPrivate, public: &ModpPublic) -> Result<Zeroizing<Vec<u8>>, ModpError> {
    Ok(Zeroizing::new(shared_element(private, public)?.octets))
}

/// Agrees on a group element, the `H` of the generic mapping.
///
/// # Errors
/// [`ModpError::GroupMismatch`] or [`ModpError::Neutral`].
pub fn shared_element(private: &ModpPrivate, public: &ModpPublic) -> Result<ModpPublic, ModpError> {
    if private.group != public.group {
        return Err(ModpError::GroupMismatch);
    }
    let base = private.group.element(&public.octets).ok_or(ModpError::PublicKeyInvalid)?;
    finite(private.group, &private.raise(&base))
}

/// Maps the nonce to the ephemeral generator `ĝ = g^s · h` (Doc 9303-11 §4.4.3.3.1).
///
/// # Errors
/// [`ModpError::GroupMismatch`] or [`ModpError::Neutral`].
pub fn map_generic(group: ModpGroup, nonce: &[u8], shared: &ModpPublic) -> Result<ModpGenerator, ModpError> {
    if shared.group != group {
        return Err(ModpError::GroupMismatch);
    }
    let exponent = BoxedUint::from_be_slice(nonce, group.numbers().bits).map_err(|_| ModpError::NonceLength)?;
    let shared = group.element(&shared.octets).ok_or(ModpError::PublicKeyInvalid)?;
    finite(group, &(group.generator().pow(&exponent) * shared)).map(ModpGenerator)
}

/// Maps both nonces to the ephemeral generator `ĝ = R_p(s, t)^((p−1)/q)` (Doc 9303-11 §4.4.3.3.2).
///
/// # Errors
/// [`ModpError::NonceLength`] or [`ModpError::Neutral`].
pub fn map_integrated(
    group: ModpGroup,
    cipher: SymmetricCipher,
    nonce_s: &[u8],
    nonce_t: &[u8],
) -> Result<ModpGenerator, ModpError> {
    let modulus = group.modulus();
    let small = |value: u8| {
        let number = BoxedUint::from_be_slice(&[value], group.numbers().bits).unwrap_or_else(|_| BoxedUint::zero());
        BoxedMontyForm::new(number, &modulus)
    };
    let random = integrated_random(cipher, nonce_s, nonce_t, group.numbers().bits as usize + 64)
        .map_err(|_| ModpError::NonceLength)?;
    let byte = small(255) + small(1);
    let number = random.iter().fold(small(0), |number, &digit| number * &byte + small(digit));
    let Some(order) = NonZero::new(group.order()).into_option() else {
        unreachable!("the orders of RFC 5114 are positive")
    };
    // p is odd, so dividing p − 1 and p by the odd q > 1 gives the same quotient.
    let cofactor = group.prime() / &order;
    finite(group, &number.pow(&cofactor)).map(ModpGenerator)
}

/// A generator other than the group's own, made for one PACE run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModpGenerator(ModpPublic);

impl ModpGenerator {
    /// The generator itself.
    pub const fn element(&self) -> &ModpPublic {
        &self.0
    }

    /// The public key of `private` for this generator.
    ///
    /// # Errors
    /// [`ModpError::GroupMismatch`].
    pub fn public(&self, private: &ModpPrivate) -> Result<ModpPublic, ModpError> {
        shared_element(private, &self.0)
    }
}

fn finite(group: ModpGroup, element: &BoxedMontyForm) -> Result<ModpPublic, ModpError> {
    if group.is_neutral(element) || bool::from(element.is_zero()) {
        return Err(ModpError::Neutral);
    }
    Ok(ModpPublic { group, octets: group.encode(element) })
}

fn integer(digits: &str, bits: u32) -> BoxedUint {
    let padded = format!("{digits:0>width$}", width = bits as usize / 4);
    match BoxedUint::from_be_hex(&padded, bits).into_option() {
        Some(integer) => integer,
        None => unreachable!("the constants of RFC 5114 are hexadecimal"),
    }
}

fn fixed(number: &BoxedUint, len: usize) -> Vec<u8> {
    let octets = number.to_be_bytes();
    let surplus = octets.len().saturating_sub(len);
    octets[surplus..].to_vec()
}
