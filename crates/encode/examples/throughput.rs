//! Tokens per second of the embedder beside bare ONNX Runtime on the same texts.
//!
//!     cargo run --package citadel-encode --example throughput -- PACK_DIR TEXT_FILE THREADS [embedder|bare]
//!
//! The text is cut into pieces of 1,500 characters, about 350 tokens. "bare" runs the same windows, already tokenised,
//! through an ONNX Runtime session with the same settings, and does nothing with the output. Without the last argument
//! both run three times, in turn, each in a process of its own: a process can have one ONNX Runtime environment.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a measuring tool")]

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use citadel_core::{Embedder, StopFlag};
use citadel_encode::{EmbedderFiles, OnnxEmbedder, WINDOW_TOKENS};
use ort::session::Session;
use ort::value::Tensor;
use tokenizers::Tokenizer;

/// Windows of a bare batch: the fastest number of 1, 2, 4, 8 and 16.
const BARE_BATCH: usize = 4;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, dir, file, threads, mode @ ..] = arguments.as_slice() else {
        panic!("PACK_DIR TEXT_FILE THREADS [embedder|bare]")
    };
    let Some(mode) = mode.first() else {
        for _ in 0..3 {
            let run = |mode: &str| -> f64 {
                let out = Command::new(&arguments[0]).args([dir, file, threads, mode]).output().unwrap();
                String::from_utf8(out.stdout).unwrap().trim().parse().unwrap()
            };
            let (embedder, bare) = (run("embedder"), run("bare"));
            println!(
                "embedder {embedder:.0} tokens/s, bare {bare:.0} tokens/s, ratio {:.2}",
                embedder / bare
            );
        }
        return;
    };

    let dir = Path::new(dir);
    let characters: Vec<char> = std::fs::read_to_string(file).unwrap().chars().collect();
    let texts: Vec<String> = characters.chunks(1500).map(|c| c.iter().collect()).take(200).collect();
    let windows = windows(&dir.join("embedder.tokenizer.json"), &texts);
    let tokens: usize = windows.iter().map(Vec::len).sum();
    let threads = threads.parse().unwrap();
    let seconds = if mode == "bare" { bare(dir, threads, &windows) } else { embedder(dir, threads, &texts) };
    println!("{}", tokens as f64 / seconds);
}

/// The windows of all texts as token ids, like lengths together.
fn windows(tokenizer: &Path, texts: &[String]) -> Vec<Vec<i64>> {
    let tokenizer = Tokenizer::from_file(tokenizer).unwrap();
    let mut windows: Vec<Vec<i64>> = Vec::new();
    for text in texts {
        let encoding = tokenizer.encode(text.as_str(), false).unwrap();
        let ids: Vec<i64> = encoding.get_ids().iter().take(510).map(|&i| i64::from(i)).collect();
        let parts = ids.len().div_ceil(WINDOW_TOKENS).max(1);
        for part in 0..parts {
            let window = &ids[ids.len() * part / parts..ids.len() * (part + 1) / parts];
            windows.push([&[101], window, &[102]].concat());
        }
    }
    windows.sort_by_key(Vec::len);
    windows
}

fn embedder(dir: &Path, threads: usize, texts: &[String]) -> f64 {
    let files = EmbedderFiles {
        runtime_library: dir.join("libonnxruntime.so"),
        model: dir.join("embedder.onnx"),
        tokenizer: dir.join("embedder.tokenizer.json"),
        config: dir.join("embedder.config.json"),
        tokenizer_config: dir.join("embedder.tokenizer_config.json"),
        special_tokens_map: dir.join("embedder.special_tokens_map.json"),
        sha256: String::new(),
    };
    let mut embedder = OnnxEmbedder::load(&files, threads).unwrap();
    let start = Instant::now();
    embedder.embed_documents(texts, &StopFlag::new()).unwrap();
    start.elapsed().as_secs_f64()
}

fn bare(dir: &Path, threads: usize, windows: &[Vec<i64>]) -> f64 {
    let environment = ort::init_from(dir.join("libonnxruntime.so")).unwrap().build().unwrap();
    let mut session = Session::builder(&environment)
        .unwrap()
        .with_intra_threads(threads)
        .unwrap()
        .with_config_entry("session.intra_op.allow_spinning", "0")
        .unwrap()
        .commit_from_file(dir.join("embedder.onnx"))
        .unwrap();
    let mut run = |batch: &[Vec<i64>]| {
        let width = batch.iter().map(Vec::len).max().unwrap();
        let rows = |value: fn(i64) -> i64| {
            let padded = |w: &Vec<i64>| {
                w.iter().map(|&i| value(i)).chain(std::iter::repeat_n(0, width - w.len())).collect::<Vec<_>>()
            };
            Tensor::from_array(([batch.len(), width], batch.iter().flat_map(padded).collect::<Vec<i64>>()))
                .unwrap()
        };
        let inputs = ort::inputs![
            "input_ids" => rows(|i| i),
            "attention_mask" => rows(|_| 1),
            "token_type_ids" => rows(|_| 0),
        ];
        session.run(inputs).unwrap();
    };
    run(&windows[..1]);
    let start = Instant::now();
    windows.chunks(BARE_BATCH).for_each(&mut run);
    start.elapsed().as_secs_f64()
}
