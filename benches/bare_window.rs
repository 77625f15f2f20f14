//! The peer of the window measurements: the least a Tauri window can be, with one line of text. It says when that line is on the display.

use tauri::http::Response;
use tauri::{WebviewUrl, WebviewWindowBuilder};

const PAGE: &str = "<!doctype html><title>bare</title><p>bare window";

/// Two frames after the text is there, as the kiosk's own page does it.
const REPORT: &str = "addEventListener('DOMContentLoaded', () => requestAnimationFrame(() => requestAnimationFrame(() => { document.title = 'painted'; })));";

fn main() -> tauri::Result<()> {
    tauri::Builder::default()
        .register_uri_scheme_protocol("bare", |_, _| {
            let mut page = Response::new(PAGE.as_bytes().to_vec());
            page.headers_mut().insert("Content-Type", tauri::http::HeaderValue::from_static("text/html"));
            page
        })
        .setup(|app| {
            let page = "bare://localhost/".parse().map_err(|_| std::io::Error::other("the page's address"))?;
            WebviewWindowBuilder::new(app, "bare", WebviewUrl::External(page))
                .inner_size(1600.0, 1000.0)
                .initialization_script(REPORT)
                .on_document_title_changed(|_, title| {
                    if title == "painted" {
                        eprintln!("painted");
                    }
                })
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!())
}
