//! `citadel`: the engine on the command line. One file per verb; the JSON is a public contract.

mod answers;
mod ask;
mod batch;
mod check;
mod doctor;
mod documents;
mod export;
mod ingest;
mod jobs;
mod models;
mod output;
mod search;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use citadel_core::StopFlag;
use citadel_engine::{Engine, EngineOptions, ParserCommand};
use clap::{Parser, Subcommand};

/// A private knowledge base: ask your own documents, and see the passage behind every sentence.
#[derive(Parser)]
#[command(name = "citadel", version, about, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    places: Places,
    #[command(subcommand)]
    verb: Verb,
}

/// Where things lie.
#[derive(clap::Args)]
struct Places {
    /// The knowledge base [default: in the user's data folder].
    #[arg(long, global = true, env = "CITADEL_VAULT", value_name = "DIR")]
    vault: Option<PathBuf>,
    /// The model pack [default: in the user's data folder].
    #[arg(long, global = true, env = "CITADEL_MODELS", value_name = "DIR")]
    models: Option<PathBuf>,
}

/// A verb with verbs of its own; the list is meant where none is named.
#[derive(clap::Args)]
struct Nested<V: Subcommand> {
    #[command(subcommand)]
    verb: Option<V>,
    /// The result as JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Verb {
    /// Read files, folders and export archives into the knowledge base.
    Ingest(ingest::Arguments),
    /// Keep folders in step: what changes in them is read once it has come to rest.
    Watch(watch::Arguments),
    /// Ingests that were stopped or cut off.
    Jobs(Nested<jobs::Verb>),
    /// Show the passages nearest to a query, best first.
    Search(search::Arguments),
    /// Answer a question from the documents, every sentence cited.
    Ask(ask::Arguments),
    /// Check answers against passages: the self-check alone.
    Check(check::Arguments),
    /// What is in the knowledge base.
    Documents(Nested<documents::Verb>),
    /// Write a stored answer with its citations to a file.
    Export(export::Arguments),
    /// Earlier answers.
    Answers(Nested<answers::Verb>),
    /// The model pack: what is there, SHA-256 checked.
    Models(Nested<models::Verb>),
    /// What works on this machine, and what is missing.
    Doctor(doctor::Arguments),
    /// Parse one document in this process, under limits; the engine starts it.
    #[command(name = PARSE_CHILD, hide = true)]
    ParseChild,
}

const PARSE_CHILD: &str = "__parse-child";

impl Places {
    fn options(&self) -> anyhow::Result<EngineOptions> {
        let program = std::env::current_exe().map_err(|e| {
            anyhow::anyhow!("cannot find the running program: {e}; start it by its full path")
        })?;
        let vault = match &self.vault {
            Some(dir) => dir.clone(),
            None => citadel_engine::default_vault()?,
        };
        let models = match &self.models {
            Some(dir) => dir.clone(),
            None => citadel_engine::default_models()?,
        };
        let parser = ParserCommand { program, arguments: vec![PARSE_CHILD.into()] };
        Ok(EngineOptions::new(vault, models, parser))
    }

    fn open(&self) -> anyhow::Result<Engine> {
        Ok(Engine::open(self.options()?)?)
    }
}

/// How a verb ended, beyond an error.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Done {
    /// Everything was done.
    Whole,
    /// It was done, but some input failed.
    InPart,
}

fn main() -> ExitCode {
    let (name, value) = citadel_engine::TELEMETRY_OFF;
    // SAFETY: no other thread runs yet.
    unsafe { std::env::set_var(name, value) };
    let cli = Cli::parse();
    if let Verb::ParseChild = cli.verb {
        return citadel_engine::parse_child_main();
    }
    let (name, rounds) = citadel_engine::SPIN_LIMIT;
    if std::env::var_os(name).is_none() {
        // SAFETY: this is the only thread yet.
        unsafe { std::env::set_var(name, rounds) };
    }
    let stop = StopFlag::new();
    let on_signal = stop.clone();
    // Without a handler Ctrl-C still ends the process, and the journal mends what it leaves.
    let _ = ctrlc::set_handler(move || on_signal.stop());
    let ended = match cli.verb {
        Verb::Ingest(a) => ingest::run(&cli.places, &a, &stop),
        Verb::Watch(a) => watch::run(&cli.places, &a, &stop),
        Verb::Jobs(a) => jobs::run(&cli.places, &a),
        Verb::Search(a) => search::run(&cli.places, &a, &stop),
        Verb::Ask(a) => ask::run(&cli.places, &a, &stop),
        Verb::Check(a) => check::run(&cli.places, &a, &stop),
        Verb::Documents(a) => documents::run(&cli.places, &a),
        Verb::Export(a) => export::run(&cli.places, &a),
        Verb::Answers(a) => answers::run(&cli.places, &a),
        Verb::Models(a) => models::run(&cli.places, &a),
        Verb::Doctor(a) => doctor::run(&cli.places, &a),
        Verb::ParseChild => Ok(Done::Whole),
    };
    match ended {
        Ok(Done::Whole) => ExitCode::SUCCESS,
        Ok(Done::InPart) => ExitCode::from(1),
        Err(error) if output::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("citadel: {error:#}");
            ExitCode::from(2)
        }
    }
}
