//! What the commands act on: the running core, the preview, and in QA the virtual reader.

use std::sync::Arc;

use kiosk::KioskHandle;
use session::{Role, UserIntent};

use crate::preview::Previews;
use crate::view::{RefusedView, SnapshotView, speaks_for};

/// Cards that are placed by command (QA).
pub trait VirtualCards: Send + Sync {
    fn profiles(&self) -> Vec<String>;
    /// # Errors
    /// No such card.
    fn insert(&self, profile: &str) -> Result<(), RefusedView>;
    /// # Errors
    /// Never in the reader of this process.
    fn remove(&self) -> Result<(), RefusedView>;
}

/// One counter with its running core.
pub struct Counter {
    kiosk: Arc<KioskHandle>,
    previews: Arc<Previews>,
    cards: Option<Box<dyn VirtualCards>>,
}

impl Counter {
    pub fn new(kiosk: Arc<KioskHandle>, previews: Arc<Previews>, cards: Option<Box<dyn VirtualCards>>) -> Self {
        Self { kiosk, previews, cards }
    }

    pub fn snapshot(&self, window: &str, role: Role) -> Result<SnapshotView, RefusedView> {
        if !speaks_for(window, role) {
            return Err(RefusedView::NotOffered);
        }
        let view = self.kiosk.view(role).ok_or(RefusedView::NotReady)?.as_ref().clone();
        let preview_token = self.previews.open(role).map_err(|_| RefusedView::NotReady)?;
        Ok(SnapshotView { view, preview_token, profiles: self.cards.as_ref().map(|cards| cards.profiles()) })
    }

    pub fn intend(&self, window: &str, role: Role, intent: UserIntent) -> Result<(), RefusedView> {
        if !speaks_for(window, role) || !intent.offered_to(role) {
            return Err(RefusedView::NotOffered);
        }
        self.kiosk.send(intent);
        Ok(())
    }

    /// The page has drawn a new screen. What people wait for ends here, so this is where it is timed.
    pub fn painted(&self, window: &str, role: Role) -> Result<(), RefusedView> {
        if !speaks_for(window, role) {
            return Err(RefusedView::NotOffered);
        }
        let view = self.kiosk.view(role).ok_or(RefusedView::NotReady)?;
        tracing::debug!(?role, screen = view.screen.name(), "painted");
        Ok(())
    }

    pub fn virtual_cards(&self) -> Option<&dyn VirtualCards> {
        self.cards.as_deref()
    }
}
