//! Forgetting: after a deletion and a purge no byte of what was deleted is left.

use std::fs;
use std::path::Path;

use tempfile::tempdir;

use super::*;

/// The files below `dir` that hold `bytes`.
fn holding(dir: &Path, bytes: &[u8]) -> Vec<std::path::PathBuf> {
    let holds = |path: &Path| fs::read(path).unwrap().windows(bytes.len()).any(|w| w == bytes);
    files_below(dir).into_iter().filter(|p| holds(p)).collect()
}

/// The bytes of one number of a vector and of the whole, as they lie in memory.
fn bytes_of(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|x| x.to_le_bytes()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_purge_no_byte_of_a_deleted_chunk_is_left() {
    const CANARY: &str = "zqxjkvbwpf";
    let dir = tempdir().unwrap();
    let dir = dir.path();
    let mut canary = entry(990, &format!("the secret word is {CANARY} and {CANARY}-77"));
    canary.collection = format!("collection {CANARY}");
    canary.title = format!("title {CANARY}");
    canary.windows = vec![(0..DIMENSIONS).map(|n| ((n + 1) as f32 * 0.618).sin()).collect()];
    let vector = bytes_of(canary.windows.first().unwrap());

    let (index, _) = open(dir).await;
    // Many neighbours, so that the deleted share of each file is far below what Lance would rewrite by itself.
    let mut chunks: Vec<_> = (0..500).map(|n| entry(n, &format!("neighbour {n} in the file"))).collect();
    chunks.push(canary.clone());
    index.apply(&upsert(1, chunks)).await.unwrap();
    index.apply(&upsert(2, (500..600).map(|n| entry(n, "more neighbours")).collect())).await.unwrap();
    index.compact().await.unwrap();
    assert_eq!(all_keywords(&index, CANARY).await, [990]);
    // The test can fail: before, the bytes are there.
    assert!(!holding(&dir.join("vectors"), &vector).is_empty());
    assert!(!holding(&dir.join("vectors"), CANARY.as_bytes()).is_empty());
    index.apply(&delete(3, &[99])).await.unwrap();
    let stats = index.stats().await.unwrap();
    assert_eq!((stats.vector_rows, stats.vector_rows_deleted, stats.keyword_chunks_deleted), (600, 1, 1));
    assert!(!holding(&dir.join("vectors"), &vector).is_empty(), "a deletion alone forgets nothing");
    assert_eq!(keyword_terms_with(dir, CANARY), 6, "collection, text, title; exact: bare and two compounds");
    fs::create_dir(dir.join("vectors.set-aside-1")).unwrap();
    fs::write(dir.join("vectors.set-aside-1/data"), CANARY).unwrap();

    index.purge().await.unwrap();
    let none: Vec<std::path::PathBuf> = Vec::new();
    for bytes in [CANARY.as_bytes(), &vector, vector.get(..8).unwrap()] {
        assert_eq!(holding(dir, bytes), none);
    }
    assert_eq!(keyword_terms_with(dir, CANARY), 0);
    let stats = index.stats().await.unwrap();
    assert_eq!((stats.vector_rows, stats.vector_rows_deleted, stats.vector_versions), (600, 0, 1));
    assert_eq!((stats.keyword_chunks, stats.keyword_chunks_deleted, stats.keyword_segments), (600, 0, 1));
    assert_eq!(stats.set_aside, none);

    // What stays is still found, now and after reopening.
    assert_eq!(all_vectors(&index).await, (0..600).collect::<Vec<_>>());
    drop(index);
    let (index, opened) = open(dir).await;
    assert_eq!(opened, Opened { vectors: ready(3), keywords: ready(3) });
    assert_eq!(all_vectors(&index).await.len(), 600);
    assert_eq!(all_keywords(&index, "neighbours").await.len(), 600);
}

/// How many terms with `part` the dictionaries of the keyword store hold. They are packed, so that no search of bytes
/// would find one. Also asserts that no segment lies there that the store does not name.
fn keyword_terms_with(dir: &Path, part: &str) -> usize {
    let dir = dir.join("keywords");
    let index = tantivy::Index::open_in_dir(&dir).unwrap();
    let segments = index.searchable_segments().unwrap();
    let names: Vec<String> = segments.iter().map(|s| s.id().uuid_string()).collect();
    for file in files_below(&dir) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let of_segment = !name.starts_with('.') && name != "meta.json";
        assert!(!of_segment || names.iter().any(|n| name.starts_with(n)), "{name} belongs to no segment");
    }
    let mut found = 0;
    for segment in index.reader().unwrap().searcher().segment_readers() {
        for (field, entry) in index.schema().fields().filter(|(_, entry)| entry.is_indexed()) {
            let inverted = segment.inverted_index(field).unwrap();
            let mut terms = inverted.terms().stream().unwrap();
            while terms.advance() {
                let term = String::from_utf8_lossy(terms.key()).into_owned();
                found += usize::from(entry.field_type().is_str() && term.contains(part));
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_can_be_deleted_and_purged() {
    let dir = tempdir().unwrap();
    let (index, _) = open(dir.path()).await;
    index.purge().await.unwrap();
    index.compact().await.unwrap();
    index.apply(&upsert(1, vec![entry(10, "alpha"), entry(20, "beta")])).await.unwrap();
    index.apply(&delete(2, &[1, 2])).await.unwrap();
    index.purge().await.unwrap();
    assert_eq!(all_vectors(&index).await, [] as [i64; 0]);
    let stats = index.stats().await.unwrap();
    assert_eq!((stats.vector_rows, stats.vector_fragments, stats.keyword_chunks), (0, 0, 0));
    assert!(holding(dir.path(), &bytes_of(&embed("alpha"))).is_empty());
    index.apply(&upsert(3, vec![entry(30, "gamma")])).await.unwrap();
    assert_eq!(all_keywords(&index, "gamma").await, [30]);
}

#[tokio::test(flavor = "multi_thread")]
async fn compaction_joins_files_while_searches_go_on() {
    let dir = tempdir().unwrap();
    let (index, _) = open(dir.path()).await;
    let index = std::sync::Arc::new(index);
    for n in 0..6 {
        index.apply(&upsert(n + 1, vec![entry(n as i64 * 10, "alpha")])).await.unwrap();
    }
    assert_eq!(index.stats().await.unwrap().vector_fragments, 6);
    let searching = index.clone();
    let searches = tokio::spawn(async move {
        for _ in 0..20 {
            assert_eq!(all_vectors(&searching).await.len(), 6);
            assert_eq!(all_keywords(&searching, "alpha").await.len(), 6);
        }
    });
    for _ in 0..3 {
        index.compact().await.unwrap();
        index.purge().await.unwrap();
        index.apply(&upsert(7, vec![entry(0, "alpha")])).await.unwrap();
    }
    searches.await.unwrap();
    index.compact().await.unwrap();
    let stats = index.stats().await.unwrap();
    assert_eq!((stats.vector_fragments, stats.vector_versions, stats.vector_rows), (1, 1, 6));
}
