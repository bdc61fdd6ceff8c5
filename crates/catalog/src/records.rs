use citadel_core::{
    Answer, CharRange, Chunk, Document, DocumentId, Format, Outcome, Page, PageStatus, Windows,
};
use serde::Serialize;

/// The embedder whose vectors the vault holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EmbedderRecord {
    /// [`citadel_core::Embedder::fingerprint`].
    pub fingerprint: String,
    /// Numbers per vector.
    pub dimensions: usize,
}

/// Names one file in one collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceName<'a> {
    /// The collection.
    pub collection: &'a str,
    /// The canonical absolute path.
    pub key: &'a str,
    /// The path as ingested, for people.
    pub path: &'a str,
}

/// One file in one collection. It yields one document, or many where it is a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SourceRecord {
    /// The collection.
    pub collection: String,
    /// The canonical absolute path.
    pub key: String,
    /// The path as ingested, for people.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Last change of the file, nanoseconds since 1970.
    pub modified_ns: i64,
    /// SHA-256 of the file, hexadecimal; `None` where it could not be read.
    pub sha256: Option<String>,
    /// How the last ingest of it ended.
    pub state: SourceState,
    /// How many folders lie between the one that the user named and the file; `None` where the file itself was named.
    pub depth: Option<u32>,
    /// The key of the file of the same collection that has the same bytes; its documents are this one's too.
    pub duplicate_of: Option<String>,
    /// Pages of a wiki that only lead to another page.
    pub redirects: u64,
    /// Parts that are no content, such as older versions of a page.
    pub skipped: u64,
    /// What was lost or doubtful in the file as a whole.
    pub warnings: Vec<String>,
    /// Parts that could not be read.
    pub lost: Vec<LostPart>,
}

/// A part of a file that could not be read, or was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct LostPart {
    /// Which; `None` where it is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Stable.
    pub code: String,
    /// For people.
    pub reason: String,
}

/// How the last ingest of a source ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// It has not ended, or a document of it was removed since: the file must be read again.
    #[default]
    Open,
    /// All its documents are staged or published.
    Done,
    /// It failed; what was there before is still there.
    Failed {
        /// Stable.
        code: String,
        /// For people.
        reason: String,
    },
}

/// A document with its chunks, to be staged. `chunks`, `contexts` and `vectors` are as long as each other.
#[derive(Clone, Copy, Debug)]
pub struct NewDocument<'a> {
    /// The file it comes from.
    pub source: SourceName<'a>,
    /// The document.
    pub document: &'a Document,
    /// Its chunks, in order.
    pub chunks: &'a [Chunk],
    /// For each chunk, the title and headings it is embedded with ([`citadel_core::embedding_input`]).
    pub contexts: &'a [Vec<String>],
    /// For each chunk, its vectors, by the embedder of [`crate::Catalog::embedder`].
    pub vectors: &'a [Windows],
}

/// What staging a document came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staged {
    /// The document.
    pub document_id: DocumentId,
    /// The staged version; the current one where nothing changed.
    pub version_id: i64,
    /// What it means for the vault.
    pub change: Change,
}

/// What a staged document means for the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The vault has no current version of it.
    Added,
    /// It replaces a current version.
    Updated,
    /// The current version is the same; nothing was staged.
    Unchanged,
}

/// Something the indexes still have to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutboxEntry {
    /// Names the entry; grows.
    pub id: i64,
    /// The version whose index entries are meant. It may be gone from the catalog where they are to be deleted.
    pub version_id: i64,
    /// What to do.
    pub action: OutboxAction,
}

/// What the indexes have to do with a version's entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutboxAction {
    /// Write them all ([`crate::Catalog::entries`]), then [`crate::Catalog::publish`].
    Upsert,
    /// Delete them all, then [`crate::Catalog::outbox_done`].
    Delete,
}

/// A chunk as the indexes hold it.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexEntry {
    /// Names the chunk; never used again.
    pub chunk_id: i64,
    /// The version it belongs to.
    pub version_id: i64,
    /// The collection.
    pub collection: String,
    /// The document's title.
    pub title: String,
    /// Where its file lies; `None` where the file holds several documents.
    pub path: Option<String>,
    /// The title and headings the chunk is embedded and indexed with.
    pub context: Vec<String>,
    /// The chunk's text, verbatim.
    pub text: String,
    /// Its vectors.
    pub windows: Windows,
}

/// Which documents to list.
#[derive(Clone, Debug, Default)]
pub struct DocumentFilter {
    /// Only these collections; all where empty.
    pub collections: Vec<String>,
    /// Also documents whose file no longer has them: not searched, but kept for earlier answers until removed.
    pub withdrawn: bool,
}

/// A document as it is listed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DocumentSummary {
    /// The document.
    pub document_id: DocumentId,
    /// Its current version, or its last where it is withdrawn.
    pub version_id: i64,
    /// Whether its file no longer has it: not searched, kept for earlier answers.
    pub withdrawn: bool,
    /// The canonical absolute path of its file.
    pub key: String,
    /// The path as ingested.
    pub path: String,
    /// The part of the file that it is; `None` where the file is the document.
    pub part: Option<String>,
    /// Its title.
    pub title: String,
    /// The collection.
    pub collection: String,
    /// What it was read as.
    pub format: Format,
    /// Physical pages and how many could be read.
    pub pages: PageCounts,
    /// Chunks.
    pub chunks: u64,
    /// Characters of text.
    pub chars: u64,
    /// When this version was staged, unix milliseconds.
    pub ingested_at: i64,
    /// What was lost or doubtful while reading.
    pub warnings: Vec<String>,
}

