//! Camera preview over the `preview:` scheme: one JPEG per request, never older than the one before.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chip_crypto::random::{RandomError, SecureRandom, SystemRandom};
use kiosk::{Frame, KioskHandle};
use session::Role;
use tauri::http::{Request, Response, StatusCode, header};

/// Longest wait for a newer picture.
const WAIT: Duration = Duration::from_millis(250);

/// Who may see the camera now: one token per surface, renewed by every snapshot.
pub struct Previews {
    kiosk: Arc<KioskHandle>,
    open: Mutex<BTreeMap<Role, Arc<Viewer>>>,
}

struct Viewer {
    token: String,
    /// Sequence of the last picture sent.
    seen: AtomicU64,
}

impl Previews {
    pub fn new(kiosk: Arc<KioskHandle>) -> Self {
        Self { kiosk, open: Mutex::default() }
    }

    /// Opens the preview for a surface and closes its former one.
    ///
    /// # Errors
    /// The system has no randomness for a token.
    pub fn open(&self, role: Role) -> Result<String, RandomError> {
        let mut random = [0; 16];
        SystemRandom::new().fill(&mut random)?;
        let token = hex::encode(random);
        let viewer = Viewer { token: token.clone(), seen: AtomicU64::new(0) };
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(role, Arc::new(viewer));
        Ok(token)
    }

    /// Answers one request; waits, so it runs off the page's thread.
    pub fn answer(&self, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        let Some(viewer) = self.viewer(request.uri().path()) else { return empty(StatusCode::FORBIDDEN) };
        let Some(frame) = self.kiosk.wait_newer(viewer.seen.load(Ordering::Acquire), WAIT) else {
            return empty(StatusCode::SERVICE_UNAVAILABLE);
        };
        viewer.seen.store(frame.sequence, Ordering::Release);
        picture(&frame)
    }

    /// Finds the viewer of a path `/{token}/{role}/{sequence}`, percent-encoded as the page's library does.
    fn viewer(&self, path: &str) -> Option<Arc<Viewer>> {
        let path = path.replace("%2F", "/").replace("%2f", "/");
        let token = path.trim_start_matches('/').split('/').next()?;
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.values().find(|viewer| viewer.token == token).cloned()
    }
}

fn picture(frame: &Frame) -> Response<Vec<u8>> {
    let mut response = Response::new(frame.jpeg.clone());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("image/jpeg"));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}

/// The answer before the core runs.
pub fn not_ready() -> Response<Vec<u8>> {
    empty(StatusCode::SERVICE_UNAVAILABLE)
}

fn empty(status: StatusCode) -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status;
    response
}
