#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::tiny;

/// The logits after `prompt`, bit by bit.
fn read(model: &mut CandleGenerator, prompt: &[u32]) -> Vec<u32> {
    let logits = model.read_prompt(prompt, &StopFlag::new()).unwrap().unwrap();
    logits.into_iter().map(f32::to_bits).collect()
}

#[test]
fn what_was_read_is_kept_and_gives_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let gguf = tiny::Tiny::new().write(folder.path());
    let files = ModelFiles { name: "tiny".to_owned(), gguf, tokenizer: None, sha256: String::new() };
    let load = || CandleGenerator::load(&files, DevicePreference::Cpu).unwrap();
    let mut random = tiny::Random(3);
    let mut tokens = |n: usize| -> Vec<u32> { (0..n).map(|_| 4 + random.below(256) as u32).collect() };
    let (shared, other) = (tokens(300), tokens(300));
    let mut warm = load();
    let mut check = |prompt: &[u32], kept: usize| {
        assert_eq!(warm.read.iter().zip(prompt).take_while(|(a, b)| a == b).count(), kept);
        let bits = read(&mut warm, prompt);
        assert_eq!(bits, read(&mut load(), prompt), "{}", prompt.len());
        assert_eq!(warm.read, prompt);
        assert_eq!(warm.model.cached(), prompt.len());
        // What is written afterwards must not be taken for a part of the prompt.
        warm.model.forward(&[5], 1, &StopFlag::new()).unwrap();
    };
    check(&shared, 0);
    check(&shared, 300);
    check(&[&shared[..200], &other[..150]].concat(), 200);
    check(&shared[..256], 200);
    check(&shared[..255], 255);
    check(&shared[..1], 1);
    check(&other, 0);
}

#[test]
fn a_stop_while_the_prompt_is_read_leaves_a_sound_cache() {
    let folder = tempfile::tempdir().unwrap();
    let gguf = tiny::Tiny::new().write(folder.path());
    let files = ModelFiles { name: "tiny".to_owned(), gguf, tokenizer: None, sha256: String::new() };
    let mut model = CandleGenerator::load(&files, DevicePreference::Cpu).unwrap();
    let prompt: Vec<u32> = (0..400).map(|i| 4 + i % 200).collect();
    let expected = read(&mut model, &prompt);
    let stop = StopFlag::new();
    stop.stop();
    let other: Vec<u32> = prompt.iter().rev().copied().collect();
    assert!(model.read_prompt(&other, &stop).unwrap().is_none());
    assert_eq!(read(&mut model, &prompt), expected);
}

/// Drafts change nothing but the time: token for token what is written one by one.
#[test]
fn drafts_are_verified() {
    let folder = tempfile::tempdir().unwrap();
    let gguf = tiny::Tiny::new().write(folder.path());
    let files = ModelFiles { name: "tiny".to_owned(), gguf, tokenizer: None, sha256: String::new() };
    let mut model = CandleGenerator::load(&files, DevicePreference::Cpu).unwrap();
    let drawn = |seed| citadel_core::Sampling::TopP { temperature: 0.7, top_p: 0.9, seed };
    let mut looped = 0;
    for (question, sampling) in [
        ("hello hello hello hello", citadel_core::Sampling::Greedy),
        ("abc abd abc abe abc", citadel_core::Sampling::Greedy),
        ("hello there", drawn(1)),
        ("abc abc abc", drawn(2)),
    ] {
        let messages = [ChatMessage { role: Role::User, content: question.to_owned() }];
        for max_tokens in [1, 2, 7, 60] {
            let request = GenerationRequest { messages: &messages, prefill: "", max_tokens, sampling };
            let prompt = model.prompt_tokens(&request).unwrap();
            let stop = StopFlag::new();
            let (mut sampler, mut expected) = (Sampler::new(sampling).unwrap(), Vec::new());
            let mut logits = model.read_prompt(&prompt, &stop).unwrap().unwrap();
            while expected.len() < max_tokens {
                let token = sampler.choose(&logits, 0).unwrap();
                if model.vocabulary.is_control(token) {
                    break;
                }
                expected.push(token);
                logits = model.model.forward(&[token], 1, &stop).unwrap().unwrap();
            }
            model.model.truncate(prompt.len());
            let generation = model.run(&request, &stop, &mut |_| true).unwrap();
            let mut decode = model.vocabulary.decoder();
            let expected_text: String = expected.iter().filter_map(|&token| decode(token).unwrap()).collect();
            assert_eq!(generation.text, expected_text, "{question}, {max_tokens} tokens, {sampling:?}");
            assert_eq!(generation.generated_tokens, expected.len());
            let text = [prompt, expected].concat();
            looped += usize::from((6..text.len()).any(|n| look_up(&text[..n], 6).first() == Some(&text[n])));
            assert!(model.read.len() >= text.len() - 1 && text.starts_with(&model.read));
        }
    }
    assert!(looped > 4, "drafts were hardly ever right: {looped}");
}

#[test]
fn drafts_are_what_followed_last() {
    let check = |text: &[u32], most: usize, expected: &[u32]| assert_eq!(look_up(text, most), expected);
    check(&[], 6, &[]);
    check(&[1, 2], 6, &[]);
    check(&[1, 2, 3, 1, 2], 6, &[3, 1, 2]);
    check(&[1, 2, 3, 1, 2], 2, &[3, 1]);
    check(&[1, 2, 3, 1, 2], 0, &[]);
    // Three tokens before two, the later place before the earlier.
    check(&[9, 1, 2, 5, 8, 1, 2, 6, 9, 1, 2], 1, &[5]);
    check(&[8, 1, 2, 5, 7, 1, 2, 6, 9, 1, 2], 1, &[6]);
    check(&[4, 4, 4], 6, &[4]);
}