/// What is kept of a version beside its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VersionRecord {
    /// The hash of its content ([`crate::document_hash`]).
    pub hash: String,
    /// When it was staged, unix milliseconds.
    pub ingested_at: i64,
    /// SHA-256 of the file that it was read from; `None` where the file was read again since, or its bytes are not known.
    pub file_sha256: Option<String>,
}

/// The coverage of a document: its pages by status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PageCounts {
    /// All.
    pub total: u64,
    /// Their text was read.
    pub text: u64,
    /// They show something but carry no text.
    pub no_text: u64,
    /// Nothing is on them.
    pub blank: u64,
    /// Reading failed.
    pub unreadable: u64,
    /// They are pictures of text, which was recognised.
    pub ocr: u64,
}

impl PageCounts {
    /// Counts the pages of a document.
    pub fn of(pages: &[Page]) -> Self {
        let mut counts = Self::default();
        for page in pages {
            counts.total += 1;
            *match page.status {
                PageStatus::Text => &mut counts.text,
                PageStatus::Ocr { .. } => &mut counts.ocr,
                PageStatus::NoText => &mut counts.no_text,
                PageStatus::Blank => &mut counts.blank,
                PageStatus::Unreadable(_) => &mut counts.unreadable,
            } += 1;
        }
        counts
    }

    /// Pages whose text is not in the document, though they show something.
    pub fn unread(&self) -> u64 {
        self.no_text + self.unreadable
    }
}

impl std::ops::AddAssign for PageCounts {
    fn add_assign(&mut self, other: Self) {
        self.total += other.total;
        self.text += other.text;
        self.ocr += other.ocr;
        self.no_text += other.no_text;
        self.blank += other.blank;
        self.unreadable += other.unreadable;
    }
}

/// A chunk of a current version, with all that a [`citadel_core::Passage`] needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredChunk {
    /// The chunk.
    pub chunk_id: i64,
    /// The document.
    pub document_id: DocumentId,
    /// The version that the offsets count in.
    pub version_id: i64,
    /// The path as ingested.
    pub path: String,
    /// The part of the file that the document is.
    pub part: Option<String>,
    /// The document's title.
    pub title: String,
    /// The collection.
    pub collection: String,
    /// The headings above it, outermost first.
    pub heading: Vec<String>,
    /// The title and headings it was embedded with.
    pub context: Vec<String>,
    /// 1-based physical page on which it starts; `None` where the format has none.
    pub page: Option<u32>,
    /// The printed label of that page.
    pub page_label: Option<String>,
    /// Its characters in the version's text.
    pub range: CharRange,
    /// Those characters.
    pub text: String,
}

/// What is in the vault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Current documents.
    pub documents: u64,
    /// Their chunks.
    pub chunks: u64,
    /// Their physical pages.
    pub pages: u64,
    /// Their characters.
    pub chars: u64,
    /// Versions that are staged and wait for the indexes.
    pub staged: u64,
    /// Versions kept for earlier answers only.
    pub superseded: u64,
    /// Entries of the outbox.
    pub outbox: u64,
    /// Answers, those blanked not counted.
    pub answers: u64,
}

/// What a removal took out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// The documents that were there.
    pub documents: Vec<DocumentId>,
    /// All their versions: the indexes must forget them (they are in the outbox).
    pub versions: Vec<i64>,
    /// Answers that showed or cited them and were blanked.
    pub answers: u64,
}

/// An ingest job in the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct JobRecord {
    /// Names the job.
    pub id: i64,
    /// The paths asked for.
    pub paths: Vec<String>,
    /// The collection.
    pub collection: String,
    /// When it began, unix milliseconds.
    pub begun_at: i64,
    /// When its user stopped it, unix milliseconds; `None` where it runs or was cut off.
    pub stopped_at: Option<i64>,
    /// Files done or failed.
    pub done: u64,
    /// Files known.
    pub total: u64,
}

/// A file of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JobFile {
    /// The canonical absolute path.
    pub key: String,
    /// The path as ingested.
    pub path: String,
    /// See [`SourceRecord::depth`].
    pub depth: Option<u32>,
    /// How far it is.
    pub state: JobFileState,
}

/// How far a file of a job is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum JobFileState {
    /// Not yet done.
    Pending,
    /// Done.
    Done,
    /// It failed.
    Failed {
        /// Stable.
        code: String,
        /// For people.
        reason: String,
    },
}

/// An answer as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub enum StoredAnswer {
    /// The answer.
    Kept(Box<Answer>),
    /// It was blanked.
    Blanked(BlankedAnswer),
}

/// What is left of an answer that showed or cited a removed document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BlankedAnswer {
    /// The answer's id.
    pub id: String,
    /// When it was stored, unix milliseconds.
    pub created_at: i64,
    /// Whether the documents answered the question.
    pub outcome: Outcome,
    /// Why it is blank, for people.
    pub reason: String,
}

/// An answer as it is listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AnswerSummary {
    /// The answer's id.
    pub id: String,
    /// The question; empty where the answer was blanked.
    pub question: String,
    /// Whether the documents answered it.
    pub outcome: Outcome,
    /// When it was stored, unix milliseconds.
    pub created_at: i64,
    /// Whether it was blanked because a document it showed was removed.
    pub blanked: bool,
    /// The answer that it followed up on.
    pub after: Option<String>,
}
