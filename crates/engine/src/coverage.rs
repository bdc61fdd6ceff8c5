//! The coverage ledger: what of each file, document and page was read, and how.

use std::collections::BTreeMap;

use citadel_catalog::{DocumentFilter, DocumentSummary, LostPart, PageCounts, SourceRecord, SourceState};
use citadel_core::{BlockKind, CharRange, Document, DocumentId, Format, Page, PageStatus};
use serde::Serialize;

use crate::vault::now_ms;
use crate::{Engine, EngineError};

/// How much of a document was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// How many pages are in which state.
    pub pages: PageCounts,
    /// Tables found: runs of rows.
    pub tables: usize,
    /// Characters that a viewer of the source does not show.
    pub hidden_chars: usize,
    /// The language of the text, as BCP 47 where it is known.
    pub language: Option<String>,
}

impl Coverage {
    /// That of a document.
    pub(crate) fn of(document: &Document) -> Self {
        let is_row = |at: usize| document.blocks.get(at).is_some_and(|b| b.kind == BlockKind::TableRow);
        Self {
            pages: PageCounts::of(&document.pages),
            tables: (0..document.blocks.len())
                .filter(|&at| is_row(at) && !at.checked_sub(1).is_some_and(is_row))
                .count(),
            hidden_chars: document.hidden.iter().map(CharRange::len).sum(),
            language: document.metadata.get("language").cloned(),
        }
    }
}

/// One page of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct PageCoverage {
    /// 1-based physical number.
    pub page: u32,
    /// The printed label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What became of it.
    pub status: PageStatus,
    /// Characters of text.
    pub chars: usize,
    /// Of them, those that a viewer does not show.
    #[serde(skip_serializing_if = "is_zero")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<_>"))]
    pub hidden_chars: usize,
}

fn is_zero(n: &usize) -> bool {
    *n == 0
}

/// The ledger of a document's pages.
pub(crate) fn pages(pages: &[Page], hidden: &[CharRange]) -> Vec<PageCoverage> {
    let overlap = |a: CharRange, b: CharRange| a.end.min(b.end).saturating_sub(a.start.max(b.start));
    pages
        .iter()
        .map(|page| PageCoverage {
            page: page.number,
            label: page.label.clone(),
            status: page.status.clone(),
            chars: page.range.len(),
            hidden_chars: hidden.iter().map(|range| overlap(*range, page.range)).sum(),
        })
        .collect()
}

/// What an auditor needs to know of a vault's coverage. The JSON is a public contract.
#[derive(Clone, Debug, Serialize)]
pub struct Certificate {
    /// The form of this certificate.
    pub certificate: &'static str,
    /// The version of the program.
    pub citadel: &'static str,
    /// When it was made: RFC 3339, UTC.
    pub created_at: String,
    /// The model whose vectors are searched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embedder: Option<String>,
    /// Counts over all files.
    pub totals: Totals,
    /// Every file that was ever named or found and is still in the vault, with what became of it.
    pub files: Vec<FileCoverage>,
}

/// Counts over all files of a certificate.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Totals {
    /// Files by how their reading ended: `done`, `open`, `failed`, `duplicate`.
    pub files: BTreeMap<&'static str, usize>,
    /// Documents that are searched.
    pub documents: usize,
    /// Their chunks.
    pub chunks: u64,
    /// Their characters.
    pub chars: u64,
    /// Their pages.
    pub pages: PageCounts,
    /// Their tables.
    pub tables: usize,
    /// Characters that a viewer of the source does not show.
    pub hidden_chars: usize,
    /// Parts of files that could not be read.
    pub lost_parts: usize,
}

/// A file with what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct FileCoverage {
    /// The path as ingested.
    pub path: String,
    /// The collection.
    pub collection: String,
    /// Bytes.
    pub bytes: u64,
    /// SHA-256 of what was read, hexadecimal.
    pub sha256: Option<String>,
    /// `done`, `open` (to be read again), `failed` or `duplicate`.
    pub state: &'static str,
    /// Why it failed: stable word and reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<LostPart>,
    /// The file of which it is a copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<String>,
    /// Pages of a wiki that only lead to another page.
    pub redirects: u64,
    /// Parts that are no content, such as older versions of a page.
    pub skipped: u64,
    /// What was lost or doubtful in the file as a whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Parts that could not be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<LostPart>,
    /// Its documents that are searched.
    pub documents: Vec<DocumentCoverage>,
}

