use citadel_core::{Block, CharRange, Document, DocumentId, Page, TextMap};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::encoding::{decode_blocks, decode_ranges, decode_words, page_status_of};
use crate::stage::SEGMENT_CHARS;
use crate::store::{Fault, Inner, from_json, from_name, integer, resolve, unsigned, version_in};
use crate::{Catalog, CatalogError, Counts, DocumentFilter, DocumentSummary, PageCounts, VersionRecord};

impl Catalog {
    /// The documents, by path and part.
    ///
    /// # Errors
    /// Those of reading.
    pub fn documents(&self, filter: &DocumentFilter) -> Result<Vec<DocumentSummary>, CatalogError> {
        self.read(|conn| {
            let collections = crate::store::json(&filter.collections)?;
            let sql = format!(
                "{SUMMARY} WHERE (v.state = 'current' OR (?1 AND v.state = 'withdrawn'))
                 AND (?2 = '[]' OR s.collection IN (SELECT value FROM json_each(?2)))
                 ORDER BY s.path, d.part, d.id"
            );
            let mut statement = conn.prepare_cached(&sql)?;
            let mut rows = statement.query(params![filter.withdrawn, collections])?;
            let mut documents = Vec::new();
            while let Some(row) = rows.next()? {
                documents.push(summary(row)?);
            }
            Ok(documents)
        })
    }

    /// The document of an id or of the beginning of one; withdrawn documents too.
    ///
    /// # Errors
    /// `not_found`, `ambiguous`; those of reading.
    pub fn document(&self, id_or_prefix: &str) -> Result<DocumentSummary, CatalogError> {
        self.read(|conn| {
            let candidates = "SELECT document_id FROM versions
                 WHERE document_id >= ?1 AND document_id < ?2 AND state IN ('current', 'withdrawn')
                 ORDER BY document_id LIMIT 2";
            let id = resolve(conn, "document", candidates, id_or_prefix)?;
            let sql = format!("{SUMMARY} WHERE v.state IN ('current', 'withdrawn') AND d.id = ?1");
            let mut statement = conn.prepare_cached(&sql)?;
            let mut rows = statement.query([&id])?;
            match rows.next()? {
                Some(row) => summary(row),
                None => Err(CatalogError::NotFound { kind: "document", id }.into()),
            }
        })
    }

    /// The current version of a document; `None` where it has none.
    ///
    /// # Errors
    /// Those of reading.
    pub fn current_version(&self, id: &DocumentId) -> Result<Option<i64>, CatalogError> {
        self.read(|conn| Ok(version_in(conn, id, "current")?.map(|(version, _)| version)))
    }

    /// What is kept of a version beside its content, of those that earlier answers cite too; `None` where it is gone.
    ///
    /// # Errors
    /// Those of reading.
    pub fn version(&self, version_id: i64) -> Result<Option<VersionRecord>, CatalogError> {
        self.read(|conn| {
            // A source has the bytes of its last reading: those of the current version, if all went well.
            let mut statement = conn.prepare_cached(
                "SELECT v.hash, v.staged_at, CASE WHEN v.state = 'current' AND s.state = 'done' THEN s.sha256 END
                 FROM versions v JOIN documents d ON d.id = v.document_id JOIN sources s ON s.id = d.source_id
                 WHERE v.id = ?1",
            )?;
            let found = statement.query_row([version_id], |row| {
                Ok(VersionRecord { hash: row.get(0)?, ingested_at: row.get(1)?, file_sha256: row.get(2)? })
            });
            Ok(found.optional()?)
        })
    }

    /// The whole text of a version.
    ///
    /// # Errors
    /// `not_found`; those of reading.
    pub fn text(&self, version_id: i64) -> Result<String, CatalogError> {
        self.read(|conn| text(conn, version_id))
    }

