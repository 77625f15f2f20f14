use std::time::Duration;

use jiff::Timestamp;

/// Failures in a row that open the breaker.
const OPEN_AFTER: u32 = 5;
/// Successes in a row that close it.
const CLOSE_AFTER: u32 = 2;
/// A probe is let through this long after opening, doubled for each failed probe.
const FIRST_PROBE: Duration = Duration::from_secs(15);
const LAST_PROBE: Duration = Duration::from_secs(60);

/// Keeps a backend that is down from being called for every waiting session (security specification §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Breaker {
    /// Calls pass.
    Closed {
        /// Transport and 5xx failures in a row.
        failures: u32,
    },
    /// No call passes before `until`.
    Open {
        /// When one probe may pass.
        until: Timestamp,
        /// The wait that led there.
        wait: Duration,
    },
    /// Probes pass.
    HalfOpen {
        /// Successes in a row.
        successes: u32,
        /// The wait before the probe.
        wait: Duration,
    },
}

/// Whether a call may go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permission {
    /// Go.
    Go,
    /// Not yet.
    Wait,
}

impl Default for Breaker {
    fn default() -> Self {
        Self::Closed { failures: 0 }
    }
}

impl Breaker {
    /// Asks for a call; an open breaker whose time has come lets one probe pass.
    pub(crate) fn ask(self, now: Timestamp) -> (Self, Permission) {
        match self {
            // A wait longer than it can be was set before the clock went back.
            Self::Open { until, .. } if now < until && until.duration_since(now).unsigned_abs() <= LAST_PROBE => {
                (self, Permission::Wait)
            }
            Self::Open { wait, .. } => (Self::HalfOpen { successes: 0, wait }, Permission::Go),
            Self::Closed { .. } | Self::HalfOpen { .. } => (self, Permission::Go),
        }
    }

    /// The backend answered, whatever it said below 500.
    pub(crate) fn succeeded(self) -> Self {
        match self {
            Self::HalfOpen { successes, wait } if successes + 1 < CLOSE_AFTER => {
                Self::HalfOpen { successes: successes + 1, wait }
            }
            Self::HalfOpen { .. } | Self::Closed { .. } | Self::Open { .. } => Self::default(),
        }
    }

    /// No answer, or a 5xx.
    pub(crate) fn failed(self, now: Timestamp) -> Self {
        let open = |wait: Duration| Self::Open { until: now.checked_add(wait).unwrap_or(Timestamp::MAX), wait };
        match self {
            Self::Closed { failures } if failures + 1 < OPEN_AFTER => Self::Closed { failures: failures + 1 },
            Self::Closed { .. } => open(FIRST_PROBE),
            Self::HalfOpen { wait, .. } => open(wait.saturating_mul(2).min(LAST_PROBE)),
            Self::Open { .. } => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_764_000_000 + second).unwrap()
    }

    #[test]
    fn opens_after_five_failures_probes_and_closes_after_two_successes() {
        let mut breaker = Breaker::default();
        for _ in 0..4 {
            breaker = breaker.failed(at(0));
            assert_eq!(breaker.ask(at(0)).1, Permission::Go);
        }
        breaker = breaker.failed(at(0));
        assert_eq!(breaker.ask(at(14)), (breaker, Permission::Wait));
        let (probing, permission) = breaker.ask(at(15));
        assert_eq!(permission, Permission::Go);
        let reopened = probing.failed(at(15));
        assert_eq!(reopened.ask(at(44)).1, Permission::Wait);
        let (probing, _) = reopened.ask(at(45));
        assert_ne!(probing.succeeded(), Breaker::default());
        assert_eq!(probing.succeeded().succeeded(), Breaker::default());
    }

    #[test]
    fn the_wait_between_probes_is_a_minute_at_most_and_a_success_forgets_failures() {
        let mut breaker = Breaker::HalfOpen { successes: 0, wait: LAST_PROBE };
        breaker = breaker.failed(at(0));
        assert_eq!(breaker, Breaker::Open { until: at(60), wait: LAST_PROBE });
        assert_eq!(Breaker::Closed { failures: 4 }.succeeded(), Breaker::default());
    }
}
