//! What is in the vault, and what goes into it and out of it.

use std::path::PathBuf;

use citadel_engine::{
    DocumentDetails, EngineError, IngestReport, IngestRequest, IngestScope, IngestedFile, Library,
    MissingFile, RemovedDocuments,
};
use serde::Deserialize;
use tauri::ipc::{Channel, InvokeResponseBody};
use tauri::{AppHandle, Manager, State};
use tauri_plugin_dialog::DialogExt;

use super::{Answered, chosen, on_engine, tell, work};
use crate::desk::Desk;
use crate::jobs::Jobs;

/// Which files to read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Scope {
    /// Files, folders and archives, into a collection.
    Paths { paths: Vec<PathBuf>, collection: String },
    /// What is left of ingests that were stopped or cut off: of all of them where none is named.
    Stopped { jobs: Vec<i64> },
    /// Files that could not be read, or not whole: all of them where none is named.
    Failed { files: Vec<IngestedFile> },
}

impl From<Scope> for IngestScope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Paths { paths, collection } => Self::Paths { paths, collection },
            Scope::Stopped { jobs } => Self::Stopped { jobs },
            Scope::Failed { files } => Self::Failed { files },
        }
    }
}

#[tauri::command]
pub(super) async fn library(app: AppHandle) -> Answered<Library> {
    on_engine(&app, |engine| engine.library()).await
}

#[tauri::command]
pub(super) async fn document(app: AppHandle, id: String) -> Answered<DocumentDetails> {
    on_engine(&app, move |engine| engine.document(&id)).await
}

#[tauri::command]
pub(super) async fn ingest(
    app: AppHandle,
    job: String,
    scope: Scope,
    passwords: Vec<String>,
    events: Channel<InvokeResponseBody>,
) -> Answered<IngestReport> {
    read(app, job, scope.into(), passwords, events).await
}

#[tauri::command]
pub(super) async fn ingest_samples(
    app: AppHandle,
    job: String,
    events: Channel<InvokeResponseBody>,
) -> Answered<IngestReport> {
    let samples = work(&app, |desk| desk.resource("samples")).await?;
    let scope = IngestScope::Paths { paths: vec![samples], collection: "samples".to_owned() };
    read(app, job, scope, Vec::new(), events).await
}

async fn read(
    app: AppHandle,
    job: String,
    scope: IngestScope,
    passwords: Vec<String>,
    events: Channel<InvokeResponseBody>,
) -> Answered<IngestReport> {
    let flag = app.state::<Jobs>().flag(&job);
    let report = work(&app, move |desk| {
        let engine = desk.engine()?;
        let _alone = desk.ingesting();
        let request = IngestRequest { scope, jobs: None, passwords };
        engine.ingest(&request, &flag, &mut |event| tell(&events, &event)).map_err(|e| e.problem())
    })
    .await;
    app.state::<Jobs>().end(&job);
    report
}

#[tauri::command]
pub(super) fn pause(jobs: State<'_, Jobs>, job: String) {
    jobs.flag(&job).pause();
}

#[tauri::command]
pub(super) fn resume(jobs: State<'_, Jobs>, job: String) {
    jobs.flag(&job).resume();
}

#[tauri::command]
pub(super) fn stop(jobs: State<'_, Jobs>, job: String) {
    jobs.flag(&job).stop();
}

#[tauri::command]
pub(super) async fn forget_job(app: AppHandle, id: i64) -> Answered<()> {
    on_engine(&app, move |engine| engine.cancel_job(id)).await
}

#[tauri::command]
pub(super) async fn remove(app: AppHandle, ids: Vec<String>) -> Answered<RemovedDocuments> {
    on_engine(&app, move |engine| engine.remove(&ids)).await
}

#[tauri::command]
pub(super) async fn missing(app: AppHandle) -> Answered<Vec<MissingFile>> {
    on_engine(&app, |engine| engine.missing()).await
}

#[tauri::command]
pub(super) async fn set_watched(
    app: AppHandle,
    collection: String,
    path: PathBuf,
    watched: bool,
) -> Answered<()> {
    work(&app, move |desk| {
        let engine = desk.engine()?;
        engine.set_watched(&collection, &path, watched).map_err(|e: EngineError| e.problem())?;
        desk.watch_again(&engine);
        Ok(())
    })
    .await
}

#[tauri::command]
pub(super) async fn choose_files(app: AppHandle) -> Answered<Vec<PathBuf>> {
    work(&app, |desk: &Desk| {
        let files = desk.app().dialog().file().blocking_pick_files().unwrap_or_default();
        files.into_iter().map(chosen).collect()
    })
    .await
}

#[tauri::command]
pub(super) async fn choose_folder(app: AppHandle) -> Answered<Option<PathBuf>> {
    work(&app, |desk: &Desk| desk.app().dialog().file().blocking_pick_folder().map(chosen).transpose()).await
}
