use std::path::PathBuf;

use citadel_core::StopFlag;
use citadel_engine::{SearchMode, SearchRequest};
use serde::Deserialize;

use crate::{Done, Places, batch, output};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What to look for, in plain words.
    #[arg(required_unless_present = "batch")]
    query: Option<String>,
    /// Lines `{"id","query"}` in, JSON lines out in the same order.
    #[arg(long, value_name = "FILE.jsonl", conflicts_with = "query")]
    batch: Option<PathBuf>,
    /// Most passages to show.
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,
    /// Which index to ask.
    #[arg(long, value_enum, default_value_t = Mode::Hybrid)]
    mode: Mode,
    /// Search this collection only; may be given several times.
    #[arg(long = "collection", value_name = "NAME")]
    collections: Vec<String>,
    /// The result as one JSON value.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Mode {
    /// Both, fused.
    Hybrid,
    /// Meaning only.
    Vector,
    /// Words only.
    Keyword,
}

#[derive(Deserialize)]
struct Line {
    id: String,
    query: String,
}

pub(crate) fn run(places: &Places, arguments: &Arguments, stop: &StopFlag) -> anyhow::Result<Done> {
    let engine = places.open()?;
    let request = |query: &str, query_id: Option<String>| SearchRequest {
        query: query.to_owned(),
        query_id,
        mode: match arguments.mode {
            Mode::Hybrid => SearchMode::Hybrid,
            Mode::Vector => SearchMode::Vector,
            Mode::Keyword => SearchMode::Keyword,
        },
        collections: arguments.collections.clone(),
        limit: usize::from(arguments.limit),
    };
    if let Some(file) = &arguments.batch {
        return batch::run(file, "query_id", |line: Line| {
            anyhow::ensure!(!stop.is_stopped(), "stopped");
            Ok(serde_json::to_value(engine.search(&request(&line.query, Some(line.id)))?)?)
        });
    }
    let result = engine.search(&request(arguments.query.as_deref().unwrap_or_default(), None))?;
    if arguments.json {
        output::json_line(&result)?;
    } else if result.passages.is_empty() {
        output::text("Nothing found.")?;
    } else {
        for passage in &result.passages {
            output::passage(passage)?;
        }
    }
    Ok(Done::Whole)
}
