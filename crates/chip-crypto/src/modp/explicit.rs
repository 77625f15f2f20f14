//! Diffie-Hellman over the group a document states, as Chip Authentication allows (Doc 9303-11 §9.5; PKCS #3).
//!
//! Such a group is as good as the signature over the file that states it: a caller who has no such signature learns nothing
//! from a key agreed in it. PACE never uses one.

use super::{ModpError, ModpGroup};
use crate::random::SecureRandom;
use elliptic_curve::bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use elliptic_curve::bigint::{BoxedUint, Odd};
use zeroize::Zeroizing;

/// Prime and generator of a group, with the length of its private keys.
#[derive(Clone)]
pub struct DhParameters {
    modulus: BoxedMontyParams,
    prime: BoxedUint,
    generator: BoxedUint,
    bits: u32,
    private_bits: u32,
    named: Option<ModpGroup>,
}

impl DhParameters {
    /// Shortest prime that is computed with. Policy asks for more.
    pub const MIN_BITS: u32 = 1024;
    /// Longest prime that is computed with; bounds the work a hostile document can cause.
    pub const MAX_BITS: u32 = 4096;
    /// Shortest private key, twice the strength of the shortest prime.
    const MIN_PRIVATE_BITS: u32 = 160;

    /// Takes prime and generator as big-endian integers, and the length of private keys when the document states one.
    ///
    /// # Errors
    /// [`ModpError::ParametersInvalid`] for an even or too long or too short prime, a generator outside 2..p − 1.
    pub fn new(prime: &[u8], generator: &[u8], private_bits: Option<u32>) -> Result<Self, ModpError> {
        let (prime, generator) = (significant(prime), significant(generator));
        let bits = prime.first().map_or(0, |first| 8 * prime.len() as u32 - first.leading_zeros());
        if !(Self::MIN_BITS..=Self::MAX_BITS).contains(&bits) {
            return Err(ModpError::ParametersInvalid);
        }
        let named = ModpGroup::ALL.into_iter().find(|group| {
            let (p, g, _) = group.parameters();
            significant(&p) == prime && significant(&g) == generator
        });
        // Whole limbs, so that numbers of one group have one precision.
        let precision = bits.next_multiple_of(64);
        let number = |octets| BoxedUint::from_be_slice(octets, precision).map_err(|_| ModpError::ParametersInvalid);
        let (prime, generator) = (number(prime)?, number(generator)?);
        let odd = Odd::new(prime.clone()).into_option().ok_or(ModpError::ParametersInvalid)?;
        let private_bits = private_bits.unwrap_or(bits).clamp(Self::MIN_PRIVATE_BITS, bits - 1);
        let parameters = Self { modulus: BoxedMontyParams::new(odd), prime, generator, bits, private_bits, named };
        if parameters.is_trivial(&parameters.generator) {
            return Err(ModpError::ParametersInvalid);
        }
        Ok(parameters)
    }

    /// Length of a group element in bytes.
    pub fn element_len(&self) -> usize {
        self.bits.div_ceil(8) as usize
    }

    /// Length of the prime in bits.
    pub fn bits(&self) -> u32 {
        self.bits
    }

    /// 0, 1, p − 1 and everything from p on: the elements that every private key turns into one of two.
    fn is_trivial(&self, number: &BoxedUint) -> bool {
        let one = BoxedUint::one_with_precision(self.prime.bits_precision());
        *number <= one || *number >= self.prime.wrapping_sub(&one)
    }

    fn number(&self, octets: &[u8]) -> Option<BoxedUint> {
        BoxedUint::from_be_slice(significant(octets), self.prime.bits_precision()).ok()
    }

    fn raise(&self, base: &BoxedUint, exponent: &DhPrivate) -> Result<Zeroizing<Vec<u8>>, ModpError> {
        let exponent = self.number(&exponent.0).map(Zeroizing::new).ok_or(ModpError::PrivateKeyOutOfRange)?;
        let power = BoxedMontyForm::new(base.clone(), &self.modulus).pow(&exponent).retrieve();
        if self.is_trivial(&power) {
            return Err(ModpError::Neutral);
        }
        let octets = Zeroizing::new(power.to_be_bytes().to_vec());
        Ok(Zeroizing::new(octets[octets.len() - self.element_len()..].to_vec()))
    }
}

impl From<ModpGroup> for DhParameters {
    fn from(group: ModpGroup) -> Self {
        let (p, g, q) = group.parameters();
        match Self::new(&p, &g, Some(8 * q.len() as u32 - 1)) {
            Ok(parameters) => parameters,
            Err(_) => unreachable!("the groups of RFC 5114 are within the limits"),
        }
    }
}

impl std::fmt::Debug for DhParameters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DhParameters({} bits)", self.bits())
    }
}

/// A private key, wiped when dropped.
#[derive(Clone)]
pub struct DhPrivate(Zeroizing<Vec<u8>>);

impl DhPrivate {
    /// Draws a key of the group's length for private keys.
    ///
    /// # Errors
    /// [`ModpError::Random`].
    pub fn generate(parameters: &DhParameters, random: &mut dyn SecureRandom) -> Result<Self, ModpError> {
        let bits = parameters.private_bits as usize;
        let mut octets = Zeroizing::new(vec![0; bits.div_ceil(8)]);
        random.fill(&mut octets)?;
        octets[0] &= 0xFF >> (8 * octets.len() - bits);
        // A key of few digits would be found by trying.
        octets[0] |= 1 << ((bits - 1) % 8);
        Ok(Self(octets))
    }

