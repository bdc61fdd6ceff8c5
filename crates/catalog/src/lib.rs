//! SQLite: the one source of truth for documents, chunks, jobs and answers.
//!
//! A document's life: [`Catalog::stage`] writes a whole new version in one transaction, together with an outbox
//! entry; the caller writes [`Catalog::entries`] into the indexes; [`Catalog::publish`] makes the version current in
//! one transaction. The version it replaces stays readable for the answers that cite it, and its index entries are
//! deleted through the outbox. A crash at any point leaves an outbox that the caller works off at the next start:
//! `Upsert` entries are written and published, `Delete` entries deleted and confirmed; both may safely be done twice.
//!
//! Blocking; one connection per [`Catalog`]. Times are unix milliseconds and always passed in.

mod error;
mod records;

use std::path::Path;

use citadel_core::{Answer, Block, CharRange, Document, DocumentId, Page};

pub use error::CatalogError;
pub use records::*;

type Result<T> = std::result::Result<T, CatalogError>;

/// An open catalog.
pub struct Catalog {
    #[expect(dead_code, reason = "API draft")]
    conn: rusqlite::Connection,
}

/// The id of the document that is `part` of the file `key` in `collection`: the first 128 bits of a SHA-256, in
/// hexadecimal. The same document has the same id in every vault.
pub fn document_id(_collection: &str, _key: &str, _part: Option<&str>) -> DocumentId {
    todo!()
}

/// SHA-256 over everything of a document but its warnings, in hexadecimal.
pub fn document_hash(_document: &Document) -> String {
    todo!()
}

#[expect(unused_variables, clippy::todo, clippy::missing_errors_doc, reason = "API draft, bodies follow")]
impl Catalog {
    /// Opens the catalog at `path`, or makes it where there is none. The folder must exist.
    pub fn open(path: &Path) -> Result<Self> {
        todo!()
    }
    /// Every finding of SQLite's own check and of the links between tables; empty where all is well.
    pub fn integrity_check(&self) -> Result<Vec<String>> {
        todo!()
    }
    /// Whose vectors the vault holds; `None` in a new vault.
    pub fn embedder(&self) -> Result<Option<EmbedderRecord>> {
        todo!()
    }
    /// Says whose vectors the vault holds. Another one than before is refused as long as there are chunks.
    pub fn set_embedder(&mut self, embedder: &EmbedderRecord) -> Result<()> {
        todo!()
    }
    /// Grows with each publish, withdrawal and removal.
    pub fn generation(&self) -> Result<i64> {
        todo!()
    }

