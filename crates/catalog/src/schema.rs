use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::CatalogError;

/// Marks the file as ours ("CTDL").
const APPLICATION_ID: i64 = 0x4354_444c;

/// The schema this program writes. A change of `SCHEMA` needs a new number and a step in `STEPS`.
const SCHEMA_NUMBER: i64 = 2;

/// What brings a catalog of schema 1, 2, … to the next.
const STEPS: [&str; 1] = ["
ALTER TABLE sources ADD COLUMN depth INTEGER;
ALTER TABLE job_files ADD COLUMN depth INTEGER;
ALTER TABLE sources ADD COLUMN redirects INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN skipped INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN warnings TEXT NOT NULL DEFAULT '[]';
ALTER TABLE sources ADD COLUMN duplicate_of INTEGER REFERENCES sources (id) ON DELETE CASCADE;
CREATE INDEX sources_by_content ON sources (collection, sha256);
CREATE INDEX duplicates_of_source ON sources (duplicate_of) WHERE duplicate_of IS NOT NULL;
CREATE TABLE lost_parts (
    source_id INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    part TEXT,
    code TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (source_id, ordinal)
) STRICT;
ALTER TABLE versions ADD COLUMN pages_ocr INTEGER NOT NULL DEFAULT 0;
ALTER TABLE versions ADD COLUMN hidden BLOB NOT NULL DEFAULT x'';
CREATE TABLE new_pages (
    version_id INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    label TEXT,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    width REAL NOT NULL,
    height REAL NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('text', 'ocr', 'no_text', 'blank', 'unreadable')),
    confidence INTEGER CHECK ((confidence IS NOT NULL) = (status = 'ocr')),
    reason TEXT,
    words BLOB NOT NULL,
    PRIMARY KEY (version_id, number)
) STRICT;
INSERT INTO new_pages (version_id, number, label, start, end, width, height, status, reason, words)
    SELECT version_id, number, label, start, end, width, height, status, reason, words FROM pages;
DROP TABLE pages;
ALTER TABLE new_pages RENAME TO pages;
ALTER TABLE jobs ADD COLUMN stopped_at INTEGER;
CREATE TABLE watched (
    collection TEXT NOT NULL,
    path TEXT NOT NULL,
    PRIMARY KEY (collection, path)
) STRICT, WITHOUT ROWID;
"];

/// How long to wait for another connection's lock.
const BUSY: Duration = Duration::from_secs(5);

/// Ids of versions and chunks are AUTOINCREMENT, so that an index entry that outlived its row never points at
/// another text. The partial unique indexes are what keeps a document from being there twice.
const SCHEMA: &str = "
CREATE TABLE vault (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    generation INTEGER NOT NULL,
    embedder TEXT,
    dimensions INTEGER
) STRICT;
INSERT INTO vault (id, generation) VALUES (1, 0);

CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    collection TEXT NOT NULL,
    key TEXT NOT NULL,
    path TEXT NOT NULL,
    size INTEGER NOT NULL DEFAULT 0,
    modified_ns INTEGER NOT NULL DEFAULT 0,
    sha256 TEXT,
    state TEXT NOT NULL CHECK (state IN ('open', 'done', 'failed')),
    code TEXT,
    reason TEXT,
    depth INTEGER,
    redirects INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    warnings TEXT NOT NULL DEFAULT '[]',
    duplicate_of INTEGER REFERENCES sources (id) ON DELETE CASCADE,
    UNIQUE (collection, key)
) STRICT;
CREATE INDEX sources_by_content ON sources (collection, sha256);
CREATE INDEX duplicates_of_source ON sources (duplicate_of) WHERE duplicate_of IS NOT NULL;

-- What of a file could not be read, or was left out.
CREATE TABLE lost_parts (
    source_id INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    part TEXT,
    code TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (source_id, ordinal)
) STRICT;

CREATE TABLE documents (
    id TEXT PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    part TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX documents_of_source ON documents (source_id);

-- published_at..ended_at is when a version was searched; ended_at is empty while it is.
CREATE TABLE versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('staged', 'current', 'superseded', 'withdrawn')),
    hash TEXT NOT NULL,
    title TEXT NOT NULL,
    format TEXT NOT NULL,
    chars INTEGER NOT NULL,
    chunks INTEGER NOT NULL,
    pages INTEGER NOT NULL,
    pages_text INTEGER NOT NULL,
    pages_no_text INTEGER NOT NULL,
    pages_blank INTEGER NOT NULL,
    pages_unreadable INTEGER NOT NULL,
    pages_ocr INTEGER NOT NULL DEFAULT 0,
    staged_at INTEGER NOT NULL,
    published_at INTEGER,
    ended_at INTEGER,
    warnings TEXT NOT NULL,
    metadata TEXT NOT NULL,
    blocks BLOB NOT NULL,
    hidden BLOB NOT NULL DEFAULT x''
) STRICT;
CREATE INDEX versions_of_document ON versions (document_id);
CREATE UNIQUE INDEX one_staged ON versions (document_id) WHERE state = 'staged';
CREATE UNIQUE INDEX one_shown ON versions (document_id) WHERE state IN ('current', 'withdrawn');

-- The text in pieces of equal length in characters, so that a slice is found by arithmetic.
CREATE TABLE segments (
    version_id INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (version_id, ordinal)
) STRICT;

