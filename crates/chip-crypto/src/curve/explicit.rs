//! Explicit curve parameters of certificates, mapped to a name only when they are that curve in every number.

use super::{CurveError, NamedCurve};

/// The numbers of an `ECParameters` structure (RFC 3279 §2.3.5) as the certificate gives them.
///
/// Integers are big-endian; leading zeros do not matter.
#[derive(Clone, Copy, Debug)]
pub struct ExplicitParameters<'a> {
    /// Prime of the base field.
    pub p: &'a [u8],
    /// Coefficient a.
    pub a: &'a [u8],
    /// Coefficient b.
    pub b: &'a [u8],
    /// The base point as SEC 1 octet string, compressed or not.
    pub generator: &'a [u8],
    /// Order of the base point.
    pub n: &'a [u8],
    /// Cofactor, which ASN.1 allows to omit; p, a, b, G and n then determine it.
    pub h: Option<&'a [u8]>,
}

impl NamedCurve {
    /// Finds the curve whose p, a, b, G, n and cofactor all equal the explicit ones.
    ///
    /// Comparing fewer lets a forger choose a generator for which he knows the private key (CVE-2020-0601).
    ///
    /// # Errors
    /// [`CurveError::UnknownParameters`] when no curve agrees in everything.
    pub fn from_explicit(explicit: &ExplicitParameters<'_>) -> Result<Self, CurveError> {
        Self::ALL.into_iter().find(|curve| curve.is_described_by(explicit)).ok_or(CurveError::UnknownParameters)
    }

    fn is_described_by(self, explicit: &ExplicitParameters<'_>) -> bool {
        let own = self.parameters();
        let generator_agrees = match explicit.generator.split_first() {
            Some((4, xy)) => xy.len() == 2 * own.gx.len() && xy.starts_with(&own.gx) && xy.ends_with(&own.gy),
            Some((sign @ (2 | 3), x)) => x == own.gx && own.gy.last().is_some_and(|y| (y & 1) == (sign & 1)),
            Some(_) | None => false,
        };
        generator_agrees
            && same_integer(explicit.p, &own.p)
            && same_integer(explicit.a, &own.a)
            && same_integer(explicit.b, &own.b)
            && same_integer(explicit.n, &own.n)
            && explicit.h.is_none_or(|h| same_integer(h, &[own.h]))
    }
}

fn same_integer(one: &[u8], other: &[u8]) -> bool {
    significant(one) == significant(other)
}

fn significant(integer: &[u8]) -> &[u8] {
    let zeros = integer.iter().take_while(|&&byte| byte == 0).count();
    &integer[zeros..]
}
