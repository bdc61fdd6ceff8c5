//! Answers to files that stand on their own: Markdown, HTML, JSON, DOCX and PDF, with numbered, verbatim sources. Pure.
//!
//! Every string of an answer is treated as hostile: titles, paths and quotes come from other people's documents.

mod docx;
mod html;
mod json;
mod markdown;
mod pdf;
mod sheet;
mod words;

use std::collections::BTreeMap;
use std::str::FromStr;

use citadel_core::{Answer, DocumentId};

/// What answers are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// CommonMark.
    Markdown,
    /// One HTML file that loads nothing.
    Html,
    /// The [`Answer`] itself, indented; of a conversation, an object of its answers and sources.
    Json,
    /// Office Open XML text, verified quotes as footnotes.
    Docx,
    /// Portable Document Format, tagged, verified quotes as footnotes.
    Pdf,
}

impl ExportFormat {
    /// The name on the command line and the file ending, without the dot.
    pub fn as_str(self) -> &'static str {
        match self {
            ExportFormat::Markdown => "md",
            ExportFormat::Html => "html",
            ExportFormat::Json => "json",
            ExportFormat::Docx => "docx",
            ExportFormat::Pdf => "pdf",
        }
    }
}

impl FromStr for ExportFormat {
    type Err = ExportError;

    /// Reads `md`, `html`, `json`, `docx` or `pdf`, in any case.
    fn from_str(name: &str) -> Result<Self, ExportError> {
        use ExportFormat::{Docx, Html, Json, Markdown, Pdf};
        [Markdown, Html, Json, Docx, Pdf]
            .into_iter()
            .find(|format| format.as_str().eq_ignore_ascii_case(name))
            .ok_or_else(|| ExportError::UnknownFormat { name: name.to_owned() })
    }
}

/// What is known of a version of a document beside what a citation says. What is not known is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceFacts {
    /// When this version was read: RFC 3339, UTC.
    pub ingested_at: Option<String>,
    /// SHA-256 of its extracted text with structure and positions, as the coverage certificate has it.
    pub text_sha256: Option<String>,
    /// SHA-256 of the file that it was read from, where that is known of this version.
    pub file_sha256: Option<String>,
}

/// The facts of each document version that is cited or shown.
pub type Sources = BTreeMap<(DocumentId, i64), SourceFacts>;

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// No such format.
    #[error("there is no export format {name:?}; take md, html, json, docx or pdf")]
    UnknownFormat {
        /// As it was given.
        name: String,
    },
    /// No answer was given.
    #[error("there is nothing to export; name an answer")]
    Empty,
    /// An answer cannot be written in the format.
    #[error("answer {id} cannot be written as {format}: {reason}")]
    Unwritable {
        /// The answer's id; of a conversation, that of its first.
        id: String,
        /// The format's name.
        format: &'static str,
        /// The library's own words.
        reason: String,
    },
}

impl ExportError {
    /// A stable name for callers that act on it.
    pub fn code(&self) -> &'static str {
        match self {
            ExportError::UnknownFormat { .. } => "unknown_format",
            ExportError::Empty => "nothing_to_export",
            ExportError::Unwritable { .. } => "unwritable",
        }
    }
}

/// Writes a conversation, its answers in the order given, in `format`; one answer is a conversation of one. The same
/// answers and facts give the same bytes.
///
/// In DOCX and PDF a quote is a footnote where the self-check verified every sentence that cites it; other quotes are
/// called unverified, in all formats but JSON, which has the verdicts themselves.
///
/// JSON of one answer is the [`Answer`] itself; of several, `{"answers": […], "sources": […]}`, where a source is
/// `{"document_id", "version_id", "ingested_at", "text_sha256", "file_sha256"}`.
pub fn export(answers: &[Answer], sources: &Sources, format: ExportFormat) -> Result<Vec<u8>, ExportError> {
    let first = answers.first().ok_or(ExportError::Empty)?;
    let written = match format {
        ExportFormat::Markdown => Ok(markdown::write(answers, sources).into_bytes()),
        ExportFormat::Html => Ok(html::write(answers, sources).into_bytes()),
        ExportFormat::Json => json::write(answers, sources),
        ExportFormat::Docx => docx::write(&sheet::Sheet::new(answers, sources)),
        ExportFormat::Pdf => pdf::write(sheet::Sheet::new(answers, sources)),
    };
    written.map_err(|reason| ExportError::Unwritable {
        id: first.id.clone(),
        format: format.as_str(),
        reason,
    })
}
