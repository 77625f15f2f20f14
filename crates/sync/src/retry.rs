use std::time::Duration;

use jiff::Timestamp;

/// Longest wait chosen by ourselves.
pub const MAX_DELAY: Duration = Duration::from_secs(15 * 60);
/// Longest wait a backend can ask for.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(60 * 60);
/// First attempts after boot are spread over this long, so that a branch's kiosks do not call at once.
pub const FIRST_ATTEMPT_SPREAD: Duration = Duration::from_secs(120);

/// How long to wait after failed attempt `attempt` (1 for the first): uniform(0, min(15 min, 1 s · 2^n)), or the backend's
/// `Retry-After` when that is longer, at most an hour. `uniform` is a fresh random number that decides where in the interval.
pub fn delay(attempt: u32, after: Option<Duration>, uniform: u32) -> Duration {
    let ceiling = 1_u64.checked_shl(attempt).map_or(MAX_DELAY, Duration::from_secs).min(MAX_DELAY);
    let millis = u64::try_from(ceiling.as_millis()).unwrap_or(u64::MAX);
    // 15 minutes in milliseconds times 2^32 stays below 2^52.
    let chosen = Duration::from_millis(millis.saturating_mul(u64::from(uniform)) >> 32);
    chosen.max(after.unwrap_or_default().min(MAX_RETRY_AFTER))
}

/// The time of the next attempt.
pub fn next_attempt_at(now: Timestamp, attempt: u32, after: Option<Duration>, uniform: u32) -> Timestamp {
    now.checked_add(delay(attempt, after, uniform)).unwrap_or(Timestamp::MAX)
}

/// Reads a `Retry-After` header in seconds (RFC 9110 §10.2.3). Its date form is not used by our backend and is ignored.
pub fn retry_after(value: &str) -> Option<Duration> {
    value.trim().parse::<u32>().ok().map(|seconds| Duration::from_secs(u64::from(seconds)).min(MAX_RETRY_AFTER))
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
        assert_eq!(retry_after(" 120 "), Some(Duration::from_secs(120)));
        assert_eq!(retry_after("999999"), Some(MAX_RETRY_AFTER));
        for refused in ["-1", "soon", "", "Fri, 31 Dec 1999 23:59:59 GMT", "99999999999999"] {
            assert_eq!(retry_after(refused), None, "{refused}");
        }
    }
}
