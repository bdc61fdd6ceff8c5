//! Model files that are damaged, altered, foreign or too large: each a clear error, none a panic.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod support;

use std::path::PathBuf;

use candle_core::quantized::GgmlDType;
use candle_core::quantized::gguf_file::Value;
use candle_core::{Device, Tensor};
use citadel_core::{Generator, ModelError, Sampling, StopFlag};
use citadel_generate::{CandleGenerator, DevicePreference, GenerateError, ModelFiles};
use support::tiny::{CONTEXT, Random, Tiny};
use support::{generate, load, request, system_and_user, user};

fn text(s: &str) -> Value {
    Value::String(s.to_owned())
}

fn refused(path: PathBuf) -> GenerateError {
    load(path).err().expect("the model must be refused")
}

#[test]
fn models_that_would_be_run_wrongly_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let check = |tiny: Tiny, code: &str, words: &str| {
        let error = refused(tiny.write(folder.path()));
        let message = error.to_string();
        assert_eq!(error.code(), code, "{message}");
        assert!(message.contains(words) && message.contains("tiny"), "{message}");
    };
    let tiny = Tiny::new;
    let arch = |name: &str| tiny().with("general.architecture", text(name));
    check(arch("mamba"), "model-unsupported", "\"mamba\"");
    check(tiny().without("general.architecture"), "model-damaged", "architecture");
    check(tiny().with("llama.expert_count", Value::U32(8)), "model-unsupported", "mixture of experts");
    check(tiny().with("llama.rope.scaling.type", text("spiral")), "model-unsupported", "\"spiral\"");
    check(tiny().with("llama.rope.scaling.type", text("yarn")), "model-damaged", "no original context");
    check(tiny().with("llama.rope.scaling.factor", Value::F32(-2.0)), "model-damaged", "factor is -2");
    check(tiny().with("llama.rope.dimension_count", Value::U32(7)), "model-damaged", "dimension_count is 7");
    check(tiny().with("llama.attention.key_length", Value::U32(32)), "model-damaged", "attn_q.weight");
    check(tiny().with("llama.attention.value_length", Value::U32(32)), "model-unsupported", "values");
    check(tiny().with("llama.final_logit_softcapping", Value::F32(30.0)), "model-unsupported", "softcapping");
    check(tiny().with("llama.block_count", Value::U32(3)), "model-damaged", "blk.2.");
    check(tiny().with("llama.block_count", Value::U32(1)), "model-unsupported", "blk.1.attn_k.weight");
    check(tiny().with("llama.block_count", Value::U64(u64::MAX)), "model-damaged", "block_count");
    check(tiny().with("llama.context_length", Value::U32(0)), "model-damaged", "context_length is 0");
    check(tiny().with("llama.attention.head_count", Value::U32(0)), "model-damaged", "head_count is 0");
    check(tiny().with("llama.attention.head_count", Value::U32(7)), "model-damaged", "7 attention heads");
    check(
        tiny().with("llama.rope.freq_base", Value::F32(f32::NAN)),
        "model-damaged",
        "rope.freq_base is NaN",
    );
    check(tiny().with("llama.feed_forward_length", text("wide")), "model-damaged", "feed_forward_length");
    check(tiny().without("blk.0.ffn_up.weight"), "model-damaged", "blk.0.ffn_up.weight");
    check(tiny().without("token_embd.weight"), "model-damaged", "token_embd.weight");
    let narrow =
        tiny().map("blk.1.attn_q.weight", |q| Tensor::zeros((32, 64), q.dtype(), q.device()).unwrap());
    check(narrow, "model-damaged", "[32, 64] instead of [64, 64]");
    let mut extra = tiny();
    extra.tensors.push((
        "blk.0.attn_sinks.weight".to_owned(),
        Tensor::zeros(64, candle_core::DType::F32, &Device::Cpu).unwrap(),
    ));
    check(extra, "model-unsupported", "blk.0.attn_sinks.weight");

    check(tiny().with("tokenizer.ggml.pre", text("viking")), "model-tokenizer", "\"viking\"");
    check(tiny().with("tokenizer.ggml.model", text("t5")), "model-tokenizer", "tokenizer.json");
    check(tiny().with("tokenizer.ggml.model", text("llama")), "model-tokenizer", "scores");
    let kinds = Value::Array(vec![Value::I32(1); 3]);
    check(tiny().with("tokenizer.ggml.token_type", kinds), "model-tokenizer", "3 token types");
    check(tiny().without("tokenizer.ggml.merges"), "model-tokenizer", "merges");
    check(tiny().without("tokenizer.chat_template"), "model-template", "carries none");
    check(tiny().with("tokenizer.chat_template", text("{% for")), "model-template", "syntax error");
}

#[test]
fn files_that_are_no_models_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let good = std::fs::read(Tiny::new().write(folder.path())).unwrap();
    let check = |bytes: &[u8]| {
        let path = folder.path().join("bad.gguf");
        std::fs::write(&path, bytes).unwrap();
        let error = refused(path);
        assert_eq!(error.code(), "model-damaged", "{} bytes: {error}", bytes.len());
        assert!(error.to_string().contains("bad.gguf"), "{error}");
    };
    check(b"");
    check(b"GG");
    check(b"PK\x03\x04 this is a zip archive, not a model");
    for length in [4, 8, 16, 24, 100, good.len() / 4, good.len() / 2, good.len() - 40_000] {
        check(&good[..length]);
    }
    assert_eq!(refused(folder.path().join("absent.gguf")).code(), "model-unreadable");
    assert!(matches!(refused(folder.path().to_owned()).code(), "model-unreadable" | "model-damaged"));
}

