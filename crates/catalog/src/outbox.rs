use rusqlite::{OptionalExtension, Transaction, params};

use crate::encoding::decode_windows;
use crate::read::TextReader;
use crate::store::{Fault, Inner, bump_generation, from_json, integer};
use crate::{Catalog, CatalogError, IndexEntry, OutboxAction, OutboxEntry};

impl Catalog {
    /// What the indexes still have to do, oldest first, at most `limit`.
    ///
    /// # Errors
    /// Those of reading.
    pub fn outbox(&self, limit: usize) -> Result<Vec<OutboxEntry>, CatalogError> {
        self.read(|conn| {
            let mut statement =
                conn.prepare_cached("SELECT id, version_id, action FROM outbox ORDER BY id LIMIT ?1")?;
            let rows = statement.query_map([integer(limit)], |row| {
                let action = match row.get_ref(2)?.as_str()? {
                    "upsert" => OutboxAction::Upsert,
                    _ => OutboxAction::Delete,
                };
                Ok(OutboxEntry { id: row.get(0)?, version_id: row.get(1)?, action })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// What the indexes hold of a staged or current version, in the order of the text; empty for any other.
    ///
    /// # Errors
    /// Those of reading.
    pub fn entries(&self, version_id: i64) -> Result<Vec<IndexEntry>, CatalogError> {
        self.read(|conn| {
            let mut text = TextReader::new(conn, version_id);
            let mut statement = conn.prepare_cached(
                "SELECT c.id, s.collection, v.title, c.context, c.start, c.end, c.windows,
                        CASE WHEN d.part IS NULL THEN s.path END
                 FROM chunks c
                 JOIN versions v ON v.id = c.version_id
                 JOIN documents d ON d.id = v.document_id
                 JOIN sources s ON s.id = d.source_id
                 WHERE c.version_id = ?1 AND v.state IN ('staged', 'current')
                 ORDER BY c.ordinal",
            )?;
            let mut rows = statement.query([version_id])?;
            let mut entries = Vec::new();
            while let Some(row) = rows.next()? {
                let chunk_id: i64 = row.get(0)?;
                let windows = decode_windows(row.get_ref(6)?.as_blob().map_err(rusqlite::Error::from)?)
                    .ok_or_else(|| {
                        Fault::Damaged(format!("the vectors of chunk {chunk_id} are not readable"))
                    })?;
                entries.push(IndexEntry {
                    chunk_id,
                    version_id,
                    collection: row.get(1)?,
                    title: row.get(2)?,
                    path: row.get(7)?,
                    context: from_json(row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?)?,
                    text: text.stored(row.get(4)?, row.get(5)?)?,
                    windows,
                });
            }
            Ok(entries)
        })
    }

    /// Makes staged versions current, in one transaction, and gives the generation after it. Versions that are current
    /// already were only written into the indexes anew; versions of other states are passed over, so that it may be done
    /// again after a crash. The versions they replace are kept for
    /// earlier answers, and their index entries are in the outbox for deletion.
    ///
    /// The index commit that precedes it carries [`Catalog::generation`] + 1.
    ///
    /// # Errors
    /// Those of writing.
    pub fn publish(&mut self, versions: &[i64], now: i64) -> Result<i64, CatalogError> {
        self.write(|tx| {
            let mut written = false;
            for &version in versions {
                let document: Option<String> = tx
                    .prepare_cached("SELECT document_id FROM versions WHERE id = ?1 AND state = 'staged'")?
                    .query_row([version], |row| row.get(0))
                    .optional()?;
                let waited = tx
                    .prepare_cached("DELETE FROM outbox WHERE version_id = ?1 AND action = 'upsert'")?
                    .execute([version])?;
                written |= waited > 0;
                let Some(document) = document else { continue };
                let earlier: Option<i64> = tx
                    .prepare_cached(
                        "SELECT id FROM versions WHERE document_id = ?1 AND state IN ('current', 'withdrawn')",
                    )?
                    .query_row([&document], |row| row.get(0))
                    .optional()?;
                if let Some(earlier) = earlier {
                    retire(tx, earlier, "superseded", now)?;
                }
                tx.prepare_cached("UPDATE versions SET state = 'current', published_at = ?2 WHERE id = ?1")?
                    .execute([version, now])?;
            }
            if written {
                bump_generation(tx)
            } else {
                Ok(tx.query_row("SELECT generation FROM vault", [], |row| row.get(0))?)
            }
        })
    }

    /// Takes `Delete` entries ([`OutboxEntry::id`]) out of the outbox once the indexes have deleted and committed.
    /// `Upsert` entries stay: only [`Catalog::publish`] takes those out.
    ///
    /// # Errors
    /// Those of writing.
    pub fn outbox_done(&mut self, entries: &[i64]) -> Result<(), CatalogError> {
        self.write(|tx| {
            let mut statement =
                tx.prepare_cached("DELETE FROM outbox WHERE id = ?1 AND action = 'delete'")?;
            for entry in entries {
                statement.execute([entry])?;
            }
            Ok(())
        })
    }

    /// All current versions, oldest first, for rebuilding an index from [`Catalog::entries`].
    ///
    /// # Errors
    /// Those of reading.
    pub fn current_versions(&self) -> Result<Vec<i64>, CatalogError> {
        self.read(|conn| {
            let mut statement =
                conn.prepare_cached("SELECT id FROM versions WHERE state = 'current' ORDER BY id")?;
            let ids = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            Ok(ids)
        })
    }
}

/// Puts an entry into the outbox where it is not there.
pub(crate) fn put(tx: &Transaction<'_>, version: i64, action: OutboxAction) -> Inner<()> {
    let action = match action {
        OutboxAction::Upsert => "upsert",
        OutboxAction::Delete => "delete",
    };
    tx.prepare_cached("INSERT OR IGNORE INTO outbox (version_id, action) VALUES (?1, ?2)")?
        .execute(params![version, action])?;
    Ok(())
}

/// Forgets a staged version that is not to be published. The indexes may have some of it already.
pub(crate) fn discard(tx: &Transaction<'_>, version: i64) -> Inner<()> {
    tx.prepare_cached("DELETE FROM versions WHERE id = ?1 AND state = 'staged'")?.execute([version])?;
    tx.prepare_cached("DELETE FROM outbox WHERE version_id = ?1 AND action = 'upsert'")?
        .execute([version])?;
    put(tx, version, OutboxAction::Delete)
}

/// Takes a version out of the search. Its text and pages stay for earlier answers; its chunks and vectors go, since
/// nothing looks them up any more.
pub(crate) fn retire(tx: &Transaction<'_>, version: i64, state: &str, now: i64) -> Inner<()> {
    tx.prepare_cached("UPDATE versions SET state = ?2, ended_at = coalesce(ended_at, ?3) WHERE id = ?1")?
        .execute(params![version, state, now])?;
    tx.prepare_cached("DELETE FROM chunks WHERE version_id = ?1")?.execute([version])?;
    put(tx, version, OutboxAction::Delete)
}
