use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

use citadel_core::StopFlag;
use citadel_engine::{Engine, EngineOptions, IngestEvent, IngestReport, IngestRequest, IngestScope};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::{Done, Places, output};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Files, folders (recursive) and export archives.
    #[arg(required_unless_present_any = ["resume", "retry"], value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Go on with what is left of ingests that were stopped (`citadel jobs` lists them).
    #[arg(long, conflicts_with_all = ["paths", "retry"])]
    resume: bool,
    /// Read files again that could not be read, or not whole.
    #[arg(long, conflicts_with = "paths")]
    retry: bool,
    /// The collection to put them into.
    #[arg(long, default_value = "default", value_name = "NAME")]
    collection: String,
    /// Documents parsed at the same time [default: one per two cores].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
    #[command(flatten)]
    load: Load,
    /// A password to try on files that want one; as often as wanted. Other users of the machine may see it while this
    /// runs: on a terminal it is asked for where it is not given.
    #[arg(long, value_name = "PASSWORD")]
    password: Vec<String>,
    /// Events and the report as JSON lines.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(places: &Places, arguments: &Arguments, stop: &StopFlag) -> anyhow::Result<Done> {
    let engine = arguments.load.open(places)?;
    let scope = match arguments {
        Arguments { resume: true, .. } => IngestScope::Stopped { jobs: Vec::new() },
        Arguments { retry: true, .. } => IngestScope::Failed { files: Vec::new() },
        Arguments { paths, collection, .. } => {
            IngestScope::Paths { paths: paths.clone(), collection: collection.clone() }
        }
    };
    let mut request =
        IngestRequest { scope, jobs: arguments.jobs.map(usize::from), passwords: arguments.password.clone() };
    let report = read(&engine, &request, arguments.json, stop)?;
    print(&report, arguments.json)?;
    let mut is_whole = report.failed.iter().all(|failed| failed.code == LOCKED) && !report.stopped;
    let mut locked = locked_files(report);
    while !locked.is_empty() && !stop.is_stopped() && !arguments.json {
        let Some(password) = ask_for_password(&locked)? else { break };
        request.passwords.push(password);
        request.scope = IngestScope::Paths { paths: locked, collection: arguments.collection.clone() };
        let report = read(&engine, &request, arguments.json, stop)?;
        print(&report, arguments.json)?;
        is_whole &= report.failed.iter().all(|failed| failed.code == LOCKED) && !report.stopped;
        locked = locked_files(report);
    }
    if !locked.is_empty() && !arguments.json {
        eprintln!("files that want a password: give it with --password");
    }
    Ok(if is_whole && locked.is_empty() { Done::Whole } else { Done::InPart })
}

/// The code of files that want a password.
const LOCKED: &str = "encrypted";

fn locked_files(report: IngestReport) -> Vec<PathBuf> {
    let locked = report.failed.into_iter().filter(|failed| failed.code == LOCKED && failed.part.is_none());
    locked.map(|failed| PathBuf::from(failed.path)).collect()
}

/// Asks on a terminal, without showing what is typed; `None` where there is no terminal, or nothing was typed.
fn ask_for_password(locked: &[PathBuf]) -> anyhow::Result<Option<String>> {
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        return Ok(None);
    }
    let what = match locked {
        [one] => output::safe(&one.to_string_lossy()),
        many => format!("{} files", many.len()),
    };
    let password = rpassword::prompt_password(format!("Password for {what} (Enter to leave it): "))?;
    Ok(Some(password).filter(|password| !password.is_empty()))
}

/// Threads and priority: what an ingest takes of the machine.
#[derive(clap::Args)]
pub(crate) struct Load {
    /// Threads that embed [default: one per core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// Let other programs go first.
    #[arg(long)]
    background: bool,
}

impl Load {
    /// The vault, opened to take no more than this.
    pub fn open(&self, places: &Places) -> anyhow::Result<Engine> {
        if self.background {
            citadel_engine::lower_priority();
        }
        let options = EngineOptions { threads: self.threads.map(usize::from), ..places.options()? };
        Ok(Engine::open(options)?)
    }
}

