//! The kiosk's `Ui` port on the windows of this process.

use std::sync::{Arc, OnceLock};

use kiosk::{Frame, Ui};
use session::{Role, SessionView};
use tauri::{AppHandle, Emitter};

use crate::view::{QA, ViewEvent, label};

/// Sends every view to the windows that may see it. Before the windows exist views are kept by the core alone.
#[derive(Default)]
pub struct Windows(OnceLock<AppHandle>);

impl Windows {
    pub fn attach(&self, app: AppHandle) {
        // A second attachment cannot happen: the application is set up once.
        let _ = self.0.set(app);
    }
}

impl Ui for Windows {
    fn show(&self, role: Role, view: &SessionView) {
        let Some(app) = self.0.get() else { return };
        if role == Role::Qa {
            return;
        }
        for window in [label(role), QA] {
            if let Err(error) = app.emit_to(window, "view", ViewEvent { role, view }) {
                tracing::warn!(%error, window, "a view was not sent");
            }
        }
    }

    /// Pages pull pictures through the `preview:` scheme.
    fn preview(&self, _frame: Arc<Frame>) {}
}
