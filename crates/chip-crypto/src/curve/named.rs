//! The curves by name, and the one place where a name becomes a type.

use super::CurveError;

/// An elliptic curve of Doc 9303-11 §9.5.1 or Doc 9303-12 §4.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NamedCurve {
    /// secp192r1 (NIST P-192).
    Secp192r1,
    /// secp224r1 (NIST P-224).
    Secp224r1,
    /// secp256r1 (NIST P-256).
    Secp256r1,
    /// secp384r1 (NIST P-384).
    Secp384r1,
    /// secp521r1 (NIST P-521).
    Secp521r1,
    /// brainpoolP192r1.
    BrainpoolP192r1,
    /// brainpoolP224r1.
    BrainpoolP224r1,
    /// brainpoolP256r1.
    BrainpoolP256r1,
    /// brainpoolP320r1.
    BrainpoolP320r1,
    /// brainpoolP384r1.
    BrainpoolP384r1,
    /// brainpoolP512r1.
    BrainpoolP512r1,
}

/// The domain parameters of a curve, every integer big-endian at full length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainParameters {
    /// Prime of the base field.
    pub p: Vec<u8>,
    /// Coefficient a of y² = x³ + ax + b.
    pub a: Vec<u8>,
    /// Coefficient b.
    pub b: Vec<u8>,
    /// x of the generator.
    pub gx: Vec<u8>,
    /// y of the generator.
    pub gy: Vec<u8>,
    /// Order of the generator.
    pub n: Vec<u8>,
    /// Cofactor.
    pub h: u8,
}

/// Calls a function of `arithmetic` with the type of the named curve.
macro_rules! on_curve {
    ($curve:expr, $function:ident($($argument:expr),*)) => {{
        use $crate::curve::NamedCurve;
        use $crate::curve::arithmetic::$function;
        match $curve {
            NamedCurve::Secp192r1 => $function::<$crate::curve::secp192r1::Secp192r1>($($argument),*),
            NamedCurve::Secp224r1 => $function::<$crate::curve::secp224r1::Secp224r1>($($argument),*),
            NamedCurve::Secp256r1 => $function::<p256::NistP256>($($argument),*),
            NamedCurve::Secp384r1 => $function::<p384::NistP384>($($argument),*),
            NamedCurve::Secp521r1 => $function::<p521::NistP521>($($argument),*),
            NamedCurve::BrainpoolP192r1 => $function::<$crate::curve::brainpool_p192r1::BrainpoolP192r1>($($argument),*),
            NamedCurve::BrainpoolP224r1 => $function::<$crate::curve::brainpool_p224r1::BrainpoolP224r1>($($argument),*),
            NamedCurve::BrainpoolP256r1 => $function::<bp256::BrainpoolP256r1>($($argument),*),
            NamedCurve::BrainpoolP320r1 => $function::<$crate::curve::brainpool_p320r1::BrainpoolP320r1>($($argument),*),
            NamedCurve::BrainpoolP384r1 => $function::<bp384::BrainpoolP384r1>($($argument),*),
            NamedCurve::BrainpoolP512r1 => $function::<$crate::curve::brainpool_p512r1::BrainpoolP512r1>($($argument),*),
        }
    }};
}

pub(super) use on_curve;

impl NamedCurve {
    /// Every curve.
    pub const ALL: [Self; 11] = [
        Self::Secp192r1,
        Self::Secp224r1,
        Self::Secp256r1,
        Self::Secp384r1,
        Self::Secp521r1,
        Self::BrainpoolP192r1,
        Self::BrainpoolP224r1,
        Self::BrainpoolP256r1,
        Self::BrainpoolP320r1,
        Self::BrainpoolP384r1,
        Self::BrainpoolP512r1,
    ];

