//! Stores that are not what was written, of another embedder, or held by somebody else.

use std::fs;
use std::path::{Path, PathBuf};

use citadel_index::IndexError;
use tempfile::tempdir;

use super::*;

async fn filled(dir: &Path) {
    let (index, _) = open(dir).await;
    index.apply(&upsert(1, vec![entry(10, "alpha")])).await.unwrap();
    index.apply(&upsert(2, vec![entry(20, "beta")])).await.unwrap();
}

/// The file below `dir` whose path contains `part`; the last by name.
fn file_like(dir: &Path, part: &str) -> PathBuf {
    files_below(dir).into_iter().rfind(|p| p.to_string_lossy().contains(part)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn reopening_keeps_data_and_generation() {
    let dir = tempdir().unwrap();
    // Names that a URL would read otherwise.
    let dir = dir.path().join("a b#c?d%20é");
    filled(&dir).await;
    let (index, opened) = open(&dir).await;
    assert_eq!(opened, Opened { vectors: ready(2), keywords: ready(2) });
    assert_eq!(all_vectors(&index).await, [10, 20]);
    assert_eq!(all_keywords(&index, "alpha beta").await, [10, 20]);
    assert!(dir.join("vectors/chunks.lance").is_dir(), "the store lies in the folder that was named");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_embedder_is_refused_and_nothing_changed() {
    let dir = tempdir().unwrap();
    filled(dir.path()).await;
    let before = files_below(dir.path());
    let other_model = IndexOptions { fingerprint: "other".to_owned(), ..options(dir.path()) };
    let other_width = IndexOptions { dimensions: 8, ..options(dir.path()) };
    for other in [other_model, other_width] {
        let error = Index::open(other).await.err().unwrap();
        assert!(
            matches!(&error, IndexError::WrongEmbedder { found, found_dimensions: 16, .. } if found == "fake-words-16"),
            "{error}"
        );
        assert_eq!(error.code(), "index_wrong_embedder");
    }
    assert_eq!(files_below(dir.path()), before);
    assert_eq!(open(dir.path()).await.1, Opened { vectors: ready(2), keywords: ready(2) });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_is_held_by_one_at_a_time() {
    let dir = tempdir().unwrap();
    filled(dir.path()).await;
    let (index, _) = open(dir.path()).await;
    let error = Index::open(options(dir.path())).await.err().unwrap();
    assert_eq!(error.code(), "index_in_use", "{error}");
    assert!(error.to_string().contains(&dir.path().display().to_string()));
    drop(index);
    assert_eq!(open(dir.path()).await.1, Opened { vectors: ready(2), keywords: ready(2) });
}

#[derive(Clone, Copy, PartialEq)]
enum Store {
    Vectors,
    Keywords,
}

/// Damages a filled index, opens it twice, and fills it again.
async fn check(damaged: Store, damage: impl Fn(&Path)) {
    let dir = tempdir().unwrap();
    let dir = dir.path();
    filled(dir).await;
    let store = dir.join(if damaged == Store::Vectors { "vectors" } else { "keywords" });
    damage(&store);
    let files = files_below(&store).len();

    let (index, opened) = open(dir).await;
    let (hurt, whole) = match damaged {
        Store::Vectors => (opened.vectors, opened.keywords),
        Store::Keywords => (opened.keywords, opened.vectors),
    };
    assert_eq!(whole, ready(2));
    let StoreState::SetAside(kept) = hurt else { panic!("{hurt:?}") };
    assert_eq!(kept.parent(), Some(dir));
    // The lock file is not part of what is kept safe.
    assert!(files_below(&kept).len() >= files - 1, "set aside whole");
    assert_eq!(index.stats().await.unwrap().set_aside, std::slice::from_ref(&kept));

    index.apply(&upsert(3, vec![entry(10, "alpha"), entry(20, "beta")])).await.unwrap();
    assert_eq!(all_vectors(&index).await, [10, 20]);
    assert_eq!(all_keywords(&index, "alpha beta").await, [10, 20]);
    drop(index);
    assert_eq!(open(dir).await.1, Opened { vectors: ready(3), keywords: ready(3) });

    // A second accident does not overwrite what the first one left.
    damage(&store);
    let (_index, opened) = open(dir).await;
    let hurt = if damaged == Store::Vectors { opened.vectors } else { opened.keywords };
    assert!(matches!(&hurt, StoreState::SetAside(second) if *second != kept), "{hurt:?}");
    assert!(kept.exists());
}

fn truncate(path: &Path) {
    let length = fs::metadata(path).unwrap().len();
    fs::OpenOptions::new().write(true).open(path).unwrap().set_len(length / 2).unwrap();
}

/// The newest manifest: Lance names them so that the newest sorts first.
fn head(store: &Path) -> PathBuf {
    files_below(store).into_iter().find(|p| p.extension().is_some_and(|e| e == "manifest")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_vectors_are_set_aside() {
    check(Store::Vectors, |store| fs::write(head(store), b"").unwrap()).await;
    check(Store::Vectors, |store| truncate(&head(store))).await;
    check(Store::Vectors, |store| {
        let zeros = vec![0; fs::metadata(head(store)).unwrap().len() as usize];
        fs::write(head(store), zeros).unwrap();
    })
    .await;
    check(Store::Vectors, |store| fs::remove_dir_all(store.join("chunks.lance/_versions")).unwrap()).await;
    check(Store::Vectors, |store| fs::remove_dir_all(store.join("chunks.lance/data")).unwrap()).await;
    check(Store::Vectors, |store| truncate(&file_like(store, "/data/"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_keywords_are_set_aside() {
    check(Store::Keywords, |store| fs::write(store.join("meta.json"), b"").unwrap()).await;
    check(Store::Keywords, |store| truncate(&store.join("meta.json"))).await;
    check(Store::Keywords, |store| fs::write(store.join("meta.json"), b"{\"segments\":[]}").unwrap()).await;
    check(Store::Keywords, |store| fs::remove_file(store.join("meta.json")).unwrap()).await;
    check(Store::Keywords, |store| truncate(&file_like(store, ".term"))).await;
    check(Store::Keywords, |store| fs::remove_file(file_like(store, ".idx")).unwrap()).await;
    check(Store::Keywords, |store| {
        // The schema of another release.
        let meta = fs::read_to_string(store.join("meta.json")).unwrap();
        fs::write(store.join("meta.json"), meta.replace("citadel_exact", "raw")).unwrap();
    })
    .await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_written_is_an_error_and_no_damage() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempdir().unwrap();
    filled(dir.path()).await;
    let meta = dir.path().join("keywords/meta.json");
    fs::set_permissions(&meta, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&meta).is_ok() {
        println!("skipped: this user may read everything");
        return;
    }
    let error = Index::open(options(dir.path())).await.err().unwrap();
    assert_eq!(error.code(), "index_keywords", "{error}");
    fs::set_permissions(&meta, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(open(dir.path()).await.1, Opened { vectors: ready(2), keywords: ready(2) });
}
