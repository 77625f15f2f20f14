use std::time::Duration;

use kiosk::{DeliveryError, ParkReason, RetryCause};

/// What came back from one attempt, before the receipt is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// An HTTP status, with the wait the backend asked for.
    Status {
        /// The status code.
        status: u16,
        /// `Retry-After`.
        after: Option<Duration>,
    },
    /// No HTTP answer.
    Transport(TransportFailure),
}

/// Why there was no HTTP answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportFailure {
    /// No connection.
    Connect,
    /// No answer in time.
    Timeout,
    /// The connection broke.
    Broken,
    /// The certificate is not the expected one.
    Certificate,
}

/// What a reply means (security specification §6). `Ok` is a success whose receipt must still be checked.
pub fn classify(reply: Reply) -> Result<(), DeliveryError> {
    let (status, after) = match reply {
        Reply::Transport(TransportFailure::Certificate) => return Err(DeliveryError::DeviceStop),
        Reply::Transport(TransportFailure::Connect | TransportFailure::Timeout | TransportFailure::Broken) => {
            return Err(DeliveryError::Retryable { cause: RetryCause::Unreachable, after: None });
        }
        Reply::Status { status, after } => (status, after),
    };
    match status {
        200..=299 => Ok(()),
        401 | 403 => Err(DeliveryError::DeviceStop),
        409 => Err(DeliveryError::Park(ParkReason::Conflict)),
        400 | 410 | 413 | 422 => Err(DeliveryError::Park(ParkReason::Rejected { status })),
        500..=599 => Err(DeliveryError::Retryable { cause: RetryCause::ServerError { status }, after }),
        // 408, 425, 429, and whatever a proxy between us and the backend invents: nothing is given up for it.
        _ => Err(DeliveryError::Retryable { cause: RetryCause::Unsettled, after }),
    }
}

/// Reads a `Retry-After` header in seconds (RFC 9110 §10.2.3). Its date form is not used by our backend and is ignored.
pub fn retry_after(value: &str) -> Option<Duration> {
    value.trim().parse::<u32>().ok().map(|seconds| Duration::from_secs(u64::from(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16) -> Result<(), DeliveryError> {
        classify(Reply::Status { status, after: None })
    }

    #[test]
    fn every_row_of_the_table() {
        for ok in [200, 201, 204] {
            assert_eq!(status(ok), Ok(()));
        }
        for unsettled in [100, 301, 404, 408, 424, 425, 429, 600, 0, u16::MAX] {
            let cause = RetryCause::Unsettled;
            assert_eq!(status(unsettled), Err(DeliveryError::Retryable { cause, after: None }), "{unsettled}");
        }
        for fault in [500, 502, 503, 504, 507, 599] {
            let cause = RetryCause::ServerError { status: fault };
            assert_eq!(status(fault), Err(DeliveryError::Retryable { cause, after: None }), "{fault}");
        }
        for stop in [401, 403] {
            assert_eq!(status(stop), Err(DeliveryError::DeviceStop));
        }
        assert_eq!(status(409), Err(DeliveryError::Park(ParkReason::Conflict)));
        for parked in [400, 410, 413, 422] {
            assert_eq!(status(parked), Err(DeliveryError::Park(ParkReason::Rejected { status: parked })));
        }
    }

    #[test]
    fn a_wrong_certificate_stops_the_device_and_any_other_transport_failure_does_not() {
        assert_eq!(classify(Reply::Transport(TransportFailure::Certificate)), Err(DeliveryError::DeviceStop));
        for failure in [TransportFailure::Connect, TransportFailure::Timeout, TransportFailure::Broken] {
            let unreachable = DeliveryError::Retryable { cause: RetryCause::Unreachable, after: None };
            assert_eq!(classify(Reply::Transport(failure)), Err(unreachable));
        }
    }

    #[test]
    fn the_wait_the_backend_asked_for_is_kept() {
        let after = Some(Duration::from_secs(7));
        let cause = RetryCause::ServerError { status: 503 };
        assert_eq!(classify(Reply::Status { status: 503, after }), Err(DeliveryError::Retryable { cause, after }));
        assert_eq!(retry_after(" 120 "), Some(Duration::from_secs(120)));
        for refused in ["-1", "soon", "", "Fri, 31 Dec 1999 23:59:59 GMT", "99999999999999"] {
            assert_eq!(retry_after(refused), None, "{refused}");
        }
    }
}
