use citadel_core::{CharRange, DocumentId};
use rusqlite::Row;

use crate::read::{TextReader, json_column};
use crate::store::{Inner, unsigned};
use crate::{Catalog, CatalogError, StoredChunk};

impl Catalog {
    /// The chunks, in the order asked for; those that do not belong to a current version are left out.
    ///
    /// # Errors
    /// Those of reading.
    pub fn hydrate(&self, chunk_ids: &[i64]) -> Result<Vec<StoredChunk>, CatalogError> {
        self.read(|conn| {
            let mut statement =
                conn.prepare_cached(&format!("{CHUNK} WHERE c.id = ?1 AND v.state = 'current'"))?;
            let mut chunks = Vec::with_capacity(chunk_ids.len());
            for chunk_id in chunk_ids {
                let mut rows = statement.query([chunk_id])?;
                let Some(row) = rows.next()? else { continue };
                chunks.push(stored(row, &mut TextReader::new(conn, row.get(1)?))?);
            }
            Ok(chunks)
        })
    }

    /// Gives the chunks of a current version to `take`, one at a time and in order, until it returns `false`; nothing of
    /// a version that is not current.
    ///
    /// # Errors
    /// Those of reading.
    pub fn each_chunk(
        &self,
        version_id: i64,
        mut take: impl FnMut(StoredChunk) -> bool,
    ) -> Result<(), CatalogError> {
        self.read(|conn| {
            let sql = format!("{CHUNK} WHERE v.id = ?1 AND v.state = 'current' ORDER BY c.ordinal");
            let mut statement = conn.prepare_cached(&sql)?;
            let mut rows = statement.query([version_id])?;
            let mut reader = TextReader::new(conn, version_id);
            while let Some(row) = rows.next()? {
                if !take(stored(row, &mut reader)?) {
                    break;
                }
            }
            Ok(())
        })
    }
}

const CHUNK: &str =
    "SELECT d.id, v.id, s.path, d.part, v.title, s.collection, c.heading, c.context, c.first_page,
     p.label, c.start, c.end, c.id
 FROM chunks c
 JOIN versions v ON v.id = c.version_id
 JOIN documents d ON d.id = v.document_id
 JOIN sources s ON s.id = d.source_id
 LEFT JOIN pages p ON p.version_id = v.id AND p.number = c.first_page";

fn stored(row: &Row<'_>, text: &mut TextReader<'_>) -> Inner<StoredChunk> {
    let (start, end): (i64, i64) = (row.get(10)?, row.get(11)?);
    Ok(StoredChunk {
        chunk_id: row.get(12)?,
        document_id: DocumentId(row.get(0)?),
        version_id: row.get(1)?,
        path: row.get(2)?,
        part: row.get(3)?,
        title: row.get(4)?,
        collection: row.get(5)?,
        heading: json_column(row, 6)?,
        context: json_column(row, 7)?,
        page: row.get(8)?,
        page_label: row.get(9)?,
        range: CharRange::new(unsigned(start)?, unsigned(end)?),
        text: text.stored(start, end)?,
    })
}
