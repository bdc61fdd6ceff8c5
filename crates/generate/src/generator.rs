use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use citadel_core::{
    ChatMessage, FinishReason, Generation, GenerationRequest, Generator, ModelError, Role, StopFlag,
};

use crate::accelerator::Accelerator;
use crate::cpu::{Cpu, InstructionSet};
use crate::device::{DevicePreference, choose};
use crate::family::Shape;
use crate::gguf::Gguf;
use crate::model::Decoder;
use crate::sampling::Sampler;
use crate::template::ChatTemplate;
use crate::vocabulary::{Piece, Vocabulary};
use crate::{GenerateError, MemoryNeed};

/// Tokens of a prompt that are read at once; the stop flag is looked at in between.
const PREFILL_CHUNK: usize = 128;

/// Tokens of a draft that is verified in one pass, and how many of the last tokens are looked up, tried in this order:
/// docs/performance.md has the measurements.
const DRAFT: usize = 6;
const LOOKED_UP: [usize; 2] = [3, 2];

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

/// The decoder on the device it runs on.
enum Model {
    Cpu(Box<Decoder<Cpu>>),
    Accelerated(Box<Decoder<Accelerator>>),
}

/// Calls a method of the decoder, whatever it runs on.
macro_rules! on_device {
    ($model:expr, $decoder:ident => $call:expr) => {
        match $model {
            Model::Cpu($decoder) => $call,
            Model::Accelerated($decoder) => $call,
        }
    };
}

impl Model {
    fn shape(&self) -> &Shape {
        on_device!(self, decoder => &decoder.shape)
    }

    fn cached(&self) -> usize {
        on_device!(self, decoder => decoder.cached())
    }

    fn truncate(&mut self, length: usize) {
        on_device!(self, decoder => decoder.truncate(length));
    }

    /// Tokens that must have been computed together, counted from the start, for a later run to give the same bits: on
    /// the processor a token is computed alike whatever comes with it.
    fn step(&self) -> usize {
        match self {
            Model::Cpu(_) => 1,
            Model::Accelerated(_) => PREFILL_CHUNK,
        }
    }

    /// The logits of what follows each of the last `wanted` tokens; `None` when stopped.
    fn forward(
        &mut self,
        tokens: &[u32],
        wanted: usize,
        stop: &StopFlag,
    ) -> Result<Option<Vec<f32>>, GenerateError> {
        on_device!(self, decoder => decoder.forward(tokens, wanted, stop))
    }
}

/// A model of the Llama family in GGUF, run by candle.
pub struct CandleGenerator {
    files: ModelFiles,
    device_name: String,
    model: Model,
    vocabulary: Vocabulary,
    template: ChatTemplate,
    /// The tokens at the beginning of the cache that a later prompt may go on from, with the very bits of a fresh run.
    read: Vec<u32>,
}

/// What stands in a model's file but the weights.
fn read_shape(path: &Path) -> Result<(Gguf, Shape), GenerateError> {
    let mut gguf = Gguf::open(path)?;
    let shape = Shape::read(&mut gguf)?;
    Ok((gguf, shape))
}

/// Its tokens and its form of a chat.
fn read_language(
    gguf: &Gguf,
    files: &ModelFiles,
    shape: &Shape,
) -> Result<(Vocabulary, ChatTemplate), GenerateError> {
    let vocabulary = Vocabulary::load(gguf, files.tokenizer.as_deref(), shape.vocabulary)?;
    let wrong = |reason: String| GenerateError::Template { model: files.name.clone(), reason };
    let source = gguf
        .string("tokenizer.chat_template")
        .ok_or_else(|| wrong("its file carries none; choose a model tuned for chat".to_owned()))?;
    let (bos, eos) = (vocabulary.spelling(gguf, "bos"), vocabulary.spelling(gguf, "eos"));
    let template = ChatTemplate::new(source, bos, eos).map_err(wrong)?;
    Ok((vocabulary, template))
}

