//! LanceDB vectors, tantivy BM25 and rank fusion; derived from the catalog
