#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
//! The real model. Without a model pack (`CITADEL_MODELS`, else the user's data folder) each test prints that it is skipped.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use citadel_core::{Embedder, ModelError, StopFlag};
use citadel_encode::{EmbedderFiles, OnnxEmbedder, WINDOW_TOKENS};

/// The pack's files; `None`, with a printed line, where there is no pack.
fn files() -> Option<EmbedderFiles> {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let data = || set("XDG_DATA_HOME").or_else(|| Some(set("HOME")?.join(".local/share")));
    let dir = set("CITADEL_MODELS").or_else(|| Some(data()?.join("citadel/models"))).unwrap_or_default();
    let Ok(manifest) = std::fs::read(dir.join("manifest.json")) else {
        println!("skipped: no model pack in {}", dir.display());
        return None;
    };
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let entry = |role: &str| {
        manifest["entries"].as_array().unwrap().iter().find(|e| e["role"] == role).expect(role).clone()
    };
    let path = |role: &str| dir.join(entry(role)["file"].as_str().unwrap());
    Some(EmbedderFiles {
        runtime_library: path("onnx_runtime"),
        model: path("embedder"),
        tokenizer: path("embedder_tokenizer"),
        config: path("embedder_config"),
        tokenizer_config: path("embedder_tokenizer_config"),
        special_tokens_map: path("embedder_special_tokens"),
        sha256: entry("embedder")["sha256"].as_str().unwrap().to_owned(),
    })
}

/// One embedder for all tests.
fn embedder() -> Option<MutexGuard<'static, OnnxEmbedder>> {
    static LOADED: OnceLock<Option<Mutex<OnnxEmbedder>>> = OnceLock::new();
    let loaded = LOADED.get_or_init(|| Some(Mutex::new(OnnxEmbedder::load(&files()?, 2).unwrap())));
    loaded.as_ref().map(|e| e.lock().unwrap_or_else(PoisonError::into_inner))
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

fn length(v: &[f32]) -> f64 {
    v.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt()
}

struct Golden {
    text: String,
    tokens: usize,
    vector: Vec<f32>,
}

/// Texts and their vectors by the reference implementation, `golden/reference.py`.
fn golden() -> Vec<Golden> {
    let rows: Vec<serde_json::Value> = serde_json::from_str(include_str!("golden/minilm.json")).unwrap();
    rows.into_iter()
        .map(|row| Golden {
            text: row["text"].as_str().unwrap().to_owned(),
            tokens: row["tokens"].as_u64().unwrap() as usize,
            vector: row["vector"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect(),
        })
        .collect()
}

#[test]
fn vectors_are_those_of_the_reference() {
    let Some(mut embedder) = embedder() else { return };
    assert_eq!(embedder.dimensions(), 384);
    for row in golden() {
        let found = embedder.embed_query(&row.text).unwrap();
        let near = cosine(&found, &row.vector);
        assert!(near > 0.9999, "{:.40}: {near}", row.text);
        assert!((length(&found) - 1.0).abs() < 1e-5);
    }
}

#[test]
fn documents_come_back_in_order_whatever_shares_their_batch() {
    let Some(mut embedder) = embedder() else { return };
    let mut golden = golden();
    // Different orders put different texts into one batch.
    for turn in 0..3 {
        golden.rotate_left(turn * 3);
        let texts: Vec<String> = golden.iter().map(|row| row.text.clone()).collect();
        let found = embedder.embed_documents(&texts, &StopFlag::new()).unwrap();
        assert_eq!(found.len(), golden.len());
        for (windows, row) in found.iter().zip(&golden) {
            assert_eq!(windows.len(), (row.tokens - 2).div_ceil(WINDOW_TOKENS).max(1), "{:.40}", row.text);
            assert!(windows.iter().all(|w| w.len() == 384 && (length(w) - 1.0).abs() < 1e-5));
            if let [only] = windows.as_slice() {
                assert!(cosine(only, &row.vector) > 0.9999, "{:.40}", row.text);
            }
        }
    }
    assert!(embedder.embed_documents(&[], &StopFlag::new()).unwrap().is_empty());
}

#[test]
fn what_only_the_second_half_says_is_found_by_its_own_window() {
    let Some(mut embedder) = embedder() else { return };
    let first = "The committee met on Monday and approved the minutes of its last meeting. ".repeat(20);
    let second = "A leaf turns carbon dioxide and water into sugar by photosynthesis. ".repeat(20);
    let text = format!("{first}{second}");
    let query = embedder.embed_query("How do plants make sugar?").unwrap();
    let whole = embedder.embed_query(&text).unwrap();
    let windows = embedder.embed_documents(&[text], &StopFlag::new()).unwrap().remove(0);
    assert!(windows.len() >= 2);
    let scores: Vec<f64> = windows.iter().map(|w| cosine(w, &query)).collect();
    assert!(scores[windows.len() - 1] > scores[0] + 0.3, "{scores:?}");
    assert!(scores[windows.len() - 1] > cosine(&whole, &query) + 0.05, "{scores:?}");
}

#[test]
fn a_text_beyond_the_limit_is_cut_there() {
    let Some(mut embedder) = embedder() else { return };
    let long = "All work and no play makes Jack a dull boy. ".repeat(2300);
    assert!(long.chars().count() > 100_000);
    let short: String = long.chars().take(8_000).collect();
    let found = embedder.embed_documents(&[long.clone(), short.clone()], &StopFlag::new()).unwrap();
    assert_eq!(found[0].len(), found[1].len());
    for (a, b) in found[0].iter().zip(&found[1]) {
        assert!(cosine(a, b) > 0.9999);
    }
    assert!(cosine(&embedder.embed_query(&long).unwrap(), &embedder.embed_query(&short).unwrap()) > 0.9999);
}

#[test]
fn a_raised_flag_stops_before_the_next_batch() {
    let Some(mut embedder) = embedder() else { return };
    let stop = StopFlag::new();
    stop.stop();
    let found = embedder.embed_documents(&["a".to_owned()], &stop);
    assert!(matches!(found, Err(ModelError::Stopped)));

    // Raised while it works: far fewer texts than given are done before it ends.
    let texts = vec!["The committee met on Monday. ".repeat(80); 400];
    let stop = StopFlag::new();
    let raiser = stop.clone();
    let waiting = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(300));
        raiser.stop();
    });
    let found = embedder.embed_documents(&texts, &stop);
    waiting.join().unwrap();
    assert!(matches!(found, Err(ModelError::Stopped)));
}