/// Bytes of the header are changed at random: whatever comes of it, it is a result and not a panic.
#[test]
fn altered_headers_never_panic() {
    let folder = tempfile::tempdir().unwrap();
    let good = std::fs::read(Tiny::new().write(folder.path())).unwrap();
    let path = folder.path().join("altered.gguf");
    let mut random = Random(1);
    let (mut loaded, mut refused) = (0, 0);
    for round in 0..200 {
        let mut bytes = good.clone();
        // Most of the file is weights; the header with metadata and shapes is its first few thousand bytes.
        for _ in 0..=round % 3 {
            let at = random.below(12_000);
            bytes[at] = [0, 0xff, random.below(256) as u8][random.below(3)];
        }
        std::fs::write(&path, &bytes).unwrap();
        match load(path.clone()) {
            Ok(mut model) => {
                loaded += 1;
                let _ = model.generate(&request(&user("hello"), 2), &StopFlag::new(), &mut |_| true);
            }
            Err(_) => refused += 1,
        }
    }
    assert!(loaded > 0 && refused > 0, "{loaded} {refused}: the alterations test nothing");
}

#[test]
fn a_tokenizer_that_is_not_the_models_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let gguf = Tiny::new().write(folder.path());
    let check = |json: Option<&str>, code: &str, words: &str| {
        let path = folder.path().join("tokenizer.json");
        match json {
            Some(json) => std::fs::write(&path, json).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
        let files = ModelFiles {
            name: "tiny".to_owned(),
            gguf: gguf.clone(),
            tokenizer: Some(path),
            sha256: String::new(),
        };
        let error = CandleGenerator::load(&files, DevicePreference::Cpu).err().unwrap();
        let message = error.to_string();
        assert_eq!(error.code(), code, "{message}");
        assert!(message.contains(words) && message.contains("tokenizer.json"), "{message}");
    };
    let bpe = |vocabulary: &str| {
        format!(
            r#"{{"version":"1.0","added_tokens":[],"model":{{"type":"BPE","vocab":{vocabulary},"merges":[]}}}}"#
        )
    };
    check(Some("not json"), "model-tokenizer", "not valid JSON");
    check(Some(r#"{"model":{"type":"Oracle"}}"#), "model-tokenizer", "");
    check(Some(&bpe(r#"{"a":999999}"#)), "model-tokenizer", "token 999999");
    check(Some(&bpe(r#"{"z":4}"#)), "model-tokenizer", "token 4 is \"z\"");
    check(None, "model-unreadable", "");
}

#[test]
fn weights_that_give_no_numbers_are_an_error_at_the_seam() {
    let folder = tempfile::tempdir().unwrap();
    let nan = |t: &Tensor| (t * f64::NAN).unwrap();
    let mut tiny = Tiny::new().map("output_norm.weight", nan);
    tiny.quantized = GgmlDType::F32;
    let mut model = load(tiny.write(folder.path())).unwrap();
    let error = model.generate(&request(&user("hello"), 4), &StopFlag::new(), &mut |_| true).unwrap_err();
    assert!(
        matches!(&error, ModelError::Failed { model, reason } if model == "tiny" && reason.contains("not a number")),
        "{error}"
    );
}

#[test]
fn prompts_are_bounded_by_the_context() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = load(Tiny::new().write(folder.path())).unwrap();
    assert_eq!(model.context_length(), CONTEXT);
    // One letter is one token here, so the prompt's length can be set exactly.
    let empty = model.prompt_tokens(&request(&user(""), 1)).unwrap().len();
    let prompt = |n: usize| user(&"x".repeat(n - empty));
    let fits = generate(&mut model, &request(&prompt(CONTEXT - 1), 50));
    assert_eq!(
        (fits.prompt_tokens, fits.generated_tokens),
        (CONTEXT - 1, 2),
        "the last is written, not read"
    );
    let ends = generate(&mut model, &request(&prompt(CONTEXT - 5), 50));
    assert_eq!(ends.generated_tokens, 6);
    for length in [CONTEXT, CONTEXT + 100_000] {
        let error =
            model.generate(&request(&prompt(length), 1), &StopFlag::new(), &mut |_| true).unwrap_err();
        let as_told = matches!(&error, ModelError::TooLong { model, tokens, limit } if model == "tiny" && *tokens == length && *limit == CONTEXT - 1);
        assert!(as_told, "{error}");
    }
}

#[test]
fn bad_requests_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let template = "{% if messages[0].role == 'system' or '\n' in messages[0].content %}{{ raise_exception('no such roles') }}{% endif %}{{ messages[0].content }}";
    let mut model =
        load(Tiny::new().with("tokenizer.chat_template", text(template)).write(folder.path())).unwrap();
    let messages = system_and_user("Be short.", "Hello.");
    let error = model.generate(&request(&messages, 4), &StopFlag::new(), &mut |_| true).unwrap_err();
    assert!(error.to_string().contains("no such roles"), "{error}");
    let messages = user("hello");
    let sampling = Sampling::TopP { temperature: -1.0, top_p: 0.9, seed: 0 };
    let bad = citadel_core::GenerationRequest { sampling, ..request(&messages, 4) };
    let error = model.generate(&bad, &StopFlag::new(), &mut |_| true).unwrap_err();
    assert!(error.to_string().contains("temperature is -1"), "{error}");
    // The model is still good for the next request.
    assert!(generate(&mut model, &request(&messages, 4)).generated_tokens > 0);
}
