//! What is known about the devices, as the session sees it.

use std::collections::BTreeMap;

use session::view::DeviceState;
use session::{Devices, FailureCode};

use crate::camera::CameraReport;
use crate::ports::{ReaderEvent, ReaderInfo, ReaderKind, ReadersError};

/// The devices as last heard of.
pub(crate) struct DeviceTable {
    readers: BTreeMap<String, Reader>,
    reader_failure: Option<FailureCode>,
    listed: bool,
    camera: CameraReport,
    backend: (DeviceState, Option<FailureCode>),
    closed: Option<FailureCode>,
    clock: Option<FailureCode>,
}

struct Reader {
    kind: Option<ReaderKind>,
    card_present: bool,
}

impl DeviceTable {
    pub(crate) fn new() -> Self {
        Self {
            readers: BTreeMap::new(),
            reader_failure: None,
            listed: false,
            camera: CameraReport { state: DeviceState::Unknown, name: None, failure: None },
            backend: (DeviceState::Unknown, None),
            closed: None,
            clock: None,
        }
    }

    pub(crate) fn reader_event(&mut self, event: ReaderEvent) {
        self.listed = true;
        match event {
            ReaderEvent::ReaderAdded(name) => {
                self.reader_failure = None;
                self.readers.entry(name).or_insert(Reader { kind: None, card_present: false });
            }
            ReaderEvent::ReaderRemoved(name) => {
                self.readers.remove(&name);
            }
            ReaderEvent::CardInserted { reader, .. } => {
                self.reader_failure = None;
                self.readers.entry(reader).or_insert(Reader { kind: None, card_present: true }).card_present = true;
            }
            ReaderEvent::CardRemoved { reader } => {
                if let Some(reader) = self.readers.get_mut(&reader) {
                    reader.card_present = false;
                }
            }
            ReaderEvent::ServiceLost => {
                self.readers.clear();
                self.reader_failure = Some(FailureCode::ReaderServiceLost);
            }
            ReaderEvent::ServiceBack => self.reader_failure = None,
        }
    }

    pub(crate) fn listed(&mut self, readers: Result<Vec<ReaderInfo>, ReadersError>) {
        self.listed = true;
        match readers {
            Ok(readers) => {
                for reader in readers {
                    // Events are newer than the list when both speak of one reader.
                    let entry = self.readers.entry(reader.name);
                    entry.or_insert(Reader { kind: None, card_present: reader.card_present }).kind = Some(reader.kind);
                }
            }
            Err(error) => self.reader_failure = Some(session::Failure::from(error).code),
        }
    }

    pub(crate) fn camera(&mut self, report: CameraReport) {
        let name = report.name.clone().or(self.camera.name.take());
        self.camera = CameraReport { name, ..report };
    }

    pub(crate) fn backend(&mut self, state: DeviceState, failure: Option<FailureCode>) {
        self.backend = (state, failure);
    }

    /// What the store says of itself and of the clock.
    pub(crate) fn store(&mut self, closed: Option<FailureCode>, clock_trusted: bool) {
        self.closed = closed;
        self.clock = (!clock_trusted).then_some(FailureCode::ClockUntrusted);
    }

    /// The reader a card lies on, contactless ones first.
    pub(crate) fn reader_with_card(&self) -> Option<&str> {
        let rank = |reader: &Reader| match reader.kind {
            Some(ReaderKind::Contactless) => 0,
            Some(ReaderKind::Virtual) | None => 1,
            Some(ReaderKind::Contact) => 2,
        };
        let with_card = self.readers.iter().filter(|(_, reader)| reader.card_present);
        with_card.min_by_key(|(_, reader)| rank(reader)).map(|(name, _)| name.as_str())
    }

    pub(crate) fn snapshot(&self) -> Devices {
        let reader = match (&self.reader_failure, self.readers.is_empty(), self.listed) {
            (Some(_), _, _) => DeviceState::Failed,
            (None, true, false) => DeviceState::Unknown,
            (None, true, true) => DeviceState::Missing,
            (None, false, _) => DeviceState::Ready,
        };
        let missing = (reader == DeviceState::Missing).then_some(FailureCode::ReaderMissing);
        let failures = [self.reader_failure, missing, self.camera.failure, self.backend.1, self.clock]
            .into_iter()
            .flatten()
            .collect();
        Devices {
            reader,
            reader_name: self
                .reader_with_card()
                .or_else(|| self.readers.keys().next().map(String::as_str))
                .map(str::to_owned),
            card_present: self.reader_with_card().is_some(),
            camera: self.camera.state,
            camera_name: self.camera.name.clone(),
            backend: self.backend.0,
            closed: self.closed,
            failures,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inserted(reader: &str) -> ReaderEvent {
        ReaderEvent::CardInserted { reader: reader.to_owned(), atr: Vec::new() }
    }

    #[test]
    fn no_reader_is_said_only_after_looking() {
        let mut table = DeviceTable::new();
        assert_eq!(table.snapshot().reader, DeviceState::Unknown);
        table.listed(Ok(Vec::new()));
        assert_eq!(table.snapshot().failures, [FailureCode::ReaderMissing]);
        table.reader_event(ReaderEvent::ReaderAdded("a".to_owned()));
        assert_eq!((table.snapshot().reader, table.snapshot().failures), (DeviceState::Ready, Vec::new()));
    }

    #[test]
    fn a_lost_service_takes_readers_and_cards_with_it_and_they_come_back() {
        let mut table = DeviceTable::new();
        table.reader_event(inserted("a"));
        assert!(table.snapshot().card_present);
        table.reader_event(ReaderEvent::ServiceLost);
        assert_eq!(table.snapshot().failures, [FailureCode::ReaderServiceLost]);
        assert!(!table.snapshot().card_present);
        table.reader_event(ReaderEvent::ServiceBack);
        table.reader_event(inserted("a"));
        assert_eq!(table.reader_with_card(), Some("a"));
    }

    #[test]
    fn a_list_does_not_overrule_newer_events() {
        let mut table = DeviceTable::new();
        table.reader_event(inserted("a"));
        table.reader_event(ReaderEvent::CardRemoved { reader: "a".to_owned() });
        let stale = ReaderInfo { name: "a".to_owned(), kind: ReaderKind::Contact, card_present: true, atr: None };
        table.listed(Ok(vec![stale]));
        assert!(!table.snapshot().card_present);
    }

    #[test]
    fn the_contactless_reader_is_preferred() {
        let mut table = DeviceTable::new();
        let reader = |name: &str, kind| ReaderInfo { name: name.to_owned(), kind, card_present: true, atr: None };
        table.listed(Ok(vec![reader("a", ReaderKind::Contact), reader("b", ReaderKind::Contactless)]));
        assert_eq!(table.reader_with_card(), Some("b"));
    }
}
