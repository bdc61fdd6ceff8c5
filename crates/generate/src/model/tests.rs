#![allow(clippy::unwrap_used, reason = "tests")]

use candle_core::quantized::GgmlDType;
use candle_core::quantized::gguf_file::Content;
use candle_transformers::models::quantized_llama::ModelWeights;

use super::*;
use crate::tiny;

fn load(path: &std::path::Path) -> Llama {
    let mut gguf = Gguf::open(path).unwrap();
    let sizes = Sizes::read(&gguf).unwrap();
    Llama::load(&mut gguf, sizes, &Device::Cpu).unwrap()
}

fn tiny_model(kind: GgmlDType, folder: &std::path::Path) -> Llama {
    let mut tiny = tiny::Tiny::new();
    tiny.quantized = kind;
    load(&tiny.write(folder))
}

/// The logits after `tokens`, read in pieces of the lengths given and the rest at once.
fn logits(model: &mut Llama, tokens: &[u32], pieces: &[usize]) -> Vec<f32> {
    let mut rest = tokens;
    for &piece in pieces {
        let (now, later) = rest.split_at(piece);
        model.forward(now).unwrap();
        rest = later;
    }
    model.forward(rest).unwrap().to_vec1().unwrap()
}

fn prompt(length: usize) -> Vec<u32> {
    let mut random = tiny::Random(9);
    (0..length).map(|_| random.below(tiny::tokens().len()) as u32).collect()
}

/// Asserts that two sets of logits differ by less than `tolerance` of their spread.
fn close(a: &[f32], b: &[f32], tolerance: f32, what: &str) {
    assert_eq!(a.len(), b.len());
    let spread = a.iter().fold(0f32, |m, x| m.max(x.abs()));
    let worst = a.iter().zip(b).fold(0f32, |m, (x, y)| m.max((x - y).abs()));
    assert!(worst <= tolerance * spread, "{what}: {worst} of {spread}");
}

#[test]
fn logits_are_those_of_the_stock_decoder() {
    let folder = tempfile::tempdir().unwrap();
    let tokens = prompt(40);
    for kind in [GgmlDType::F32, GgmlDType::F16, GgmlDType::Q8_0, GgmlDType::Q4_0] {
        let mut own = tiny_model(kind, folder.path());
        let mut file = std::fs::File::open(folder.path().join("tiny.gguf")).unwrap();
        let content = Content::read(&mut file).unwrap();
        let mut stock = ModelWeights::from_gguf(content, &mut file, &Device::Cpu).unwrap();
        let (read, written) = tokens.split_at(30);
        let input = Tensor::new(read, &Device::Cpu).unwrap().unsqueeze(0).unwrap();
        let expected: Vec<f32> = stock.forward(&input, 0).unwrap().squeeze(0).unwrap().to_vec1().unwrap();
        close(&logits(&mut own, read, &[]), &expected, 1e-2, &format!("{kind:?} prefill"));
        for (i, &token) in written.iter().enumerate() {
            let input = Tensor::new(&[[token]], &Device::Cpu).unwrap();
            let expected: Vec<f32> =
                stock.forward(&input, 30 + i).unwrap().squeeze(0).unwrap().to_vec1().unwrap();
            close(&logits(&mut own, &[token], &[]), &expected, 1e-2, &format!("{kind:?} token {i}"));
        }
    }
}

#[test]
fn pieces_kernels_and_a_cache_cut_back_give_the_same_logits() {
    let folder = tempfile::tempdir().unwrap();
    // Longer than one step of the cache, so that it has to grow.
    let tokens = prompt(CACHE_STEP + 60);
    for kind in [GgmlDType::F32, GgmlDType::Q8_0] {
        let mut model = tiny_model(kind, folder.path());
        let expected = logits(&mut model, &tokens, &[]);
        let mut check = |what: &str, attention, kept: usize, pieces: &[usize]| {
            model.attention = attention;
            model.truncate(kept);
            assert_eq!(model.cached(), kept);
            close(&logits(&mut model, &tokens[kept..], pieces), &expected, 1e-2, &format!("{kind:?} {what}"));
        };
        check("in pieces", Attention::Flash, 0, &[1, 128, 7, 300]);
        check("token by token at the end", Attention::Flash, 0, &[560, 1, 1, 1, 1, 1]);
        check("from a prefix", Attention::Flash, 200, &[]);
        check("from all but one", Attention::Flash, tokens.len() - 1, &[]);
        check("portable", Attention::Portable, 0, &[]);
        check("portable in pieces", Attention::Portable, 0, &[1, 128, 7, 300]);
        check("portable from a prefix", Attention::Portable, 571, &[]);
    }
}

#[test]
fn rope_factors_of_the_file_are_used() {
    let folder = tempfile::tempdir().unwrap();
    let tokens = prompt(50);
    let plain = logits(&mut tiny_model(GgmlDType::F32, folder.path()), &tokens, &[]);
    let with = |factor: f32| {
        let mut tiny = tiny::Tiny::new();
        tiny.quantized = GgmlDType::F32;
        let factors = Tensor::full(factor, 8, &Device::Cpu).unwrap();
        tiny.tensors.push(("rope_freqs.weight".to_owned(), factors));
        logits(&mut load(&tiny.write(folder.path())), &tokens, &[])
    };
    assert_eq!(with(1.0), plain);
    assert_ne!(with(4.0), plain);
    // Dividing all frequencies by 4 is what linear scaling by 4 does.
    let mut tiny = tiny::Tiny::new()
        .with(
            "llama.rope.scaling.type",
            candle_core::quantized::gguf_file::Value::String("linear".to_owned()),
        )
        .with("llama.rope.scaling.factor", candle_core::quantized::gguf_file::Value::F32(4.0));
    tiny.quantized = GgmlDType::F32;
    assert_eq!(logits(&mut load(&tiny.write(folder.path())), &tokens, &[]), with(4.0));
}

#[test]
fn what_does_not_fit_the_context_is_refused_and_harms_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = tiny_model(GgmlDType::Q8_0, folder.path());
    let tokens = prompt(tiny::CONTEXT + 1);
    for bad in [&tokens[..], &[]] {
        assert_eq!(model.forward(bad).unwrap_err().code(), "too-long");
    }
    assert_eq!(model.cached(), 0);
    model.forward(&tokens[1..]).unwrap();
    assert_eq!(model.forward(&[1]).unwrap_err().code(), "too-long");
    assert_eq!(model.cached(), tiny::CONTEXT);
}
