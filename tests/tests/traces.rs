//! Nothing is left outside the vault.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// ONNX Runtime kept a device id and a database of events to send in the user's cache folder.
#[test]
fn embedding_writes_nothing_into_the_home_folder() {
    let Some(models) = std::env::var_os("CITADEL_MODELS") else {
        println!("skipped: CITADEL_MODELS is not set");
        return;
    };
    let me = std::env::current_exe().unwrap();
    let program = me.ancestors().nth(2).unwrap().join(if cfg!(windows) { "citadel.exe" } else { "citadel" });
    let (home, vault) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let done = Command::new(program)
        .args(["ingest", "../assets/samples/corpus/handbook.md"])
        .env("CITADEL_VAULT", vault.path().join("vault"))
        .env("CITADEL_MODELS", models)
        .env("HOME", home.path())
        .env_remove("XDG_CACHE_HOME")
        .env_remove("ORT_DISABLE_TELEMETRY")
        .status()
        .unwrap();
    assert!(done.success());
    assert_eq!(files_below(home.path()), Vec::<PathBuf>::new());
}

fn files_below(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}
