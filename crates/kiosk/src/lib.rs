//! The headless app: everything a verification does, without a window.
//!
//! What it is: the ports other crates implement, and the actor that performs what crate `session` asks for. What it is not: a
//! reader, a camera, a database, an HTTP client or a window.

mod ports;

pub use ports::{
    Backend, CameraError, CameraInfo, CameraStream, Cameras, CardConnection, Clock, DeliveryError, DeliveryRow, DeliveryState,
    Entropy, Frame, Outgoing, OutgoingBlob, ParkReason, ReaderEvent, ReaderInfo, ReaderKind, Readers, ReadersError, SealedSession,
    SessionStore, StoreError, Ui, Watch,
};
