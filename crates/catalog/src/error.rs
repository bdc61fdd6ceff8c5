use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// What the catalog can fail with. [`CatalogError::code`] is stable.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// A newer Citadel wrote the file.
    #[error(
        "{path} was written by a newer version (schema {found}, this program knows {supported}); \
         open it with the newer version"
    )]
    NewerVersion {
        /// The file.
        path: PathBuf,
        /// Its schema number.
        found: i64,
        /// The highest schema number this program knows.
        supported: i64,
    },
    /// The file is a database of something else.
    #[error("{path} is not a Citadel catalog; choose another vault folder")]
    NotACatalog {
        /// The file.
        path: PathBuf,
    },
    /// The file, or something in it, cannot be read.
    #[error(
        "{path} is damaged ({detail}); restore it from a backup, or ingest the documents into a new vault"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// The disk is full; nothing of the transaction was written.
    #[error("the disk is full while writing {path}; free some space and run the same command again")]
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// Another process holds the file.
    #[error("{path} is in use by another process; close it and try again")]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// The file or its folder cannot be opened or written.
    #[error(
        "{path} cannot be opened for writing ({detail}); check that its folder exists and may be written"
    )]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// SQLite's words.
        detail: String,
    },
    /// Reading or writing failed.
    #[error("{path} cannot be read or written ({detail}); check the disk")]
    Io {
        /// The file.
        path: PathBuf,
        /// SQLite's words.
        detail: String,
    },
    /// SQLite refused a statement: a defect of this program.
    #[error("{path}: the database refused a statement ({detail}); please report it")]
    Statement {
        /// The file.
        path: PathBuf,
        /// SQLite's words.
        detail: String,
    },
    /// What was handed in does not fit together.
    #[error("{value}: {problem}; nothing was stored")]
    Invalid {
        /// The value, such as a document's title or a path.
        value: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The vault holds vectors of another embedder.
    #[error(
        "the vault holds vectors of the embedding model {stored}, not of {offered}; \
         use the model pack the vault was made with, or ingest into a new vault"
    )]
    OtherEmbedder {
        /// The fingerprint in the vault.
        stored: String,
        /// The fingerprint offered.
        offered: String,
    },
    /// There is no such document, version, answer or job.
    #[error("there is no {kind} {id} in the vault; list them to see the ids")]
    NotFound {
        /// `document`, `version`, `answer` or `job`.
        kind: &'static str,
        /// The id or prefix asked for.
        id: String,
    },
    /// A prefix fits more than one.
    #[error("{id} fits more than one {kind}; give more characters of the id")]
    Ambiguous {
        /// `document` or `answer`.
        kind: &'static str,
        /// The prefix asked for.
        id: String,
    },
}

impl CatalogError {
    /// A stable name for callers.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NewerVersion { .. } => "newer_version",
            Self::NotACatalog { .. } => "not_a_catalog",
            Self::Damaged { .. } => "damaged",
            Self::DiskFull { .. } => "disk_full",
            Self::Busy { .. } => "busy",
            Self::NotWritable { .. } => "not_writable",
            Self::Io { .. } => "io",
            Self::Statement { .. } => "statement",
            Self::Invalid { .. } => "invalid",
            Self::OtherEmbedder { .. } => "other_embedder",
            Self::NotFound { .. } => "not_found",
            Self::Ambiguous { .. } => "ambiguous",
        }
    }

    /// Tells SQLite's failures apart by what the user can do about them.
    pub(crate) fn from_sqlite(path: &Path, error: &rusqlite::Error) -> Self {
        let path = path.to_path_buf();
        let detail = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged { path, detail },
            Some(ErrorCode::DiskFull) => Self::DiskFull { path },
            Some(
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed,
            ) => Self::Busy { path },
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                Self::NotWritable { path, detail }
            }
            Some(ErrorCode::SystemIoFailure) => Self::Io { path, detail },
            _ => Self::Statement { path, detail },
        }
    }
}
