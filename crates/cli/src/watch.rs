use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use citadel_core::StopFlag;
use citadel_engine::{Engine, EngineError, IngestRequest, IngestScope, Watch};
use serde_json::json;

use crate::ingest::{self, Load};
use crate::{Done, Places, output};

/// How long until a vault that another process uses is tried again.
const BUSY: Duration = Duration::from_millis(500);

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Folders to keep in step from now on; without any, those that were named before.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The collection to put their documents into.
    #[arg(long, default_value = "default", value_name = "NAME")]
    collection: String,
    /// No longer keep the folders named in step; their documents stay.
    #[arg(long, requires = "paths")]
    forget: bool,
    #[command(flatten)]
    load: Load,
    /// Events and reports as JSON lines.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(places: &Places, arguments: &Arguments, stop: &StopFlag) -> anyhow::Result<Done> {
    let mut folders: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    {
        let engine = places.open()?;
        for path in &arguments.paths {
            engine.set_watched(&arguments.collection, path, !arguments.forget)?;
        }
        for (collection, path) in engine.watched()? {
            folders.entry(collection).or_default().push(path);
        }
    }
    if arguments.forget {
        return Ok(Done::Whole);
    }
    if folders.is_empty() {
        anyhow::bail!("no folder is watched; name one: `citadel watch PATH`");
    }
    let all: Vec<PathBuf> = folders.values().flatten().cloned().collect();
    // Before the first ingest, so that nothing falls between.
    let mut watch = Watch::start(&all, &places.options()?.vault)?;
    let first = folders.iter().map(|(collection, paths)| IngestScope::Paths {
        paths: paths.clone(),
        collection: collection.clone(),
    });
    ingest_all(places, arguments, first.collect(), &mut watch, stop)?;
    if !arguments.json {
        eprintln!("Watching {} folders; Ctrl-C ends it. `citadel watch` goes on with them.", all.len());
    }
    while let Some(changed) = watch.next(stop) {
        let scopes = folders.iter().map(|(collection, folders)| IngestScope::Changed {
            folders: folders.clone(),
            collection: collection.clone(),
            changed: changed.clone(),
        });
        ingest_all(places, arguments, scopes.collect(), &mut watch, stop)?;
    }
    Ok(Done::Whole)
}

/// The vault is open only while it is ingested into, so that others can ask in between.
fn ingest_all(
    places: &Places,
    arguments: &Arguments,
    scopes: Vec<IngestScope>,
    watch: &mut Watch,
    stop: &StopFlag,
) -> anyhow::Result<()> {
    let Some(engine) = open(places, arguments, stop)? else { return Ok(()) };
    let mut reports = Vec::new();
    for scope in scopes {
        let request = IngestRequest { scope, jobs: None, passwords: Vec::new() };
        let report = ingest::read(&engine, &request, arguments.json, stop)?;
        for failed in report.failed.iter().filter(|failed| failed.code == "changing") {
            watch.again(std::fs::canonicalize(&failed.path).unwrap_or_else(|_| PathBuf::from(&failed.path)));
        }
        reports.push(report);
    }
    // Whoever sees a report may ask.
    drop(engine);
    for report in reports {
        let news = report.added + report.updated + report.removed + report.renamed + report.failed.len();
        if news > 0 || !report.missing.is_empty() || arguments.json {
            ingest::print(&report, arguments.json)?;
        }
    }
    Ok(())
}

/// Waits while another process uses the vault; `None` once `stop` is raised.
fn open(places: &Places, arguments: &Arguments, stop: &StopFlag) -> anyhow::Result<Option<Engine>> {
    let mut told = false;
    while !stop.is_stopped() {
        match arguments.load.open(places) {
            Err(error) if matches!(error.downcast_ref(), Some(EngineError::VaultInUse(_))) => {
                if !std::mem::replace(&mut told, true) {
                    match arguments.json {
                        true => output::json_line(&json!({"event": "waiting"}))?,
                        false => eprintln!("The knowledge base is in use; waiting."),
                    }
                }
                std::thread::sleep(BUSY);
            }
            opened => return opened.map(Some),
        }
    }
    Ok(None)
}
