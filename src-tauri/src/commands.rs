//! The commands of the page. Each takes a typed request, hands it to the core, and returns a typed answer.

use session::{Role, UserIntent};
use tauri::{State, WebviewWindow};

use crate::counter::Counter;
use crate::view::{RefusedView, SnapshotView};

#[tauri::command]
pub fn snapshot(window: WebviewWindow, counter: State<'_, Counter>, role: Role) -> Result<SnapshotView, RefusedView> {
    counter.snapshot(window.label(), role)
}

#[tauri::command]
pub fn intend(
    window: WebviewWindow,
    counter: State<'_, Counter>,
    role: Role,
    intent: UserIntent,
) -> Result<(), RefusedView> {
    counter.intend(window.label(), role, intent)
}

#[tauri::command]
pub fn painted(window: WebviewWindow, counter: State<'_, Counter>, role: Role) -> Result<(), RefusedView> {
    counter.painted(window.label(), role)
}

#[tauri::command]
pub fn qa_insert_card(counter: State<'_, Counter>, profile: String) -> Result<(), RefusedView> {
    counter.virtual_cards().ok_or(RefusedView::NoVirtualCard)?.insert(&profile)
}

#[tauri::command]
pub fn qa_remove_card(counter: State<'_, Counter>) -> Result<(), RefusedView> {
    counter.virtual_cards().ok_or(RefusedView::NoVirtualCard)?.remove()
}
