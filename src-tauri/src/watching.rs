//! Folders that are kept in step while the window is open.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Weak;

use citadel_core::StopFlag;
use citadel_engine::{Engine, EngineError, IngestRequest, IngestScope, Watch};
use tauri::{AppHandle, Emitter, Manager};

use crate::desk::Desk;

/// Ingests what changes in the watched folders, until `stop` is raised or the vault is closed.
pub(crate) fn begin(app: AppHandle, engine: Weak<Engine>, stop: StopFlag) {
    std::thread::spawn(move || {
        // Nobody waits for this work: the window says what it fails with.
        if let Err(error) = run(&app, &engine, &stop) {
            let _ = app.emit("problem", error.problem());
        }
    });
}

fn run(app: &AppHandle, engine: &Weak<Engine>, stop: &StopFlag) -> Result<(), EngineError> {
    let Some(open) = engine.upgrade() else { return Ok(()) };
    let mut folders: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for (collection, path) in open.watched()?.into_iter().filter(|(_, path)| path.is_dir()) {
        folders.entry(collection).or_default().push(path);
    }
    if folders.is_empty() {
        return Ok(());
    }
    let all: Vec<PathBuf> = folders.values().flatten().cloned().collect();
    let mut watch = Watch::start(&all, open.vault())?;
    drop(open);
    for (collection, paths) in &folders {
        let scope = IngestScope::Paths { paths: paths.clone(), collection: collection.clone() };
        ingest(app, engine, scope, &mut watch, stop)?;
    }
    while let Some(changed) = watch.next(stop) {
        for (collection, folders) in &folders {
            let scope = IngestScope::Changed {
                folders: folders.clone(),
                collection: collection.clone(),
                changed: changed.clone(),
            };
            ingest(app, engine, scope, &mut watch, stop)?;
        }
    }
    Ok(())
}

/// The vault is held only while it is ingested into, so that it can be closed in between.
fn ingest(
    app: &AppHandle,
    engine: &Weak<Engine>,
    scope: IngestScope,
    watch: &mut Watch,
    stop: &StopFlag,
) -> Result<(), EngineError> {
    let Some(engine) = engine.upgrade().filter(|_| !stop.is_stopped()) else { return Ok(()) };
    let request = IngestRequest { scope, jobs: None, passwords: Vec::new() };
    let report = {
        let desk = app.state::<Desk>();
        let _alone = desk.ingesting();
        engine.ingest(&request, stop, &mut |_| {})?
    };
    for failed in report.failed.iter().filter(|failed| failed.code == "changing") {
        watch.again(std::fs::canonicalize(&failed.path).unwrap_or_else(|_| PathBuf::from(&failed.path)));
    }
    let news = report.added + report.updated + report.removed + report.renamed + report.failed.len();
    if news > 0 || !report.missing.is_empty() {
        let _ = app.emit("library-changed", ());
    }
    Ok(())
}
