use std::path::PathBuf;
use std::time::Duration;

use citadel_core::StopFlag;
use citadel_engine::{IngestEvent, IngestReport, IngestRequest};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::{Done, Places, output};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Files, folders (recursive) and export archives.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The collection to put them into.
    #[arg(long, default_value = "default", value_name = "NAME")]
    collection: String,
    /// Documents parsed at the same time [default: one per two cores].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
    /// Events and the report as JSON lines.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(places: &Places, arguments: &Arguments, stop: &StopFlag) -> anyhow::Result<Done> {
    let engine = places.open()?;
    let request = IngestRequest {
        paths: arguments.paths.clone(),
        collection: arguments.collection.clone(),
        jobs: arguments.jobs.map(usize::from),
    };
    // indicatif draws on stderr, and only where that is a terminal.
    let bar = if arguments.json { ProgressBar::hidden() } else { ProgressBar::new(0) };
    bar.set_style(ProgressStyle::with_template("{bar:30} {pos}/{len} files  {elapsed}  {wide_msg}")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let mut printed = Ok(());
    let report = engine.ingest(&request, stop, &mut |event| {
        if arguments.json && !matches!(event, IngestEvent::File { .. }) && printed.is_ok() {
            printed = output::json_line(&event);
            if printed.is_err() {
                stop.stop();
            }
        }
        draw(&bar, &event);
    })?;
    bar.finish_and_clear();
    printed?;
    if arguments.json {
        let mut line = serde_json::to_value(&report)?;
        line["event"] = json!("report");
        output::json_line(&line)?;
    } else {
        show(&report)?;
    }
    Ok(if report.failed.is_empty() && !report.stopped { Done::Whole } else { Done::InPart })
}

fn draw(bar: &ProgressBar, event: &IngestEvent) {
    match event {
        IngestEvent::Resuming { total, done } => {
            bar.println(format!(
                "An earlier ingest was interrupted after {done} of {total} files; going on with it."
            ));
        }
        IngestEvent::Found { files } => bar.set_length(*files as u64),
        IngestEvent::Document { title, .. } => bar.set_message(output::safe(title)),
        IngestEvent::File { done, .. } => bar.set_position(*done as u64),
        IngestEvent::Committed { .. } => {}
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
    if report.pages_without_text > 0 {
        output::text(&format!(
            "{} pages carry no text (scans?) and cannot be searched; `citadel documents show ID` lists them",
            report.pages_without_text
        ))?;
    }
    if !report.skipped.is_empty() {
        output::text(&format!("{} files are no documents and were left out", report.skipped.len()))?;
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
        eprintln!("Stopped. What was committed stays; the same command goes on from here.");
    }
    Ok(())
}