    /// The file `key` of `collection`.
    pub fn source(&self, collection: &str, key: &str) -> Result<Option<SourceRecord>> {
        todo!()
    }
    /// All files of a collection, or of all.
    pub fn sources(&self, collection: Option<&str>) -> Result<Vec<SourceRecord>> {
        todo!()
    }
    /// The hash of the document's current version ([`document_hash`]).
    pub fn current_hash(&self, id: &DocumentId) -> Result<Option<String>> {
        todo!()
    }
    /// Writes one document as a staged version, in one transaction.
    pub fn stage(&mut self, new: &NewDocument<'_>, now: i64) -> Result<Staged> {
        todo!()
    }
    /// Stages many documents in one transaction: all or none.
    pub fn stage_all(&mut self, new: &[NewDocument<'_>], now: i64) -> Result<Vec<Staged>> {
        todo!()
    }
    /// Records how the ingest of a file ended. With [`SourceState::Done`], documents of the file that are not in `seen`
    /// are withdrawn in the same transaction (no longer current, index entries to be deleted) and returned.
    pub fn finish_source(
        &mut self,
        source: &SourceRecord,
        seen: &[DocumentId],
        now: i64,
    ) -> Result<Vec<DocumentId>> {
        todo!()
    }

    /// The oldest entries of the outbox.
    pub fn outbox(&self, limit: usize) -> Result<Vec<OutboxEntry>> {
        todo!()
    }
    /// What the indexes hold of a version, in the order of the text; empty where the version is gone.
    pub fn entries(&self, version_id: i64) -> Result<Vec<IndexEntry>> {
        todo!()
    }
    /// Makes staged versions current, in one transaction; versions that are not staged are passed over. Gives the new
    /// generation. An index commit that precedes it carries [`Catalog::generation`] + 1.
    pub fn publish(&mut self, versions: &[i64], now: i64) -> Result<i64> {
        todo!()
    }
    /// Takes `Delete` entries ([`OutboxEntry::id`]) out of the outbox.
    pub fn outbox_done(&mut self, entries: &[i64]) -> Result<()> {
        todo!()
    }
    /// All current versions, for rebuilding an index.
    pub fn current_versions(&self) -> Result<Vec<i64>> {
        todo!()
    }

    /// The documents, by path and part.
    pub fn documents(&self, filter: &DocumentFilter) -> Result<Vec<DocumentSummary>> {
        todo!()
    }
    /// The document of an id or of the beginning of one.
    pub fn document(&self, id_or_prefix: &str) -> Result<DocumentSummary> {
        todo!()
    }
    /// The current version of a document.
    pub fn current_version(&self, id: &DocumentId) -> Result<Option<i64>> {
        todo!()
    }
    /// The whole text of a version.
    pub fn text(&self, version_id: i64) -> Result<String> {
        todo!()
    }
    /// The characters of `range` in a version's text; `None` where it reaches past the end. Reads only what it needs.
    pub fn slice(&self, version_id: i64, range: CharRange) -> Result<Option<String>> {
        todo!()
    }
    /// The pages of a version with their word boxes.
    pub fn pages(&self, version_id: i64) -> Result<Vec<Page>> {
        todo!()
    }
    /// The structure of a version.
    pub fn blocks(&self, version_id: i64) -> Result<Vec<Block>> {
        todo!()
    }
    /// A version as it was staged.
    pub fn body(&self, version_id: i64) -> Result<Document> {
        todo!()
    }
    /// Physical page and printed label of a position in the text; `None` without pages or past the end.
    pub fn page_at(&self, version_id: i64, position: usize) -> Result<Option<(u32, Option<String>)>> {
        todo!()
    }
    /// The chunks, in the order asked for; those that do not belong to a current version are left out.
    pub fn hydrate(&self, chunk_ids: &[i64]) -> Result<Vec<StoredChunk>> {
        todo!()
    }
    /// What is in the vault.
    pub fn counts(&self) -> Result<Counts> {
        todo!()
    }
    /// Collections with the number of their current documents, by name.
    pub fn collections(&self) -> Result<Vec<(String, u64)>> {
        todo!()
    }

    /// Forgets documents: all versions, pages, chunks; answers that showed them are blanked. Unknown ids are passed
    /// over. Follow with [`Catalog::scrub`].
    pub fn remove(&mut self, ids: &[DocumentId]) -> Result<Removed> {
        todo!()
    }
    /// Rewrites the file so that nothing removed is left in it or beside it.
    pub fn scrub(&mut self) -> Result<()> {
        todo!()
    }

    /// Opens a job in the journal.
    pub fn begin_job(&mut self, paths: &[String], collection: &str, now: i64) -> Result<i64> {
        todo!()
    }
    /// Adds `(key, path)` files to a job; those already there are left as they are.
    pub fn add_job_files(&mut self, job: i64, files: &[(String, String)]) -> Result<()> {
        todo!()
    }
    /// Notes how a file of a job ended.
    pub fn job_file_done(&mut self, job: i64, key: &str, state: &JobFileState) -> Result<()> {
        todo!()
    }
    /// The files of a job, in the order added.
    pub fn job_files(&self, job: i64) -> Result<Vec<JobFile>> {
        todo!()
    }
    /// Closes a job: it leaves the journal.
    pub fn end_job(&mut self, job: i64) -> Result<()> {
        todo!()
    }
    /// Jobs that were begun and not ended, oldest first.
    pub fn unfinished_jobs(&self) -> Result<Vec<JobRecord>> {
        todo!()
    }

    /// Keeps an answer under its id.
    pub fn put_answer(&mut self, answer: &Answer, now: i64) -> Result<()> {
        todo!()
    }
    /// The answer of an id or of the beginning of one.
    pub fn answer(&self, id_or_prefix: &str) -> Result<StoredAnswer> {
        todo!()
    }
    /// The newest answers, newest first.
    pub fn answers(&self, limit: usize) -> Result<Vec<AnswerSummary>> {
        todo!()
    }
}