    /// The characters of `range` in a version's text; `None` where it reaches past the end. Reads only the segments
    /// it touches.
    ///
    /// # Errors
    /// `not_found`; those of reading.
    pub fn slice(&self, version_id: i64, range: CharRange) -> Result<Option<String>, CatalogError> {
        self.read(|conn| {
            if range.end > chars(conn, version_id)? {
                return Ok(None);
            }
            TextReader::new(conn, version_id).slice(range).map(Some)
        })
    }

    /// The pages of a version with their word boxes; empty where the format has none.
    ///
    /// # Errors
    /// `not_found`; those of reading.
    pub fn pages(&self, version_id: i64) -> Result<Vec<Page>, CatalogError> {
        self.read(|conn| {
            chars(conn, version_id)?;
            pages(conn, version_id)
        })
    }

    /// The structure of a version.
    ///
    /// # Errors
    /// `not_found`; those of reading.
    pub fn blocks(&self, version_id: i64) -> Result<Vec<Block>, CatalogError> {
        self.read(|conn| blocks(conn, version_id))
    }

    /// A version as it was staged.
    ///
    /// # Errors
    /// `not_found`; those of reading.
    pub fn body(&self, version_id: i64) -> Result<Document, CatalogError> {
        self.read(|conn| body(conn, version_id))
    }

    /// Physical page and printed label of a position in the text. White space between two pages counts to the page
    /// before it. `None` without pages, before the first, or past the end of the text.
    ///
    /// # Errors
    /// `not_found`; those of reading.
    pub fn page_at(
        &self,
        version_id: i64,
        position: usize,
    ) -> Result<Option<(u32, Option<String>)>, CatalogError> {
        self.read(|conn| {
            if position >= chars(conn, version_id)? {
                return Ok(None);
            }
            let mut statement = conn.prepare_cached(
                "SELECT number, label FROM pages WHERE version_id = ?1 AND start <= ?2
                 ORDER BY end > ?2 DESC, start DESC, number DESC LIMIT 1",
            )?;
            let found = statement
                .query_row([version_id, integer(position)], |row| Ok((row.get::<_, u32>(0)?, row.get(1)?)));
            Ok(found.optional()?)
        })
    }

    /// What is in the vault.
    ///
    /// # Errors
    /// Those of reading.
    pub fn counts(&self) -> Result<Counts, CatalogError> {
        self.read(|conn| {
            let row: [i64; 8] = conn.query_row(
                "SELECT count(*) FILTER (WHERE state = 'current'),
                     coalesce(sum(chunks) FILTER (WHERE state = 'current'), 0),
                     coalesce(sum(pages) FILTER (WHERE state = 'current'), 0),
                     coalesce(sum(chars) FILTER (WHERE state = 'current'), 0),
                     count(*) FILTER (WHERE state = 'staged'),
                     count(*) FILTER (WHERE state IN ('superseded', 'withdrawn')),
                     (SELECT count(*) FROM outbox),
                     (SELECT count(*) FROM answers WHERE body IS NOT NULL)
                 FROM versions",
                [],
                |row| {
                    let mut numbers = [0; 8];
                    for (column, number) in numbers.iter_mut().enumerate() {
                        *number = row.get(column)?;
                    }
                    Ok(numbers)
                },
            )?;
            let [documents, chunks, pages, chars, staged, superseded, outbox, answers] = row;
            Ok(Counts {
                documents: unsigned(documents)?,
                chunks: unsigned(chunks)?,
                pages: unsigned(pages)?,
                chars: unsigned(chars)?,
                staged: unsigned(staged)?,
                superseded: unsigned(superseded)?,
                outbox: unsigned(outbox)?,
                answers: unsigned(answers)?,
            })
        })
    }