#[test]
fn the_fingerprint_names_model_and_windowing() {
    let Some(files) = files() else { return };
    let Some(embedder) = embedder() else { return };
    assert!(embedder.fingerprint().starts_with(&files.sha256));
    let other = EmbedderFiles { sha256: "0".repeat(64), ..files };
    assert_ne!(OnnxEmbedder::load(&other, 1).unwrap().fingerprint(), embedder.fingerprint());
}

/// Loads with `change` made to the pack's files: the error's code, and what its message must contain.
fn check(files: &EmbedderFiles, change: impl FnOnce(&mut EmbedderFiles), code: &str, part: &str) {
    let mut changed = files.clone();
    change(&mut changed);
    let error = OnnxEmbedder::load(&changed, 1).err().expect("it should not load");
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().contains(part), "{error} should contain {part:?}");
}

#[test]
fn damaged_files_are_errors_that_name_them() {
    let Some(files) = files() else { return };
    let Some(_loaded) = embedder() else { return };
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let model = std::fs::read(&files.model).unwrap();
    let tokenizer = std::fs::read(&files.tokenizer).unwrap();

    let cut = write("cut.onnx", &model[..model.len() / 2]);
    check(&files, |f| f.model = cut, "embedder_model", "cut.onnx");
    let empty = write("empty.onnx", b"");
    check(&files, |f| f.model = empty, "embedder_model", "empty.onnx");
    let text = write("text.onnx", b"this is no model");
    check(&files, |f| f.model = text, "embedder_model", "xtask setup");
    let cut = write("cut.json", &tokenizer[..tokenizer.len() / 2]);
    check(&files, |f| f.tokenizer = cut, "embedder_model", "tokenizer.json");
    check(&files, |f| f.model = dir.path().join("none.onnx"), "io", "none.onnx");
    check(&files, |f| f.config = dir.path().join("none.json"), "io", "none.json");

    check(&files, |f| f.runtime_library = "libonnxruntime.so".into(), "onnx_runtime_path", "absolute");
    let missing = dir.path().join("none.so");
    check(&files, |f| f.runtime_library = missing, "onnx_runtime_path", "none.so");
    let copy = dir.path().join("copy.so");
    std::fs::copy(&files.runtime_library, &copy).unwrap();
    check(&files, |f| f.runtime_library = copy, "onnx_runtime_other", "restart");

    let link = dir.path().join("link");
    if symlink(&files.runtime_library, &link) {
        let same = EmbedderFiles { runtime_library: link, ..files };
        assert!(OnnxEmbedder::load(&same, 1).is_ok());
    }
}

#[cfg(unix)]
fn symlink(from: &Path, to: &Path) -> bool {
    std::os::unix::fs::symlink(from, to).is_ok()
}

#[cfg(not(unix))]
fn symlink(_: &Path, _: &Path) -> bool {
    false
}
