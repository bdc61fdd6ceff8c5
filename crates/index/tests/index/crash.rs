//! Being killed, at any moment.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::tempdir;

use super::*;

/// The batches of a small history: versions come, one goes, one is replaced.
fn history() -> Vec<Batch> {
    let version = |v: i64| {
        (0..5).map(|n| entry(v * 10 + n, &format!("common words of version {v} chunk {n}"))).collect()
    };
    (1..=12u64)
        .map(|generation| {
            let v = generation as i64;
            Batch {
                upserts: version(v),
                delete_versions: if v % 3 == 0 { vec![v - 1] } else { vec![] },
                generation,
            }
        })
        .collect()
}

/// What must be there after the first `generation` batches.
fn expected(generation: u64) -> Vec<i64> {
    let mut ids = Vec::new();
    for batch in history().iter().take_while(|b| b.generation <= generation) {
        ids.retain(|id| !batch.delete_versions.contains(&(id / 10)));
        ids.extend(batch.upserts.iter().map(|e| e.chunk_id));
    }
    ids
}

/// Opens a folder that was left in the middle of something, replays from the older generation and compares.
async fn check(dir: &Path) -> (Option<u64>, Option<u64>) {
    let (index, opened) = open(dir).await;
    let generation = |state: &StoreState| match state {
        StoreState::Ready { generation } => *generation,
        StoreState::Created => None,
        StoreState::SetAside(kept) => panic!("a kill is no damage: {}", kept.display()),
    };
    let found = (generation(&opened.vectors), generation(&opened.keywords));
    assert!(found.0 >= found.1, "vectors are written first: {found:?}");
    let from = found.0.min(found.1).unwrap_or(0);
    for batch in history().iter().filter(|b| b.generation > from) {
        index.apply(batch).await.unwrap();
    }
    let last = history().len() as u64;
    assert_eq!(all_vectors(&index).await, expected(last));
    assert_eq!(all_keywords(&index, "common").await, expected(last));
    assert_eq!(index.stats().await.unwrap().vector_rows, expected(last).len(), "none is doubled");
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_the_two_commits_is_mended_by_applying_again() {
    let dir = tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let (index, _) = open(&at("index")).await;
    for batch in history().iter().take(8) {
        index.apply(batch).await.unwrap();
    }
    drop(index);
    copy_folder(&at("index/keywords"), &at("earlier"));
    let (index, _) = open(&at("index")).await;
    index.apply(history().get(8).unwrap()).await.unwrap();
    drop(index);
    // On disk, this is what a kill after Lance's commit and before tantivy's leaves.
    fs::remove_dir_all(at("index/keywords")).unwrap();
    fs::rename(at("earlier"), at("index/keywords")).unwrap();
    assert_eq!(check(&at("index")).await, (Some(9), Some(8)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_whose_making_was_cut_short_is_made_anew() {
    let dir = tempdir().unwrap();
    for (file, text) in [
        ("keywords/.managed.json", "[]"),
        ("keywords/.tmpaB3dE", "{\"segme"),
        ("keywords/.tantivy-writer.lock", ""),
        ("vectors/chunks.lance/_transactions/0-12ab.txn", "x"),
        ("vectors/chunks.lance/_versions/18446744073709551614.manifest#1", "x"),
    ] {
        let path = dir.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let (index, opened) = open(dir.path()).await;
    assert_eq!(opened, Opened { vectors: StoreState::Created, keywords: StoreState::Created });
    index.apply(history().first().unwrap()).await.unwrap();
    drop(index);
    assert_eq!(check(dir.path()).await, (Some(1), Some(1)));
}

#[test]
fn a_killed_process_leaves_nothing_that_replaying_does_not_mend() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let trials = std::env::var("CITADEL_KILL_TRIALS").ok().and_then(|n| n.parse().ok()).unwrap_or(8u64);
    let mut midway = 0;
    for trial in 0..trials {
        let dir = tempdir().unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::child_applies_the_history", "--ignored"])
            .env("CITADEL_CHILD_DIR", dir.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // Spread over the whole history, the making of the stores included.
        std::thread::sleep(Duration::from_millis(20 + 1200 * trial / trials));
        child.kill().unwrap();
        child.wait().unwrap();
        let found = runtime.block_on(check(dir.path()));
        midway += u64::from(found.0.is_some_and(|g| g < 12));
    }
    println!("{midway} of {trials} kills came in the middle");
}

/// What the test above kills; it runs in a process of its own.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the child process of another test"]
async fn child_applies_the_history() {
    let dir = std::env::var("CITADEL_CHILD_DIR").unwrap();
    let (index, _) = open(Path::new(&dir)).await;
    for batch in history() {
        index.apply(&batch).await.unwrap();
        index.compact().await.unwrap();
    }
}
