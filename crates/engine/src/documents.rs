use std::path::PathBuf;

use citadel_catalog::{CatalogError, DocumentFilter, DocumentSummary, LostPart, PageCounts, StoredAnswer};
use citadel_core::{Answer, DocumentId, Format, Outcome, Page, PageStatus};
use citadel_export::{ExportFormat, SourceFacts, Sources};
use citadel_index::Index;
use serde::Serialize;

use crate::coverage::{Coverage, PageCoverage};
use crate::{Engine, EngineError};

/// A document as it is listed. The JSON is a public contract.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct ListedDocument {
    /// The document.
    pub document_id: DocumentId,
    /// The path as ingested.
    pub path: String,
    /// The part of the file, such as a wiki page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Its title.
    pub title: String,
    /// The collection.
    pub collection: String,
    /// What it was read as.
    pub format: Format,
    /// Physical pages; 0 where the format has none.
    pub pages: u64,
    /// Chunks.
    pub chunks: u64,
    /// Characters of extracted text.
    pub chars: u64,
    /// When it was ingested: RFC 3339, UTC.
    pub ingested_at: String,
}

/// One document with its coverage: which pages could be read.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct DocumentDetails {
    /// What the list shows.
    #[serde(flatten)]
    pub document: ListedDocument,
    /// How many pages are in which state.
    pub coverage: PageCounts,
    /// Tables found.
    pub tables: usize,
    /// Characters that a viewer of the source does not show.
    pub hidden_chars: usize,
    /// The language of the text, where it is known.
    pub language: Option<String>,
    /// Pages whose text is not in the document, with the reason.
    pub unread_pages: Vec<UnreadPage>,
    /// What became of each page.
    pub page_coverage: Vec<PageCoverage>,
    /// Files with the same bytes, by their paths as ingested.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<_>"))]
    pub copies: Vec<String>,
    /// Parts of its file that could not be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<_>"))]
    pub lost_parts: Vec<LostPart>,
    /// What was lost or doubtful while reading.
    pub warnings: Vec<String>,
    /// Facts from the source, such as revision, author, timestamp.
    pub metadata: std::collections::BTreeMap<String, String>,
}

/// A page whose text is not in the document.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct UnreadPage {
    /// 1-based physical number.
    pub page: u32,
    /// Why.
    pub status: PageStatus,
}

/// An earlier answer as it is listed. The JSON is a public contract.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct ListedAnswer {
    /// Its id.
    pub id: String,
    /// The question; empty where the answer was blanked.
    pub question: String,
    /// Whether the documents answered it.
    pub outcome: Outcome,
    /// When it was given: RFC 3339, UTC.
    pub created_at: String,
    /// Whether it was blanked because a document it showed was removed.
    pub blanked: bool,
    /// The answer that it followed up on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// What a removal took out.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RemovedDocuments {
    /// The documents that are gone.
    pub documents: Vec<DocumentId>,
    /// Answers that showed or cited them and were blanked.
    pub answers_blanked: u64,
}

impl Engine {
    /// The documents that are searched, by path and part.
    pub fn documents(&self) -> Result<Vec<ListedDocument>, EngineError> {
        let all = self.catalog().documents(&DocumentFilter::default())?;
        Ok(all.into_iter().map(listed).collect())
    }

    /// One document, by its id or the beginning of it.
    pub fn document(&self, id: &str) -> Result<DocumentDetails, EngineError> {
        let summary = self.find_document(id)?;
        let catalog = self.catalog();
        let body = catalog.body(summary.version_id)?;
        let coverage = Coverage::of(&body);
        let unread = |p: &&Page| matches!(p.status, PageStatus::NoText | PageStatus::Unreadable(_));
        let unread_pages = body
            .pages
            .iter()
            .filter(unread)
            .map(|p| UnreadPage { page: p.number, status: p.status.clone() })
            .collect();
        let source = catalog.source(&summary.collection, &summary.key)?;
        Ok(DocumentDetails {
            coverage: coverage.pages,
            tables: coverage.tables,
            hidden_chars: coverage.hidden_chars,
            language: coverage.language,
            unread_pages,
            page_coverage: crate::coverage::pages(&body.pages, &body.hidden),
            copies: catalog.copies_of(&summary.document_id)?,
            lost_parts: source.map(|source| source.lost).unwrap_or_default(),
            warnings: summary.warnings.clone(),
            document: listed(summary),
            metadata: body.metadata,
        })
    }

    /// What is listed of a document, by its id or the beginning of it.
    pub(crate) fn find_document(&self, id: &str) -> Result<DocumentSummary, EngineError> {
        self.catalog().document(id).map_err(|e| known("document", id, e))
    }

    /// The extracted text that all offsets of a document count in.
    pub fn document_text(&self, id: &str) -> Result<String, EngineError> {
        let summary = self.find_document(id)?;
        Ok(self.catalog().text(summary.version_id)?)
    }

