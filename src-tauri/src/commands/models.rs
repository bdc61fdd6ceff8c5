//! The language models of the pack.

use citadel_engine::models::ModelPack;
use citadel_engine::{EngineError, ModelCard, ModelSpeed, language_models};
use tauri::{AppHandle, Manager};
use tauri_plugin_dialog::DialogExt;

use super::{Answered, chosen, on_engine, work};
use crate::jobs::Jobs;

#[tauri::command]
pub(super) async fn models(app: AppHandle) -> Answered<Vec<ModelCard>> {
    work(&app, |desk| language_models(&desk.models()?).map_err(|e| e.problem())).await
}

#[tauri::command]
pub(super) async fn add_model(app: AppHandle) -> Answered<Option<ModelCard>> {
    work(&app, |desk| {
        let Some(file) = desk.app().dialog().file().add_filter("GGUF", &["gguf"]).blocking_pick_file() else {
            return Ok(None);
        };
        let models = desk.models()?;
        let path = chosen(file)?;
        let add = || -> Result<Option<ModelCard>, EngineError> {
            let name = ModelPack::open(&models)?.add(&path)?.name.clone();
            Ok(language_models(&models)?.into_iter().find(|card| card.name == name))
        };
        add().map_err(|e| e.problem())
    })
    .await
}

#[tauri::command]
pub(super) async fn use_model(app: AppHandle, name: String) -> Answered<()> {
    on_engine(&app, move |engine| engine.use_model(&name)).await
}

#[tauri::command]
pub(super) async fn measure_model(app: AppHandle, job: String, name: String) -> Answered<ModelSpeed> {
    let flag = app.state::<Jobs>().flag(&job);
    let speed = work(&app, move |desk| {
        let device = desk.settings()?.device.into();
        ModelSpeed::measure(&desk.models()?, &name, device, &flag).map_err(|e| e.problem())
    })
    .await;
    app.state::<Jobs>().end(&job);
    speed
}
