use std::path::{Path, PathBuf};

use citadel_core::DocumentId;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use serde::de::IntoDeserializer;
use serde::de::value::Error as NameError;
use serde::{Deserialize, Serialize};

use crate::{CatalogError, EmbedderRecord, schema};

/// An open catalog: one connection.
pub struct Catalog {
    conn: Connection,
    path: PathBuf,
}

/// What can go wrong inside a transaction, before it is known which file it was.
pub(crate) enum Fault {
    /// SQLite failed.
    Sqlite(rusqlite::Error),
    /// Something stored makes no sense.
    Damaged(String),
    /// Known already.
    Known(CatalogError),
}

pub(crate) type Inner<T> = Result<T, Fault>;

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error as E;
        match error {
            E::FromSqlConversionFailure(..)
            | E::IntegralValueOutOfRange(..)
            | E::InvalidColumnType(..)
            | E::Utf8Error(..) => Self::Damaged(error.to_string()),
            _ => Self::Sqlite(error),
        }
    }
}

impl From<CatalogError> for Fault {
    fn from(error: CatalogError) -> Self {
        Self::Known(error)
    }
}

impl Catalog {
    /// Opens the catalog at `path`, or makes it where there is none. The folder must exist.
    ///
    /// # Errors
    /// `newer_version`, `not_a_catalog`, `damaged`, `not_writable`, `busy`, `disk_full`, `io`.
    pub fn open(path: &Path) -> Result<Self, CatalogError> {
        let catalog = Self { conn: schema::open(path)?, path: path.to_path_buf() };
        crate::scrub::clear(path)?;
        Ok(catalog)
    }

    /// Whose vectors the vault holds; `None` in a new vault.
    ///
    /// # Errors
    /// Those of reading.
    pub fn embedder(&self) -> Result<Option<EmbedderRecord>, CatalogError> {
        self.read(embedder)
    }

    /// Says whose vectors the vault holds.
    ///
    /// # Errors
    /// `other_embedder` where it is another one than before and there are chunks; those of writing.
    pub fn set_embedder(&mut self, new: &EmbedderRecord) -> Result<(), CatalogError> {
        self.write(|tx| {
            let old = embedder(tx)?;
            if old.as_ref() == Some(new) {
                return Ok(());
            }
            let in_use: bool = tx.query_row("SELECT EXISTS (SELECT 1 FROM chunks)", [], |row| row.get(0))?;
            if let (Some(old), true) = (old, in_use) {
                let (stored, offered) = (old.fingerprint, new.fingerprint.clone());
                return Err(CatalogError::OtherEmbedder { stored, offered }.into());
            }
            let dimensions = integer(new.dimensions);
            tx.execute(
                "UPDATE vault SET embedder = ?1, dimensions = ?2",
                params![new.fingerprint, dimensions],
            )?;
            Ok(())
        })
    }

    /// Grows with each publish, withdrawal and removal.
    ///
    /// # Errors
    /// Those of reading.
    pub fn generation(&self) -> Result<i64, CatalogError> {
        self.read(|tx| Ok(tx.query_row("SELECT generation FROM vault", [], |row| row.get(0))?))
    }

    /// Runs `work` on one state of the database.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Connection) -> Inner<T>) -> Result<T, CatalogError> {
        // Unchecked, because reading takes `&self`; no transaction is ever open across a call.
        let tx = self.conn.unchecked_transaction().map_err(|error| self.error(error.into()))?;
        work(&tx).map_err(|fault| self.error(fault))
    }

    /// Runs `work` in one transaction: all of it or nothing.
    pub(crate) fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Inner<T>,
    ) -> Result<T, CatalogError> {
        let done = (|| {
            let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&tx)?;
            tx.commit()?;
            Ok(done)
        })();
        done.map_err(|fault| self.error(fault))
    }

    /// Runs `work` on the connection itself, for what SQLite does outside transactions only.
    pub(crate) fn bare<T>(
        &mut self,
        work: impl FnOnce(&mut Connection, &Path) -> Inner<T>,
    ) -> Result<T, CatalogError> {
        work(&mut self.conn, &self.path).map_err(|fault| self.error(fault))
    }

    fn error(&self, fault: Fault) -> CatalogError {
        match fault {
            Fault::Sqlite(error) => CatalogError::from_sqlite(&self.path, &error),
            Fault::Damaged(detail) => CatalogError::Damaged { path: self.path.clone(), detail },
            Fault::Known(error) => error,
        }
    }
}

