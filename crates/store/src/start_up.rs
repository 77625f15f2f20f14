//! The check at every opening (security specification §4).

use kiosk::StartUp;

use crate::outbox::SERVER_TIME;
use crate::rows::META;
use crate::store::Store;
use crate::verify::{Anchoring, Depth, Finding, VerifyReport, walk};

impl Store {
    /// Walks what is stored before anything is written to it. Whatever is not as it was written puts the store into safe mode.
    pub(crate) fn check_at_start(&mut self) {
        let walked = walk(&self.connection, &self.dir, &self.keys, &self.device_public(), Depth::Opening);
        self.start_up = walked.report.start_up();
        if self.start_up.sound() {
            tracing::info!(result = self.start_up.name(), entries = walked.report.journal_entries, "store checked");
        } else {
            let findings = walked.report.findings.len();
            tracing::error!(result = self.start_up.name(), findings, "store is in safe mode: nothing is accepted");
        }
        self.clock_floor.saw_ms(walked.newest_ms);
        let server = META.read(&self.connection, &self.keys.journal, &SERVER_TIME).ok().flatten();
        if let Some(time) = server.and_then(|fields| fields.array(1).ok()) {
            self.clock_floor.saw_ms(u64::from_be_bytes(time));
        }
    }
}

impl VerifyReport {
    /// The one result of the start-up check; the gravest when several hold.
    pub fn start_up(&self) -> StartUp {
        let results = || self.findings.iter().map(Finding::result);
        let has = |wanted: StartUp| results().any(|result| result == wanted);
        match self.anchoring {
            Anchoring::Rollback => return StartUp::Rollback,
            Anchoring::Fork => return StartUp::Fork,
            // The anchor was taken away to hide what it would show.
            Anchoring::Missing => return StartUp::Rollback,
            Anchoring::Damaged => return StartUp::MacBad,
            Anchoring::Ok | Anchoring::HeadAhead => {}
        }
        [StartUp::MacBad, StartUp::RowMissing, StartUp::RowExtra, StartUp::RowChanged]
            .into_iter()
            .find(|result| has(*result))
            .unwrap_or(if self.anchoring == Anchoring::HeadAhead { StartUp::HeadAhead } else { StartUp::Ok })
    }
}

impl Finding {
    fn result(&self) -> StartUp {
        match self {
            Self::RowMissing { .. } => StartUp::RowMissing,
            Self::RowExtra { .. } => StartUp::RowExtra,
            Self::RowChanged { .. } => StartUp::RowChanged,
            Self::Page { .. }
            | Self::Unreadable { .. }
            | Self::SchemaChanged
            | Self::RowTampered { .. }
            | Self::JournalTampered { .. }
            | Self::EpochSlot { .. }
            | Self::Bundle { .. }
            | Self::Blob { .. }
            | Self::OtherDevice => StartUp::MacBad,
        }
    }
}