    /// The name in SEC 2 or RFC 5639.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Secp192r1 => "secp192r1",
            Self::Secp224r1 => "secp224r1",
            Self::Secp256r1 => "secp256r1",
            Self::Secp384r1 => "secp384r1",
            Self::Secp521r1 => "secp521r1",
            Self::BrainpoolP192r1 => "brainpoolP192r1",
            Self::BrainpoolP224r1 => "brainpoolP224r1",
            Self::BrainpoolP256r1 => "brainpoolP256r1",
            Self::BrainpoolP320r1 => "brainpoolP320r1",
            Self::BrainpoolP384r1 => "brainpoolP384r1",
            Self::BrainpoolP512r1 => "brainpoolP512r1",
        }
    }

    /// The object identifier in dotted notation (SEC 2 A.2, RFC 5639 §4.1).
    pub const fn oid(self) -> &'static str {
        match self {
            Self::Secp192r1 => "1.2.840.10045.3.1.1",
            Self::Secp224r1 => "1.3.132.0.33",
            Self::Secp256r1 => "1.2.840.10045.3.1.7",
            Self::Secp384r1 => "1.3.132.0.34",
            Self::Secp521r1 => "1.3.132.0.35",
            Self::BrainpoolP192r1 => "1.3.36.3.3.2.8.1.1.3",
            Self::BrainpoolP224r1 => "1.3.36.3.3.2.8.1.1.5",
            Self::BrainpoolP256r1 => "1.3.36.3.3.2.8.1.1.7",
            Self::BrainpoolP320r1 => "1.3.36.3.3.2.8.1.1.9",
            Self::BrainpoolP384r1 => "1.3.36.3.3.2.8.1.1.11",
            Self::BrainpoolP512r1 => "1.3.36.3.3.2.8.1.1.13",
        }
    }

    /// Finds the curve with this object identifier in dotted notation.
    pub fn from_oid(oid: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.oid() == oid)
    }

    /// Length of a field element in bytes.
    pub const fn field_len(self) -> usize {
        match self {
            Self::Secp192r1 | Self::BrainpoolP192r1 => 24,
            Self::Secp224r1 | Self::BrainpoolP224r1 => 28,
            Self::Secp256r1 | Self::BrainpoolP256r1 => 32,
            Self::BrainpoolP320r1 => 40,
            Self::Secp384r1 | Self::BrainpoolP384r1 => 48,
            Self::BrainpoolP512r1 => 64,
            Self::Secp521r1 => 66,
        }
    }

    /// Finds the curve by its number among the standardized domain parameters (Doc 9303-11 §9.5.1).
    ///
    /// # Errors
    /// [`CurveError::UnknownParameterId`] for the MODP groups 0 to 2 and for reserved numbers.
    pub const fn from_standardized_id(id: u8) -> Result<Self, CurveError> {
        Ok(match id {
            8 => Self::Secp192r1,
            9 => Self::BrainpoolP192r1,
            10 => Self::Secp224r1,
            11 => Self::BrainpoolP224r1,
            12 => Self::Secp256r1,
            13 => Self::BrainpoolP256r1,
            14 => Self::BrainpoolP320r1,
            15 => Self::Secp384r1,
            16 => Self::BrainpoolP384r1,
            17 => Self::BrainpoolP512r1,
            18 => Self::Secp521r1,
            other => return Err(CurveError::UnknownParameterId(other)),
        })
    }

    /// The number among the standardized domain parameters (Doc 9303-11 §9.5.1).
    pub const fn standardized_id(self) -> u8 {
        match self {
            Self::Secp192r1 => 8,
            Self::BrainpoolP192r1 => 9,
            Self::Secp224r1 => 10,
            Self::BrainpoolP224r1 => 11,
            Self::Secp256r1 => 12,
            Self::BrainpoolP256r1 => 13,
            Self::BrainpoolP320r1 => 14,
            Self::Secp384r1 => 15,
            Self::BrainpoolP384r1 => 16,
            Self::BrainpoolP512r1 => 17,
            Self::Secp521r1 => 18,
        }
    }

    /// The domain parameters.
    pub fn parameters(self) -> DomainParameters {
        on_curve!(self, parameters())
    }

    pub(super) fn prime_bits(self) -> usize {
        on_curve!(self, prime_bits()) as usize
    }

    pub(super) fn order_bits(self) -> u32 {
        on_curve!(self, order_bits())
    }
}