pub(crate) fn embedder(conn: &Connection) -> Inner<Option<EmbedderRecord>> {
    let row = conn.query_row("SELECT embedder, dimensions FROM vault", [], |row| {
        Ok((row.get::<_, Option<String>>(0)?, row.get::<_, Option<i64>>(1)?))
    })?;
    let (Some(fingerprint), Some(dimensions)) = row else { return Ok(None) };
    Ok(Some(EmbedderRecord { fingerprint, dimensions: unsigned(dimensions)? }))
}

pub(crate) fn bump_generation(tx: &Transaction<'_>) -> Inner<i64> {
    Ok(tx.query_row("UPDATE vault SET generation = generation + 1 RETURNING generation", [], |row| {
        row.get(0)
    })?)
}

/// SQLite has signed integers only. No count of this program comes near the limit.
pub(crate) fn integer(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn unsigned<T: TryFrom<i64>>(number: i64) -> Inner<T> {
    T::try_from(number).map_err(|_| Fault::Damaged(format!("the number {number} is out of range")))
}

pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> Inner<String> {
    let invalid = |error: serde_json::Error| CatalogError::Invalid {
        value: std::any::type_name::<T>().to_owned(),
        problem: error.to_string(),
    };
    Ok(serde_json::to_string(value).map_err(invalid)?)
}

pub(crate) fn from_json<T: for<'de> Deserialize<'de>>(text: &str) -> Inner<T> {
    // Not serde_json's words: they can quote the text.
    serde_json::from_str(text).map_err(|error| {
        Fault::Damaged(format!("JSON at line {}, column {} is not readable", error.line(), error.column()))
    })
}

/// The name of a unit variant as serde writes it.
pub(crate) fn name_of<T: Serialize>(value: T) -> Inner<String> {
    Ok(json(&value)?.trim_matches('"').to_owned())
}

pub(crate) fn from_name<T: for<'de> Deserialize<'de>>(name: &str) -> Inner<T> {
    let deserializer: serde::de::value::StrDeserializer<'_, NameError> = name.into_deserializer();
    T::deserialize(deserializer).map_err(|_| Fault::Damaged("an unknown name is stored".to_owned()))
}

/// The one id of `query` that is `id` or begins with it. `query` takes the bounds `?1 <= id < ?2`.
pub(crate) fn resolve(conn: &Connection, kind: &'static str, query: &str, id: &str) -> Inner<String> {
    let missing = || CatalogError::NotFound { kind, id: id.to_owned() };
    if id.is_empty() {
        return Err(missing().into());
    }
    let mut statement = conn.prepare_cached(query)?;
    let found: Vec<String> = statement
        .query_map(params![id, format!("{id}\u{10ffff}")], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    match found.as_slice() {
        [] => Err(missing().into()),
        [one] => Ok(one.clone()),
        [first, ..] if first == id => Ok(first.clone()),
        _ => Err(CatalogError::Ambiguous { kind, id: id.to_owned() }.into()),
    }
}

/// The row id of a source.
pub(crate) fn source_row(conn: &Connection, collection: &str, key: &str) -> Inner<Option<i64>> {
    let mut statement = conn.prepare_cached("SELECT id FROM sources WHERE collection = ?1 AND key = ?2")?;
    Ok(statement.query_row(params![collection, key], |row| row.get(0)).optional()?)
}

/// The id and hash of the version of a document in a state of which there is at most one.
pub(crate) fn version_in(conn: &Connection, id: &DocumentId, state: &str) -> Inner<Option<(i64, String)>> {
    let mut statement =
        conn.prepare_cached("SELECT id, hash FROM versions WHERE document_id = ?1 AND state = ?2")?;
    Ok(statement.query_row(params![id.0, state], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_full_disk_is_told_and_nothing_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let mut catalog = Catalog::open(&folder.path().join("catalog.sqlite")).unwrap();
        catalog.begin_job(&["small".to_owned()], "a", 1).unwrap();
        let pages: i64 = catalog.conn.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        // The same error as from the file system, without filling one.
        catalog.conn.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
        let paths = vec!["x".repeat(1000); 1000];
        assert_eq!(catalog.begin_job(&paths, "a", 2).map_err(|error| error.code()), Err("disk_full"));
        catalog.conn.pragma_update_and_check(None, "max_page_count", 1 << 20, |_| Ok(())).unwrap();
        assert_eq!(catalog.unfinished_jobs().unwrap().len(), 1);
        assert!(catalog.integrity_check().unwrap().is_empty());
        catalog.begin_job(&paths, "a", 3).unwrap();
    }
}
