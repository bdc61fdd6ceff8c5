use anyhow::Context;
use citadel_core::PageStatus;
use citadel_engine::DocumentDetails;

use crate::{Done, Nested, Places, output};

#[derive(clap::Subcommand)]
pub(crate) enum Verb {
    /// All documents (the default).
    List,
    /// One document: its pages, what could be read, what was lost.
    Show {
        /// Its id, or enough of the beginning.
        id: String,
        /// Print the extracted text that all offsets count in.
        #[arg(long)]
        text: bool,
    },
    /// Files of the knowledge base that are gone from their folder; their documents are still searched.
    Missing,
    /// Forget documents for good: text, vectors, index entries, and the answers that cite them.
    Remove {
        /// Their ids, or enough of the beginning of each.
        #[arg(required_unless_present = "missing", value_name = "ID")]
        ids: Vec<String>,
        /// All documents whose file is gone (`citadel documents missing` lists them).
        #[arg(long, conflicts_with = "ids")]
        missing: bool,
    },
    /// Write what of each file, document and page was read, and how, as JSON for an auditor.
    Certificate {
        /// Only this collection.
        #[arg(long, value_name = "NAME")]
        collection: Option<String>,
        /// Where to [default: to stdout].
        #[arg(long, value_name = "FILE")]
        output: Option<std::path::PathBuf>,
    },
}

pub(crate) fn run(places: &Places, arguments: &Nested<Verb>) -> anyhow::Result<Done> {
    let engine = places.open()?;
    match arguments.verb.as_ref().unwrap_or(&Verb::List) {
        Verb::List => {
            let documents = engine.documents()?;
            if arguments.json {
                output::json_line(&documents)?;
            } else if documents.is_empty() {
                output::text("No documents yet: `citadel ingest PATH…` reads them in.")?;
            } else {
                for d in &documents {
                    let pages = if d.pages > 0 { format!(", {} pages", d.pages) } else { String::new() };
                    output::text(&format!(
                        "{}  {}  {}",
                        &d.document_id.0.get(..12).unwrap_or(&d.document_id.0),
                        output::bold(&d.title),
                        output::faint(&format!("{} · {} · {} chunks{pages}", d.path, d.collection, d.chunks)),
                    ))?;
                }
            }
        }
        Verb::Show { id, text: true } => {
            use std::io::Write;
            let text = engine.document_text(id)?;
            if arguments.json {
                let id = engine.document(id)?.document.document_id;
                output::json_line(&serde_json::json!({"document_id": id, "text": text}))?;
            } else {
                // Exactly the text, without a line break of our own: offsets count in it.
                let mut out = std::io::stdout().lock();
                out.write_all(text.as_bytes())?;
                out.flush()?;
            }
        }
        Verb::Show { id, text: false } => {
            let details = engine.document(id)?;
            if arguments.json {
                output::json_line(&details)?;
            } else {
                show(&details)?;
            }
        }
        Verb::Missing => {
            let missing = engine.missing()?;
            if arguments.json {
                output::json_line(&missing)?;
            } else if missing.is_empty() {
                output::text("No file is gone.")?;
            } else {
                for file in &missing {
                    let n = file.documents.len();
                    let detail = format!("{} · {n} documents", file.collection);
                    output::text(&format!("{}  {}", output::safe(&file.path), output::faint(&detail)))?;
                }
            }
        }
        Verb::Certificate { collection, output } => {
            let certificate = engine.certificate(collection.as_deref())?;
            match output {
                Some(file) => std::fs::write(file, serde_json::to_string_pretty(&certificate)? + "\n")
                    .with_context(|| format!("cannot write {}; name another file", file.display()))?,
                None if arguments.json => output::json_line(&certificate)?,
                None => output::text(&output::safe(&serde_json::to_string_pretty(&certificate)?))?,
            }
        }
        Verb::Remove { ids, missing } => {
            let ids = match missing {
                true => engine.missing()?.into_iter().flat_map(|f| f.documents).map(|id| id.0).collect(),
                false => ids.clone(),
            };
            let removed = engine.remove(&ids)?;
            if arguments.json {
                output::json_line(&removed)?;
            } else {
                output::text(&format!(
                    "{} documents forgotten; {} answers that cited them were blanked",
                    removed.documents.len(),
                    removed.answers_blanked
                ))?;
            }
        }
    }
    Ok(Done::Whole)
}

/// One document for people: what it is, what of it was read, what was not.
fn show(details: &DocumentDetails) -> anyhow::Result<()> {
    let DocumentDetails { document, coverage, .. } = details;
    output::text(&output::bold(&document.title))?;
    let part = document.part.as_deref().map(|part| format!(" [{part}]")).unwrap_or_default();
    let line = |name: &str, value: &str| output::text(&format!("  {name:<12}{}", output::safe(value)));
    line("file", &format!("{}{part}", document.path))?;
    line("id", &document.document_id.0)?;
    line("collection", &document.collection)?;
    line("read as", &format!("{:?}", document.format).to_lowercase())?;
    line("ingested", &document.ingested_at)?;
    line("language", details.language.as_deref().unwrap_or("not known"))?;
    line(
        "text",
        &format!("{} characters, {} chunks, {} tables", document.chars, document.chunks, details.tables),
    )?;
    if coverage.total > 0 {
        let states = [
            (coverage.text, "read"),
            (coverage.ocr, "recognised from a picture"),
            (coverage.no_text, "without text"),
            (coverage.unreadable, "not readable"),
            (coverage.blank, "blank"),
        ];
        let states = states.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}"));
        line("pages", &format!("{}: {}", coverage.total, states.collect::<Vec<_>>().join(", ")))?;
    }
    if details.hidden_chars > 0 {
        line("hidden", &format!("{} characters that a viewer does not show", details.hidden_chars))?;
    }
    for page in &details.page_coverage {
        let status = match &page.status {
            PageStatus::Ocr { confidence } => format!("recognised, {confidence} % sure"),
            PageStatus::NoText => "shows something but carries no text; it cannot be searched".to_owned(),
            PageStatus::Unreadable(why) => format!("not readable: {why}"),
            PageStatus::Text | PageStatus::Blank if page.hidden_chars > 0 => String::new(),
            PageStatus::Text | PageStatus::Blank => continue,
        };
        let hidden = match page.hidden_chars {
            0 => String::new(),
            n => format!(" {n} hidden characters"),
        };
        line(&format!("page {}", page.page), format!("{status}{hidden}").trim())?;
    }
    for (name, value) in details.metadata.iter().filter(|(name, _)| *name != "language") {
        line(name, value)?;
    }
    for copy in &details.copies {
        line("same as", copy)?;
    }
    for lost in &details.lost_parts {
        line("not read", &format!("{}: {}", lost.part.as_deref().unwrap_or("a part"), lost.reason))?;
    }
    for warning in &details.warnings {
        line("warning", warning)?;
    }
    Ok(())
}
