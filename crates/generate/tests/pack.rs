//! The real model of the pack: sense, determinism, streaming, and reuse of what was read before.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod support;

use citadel_core::{FinishReason, GenerationRequest, Generator, Sampling};
use citadel_generate::{CandleGenerator, DevicePreference};
use support::{generate, pack, request, system_and_user, user};

#[test]
fn it_writes_sense_and_the_same_sense_again() {
    let Some(files) = pack() else { return };
    let mut model = CandleGenerator::load(&files, DevicePreference::Cpu).unwrap();
    assert!(model.context_length() >= 2048);
    // llama.cpp, too, ends the turn right after the name.
    let messages = user("What is the capital of France?");
    let request = GenerationRequest { prefill: "The capital of France is", ..request(&messages, 12) };
    let first = generate(&mut model, &request);
    assert!(first.text.starts_with(" Paris"), "{:?}", first.text);
    assert_eq!(first.finish, FinishReason::EndOfTurn);
    let again = generate(&mut model, &request);
    assert_eq!((first.text, first.finish), (again.text, again.finish));
}

#[test]
fn drawn_text_is_seeded() {
    let Some(files) = pack() else { return };
    let mut model = CandleGenerator::load(&files, DevicePreference::Cpu).unwrap();
    let messages = user("Tell me a story about a lighthouse.");
    let mut drawn = |seed| {
        let sampling = Sampling::TopP { temperature: 0.8, top_p: 0.95, seed };
        generate(&mut model, &GenerationRequest { sampling, ..request(&messages, 6) }).text
    };
    let first = drawn(1);
    assert_eq!(first, drawn(1));
    assert_ne!(first, drawn(2));
}

/// The rules are the same for each question, so their part of the cache is kept: what is written must not differ by a
/// letter from what a model writes that has just been loaded.
#[test]
fn a_kept_prefix_changes_nothing() {
    let Some(files) = pack() else { return };
    let rules =
        "Answer only from the numbered sources, cite each of them, and say so where they are silent. "
            .repeat(8);
    let questions = [
        "Name three rivers of Europe.",
        "Name three rivers of Europe and Asia.",
        "",
        "Why is glass brittle?",
    ];
    let mut warm = CandleGenerator::load(&files, DevicePreference::Cpu).unwrap();
    for question in questions {
        let messages = system_and_user(&rules, question);
        let request = request(&messages, 6);
        let kept = generate(&mut warm, &request);
        let mut cold = CandleGenerator::load(&files, DevicePreference::Cpu).unwrap();
        let fresh = generate(&mut cold, &request);
        assert_eq!((kept.text, kept.prompt_tokens), (fresh.text, fresh.prompt_tokens), "{question}");
        assert!(kept.prompt_tokens > 150);
    }
}

/// The perplexity over a fixed text is that of llama.cpp on the same file (tests/golden/make_perplexity.py).
#[test]
fn it_is_as_surprised_as_in_llama_cpp() {
    let Some(files) = pack() else { return };
    let golden = std::fs::read_to_string("tests/golden/perplexity.json").unwrap();
    let golden: serde_json::Value = serde_json::from_str(&golden).unwrap();
    let path = std::path::Path::new("../..").join(golden["text"].as_str().unwrap());
    let characters = golden["characters"].as_u64().unwrap() as usize;
    let text: String = std::fs::read_to_string(path).unwrap().chars().take(characters).collect();
    let mut model = CandleGenerator::load(&files, DevicePreference::Cpu).unwrap();
    assert_eq!(model.text_tokens(&text).unwrap().len() as u64, golden["tokens"].as_u64().unwrap());
    let found = (-model.mean_log_likelihood(&text).unwrap()).exp();
    let expected = (-golden["mean_log_likelihood"].as_f64().unwrap()).exp();
    println!("perplexity {found:.4}, llama.cpp's {expected:.4}");
    assert!((found / expected - 1.0).abs() < 0.01, "{found} instead of {expected}");
}
