//! Tokens per second of the embedder beside bare ONNX Runtime on the same texts.
//!
//!     cargo run --package citadel-encode --example throughput -- PACK_DIR TEXT_FILE [THREADS]
//!
//! The text is cut into pieces of 1,500 characters, about 350 tokens. "Bare" runs the same windows, already tokenised,
//! through an ONNX Runtime session with the same settings, and does nothing with the output.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a measuring tool")]

use std::path::PathBuf;
use std::time::Instant;

use citadel_core::{Embedder, StopFlag};
use citadel_encode::{EmbedderFiles, OnnxEmbedder};
use ort::session::Session;
use ort::value::Tensor;
use tokenizers::Tokenizer;

/// Texts, and tokens at most, of a bare batch.
const BARE: usize = 8;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let dir = PathBuf::from(arguments.next().expect("the model pack's folder"));
    let text = std::fs::read_to_string(arguments.next().expect("a text file")).unwrap();
    let threads = arguments.next().map_or(2, |n| n.parse().unwrap());
    let files = EmbedderFiles {
        runtime_library: dir.join("libonnxruntime.so"),
        model: dir.join("embedder.onnx"),
        tokenizer: dir.join("embedder.tokenizer.json"),
        config: dir.join("embedder.config.json"),
        tokenizer_config: dir.join("embedder.tokenizer_config.json"),
        special_tokens_map: dir.join("embedder.special_tokens_map.json"),
        sha256: String::new(),
    };
    let characters: Vec<char> = text.chars().collect();
    let texts: Vec<String> = characters.chunks(1500).map(|c| c.iter().collect()).take(200).collect();

    let mut embedder = OnnxEmbedder::load(&files, threads).unwrap();
    let environment = ort::init_from(&files.runtime_library).unwrap().build().unwrap();
    let mut session = Session::builder(&environment)
        .unwrap()
        .with_intra_threads(threads)
        .unwrap()
        .with_config_entry("session.intra_op.allow_spinning", "0")
        .unwrap()
        .commit_from_file(&files.model)
        .unwrap();

    let tokenizer = Tokenizer::from_file(&files.tokenizer).unwrap();
    let mut windows: Vec<Vec<i64>> = Vec::new();
    for text in &texts {
        let ids: Vec<i64> =
            tokenizer.encode(text.as_str(), false).unwrap().get_ids().iter().map(|&i| i64::from(i)).collect();
        let ids = &ids[..ids.len().min(510)];
        let parts = ids.len().div_ceil(citadel_encode::WINDOW_TOKENS).max(1);
        for part in 0..parts {
            let window = &ids[ids.len() * part / parts..ids.len() * (part + 1) / parts];
            windows.push([&[101], window, &[102]].concat());
        }
    }
    windows.sort_by_key(Vec::len);
    let tokens: usize = windows.iter().map(Vec::len).sum();
    println!("{} texts, {} windows, {tokens} tokens, {threads} threads", texts.len(), windows.len());

    // Turn about, so that a busy machine slows both.
    for _ in 0..3 {
        let start = Instant::now();
        embedder.embed_documents(&texts, &StopFlag::new()).unwrap();
        let ours = tokens as f64 / start.elapsed().as_secs_f64();

        let start = Instant::now();
        for batch in windows.chunks(BARE) {
            let width = batch.iter().map(Vec::len).max().unwrap();
            let row = |w: &Vec<i64>, f: &dyn Fn(i64) -> i64| {
                w.iter().map(|&i| f(i)).chain(std::iter::repeat_n(0, width - w.len())).collect::<Vec<_>>()
            };
            let ids: Vec<i64> = batch.iter().flat_map(|w| row(w, &|i| i)).collect();
            let mask: Vec<i64> = batch.iter().flat_map(|w| row(w, &|_| 1)).collect();
            let types = vec![0i64; ids.len()];
            let shape = [batch.len(), width];
            session
                .run(ort::inputs![
                    "input_ids" => Tensor::from_array((shape, ids)).unwrap(),
                    "attention_mask" => Tensor::from_array((shape, mask)).unwrap(),
                    "token_type_ids" => Tensor::from_array((shape, types)).unwrap(),
                ])
                .unwrap();
        }
        let bare = tokens as f64 / start.elapsed().as_secs_f64();
        println!("embedder {ours:.0} tokens/s, bare {bare:.0} tokens/s, ratio {:.2}", ours / bare);
    }
}
