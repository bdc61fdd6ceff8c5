//! What the tests share.
#![allow(dead_code, reason = "each test binary uses its part")]

pub mod tiny;

use std::path::PathBuf;

use citadel_core::{
    ChatMessage, FinishReason, Generation, GenerationRequest, Generator, Role, Sampling, StopFlag,
};
use citadel_generate::{CandleGenerator, DevicePreference, GenerateError, ModelFiles};

/// The language model of the pack: `CITADEL_MODELS`, else the user's data folder. Prints and gives `None` when absent.
pub fn pack() -> Option<ModelFiles> {
    let data = || {
        let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/share"));
        std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).or_else(home)
    };
    let folder = std::env::var_os("CITADEL_MODELS")
        .map(PathBuf::from)
        .or_else(|| Some(data()?.join("citadel/models")))
        .unwrap_or_default();
    let gguf = folder.join("SmolLM2-135M-Instruct-Q8_0.gguf");
    if !gguf.is_file() {
        println!("skipped: the model pack is not there");
        return None;
    }
    let tokenizer = folder.join("SmolLM2-135M-Instruct-Q8_0.tokenizer.json");
    let tokenizer = tokenizer.is_file().then_some(tokenizer);
    Some(ModelFiles { name: "SmolLM2-135M-Instruct".to_owned(), gguf, tokenizer, sha256: String::new() })
}

pub fn load(gguf: PathBuf) -> Result<CandleGenerator, GenerateError> {
    let files = ModelFiles { name: "tiny".to_owned(), gguf, tokenizer: None, sha256: String::new() };
    CandleGenerator::load(&files, DevicePreference::Cpu)
}

pub fn user(content: &str) -> Vec<ChatMessage> {
    vec![ChatMessage { role: Role::User, content: content.to_owned() }]
}

pub fn system_and_user(system: &str, content: &str) -> Vec<ChatMessage> {
    let mut messages = vec![ChatMessage { role: Role::System, content: system.to_owned() }];
    messages.extend(user(content));
    messages
}

pub fn request<'a>(messages: &'a [ChatMessage], max_tokens: usize) -> GenerationRequest<'a> {
    GenerationRequest { messages, prefill: "", max_tokens, sampling: Sampling::Greedy }
}

/// Generates, asserting that the pieces pushed are the text returned.
pub fn generate(g: &mut dyn Generator, request: &GenerationRequest<'_>) -> Generation {
    let mut pushed = String::new();
    let generation = g
        .generate(request, &StopFlag::new(), &mut |piece| {
            assert!(!piece.is_empty());
            pushed.push_str(piece);
            true
        })
        .unwrap();
    assert_eq!(pushed, generation.text);
    assert_ne!(generation.finish, FinishReason::Stopped);
    generation
}
