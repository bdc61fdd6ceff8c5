//! A whole `citadel ingest`, beside the encoder alone and bare ONNX Runtime on the same chunks; then searches in the vault.
//! On a machine that does other work at the same time, compare processor times: the clock says little.

use std::path::Path;

use serde_json::{Value, json};

use crate::child::{Ended, most};
use crate::encoder::{self, Encoded};
use crate::figures::{Figures, show};
use crate::{Places, Result, machine, questions};

/// Searches whose time is not counted, and those whose time is.
const WARM_UP: usize = 20;
const SEARCHES: usize = 200;

/// Where the time of one ingest went, by the moments of its events.
struct Times {
    /// Verifying and loading the models, opening the vault, counting the files.
    start_up: f64,
    /// Commits, compaction and closing.
    commits: f64,
    report: Value,
}

/// Ingests `corpus` into `runs` new vaults and prints a table.
pub(crate) fn measure(places: &Places, corpus: &Path, runs: usize) -> Result<()> {
    let name = corpus.file_name().unwrap_or_default().to_string_lossy().into_owned();
    println!("### Ingest: {name}\n");
    let windows = places.scratch.path().join("windows.json");
    let (mut whole, mut alone, mut bare): (Vec<(Ended, Times)>, Vec<Encoded>, Vec<Encoded>) =
        Default::default();
    let mut vault = places.fresh_vault()?;
    for run in 1..=runs {
        eprintln!("ingest of {name}: run {run} of {runs}, load averages {}", machine::load());
        vault = places.fresh_vault()?;
        let ended = places.citadel(&vault, &["ingest", "--json", &corpus.to_string_lossy()])?;
        let times = times(&ended)?;
        whole.push((ended, times));
        alone.push(encoder::part(&["embedder".as_ref(), &vault.join("catalog.sqlite"), &windows])?);
        bare.push(encoder::part(&["bare".as_ref(), &windows])?);
    }
    let Some(((_, Times { report, .. }), encoded)) = whole.first().zip(alone.first()) else { return Ok(()) };
    let count = |field: &str| report[field].as_f64().unwrap_or(0.0);
    println!(
        "{} documents, {} pages, {} chunks, {} windows of {} tokens in all (what the model sees), {} failed.\n",
        count("added"),
        count("pages"),
        count("chunks"),
        encoded.windows,
        encoded.tokens,
        report["failed"].as_array().map_or(0, Vec::len),
    );
    let seconds: Figures = whole.iter().map(|(e, _)| e.seconds).collect();
    let cpu: Figures = whole.iter().filter_map(|(e, _)| e.cpu_seconds).collect();
    let per_second = |what: f64| seconds.0.iter().map(|s| what / s).collect::<Figures>();
    let rate = |parts: &[Encoded]| parts.iter().map(|p| p.tokens / p.seconds).collect::<Figures>();
    let cpu_of = |parts: &[Encoded]| parts.iter().map(|p| p.cpu_seconds).collect::<Figures>();
    let (alone_rate, bare_rate) = (rate(&alone), rate(&bare));
    let tokens = per_second(encoded.tokens);

    println!("| figure | median (lowest to highest) | n |\n|---|---|---|");
    let row = |name: &str, figures: Figures, digits: usize| {
        println!("| {name} | {} | {} |", figures.spread(digits), figures.n());
    };
    row("whole process, s", seconds.clone(), 1);
    row(
        "– of which start-up (models verified and loaded), s",
        whole.iter().map(|(_, t)| t.start_up).collect(),
        1,
    );
    row("– of which commits, compaction, closing, s", whole.iter().map(|(_, t)| t.commits).collect(), 1);
    if count("pages") > 0.0 {
        row("pages/s", per_second(count("pages")), 1);
    }
    row("chunks/s", per_second(count("chunks")), 1);
    row("tokens/s, whole ingest", tokens.clone(), 0);
    row("tokens/s, encoder alone", alone_rate.clone(), 0);
    row("tokens/s, bare ONNX Runtime", bare_rate.clone(), 0);
    row("whole ingest / bare, by the clock", tokens.over(&bare_rate), 2);
    row("encoder alone / bare, by the clock", alone_rate.over(&bare_rate), 2);
    row("processor time, whole ingest, s", cpu.clone(), 1);
    row("processor time, bare, s", cpu_of(&bare), 1);
    row("bare / whole ingest, by processor time", cpu_of(&bare).over(&cpu), 2);
    row("bare / encoder alone, by processor time", cpu_of(&bare).over(&cpu_of(&alone)), 2);
    row("peak memory, citadel, MiB", whole.iter().filter_map(|(e, _)| e.peak_mib).collect(), 0);
    row("peak memory, its parser, MiB", whole.iter().filter_map(|(e, _)| e.child_peak_mib).collect(), 0);
    println!();
    searches(places, &vault)
}

fn times(ended: &Ended) -> Result<Times> {
    let (mut start_up, mut commits, mut previous, mut report) = (0.0, 0.0, 0.0, Value::Null);
    for (at, line) in &ended.lines {
        let event: Value = serde_json::from_str(line)?;
        match event["event"].as_str() {
            Some("found") => start_up = *at,
            // A commit follows what was staged last, and tells its end.
            Some("committed") => commits += at - previous,
            Some("report") => {
                commits += ended.seconds - previous;
                report = event;
            }
            _ => {}
        }
        previous = *at;
    }
    if report.is_null() {
        Err("an ingest printed no report".into())
    } else {
        Ok(Times { start_up, commits, report })
    }
}

/// Whole searches: the question embedded, both indexes asked, the passages read.
fn searches(places: &Places, vault: &Path) -> Result<()> {
    let questions = questions()?;
    let lines: Vec<Value> = questions
        .iter()
        .cycle()
        .take(WARM_UP + SEARCHES)
        .enumerate()
        .map(|(n, question)| json!({ "id": n.to_string(), "query": question }))
        .collect();
    let batch = places.batch("searches.jsonl", &lines)?;
    println!("| search in this vault | p50 ms | p95 ms | of which embedding the question, p50 ms | n |");
    println!("|---|---|---|---|---|");
    let mut peak = None;
    for mode in ["vector", "keyword", "hybrid"] {
        let ended = places.citadel(vault, &["search", "--json", "--mode", mode, "--batch", &batch])?;
        peak = most(peak, ended.peak_mib);
        let (mut totals, mut embeds) = (Figures::default(), Figures::default());
        for (_, line) in ended.lines.iter().skip(WARM_UP) {
            let result: Value = serde_json::from_str(line)?;
            let time = |part: &str| result["timings_ms"][part].as_f64().ok_or("a search without timings");
            totals.0.push(time("total")?);
            embeds.0.push(time("embed")?);
        }
        println!(
            "| {mode} | {} | {} | {} | {} |",
            show(totals.median(), 1),
            show(totals.quantile(0.95), 1),
            show(embeds.median(), 1),
            totals.n()
        );
    }
    println!("\nPeak memory of a search process: {} MiB.\n", show(peak, 0));
    Ok(())
}