/// Whether a model could be run, without reading its weights: architecture, tokens and chat template are checked. Gives what
/// it takes of the memory, which may be more than there is.
///
/// # Errors
/// Those of [`CandleGenerator::load`] but for memory and weights.
pub fn examine(files: &ModelFiles) -> Result<MemoryNeed, GenerateError> {
    let (gguf, shape) = read_shape(&files.gguf)?;
    let (_, template) = read_language(&gguf, files, &shape)?;
    let turn = |role, content: &str| ChatMessage { role, content: content.to_owned() };
    template
        .render(&[turn(Role::System, "instructions"), turn(Role::User, "question")])
        .map_err(|reason| GenerateError::Template { model: files.name.clone(), reason })?;
    Ok(MemoryNeed::of_shape(&gguf, &shape))
}

impl CandleGenerator {
    /// Loads a model. Refuses what is damaged, what would be run wrongly and what does not fit the free memory.
    pub fn load(files: &ModelFiles, device: DevicePreference) -> Result<Self, GenerateError> {
        let (mut gguf, shape) = read_shape(&files.gguf)?;
        MemoryNeed::of_shape(&gguf, &shape).check(&files.gguf)?;
        let (vocabulary, template) = read_language(&gguf, files, &shape)?;
        let (device, device_name) = choose(device);
        let model = if device.is_cpu() {
            let cpu = Cpu::new(InstructionSet::best(), &shape);
            Model::Cpu(Box::new(Decoder::load(&mut gguf, shape, cpu)?))
        } else {
            let accelerator = Accelerator::new(device, &shape)?;
            Model::Accelerated(Box::new(Decoder::load(&mut gguf, shape, accelerator)?))
        };
        let files = files.clone();
        Ok(Self { files, device_name, model, vocabulary, template, read: Vec::new() })
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

    /// Reads `depth` tokens into an empty cache and then `written` more one by one, and says how long each took: for
    /// measuring. The tokens are made up; what they say changes no kernel's time.
    ///
    /// # Errors
    /// [`GenerateError::TooLong`] where the context does not hold them.
    pub fn measure(&mut self, depth: usize, written: usize) -> Result<[Duration; 2], GenerateError> {
        let tokens = self.model.shape().vocabulary.min(10_000);
        let token = |at: usize| u32::try_from(at * 7919 % tokens).unwrap_or(0);
        let prompt: Vec<u32> = (0..depth).map(token).collect();
        self.read.clear();
        self.model.truncate(0);
        let begun = Instant::now();
        self.read_prompt(&prompt, &StopFlag::new())?;
        let read = begun.elapsed();
        for at in depth..depth + written {
            self.model.forward(&[token(at)], 1, &StopFlag::new())?;
        }
        self.read.clear();
        self.model.truncate(0);
        Ok([read, begun.elapsed() - read])
    }

    /// Numbers that each token of a prompt is multiplied with, and bytes of weights that are read for each token written:
    /// for measuring.
    pub fn work(&self) -> [u64; 2] {
        on_device!(&self.model, decoder => decoder.work())
    }

    /// The natural logarithm of the probability that the model gives each token of `text` after those before it, on average
    /// over all but the first; its negative's exponential is the perplexity. For measuring.
    ///
    /// # Errors
    /// [`GenerateError::TooLong`] where the context does not hold the text.
    pub fn mean_log_likelihood(&mut self, text: &str) -> Result<f64, GenerateError> {
        let tokens = self.text_tokens(text)?;
        let vocabulary = self.model.shape().vocabulary;
        self.read.clear();
        self.model.truncate(0);
        let (mut sum, mut at) = (0.0, 0);
        for chunk in tokens.chunks(PREFILL_CHUNK) {
            let logits = self.model.forward(chunk, chunk.len(), &StopFlag::new())?.unwrap_or_default();
            for row in logits.chunks_exact(vocabulary) {
                at += 1;
                let Some(&next) = tokens.get(at) else { break };
                let largest = row.iter().fold(f32::NEG_INFINITY, |m, &x| m.max(x));
                let total: f64 = row.iter().map(|&x| f64::from(x - largest).exp()).sum();
                let logit = usize::try_from(next).ok().and_then(|next| row.get(next));
                sum += f64::from(logit.copied().unwrap_or(f32::NAN) - largest) - total.ln();
            }
        }
        self.model.truncate(0);
        Ok(sum / tokens.len().saturating_sub(1).max(1) as f64)
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
        let context = self.model.shape().context;
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
        let vocabulary = self.model.shape().vocabulary;
        // All tokens so far, to look drafts up in; the draft whose tokens the cache holds; how many of them were right.
        let mut text = prompt;
        let mut draft: Vec<u32> = Vec::new();
        let mut right = 0;

        let mut decode = self.vocabulary.decoder();
        generation.finish = loop {
            if stop.is_stopped() {
                break FinishReason::Stopped;
            }
            let row = logits.get(right * vocabulary..).and_then(|rows| rows.get(..vocabulary));
            let token = sampler.choose(row.unwrap_or_default(), text.len())?;
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
            if generation.generated_tokens == request.max_tokens || text.len() == context {
                break FinishReason::Length;
            }
            if stop.is_stopped() {
                break FinishReason::Stopped;
            }
            text.push(token);
            if draft.get(right) == Some(&token) {
                // The cache holds it already, and the logits after it are there.
                right += 1;
                continue;
            }
            // What was drafted and not written.
            self.model.truncate(text.len() - 1);
            let room = (context - text.len()).min(request.max_tokens - generation.generated_tokens);
            draft = if self.model.step() == 1 { look_up(&text, room.min(DRAFT)) } else { Vec::new() };
            right = 0;
            let tokens: Vec<u32> = std::iter::once(token).chain(draft.iter().copied()).collect();
            let Some(next) = self.model.forward(&tokens, tokens.len(), stop)? else {
                break FinishReason::Stopped;
            };
            logits = next;
        };
        self.model.truncate(text.len());
        if self.model.step() == 1 {
            self.read.clone_from(&text);
            self.read.truncate(self.model.cached());
        }
        generation.decode_time = started.elapsed().saturating_sub(generation.prefill_time);
        Ok(generation)
    }

    /// Reads the prompt into the cache, keeping what the cache already holds of it. Gives the logits after its last
    /// token; `None` when stopped.
    fn read_prompt(&mut self, prompt: &[u32], stop: &StopFlag) -> Result<Option<Vec<f32>>, GenerateError> {
        let common = self.read.iter().zip(prompt).take_while(|(a, b)| a == b).count();
        // At least one token must be read anew, for its logits.
        let step = self.model.step();
        let kept = common.min(prompt.len().saturating_sub(1)) / step * step;
        self.read.truncate(kept);
        self.model.truncate(kept);
        let mut logits = None;
        for chunk in prompt.get(kept..).unwrap_or_default().chunks(PREFILL_CHUNK) {
            let Some(read) = self.model.forward(chunk, 1, stop)? else { return Ok(None) };
            if chunk.len().is_multiple_of(step) {
                self.read.extend_from_slice(chunk);
            }
            logits = Some(read);
        }
        Ok(logits)
    }
}

/// What followed when the last tokens of `text` stood in it before, most recently: a draft of at most `most` tokens
/// (prompt lookup, Saxena 2023). An answer mostly repeats its evidence.
fn look_up(text: &[u32], most: usize) -> Vec<u32> {
    for length in LOOKED_UP {
        let Some(start) = text.len().checked_sub(length) else { continue };
        let last = &text[start..];
        let earlier = text[..text.len() - 1].windows(length).rposition(|window| window == last);
        if let Some(at) = earlier {
            let follows = &text[at + length..];
            return follows[..follows.len().min(most)].to_vec();
        }
    }
    Vec::new()
}

impl Generator for CandleGenerator {
    fn name(&self) -> &str {
        &self.files.name
    }

    fn device(&self) -> &str {
        &self.device_name
    }

    fn context_length(&self) -> usize {
        self.model.shape().context
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
            self.read.clear();
            self.model.truncate(0);
            Err(GenerateError::Compute { reason: "the computation broke off".to_owned() })
        });
        run.map_err(|error| error.at_seam(&self.files.name))
    }
}

#[cfg(test)]
mod tests;
