//! Answers to files that stand on their own: Markdown, HTML and JSON, with numbered, verbatim sources. Pure.
//!
//! Every string of an answer is treated as hostile: titles, paths and quotes come from other people's documents.

mod html;
mod markdown;
mod words;

use std::str::FromStr;

use citadel_core::Answer;

/// What an answer is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// CommonMark.
    Markdown,
    /// One HTML file that loads nothing.
    Html,
    /// The [`Answer`] itself, indented.
    Json,
    /// Office Open XML text; planned.
    Docx,
    /// Portable Document Format; planned.
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

/// Why an answer was not exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// No such format.
    #[error("there is no export format {name:?}; take md, html or json")]
    UnknownFormat {
        /// As it was given.
        name: String,
    },
    /// The format is planned and not there yet.
    #[error("export to {format} is planned and not there yet; take md or html meanwhile")]
    Planned {
        /// The format's name.
        format: &'static str,
    },
    /// A number of the answer cannot be written as JSON.
    #[error("answer {id} cannot be written as JSON: {reason}")]
    Json {
        /// The answer's id.
        id: String,
        /// The library's own words.
        reason: String,
    },
}

impl ExportError {
    /// A stable name for callers that act on it.
    pub fn code(&self) -> &'static str {
        match self {
            ExportError::UnknownFormat { .. } => "unknown_format",
            ExportError::Planned { .. } => "planned_format",
            ExportError::Json { .. } => "json",
        }
    }
}

/// Writes `answer` in `format`. The same answer gives the same text.
pub fn export(answer: &Answer, format: ExportFormat) -> Result<String, ExportError> {
    match format {
        ExportFormat::Markdown => Ok(markdown::write(answer)),
        ExportFormat::Html => Ok(html::write(answer)),
        ExportFormat::Json => match serde_json::to_string_pretty(answer) {
            Ok(json) => Ok(json + "\n"),
            Err(e) => Err(ExportError::Json { id: answer.id.clone(), reason: e.to_string() }),
        },
        ExportFormat::Docx | ExportFormat::Pdf => Err(ExportError::Planned { format: format.as_str() }),
    }
}