/// Ingests, with a bar on a terminal or events as JSON lines.
pub(crate) fn read(
    engine: &Engine,
    request: &IngestRequest,
    json: bool,
    stop: &StopFlag,
) -> anyhow::Result<IngestReport> {
    // indicatif draws on stderr, and only where that is a terminal.
    let bar = if json { ProgressBar::hidden() } else { ProgressBar::new(0) };
    bar.set_style(ProgressStyle::with_template("{bar:30} {pos}/{len} files  {elapsed}  {wide_msg}")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let mut printed = Ok(());
    let report = engine.ingest(request, stop, &mut |event| {
        if json && !event.is_progress() && printed.is_ok() {
            printed = output::json_line(&event);
            if printed.is_err() {
                stop.stop();
            }
        }
        draw(&bar, &event);
    })?;
    bar.finish_and_clear();
    printed?;
    Ok(report)
}

/// The report, as a JSON line or for people.
pub(crate) fn print(report: &IngestReport, json: bool) -> anyhow::Result<()> {
    if !json {
        return show(report);
    }
    let mut line = serde_json::to_value(report)?;
    line["event"] = json!("report");
    output::json_line(&line)
}

fn draw(bar: &ProgressBar, event: &IngestEvent) {
    match event {
        IngestEvent::Resuming { total, done } => {
            bar.println(format!(
                "An earlier ingest was interrupted after {done} of {total} files; going on with it."
            ));
        }
        IngestEvent::Found { files } => bar.set_length(*files as u64),
        IngestEvent::Reading { path } => bar.set_message(output::safe(path)),
        IngestEvent::Page { path, page, of, recognizing } => {
            let doing = if *recognizing { "recognising page" } else { "page" };
            bar.set_message(format!("{}: {doing} {page} of {of}", output::safe(path)));
        }
        IngestEvent::Embedding { path, chunks, of } => {
            bar.set_message(format!("{}: {chunks} of {of} passages", output::safe(path)));
        }
        IngestEvent::Document { title, .. } => bar.set_message(output::safe(title)),
        IngestEvent::File { done, .. } => bar.set_position(*done as u64),
        IngestEvent::Duplicate { .. }
        | IngestEvent::Renamed { .. }
        | IngestEvent::Failed(_)
        | IngestEvent::Paused
        | IngestEvent::Resumed
        | IngestEvent::Committed { .. } => {}
    }
}

fn show(report: &IngestReport) -> anyhow::Result<()> {
    output::text(&format!(
        "{} added, {} updated, {} unchanged, {} removed; {} pages, {} chunks in {:.1} s",
        report.added,
        report.updated,
        report.unchanged,
        report.removed,
        report.pages,
        report.chunks,
        report.seconds
    ))?;
    let tell = |n: usize, what: &str| if n > 0 { output::text(&format!("{n} {what}")) } else { Ok(()) };
    tell(report.duplicates, "files have the same bytes as another and were linked to it")?;
    tell(report.renamed, "files were known under another name; nothing had to be read")?;
    if report.pages_ocr > 0 {
        output::text(&format!("{} pages are pictures; their text was recognised", report.pages_ocr))?;
    }
    if report.hidden_chars > 0 {
        output::text(&format!(
            "{} characters are not shown by a viewer of their document; `citadel documents show ID` says where",
            report.hidden_chars
        ))?;
    }
    if !report.missing.is_empty() {
        output::text(&format!(
            "{} files are gone from their folder and still searched: `citadel documents missing` lists them, \
             `citadel documents remove --missing` forgets them",
            report.missing.len()
        ))?;
    }
    if report.pages_without_text > 0 {
        output::text(&format!(
            "{} pages carry no text (scans?) and cannot be searched; `citadel documents show ID` lists them",
            report.pages_without_text
        ))?;
    }
    tell(report.skipped.len(), "files are no documents and were left out")?;
    if report.parts_skipped > 0 {
        let parts = report.parts_skipped;
        output::text(&format!(
            "{parts} parts of files are no content, such as older versions, and were left out"
        ))?;
    }
    for failed in &report.failed {
        let part = failed.part.as_deref().map(|p| format!(" [{p}]")).unwrap_or_default();
        eprintln!(
            "failed: {}{}: {}",
            output::safe(&failed.path),
            output::safe(&part),
            output::safe(&failed.reason)
        );
    }
    if report.stopped {
        eprintln!(
            "Stopped. What was committed stays; the same command, or `citadel ingest --resume`, goes on."
        );
    }
    Ok(())
}
