//! The use cases: open a vault, ingest, search, ask, check, export.
//!
//! [`Engine`] is blocking: the shells call it from a thread of their own. Inside, a small tokio runtime drives the
//! indexes, models run on the calling thread behind one lock each, and documents are parsed in child processes.

mod ask;
mod check;
mod doctor;
mod documents;
mod error;
mod events;
mod evidence;
mod ingest;
mod load;
pub mod models;
mod outbox;
mod prompt;
mod search;
mod vault;
mod walk;
mod words;

pub use ask::{AskMode, AskRequest};
pub use check::{CheckResult, Checker};
pub use citadel_chunk::Chunker;
pub use citadel_encode::TELEMETRY_OFF;
pub use citadel_generate::SPIN_LIMIT;
pub use doctor::{DoctorReport, Finding, doctor};
pub use documents::{DocumentDetails, ListedAnswer, ListedDocument, RemovedDocuments};
pub use error::EngineError;
pub use events::{AskEvent, FailedFile, IngestEvent, IngestReport};
pub use ingest::IngestRequest;
pub use search::{MAX_QUESTION_CHARS, SearchMode, SearchRequest, SearchResult, SearchTimings};
pub use vault::{Engine, EngineOptions, ParserCommand, default_models, default_vault};

/// What the hidden verb of a shell runs: parses one document in this process, under limits. [`TELEMETRY_OFF`] must be
/// set, or pages that are pictures are not recognised.
pub fn parse_child_main() -> std::process::ExitCode {
    citadel_parse::child_main(&load::open_recognizer)
}
