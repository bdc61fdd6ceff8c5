//! The use cases: open a vault, ingest, search, ask, check, export.
//!
//! [`Engine`] is blocking: the shells call it from a thread of their own. Inside, a small tokio runtime drives the
//! indexes, models run on the calling thread behind one lock each, and documents are parsed in child processes.

mod ask;
mod backup;
mod calibration;
mod cards;
mod check;
mod connections;
mod copies;
mod coverage;
mod doctor;
mod documents;
mod error;
mod events;
mod evidence;
mod gate;
mod ingest;
mod library;
mod load;
pub mod models;
mod outbox;
mod prompt;
mod question;
mod reading;
mod search;
mod stamp;
mod sweep;
mod vault;
mod view;
mod walk;
mod watch;
mod words;

pub use ask::{AskMode, AskRequest, PASSAGES};
pub use backup::{Storage, restore, set_aside};
pub use cards::{ModelCard, ModelSpeed, language_models};
pub use check::{CheckResult, Checker, Stage};
pub use citadel_chunk::{Chunker, MAX_TOKENS as MAX_CHUNK_TOKENS};
pub use citadel_encode::TELEMETRY_OFF;
pub use citadel_generate::{DevicePreference, SPIN_LIMIT};
pub use connections::connections;
pub use coverage::{Certificate, Coverage, DocumentCoverage, FileCoverage, PageCoverage, Totals};
pub use doctor::{DeviceState, DoctorReport, Finding, doctor};
pub use documents::{DocumentDetails, ListedAnswer, ListedDocument, RemovedDocuments};
pub use error::{EngineError, Problem};
pub use events::{AskEvent, FailedFile, IngestEvent, IngestReport, MissingFile};
pub use ingest::{IngestRequest, IngestScope, IngestedFile};
pub use library::{Library, LibraryCollection, LibraryDocument, LibraryFailure, WatchedFolder};
pub use search::{MAX_QUESTION_CHARS, SearchMode, SearchRequest, SearchResult, SearchTimings};
pub use vault::{Engine, EngineOptions, ParserCommand, SMALLEST_CHUNKS, default_models, default_vault};
pub use view::{DocumentView, Marks, Original, PageMarks, ViewBlock, ViewPage};
pub use watch::Watch;

/// What the hidden verb of a shell runs: parses one document in this process, under limits. [`TELEMETRY_OFF`] must be
/// set, or pages that are pictures are not recognised.
pub fn parse_child_main() -> std::process::ExitCode {
    citadel_parse::child_main(&load::open_recognizer)
}

/// Lets other programs go first, for as long as this process lives. Where the system has no such thing, or refuses,
/// nothing changes.
pub fn lower_priority() {
    #[cfg(unix)]
    // SAFETY: a plain system call on this process with constant arguments.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, 10);
    }
}
