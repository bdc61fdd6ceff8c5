//! What long work tells while it runs: one closed enum per use case, pushed into a closure.

use citadel_core::{DocumentId, Passage, Verdict};
use serde::Serialize;

use crate::coverage::Coverage;

/// What an ingest tells while it runs. The JSON is a public contract: one line per event.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum IngestEvent {
    /// An earlier ingest was interrupted; its remaining files are taken into this one.
    Resuming {
        /// Files of the earlier job.
        total: usize,
        /// Files that were already done.
        done: usize,
    },
    /// The files were counted.
    Found {
        /// Files to look at.
        files: usize,
    },
    /// A file begins to be read.
    Reading {
        /// The file as ingested.
        path: String,
    },
    /// A page of a PDF is being read; told a few times a second at most.
    Page {
        /// The file as ingested.
        path: String,
        /// From 1.
        page: u32,
        /// Pages of the file.
        of: u32,
        /// Whether it is a picture, the text of which is being recognised.
        recognizing: bool,
    },
    /// A long document is being embedded.
    Embedding {
        /// The file as ingested.
        path: String,
        /// Chunks of the document that are done.
        chunks: usize,
        /// All of them.
        of: usize,
    },
    /// A file or a part of one could not be read; the report lists it too.
    Failed(FailedFile),
    /// A document was read and staged, or is unchanged.
    Document {
        /// The file as ingested.
        path: String,
        /// The part of the file, such as a wiki page.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "typescript", ts(optional = nullable))]
        part: Option<String>,
        /// The document's id.
        document_id: String,
        /// Its title.
        title: String,
        /// `added`, `updated` or `unchanged`.
        change: &'static str,
        /// Physical pages; 0 where the format has none.
        pages: usize,
        /// Pages that are pictures of text, which was recognised.
        pages_ocr: u64,
        /// Pages without readable text.
        pages_without_text: u64,
        /// Tables.
        tables: usize,
        /// Characters that a viewer of the source does not show.
        hidden_chars: usize,
        /// Chunks.
        chunks: usize,
        /// What was lost or doubtful.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        #[cfg_attr(feature = "typescript", ts(optional, as = "Option<_>"))]
        warnings: Vec<String>,
    },
    /// A file has the same bytes as another of its collection: its documents are the other's.
    Duplicate {
        /// The file as ingested.
        path: String,
        /// The other, by its absolute path.
        of: String,
    },
    /// A file of the vault has a new name; its documents are what they were.
    Renamed {
        /// The file as ingested.
        path: String,
        /// What it was called.
        from: String,
    },
    /// It waits, as asked; what was done is committed.
    Paused,
    /// It goes on.
    Resumed,
    /// A file is done, well or badly.
    File {
        /// The file as ingested.
        path: String,
        /// Files done so far.
        done: usize,
        /// Files in all.
        total: usize,
    },
    /// Everything up to here can be searched and survives a crash.
    Committed {
        /// Documents committed so far in this ingest.
        documents: usize,
        /// Chunks committed so far.
        chunks: usize,
    },
}

impl IngestEvent {
    /// Whether it only tells how far work is; what came of it is told by the others and the report.
    pub fn is_progress(&self) -> bool {
        use IngestEvent::{Embedding, Failed, File, Page, Reading};
        matches!(self, Reading { .. } | Page { .. } | Embedding { .. } | Failed(_) | File { .. })
    }
}

/// A file or a part of one that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct FailedFile {
    /// The file as ingested.
    pub path: String,
    /// The part of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// What was wrong and what to do.
    pub reason: String,
    /// Stable word for programs.
    pub code: String,
}

/// A file of the vault that is gone. Its documents are still searched until they are removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct MissingFile {
    /// The path as ingested.
    pub path: String,
    /// The collection.
    pub collection: String,
    /// Its documents.
    pub documents: Vec<DocumentId>,
}

/// How an ingest ended. The JSON is a public contract.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct IngestReport {
    /// Documents that are new.
    pub added: usize,
    /// Documents with a new version.
    pub updated: usize,
    /// Documents that are as they were.
    pub unchanged: usize,
    /// What could not be read.
    pub failed: Vec<FailedFile>,
    /// Files found in folders that are no documents, such as pictures.
    pub skipped: Vec<FailedFile>,
    /// Documents whose part is gone from its file.
    pub removed: usize,
    /// Files that have the same bytes as another, whose documents are theirs too.
    pub duplicates: usize,
    /// Files that were in the vault under another name.
    pub renamed: usize,
    /// Files of the vault that lay in the folders named and are gone. Their documents are still searched.
    pub missing: Vec<MissingFile>,
    /// Physical pages read.
    pub pages: u64,
    /// Of them, pictures of text, which was recognised.
    pub pages_ocr: u64,
    /// Of them, pages that carry no readable text, such as scans.
    pub pages_without_text: u64,
    /// Tables found.
    pub tables: usize,
    /// Characters that a viewer of the source does not show.
    pub hidden_chars: usize,
    /// Parts of files that are no content, such as older versions of a wiki's page.
    pub parts_skipped: u64,
    /// Chunks embedded.
    pub chunks: usize,
    /// Tokens embedded, context included.
    pub tokens: u64,
    /// Wall time.
    pub seconds: f64,
    /// Whether it was stopped before the end; what was committed stays.
    pub stopped: bool,
}

impl IngestReport {
    /// Counts what was read of a document.
    pub(crate) fn count(&mut self, coverage: &Coverage) {
        self.pages += coverage.pages.total;
        self.pages_ocr += coverage.pages.ocr;
        self.pages_without_text += coverage.pages.unread();
        self.tables += coverage.tables;
        self.hidden_chars += coverage.hidden_chars;
    }
}

/// What an ask tells while it runs: evidence first, prose second.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum AskEvent<'a> {
    /// The passages that the answer will be written from.
    Passages {
        /// Best first.
        passages: &'a [Passage],
    },
    /// Documents looked through so far, where the question is about the documents as a set.
    Searched {
        /// Those done.
        documents: usize,
        /// All of them.
        of: usize,
    },
    /// A piece of text as the model writes it, not checked yet.
    Draft {
        /// What follows on the pieces before.
        text: &'a str,
    },
    /// The draft did not hold; a new one follows.
    Retry,
    /// The self-check judged a sentence.
    Checked {
        /// The sentence.
        text: &'a str,
        /// What was found.
        verdict: Verdict,
    },
}
