//! SQLite: the one source of truth for documents, chunks, jobs and answers.
//!
//! A document's life: [`Catalog::stage`] writes a whole new version in one transaction, together with an outbox
//! entry; the caller writes [`Catalog::entries`] into the indexes; [`Catalog::publish`] makes the version current in
//! one transaction. The version it replaces stays readable for the answers that cite it, and its index entries are
//! deleted through the outbox. A crash at any point leaves an outbox that the caller works off at the next start:
//! `Upsert` entries are written and published, `Delete` entries deleted and confirmed; both may safely be done twice.
//!
//! Blocking; one connection per [`Catalog`]. Times are unix milliseconds and always passed in.

mod answers;
mod chunks;
mod encoding;
mod error;
mod journal;
mod outbox;
mod read;
mod records;
mod remove;
mod schema;
mod scrub;
mod sources;
mod stage;
mod store;

pub use encoding::{document_hash, document_id};
pub use error::CatalogError;
pub use records::{
    AnswerSummary, BlankedAnswer, Change, Counts, DocumentFilter, DocumentSummary, EmbedderRecord,
    IndexEntry, JobFile, JobFileState, JobRecord, LostPart, NewDocument, OutboxAction, OutboxEntry,
    PageCounts, Removed, SourceName, SourceRecord, SourceState, Staged, StoredAnswer, StoredChunk,
    VersionRecord,
};
pub use store::Catalog;
