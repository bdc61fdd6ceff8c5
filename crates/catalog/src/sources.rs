//! Files: what is known of them, how their ingest ended, which are copies of others, which were renamed.

use citadel_core::DocumentId;
use rusqlite::{Connection, OptionalExtension, Params, Row, Transaction, params};

use crate::outbox::{discard, put, retire};
use crate::read::json_column;
use crate::store::{Inner, bump_generation, integer, json, source_row, unsigned, version_in};
use crate::{Catalog, CatalogError, LostPart, OutboxAction, SourceRecord, SourceState};

impl Catalog {
    /// The file `key` of `collection`.
    ///
    /// # Errors
    /// Those of reading.
    pub fn source(&self, collection: &str, key: &str) -> Result<Option<SourceRecord>, CatalogError> {
        self.read(|conn| Ok(records(conn, "s.collection = ?1 AND s.key = ?2", [collection, key])?.pop()))
    }

    /// All files of a collection, or of all collections, by path.
    ///
    /// # Errors
    /// Those of reading.
    pub fn sources(&self, collection: Option<&str>) -> Result<Vec<SourceRecord>, CatalogError> {
        self.read(|conn| records(conn, "?1 IS NULL OR s.collection = ?1", [collection]))
    }

    /// The files of a collection that were read whole from these bytes, copies not among them.
    ///
    /// # Errors
    /// Those of reading.
    pub fn sources_of_content(
        &self,
        collection: &str,
        sha256: &str,
    ) -> Result<Vec<SourceRecord>, CatalogError> {
        let condition = "s.collection = ?1 AND s.sha256 = ?2 AND s.state = 'done' AND s.duplicate_of IS NULL";
        self.read(|conn| records(conn, condition, [collection, sha256]))
    }

    /// Copies of a collection whose original has other bytes by now: they must be read themselves.
    ///
    /// # Errors
    /// Those of reading.
    pub fn orphaned_copies(&self, collection: &str) -> Result<Vec<SourceRecord>, CatalogError> {
        let condition = "s.collection = ?1 AND o.state = 'done' AND o.sha256 IS NOT s.sha256";
        self.read(|conn| records(conn, condition, [collection]))
    }

