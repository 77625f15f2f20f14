//! What the windows may not do.

use tauri::webview::{NewWindowResponse, PermissionResponse};
use tauri::{App, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

/// Variables that open a page to other processes or change what it loads.
const SUSPICIOUS: [&str; 7] = [
    "WEBVIEW2_ADDITIONAL_BROWSER_ARGUMENTS",
    "WEBVIEW2_BROWSER_EXECUTABLE_FOLDER",
    "WEBVIEW2_USER_DATA_FOLDER",
    "WEBKIT_INSPECTOR_SERVER",
    "WEBKIT_INSPECTOR_HTTP_SERVER",
    "TAURI_WEBVIEW_AUTOMATION",
    "LD_PRELOAD",
];

/// The first suspicious variable that is set.
pub fn suspicious(is_set: impl Fn(&str) -> bool) -> Option<&'static str> {
    SUSPICIOUS.into_iter().find(|name| is_set(name))
}

/// A page address that is part of this program.
fn is_ours(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" => url.host_str() == Some("tauri.localhost"),
        _ => false,
    }
}

/// How a window looks; everything else about it is the same for all.
pub struct Look {
    pub title: &'static str,
    pub size: (f64, f64),
    pub fullscreen: bool,
}

/// Opens a window that stays on our page, opens no other, and is refused camera, microphone and place.
///
/// # Errors
/// The system refuses the window.
pub fn open(app: &App, label: &str, look: &Look) -> tauri::Result<WebviewWindow> {
    WebviewWindowBuilder::new(app, label, WebviewUrl::App("index.html".into()))
        .title(look.title)
        .inner_size(look.size.0, look.size.1)
        .fullscreen(look.fullscreen)
        .devtools(false)
        // The window test drives the tester's window, and an ephemeral web context refuses automation on WebKitGTK.
        .incognito(!cfg!(feature = "simulator"))
        .general_autofill_enabled(false)
        .zoom_hotkeys_enabled(false)
        .disable_drag_drop_handler()
        .content_protected(look.fullscreen)
        .on_navigation(is_ours)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_permission_request(|_, _| PermissionResponse::Deny)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_page_is_ours() {
        let ours = |text: &str| is_ours(&text.parse().expect("a url"));
        assert!(ours("tauri://localhost/index.html"));
        assert!(ours("http://tauri.localhost/"));
        assert!(!ours("https://example.com/"));
        assert!(!ours("file:///etc/passwd"));
        assert!(!ours("data:text/html,x"));
        assert!(!ours("tauri://elsewhere/"));
    }

    #[test]
    fn a_remote_inspector_is_noticed() {
        assert_eq!(suspicious(|name| name == "WEBKIT_INSPECTOR_SERVER"), Some("WEBKIT_INSPECTOR_SERVER"));
        assert_eq!(suspicious(|_| false), None);
    }
}
