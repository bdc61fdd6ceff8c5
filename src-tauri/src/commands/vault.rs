//! The vault as a whole: opening, health, back-up, settings.

use std::path::Path;

use citadel_engine::{DoctorReport, Problem, Storage};
use tauri::AppHandle;
use tauri_plugin_dialog::DialogExt;

use super::{Answered, chosen, on_engine, work};
use crate::desk::{Desk, Opened};
use crate::settings::Settings;

/// How a back-up is named in the system's dialogs.
const BACK_UP: (&str, &[&str]) = ("Citadel", &["citadel"]);

#[tauri::command]
pub(super) async fn open(app: AppHandle) -> Answered<Opened> {
    work(&app, Desk::open).await
}

#[tauri::command]
pub(super) async fn settings(app: AppHandle) -> Answered<Settings> {
    work(&app, Desk::settings).await
}

#[tauri::command]
pub(super) async fn set_settings(app: AppHandle, settings: Settings) -> Answered<()> {
    work(&app, move |desk| settings.write(&desk.settings_file()?)).await
}

#[tauri::command]
pub(super) async fn connections(app: AppHandle) -> Answered<Option<usize>> {
    work(&app, |_| Ok(citadel_engine::connections())).await
}

#[tauri::command]
pub(super) async fn licences(app: AppHandle) -> Answered<String> {
    work(&app, |desk| {
        let path = desk.resource("THIRD-PARTY.md")?;
        std::fs::read_to_string(&path)
            .map_err(|error| Problem::new("io", &format!("{}: {error}", path.display())))
    })
    .await
}

#[tauri::command]
pub(super) async fn doctor(app: AppHandle) -> Answered<DoctorReport> {
    on_engine(&app, |engine| Ok(engine.health())).await
}

#[tauri::command]
pub(super) async fn storage(app: AppHandle) -> Answered<Storage> {
    on_engine(&app, |engine| Ok(engine.storage())).await
}

#[tauri::command]
pub(super) async fn back_up(app: AppHandle) -> Answered<Option<String>> {
    work(&app, |desk| {
        let dialog = desk
            .app()
            .dialog()
            .file()
            .add_filter(BACK_UP.0, BACK_UP.1)
            .set_file_name("citadel-backup.citadel");
        let Some(file) = dialog.blocking_save_file() else { return Ok(None) };
        let path = chosen(file)?;
        desk.engine()?.back_up(&path).map_err(|e| e.problem())?;
        Ok(Some(path.to_string_lossy().into_owned()))
    })
    .await
}

#[tauri::command]
pub(super) async fn restore(app: AppHandle) -> Answered<Option<Opened>> {
    work(&app, |desk| {
        let dialog = desk.app().dialog().file().add_filter(BACK_UP.0, BACK_UP.1);
        let Some(file) = dialog.blocking_pick_file() else { return Ok(None) };
        let path = chosen(file)?;
        replaced(desk, |vault| citadel_engine::restore(&path, vault).map(drop).map_err(|e| e.problem()))
            .map(Some)
    })
    .await
}

#[tauri::command]
pub(super) async fn set_aside(app: AppHandle) -> Answered<Opened> {
    work(&app, |desk| {
        replaced(desk, |vault| citadel_engine::set_aside(vault).map(drop).map_err(|e| e.problem()))
    })
    .await
}

/// Closes the vault, changes what lies in its place, and opens that; what was there is opened again where that fails.
fn replaced(desk: &Desk, change: impl FnOnce(&Path) -> Answered<()>) -> Answered<Opened> {
    desk.close();
    let changed = change(&desk.vault()?);
    let opened = desk.open();
    changed.and(opened)
}
