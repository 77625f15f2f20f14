//! What PC/SC's error codes mean here.

use apdu::TransportError;
use kiosk::ReadersError;

/// Where a failed command leaves the connection, when the code alone can say.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "PC/SC has sixty codes; those without a meaning here travel as data"
)]
pub(crate) fn transport_error(error: pcsc::Error) -> TransportError {
    use pcsc::Error as E;
    match error {
        E::RemovedCard | E::NoSmartcard => TransportError::CardRemoved,
        E::ResetCard => TransportError::CardReset,
        E::ReaderUnavailable | E::UnknownReader | E::NoReadersAvailable => TransportError::ReaderLost,
        E::SharingViolation => TransportError::ReaderBusy,
        E::Timeout | E::WaitedTooLong | E::UnresponsiveCard => TransportError::Timeout,
        E::Cancelled | E::SystemCancelled | E::CancelledByUser => TransportError::Stopped,
        // The receive buffer is the response budget of 65,538 bytes.
        E::InsufficientBuffer => TransportError::ResponseLength { length: crate::worker::RESPONSE_BUDGET + 1 },
        other if is_service_lost(other) => TransportError::ReaderLost,
        other => TransportError::Pcsc(other as u32),
    }
}

/// The context is dead and a new one has to be established. After the service has restarted `SCardIsValidContext` still says
/// yes; the codes of real calls are all there is to go by. A broken pipe to the service reads as a communication error.
pub(crate) fn is_service_lost(error: pcsc::Error) -> bool {
    use pcsc::Error as E;
    matches!(error, E::NoService | E::ServiceStopped | E::InvalidHandle | E::Shutdown | E::ServerTooBusy)
}

/// Codes that say the exchange failed but not why: the reader's state tells the rest.
pub(crate) fn needs_reader_state(error: pcsc::Error) -> bool {
    use pcsc::Error as E;
    matches!(
        error,
        E::NotTransacted | E::CommError | E::CommDataLost | E::UnpoweredCard | E::UnknownError | E::InternalError
    )
}

/// Why a reader could not be opened.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "PC/SC has sixty codes; those without a meaning here travel as data"
)]
pub(crate) fn connect_error(error: pcsc::Error) -> ReadersError {
    use pcsc::Error as E;
    match error {
        E::UnknownReader | E::ReaderUnavailable | E::NoReadersAvailable => ReadersError::ReaderUnknown,
        E::NoSmartcard | E::RemovedCard => ReadersError::NoCard,
        E::SharingViolation => ReadersError::ReaderBusy,
        E::UnresponsiveCard | E::UnpoweredCard => ReadersError::CardMute,
        // A card that speaks neither T=0 nor T=1 has nothing to say to us.
        E::ProtoMismatch | E::UnsupportedCard | E::CardUnsupported => ReadersError::CardUnknown,
        other if is_service_lost(other) => ReadersError::ServiceLost,
        other => ReadersError::Transport(transport_error(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_to_lose_a_card_keeps_its_name() {
        assert_eq!(transport_error(pcsc::Error::RemovedCard), TransportError::CardRemoved);
        assert_eq!(transport_error(pcsc::Error::ResetCard), TransportError::CardReset);
        assert_eq!(transport_error(pcsc::Error::ReaderUnavailable), TransportError::ReaderLost);
        assert_eq!(transport_error(pcsc::Error::NoService), TransportError::ReaderLost);
        assert_eq!(transport_error(pcsc::Error::SharingViolation), TransportError::ReaderBusy);
        assert_eq!(transport_error(pcsc::Error::InsufficientBuffer), TransportError::ResponseLength { length: 65_539 });
    }

    #[test]
    fn an_unforeseen_code_travels_as_data() {
        assert_eq!(
            transport_error(pcsc::Error::UnsupportedFeature),
            TransportError::Pcsc(pcsc::Error::UnsupportedFeature as u32)
        );
    }
}