/// A document with how much of it was read.
#[derive(Clone, Debug, Serialize)]
pub struct DocumentCoverage {
    /// The document.
    pub document_id: DocumentId,
    /// The part of the file that it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Its title.
    pub title: String,
    /// What it was read as.
    pub format: Format,
    /// When this version was read: RFC 3339, UTC.
    pub ingested_at: String,
    /// SHA-256 of its text, structure and positions as they are stored.
    pub text_sha256: Option<String>,
    /// Characters.
    pub chars: u64,
    /// Chunks.
    pub chunks: u64,
    /// What was read.
    #[serde(flatten)]
    pub coverage: Coverage,
    /// Pages that were not simply read as text, with the reason or the confidence.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_pages: Vec<PageCoverage>,
    /// What was lost or doubtful while reading it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl Engine {
    /// The coverage ledger of the whole vault, or of one collection.
    pub fn certificate(&self, collection: Option<&str>) -> Result<Certificate, EngineError> {
        let catalog = self.catalog();
        let sources = catalog.sources(collection)?;
        let filter = DocumentFilter {
            collections: collection.map(str::to_owned).into_iter().collect(),
            withdrawn: false,
        };
        let mut documents: BTreeMap<(String, String), Vec<DocumentSummary>> = BTreeMap::new();
        for document in catalog.documents(&filter)? {
            let file = (document.collection.clone(), document.key.clone());
            documents.entry(file).or_default().push(document);
        }
        let mut totals = Totals::default();
        let mut files = Vec::with_capacity(sources.len());
        for source in sources {
            let of_file = documents.remove(&(source.collection.clone(), source.key.clone()));
            let mut covered = Vec::new();
            for summary in of_file.unwrap_or_default() {
                let hash = catalog.current_hash(&summary.document_id)?;
                let body = catalog.body(summary.version_id)?;
                covered.push(document_coverage(summary, hash, &body));
            }
            let file = file_coverage(source, covered);
            totals.add(&file);
            files.push(file);
        }
        Ok(Certificate {
            certificate: "citadel coverage 1",
            citadel: env!("CARGO_PKG_VERSION"),
            created_at: crate::ask::rfc3339(now_ms()),
            embedder: catalog.embedder()?.map(|record| record.fingerprint),
            totals,
            files,
        })
    }
}

fn document_coverage(summary: DocumentSummary, hash: Option<String>, body: &Document) -> DocumentCoverage {
    let mut other_pages = pages(&body.pages, &body.hidden);
    other_pages.retain(|page| page.status != PageStatus::Text || page.hidden_chars > 0);
    DocumentCoverage {
        document_id: summary.document_id,
        part: summary.part,
        title: summary.title,
        format: summary.format,
        ingested_at: crate::ask::rfc3339(summary.ingested_at),
        text_sha256: hash,
        chars: summary.chars,
        chunks: summary.chunks,
        coverage: Coverage::of(body),
        other_pages,
        warnings: summary.warnings,
    }
}

fn file_coverage(source: SourceRecord, documents: Vec<DocumentCoverage>) -> FileCoverage {
    let (state, failure) = match source.state {
        SourceState::Done if source.duplicate_of.is_some() => ("duplicate", None),
        SourceState::Done => ("done", None),
        SourceState::Open => ("open", None),
        SourceState::Failed { code, reason } => ("failed", Some(LostPart { part: None, code, reason })),
    };
    FileCoverage {
        path: source.path,
        collection: source.collection,
        bytes: source.size,
        sha256: source.sha256,
        state,
        failure,
        duplicate_of: source.duplicate_of,
        redirects: source.redirects,
        skipped: source.skipped,
        warnings: source.warnings,
        lost: source.lost,
        documents,
    }
}

impl Totals {
    fn add(&mut self, file: &FileCoverage) {
        *self.files.entry(file.state).or_default() += 1;
        self.lost_parts += file.lost.len();
        for document in &file.documents {
            self.documents += 1;
            self.chunks += document.chunks;
            self.chars += document.chars;
            self.pages += document.coverage.pages;
            self.tables += document.coverage.tables;
            self.hidden_chars += document.coverage.hidden_chars;
        }
    }
}
