-- The schema of vaults made before 21 November 2026, from which a newer program brings them on.
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
    UNIQUE (collection, key)
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
    staged_at INTEGER NOT NULL,
    published_at INTEGER,
    ended_at INTEGER,
    warnings TEXT NOT NULL,
    metadata TEXT NOT NULL,
    blocks BLOB NOT NULL
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
    status TEXT NOT NULL CHECK (status IN ('text', 'no_text', 'blank', 'unreadable')),
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
    begun_at INTEGER NOT NULL
) STRICT;

CREATE TABLE job_files (
    id INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    path TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed')),
    code TEXT,
    reason TEXT,
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
