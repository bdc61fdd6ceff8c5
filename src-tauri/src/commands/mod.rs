//! What the window may ask. Each command is one call of the engine, on a thread of its own, and fails with a [`Problem`].

mod asking;
mod library;
mod models;
mod reading;
mod vault;

use std::sync::Arc;

use citadel_engine::{Engine, EngineError, Problem};
use serde::Serialize;
use tauri::ipc::{Channel, InvokeResponseBody};
use tauri::{AppHandle, Manager, Wry};
use tauri_plugin_dialog::FilePath;

use crate::desk::Desk;

#[cfg(test)]
pub(crate) use asking::Question;

type Answered<T> = Result<T, Problem>;

/// All commands.
pub(crate) fn handler() -> impl Fn(tauri::ipc::Invoke<Wry>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        vault::open,
        vault::settings,
        vault::set_settings,
        vault::connections,
        vault::licences,
        vault::doctor,
        vault::storage,
        vault::back_up,
        vault::restore,
        vault::set_aside,
        library::library,
        library::document,
        library::ingest,
        library::ingest_samples,
        library::pause,
        library::resume,
        library::stop,
        library::forget_job,
        library::remove,
        library::missing,
        library::set_watched,
        library::choose_files,
        library::choose_folder,
        asking::ask,
        asking::answers,
        asking::answer,
        asking::forget_answer,
        asking::export_answers,
        reading::view,
        reading::marks,
        reading::pdf_length,
        reading::pdf_bytes,
        models::models,
        models::add_model,
        models::use_model,
        models::measure_model,
    ]
}

/// Work that blocks, on a thread of its own. A panic in it is a problem like any other: nothing committed is lost.
async fn work<T, F>(app: &AppHandle, work: F) -> Answered<T>
where
    T: Send + 'static,
    F: FnOnce(&Desk) -> Answered<T> + Send + 'static,
{
    let handle = app.clone();
    let done = tauri::async_runtime::spawn_blocking(move || work(&handle.state::<Desk>())).await;
    let crashed = || {
        Problem::new("crashed", "a step of Citadel ended unexpectedly; what was stored is safe, try it again")
    };
    done.unwrap_or_else(|_| Err(crashed()))
}

/// Work with the open vault.
async fn on_engine<T, F>(app: &AppHandle, call: F) -> Answered<T>
where
    T: Send + 'static,
    F: FnOnce(&Arc<Engine>) -> Result<T, EngineError> + Send + 'static,
{
    work(app, move |desk| call(&desk.engine()?).map_err(|error| error.problem())).await
}

/// Tells the window an event, as the engine's own type has it. A window that is gone is no reason to stop.
fn tell(channel: &Channel<InvokeResponseBody>, event: &impl Serialize) {
    if let Ok(json) = serde_json::to_string(event) {
        let _ = channel.send(InvokeResponseBody::Json(json));
    }
}

/// The path of what was chosen in a dialog of the system.
fn chosen(file: FilePath) -> Answered<std::path::PathBuf> {
    file.into_path()
        .map_err(|_| Problem::new("dialog", "what was chosen is not a file of this computer; choose another"))
}
