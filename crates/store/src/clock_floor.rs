//! Whether the clock can be right (threat model T13).

use jiff::{SignedDuration, Timestamp};
use wire::ClockTrust;

/// A clock further behind the floor than this is not believed.
const TOLERANCE: SignedDuration = SignedDuration::from_hours(24);

/// The newest time that has certainly passed: of the build, of the newest list, of the last signed receipt, of the last journal
/// entry. A clock that ran ahead raises it for good: the backend, which judges again, is who can tell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClockFloor(Timestamp);

impl ClockFloor {
    pub(crate) fn new(floor: Timestamp) -> Self {
        Self(floor)
    }

    /// Time went on at least to here.
    pub(crate) fn saw(&mut self, time: Timestamp) {
        self.0 = self.0.max(time);
    }

    /// The same, in Unix milliseconds.
    pub(crate) fn saw_ms(&mut self, time_ms: u64) {
        if let Some(time) = i64::try_from(time_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()) {
            self.saw(time);
        }
    }

    pub(crate) fn trust(self, now: Timestamp) -> ClockTrust {
        if self.0.duration_since(now) > TOLERANCE { ClockTrust::Untrusted } else { ClockTrust::Trusted }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_behind_is_believed_and_no_more() {
        let at = |hour: i64| Timestamp::from_second(1_764_000_000 + hour * 3600).unwrap();
        let mut floor = ClockFloor::new(at(0));
        assert_eq!(floor.trust(at(1000)), ClockTrust::Trusted, "time went on");
        floor.saw(at(100));
        floor.saw(at(50));
        assert_eq!(floor.trust(at(76)), ClockTrust::Trusted);
        assert_eq!(floor.trust(at(75)), ClockTrust::Untrusted);
        floor.saw_ms(u64::MAX);
        assert_eq!(floor.trust(at(76)), ClockTrust::Trusted, "no time is no time");
    }
}
