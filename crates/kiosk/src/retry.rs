//! When to try again: a pure function of the attempt, the backend's wish and a random number (security specification §6).

use std::time::Duration;

/// Longest wait chosen by ourselves.
const MAX_DELAY: Duration = Duration::from_secs(15 * 60);
/// Longest wait a backend can ask for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(60 * 60);

/// How long to wait after failed attempt `attempt` (1 for the first): uniform(0, min(15 min, 1 s · 2^n)), or the backend's
/// `Retry-After` when that is longer, at most an hour. `uniform` is a fresh random number that decides where in the interval.
pub(crate) fn delay(attempt: u32, after: Option<Duration>, uniform: u32) -> Duration {
    let ceiling = 1_u64.checked_shl(attempt).map_or(MAX_DELAY, Duration::from_secs).min(MAX_DELAY);
    scale(ceiling, uniform).max(after.unwrap_or_default().min(MAX_RETRY_AFTER))
}

/// uniform(0, `ceiling`), to the millisecond.
pub(crate) fn scale(ceiling: Duration, uniform: u32) -> Duration {
    let millis = u64::try_from(ceiling.as_millis().min(u128::from(u32::MAX))).unwrap_or_default();
    // A product of two 32-bit numbers.
    Duration::from_millis(millis.saturating_mul(u64::from(uniform)) >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_doubles_up_to_a_quarter_of_an_hour() {
        for (attempt, ceiling) in [(0, 1), (1, 2), (2, 4), (9, 512), (10, 900), (63, 900), (64, 900), (u32::MAX, 900)] {
            assert_eq!(delay(attempt, None, 0), Duration::ZERO);
            let longest = delay(attempt, None, u32::MAX);
            assert!(
                longest <= Duration::from_secs(ceiling) && longest >= Duration::from_millis(ceiling * 1000 - 2),
                "{attempt}"
            );
        }
    }

    #[test]
    fn a_longer_retry_after_wins_but_never_beyond_an_hour() {
        assert_eq!(delay(1, Some(Duration::from_secs(30)), u32::MAX), Duration::from_secs(30));
        assert_eq!(delay(20, Some(Duration::from_secs(30)), u32::MAX / 2 + 1), Duration::from_secs(450));
        assert_eq!(delay(1, Some(Duration::from_secs(86_400)), 0), MAX_RETRY_AFTER);
    }
}