    /// Takes a big-endian integer.
    ///
    /// # Errors
    /// [`ModpError::PrivateKeyOutOfRange`] for 0, 1 and integers longer than the prime.
    pub fn from_bytes(parameters: &DhParameters, octets: &[u8]) -> Result<Self, ModpError> {
        let digits = significant(octets);
        if digits.is_empty() || digits == [1] || digits.len() > parameters.element_len() {
            return Err(ModpError::PrivateKeyOutOfRange);
        }
        Ok(Self(Zeroizing::new(octets.to_vec())))
    }

    /// The integer.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        self.0.clone()
    }

    /// The public key.
    ///
    /// # Errors
    /// [`ModpError::Neutral`], in a group whose generator has no large order.
    pub fn public(&self, parameters: &DhParameters) -> Result<DhPublic, ModpError> {
        let power = parameters.raise(&parameters.generator, self)?;
        DhPublic::from_bytes(parameters, &power)
    }
}

impl std::fmt::Debug for DhPrivate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DhPrivate(..)")
    }
}

/// A public key: no trivial element, and in the subgroup where its order is known.
#[derive(Clone)]
pub struct DhPublic {
    parameters: DhParameters,
    number: BoxedUint,
}

impl DhPublic {
    /// Takes an unsigned integer and checks it (RFC 2631 §2.1.5, as far as the group's order is known).
    ///
    /// # Errors
    /// [`ModpError::PublicKeyInvalid`].
    pub fn from_bytes(parameters: &DhParameters, octets: &[u8]) -> Result<Self, ModpError> {
        let number = parameters.number(octets).ok_or(ModpError::PublicKeyInvalid)?;
        if parameters.is_trivial(&number) {
            return Err(ModpError::PublicKeyInvalid);
        }
        if let Some(group) = parameters.named {
            super::ModpPublic::from_bytes(group, octets)?;
        }
        Ok(Self { parameters: parameters.clone(), number })
    }

    /// The group.
    pub fn parameters(&self) -> &DhParameters {
        &self.parameters
    }

    /// The integer in the least number of octets (Doc 9303-11 §9.4.1).
    pub fn to_bytes(&self) -> Vec<u8> {
        significant(&self.number.to_be_bytes()).to_vec()
    }

    /// Agrees on a group element, at the full length of p with its leading zeros.
    ///
    /// # Errors
    /// [`ModpError::Neutral`] when the key is of small order.
    pub fn agree(&self, private: &DhPrivate) -> Result<Zeroizing<Vec<u8>>, ModpError> {
        self.parameters.raise(&self.number, private)
    }
}

impl std::fmt::Debug for DhPublic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DhPublic({} bits, ..)", self.parameters.bits())
    }
}

fn significant(integer: &[u8]) -> &[u8] {
    let zeros = integer.iter().take_while(|&&octet| octet == 0).count();
    &integer[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRandom;

    #[test]
    fn both_sides_agree_at_full_length() {
        for group in ModpGroup::ALL {
            let parameters = DhParameters::from(group);
            let mut random = SeededRandom::new(3);
            let one = DhPrivate::generate(&parameters, &mut random).unwrap();
            let two = DhPrivate::generate(&parameters, &mut random).unwrap();
            let shared = two.public(&parameters).unwrap().agree(&one).unwrap();
            assert_eq!(shared, one.public(&parameters).unwrap().agree(&two).unwrap());
            assert_eq!(shared.len(), group.element_len());
        }
    }

    #[test]
    fn trivial_elements_and_elements_outside_a_known_subgroup_are_refused() {
        for group in ModpGroup::ALL {
            let parameters = DhParameters::from(group);
            let (p, _, _) = group.parameters();
            let mut minus_one = p.clone();
            *minus_one.last_mut().unwrap() -= 1;
            for bad in [&[][..], &[0], &[1], &minus_one, &p, &[2], &[0xFF; 600]] {
                assert_eq!(DhPublic::from_bytes(&parameters, bad).err(), Some(ModpError::PublicKeyInvalid));
            }
        }
        // In a group of unknown order 2 may be a key; 1 and p − 1 may not.
        let (p, _, _) = ModpGroup::Modp1024Order160.parameters();
        let unknown = DhParameters::new(&p, &[3], None).unwrap();
        assert!(DhPublic::from_bytes(&unknown, &[2]).is_ok());
        assert!(DhPublic::from_bytes(&unknown, &[1]).is_err());
    }

    #[test]
    fn unusable_groups_are_refused() {
        let (p, g, _) = ModpGroup::Modp1024Order160.parameters();
        let mut even = p.clone();
        *even.last_mut().unwrap() ^= 1;
        for (prime, generator) in [(&even[..], &g[..]), (&p[1..], &g[..]), (&p, &[1]), (&p, &p), (&[0xFF; 513], &[2])] {
            assert_eq!(DhParameters::new(prime, generator, None).err(), Some(ModpError::ParametersInvalid));
        }
        assert_eq!(DhParameters::new(&p, &g, Some(1)).unwrap().private_bits, 160);
        assert_eq!(DhParameters::new(&p, &g, Some(9000)).unwrap().private_bits, 1023);
    }
}
