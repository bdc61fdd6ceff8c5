//! The index as the engine sees it: real stores in temporary folders, the fake embedder, faults made on purpose.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod crash;
mod damage;
mod erase;
mod search;

use std::path::Path;

use citadel_core::fakes::FakeEmbedder;
use citadel_core::{Embedder, StopFlag};
use citadel_index::{Batch, ChunkEntry, Hit, Index, IndexOptions, Opened, Scope, StoreState};

const DIMENSIONS: usize = 16;

fn options(dir: &Path) -> IndexOptions {
    IndexOptions { dir: dir.to_owned(), fingerprint: "fake-words-16".to_owned(), dimensions: DIMENSIONS }
}

async fn open(dir: &Path) -> (Index, Opened) {
    Index::open(options(dir)).await.unwrap()
}

fn embed(text: &str) -> Vec<f32> {
    FakeEmbedder::new(DIMENSIONS).embed_query(text).unwrap()
}

/// A chunk of version `id / 10` in the collection `main`.
fn entry(id: i64, text: &str) -> ChunkEntry {
    let windows =
        FakeEmbedder::new(DIMENSIONS).embed_documents(&[text.to_owned()], &StopFlag::default()).unwrap();
    ChunkEntry {
        chunk_id: id,
        version_id: id / 10,
        collection: "main".to_owned(),
        title: "Handbook".to_owned(),
        file_name: "2024 handbook".to_owned(),
        heading: vec!["Part".to_owned()],
        text: text.to_owned(),
        windows: windows.into_iter().next().unwrap(),
    }
}

fn upsert(generation: u64, upserts: Vec<ChunkEntry>) -> Batch {
    Batch { upserts, delete_versions: Vec::new(), generation }
}

fn delete(generation: u64, versions: &[i64]) -> Batch {
    Batch { upserts: Vec::new(), delete_versions: versions.to_vec(), generation }
}

fn ids(hits: &[Hit]) -> Vec<i64> {
    hits.iter().map(|h| h.chunk_id).collect()
}

fn sorted_ids(hits: &[Hit]) -> Vec<i64> {
    let mut ids = ids(hits);
    ids.sort_unstable();
    ids
}

/// The ids of everything in the vector store, sorted.
async fn all_vectors(index: &Index) -> Vec<i64> {
    sorted_ids(&index.search_vectors(&embed("any"), &Scope::default(), 10_000).await.unwrap())
}

/// The ids of every chunk with the word, sorted.
async fn all_keywords(index: &Index, word: &str) -> Vec<i64> {
    sorted_ids(&index.search_keywords(word, &Scope::default(), 10_000).await.unwrap())
}

fn ready(generation: u64) -> StoreState {
    StoreState::Ready { generation: Some(generation) }
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).unwrap();
        }
    }
}

/// Every file below `dir`, sorted.
fn files_below(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}
