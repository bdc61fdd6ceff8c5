//! SQLite: the one source of truth for documents, chunks, jobs and answers
