use citadel_core::DocumentId;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::encoding::document_hash;
use crate::outbox::put;
use crate::read::body;
use crate::store::{Fault, Inner, bump_generation, integer};
use crate::{Catalog, CatalogError, OutboxAction, Removed};

/// What is left of an answer says why.
const BLANKED: &str = "a cited document was removed";

impl Catalog {
    /// Forgets documents, in one transaction: all their versions with text, pages and chunks. Answers that cite or
    /// show them are blanked. The indexes' part is in the outbox for deletion. Ids that are not there are passed
    /// over. A later ingest of the same file brings them back.
    ///
    /// Bytes may remain in the file and its log until [`Catalog::scrub`].
    ///
    /// # Errors
    /// Those of writing.
    pub fn remove(&mut self, ids: &[DocumentId]) -> Result<Removed, CatalogError> {
        self.write(|tx| {
            let mut removed = Removed::default();
            for id in ids {
                remove(tx, id, &mut removed)?;
            }
            if !removed.documents.is_empty() {
                bump_generation(tx)?;
            }
            Ok(removed)
        })
    }

    /// Every finding of a full check, in words for people; empty where all is well. Checks the file's structure, the
    /// links between tables, and every version's content against its hash. Reads the whole file.
    ///
    /// # Errors
    /// `damaged` where the file cannot even be walked; those of reading.
    pub fn integrity_check(&self) -> Result<Vec<String>, CatalogError> {
        self.read(|conn| {
            let mut findings = Vec::new();
            let mut statement = conn.prepare("PRAGMA integrity_check")?;
            for line in statement.query_map([], |row| row.get::<_, String>(0))? {
                let line = line?;
                if line != "ok" {
                    findings.push(line);
                }
            }
            let mut statement = conn.prepare("PRAGMA foreign_key_check")?;
            for table in statement.query_map([], |row| row.get::<_, String>(0))? {
                findings.push(format!("a row of table {} belongs to nothing", table?));
            }
            links(conn, &mut findings)?;
            content(conn, &mut findings)?;
            Ok(findings)
        })
    }
}

fn remove(tx: &Transaction<'_>, id: &DocumentId, removed: &mut Removed) -> Inner<()> {
    let source: Option<i64> = tx
        .prepare_cached("SELECT source_id FROM documents WHERE id = ?1")?
        .query_row([&id.0], |row| row.get(0))
        .optional()?;
    let Some(source) = source else { return Ok(()) };
    let versions: Vec<i64> = tx
        .prepare_cached("SELECT id FROM versions WHERE document_id = ?1 ORDER BY id")?
        .query_map([&id.0], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for &version in &versions {
        tx.prepare_cached("DELETE FROM outbox WHERE version_id = ?1")?.execute([version])?;
        put(tx, version, OutboxAction::Delete)?;
    }
    let blanked = tx
        .prepare_cached(
            "UPDATE answers SET body = NULL, question = '', reason = ?2
             WHERE body IS NOT NULL
                 AND id IN (SELECT answer_id FROM answer_documents WHERE document_id = ?1)",
        )?
        .execute(params![id.0, BLANKED])?;
    tx.prepare_cached("DELETE FROM answer_documents WHERE document_id = ?1")?.execute([&id.0])?;
    tx.prepare_cached("DELETE FROM documents WHERE id = ?1")?.execute([&id.0])?;
    // The file must be read again to bring the document back.
    tx.prepare_cached("UPDATE sources SET state = 'open', code = NULL, reason = NULL WHERE id = ?1")?
        .execute([source])?;
    tx.prepare_cached(
        "DELETE FROM sources WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM documents WHERE source_id = ?1)",
    )?
    .execute([source])?;
    removed.documents.push(id.clone());
    removed.versions.extend(versions);
    removed.answers += blanked as u64;
    Ok(())
}

/// What the schema itself cannot keep from happening.
fn links(conn: &Connection, findings: &mut Vec<String>) -> Inner<()> {
    let checks = [
        (
            "staged version has no outbox entry",
            "SELECT id FROM versions WHERE state = 'staged'
                 AND id NOT IN (SELECT version_id FROM outbox WHERE action = 'upsert')",
        ),
        (
            "outbox entry is for a version that is neither staged nor current",
            "SELECT id FROM outbox WHERE action = 'upsert'
                 AND version_id NOT IN (SELECT id FROM versions WHERE state IN ('staged', 'current'))",
        ),
        (
            "version lacks chunks",
            "SELECT id FROM versions v WHERE state IN ('staged', 'current')
                 AND chunks <> (SELECT count(*) FROM chunks WHERE version_id = v.id)",
        ),
        (
            "version lacks pages",
            "SELECT id FROM versions v WHERE pages <> (SELECT count(*) FROM pages WHERE version_id = v.id)",
        ),
    ];
    for (finding, sql) in checks {
        let mut statement = conn.prepare(sql)?;
        for id in statement.query_map([], |row| row.get::<_, i64>(0))? {
            findings.push(format!("{finding}: {}", id?));
        }
    }
    Ok(())
}

/// SQLite does not notice a changed byte inside a value; the hash does.
fn content(conn: &Connection, findings: &mut Vec<String>) -> Inner<()> {
    let mut statement = conn.prepare("SELECT id, hash FROM versions WHERE id > ?1 ORDER BY id LIMIT ?2")?;
    let mut last = 0;
    loop {
        let batch: Vec<(i64, String)> = statement
            .query_map([last, integer(256)], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let Some((newest, _)) = batch.last() else { return Ok(()) };
        last = *newest;
        for (version, hash) in batch {
            match body(conn, version) {
                Ok(document) if document_hash(&document) == hash => {}
                Ok(_) | Err(Fault::Damaged(_)) => {
                    findings.push(format!("the content of version {version} is not what was stored"));
                }
                Err(fault) => return Err(fault),
            }
        }
    }
}
