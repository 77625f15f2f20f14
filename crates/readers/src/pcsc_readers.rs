use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kiosk::{CardConnection, ReaderEvent, ReaderInfo, ReaderKind, Readers, ReadersError, Watch};
use pcsc::{Context, ReaderState, Scope, State};

use crate::failure::connect_error;
use crate::{PcscConnection, ReadersConfig, Traced, kind_of, supervisor};

/// The readers PC/SC knows, less those the configuration ignores.
pub struct PcscReaders {
    config: Arc<ReadersConfig>,
    /// What the ATRs seen so far said of each reader, for the times it is empty.
    kinds: Mutex<HashMap<String, ReaderKind>>,
}

impl PcscReaders {
    #[must_use]
    pub fn new(config: ReadersConfig) -> Self {
        Self { config: Arc::new(config), kinds: Mutex::default() }
    }

    /// Connects like [`Readers::connect`] and without tracing, for callers that need the connection's own type.
    ///
    /// # Errors
    /// No such reader, no card, or the reader is in use.
    pub fn open(&self, reader: &str) -> Result<PcscConnection, ReadersError> {
        if self.config.ignores(reader) {
            return Err(ReadersError::ReaderNotAllowed);
        }
        Ok(PcscConnection::open(reader)?.with_limit(self.config.answer_within))
    }

    fn kind(&self, reader: &str, atr: Option<&[u8]>) -> ReaderKind {
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        if atr.is_some() {
            let kind = kind_of(reader, atr);
            kinds.insert(reader.to_owned(), kind);
            return kind;
        }
        kinds.get(reader).copied().unwrap_or_else(|| kind_of(reader, None))
    }
}

impl Readers for PcscReaders {
    fn list(&self) -> Result<Vec<ReaderInfo>, ReadersError> {
        let context = Context::establish(Scope::User).map_err(connect_error)?;
        let mut states: Vec<ReaderState> = context
            .list_readers_owned()
            .map_err(connect_error)?
            .into_iter()
            .filter(|name| name.to_str().is_ok_and(|name| !self.config.ignores(name)))
            .map(|name| ReaderState::new(name, State::UNAWARE))
            .collect();
        if !states.is_empty() {
            match context.get_status_change(Duration::ZERO, &mut states) {
                Ok(()) | Err(pcsc::Error::Timeout) => {}
                Err(error) => return Err(connect_error(error)),
            }
        }
        Ok(states
            .iter()
            .map(|state| {
                let name = state.name().to_string_lossy().into_owned();
                let card_present = state.event_state().contains(State::PRESENT);
                let atr = card_present.then(|| state.atr().to_vec()).filter(|atr| !atr.is_empty());
                ReaderInfo { kind: self.kind(&name, atr.as_deref()), name, card_present, atr }
            })
            .collect())
    }

    /// Reports [`ReaderEvent::ServiceLost`] once when the service goes, followed by a [`ReaderEvent::ReaderRemoved`] for every
    /// reader there was; a removed reader takes its card with it and no `CardRemoved` follows. After
    /// [`ReaderEvent::ServiceBack`] everything is reported afresh. Dropping the watch waits for its thread, so no event comes
    /// later; a watch dropped from inside its own callback ends right after it.
    fn watch(&self, on: Box<dyn Fn(ReaderEvent) + Send>) -> Watch {
        supervisor::start(Arc::clone(&self.config), on)
    }

    fn connect(&self, reader: &str) -> Result<Box<dyn CardConnection>, ReadersError> {
        let connection = self.open(reader)?;
        Ok(match &self.config.trace {
            Some(ring) => Box::new(Traced::new(connection, ring.clone())),
            None => Box::new(connection),
        })
    }
}
