//! What the two stores share: telling damage from trouble, and setting a damaged store aside.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use tantivy::TantivyError;
use tantivy::directory::error::{LockError, OpenDirectoryError, OpenReadError, OpenWriteError};

use crate::IndexError;

/// Why a store could not be opened or made.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Its files are not what was written: it may be set aside.
    Damaged(String),
    /// Another process holds it.
    InUse,
    /// It is in order, but of another embedder.
    WrongEmbedder { fingerprint: String, dimensions: usize },
    /// The system refused: permissions, a full disk, too many open files. The files may be in order: hands off.
    Failed(String),
}

impl Fault {
    pub(crate) fn failed(reason: impl ToString) -> Fault {
        Fault::Failed(reason.to_string())
    }

    /// Everything that is not the system's refusal counts as damage: the store is derived and can be made anew.
    pub(crate) fn from_lance(error: lancedb::Error) -> Fault {
        let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
        while let Some(error) = cause {
            if error.downcast_ref::<io::Error>().is_some_and(is_refusal) {
                return Fault::failed(error);
            }
            cause = error.source();
        }
        Fault::Damaged(error.to_string())
    }

    /// See [`Fault::from_lance`].
    pub(crate) fn from_tantivy(error: TantivyError) -> Fault {
        let refused = match &error {
            TantivyError::LockFailure(LockError::LockBusy, _) => return Fault::InUse,
            TantivyError::LockFailure(LockError::IoError(_), _)
            | TantivyError::OpenWriteError(OpenWriteError::IoError { .. })
            | TantivyError::SystemError(_) => true,
            TantivyError::IoError(e)
            | TantivyError::OpenReadError(OpenReadError::IoError { io_error: e, .. })
            | TantivyError::OpenDirectoryError(OpenDirectoryError::IoError { io_error: e, .. }) => {
                is_refusal(e)
            }
            _ => false,
        };
        if refused { Fault::failed(error) } else { Fault::Damaged(error.to_string()) }
    }
}

/// Whether an I/O error speaks of the system's state and not of a file's content.
fn is_refusal(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    /// `ENFILE` and `EMFILE` of every Unix: too many open files; they have no kind of their own.
    const TOO_MANY_FILES: [i32; 2] = [23, 24];
    matches!(
        error.kind(),
        Kind::PermissionDenied
            | Kind::StorageFull
            | Kind::QuotaExceeded
            | Kind::ReadOnlyFilesystem
            | Kind::ResourceBusy
            | Kind::OutOfMemory
            | Kind::Interrupted
            | Kind::TimedOut
            | Kind::StaleNetworkFileHandle
    ) || cfg!(unix) && error.raw_os_error().is_some_and(|code| TOO_MANY_FILES.contains(&code))
}

/// The name under which a damaged store is kept: the store's own, this, and a number.
const SET_ASIDE: &str = ".set-aside-";

/// Renames the folder or file `store` to the first free name beside it and says which.
pub(crate) fn set_aside(store: &Path) -> Result<PathBuf, IndexError> {
    let failed = |source| IndexError::Io { path: store.to_owned(), source };
    let mut name = store.file_name().unwrap_or_default().to_owned();
    name.push(SET_ASIDE);
    for number in 1u32.. {
        let mut name = name.clone();
        name.push(number.to_string());
        let kept = store.with_file_name(name);
        if kept.symlink_metadata().is_err() {
            std::fs::rename(store, &kept).map_err(failed)?;
            return Ok(kept);
        }
    }
    Err(failed(io::Error::from(io::ErrorKind::AlreadyExists)))
}

/// The stores that were set aside in `dir`, sorted.
pub(crate) fn list_set_aside(dir: &Path) -> Result<Vec<PathBuf>, IndexError> {
    let failed = |source| IndexError::Io { path: dir.to_owned(), source };
    let mut kept = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_name().to_string_lossy().contains(SET_ASIDE) {
            kept.push(entry.path());
        }
    }
    kept.sort();
    Ok(kept)
}

/// Deletes the stores that were set aside in `dir`.
pub(crate) fn delete_set_aside(dir: &Path) -> Result<(), IndexError> {
    for path in list_set_aside(dir)? {
        let gone = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        gone.map_err(|source| IndexError::Io { path, source })?;
    }
    Ok(())
}
