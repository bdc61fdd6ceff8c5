use std::path::{Path, PathBuf};

use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};

use crate::store::Inner;
use crate::{Catalog, CatalogError};

impl Catalog {
    /// Rewrites the file so that nothing removed is left in it or beside it. Needs free disk space of twice the size
    /// of the catalog for a while, and little memory. May be done at any time and again; where it fails, the catalog
    /// is as it was.
    ///
    /// Overwriting what is deleted (`secure_delete`) is not enough: when SQLite moves rows between pages it leaves
    /// copies in the unused space of a page, which a later deletion does not reach.
    ///
    /// # Errors
    /// `busy` where another connection is reading: removed text may still be in the file. Those of writing.
    pub fn scrub(&mut self) -> Result<(), CatalogError> {
        self.bare(|conn, path| {
            empty_log(conn, path)?;
            clear(path)?;
            let rewritten = rewrite(conn, path);
            clear(path)?;
            rewritten?;
            empty_log(conn, path)
        })
    }
}

impl Catalog {
    /// Writes all that lives, compact, into a new file that [`Catalog::open`] reads.
    ///
    /// # Errors
    /// `invalid` where the path is not Unicode; those of writing.
    pub fn copy_to(&mut self, file: &Path) -> Result<(), CatalogError> {
        self.bare(|conn, _| copy_into(conn, file))
    }
}

/// The compact copy made on the way. `VACUUM` alone would make it in memory, or in the system's folder for temporary
/// files, where no text of a vault may go.
fn copy_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".compact");
    name.into()
}

/// Deletes the compact copy where a process died before it could.
pub(crate) fn clear(path: &Path) -> Result<(), CatalogError> {
    match std::fs::remove_file(copy_of(path)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(CatalogError::Io { path: copy_of(path), detail: error.to_string() })
        }
        _ => Ok(()),
    }
}

fn copy_into(conn: &Connection, file: &Path) -> Inner<()> {
    let Some(name) = file.to_str() else {
        let problem = "the path is not Unicode".to_owned();
        return Err(CatalogError::Invalid { value: file.display().to_string(), problem }.into());
    };
    conn.execute("VACUUM INTO ?1", [name])?;
    Ok(())
}

/// Writes only what lives into a copy, and the copy over the file: one transaction.
fn rewrite(conn: &mut Connection, path: &Path) -> Inner<()> {
    let copy = copy_of(path);
    copy_into(conn, &copy)?;
    let source = Connection::open_with_flags(&copy, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let backup = Backup::new(&source, conn)?;
    match backup.step(-1)? {
        rusqlite::backup::StepResult::Done => Ok(()),
        _ => Err(CatalogError::Busy { path: path.to_path_buf() }.into()),
    }
}

/// Moves the write-ahead log into the file and leaves it with no bytes.
fn empty_log(conn: &Connection, path: &Path) -> Inner<()> {
    let busy: i64 = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy == 0 { Ok(()) } else { Err(CatalogError::Busy { path: path.to_path_buf() }.into()) }
}
