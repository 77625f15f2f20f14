use core::fmt;

use chip_crypto::random::{RandomError, SecureRandom};
use zeroize::Zeroizing;

/// Key material of `N` octets: wiped on drop; it is neither copied, compared, printed nor serialised.
///
/// ```compile_fail
/// let key = wire::Secret::<32>::from_bytes([0; 32]);
/// let copy = key.clone();
/// ```
/// ```compile_fail
/// let key = wire::Secret::<32>::from_bytes([0; 32]);
/// let text = serde_json::to_string(&key);
/// ```
pub struct Secret<const N: usize>(Zeroizing<[u8; N]>);

impl<const N: usize> Secret<N> {
    /// Takes ready key material.
    pub fn from_bytes(bytes: [u8; N]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Takes key material of unchecked length; `None` when the length is not `N`.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        <[u8; N]>::try_from(bytes).ok().map(Self::from_bytes)
    }

    /// Makes random key material.
    pub fn make(random: &mut dyn SecureRandom) -> Result<Self, RandomError> {
        let mut out = Self::from_bytes([0; N]);
        random.fill(out.0.as_mut_slice())?;
        Ok(out)
    }

    /// Opens the secret for a primitive that needs its octets.
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl<const N: usize> From<Zeroizing<[u8; N]>> for Secret<N> {
    fn from(bytes: Zeroizing<[u8; N]>) -> Self {
        Self(bytes)
    }
}
