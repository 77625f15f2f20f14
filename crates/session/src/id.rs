//! The name of one session.

use jiff::Timestamp;

/// Identifier of one session: a UUID version 7 (RFC 9562, 5.7), made from a time and randomness given from outside.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct SessionId(uuid::Uuid);

/// Text that is not a session identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a session identifier")]
pub struct SessionIdError;

impl SessionId {
    /// Makes an identifier from the opening time and ten random bytes.
    #[must_use]
    pub fn from_time(now: Timestamp, random: [u8; 10]) -> Self {
        let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// Takes sixteen stored bytes as they are.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(uuid::Uuid::from_bytes(bytes))
    }

    /// Reads the hyphenated form.
    ///
    /// # Errors
    /// The text is not a UUID.
    pub fn parse(text: &str) -> Result<Self, SessionIdError> {
        uuid::Uuid::parse_str(text).map(Self).map_err(|_| SessionIdError)
    }

    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// Eight characters for the receipt and the telephone: the last ones, which are random.
    #[must_use]
    pub fn short(&self) -> String {
        let bytes = self.0.as_bytes();
        bytes.iter().skip(12).map(|byte| format!("{byte:02X}")).collect()
    }
}

impl std::fmt::Display for SessionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::fmt::Debug for SessionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carries_the_opening_time_and_the_version() {
        let now = Timestamp::from_millisecond(1_764_000_000_123).expect("in range");
        let id = SessionId::from_time(now, [0xAB; 10]);
        assert_eq!(&id.as_bytes()[..6], &1_764_000_000_123_u64.to_be_bytes()[2..]);
        assert_eq!(id.as_bytes()[6] >> 4, 7);
        assert_eq!(id.short(), "ABABABAB");
        assert_eq!(SessionId::parse(&id.to_string()), Ok(id));
    }
}
