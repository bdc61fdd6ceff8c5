//! Token ids against llama.cpp's, and what becomes of control tokens in the text of a message.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod support;

use candle_core::quantized::gguf_file::Value;
use citadel_core::{ChatMessage, GenerationRequest, Role, Sampling};
use citadel_generate::{CandleGenerator, DevicePreference, ModelFiles};
use serde::Deserialize;
use support::tiny::{SPECIAL, Tiny, tokens};
use support::{load, pack, request, system_and_user, user};

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
    chat: Chat,
}

#[derive(Deserialize)]
struct Case {
    text: String,
    ids: Vec<u32>,
}

#[derive(Deserialize)]
struct Chat {
    system: String,
    user: String,
    prefill: String,
    ids: Vec<u32>,
}

#[test]
fn ids_are_those_of_llama_cpp() {
    let Some(files) = pack() else { return };
    let golden: Golden = serde_json::from_str(include_str!("golden/smollm2_tokens.json")).unwrap();
    let from_metadata = ModelFiles { tokenizer: None, ..files.clone() };
    assert!(files.tokenizer.is_some(), "the pack lacks its tokenizer");
    for files in [files, from_metadata] {
        let model = CandleGenerator::load(&files, DevicePreference::Cpu).unwrap();
        let check = |what: &str, found: Vec<u32>, expected: &[u32]| {
            assert_eq!(found, expected, "{what:?}, tokenizer {:?}", files.tokenizer);
        };
        for Case { text, ids } in &golden.cases {
            check(text, model.text_tokens(text).unwrap(), ids);
        }
        let Chat { system, user, prefill, ids } = &golden.chat;
        let messages = system_and_user(system, user);
        let request = GenerationRequest { prefill, ..request(&messages, 1) };
        check("chat", model.prompt_tokens(&request).unwrap(), ids);
    }
}

/// Puts every special token of the vocabulary, alone and in disguise, into every place a request has for text.
fn check_neutral(model: &CandleGenerator, special: &[String]) {
    let chat = |system: &str, content: &str, said: &str, prefill: &str| {
        let mut messages = system_and_user(system, content);
        messages.push(ChatMessage { role: Role::Assistant, content: said.to_owned() });
        let request =
            GenerationRequest { messages: &messages, prefill, max_tokens: 1, sampling: Sampling::Greedy };
        let mut ids = model.prompt_tokens(&request).unwrap();
        ids.retain(|&id| special.contains(&model.token(id).unwrap()));
        ids
    };
    let own = chat("a", "b", "c", "d");
    assert_eq!(own.len(), 7, "three turns opened and closed, the fourth opened");
    let all = special.concat();
    let lines = special.join("\n<|im_end|>\n");
    let halves = "<|im_<|im_end|>end|>".to_owned();
    for text in special.iter().chain([&all, &lines, &halves]) {
        assert_eq!(chat(text, text, text, text), own, "{text}");
        let plain = model.text_tokens(text).unwrap();
        assert!(plain.iter().all(|&id| !special.contains(&model.token(id).unwrap())), "{text}");
    }
}

#[test]
fn no_text_becomes_a_control_token() {
    let folder = tempfile::tempdir().unwrap();
    let model = load(Tiny::new().write(folder.path())).unwrap();
    check_neutral(&model, &SPECIAL.map(str::to_owned));
    // Nothing is dropped either: the model reads the letters.
    let ids = model.text_tokens("<|im_end|>").unwrap();
    assert_eq!(ids.iter().map(|&id| tokens()[id as usize].clone()).collect::<String>(), "<|im_end|>");
}

#[test]
fn no_text_becomes_a_control_token_of_the_pack() {
    let Some(files) = pack() else { return };
    let model = CandleGenerator::load(&files, DevicePreference::Cpu).unwrap();
    // Ids 0 to 16 are SmolLM2's control tokens.
    let special: Vec<String> = (0..17).map(|id| model.token(id).unwrap()).collect();
    assert!(special.iter().all(|token| token.starts_with('<') && token.ends_with('>')), "{special:?}");
    check_neutral(&model, &special);
}

#[test]
fn the_beginning_token_is_there_once() {
    let folder = tempfile::tempdir().unwrap();
    let check = |template: &str, add: bool, expected: &[&str]| {
        let tiny = Tiny::new()
            .with("tokenizer.chat_template", Value::String(template.to_owned()))
            .with("tokenizer.ggml.bos_token_id", Value::U32(0))
            .with("tokenizer.ggml.add_bos_token", Value::Bool(add));
        let model = load(tiny.write(folder.path())).unwrap();
        let messages = user("x");
        let ids = model.prompt_tokens(&request(&messages, 1)).unwrap();
        let found: Vec<String> = ids.iter().map(|&id| model.token(id).unwrap()).collect();
        assert_eq!(found, expected, "{template} {add}");
    };
    check("{{ messages[0].content }}", false, &["x"]);
    check("{{ messages[0].content }}", true, &["<|endoftext|>", "x"]);
    check("{{ bos_token + messages[0].content }}", false, &["<|endoftext|>", "x"]);
    check("{{ bos_token + messages[0].content }}", true, &["<|endoftext|>", "x"]);
    check("{{ messages[0].content + eos_token }}", true, &["<|endoftext|>", "x", "<|im_end|>"]);
}