    /// Forgets documents for good: when this returns, no byte of their text or vectors is in the vault's folder. Where
    /// it is cut off after the documents are gone from the catalog, the next opening of the index ends it.
    pub fn remove(&self, ids: &[String]) -> Result<RemovedDocuments, EngineError> {
        // Opened first, so that a removal that was cut off is ended although its documents are unknown by now.
        let index = self.index()?;
        let mut found = Vec::new();
        for id in ids {
            found.push(self.find_document(id)?.document_id);
        }
        let Some(index) = index else { return Ok(RemovedDocuments::default()) };
        self.note_removal()?;
        let removed = self.catalog().remove(&found)?;
        self.forget_removed(&index)?;
        Ok(RemovedDocuments { documents: removed.documents, answers_blanked: removed.answers })
    }

    /// Whether bytes of removed documents may be left in the vault's folder.
    pub(crate) fn removal_is_unfinished(&self) -> bool {
        self.removal_note().exists()
    }

    /// Takes what was removed from the catalog out of every file.
    pub(crate) fn forget_removed(&self, index: &Index) -> Result<(), EngineError> {
        self.settle(index)?;
        self.runtime.block_on(index.purge())?;
        self.catalog().scrub()?;
        std::fs::remove_file(self.removal_note()).map_err(|source| self.removal_note_error(source))
    }

    /// Notes, before anything is removed, that files have to be rewritten. The note survives what ends the process.
    fn note_removal(&self) -> Result<(), EngineError> {
        let write = || {
            std::fs::File::create(self.removal_note())?.sync_all()?;
            // A new name is on the disk once its folder is.
            if cfg!(unix) { std::fs::File::open(self.vault())?.sync_all() } else { Ok(()) }
        };
        write().map_err(|source| self.removal_note_error(source))
    }

    fn removal_note(&self) -> PathBuf {
        self.vault().join("removal-unfinished")
    }

    fn removal_note_error(&self, source: std::io::Error) -> EngineError {
        let hint = "check that the vault folder may be written and the disk is not full";
        EngineError::Io { path: self.removal_note(), source, hint }
    }

    /// Earlier answers, newest first.
    pub fn answers(&self) -> Result<Vec<ListedAnswer>, EngineError> {
        let all = self.catalog().answers(usize::MAX >> 1)?;
        let listed = all.into_iter().map(|a| ListedAnswer {
            id: a.id,
            question: a.question,
            outcome: a.outcome,
            created_at: crate::ask::rfc3339(a.created_at),
            blanked: a.blanked,
            after: a.after,
        });
        Ok(listed.collect())
    }

    /// An earlier answer, by its id or the beginning of it.
    pub fn answer(&self, id: &str) -> Result<Answer, EngineError> {
        let stored = self.catalog().answer(id).map_err(|e| known("answer", id, e))?;
        match stored {
            StoredAnswer::Kept(answer) => Ok(*answer),
            StoredAnswer::Blanked(blank) => {
                Err(EngineError::AnswerBlanked { id: blank.id, reason: blank.reason })
            }
        }
    }

    /// Forgets an answer for good, by its id or the beginning of it: when this returns, no byte of it is in the vault's
    /// folder. What followed up on it stays.
    pub fn forget_answer(&self, id: &str) -> Result<(), EngineError> {
        let mut catalog = self.catalog();
        catalog.remove_answer(id).map_err(|e| known("answer", id, e))?;
        Ok(catalog.scrub()?)
    }

    /// Stored answers, named by their ids or the beginnings of them, as a file's content: one, or a conversation in the
    /// order given. `format` is `md`, `html`, `json`, `docx` or `pdf`.
    pub fn export(&self, ids: &[String], format: &str) -> Result<Vec<u8>, EngineError> {
        let format: ExportFormat = format.parse()?;
        let answers: Vec<Answer> = ids.iter().map(|id| self.answer(id)).collect::<Result<_, _>>()?;
        let sources = self.source_facts(&answers)?;
        Ok(citadel_export::export(&answers, &sources, format)?)
    }

    /// What the catalog knows of the versions that are cited.
    fn source_facts(&self, answers: &[Answer]) -> Result<Sources, EngineError> {
        let catalog = self.catalog();
        let mut sources = Sources::new();
        for citation in answers.iter().flat_map(|answer| &answer.citations) {
            if let Some(record) = catalog.version(citation.version_id)? {
                let facts = SourceFacts {
                    ingested_at: Some(crate::ask::rfc3339(record.ingested_at)),
                    text_sha256: Some(record.hash),
                    file_sha256: record.file_sha256,
                };
                sources.insert((citation.document_id.clone(), citation.version_id), facts);
            }
        }
        Ok(sources)
    }
}

fn listed(d: DocumentSummary) -> ListedDocument {
    ListedDocument {
        document_id: d.document_id,
        path: d.path,
        part: d.part,
        title: d.title,
        collection: d.collection,
        format: d.format,
        pages: d.pages.total,
        chunks: d.chunks,
        chars: d.chars,
        ingested_at: crate::ask::rfc3339(d.ingested_at),
    }
}

/// Says in the user's words that an id is not there.
fn known(kind: &'static str, id: &str, error: CatalogError) -> EngineError {
    match error.code() {
        "not_found" => EngineError::UnknownId { kind, id: id.to_owned() },
        _ => error.into(),
    }
}
