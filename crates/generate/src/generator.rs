use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use candle_core::Tensor;
use citadel_core::{FinishReason, Generation, GenerationRequest, Generator, ModelError, StopFlag};

use crate::device::{DevicePreference, choose};
use crate::gguf::Gguf;
use crate::model::{Llama, Sizes};
use crate::sampling::Sampler;
use crate::template::ChatTemplate;
use crate::vocabulary::{Piece, Vocabulary};
use crate::{GenerateError, memory};

/// Tokens of a prompt that are read at once; the stop flag is looked at in between.
const PREFILL_CHUNK: usize = 128;

/// The files of one model in the pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFiles {
    /// Its name in the pack, for answers and errors.
    pub name: String,
    /// The weights.
    pub gguf: PathBuf,
    /// The model's own `tokenizer.json`. Without it the tokenizer is made from the GGUF metadata, for the few models
    /// where that is known to give the right tokens.
    pub tokenizer: Option<PathBuf>,
    /// SHA-256 of the weights, in hexadecimal, as the manifest has it. Whoever reads the manifest verifies it.
    pub sha256: String,
}

/// A model of the Llama family in GGUF, run by candle.
pub struct CandleGenerator {
    files: ModelFiles,
    device_name: String,
    model: Llama,
    vocabulary: Vocabulary,
    template: ChatTemplate,
    /// The tokens at the beginning of the cache that were read in whole chunks. A later prompt that begins with them
    /// goes on from there, and computes to the last bit what a fresh run would.
    reusable: Vec<u32>,
}

impl CandleGenerator {
    /// Loads a model. Refuses what is damaged, what would be run wrongly and what does not fit the free memory.
    pub fn load(files: &ModelFiles, device: DevicePreference) -> Result<Self, GenerateError> {
        let mut gguf = Gguf::open(&files.gguf)?;
        let sizes = Sizes::read(&gguf)?;
        memory::check_fits(&files.gguf, gguf.bytes, sizes.cache_bytes(), memory::available())?;
        let vocabulary = Vocabulary::load(&gguf, files.tokenizer.as_deref(), sizes.vocabulary)?;
        let wrong = |reason: String| GenerateError::Template { model: files.name.clone(), reason };
        let source = gguf
            .string("tokenizer.chat_template")
            .ok_or_else(|| wrong("its file carries none; choose a model tuned for chat".to_owned()))?;
        let (bos, eos) = (vocabulary.spelling(&gguf, "bos"), vocabulary.spelling(&gguf, "eos"));
        let template = ChatTemplate::new(source, bos, eos).map_err(wrong)?;
        let (device, device_name) = choose(device);
        let model = Llama::load(&mut gguf, sizes, &device)?;
        let files = files.clone();
        Ok(Self { files, device_name, model, vocabulary, template, reusable: Vec::new() })
    }

    /// SHA-256 of the weights, as the manifest has it.
    pub fn sha256(&self) -> &str {
        &self.files.sha256
    }

    /// The token ids of the prompt that [`Generator::generate`] would read for this request.
    pub fn prompt_tokens(&self, request: &GenerationRequest<'_>) -> Result<Vec<u32>, GenerateError> {
        let failed = |reason| GenerateError::Template { model: self.files.name.clone(), reason };
        let mut pieces = self.template.render(request.messages).map_err(failed)?;
        pieces.push(Piece::Content(request.prefill));
        self.vocabulary.encode(&pieces).map_err(|reason| GenerateError::Compute { reason })
    }

    /// The token ids of text alone, as [`Generator::count_tokens`] counts them. No control token is among them.
    pub fn text_tokens(&self, text: &str) -> Result<Vec<u32>, GenerateError> {
        self.vocabulary.encode_text(text).map_err(|reason| GenerateError::Compute { reason })
    }

    /// How the vocabulary spells a token; `None` for an id that it does not have.
    pub fn token(&self, id: u32) -> Option<String> {
        self.vocabulary.token(id)
    }

