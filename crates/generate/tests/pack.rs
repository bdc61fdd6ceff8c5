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
    let mut check = |content: &str, prefill: &str, words: &str| {
        let messages = user(content);
        let request = GenerationRequest { prefill, ..request(&messages, 40) };
        let first = generate(&mut model, &request);
        assert!(first.text.contains(words), "{content}: {:?}", first.text);
        let again = generate(&mut model, &request);
        assert_eq!((first.text, first.finish), (again.text, again.finish), "{content}");
        first.finish
    };
    check("What is the capital of France?", "", "Paris");
    check("What is the capital of France?", "The capital of France is", " Paris");
    let finish = check("Reply with one word: what colour is the sky on a clear day?", "", "lue");
    assert_eq!(finish, FinishReason::EndOfTurn);
    // Characters of several tokens are streamed whole.
    check(
        "Repeat exactly: \u{1f600}\u{1f680}\u{1f389}",
        "Sure: \u{1f600}\u{1f680}\u{1f389}\u{1f600}\u{1f680}",
        "\u{1f389}",
    );
}

#[test]
fn drawn_text_is_seeded() {
    let Some(files) = pack() else { return };
    let mut model = CandleGenerator::load(&files, DevicePreference::Cpu).unwrap();
    let messages = user("Tell me a story about a lighthouse.");
    let mut drawn = |seed| {
        let sampling = Sampling::TopP { temperature: 0.8, top_p: 0.95, seed };
        generate(&mut model, &GenerationRequest { sampling, ..request(&messages, 16) }).text
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
            .repeat(12);
    let questions = [
        "Name three rivers of Europe.",
        "Name three rivers of Europe and Asia.",
        "",
        "Why is glass brittle?",
    ];
    let mut warm = CandleGenerator::load(&files, DevicePreference::Cpu).unwrap();
    for question in questions {
        let messages = system_and_user(&rules, question);
        let request = request(&messages, 24);
        let kept = generate(&mut warm, &request);
        let mut cold = CandleGenerator::load(&files, DevicePreference::Cpu).unwrap();
        let fresh = generate(&mut cold, &request);
        assert_eq!((kept.text, kept.prompt_tokens), (fresh.text, fresh.prompt_tokens), "{question}");
        assert!(kept.prompt_tokens > 200);
    }
}
