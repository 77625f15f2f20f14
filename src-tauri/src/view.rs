//! Everything that crosses between page and core besides the session's own views and intents.

use serde::Serialize;
use session::{Role, SessionView};

/// What a surface needs to draw itself from nothing.
#[derive(Serialize)]
pub struct SnapshotView {
    pub view: SessionView,
    /// Opens the camera preview for this surface until its next snapshot.
    pub preview_token: String,
    /// Test cards of the virtual reader; absent in a production build.
    pub profiles: Option<Vec<String>>,
}

/// Payload of event `view`.
#[derive(Clone, Serialize)]
pub struct ViewEvent<'a> {
    pub role: Role,
    pub view: &'a SessionView,
}

/// Why a command did nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusedView {
    /// This window is not the surface of that role, or the role is not offered that act.
    NotOffered,
    /// No view has been made yet.
    NotReady,
    /// The virtual reader is not part of this build, or this card cannot be made.
    NoVirtualCard,
}

/// The window that shows both surfaces to a tester.
pub const QA: &str = "qa";

/// The label of a role's own window.
#[must_use]
pub fn label(role: Role) -> &'static str {
    match role {
        Role::Customer => "customer",
        Role::Teller => "teller",
        Role::Qa => QA,
    }
}

/// Whether a window may speak for a role: its own one, or the tester's for both.
#[must_use]
pub fn speaks_for(window: &str, role: Role) -> bool {
    role != Role::Qa && (window == label(role) || window == QA)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_speaks_for_its_own_role_alone() {
        assert!(speaks_for("customer", Role::Customer));
        assert!(!speaks_for("customer", Role::Teller));
        assert!(!speaks_for("teller", Role::Customer));
        assert!(speaks_for("qa", Role::Customer) && speaks_for("qa", Role::Teller));
        assert!(!speaks_for("qa", Role::Qa));
        assert!(!speaks_for("other", Role::Teller));
    }
}
