use crate::{Done, Places, output};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// The result as JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(clap::Subcommand)]
enum Verb {
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
    /// Forget documents for good: text, vectors, index entries, and the answers that cite them.
    Remove {
        /// Their ids, or enough of the beginning of each.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
    },
}

pub(crate) fn run(places: &Places, arguments: &Arguments) -> anyhow::Result<Done> {
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
                output::text(&output::safe(&serde_json::to_string_pretty(&details)?))?;
            }
        }
        Verb::Remove { ids } => {
            let removed = engine.remove(ids)?;
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
