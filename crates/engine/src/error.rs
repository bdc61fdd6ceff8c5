use std::path::PathBuf;

use citadel_catalog::CatalogError;
use citadel_core::ModelError;
use serde::Serialize;

use crate::models::ModelPackError;

/// What a use case can fail with. One bad document is not an error but a line of the report.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A file or folder could not be read or written.
    #[error("{path}: {source}; {hint}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's own words.
        source: std::io::Error,
        /// What to do.
        hint: &'static str,
    },
    /// The system names no folder for the user's data.
    #[error(
        "the system names no folder for your data; name the vault with --vault and the model pack with --models"
    )]
    NoDataFolder,
    /// Another process has the vault open.
    #[error(
        "the vault {0} is in use by another process; close that program, or name another vault with --vault"
    )]
    VaultInUse(PathBuf),
    /// The vault's embeddings come from another model.
    #[error(
        "the vault was written with the embedding model {found}, this model pack has {expected}; use the model pack \
         that wrote it (--models), or ingest into a new vault"
    )]
    OtherEmbedder {
        /// What the vault says.
        found: String,
        /// What the model pack has.
        expected: String,
    },
    /// A query or question with nothing in it.
    #[error("the question is empty; ask in plain words")]
    EmptyQuestion,
    /// A question beyond [`crate::MAX_QUESTION_CHARS`].
    #[error("the question has {chars} characters, the limit is {limit}; shorten it")]
    QuestionTooLong {
        /// Characters given.
        chars: usize,
        /// Characters allowed.
        limit: usize,
    },
    /// No collection of that name.
    #[error("there is no collection \"{name}\"; there are: {known}")]
    UnknownCollection {
        /// As asked for.
        name: String,
        /// Those that exist.
        known: String,
    },
    /// No document or answer of that id.
    #[error("there is no {kind} with the id \"{id}\"; `citadel {kind}s list` shows them")]
    UnknownId {
        /// `document` or `answer`.
        kind: &'static str,
        /// As asked for.
        id: String,
    },
    /// The answer showed a document that was removed since.
    #[error("answer {id} is blank: {reason}")]
    AnswerBlanked {
        /// The answer.
        id: String,
        /// Why it is blank.
        reason: String,
    },
    /// The model pack is not usable.
    #[error(transparent)]
    Models(#[from] ModelPackError),
    /// A model failed.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The embedder could not be loaded.
    #[error(transparent)]
    Encode(#[from] citadel_encode::EncodeError),
    /// The language model could not be loaded.
    #[error(transparent)]
    Generate(#[from] citadel_generate::GenerateError),
    /// The chunker failed.
    #[error(transparent)]
    Chunk(#[from] citadel_chunk::ChunkError),
    /// The catalog failed.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// An index failed.
    #[error(transparent)]
    Index(#[from] citadel_index::IndexError),
    /// The answers cannot be exported.
    #[error(transparent)]
    Export(#[from] citadel_export::ExportError),
    /// A worker thread ended without a result: a fault in Citadel.
    #[error("an internal step ended unexpectedly ({0}); what was committed is safe, please report this")]
    Internal(&'static str),
}

/// An error as a window shows it, and decides by its code what to offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Problem {
    /// Stable.
    pub code: String,
    /// What was wrong, and which file or value.
    pub message: String,
    /// What to do; may be empty.
    pub hint: String,
}

impl Problem {
    /// A problem of that code. An error's text tells what was wrong and, behind its last semicolon, what to do.
    pub fn new(code: &str, text: &str) -> Self {
        let (message, hint) = text.rsplit_once("; ").unwrap_or((text, ""));
        Self { code: code.to_owned(), message: sentence(message), hint: sentence(hint) }
    }
}

/// With a capital letter and a full stop; nothing where there is nothing.
fn sentence(text: &str) -> String {
    let mut letters = text.trim().chars();
    let Some(first) = letters.next() else { return String::new() };
    let end = if text.ends_with(['.', '?', '!']) { "" } else { "." };
    // A path stays as it is.
    let first = if letters.clone().next().is_some_and(char::is_lowercase) {
        first.to_uppercase().to_string()
    } else {
        first.to_string()
    };
    format!("{first}{}{end}", letters.as_str())
}

impl EngineError {
    /// A stable name for callers that act on it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { source, .. } if is_full(source) => "disk_full",
            Self::Io { .. } => "io",
            Self::NoDataFolder => "no_data_folder",
            Self::VaultInUse(_) => "vault_in_use",
            Self::OtherEmbedder { .. } => "other_embedder",
            Self::EmptyQuestion => "empty_question",
            Self::QuestionTooLong { .. } => "question_too_long",
            Self::UnknownCollection { .. } => "unknown_collection",
            Self::UnknownId { .. } => "unknown_id",
            Self::AnswerBlanked { .. } => "answer_blanked",
            Self::Models(ModelPackError::Io { .. }) => "io",
            Self::Models(
                ModelPackError::NoPack { .. }
                | ModelPackError::Missing { .. }
                | ModelPackError::NoRole { .. },
            ) => "models_missing",
            Self::Models(error) => error.code(),
            Self::Model(ModelError::Stopped) => "stopped",
            Self::Model(_) => "model_failed",
            Self::Encode(error) => error.code(),
            Self::Generate(error) => error.code(),
            Self::Chunk(error) => error.code(),
            Self::Catalog(CatalogError::NewerVersion { .. }) => "catalog_newer",
            Self::Catalog(CatalogError::Damaged { .. } | CatalogError::NotACatalog { .. }) => {
                "catalog_damaged"
            }
            Self::Catalog(error) => error.code(),
            Self::Index(error) => error.code(),
            Self::Export(error) => error.code(),
            Self::Internal(_) => "internal",
        }
    }

    /// As a window shows it.
    pub fn problem(&self) -> Problem {
        Problem::new(self.code(), &self.to_string())
    }
}

fn is_full(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_tells_what_was_wrong_and_what_to_do() {
        let check = |error: EngineError, code: &str, message: &str, hint: &str| {
            let found = error.problem();
            assert_eq!(
                (found.code.as_str(), found.message.as_str(), found.hint.as_str()),
                (code, message, hint)
            );
        };
        check(
            EngineError::VaultInUse("/v".into()),
            "vault_in_use",
            "The vault /v is in use by another process.",
            "Close that program, or name another vault with --vault.",
        );
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        let full = EngineError::Io { path: "/v/x".into(), source: full, hint: "free some space" };
        check(full, "disk_full", "/v/x: no storage space.", "Free some space.");
        check(ModelError::Stopped.into(), "stopped", "Stopped.", "");
        let newer = CatalogError::NewerVersion { path: "/v/c".into(), found: 9, supported: 2 };
        let message = "/v/c was written by a newer version (schema 9, this program knows 2).";
        check(newer.into(), "catalog_newer", message, "Open it with the newer version.");
    }
}