CREATE TABLE pages (
    version_id INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    label TEXT,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    width REAL NOT NULL,
    height REAL NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('text', 'ocr', 'no_text', 'blank', 'unreadable')),
    confidence INTEGER CHECK ((confidence IS NOT NULL) = (status = 'ocr')),
    reason TEXT,
    words BLOB NOT NULL,
    PRIMARY KEY (version_id, number)
) STRICT;

CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    version_id INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    first_page INTEGER,
    last_page INTEGER,
    tokens INTEGER NOT NULL,
    heading TEXT NOT NULL,
    context TEXT NOT NULL,
    windows BLOB NOT NULL,
    UNIQUE (version_id, ordinal)
) STRICT;

-- Without a foreign key: what the indexes must delete is gone from the catalog.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    version_id INTEGER NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('upsert', 'delete')),
    UNIQUE (version_id, action)
) STRICT;

CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    collection TEXT NOT NULL,
    paths TEXT NOT NULL,
    begun_at INTEGER NOT NULL,
    stopped_at INTEGER
) STRICT;

CREATE TABLE job_files (
    id INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    path TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed')),
    code TEXT,
    reason TEXT,
    depth INTEGER,
    UNIQUE (job_id, key)
) STRICT;

-- A blanked answer has no body.
CREATE TABLE answers (
    id TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    question TEXT NOT NULL,
    body TEXT,
    reason TEXT,
    CHECK ((body IS NULL) = (reason IS NOT NULL))
) STRICT;
CREATE INDEX answers_by_time ON answers (created_at);

CREATE TABLE answer_documents (
    answer_id TEXT NOT NULL REFERENCES answers (id) ON DELETE CASCADE,
    document_id TEXT NOT NULL,
    PRIMARY KEY (answer_id, document_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX answers_of_document ON answer_documents (document_id);

-- Folders that are kept in step.
CREATE TABLE watched (
    collection TEXT NOT NULL,
    path TEXT NOT NULL,
    PRIMARY KEY (collection, path)
) STRICT, WITHOUT ROWID;
";

/// Opens the file, checks that it is ours and of a known schema, and makes the tables where it is new.
pub(crate) fn open(path: &Path) -> Result<Connection, CatalogError> {
    let sqlite = |error: rusqlite::Error| CatalogError::from_sqlite(path, &error);
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(path, flags).map_err(sqlite)?;
    conn.busy_timeout(BUSY).map_err(sqlite)?;
    // Before anything is written: a file that is not ours stays as it is.
    let found = identify(&conn, path)?;
    if conn.is_readonly("main").map_err(sqlite)? {
        let detail = "the file may only be read".to_owned();
        return Err(CatalogError::NotWritable { path: path.to_path_buf(), detail });
    }
    configure(&conn).map_err(sqlite)?;
    if found < SCHEMA_NUMBER {
        // Rebuilding a table must not delete what refers to it. Only outside a transaction can this be said.
        conn.pragma_update(None, "foreign_keys", "OFF").map_err(sqlite)?;
        // Locked first, then looked at again: two programs may have opened the same file.
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sqlite)?;
        match usize::try_from(identify(&tx, path)?).unwrap_or_default() {
            0 => {
                tx.pragma_update(None, "application_id", APPLICATION_ID).map_err(sqlite)?;
                tx.execute_batch(SCHEMA).map_err(sqlite)?;
            }
            schema => {
                for step in STEPS.iter().skip(schema - 1) {
                    tx.execute_batch(step).map_err(sqlite)?;
                }
            }
        }
        tx.pragma_update(None, "user_version", SCHEMA_NUMBER).map_err(sqlite)?;
        tx.commit().map_err(sqlite)?;
        conn.pragma_update(None, "foreign_keys", "ON").map_err(sqlite)?;
    }
    Ok(conn)
}

/// The number of the file's schema, 0 where it is new; an error where it is not ours or from a newer program.
fn identify(conn: &Connection, path: &Path) -> Result<i64, CatalogError> {
    let number = |pragma: &str| -> Result<i64, CatalogError> {
        conn.pragma_query_value(None, pragma, |row| row.get(0))
            .map_err(|error| CatalogError::from_sqlite(path, &error))
    };
    let tables: i64 = conn
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|error| CatalogError::from_sqlite(path, &error))?;
    let (application, schema) = (number("application_id")?, number("user_version")?);
    if application == 0 && schema == 0 && tables == 0 {
        return Ok(0);
    }
    if application != APPLICATION_ID {
        return Err(CatalogError::NotACatalog { path: path.to_path_buf() });
    }
    if schema > SCHEMA_NUMBER {
        let (found, supported) = (schema, SCHEMA_NUMBER);
        return Err(CatalogError::NewerVersion { path: path.to_path_buf(), found, supported });
    }
    if schema < 1 || tables == 0 {
        let detail = format!("it has schema number {schema} and {tables} tables and indexes");
        return Err(CatalogError::Damaged { path: path.to_path_buf(), detail });
    }
    Ok(schema)
}

fn configure(conn: &Connection) -> rusqlite::Result<()> {
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "foreign_keys", "ON")?;
    // Deleted text is overwritten, not only unlinked.
    conn.pragma_update(None, "secure_delete", "ON")?;
    // No text in temporary files outside the vault. Only sorting uses them; `scrub` works in the vault's folder.
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(())
}
