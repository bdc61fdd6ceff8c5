use std::path::PathBuf;

/// What the index can fail with. No variant carries text of a document or of a question.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The stored vectors were made by another embedder; nothing was changed.
    #[error(
        "the index in {} holds vectors of {found} ({found_dimensions} numbers each), but the model is {expected} \
         ({expected_dimensions}); put the former model back or index the documents anew",
        dir.display()
    )]
    WrongEmbedder {
        /// The index folder.
        dir: PathBuf,
        /// The fingerprint that wrote the index.
        found: String,
        /// Numbers per stored vector.
        found_dimensions: usize,
        /// The fingerprint asked for.
        expected: String,
        /// Numbers per vector asked for.
        expected_dimensions: usize,
    },
    /// Another process, or another [`Index`](crate::Index) in this one, holds the index.
    #[error("the index in {} is in use by another process; close the other window or command first", dir.display())]
    InUse {
        /// The index folder.
        dir: PathBuf,
    },
    /// A file or folder could not be read, written or renamed.
    #[error("{}: {source}; check that the folder is writable and the disk is not full", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The disk is full; nothing of the batch was written.
    #[error("the disk is full while writing {}; free some space, then go on", path.display())]
    DiskFull {
        /// The store's folder.
        path: PathBuf,
    },
    /// A chunk cannot be indexed; nothing of its batch was.
    #[error("chunk {chunk_id} cannot be indexed: {reason}")]
    BadEntry {
        /// The chunk.
        chunk_id: i64,
        /// What is wrong with it.
        reason: String,
    },
    /// A question's vector does not fit the index.
    #[error("the question's vector cannot be searched for: {reason}")]
    BadQuery {
        /// What is wrong with it.
        reason: String,
    },
    /// The vector store failed. Open the index anew; a damaged store is then set aside and rebuilt.
    #[error("the vector store {} failed to {action}: {reason}; open the index anew", path.display())]
    Vectors {
        /// Its folder.
        path: PathBuf,
        /// What it was asked to do.
        action: &'static str,
        /// LanceDB's own words.
        reason: String,
    },
    /// The keyword store failed. Open the index anew; a damaged store is then set aside and rebuilt.
    #[error("the keyword store {} failed to {action}: {reason}; open the index anew", path.display())]
    Keywords {
        /// Its folder.
        path: PathBuf,
        /// What it was asked to do.
        action: &'static str,
        /// tantivy's own words.
        reason: String,
    },
}

impl IndexError {
    /// A stable name for callers that act on the kind of failure.
    pub fn code(&self) -> &'static str {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        match self {
            Self::WrongEmbedder { .. } => "index_wrong_embedder",
            Self::InUse { .. } => "index_in_use",
            Self::Io { source, .. } if matches!(source.kind(), StorageFull | QuotaExceeded) => "disk_full",
            Self::Io { .. } => "index_io",
            Self::DiskFull { .. } => "disk_full",
            Self::BadEntry { .. } => "index_bad_entry",
            Self::BadQuery { .. } => "index_bad_query",
            Self::Vectors { .. } => "index_vectors",
            Self::Keywords { .. } => "index_keywords",
        }
    }
}

/// Whether a store failed for want of room. Both stores give the system's error as text among their own words; the system's
/// words are in the user's language, its number is not.
pub(crate) fn is_disk_full(reason: &str) -> bool {
    // ENOSPC, and EDQUOT of Linux or of macOS; ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL.
    let numbers = match std::env::consts::OS {
        "windows" => [39, 112],
        "macos" => [28, 69],
        _ => [28, 122],
    };
    numbers.iter().any(|number| reason.contains(&format!("(os error {number})")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_other_failures() {
        let of_system = std::io::Error::from_raw_os_error(28).to_string();
        assert!(is_disk_full(&format!("LanceError(IO): Generic LocalFileSystem error: {of_system}")));
        assert!(!is_disk_full("LanceError(IO): permission denied"));
        let path = PathBuf::from("/v");
        let full = IndexError::Io { path, source: std::io::ErrorKind::StorageFull.into() };
        assert_eq!(full.code(), "disk_full");
    }
}
