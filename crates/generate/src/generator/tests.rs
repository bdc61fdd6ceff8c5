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
