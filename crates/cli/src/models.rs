use std::path::PathBuf;

use citadel_engine::models::{ModelPack, ModelRole};
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
    /// Let another language model of the pack answer from now on.
    Use {
        /// Its name, as the list has it.
        name: String,
    },
    /// Check every file's size and SHA-256.
    Verify,
}

pub(crate) fn run(places: &Places, arguments: &Nested<Verb>) -> anyhow::Result<Done> {
    let mut pack = ModelPack::open(&places.options()?.models)?;
    match arguments.verb.as_ref().unwrap_or(&Verb::List) {
        Verb::List => {
            let in_use = pack.generator(None).ok().map(|e| e.name.clone());
            if arguments.json {
                let mut list = serde_json::to_value(pack.entries())?;
                for (entry, shown) in pack.entries().iter().zip(list.as_array_mut().into_iter().flatten()) {
                    match pack.memory(entry) {
                        None => {}
                        Some(Ok(memory)) => shown["memory"] = serde_json::to_value(memory)?,
                        Some(Err(error)) => shown["problem"] = json!(error.to_string()),
                    }
                    if entry.role == ModelRole::Generator {
                        shown["in_use"] = json!(in_use.as_deref() == Some(entry.name.as_str()));
                    }
                }
                output::json_line(&list)?;
            } else {
                for e in pack.entries() {
                    let size = e.bytes as f64 / 1e6;
                    let answers =
                        e.role == ModelRole::Generator && in_use.as_deref() == Some(e.name.as_str());
                    let answers = if answers { " · in use" } else { "" };
                    let memory = match pack.memory(e) {
                        None => String::new(),
                        Some(Ok(need)) => {
                            let fits = if need.fits { "fits" } else { "does not fit now" };
                            format!(" · takes {:.0} MB of memory, {fits}", need.needed as f64 / 1e6)
                        }
                        Some(Err(error)) => format!(" · {error}"),
                    };
                    output::text(&output::safe(&format!(
                        "{:<44} {size:>7.1} MB  {} · {}{memory}{answers}",
                        e.file, e.name, e.licence
                    )))?;
                }
            }
        }
        Verb::Add { path } => {
            let added = pack.add(path)?.clone();
            if arguments.json {
                output::json_line(&added)?;
            } else {
                let fits = match pack.memory(&added) {
                    Some(Ok(need)) if need.fits => {
                        format!("takes {:.0} MB of memory, which are free", need.needed as f64 / 1e6)
                    }
                    Some(Ok(need)) => format!(
                        "takes {:.0} MB of memory, more than is free now: close other programs first",
                        need.needed as f64 / 1e6
                    ),
                    _ => "what it takes of the memory is not known".to_owned(),
                };
                output::text(&output::safe(&format!(
                    "added {}; it {fits}\n`citadel ask --model {}` tries it, `citadel models use {}` lets it answer from now on",
                    added.file, added.name, added.name
                )))?;
            }
        }
        Verb::Use { name } => {
            let chosen = pack.choose(name)?;
            if arguments.json {
                output::json_line(chosen)?;
            } else {
                output::text(&output::safe(&format!("{} answers from now on", chosen.name)))?;
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
