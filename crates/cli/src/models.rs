use std::path::PathBuf;

use citadel_engine::models::ModelPack;
use serde_json::json;

use crate::{Done, Nested, Places, output};

#[derive(clap::Subcommand)]
pub(crate) enum Verb {
    /// The files of the pack (the default).
    List,
    /// Copy a GGUF language model into the pack.
    Add {
        /// The model file, its tokenizer beside it.
        path: PathBuf,
    },
    /// Check every file's size and SHA-256.
    Verify,
}

pub(crate) fn run(places: &Places, arguments: &Nested<Verb>) -> anyhow::Result<Done> {
    let mut pack = ModelPack::open(&places.options()?.models)?;
    match arguments.verb.as_ref().unwrap_or(&Verb::List) {
        Verb::List => {
            if arguments.json {
                let mut list = serde_json::to_value(pack.entries())?;
                for (entry, shown) in pack.entries().iter().zip(list.as_array_mut().into_iter().flatten()) {
                    match pack.memory(entry) {
                        None => {}
                        Some(Ok(memory)) => shown["memory"] = serde_json::to_value(memory)?,
                        Some(Err(error)) => shown["problem"] = json!(error.to_string()),
                    }
                }
                output::json_line(&list)?;
            } else {
                for e in pack.entries() {
                    let size = e.bytes as f64 / 1e6;
                    let memory = match pack.memory(e) {
                        None => String::new(),
                        Some(Ok(need)) => {
                            let fits = if need.fits { "fits" } else { "does not fit now" };
                            format!(" · takes {:.0} MB of memory, {fits}", need.needed as f64 / 1e6)
                        }
                        Some(Err(error)) => format!(" · {error}"),
                    };
                    output::text(&output::safe(&format!(
                        "{:<44} {size:>7.1} MB  {} · {}{memory}",
                        e.file, e.name, e.licence
                    )))?;
                }
            }
        }
        Verb::Add { path } => {
            let added = pack.add(path)?;
            if arguments.json {
                output::json_line(added)?;
            } else {
                output::text(&output::safe(&format!("added {}", added.file)))?;
            }
        }
        Verb::Verify => {
            let results = pack.verify(&mut |_| {});
            let whole = results.iter().all(|(_, r)| r.is_ok());
            if arguments.json {
                let lines: Vec<_> = results
                    .iter()
                    .map(|(e, r)| json!({"file": e.file, "ok": r.is_ok(), "error": r.as_ref().err().map(ToString::to_string)}))
                    .collect();
                output::json_line(&lines)?;
            } else {
                for (entry, result) in &results {
                    match result {
                        Ok(()) => output::text(&format!("ok  {}", output::safe(&entry.file)))?,
                        Err(error) => eprintln!("bad {error}"),
                    }
                }
            }
            return Ok(if whole { Done::Whole } else { Done::InPart });
        }
    }
    Ok(Done::Whole)
}
