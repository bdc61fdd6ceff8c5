//! The language models of a pack as a window shows them, and how fast one works here.

use std::path::Path;
use std::time::Instant;

use citadel_core::{ChatMessage, GenerationRequest, Role, Sampling, StopFlag};
use citadel_generate::DevicePreference;
use serde::Serialize;

use crate::EngineError;
use crate::models::{ModelPack, ModelRole};
use crate::vault::lock;

/// A language model of the pack.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct ModelCard {
    /// Its name in the pack.
    pub name: String,
    /// Its file.
    pub file: String,
    /// The file's size.
    pub bytes: u64,
    /// SPDX name of its licence; "unknown" for models that the user added.
    pub licence: String,
    /// Where it came from.
    pub source: String,
    /// As GGUF names it, such as "llama".
    pub architecture: Option<String>,
    /// The type of its matrices, such as "Q8_0".
    pub quantisation: Option<String>,
    /// Prompt and answer together in tokens.
    pub context_length: Option<usize>,
    /// Bytes of memory that running it takes at most; `None` where that is not known.
    pub memory: Option<u64>,
    /// Whether so much is free now.
    pub fits: Option<bool>,
    /// Why it would not be run.
    pub problem: Option<String>,
    /// Whether it answers.
    pub in_use: bool,
    /// Whether the user added it.
    pub added: bool,
}

/// How fast a language model works on this machine.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ModelSpeed {
    /// Tokens that were read.
    pub prompt_tokens: usize,
    /// Reading.
    pub prompt_tokens_per_second: f64,
    /// Tokens that were written.
    pub written_tokens: usize,
    /// Writing.
    pub written_tokens_per_second: f64,
    /// From the file to the first token read, the file's hash included.
    pub load_seconds: f64,
    /// `cpu`, `cuda:0` or `metal`.
    pub device: String,
}

/// The language models of the pack in that folder.
pub fn language_models(models: &Path) -> Result<Vec<ModelCard>, EngineError> {
    let pack = ModelPack::open(models)?;
    let in_use = pack.generator(None).ok().map(|entry| entry.name.clone());
    let generators = pack.entries().iter().filter(|entry| entry.role == ModelRole::Generator);
    let card = |entry: &crate::models::ModelEntry| {
        let (memory, problem) = match pack.memory(entry) {
            Some(Ok(need)) => (Some(need), None),
            Some(Err(error)) => (None, Some(error.to_string())),
            None => (None, None),
        };
        ModelCard {
            name: entry.name.clone(),
            file: entry.file.clone(),
            bytes: entry.bytes,
            licence: entry.licence.clone(),
            source: entry.source.clone(),
            architecture: entry.architecture.clone(),
            quantisation: entry.quantisation.clone(),
            context_length: entry.context_length,
            memory: memory.as_ref().map(|need| need.needed),
            fits: memory.as_ref().map(|need| need.fits),
            problem,
            in_use: in_use.as_ref() == Some(&entry.name),
            added: pack.is_added(entry),
        }
    };
    Ok(generators.map(card).collect())
}

/// Tokens that are written when a model is measured.
const WRITTEN: usize = 64;

impl ModelSpeed {
    /// Loads a model of the pack beside the one in use, lets it read the answers' instructions a few times over and
    /// write, and measures both.
    pub fn measure(
        models: &Path,
        name: &str,
        device: DevicePreference,
        stop: &StopFlag,
    ) -> Result<Self, EngineError> {
        let begun = Instant::now();
        let loaded = crate::load::generator(models, Some(name), device)?;
        let load_seconds = begun.elapsed().as_secs_f64();
        let mut generator = lock(&loaded.generator);
        let text = crate::prompt::ANSWER.repeat(3);
        let request = GenerationRequest {
            messages: &[ChatMessage { role: Role::User, content: text }],
            prefill: "",
            max_tokens: WRITTEN,
            sampling: Sampling::Greedy,
        };
        let done = generator.generate(&request, stop, &mut |_| true)?;
        let rate = |tokens: usize, seconds: f64| if seconds > 0.0 { tokens as f64 / seconds } else { 0.0 };
        Ok(Self {
            prompt_tokens: done.prompt_tokens,
            prompt_tokens_per_second: rate(done.prompt_tokens, done.prefill_time.as_secs_f64()),
            written_tokens: done.generated_tokens,
            written_tokens_per_second: rate(done.generated_tokens, done.decode_time.as_secs_f64()),
            load_seconds,
            device: generator.device().to_owned(),
        })
    }
}
