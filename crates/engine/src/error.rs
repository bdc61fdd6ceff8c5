use std::path::PathBuf;

use citadel_core::ModelError;

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
    Catalog(#[from] citadel_catalog::CatalogError),
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
