use citadel_core::{DocumentId, TextMap};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::encoding::{
    document_hash, document_id, encode_blocks, encode_ranges, encode_windows, encode_words, page_status,
};
use crate::outbox::{discard, put};
use crate::store::{Inner, embedder, integer, json, name_of, source_row, version_in};
use crate::{Catalog, CatalogError, Change, NewDocument, OutboxAction, PageCounts, Staged};

/// Characters of a text segment. Long enough that a chunk lies in one or two, short enough to read for one quote.
pub(crate) const SEGMENT_CHARS: usize = 8192;

impl Catalog {
    /// The id of the document that is `part` of the file `key` of `collection`: the one it has, or the one it would get.
    ///
    /// # Errors
    /// Those of reading.
    pub fn id_of(&self, collection: &str, key: &str, part: Option<&str>) -> Result<DocumentId, CatalogError> {
        self.read(|conn| id_in(conn, collection, key, part))
    }

    /// The hash of the document's current version ([`document_hash`]); `None` where it has none. Equal to the hash of a
    /// document just read, it says that embedding and staging can be spared.
    ///
    /// # Errors
    /// Those of reading.
    pub fn current_hash(&self, id: &DocumentId) -> Result<Option<String>, CatalogError> {
        self.read(|conn| Ok(version_in(conn, id, "current")?.map(|(_, hash)| hash)))
    }

    /// Writes one document as a staged version, in one transaction.
    ///
    /// A version of it that was staged before and not published is taken up again where it is the same, and thrown
    /// away where it is not. Two documents of a file with the same part are one: the later one counts.
    ///
    /// # Errors
    /// `invalid` where the parts do not fit together or a range reaches past the text; those of writing.
    pub fn stage(&mut self, new: &NewDocument<'_>, now: i64) -> Result<Staged, CatalogError> {
        self.write(|tx| stage(tx, new, now))
    }

