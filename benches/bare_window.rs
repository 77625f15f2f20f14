//! The peer of the window measurements: the least a Tauri window can be, with one line of text. It says when that line is on the display.

use tauri::{WebviewUrl, WebviewWindowBuilder};

/// Two frames after the text is there, as the kiosk's own page does it.
const REPORT: &str = "addEventListener('DOMContentLoaded', () => requestAnimationFrame(() => requestAnimationFrame(() => { document.title = 'painted'; })));";

fn main() -> tauri::Result<()> {
    tauri::Builder::default()
        .setup(|app| {
            let page = "data:text/html,<!doctype html><title>bare</title><p>bare window"
                .parse()
                .map_err(|_| std::io::Error::other("the page's address"))?;
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
