//! What every generator must do, the fake and the real one alike.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod support;

use citadel_core::fakes::FakeGenerator;
use citadel_core::{FinishReason, Generator, StopFlag};
use support::{generate, load, pack, request, system_and_user};

/// `g` must have at least three pieces to say each time.
fn contract(g: &mut dyn Generator) {
    assert!(!g.name().is_empty() && !g.device().is_empty() && g.context_length() > 100);
    assert_eq!(g.count_tokens("").unwrap(), 0);
    let (short, long) = (g.count_tokens("one").unwrap(), g.count_tokens("one two three").unwrap());
    assert!(0 < short && short < long, "{short} {long}");

    let messages = system_and_user("Answer at length.", "Tell me about the harbour of the old town.");
    // The text is what was pushed, and no longer than allowed.
    let free = generate(g, &request(&messages, 7));
    assert!(free.prompt_tokens > 0 && free.generated_tokens <= 7);
    assert!(free.finish == FinishReason::Length || free.generated_tokens < 7);
    let short = generate(g, &request(&messages, 2));
    assert_eq!((short.generated_tokens, short.finish), (2, FinishReason::Length));
    assert!(free.text.starts_with(&short.text), "{:?} {:?}", free.text, short.text);
    let none = generate(g, &request(&messages, 0));
    assert_eq!((none.text.as_str(), none.generated_tokens, none.finish), ("", 0, FinishReason::Length));

    // A flag that is raised before writes nothing; one raised at the first piece lets no second follow.
    let stop = StopFlag::new();
    stop.stop();
    let stopped =
        g.generate(&request(&messages, 7), &stop, &mut |_| panic!("pushed after the stop")).unwrap();
    assert_eq!((stopped.text.as_str(), stopped.finish), ("", FinishReason::Stopped));
    let (stop, mut pieces) = (StopFlag::new(), Vec::new());
    let stopped = g
        .generate(&request(&messages, 7), &stop, &mut |piece| {
            pieces.push(piece.to_owned());
            stop.stop();
            true
        })
        .unwrap();
    assert_eq!((pieces.len(), stopped.finish), (1, FinishReason::Stopped));
    assert_eq!(pieces.concat(), stopped.text);

    // A receiver that wants no more gets no more.
    let mut count = 0;
    let ended = g
        .generate(&request(&messages, 7), &StopFlag::new(), &mut |_| {
            count += 1;
            false
        })
        .unwrap();
    assert_eq!((count, ended.finish), (1, FinishReason::Stopped));

    // Nothing of all that is left behind.
    let again = generate(g, &request(&messages, 7));
    assert_eq!((again.text, again.finish), (free.text, free.finish));
}

#[test]
fn the_fake_keeps_the_contract() {
    contract(&mut FakeGenerator::new(["the old town has a harbour"; 8]));
}

#[test]
fn the_tiny_model_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    contract(&mut load(support::tiny::Tiny::new().write(folder.path())).unwrap());
}

#[test]
fn the_model_of_the_pack_keeps_the_contract() {
    let Some(files) = pack() else { return };
    contract(&mut citadel_generate::CandleGenerator::load(&files, Default::default()).unwrap());
}