    /// Stages many documents in one transaction: all or none. One flush of the disk for all of them.
    ///
    /// # Errors
    /// Those of [`Catalog::stage`].
    pub fn stage_all(&mut self, new: &[NewDocument<'_>], now: i64) -> Result<Vec<Staged>, CatalogError> {
        self.write(|tx| new.iter().map(|document| stage(tx, document, now)).collect())
    }
}

fn stage(tx: &Transaction<'_>, new: &NewDocument<'_>, now: i64) -> Inner<Staged> {
    let map = TextMap::new(&new.document.text);
    validate(tx, new, map.chars())?;
    let source = new.source;
    let part = new.document.part.as_deref();
    let document_id = id_in(tx, source.collection, source.key, part)?;
    let hash = document_hash(new.document);
    let current = version_in(tx, &document_id, "current")?;
    let change = if current.is_some() { Change::Updated } else { Change::Added };
    if let Some((version_id, staged)) = version_in(tx, &document_id, "staged")? {
        if staged == hash {
            return Ok(Staged { document_id, version_id, change });
        }
        discard(tx, version_id)?;
    }
    if let Some((version_id, current)) = current
        && current == hash
    {
        return Ok(Staged { document_id, version_id, change: Change::Unchanged });
    }
    // Open, so that the file is read again if this ingest does not come to its end.
    let source_id: i64 = tx
        .prepare_cached(
            "INSERT INTO sources (collection, key, path, state) VALUES (?1, ?2, ?3, 'open')
             ON CONFLICT (collection, key) DO UPDATE SET path = excluded.path, state = 'open', code = NULL,
                 reason = NULL
             RETURNING id",
        )?
        .query_row([source.collection, source.key, source.path], |row| row.get(0))?;
    tx.prepare_cached("INSERT OR IGNORE INTO documents (id, source_id, part) VALUES (?1, ?2, ?3)")?
        .execute(params![document_id.0, source_id, new.document.part])?;
    // A file that was the copy of another until now, and is read for itself.
    tx.prepare_cached("UPDATE sources SET duplicate_of = NULL WHERE id = ?1")?.execute([source_id])?;
    let version_id = insert_version(tx, &document_id, &hash, new, map.chars(), now)?;
    insert_text(tx, version_id, &map)?;
    insert_pages(tx, version_id, new)?;
    insert_chunks(tx, version_id, new)?;
    put(tx, version_id, OutboxAction::Upsert)?;
    Ok(Staged { document_id, version_id, change })
}

/// See [`Catalog::id_of`]. A document keeps its id when its file is renamed, so that a new file of the old name may find
/// the id of that name taken.
fn id_in(conn: &Connection, collection: &str, key: &str, part: Option<&str>) -> Inner<DocumentId> {
    let source = source_row(conn, collection, key)?;
    let known: Option<String> = conn
        .prepare_cached("SELECT id FROM documents WHERE source_id = ?1 AND part IS ?2")?
        .query_row(params![source, part], |row| row.get(0))
        .optional()?;
    if let Some(known) = known {
        return Ok(DocumentId(known));
    }
    let mut holder = conn.prepare_cached("SELECT EXISTS (SELECT 1 FROM documents WHERE id = ?1)")?;
    let mut id = document_id(collection, key, part);
    while holder.query_row([&id.0], |row| row.get(0))? {
        id = document_id(collection, &id.0, part);
    }
    Ok(id)
}

/// The catalog is the last to see a document before offsets are trusted: what it takes can be cited.
fn validate(conn: &Connection, new: &NewDocument<'_>, chars: usize) -> Inner<()> {
    let document = new.document;
    let invalid = |problem: String| {
        let value = match &document.part {
            Some(part) => format!("{} ({part})", new.source.path),
            None => new.source.path.to_owned(),
        };
        Err(CatalogError::Invalid { value, problem }.into())
    };
    let (chunks, contexts, vectors) = (new.chunks.len(), new.contexts.len(), new.vectors.len());
    if chunks != contexts || chunks != vectors {
        return invalid(format!("{chunks} chunks came with {contexts} contexts and {vectors} vectors"));
    }
    let ranges = (new.chunks.iter().map(|c| c.range))
        .chain(document.blocks.iter().map(|b| b.range))
        .chain(document.hidden.iter().copied())
        .chain(document.pages.iter().flat_map(|p| p.words.iter().map(|w| w.range).chain([p.range])));
    for range in ranges {
        if range.start > range.end || range.end > chars {
            let (start, end) = (range.start, range.end);
            return invalid(format!("the range {start}..{end} is not in the text of {chars} characters"));
        }
    }
    if !new.chunks.windows(2).all(|pair| matches!(pair, [a, b] if a.ordinal < b.ordinal)) {
        return invalid("the chunks are not numbered in ascending order".to_owned());
    }
    if !document.pages.windows(2).all(|pair| matches!(pair, [a, b] if a.number < b.number)) {
        return invalid("the pages are not numbered in ascending order".to_owned());
    }
    if document.pages.iter().any(|page| !page.width.is_finite() || !page.height.is_finite()) {
        return invalid("a page has no finite size".to_owned());
    }
    if new.chunks.is_empty() {
        return Ok(());
    }
    let Some(embedder) = embedder(conn)? else {
        return invalid("the vault has no embedder yet".to_owned());
    };
    for windows in new.vectors {
        let fits = |vector: &Vec<f32>| {
            vector.len() == embedder.dimensions && vector.iter().all(|number| number.is_finite())
        };
        if windows.is_empty() || embedder.dimensions == 0 || !windows.iter().all(fits) {
            let dimensions = embedder.dimensions;
            return invalid(format!("a chunk lacks a vector of {dimensions} finite numbers"));
        }
    }
    Ok(())
}

fn insert_version(
    tx: &Transaction<'_>,
    id: &DocumentId,
    hash: &str,
    new: &NewDocument<'_>,
    chars: usize,
    now: i64,
) -> Inner<i64> {
    let document = new.document;
    let pages = PageCounts::of(&document.pages);
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    tx.prepare_cached(
        "INSERT INTO versions (document_id, state, hash, title, format, chars, chunks, pages, pages_text,
             pages_no_text, pages_blank, pages_unreadable, pages_ocr, staged_at, warnings, metadata, blocks,
             hidden)
         VALUES (?1, 'staged', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
    )?
    .execute(params![
        id.0,
        hash,
        document.title,
        name_of(document.format)?,
        integer(chars),
        integer(new.chunks.len()),
        count(pages.total),
        count(pages.text),
        count(pages.no_text),
        count(pages.blank),
        count(pages.unreadable),
        count(pages.ocr),
        now,
        json(&document.warnings)?,
        json(&document.metadata)?,
        encode_blocks(&document.blocks),
        encode_ranges(&document.hidden),
    ])?;
    Ok(tx.last_insert_rowid())
}

fn insert_text(tx: &Transaction<'_>, version_id: i64, map: &TextMap<'_>) -> Inner<()> {
    let mut insert =
        tx.prepare_cached("INSERT INTO segments (version_id, ordinal, text) VALUES (?1, ?2, ?3)")?;
    for (ordinal, start) in (0..map.chars()).step_by(SEGMENT_CHARS).enumerate() {
        let end = (start + SEGMENT_CHARS).min(map.chars());
        let text = map.slice(citadel_core::CharRange::new(start, end)).unwrap_or_default();
        insert.execute(params![version_id, integer(ordinal), text])?;
    }
    Ok(())
}

fn insert_pages(tx: &Transaction<'_>, version_id: i64, new: &NewDocument<'_>) -> Inner<()> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO pages (version_id, number, label, start, end, width, height, status, reason, words,
             confidence)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    for page in &new.document.pages {
        let (status, confidence, reason) = page_status(&page.status);
        insert.execute(params![
            version_id,
            page.number,
            page.label,
            integer(page.range.start),
            integer(page.range.end),
            page.width,
            page.height,
            status,
            reason,
            encode_words(&page.words),
            confidence,
        ])?;
    }
    Ok(())
}

fn insert_chunks(tx: &Transaction<'_>, version_id: i64, new: &NewDocument<'_>) -> Inner<()> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO chunks (version_id, ordinal, start, end, first_page, last_page, tokens, heading, context,
             windows)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    for ((chunk, context), windows) in new.chunks.iter().zip(new.contexts).zip(new.vectors) {
        insert.execute(params![
            version_id,
            chunk.ordinal,
            integer(chunk.range.start),
            integer(chunk.range.end),
            chunk.first_page,
            chunk.last_page,
            chunk.tokens,
            json(&chunk.heading)?,
            json(context)?,
            encode_windows(windows),
        ])?;
    }
    Ok(())
}
