//! The desktop window: a thin shell over the engine. Every command is one call of the engine on a thread of its own.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod commands;
mod desk;
mod jobs;
mod settings;
#[cfg(test)]
mod tests;
mod watching;

use std::ffi::OsStr;
use std::process::ExitCode;

use tauri::{AppHandle, Emitter, Manager, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

use desk::{Desk, PARSE_CHILD};
use jobs::Jobs;

fn main() -> ExitCode {
    let (name, value) = citadel_engine::TELEMETRY_OFF;
    // SAFETY: no other thread runs yet.
    unsafe { std::env::set_var(name, value) };
    if std::env::args_os().nth(1).as_deref() == Some(OsStr::new(PARSE_CHILD)) {
        return citadel_engine::parse_child_main();
    }
    let (name, rounds) = citadel_engine::SPIN_LIMIT;
    if std::env::var_os(name).is_none() {
        // SAFETY: this is the only thread yet.
        unsafe { std::env::set_var(name, rounds) };
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        #[cfg(unix)]
        Err(tauri::Error::PluginInitialization(name, _)) if name == "single-instance" => start_again(),
        Err(error) => {
            eprintln!("the window cannot be opened: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The window that was to be brought up closed at that moment: begins anew, forty times at most.
#[cfg(unix)]
fn start_again() -> ExitCode {
    use std::os::unix::process::CommandExt;

    const TRIES: &str = "CITADEL_START_TRIES";
    let tries = std::env::var(TRIES).ok().and_then(|tries| tries.parse().ok()).unwrap_or(0u32);
    if tries >= 40 {
        eprintln!("another window of Citadel neither answers nor ends; close it first");
        return ExitCode::FAILURE;
    }
    std::thread::sleep(std::time::Duration::from_millis(250));
    let begun = std::env::current_exe().map(|program| {
        let mut program = std::process::Command::new(program);
        // Returns only where it fails.
        program.args(std::env::args_os().skip(1)).env(TRIES, (tries + 1).to_string()).exec()
    });
    let (Ok(error) | Err(error)) = begun;
    eprintln!("the window cannot be opened: {error}");
    ExitCode::FAILURE
}

fn run() -> tauri::Result<()> {
    tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, arguments, folder| {
            bring_up(app);
            let _ = app.emit("opened", desk::named_files(&arguments, folder.as_ref()));
        }))
        .plugin(tauri_plugin_dialog::init())
        .setup(|app| {
            app.manage(Desk::new(app.handle()));
            app.manage(Jobs::default());
            let window = WebviewWindowBuilder::new(app, "main", WebviewUrl::default())
                .title("Citadel")
                .inner_size(1320.0, 860.0)
                .min_inner_size(720.0, 520.0)
                // Nothing of a document may be left in a cache. A window that is driven from outside, by a test,
                // cannot be private.
                .incognito(std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_none())
                .on_navigation(is_ours)
                .build()?;
            revive(&window)
        })
        .invoke_handler(commands::handler())
        .run(tauri::generate_context!())
}

/// The window shows its own pages and no others, whatever a document says.
fn is_ours(url: &tauri::Url) -> bool {
    url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost")
}

/// Loads the window's pages again where the process that shows them died; they open the vault anew. Not twice within ten
/// seconds: they would die again.
#[cfg(target_os = "linux")]
fn revive(window: &WebviewWindow) -> Result<(), Box<dyn std::error::Error>> {
    use std::time::{Duration, Instant};
    use webkit2gtk::WebViewExt;

    window.with_webview(|webview| {
        let last = std::cell::Cell::new(None::<Instant>);
        webview.inner().connect_web_process_terminated(move |view, _| {
            if last.replace(Some(Instant::now())).is_none_or(|last| last.elapsed() > Duration::from_secs(10))
            {
                view.reload();
            }
        });
    })?;
    Ok(())
}

/// Not done elsewhere yet.
#[cfg(not(target_os = "linux"))]
fn revive(_: &WebviewWindow) -> Result<(), Box<dyn std::error::Error>> {
    Ok(())
}

fn bring_up(app: &AppHandle) {
    if let Some(window) = app.get_webview_window("main") {
        let _ = window.unminimize();
        let _ = window.set_focus();
    }
}
