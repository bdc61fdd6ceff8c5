//! What a window's library shows: every document with its coverage, what could not be read, what is kept in step.

use citadel_catalog::{DocumentFilter, DocumentSummary, JobRecord, PageCounts, SourceState};
use citadel_core::{DocumentId, Format};
use serde::Serialize;

use crate::{Engine, EngineError};

/// Everything that the library shows.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Library {
    /// The collections that hold a document, by name.
    pub collections: Vec<LibraryCollection>,
    /// The documents that are searched, by path and part.
    pub documents: Vec<LibraryDocument>,
    /// What could not be read.
    pub failed: Vec<LibraryFailure>,
    /// The folders that are kept in step.
    pub watched: Vec<WatchedFolder>,
    /// Ingests that were stopped or cut off.
    pub unfinished: Vec<JobRecord>,
}

/// A collection of the library.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct LibraryCollection {
    /// Its name.
    pub name: String,
    /// Documents in it.
    pub documents: u64,
}

/// A document of the library.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct LibraryDocument {
    /// The document.
    pub document_id: DocumentId,
    /// The version that is searched.
    pub version_id: i64,
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
    /// Its pages by state.
    pub coverage: PageCounts,
    /// Chunks.
    pub chunks: u64,
    /// Characters of extracted text.
    pub chars: u64,
    /// When it was ingested: RFC 3339, UTC.
    pub ingested_at: String,
    /// What was lost or doubtful while reading.
    pub warnings: Vec<String>,
}

/// A file, or a part of one, that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct LibraryFailure {
    /// The file as ingested.
    pub path: String,
    /// The collection.
    pub collection: String,
    /// The part; `None` for the whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Stable word for programs.
    pub code: String,
    /// What was wrong and what to do.
    pub reason: String,
}

/// A folder that is kept in step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct WatchedFolder {
    /// The collection that its files go into.
    pub collection: String,
    /// The folder.
    pub path: String,
}

impl Engine {
    /// How many documents are searched, and how many answers are kept.
    pub fn counts(&self) -> Result<(u64, u64), EngineError> {
        let counts = self.catalog().counts()?;
        Ok((counts.documents, counts.answers))
    }

    /// Everything that the library shows. Loads neither models nor indexes.
    pub fn library(&self) -> Result<Library, EngineError> {
        let catalog = self.catalog();
        let collections = catalog.collections()?.into_iter();
        let watched = catalog.watched()?.into_iter();
        let mut failed = Vec::new();
        for source in catalog.sources(None)? {
            let (path, collection) = (source.path, source.collection);
            let failure = |part, code, reason| LibraryFailure {
                path: path.clone(),
                collection: collection.clone(),
                part,
                code,
                reason,
            };
            if let SourceState::Failed { code, reason } = source.state {
                failed.push(failure(None, code, reason));
            }
            failed.extend(source.lost.into_iter().map(|lost| failure(lost.part, lost.code, lost.reason)));
        }
        let documents = catalog.documents(&DocumentFilter::default())?;
        Ok(Library {
            collections: collections.map(|(name, documents)| LibraryCollection { name, documents }).collect(),
            documents: documents.into_iter().map(shown).collect(),
            failed,
            watched: watched.map(|(collection, path)| WatchedFolder { collection, path }).collect(),
            unfinished: catalog.unfinished_jobs()?,
        })
    }
}

fn shown(document: DocumentSummary) -> LibraryDocument {
    LibraryDocument {
        document_id: document.document_id,
        version_id: document.version_id,
        path: document.path,
        part: document.part,
        title: document.title,
        collection: document.collection,
        format: document.format,
        coverage: document.pages,
        chunks: document.chunks,
        chars: document.chars,
        ingested_at: crate::ask::rfc3339(document.ingested_at),
        warnings: document.warnings,
    }
}