    /// The collections with the number of their current documents, by name.
    ///
    /// # Errors
    /// Those of reading.
    pub fn collections(&self) -> Result<Vec<(String, u64)>, CatalogError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT s.collection, count(*) FROM versions v
                 JOIN documents d ON d.id = v.document_id
                 JOIN sources s ON s.id = d.source_id
                 WHERE v.state = 'current' GROUP BY s.collection ORDER BY s.collection",
            )?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?;
            rows.map(|row| {
                let (name, documents) = row?;
                Ok((name, unsigned(documents)?))
            })
            .collect()
        })
    }

    /// How many current documents the file `key` of `collection` has.
    ///
    /// # Errors
    /// Those of reading.
    pub fn source_documents(&self, collection: &str, key: &str) -> Result<u64, CatalogError> {
        self.read(|conn| {
            let documents = conn.query_row(
                "SELECT count(*) FROM versions v
                 JOIN documents d ON d.id = v.document_id
                 JOIN sources s ON s.id = d.source_id
                 WHERE v.state = 'current' AND s.collection = ?1 AND s.key = ?2",
                [collection, key],
                |row| row.get::<_, i64>(0),
            )?;
            unsigned(documents)
        })
    }
}

const SUMMARY: &str =
    "SELECT d.id, v.id, v.state = 'withdrawn', s.path, d.part, v.title, s.collection, v.format,
     v.pages, v.pages_text, v.pages_no_text, v.pages_blank, v.pages_unreadable, v.chunks, v.chars,
     v.staged_at, v.warnings, v.pages_ocr, s.key
 FROM versions v JOIN documents d ON d.id = v.document_id JOIN sources s ON s.id = d.source_id";

fn summary(row: &Row<'_>) -> Inner<DocumentSummary> {
    let count = |column: usize| unsigned::<u64>(row.get(column)?);
    Ok(DocumentSummary {
        document_id: DocumentId(row.get(0)?),
        version_id: row.get(1)?,
        withdrawn: row.get(2)?,
        key: row.get(18)?,
        path: row.get(3)?,
        part: row.get(4)?,
        title: row.get(5)?,
        collection: row.get(6)?,
        format: from_name(&row.get::<_, String>(7)?)?,
        pages: PageCounts {
            total: count(8)?,
            text: count(9)?,
            no_text: count(10)?,
            blank: count(11)?,
            unreadable: count(12)?,
            ocr: count(17)?,
        },
        chunks: count(13)?,
        chars: count(14)?,
        ingested_at: row.get(15)?,
        warnings: json_column(row, 16)?,
    })
}

pub(crate) fn json_column<T: for<'de> serde::Deserialize<'de>>(row: &Row<'_>, column: usize) -> Inner<T> {
    from_json(row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?)
}

/// The length of a version's text; `not_found` where there is no such version.
fn chars(conn: &Connection, version_id: i64) -> Inner<usize> {
    let mut statement = conn.prepare_cached("SELECT chars FROM versions WHERE id = ?1")?;
    let chars: Option<i64> = statement.query_row([version_id], |row| row.get(0)).optional()?;
    chars.map_or_else(|| Err(no_version(version_id)), unsigned)
}

fn no_version(version_id: i64) -> Fault {
    CatalogError::NotFound { kind: "version", id: version_id.to_string() }.into()
}

fn text(conn: &Connection, version_id: i64) -> Inner<String> {
    let chars = chars(conn, version_id)?;
    TextReader::new(conn, version_id).slice(CharRange::new(0, chars))
}

fn pages(conn: &Connection, version_id: i64) -> Inner<Vec<Page>> {
    let mut statement = conn.prepare_cached(
        "SELECT number, label, start, end, width, height, status, reason, words, confidence
         FROM pages WHERE version_id = ?1 ORDER BY number",
    )?;
    let mut rows = statement.query([version_id])?;
    let mut pages = Vec::new();
    while let Some(row) = rows.next()? {
        let number: u32 = row.get(0)?;
        let damaged = || Fault::Damaged(format!("page {number} of version {version_id} is not readable"));
        let words = row.get_ref(8)?.as_blob().map_err(rusqlite::Error::from)?;
        pages.push(Page {
            number,
            label: row.get(1)?,
            range: CharRange::new(unsigned(row.get(2)?)?, unsigned(row.get(3)?)?),
            width: row.get(4)?,
            height: row.get(5)?,
            status: page_status_of(&row.get::<_, String>(6)?, row.get(9)?, row.get(7)?)
                .ok_or_else(damaged)?,
            words: decode_words(words).ok_or_else(damaged)?,
        });
    }
    Ok(pages)
}

