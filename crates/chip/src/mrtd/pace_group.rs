//! The two kinds of group PACE runs in, behind one door: elliptic curves and integers modulo p (Doc 9303-11, 9.5.1).

use apdu::tlv::Tag;
use chip_crypto::block::SymmetricCipher;
use chip_crypto::curve::{self, CurveError, NamedCurve, Point, PrivateScalar};
use chip_crypto::modp::{self, ModpError, ModpGroup, ModpPrivate, ModpPublic};
use chip_crypto::random::SecureRandom;
use zeroize::Zeroizing;

/// Standardized domain parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaceGroup {
    /// An elliptic curve.
    Curve(NamedCurve),
    /// Integers modulo a prime.
    Modp(ModpGroup),
}

/// Why a computation in the group is impossible: a number of the chip's is no element of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    /// On a curve.
    #[error(transparent)]
    Curve(#[from] CurveError),
    /// Modulo p.
    #[error(transparent)]
    Modp(#[from] ModpError),
}

impl PaceGroup {
    /// Strength of the group as the length of its order allows, in bits; for choosing among several.
    #[must_use]
    pub const fn strength(self) -> u16 {
        match self {
            Self::Curve(curve) => curve.field_len() as u16 * 4,
            // NIST SP 800-57 part 1, table 2: 1024 and 2048 bits.
            Self::Modp(ModpGroup::Modp1024Order160) => 80,
            Self::Modp(ModpGroup::Modp2048Order224 | ModpGroup::Modp2048Order256) => 112,
        }
    }

    /// Bytes of a public key as it is sent.
    pub(super) const fn public_len(self) -> usize {
        match self {
            Self::Curve(curve) => 1 + 2 * curve.field_len(),
            Self::Modp(group) => group.element_len(),
        }
    }

    /// Tag of a public key inside the object the token is computed over (Doc 9303-11, 9.4.3 and 9.4.4).
    pub(super) const fn public_tag(self) -> Tag {
        match self {
            Self::Curve(_) => Tag(0x86),
            Self::Modp(_) => Tag(0x84),
        }
    }

    /// Whether the integrated mapping exists here: its point encoding needs p ≡ 3 (mod 4) (Doc 9303-11, B.2).
    #[must_use]
    pub fn has_integrated_mapping(self) -> bool {
        !matches!(self, Self::Curve(NamedCurve::Secp224r1))
    }

    pub(super) fn generate(self, rng: &mut dyn SecureRandom) -> Result<Private, GroupError> {
        Ok(match self {
            Self::Curve(curve) => Private::Curve(PrivateScalar::generate(curve, rng)?),
            Self::Modp(group) => Private::Modp(ModpPrivate::generate(group, rng)?),
        })
    }

    pub(super) fn private(self, octets: &[u8]) -> Result<Private, GroupError> {
        Ok(match self {
            Self::Curve(curve) => Private::Curve(PrivateScalar::from_bytes(curve, octets)?),
            Self::Modp(group) => Private::Modp(ModpPrivate::from_bytes(group, octets)?),
        })
    }

    /// Reads a public key, which is an element of the group afterwards.
    pub(super) fn public(self, octets: &[u8]) -> Result<Public, GroupError> {
        Ok(match self {
            Self::Curve(curve) => Public::Curve(Point::from_uncompressed(curve, octets)?),
            Self::Modp(group) => Public::Modp(ModpPublic::from_bytes(group, octets)?),
        })
    }

    /// Doc 9303-11, 4.4.3.3.1.
    pub(super) fn map_generic(self, nonce: &[u8], own: &Private, theirs: &Public) -> Result<Generator, GroupError> {
        Ok(match (self, own, theirs) {
            (Self::Curve(group), Private::Curve(own), Public::Curve(theirs)) => {
                Generator::Curve(curve::map_generic(group, nonce, &curve::shared_point(own, theirs)?)?)
            }
            (Self::Modp(group), Private::Modp(own), Public::Modp(theirs)) => {
                Generator::Modp(modp::map_generic(group, nonce, &modp::shared_element(own, theirs)?)?)
            }
            (_, _, _) => return Err(CurveError::CurveMismatch.into()),
        })
    }

    /// Doc 9303-11, 4.4.3.3.2.
    pub(super) fn map_integrated(self, cipher: SymmetricCipher, s: &[u8], t: &[u8]) -> Result<Generator, GroupError> {
        Ok(match self {
            Self::Curve(group) => Generator::Curve(curve::map_integrated(group, cipher, s, t)?),
            Self::Modp(group) => Generator::Modp(modp::map_integrated(group, cipher, s, t)?),
        })
    }
}

pub(super) enum Private {
    Curve(PrivateScalar),
    Modp(ModpPrivate),
}

impl Private {
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Curve(scalar) => scalar.to_bytes(),
            Self::Modp(private) => private.to_bytes(),
        }
    }

    /// The public key for the group's own generator.
    pub(super) fn public(&self) -> Public {
        match self {
            Self::Curve(scalar) => Public::Curve(scalar.public()),
            Self::Modp(private) => Public::Modp(private.public()),
        }
    }

    /// The shared secret at full length, leading zeros kept (Doc 9303-11, 9.6).
    pub(super) fn agree(&self, theirs: &Public) -> Result<Zeroizing<Vec<u8>>, GroupError> {
        match (self, theirs) {
            (Self::Curve(own), Public::Curve(theirs)) => Ok(curve::diffie_hellman(own, theirs)?),
            (Self::Modp(own), Public::Modp(theirs)) => Ok(modp::diffie_hellman(own, theirs)?),
            (Self::Curve(_), Public::Modp(_)) | (Self::Modp(_), Public::Curve(_)) => {
                Err(CurveError::CurveMismatch.into())
            }
        }
    }
}

#[derive(PartialEq, Eq)]
pub(super) enum Public {
    Curve(Point),
    Modp(ModpPublic),
}

impl Public {
    /// Uncompressed point, or unsigned integer of the least length (Doc 9303-11, 9.4.1).
    pub(super) fn encode(&self) -> &[u8] {
        match self {
            Self::Curve(point) => point.as_uncompressed(),
            Self::Modp(element) => element.to_unsigned(),
        }
    }
}

pub(super) enum Generator {
    Curve(curve::Generator),
    Modp(modp::ModpGenerator),
}

impl Generator {
    /// The public key of `private` for this generator.
    pub(super) fn public(&self, private: &Private) -> Result<Public, GroupError> {
        match (self, private) {
            (Self::Curve(generator), Private::Curve(own)) => Ok(Public::Curve(generator.public(own)?)),
            (Self::Modp(generator), Private::Modp(own)) => Ok(Public::Modp(generator.public(own)?)),
            (Self::Curve(_), Private::Modp(_)) | (Self::Modp(_), Private::Curve(_)) => {
                Err(CurveError::CurveMismatch.into())
            }
        }
    }
}