    /// The paths of the copies of the file that a document comes from.
    ///
    /// # Errors
    /// Those of reading.
    pub fn copies_of(&self, id: &DocumentId) -> Result<Vec<String>, CatalogError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT path FROM sources
                 WHERE duplicate_of = (SELECT source_id FROM documents WHERE id = ?1) ORDER BY path",
            )?;
            let paths = statement.query_map([&id.0], |row| row.get(0))?;
            Ok(paths.collect::<Result<_, _>>()?)
        })
    }

    /// Records how the ingest of files ended, each with the documents that it has now, in one transaction.
    ///
    /// With [`SourceState::Done`], documents of the file that are not among them are withdrawn and returned: they are no longer current, their index entries are in the outbox for deletion, and
    /// their text stays for earlier answers. With another state nothing is withdrawn. A copy of a file that is not done
    /// is recorded as [`SourceState::Open`].
    ///
    /// # Errors
    /// Those of writing.
    pub fn finish_sources<'a>(
        &mut self,
        ended: impl IntoIterator<Item = (&'a SourceRecord, &'a [DocumentId])>,
        now: i64,
    ) -> Result<Vec<DocumentId>, CatalogError> {
        self.write(|tx| {
            let mut withdrawn = Vec::new();
            for (source, seen) in ended {
                withdrawn.extend(finish(tx, source, seen, now)?);
            }
            if !withdrawn.is_empty() {
                bump_generation(tx)?;
            }
            Ok(withdrawn)
        })
    }

    /// Takes note that the file `from` is now the file `to`, and is shown as `path`: its documents keep their ids and
    /// their text, and the indexes, which know the file's name, get them anew. Copies of it stay its copies. Whether
    /// it was done: not where `from` is unknown, or where `to` has documents of its own.
    ///
    /// # Errors
    /// Those of writing.
    pub fn rename_source(
        &mut self,
        collection: &str,
        from: &str,
        to: &str,
        path: &str,
    ) -> Result<bool, CatalogError> {
        self.write(|tx| {
            let Some(row) = source_row(tx, collection, from)? else { return Ok(false) };
            if let Some(taken) = source_row(tx, collection, to)? {
                if !documents_of(tx, taken)?.is_empty() {
                    return Ok(false);
                }
                tx.execute("UPDATE sources SET duplicate_of = ?1 WHERE duplicate_of = ?2", [row, taken])?;
                tx.execute("DELETE FROM sources WHERE id = ?1", [taken])?;
            }
            tx.prepare_cached("UPDATE sources SET key = ?2, path = ?3 WHERE id = ?1")?
                .execute(params![row, to, path])?;
            let current: Vec<i64> = tx
                .prepare_cached(
                    "SELECT v.id FROM versions v JOIN documents d ON d.id = v.document_id
                     WHERE d.source_id = ?1 AND v.state = 'current'",
                )?
                .query_map([row], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            for version in current {
                put(tx, version, OutboxAction::Upsert)?;
            }
            Ok(true)
        })
    }

    /// Forgets a file without documents, such as a copy that is gone; one with documents is left alone.
    ///
    /// # Errors
    /// Those of writing.
    pub fn forget_source(&mut self, collection: &str, key: &str) -> Result<(), CatalogError> {
        self.write(|tx| {
            tx.prepare_cached(
                "DELETE FROM sources WHERE collection = ?1 AND key = ?2
                     AND NOT EXISTS (SELECT 1 FROM documents WHERE source_id = sources.id)",
            )?
            .execute([collection, key])?;
            Ok(())
        })
    }

    /// The ids of the documents of a file that are searched, by part.
    ///
    /// # Errors
    /// Those of reading.
    pub fn documents_of_source(&self, collection: &str, key: &str) -> Result<Vec<DocumentId>, CatalogError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT d.id FROM documents d
                 JOIN sources s ON s.id = d.source_id
                 JOIN versions v ON v.document_id = d.id AND v.state = 'current'
                 WHERE s.collection = ?1 AND s.key = ?2 ORDER BY d.part, d.id",
            )?;
            let ids = statement.query_map([collection, key], |row| Ok(DocumentId(row.get(0)?)))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
    }

    /// The folders that are kept in step, as `(collection, path)`.
    ///
    /// # Errors
    /// Those of reading.
    pub fn watched(&self) -> Result<Vec<(String, String)>, CatalogError> {
        self.read(|conn| {
            let mut statement =
                conn.prepare_cached("SELECT collection, path FROM watched ORDER BY collection, path")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Remembers, or forgets, that a folder is kept in step.
    ///
    /// # Errors
    /// Those of writing.
    pub fn set_watched(&mut self, collection: &str, path: &str, watched: bool) -> Result<(), CatalogError> {
        self.write(|tx| {
            let sql = match watched {
                true => "INSERT OR IGNORE INTO watched (collection, path) VALUES (?1, ?2)",
                false => "DELETE FROM watched WHERE collection = ?1 AND path = ?2",
            };
            tx.execute(sql, [collection, path])?;
            Ok(())
        })
    }
}

fn finish(
    tx: &Transaction<'_>,
    source: &SourceRecord,
    seen: &[DocumentId],
    now: i64,
) -> Inner<Vec<DocumentId>> {
    let original = match &source.duplicate_of {
        Some(key) => original_row(tx, &source.collection, key)?,
        None => None,
    };
    let is_done = original.is_some_and(|(_, is_done)| is_done);
    let (state, code, reason) = match &source.state {
        SourceState::Done if source.duplicate_of.is_some() && !is_done => ("open", None, None),
        SourceState::Open => ("open", None, None),
        SourceState::Done => ("done", None, None),
        SourceState::Failed { code, reason } => ("failed", Some(code), Some(reason)),
    };
    let row: i64 = tx
        .prepare_cached(
            "INSERT INTO sources (collection, key, path, size, modified_ns, sha256, state, code, reason,
                 redirects, skipped, warnings, duplicate_of, depth)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
             ON CONFLICT (collection, key) DO UPDATE SET path = excluded.path, size = excluded.size,
                 modified_ns = excluded.modified_ns, sha256 = excluded.sha256, state = excluded.state,
                 code = excluded.code, reason = excluded.reason, redirects = excluded.redirects,
                 skipped = excluded.skipped, warnings = excluded.warnings,
                 duplicate_of = excluded.duplicate_of, depth = excluded.depth
             RETURNING id",
        )?
        .query_row(
            params![
                source.collection,
                source.key,
                source.path,
                i64::try_from(source.size).unwrap_or(i64::MAX),
                source.modified_ns,
                source.sha256,
                state,
                code,
                reason,
                i64::try_from(source.redirects).unwrap_or(i64::MAX),
                i64::try_from(source.skipped).unwrap_or(i64::MAX),
                json(&source.warnings)?,
                original.map(|(row, _)| row),
                source.depth,
            ],
            |row| row.get(0),
        )?;
    note_lost(tx, row, &source.lost)?;
    if state != "done" {
        return Ok(Vec::new());
    }
    let seen: std::collections::HashSet<&str> = seen.iter().map(|id| id.0.as_str()).collect();
    let mut withdrawn = Vec::new();
    for id in documents_of(tx, row)? {
        if !seen.contains(id.0.as_str()) && withdraw(tx, &id, now)? {
            withdrawn.push(id);
        }
    }
    Ok(withdrawn)
}

/// The sources of which `condition` holds; it names `sources` `s`, the original of a copy `o`, and the parameters.
fn records(conn: &Connection, condition: &str, parameters: impl Params) -> Inner<Vec<SourceRecord>> {
    let sql = format!(
        "SELECT s.id, s.collection, s.key, s.path, s.size, s.modified_ns, s.sha256, s.state, s.code, s.reason,
             s.redirects, s.skipped, s.warnings, o.key, s.depth
         FROM sources s LEFT JOIN sources o ON o.id = s.duplicate_of
         WHERE {condition} ORDER BY s.path, s.collection, s.key"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(parameters)?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        let lost = lost_of(conn, row.get(0)?)?;
        records.push(SourceRecord { lost, ..record(row)? });
    }
    Ok(records)
}

fn record(row: &Row<'_>) -> Inner<SourceRecord> {
    Ok(SourceRecord {
        collection: row.get(1)?,
        key: row.get(2)?,
        path: row.get(3)?,
        size: unsigned(row.get(4)?)?,
        modified_ns: row.get(5)?,
        sha256: row.get(6)?,
        state: match row.get_ref(7)?.as_str().map_err(rusqlite::Error::from)? {
            "done" => SourceState::Done,
            "failed" => SourceState::Failed {
                code: row.get::<_, Option<String>>(8)?.unwrap_or_default(),
                reason: row.get::<_, Option<String>>(9)?.unwrap_or_default(),
            },
            _ => SourceState::Open,
        },
        redirects: unsigned(row.get(10)?)?,
        skipped: unsigned(row.get(11)?)?,
        warnings: json_column(row, 12)?,
        duplicate_of: row.get(13)?,
        depth: row.get(14)?,
        lost: Vec::new(),
    })
}

fn lost_of(conn: &Connection, source: i64) -> Inner<Vec<LostPart>> {
    let mut statement = conn
        .prepare_cached("SELECT part, code, reason FROM lost_parts WHERE source_id = ?1 ORDER BY ordinal")?;
    let parts = statement.query_map([source], |row| {
        Ok(LostPart { part: row.get(0)?, code: row.get(1)?, reason: row.get(2)? })
    })?;
    Ok(parts.collect::<Result<_, _>>()?)
}

fn note_lost(tx: &Transaction<'_>, source: i64, lost: &[LostPart]) -> Inner<()> {
    tx.prepare_cached("DELETE FROM lost_parts WHERE source_id = ?1")?.execute([source])?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO lost_parts (source_id, ordinal, part, code, reason) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (ordinal, LostPart { part, code, reason }) in lost.iter().enumerate() {
        insert.execute(params![source, integer(ordinal), part, code, reason])?;
    }
    Ok(())
}

/// The row of a file that is no copy itself, and whether it was read whole.
fn original_row(conn: &Connection, collection: &str, key: &str) -> Inner<Option<(i64, bool)>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, state = 'done' FROM sources WHERE collection = ?1 AND key = ?2 AND duplicate_of IS NULL",
    )?;
    Ok(statement.query_row([collection, key], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

fn documents_of(conn: &Connection, source: i64) -> Inner<Vec<DocumentId>> {
    let mut statement = conn.prepare_cached("SELECT id FROM documents WHERE source_id = ?1")?;
    let ids = statement.query_map([source], |row| Ok(DocumentId(row.get(0)?)))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// Takes a document out of the search; whether there was anything to take out.
fn withdraw(tx: &Transaction<'_>, id: &DocumentId, now: i64) -> Inner<bool> {
    if let Some((version, _)) = version_in(tx, id, "staged")? {
        discard(tx, version)?;
    }
    let current = version_in(tx, id, "current")?;
    if let Some((version, _)) = &current {
        retire(tx, *version, "withdrawn", now)?;
    }
    Ok(current.is_some())
}
