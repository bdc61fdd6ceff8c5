use std::path::PathBuf;

use anyhow::Context;

use crate::{Done, Places};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The answer's id, or enough of its beginning; several make one conversation, in the order given.
    #[arg(value_name = "ANSWER_ID", required = true)]
    ids: Vec<String>,
    /// md, html, json, docx or pdf.
    #[arg(long, value_name = "FORMAT")]
    format: String,
    /// The file to write; an existing one is replaced.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

pub(crate) fn run(places: &Places, arguments: &Arguments) -> anyhow::Result<Done> {
    let written = places.open()?.export(&arguments.ids, &arguments.format)?;
    // Written beside and renamed, so that a full disk leaves the old file.
    let file = &arguments.output;
    let beside = file.with_added_extension("part");
    std::fs::write(&beside, written)
        .and_then(|()| std::fs::rename(&beside, file))
        .inspect_err(|_| {
            let _ = std::fs::remove_file(&beside);
        })
        .with_context(|| format!("{}: cannot be written; check the folder and free space", file.display()))?;
    eprintln!("Written: {}", file.display());
    Ok(Done::Whole)
}
