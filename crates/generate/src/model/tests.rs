#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

use candle_core::quantized::GgmlDType;
use candle_core::quantized::gguf_file::{Content, Value};
use candle_core::{Device, Tensor};
use candle_transformers::models::quantized_llama::ModelWeights;

use super::*;
use crate::accelerator::Accelerator;
use crate::cpu::{Cpu, InstructionSet};
use crate::tiny;

fn open(path: &Path) -> (Gguf, Shape) {
    let mut gguf = Gguf::open(path).unwrap();
    let shape = Shape::read(&mut gguf).unwrap();
    (gguf, shape)
}

fn on_cpu(path: &Path, set: InstructionSet) -> Decoder<Cpu> {
    let (mut gguf, shape) = open(path);
    let cpu = Cpu::new(set, &shape);
    Decoder::load(&mut gguf, shape, cpu).unwrap()
}

/// What runs on CUDA and Metal, on the processor.
fn by_tensors(path: &Path) -> Decoder<Accelerator> {
    let (mut gguf, shape) = open(path);
    let accelerator = Accelerator::new(Device::Cpu, &shape).unwrap();
    Decoder::load(&mut gguf, shape, accelerator).unwrap()
}

fn tiny_file(kind: GgmlDType, folder: &Path) -> std::path::PathBuf {
    let mut tiny = tiny::Tiny::new();
    tiny.quantized = kind;
    tiny.write(folder)
}

fn forward<B: Backend>(model: &mut Decoder<B>, tokens: &[u32]) -> Vec<f32> {
    model.forward(tokens, 1, &StopFlag::new()).unwrap().unwrap()
}

/// The logits after `tokens`, read in pieces of the lengths given and the rest at once.
fn logits<B: Backend>(model: &mut Decoder<B>, tokens: &[u32], pieces: &[usize]) -> Vec<f32> {
    let mut rest = tokens;
    for &piece in pieces {
        let (now, later) = rest.split_at(piece);
        forward(model, now);
        rest = later;
    }
    forward(model, rest)
}

fn prompt(length: usize) -> Vec<u32> {
    let mut random = tiny::Random(9);
    (0..length).map(|_| random.below(tiny::tokens().len()) as u32).collect()
}

/// Asserts that two sets of logits differ by less than `tolerance` of their spread.
#[track_caller]
fn close(a: &[f32], b: &[f32], tolerance: f32, what: &str) {
    assert_eq!(a.len(), b.len(), "{what}");
    let spread = a.iter().fold(0f32, |m, x| m.max(x.abs()));
    let worst = a.iter().zip(b).fold(0f32, |m, (x, y)| m.max((x - y).abs()));
    assert!(worst <= tolerance * spread, "{what}: {worst} of {spread}");
}

/// Against candle's decoder, which rounds activations as coarsely as we do.
#[test]
fn logits_are_those_of_the_stock_decoder() {
    let folder = tempfile::tempdir().unwrap();
    let tokens = prompt(40);
    let exact = [(GgmlDType::F32, 2e-3), (GgmlDType::F16, 1e-2)];
    // The others' rows must be longer for candle; src/cpu/tests.rs compares their weights.
    let kinds = [GgmlDType::Q8_0, GgmlDType::Q4_0].map(|k| (k, 2e-2));
    for (kind, tolerance) in exact.into_iter().chain(kinds) {
        let path = tiny_file(kind, folder.path());
        let mut file = std::fs::File::open(&path).unwrap();
        let content = Content::read(&mut file).unwrap();
        let mut stock = ModelWeights::from_gguf(content, &mut file, &Device::Cpu).unwrap();
        let (read, written) = tokens.split_at(30);
        let mut models: Vec<_> =
            InstructionSet::available().into_iter().map(|s| (s, on_cpu(&path, s))).collect();
        let mut tensors = by_tensors(&path);
        let mut check = |tokens: &[u32], at: usize| {
            let input = Tensor::new(tokens, &Device::Cpu).unwrap().unsqueeze(0).unwrap();
            let expected: Vec<f32> =
                stock.forward(&input, at).unwrap().squeeze(0).unwrap().to_vec1().unwrap();
            for (set, model) in &mut models {
                let what = format!("{kind:?}, {set:?}, position {at}");
                close(&forward(model, tokens), &expected, tolerance, &what);
            }
            let what = format!("{kind:?}, tensors, position {at}");
            close(&forward(&mut tensors, tokens), &expected, 1e-2, &what);
        };
        check(read, 0);
        for (i, &token) in written.iter().enumerate() {
            check(&[token], 30 + i);
        }
    }
}

