//! The Tauri shell: windows, commands, and the wiring of the core to this machine.
//!
//! What it is: the only crate that knows Tauri, and the place where ports get their implementations. What it is not: a holder of
//! session state; pages get views and send intents.

mod commands;
mod config;
mod counter;
mod lockdown;
mod preview;
#[cfg(feature = "simulator")]
mod qa;
mod start;
mod trust_data;
mod ui;
mod view;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use kiosk::KioskHandle;
use tauri::{App, AppHandle, Manager, RunEvent};

use config::{Config, WindowChoice};
use counter::Counter;
use lockdown::Look;
use preview::Previews;
pub use start::StartError;
use start::{Keep, Started};
use ui::Windows;

/// Runs until the last window is closed.
///
/// # Errors
/// What is missing or refused before a window could open.
pub fn run() -> Result<(), StartError> {
    let filter = tracing_subscriber::EnvFilter::try_from_env("MADOGUCHI_LOG").unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
    let config = configuration()?;
    let windows = Arc::new(Windows::default());
    let previews = Arc::new(OnceLock::<Arc<Previews>>::new());
    let (attached, answering) = (Arc::clone(&windows), Arc::clone(&previews));

    let mut builder = tauri::Builder::default();
    if !cfg!(feature = "simulator") {
        // First of all, so that a second start ends before it touches anything.
        builder = builder.plugin(tauri_plugin_single_instance::init(|app, _, _| {
            for window in app.webview_windows().into_values() {
                let _ = window.set_focus();
            }
        }));
    }
    let app = builder
        .plugin(tauri_plugin_prevent_default::init())
        .register_asynchronous_uri_scheme_protocol("preview", move |_, request, responder| {
            let previews = answering.get().cloned();
            tauri::async_runtime::spawn_blocking(move || {
                responder.respond(previews.map_or_else(preview::not_ready, |previews| previews.answer(&request)));
            });
        })
        .invoke_handler(tauri::generate_handler![
            commands::snapshot,
            commands::intend,
            commands::painted,
            commands::qa_insert_card,
            commands::qa_remove_card
        ])
        .setup({
            let config = config.clone();
            move |app| {
                attached.attach(app.handle().clone());
                open_windows(app, &config)?;
                Ok(())
            }
        })
        .build(tauri::generate_context!())?;
    // Core and windows come up side by side: the one waits for the disk, the others for the page's process.
    let mut core = Some(std::thread::spawn(move || start::start(&config, windows)));
    let running = Arc::new(Mutex::new(None));
    let started = Arc::clone(&running);
    // `run` would end the process inside Tauri: the store would never be closed.
    let _exit_code = app.run_return(move |app, event| {
        if !matches!(event, RunEvent::Ready) {
            return;
        }
        let Some(core) = core.take() else { return };
        let core = core.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let core = core.map(|started| attend(app, started, &previews));
        if core.is_err() {
            app.exit(3);
        }
        *started.lock().unwrap_or_else(PoisonError::into_inner) = Some(core);
    });
    let ended = running.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(core) = ended {
        let (kiosk, keep) = core?;
        kiosk.shutdown();
        drop(keep);
    }
    Ok(())
}

/// Lets the pages' commands act on the core. No page has loaded yet: this runs before the first of its events.
fn attend(app: &AppHandle, started: Started, previews: &OnceLock<Arc<Previews>>) -> (Arc<KioskHandle>, Keep) {
    let kiosk = Arc::new(started.kiosk);
    let previews = previews.get_or_init(|| Arc::new(Previews::new(Arc::clone(&kiosk))));
    app.manage(Counter::new(Arc::clone(&kiosk), Arc::clone(previews), started.cards));
    (kiosk, started.keep)
}

/// An error with all its causes, in one line.
#[must_use]
pub fn explain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

fn configuration() -> Result<Config, StartError> {
    if cfg!(feature = "simulator") {
        return Ok(Config::qa(|name| std::env::var_os(name))?);
    }
    if let Some(name) = lockdown::suspicious(|name| std::env::var_os(name).is_some()) {
        return Err(StartError::Suspicious(name));
    }
    Ok(Config::production(|name| std::env::var_os(name))?)
}

fn open_windows(app: &App, config: &Config) -> tauri::Result<()> {
    if cfg!(feature = "simulator") {
        lockdown::open(
            app,
            view::QA,
            &Look {
                title: "Madoguchi – TEST · 試験用 · THỬ NGHIỆM", size: (1600.0, 1000.0), fullscreen: false
            },
        )?;
    }
    for choice in &config.windows {
        let (label, title) = match choice {
            WindowChoice::Customer => ("customer", "Madoguchi"),
            WindowChoice::Teller => ("teller", "Madoguchi – 係員"),
        };
        let fullscreen = *choice == WindowChoice::Customer;
        lockdown::open(app, label, &Look { title, size: (1280.0, 800.0), fullscreen })?;
    }
    Ok(())
}
