//! The headless app: everything a verification does, without a window.
//!
//! What it is: the ports other crates implement ([`ports`]), and the actor that performs what crate `session` asks for: it reads
//! chips, has them judged, runs the camera, seals, and delivers. What it is not: a reader, a camera, a database, an HTTP client or
//! a window.
//!
//! ```text
//!   KioskHandle ─▶ inbox ─▶ actor ─▶ Session::handle ─▶ effects ─┬▶ chip thread ──▶ Readers
//!        ▲                    │                                  ├▶ camera thread ▶ Cameras ─▶ PreviewSlot
//!        └── views per role ──┘◀── events ───────────────────────┴▶ outbox thread ▶ SessionStore, Backend
//! ```
//!
//! A run is replayable: time and randomness come from [`Clock`] and [`Entropy`].

mod actor;
mod breaker;
mod camera;
mod chip_reading;
mod config;
mod devices;
mod failure;
mod handle;
mod inspect;
mod learned;
mod outbox;
mod pictures;
pub mod ports;
mod preview;
mod random;
mod retry;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod time;
pub mod trust_files;

pub use config::{ChipDoor, KioskConfig, Ports};
pub use handle::{Kiosk, KioskHandle, StartError};
pub use inspect::Beside;
pub use ports::{
    Backend, CameraError, CameraInfo, CameraStream, Cameras, CardConnection, Clock, DeliveryError, DeliveryRow,
    DeliveryState, Entropy, Frame, Outgoing, OutgoingBlob, ParkReason, ReaderEvent, ReaderInfo, ReaderKind, Readers,
    ReadersError, RetryCause, SealedSession, SessionStore, StartUp, StoreError, Ui, Watch,
};
pub use preview::PreviewSlot;
pub use time::SystemClock;