/// On the processor a token's logits do not depend, to the last bit, on what is computed along with it.
#[test]
fn pieces_and_a_cache_cut_back_give_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    // Longer than one step of the cache and one part of the attention.
    let tokens = prompt(572);
    for kind in [GgmlDType::F32, GgmlDType::Q8_0, GgmlDType::Q4_0] {
        let path = tiny_file(kind, folder.path());
        for set in InstructionSet::available() {
            let mut model = on_cpu(&path, set);
            let expected = logits(&mut model, &tokens, &[]);
            let mut check = |what: &str, kept: usize, pieces: &[usize]| {
                model.truncate(kept);
                assert_eq!(model.cached(), kept);
                let found = logits(&mut model, &tokens[kept..], pieces);
                assert_eq!(found, expected, "{kind:?} {set:?} {what}");
            };
            check("in pieces", 0, &[1, 128, 7, 300]);
            check("token by token at the end", 0, &[560, 1, 1, 1, 1, 1]);
            check("from a prefix", 200, &[]);
            check("from an odd prefix", 201, &[3]);
            check("from all but one", tokens.len() - 1, &[]);
            // The logits of several tokens are those of each.
            model.truncate(565);
            let all = model.forward(&tokens[565..], 7, &StopFlag::new()).unwrap().unwrap();
            assert_eq!(all.len(), 7 * expected.len());
            assert_eq!(all[6 * expected.len()..], expected);
            model.truncate(565);
            assert_eq!(all[..expected.len()], forward(&mut model, &tokens[565..566]));
        }
        let mut model = by_tensors(&path);
        let expected = logits(&mut model, &tokens, &[]);
        for (kept, pieces) in [(0, &[1, 128, 7, 300][..]), (571, &[])] {
            model.truncate(kept);
            let found = logits(&mut model, &tokens[kept..], pieces);
            close(&found, &expected, 1e-2, &format!("{kind:?} tensors from {kept}"));
        }
    }
}

#[test]
fn a_stop_leaves_the_cache_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = on_cpu(&tiny_file(GgmlDType::Q8_0, folder.path()), InstructionSet::best());
    let tokens = prompt(90);
    let expected = logits(&mut model, &tokens, &[]);
    model.truncate(60);
    let stop = StopFlag::new();
    stop.stop();
    assert!(model.forward(&tokens[60..], 1, &stop).unwrap().is_none());
    assert_eq!((model.cached(), forward(&mut model, &tokens[60..])), (60, expected));
}

#[test]
fn what_does_not_fit_the_context_is_refused_and_harms_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = on_cpu(&tiny_file(GgmlDType::Q8_0, folder.path()), InstructionSet::best());
    let tokens = prompt(tiny::CONTEXT + 1);
    let refused = |model: &mut Decoder<Cpu>, tokens: &[u32]| {
        assert_eq!(model.forward(tokens, 1, &StopFlag::new()).unwrap_err().code(), "too-long");
    };
    refused(&mut model, &tokens);
    refused(&mut model, &[]);
    assert_eq!(model.cached(), 0);
    forward(&mut model, &tokens[1..]);
    refused(&mut model, &[1]);
    assert_eq!(model.cached(), tiny::CONTEXT);
}

/// Every family, against the logits of llama.cpp on the same file (tests/golden/make_families.py).
#[test]
fn logits_are_those_of_llama_cpp() {
    let folder = Path::new("tests/golden/families");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|e| {
            e.unwrap().file_name().into_string().unwrap().strip_suffix(".gguf").map(str::to_owned)
        })
        .collect();
    names.sort();
    assert!(names.len() >= 15, "{names:?}");
    let mut failed = Vec::new();
    for name in names {
        let golden = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
        let golden: serde_json::Value = serde_json::from_str(&golden).unwrap();
        let numbers = |value: &serde_json::Value| -> Vec<f64> {
            value.as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect()
        };
        let tokens: Vec<u32> = numbers(&golden["tokens"]).into_iter().map(|t| t as u32).collect();
        let path = folder.join(format!("{name}.gguf"));
        let mut cpu = on_cpu(&path, InstructionSet::best());
        let mut tensors = by_tensors(&path);
        for (position, expected) in
            numbers(&golden["positions"]).into_iter().zip(golden["logits"].as_array().unwrap())
        {
            let expected: Vec<f32> = numbers(expected).into_iter().map(|x| x as f32).collect();
            let tokens = &tokens[..=position as usize];
            cpu.truncate(0);
            tensors.truncate(0);
            let spread = expected.iter().fold(0f32, |m, x| m.max(x.abs()));
            for (what, found) in
                [("kernels", forward(&mut cpu, tokens)), ("tensors", forward(&mut tensors, tokens))]
            {
                let worst = found.iter().zip(&expected).fold(0f32, |m, (x, y)| m.max((x - y).abs()));
                if worst.is_nan() || worst > 3e-3 * spread {
                    failed.push(format!("{name} {what} at {position}: {worst} of {spread}"));
                }
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn unknown_ways_of_stretching_positions_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let text = |s: &str| Value::String(s.to_owned());
    let path = tiny::Tiny::new().with("llama.rope.scaling.type", text("spiral")).write(folder.path());
    let mut gguf = Gguf::open(&path).unwrap();
    assert_eq!(Shape::read(&mut gguf).unwrap_err().code(), "model-unsupported");
}
