//! What is around a session and outlives it: devices, deliveries, the last message, the idle clock.

use jiff::Timestamp;

use crate::choice::{DocumentChoice, Language, Role};
use crate::code::{Failure, FailureCode};
use crate::view::{DeliveryLine, DeviceState, DevicesView, Message};

/// The devices as last reported.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Devices {
    pub reader: DeviceState,
    pub reader_name: Option<String>,
    pub card_present: bool,
    pub camera: DeviceState,
    pub camera_name: Option<String>,
    pub backend: DeviceState,
    /// Why no session may begin here; `None` when one may.
    pub closed: Option<FailureCode>,
    pub failures: Vec<FailureCode>,
}

impl Devices {
    pub(crate) fn view(&self, role: Role) -> DevicesView {
        let staff = role != Role::Customer;
        DevicesView {
            reader: self.reader,
            reader_name: self.reader_name.clone().filter(|_| staff),
            card_present: self.card_present,
            camera: self.camera,
            camera_name: self.camera_name.clone().filter(|_| staff),
            backend: self.backend,
            failures: self.closed.iter().chain(&self.failures).map(|code| Failure::from(*code).view(role)).collect(),
        }
    }
}

/// What is said above the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Note {
    Failure(Failure),
    /// Another document than the chosen one lies there.
    LooksLike(Failure, DocumentChoice),
    /// A text key of the page's catalogue.
    Hint(&'static str),
}

impl Note {
    pub(crate) fn message(self, role: Role) -> Message {
        match self {
            Self::Failure(failure) => failure.message(role),
            Self::LooksLike(failure, document) => {
                let mut message = failure.message(role);
                message.params.insert("looks_like".to_owned(), document.id().to_owned());
                message
            }
            Self::Hint(key) => Message { key: key.to_owned(), params: Default::default(), code: None },
        }
    }
}

/// Everything a session finds when it starts and leaves behind when it is wiped. No personal data.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    /// The language of the idle screen.
    pub language: Language,
    pub devices: Devices,
    pub deliveries: Vec<DeliveryLine>,
    pub note: Option<Note>,
    /// The last act of a person or change of state.
    pub active_at: Timestamp,
    /// Numbers asynchronous work, so that a late answer is recognised.
    pub ticket: u32,
}

impl Desk {
    pub(crate) fn next_ticket(&mut self) -> u32 {
        self.ticket = self.ticket.wrapping_add(1);
        self.ticket
    }
}
