//! The use cases: open, ingest, search, ask, export
