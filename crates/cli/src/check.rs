use std::path::PathBuf;

use citadel_core::StopFlag;
use serde::Deserialize;

use crate::{Done, Places, batch};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Lines `{"id","question","answer","passages":["…"]}`.
    #[arg(long, value_name = "FILE.jsonl")]
    batch: PathBuf,
}

#[derive(Deserialize)]
struct Line {
    id: String,
    answer: String,
    passages: Vec<String>,
}

pub(crate) fn run(places: &Places, arguments: &Arguments, stop: &StopFlag) -> anyhow::Result<Done> {
    let models = citadel_engine::Checker::load(&places.options()?.models)?;
    batch::run(&arguments.batch, "id", |line: Line| {
        anyhow::ensure!(!stop.is_stopped(), "stopped");
        let result = models.check(line.id, &line.answer, &line.passages, stop)?;
        Ok(serde_json::to_value(result)?)
    })
}
