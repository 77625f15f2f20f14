//! Facts about the cards that one source states, or that are inferred: kept in one place, so that a real card can correct them.

/// What is assumed. Nothing here has been seen on a real card by this product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assumptions {
    /// Hash of RSA-OAEP in SET SESSION KEY; the sources say "RSA-2048-OAEP" alone. Hypothesis.
    pub oaep_hash: OaepHash,
    /// P1 P2 of SET SESSION KEY `80AE`. One source (second generation Ver 1.1, cited by one implementation).
    pub session_key_parameters: (u8, u8),
    /// What the initialisation vector is made of; the source says "a message counter as IV source". Hypothesis.
    pub counter_iv: CounterIv,
    /// The counter of the first protected message. Hypothesis.
    pub first_counter: u128,
    /// Whether a protected response of the combined card ends with DO'8E', eight bytes of CMAC over the counter and what stands
    /// before it. The document mentions CMAC; the one implementation that follows it was not tried on a card. Hypothesis.
    pub combined_response_mac: bool,
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            oaep_hash: OaepHash::Sha256,
            session_key_parameters: (0, 0),
            counter_iv: CounterIv::Encrypted,
            first_counter: 1,
            combined_response_mac: false,
        }
    }
}

/// Hash of OAEP and of its mask generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OaepHash {
    /// The default of RFC 8017.
    Sha1,
    /// What new designs use.
    Sha256,
}

/// How a counter becomes an initialisation vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CounterIv {
    /// Encrypted under the session key, as in Doc 9303-11, 9.8.6.1.
    Encrypted,
    /// As it is.
    Plain,
}