    fn run(
        &mut self,
        request: &GenerationRequest<'_>,
        stop: &StopFlag,
        sink: &mut dyn FnMut(&str) -> bool,
    ) -> Result<Generation, GenerateError> {
        let started = Instant::now();
        let mut sampler = Sampler::new(request.sampling)?;
        let prompt = self.prompt_tokens(request)?;
        let context = self.model.sizes.context;
        if prompt.len() + 1 > context {
            return Err(GenerateError::TooLong { tokens: prompt.len(), limit: context - 1 });
        }
        let mut generation = Generation {
            text: String::new(),
            prompt_tokens: prompt.len(),
            generated_tokens: 0,
            prefill_time: Duration::ZERO,
            decode_time: Duration::ZERO,
            finish: FinishReason::Length,
        };
        if request.max_tokens == 0 {
            return Ok(generation);
        }
        let read = self.read_prompt(&prompt, stop)?;
        generation.prefill_time = started.elapsed();
        let Some(mut logits) = read else {
            generation.finish = FinishReason::Stopped;
            return Ok(generation);
        };

        let mut decode = self.vocabulary.decoder();
        generation.finish = loop {
            if stop.is_stopped() {
                break FinishReason::Stopped;
            }
            let token = sampler.choose(&logits, self.model.cached())?;
            if self.vocabulary.is_control(token) {
                break FinishReason::EndOfTurn;
            }
            generation.generated_tokens += 1;
            if let Some(piece) = decode(token).map_err(|reason| GenerateError::Compute { reason })? {
                generation.text.push_str(&piece);
                if !sink(&piece) {
                    break FinishReason::Stopped;
                }
            }
            if generation.generated_tokens == request.max_tokens || self.model.cached() == context {
                break FinishReason::Length;
            }
            if stop.is_stopped() {
                break FinishReason::Stopped;
            }
            logits = self.model.forward(&[token])?;
        };
        generation.decode_time = started.elapsed().saturating_sub(generation.prefill_time);
        Ok(generation)
    }

    /// Reads the prompt into the cache, keeping what the cache already holds of it. Gives the logits after its last
    /// token; `None` when stopped.
    fn read_prompt(&mut self, prompt: &[u32], stop: &StopFlag) -> Result<Option<Tensor>, GenerateError> {
        let common = self.reusable.iter().zip(prompt).take_while(|(a, b)| a == b).count();
        // At least one token must be read anew, for its logits. Only whole chunks are kept: then every chunk is
        // computed from the same inputs by the same kernels as in a fresh run, and rounding cannot differ.
        let kept = common.min(prompt.len().saturating_sub(1)) / PREFILL_CHUNK * PREFILL_CHUNK;
        self.reusable.truncate(kept);
        self.model.truncate(kept);
        let mut logits = None;
        for chunk in prompt.get(kept..).unwrap_or_default().chunks(PREFILL_CHUNK) {
            if stop.is_stopped() {
                return Ok(None);
            }
            logits = Some(self.model.forward(chunk)?);
            if chunk.len() == PREFILL_CHUNK {
                self.reusable.extend_from_slice(chunk);
            }
        }
        Ok(logits)
    }
}

impl Generator for CandleGenerator {
    fn name(&self) -> &str {
        &self.files.name
    }

    fn device(&self) -> &str {
        &self.device_name
    }

    fn context_length(&self) -> usize {
        self.model.sizes.context
    }

    fn count_tokens(&self, text: &str) -> Result<usize, ModelError> {
        self.text_tokens(text).map(|ids| ids.len()).map_err(|error| error.at_seam(&self.files.name))
    }

    fn generate(
        &mut self,
        request: &GenerationRequest<'_>,
        stop: &StopFlag,
        sink: &mut dyn FnMut(&str) -> bool,
    ) -> Result<Generation, ModelError> {
        // A panic in a kernel is an error of this answer, not the end of the program. What the cache holds after it
        // is unknown.
        let run = catch_unwind(AssertUnwindSafe(|| self.run(request, stop, sink)));
        let run = run.unwrap_or_else(|_| {
            self.reusable.clear();
            self.model.truncate(0);
            Err(GenerateError::Compute { reason: "the computation broke off".to_owned() })
        });
        run.map_err(|error| error.at_seam(&self.files.name))
    }
}

#[cfg(test)]
mod tests;