fn blocks(conn: &Connection, version_id: i64) -> Inner<Vec<Block>> {
    let mut statement = conn.prepare_cached("SELECT blocks FROM versions WHERE id = ?1")?;
    let blob: Option<Vec<u8>> = statement.query_row([version_id], |row| row.get(0)).optional()?;
    decode_blocks(&blob.ok_or_else(|| no_version(version_id))?)
        .ok_or_else(|| Fault::Damaged(format!("the structure of version {version_id} is not readable")))
}

pub(crate) fn body(conn: &Connection, version_id: i64) -> Inner<Document> {
    let mut statement = conn.prepare_cached(
        "SELECT d.part, v.title, v.format, v.metadata, v.warnings, v.hidden
         FROM versions v JOIN documents d ON d.id = v.document_id WHERE v.id = ?1",
    )?;
    let mut rows = statement.query([version_id])?;
    let row = rows.next()?.ok_or_else(|| no_version(version_id))?;
    Ok(Document {
        part: row.get(0)?,
        title: row.get(1)?,
        format: from_name(&row.get::<_, String>(2)?)?,
        text: text(conn, version_id)?,
        blocks: blocks(conn, version_id)?,
        pages: pages(conn, version_id)?,
        metadata: json_column(row, 3)?,
        warnings: json_column(row, 4)?,
        hidden: decode_ranges(row.get_ref(5)?.as_blob().map_err(rusqlite::Error::from)?).ok_or_else(
            || Fault::Damaged(format!("the hidden text of version {version_id} is not readable")),
        )?,
    })
}

/// Reads slices of a version's text. Keeps the segment it read last, so that reading in order reads each once.
pub(crate) struct TextReader<'c> {
    conn: &'c Connection,
    version_id: i64,
    last: Option<(usize, String)>,
}

impl<'c> TextReader<'c> {
    pub(crate) fn new(conn: &'c Connection, version_id: i64) -> Self {
        Self { conn, version_id, last: None }
    }

    /// The characters of a range as it is stored.
    pub(crate) fn stored(&mut self, start: i64, end: i64) -> Inner<String> {
        self.slice(CharRange::new(unsigned(start)?, unsigned(end)?))
    }

    /// The characters of `range`, which must lie in the text.
    pub(crate) fn slice(&mut self, range: CharRange) -> Inner<String> {
        let mut text = String::new();
        let mut at = range.start;
        while at < range.end {
            let ordinal = at / SEGMENT_CHARS;
            let base = ordinal * SEGMENT_CHARS;
            let until = range.end.min(base + SEGMENT_CHARS);
            let version_id = self.version_id;
            let short = || Fault::Damaged(format!("the text of version {version_id} has a gap at {at}"));
            let piece = TextMap::new(self.segment(ordinal)?)
                .slice(CharRange::new(at - base, until - base))
                .ok_or_else(short)?;
            text.push_str(piece);
            at = until;
        }
        Ok(text)
    }

    fn segment(&mut self, ordinal: usize) -> Inner<&str> {
        if self.last.as_ref().is_none_or(|(last, _)| *last != ordinal) {
            let mut statement = self
                .conn
                .prepare_cached("SELECT text FROM segments WHERE version_id = ?1 AND ordinal = ?2")?;
            let text: Option<String> =
                statement.query_row([self.version_id, integer(ordinal)], |row| row.get(0)).optional()?;
            self.last = Some((ordinal, text.unwrap_or_default()));
        }
        Ok(self.last.as_ref().map(|(_, text)| text.as_str()).unwrap_or_default())
    }
}
