//! The groups PACE and Chip Authentication run in, chip side: curves and integers modulo p.

use chip_crypto::block::SymmetricCipher;
use chip_crypto::curve::{self, NamedCurve, Point, PrivateScalar};
use chip_crypto::modp::{self, ModpGroup, ModpPrivate, ModpPublic};
use chip_crypto::random::SecureRandom;
use zeroize::Zeroizing;

use crate::profile::{PaceVariant, ProfileError};

/// Standardised domain parameters (Doc 9303-11, 9.5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Curve(NamedCurve),
    Modp(ModpGroup),
}

impl From<NamedCurve> for Group {
    fn from(curve: NamedCurve) -> Self {
        Self::Curve(curve)
    }
}

/// A private key in a group.
pub(crate) enum GroupKey {
    Curve(PrivateScalar),
    Modp(ModpPrivate),
}

/// The base PACE maps the nonce to.
pub(super) enum Base {
    Curve(curve::Generator),
    Modp(modp::ModpGenerator),
}

impl Group {
    pub(super) fn of(variant: &PaceVariant) -> Result<Self, ProfileError> {
        let id = variant.parameter_id;
        match (ModpGroup::from_standardized_id(id), NamedCurve::from_standardized_id(id)) {
            (Ok(group), _) => Ok(Self::Modp(group)),
            (_, Ok(curve)) => Ok(Self::Curve(curve)),
            (Err(_), Err(_)) => Err(ProfileError::PaceParameters(id)),
        }
    }

    /// Tag of a public key in the object of the token: a point or a number.
    pub(super) fn key_tag(self) -> u32 {
        match self {
            Self::Curve(_) => 0x86,
            Self::Modp(_) => 0x84,
        }
    }

    pub(crate) fn generate(self, random: &mut dyn SecureRandom) -> Option<GroupKey> {
        match self {
            Self::Curve(curve) => PrivateScalar::generate(curve, random).ok().map(GroupKey::Curve),
            Self::Modp(group) => ModpPrivate::generate(group, random).ok().map(GroupKey::Modp),
        }
    }

    pub(super) fn map_integrated(self, cipher: SymmetricCipher, nonce: &[u8], t: &[u8]) -> Option<Base> {
        match self {
            Self::Curve(curve) => curve::map_integrated(curve, cipher, nonce, t).ok().map(Base::Curve),
            Self::Modp(group) => modp::map_integrated(group, cipher, nonce, t).ok().map(Base::Modp),
        }
    }
}

impl GroupKey {
    /// The public key as it is sent: uncompressed point, or unsigned integer of the least length.
    pub(crate) fn public(&self) -> Vec<u8> {
        match self {
            Self::Curve(scalar) => scalar.public().to_uncompressed(),
            Self::Modp(private) => private.public().to_unsigned().to_vec(),
        }
    }

    /// The public key for another base.
    pub(super) fn public_for(&self, base: &Base) -> Option<Vec<u8>> {
        match (self, base) {
            (Self::Curve(own), Base::Curve(base)) => base.public(own).ok().map(|point| point.to_uncompressed()),
            (Self::Modp(own), Base::Modp(base)) => base.public(own).ok().map(|element| element.to_unsigned().to_vec()),
            (Self::Curve(_), Base::Modp(_)) | (Self::Modp(_), Base::Curve(_)) => None,
        }
    }

    /// The secret shared with a key as it was received, which is checked first.
    pub(super) fn agree(&self, theirs: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        match self {
            Self::Curve(own) => {
                let point = Point::from_uncompressed(own.curve(), theirs).ok()?;
                curve::diffie_hellman(own, &point).ok()
            }
            Self::Modp(own) => {
                let element = ModpPublic::from_bytes(own.group(), theirs).ok()?;
                modp::diffie_hellman(own, &element).ok()
            }
        }
    }

    /// Generic mapping of the nonce with a key as it was received.
    pub(super) fn map_generic(&self, nonce: &[u8], theirs: &[u8]) -> Option<Base> {
        match self {
            Self::Curve(own) => {
                let point = Point::from_uncompressed(own.curve(), theirs).ok()?;
                let shared = curve::shared_point(own, &point).ok()?;
                curve::map_generic(own.curve(), nonce, &shared).ok().map(Base::Curve)
            }
            Self::Modp(own) => {
                let element = ModpPublic::from_bytes(own.group(), theirs).ok()?;
                let shared = modp::shared_element(own, &element).ok()?;
                modp::map_generic(own.group(), nonce, &shared).ok().map(Base::Modp)
            }
        }
    }
}
